"""Exact contributions of a tree ensemble: path-dependent TreeSHAP (Lundberg and others, 2018), in margins.

LightGBM's own for now; whoever needs contributions asks here, so that a faster way replaces them all.
"""

from __future__ import annotations

import lightgbm as lgb
import numpy as np

from pipeline.tables.columns import Floats


def contributions(booster: lgb.Booster, X: Floats) -> Floats:
    """Contributions of `p` columns to the margins of `n` rows, and the expected margin.

    Parameters
    ----------
    X : (n, p) float64, NaN missing, categorical columns as codes

    Returns
    -------
    (n, p + 1) float64: a row sums to its margin; the last column, the same in every row, is the expected value. A row's
    numbers do not depend on the rows beside it.
    """
    if not len(X):
        return np.empty((0, X.shape[1] + 1))
    return np.asarray(booster.predict(X, pred_contrib=True, num_threads=1), dtype=np.float64)
