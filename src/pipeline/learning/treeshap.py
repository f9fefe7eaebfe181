"""Exact contributions of a tree ensemble: path-dependent TreeSHAP (Lundberg and others, 2018 and 2020), in margins.

By tables that are made once a model, after Fast TreeSHAP v2 (Yang, 2021, arXiv:2109.09847); WOODELF (Nadel and
Wettenstein, 2025, arXiv:2511.09376) is a relative. Where trees are of a kind that the tables do not know, LightGBM's
own `pred_contrib` answers, about a hundred times slower, and the explainer says so.
"""

from __future__ import annotations

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor

import lightgbm as lgb
import numpy as np

from pipeline.learning.lookups import Lookups
from pipeline.learning.trees import Trees, UnknownTreesError, read_trees
from pipeline.native import library
from pipeline.tables.columns import Floats

SHARE = 1024
"""Rows that a thread takes at a time; up to so many have one thread, since starting more costs more than it brings."""

PROBES = 6
CLOSE = 1e-9
"""How far from LightGBM's the contributions of the probes may be, beside the largest."""


class Explainer:
    """Contributions to a model's margins, by tables made once: of the trees as they are now, not of any grown later.

    Attributes
    ----------
    base : the expected margin, as LightGBM computes it
    exact_tables : whether tables answer; they were compared with LightGBM when they were made
    said : a sentence on what answers
    """

    def __init__(self, booster: lgb.Booster) -> None:
        """Make the tables and try them; lightgbm.basic.LightGBMError where LightGBM explains no such trees either."""
        self._booster = booster
        self._lookups: Lookups | None = None
        probes = np.zeros((1, booster.num_feature()))
        try:
            trees = read_trees(booster)
            probes = _probes(trees, booster.num_feature())
            self._lookups = Lookups(trees)
            self.said = f"Contributions come from tables of {self._lookups.nbytes / 2**20:.1f} MB."
        except UnknownTreesError as error:
            self.said = _fallback(str(error))
        expected = self._by_lightgbm(probes)
        self.base = float(expected[0, -1])
        if self._lookups is not None:
            wrong = float(np.abs(self.contributions(probes, threads=1) - expected).max())
            if not wrong <= CLOSE * max(1.0, float(np.abs(expected).max())):
                self._lookups = None
                self.said = _fallback(f"tables and LightGBM differ by {wrong:.1e}")

    @property
    def exact_tables(self) -> bool:
        """Whether tables answer, and not LightGBM."""
        return self._lookups is not None

    def contributions(self, X: Floats, threads: int | None = None) -> Floats:
        """Contributions of `p` columns to the margins of `n` rows, and the expected margin.

        Parameters
        ----------
        X : (n, p) float64, NaN missing, categorical columns as codes
        threads : so many for more than SHARE rows; None for as many as there are cores

        Returns
        -------
        (n, p + 1) float64: a row sums to its margin; the last column, the same in every row, is the expected value. The
        bits of a row depend neither on the rows beside it nor on the number of threads.
        """
        n, p = X.shape
        if not n:
            return np.empty((0, p + 1))
        if self._lookups is None or p != self._booster.num_feature():
            return self._by_lightgbm(X)
        X = np.ascontiguousarray(X, dtype=np.float64)
        found = np.zeros((n, p + 1))
        found[:, -1] = self.base
        starts = range(0, n, SHARE)
        workers = min(len(starts), threads or cores())
        if workers == 1:
            self._fill(X, found)
        else:
            with ThreadPoolExecutor(workers) as pool:
                for _ in pool.map(lambda at: self._fill(X[at : at + SHARE], found[at : at + SHARE]), starts):
                    pass
        return found

    def _fill(self, X: Floats, found: Floats) -> None:
        """Contributions of adjacent rows into their place."""
        assert self._lookups is not None
        forest = ctypes.byref(self._lookups.forest)
        if library().treeshap_rows(forest, X.ctypes.data, *X.shape, found.ctypes.data):
            raise MemoryError("no memory for the contributions of a block of rows")

    def _by_lightgbm(self, X: Floats) -> Floats:
        return np.asarray(self._booster.predict(X, pred_contrib=True, num_threads=1), dtype=np.float64)

    def __reduce__(self) -> tuple[type[Explainer], tuple[lgb.Booster]]:
        """Where a copy goes, its tables are made anew: they are addresses of this process."""
        return Explainer, (self._booster,)


def contributions(booster: lgb.Booster, X: Floats) -> Floats:
    """Contributions (n, p + 1) of rows `X` (n, p), as `Explainer.contributions`; hold an Explainer to ask it again."""
    return Explainer(booster).contributions(X)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fallback(why: str) -> str:
    return f"Contributions come from LightGBM itself, exact but slower: {why}."


def _probes(trees: Trees, columns: int) -> Floats:
    """Rows to try the tables on: zeros, nothing known, and values at which some node of each column turns."""
    random = np.random.default_rng(0)
    X = np.zeros((2 + PROBES, columns))
    X[1] = np.nan
    for row in X[2:]:
        nodes = random.permutation(len(trees.column))
        row[trees.column[nodes]] = trees.threshold[nodes]
    return X
