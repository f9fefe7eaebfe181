"""Line 4: beside AutoGluon, FLAML, CatBoost and LightGBM on identical rows."""

from __future__ import annotations

from benchmarks.quality.checks import beside_peers

__all__ = ["beside_peers"]
