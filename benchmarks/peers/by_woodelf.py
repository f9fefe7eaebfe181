"""Contributions by woodelf: of a LightGBM model's text and rows as .npy; prints its seconds.

python -m benchmarks.peers.by_woodelf MODEL ROWS OUTPUT
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import lightgbm as lgb
import numpy as np
import pandas as pd
from woodelf import WoodelfExplainer


def main() -> None:
    """Path-dependent, as LightGBM's own and ours are."""
    model, rows, output = sys.argv[1:]
    booster, X = lgb.Booster(model_file=model), np.load(rows)
    frame = pd.DataFrame(X, columns=booster.feature_name())
    start = time.perf_counter()
    found = WoodelfExplainer(booster).shap_values(frame, verbose=False)
    seconds = time.perf_counter() - start
    np.save(output, np.asarray(found))
    print(json.dumps({"seconds": seconds, "version": version("woodelf-explainer")}))


if __name__ == "__main__":
    main()
