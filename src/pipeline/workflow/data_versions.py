"""Two training sets side by side: what was observed, how it is measured, and which columns moved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.definitions.zones import iso
from pipeline.features.training_set import TrainingSet
from pipeline.learning.folds import won_leads
from pipeline.learning.metrics import mean_figure
from pipeline.workflow.differences import definitions_apart


def compare_data(a: Path, b: Path) -> dict[str, Any]:
    """Rows, won share (with its interval), definition and moved columns of two folders of training sets, as plain JSON.

    `columns` has, for each column of both, the share `missing`, the `mean` (null for words), and `moved`: by how many
    standard deviations of `a` the mean moved, or how much more is missing; the greater one.
    """
    one, other = TrainingSet.load(a), TrainingSet.load(b)
    result: dict[str, Any] = {
        "kind": "training sets",
        "a": _about(a, one),
        "b": _about(b, other),
        "definition": definitions_apart(one.definition, other.definition),
        "same_data": one.data_hash == other.data_hash,
        "columns": _columns(one, other),
    }
    result["said"] = ["Both hold the same observations and measures."] if result["same_data"] else []
    return result


def _about(folder: Path, rows: TrainingSet) -> dict[str, Any]:
    mature = rows.mature
    return {
        "asked": str(folder),
        "name": rows.name,
        "data_until": iso(rows.data_until),
        "data_hash": rows.data_hash,
        "observations": len(rows.cutoff),
        "mature": int(mature.sum()),
        "training": int(rows.training.sum()),
        "test": int(rows.test.sum()),
        "leads": len(np.unique(rows.lead_id.codes)),
        "won_leads": won_leads(rows.lead_id.codes[mature], rows.label[mature]),
        "columns": len(rows.definition.columns),
        "won_share": mean_figure(rows.label[mature], rows.group[mature]).to_json(),
    }


def _columns(a: TrainingSet, b: TrainingSet) -> list[dict[str, Any]]:
    """Share missing and mean of each column of both, the most moved (in standard deviations of `a`) first.

    A column of words has no mean, and moves by what is missing alone.
    """
    found = []
    for place, name in enumerate(a.definition.columns):
        if name not in b.definition.columns:
            continue
        pair = [a.X[:, place], b.X[:, b.definition.columns.index(name)]]
        missing = [float(np.isnan(values).mean()) if len(values) else None for values in pair]
        worded = name in a.definition.vocabularies or name in b.definition.vocabularies
        empty = worded or any(np.isnan(values).all() for values in pair)
        means = [None if empty else float(np.nanmean(values)) for values in pair]
        spread = 0.0 if empty else float(np.nanstd(pair[0]))
        moved = abs(means[1] - means[0]) / spread if spread and means[0] is not None and means[1] is not None else 0.0
        gone = abs((missing[1] or 0.0) - (missing[0] or 0.0))
        found.append(
            {
                "column": name,
                "moved": max(moved, gone),
                "missing": dict(zip("ab", missing, strict=True)),
                "mean": dict(zip("ab", means, strict=True)),
            }
        )
    return sorted(found, key=lambda one: (-one["moved"], one["column"]))
