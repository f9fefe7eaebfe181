"""Searching for settings by which trees grow, on the rolling folds of training alone; they are taken if they earn it.

Of many settings the best on some folds looks better than it is. So the search is judged as a whole: for each fold the
settings are chosen on the others, and what was chosen meets the workspace's own settings on the fold left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from pipeline.learning.boosting import Forest, Grower, Labels, search
from pipeline.learning.estimator import MIN_WON_FOR_TREES, LeadClassifier
from pipeline.learning.folds import MIN_WON_LEADS, Fold, rolling_folds, won_leads
from pipeline.learning.metrics import Figure, paired_log_loss
from pipeline.learning.model import logistic
from pipeline.learning.scorecard import fit_prior
from pipeline.tables.bar import Bar
from pipeline.tables.columns import Floats, Instants
from pipeline.tables.files import lock, replace_text

Settings = dict[str, float]


@dataclass(frozen=True)
class Span:
    """What a setting may be: from `low` to `high`, by ratios where the ends are far apart."""

    low: float
    high: float
    whole: bool = False
    ratios: bool = False


SPACE: Mapping[str, Span] = {
    "leaves": Span(4, 63, whole=True, ratios=True),
    "depth": Span(2, 6, whole=True),  # deeper trees answer a request for reasons too slowly
    "learning_rate": Span(0.02, 0.15, ratios=True),
    "l2": Span(0.3, 100.0, ratios=True),
    "columns_share": Span(0.2, 1.0),
    "rows_share": Span(0.5, 1.0),
    "rows_per_leaf": Span(5, 200, whole=True, ratios=True),
}
"""What is searched, in the words of the workspace's `model`. The number of trees is found anew for each, as always."""


@dataclass(frozen=True)
class Tuned:
    """The settings to fit with, whether they are others than before, and what was found, as plain JSON."""

    settings: Settings
    taken: bool
    figures: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """What was found, for people."""
        return str(self.figures["sentence"])


def tune(
    estimator: LeadClassifier,
    X: Floats,
    label: Labels,
    *,
    cutoff: Instants,
    horizon: int | None,
    lead: NDArray[np.int64],
    group: NDArray[np.int64],
    categorical: Sequence[int],
    trials: int,
    journal: Path,
    key: str,
    grower: Grower = Forest,
    progress: Callable[[str], None] = lambda _: None,
) -> Tuned:
    """Search on training observations, which are given as to `LeadClassifier.fit`. The same each time.

    Parameters
    ----------
    estimator : its settings are trial 0, so that on the folds the search finds nothing worse; it is not fitted
    group : (n,) integers; observations of one are drawn together for the interval
    trials : settings to try, the estimator's own among them
    journal : a file; trials of the same `key` that stand there, from a run that was killed, are not made again
    key : a hash of the observations and of all else that a trial depends on

    Returns
    -------
    The best settings if the search as a whole beats the estimator's own beyond the paired 95 % interval; else these.

    Raises
    ------
    BusyError
        If another run tunes into the same folder.
    """
    own = {name: estimator.get_params()[name] for name in SPACE}
    won = won_leads(lead, label)
    if won < MIN_WON_FOR_TREES:
        told = f"{won} won leads in training, and trees need {MIN_WON_FOR_TREES}: there is nothing to tune."
        return _none(own, trials, told)
    folds = rolling_folds(cutoff, horizon, label, lead)
    if len(folds) < 2:
        told = f"Settings were not tuned: that takes two rolling folds with {MIN_WON_LEADS} won leads before each, and "
        return _none(own, trials, f"{told}the training period has {len(folds) or 'none'}.")
    card = estimator.scorecard
    columns = [int(position) for position in categorical]
    priors = None if card is None else [fit_prior(card, X[f.fit], label[f.fit], lead[f.fit]) for f in folds]

    def margins(settings: Settings) -> list[Floats]:
        """Of each fold's validation part."""
        growth = clone(estimator).set_params(**settings).growth()
        _, margin = search(growth, estimator.trees, X, label, folds, columns, grower, priors)
        return np.split(margin, np.cumsum([len(fold.validate) for fold in folds])[:-1])

    def losses(settings: Settings) -> list[float]:
        found = zip(margins(settings), folds, strict=True)
        return [float(_losses(margin, label[fold.validate]).mean()) for margin, fold in found]

    size = np.array([len(fold.validate) for fold in folds], dtype=np.float64)
    with lock(journal.parent):
        bar = Bar(progress, "tuning", "trials", trials)
        tried = _tried(own, losses, size, trials, estimator.seed, journal, key, bar)
    progress("tuning: judging the search by the fold left out")
    loss = np.array([each for _, each in tried])
    chosen = _chosen(loss, size)
    known: dict[int, list[Floats]] = {}
    for place in {0, *chosen}:
        known[place] = margins(tried[place][0])
    searched = np.concatenate([known[place][number] for number, place in enumerate(chosen)])
    difference = _difference(folds, label, group, searched, np.concatenate(known[0]))
    whole = loss @ size / size.sum()
    best = int(whole.argmin())
    return _judged(tried, whole, best, difference, len(folds))


def _tried(
    own: Settings,
    losses: Callable[[Settings], list[float]],
    size: Floats,
    trials: int,
    seed: int,
    journal: Path,
    key: str,
    bar: Bar,
) -> list[tuple[Settings, list[float]]]:
    """Settings and their loss in each fold; each is written down before the next, which depends on all before it."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    standing = _standing(journal, key)
    study = optuna.create_study()
    space = {name: _distribution(optuna.distributions, span) for name, span in SPACE.items()}
    found: list[tuple[Settings, list[float]]] = []
    for number in range(trials):
        # A sampler of its own for each trial: one that goes on where a killed run ended proposes what that would have.
        study.sampler = optuna.samplers.TPESampler(seed=(seed * 100_003 + number) % 2**32)
        if number == 0 and all(span.low <= own[name] <= span.high for name, span in SPACE.items()):
            study.enqueue_trial(own)
        trial = study.ask(space) if number or study.trials else None
        settings = own if trial is None or not number else {name: _short(trial.params[name]) for name in SPACE}
        if number < len(standing) and standing[number][0] == settings:
            loss = standing[number][1]
        else:
            loss = losses(settings)
            standing = [*standing[:number], (settings, loss)]
            plain = {"key": key, "trials": [{"settings": each, "losses": one} for each, one in standing]}
            replace_text(journal, json.dumps(plain, indent=1) + "\n")
        found.append((settings, loss))
        if trial is not None:
            study.tell(trial, float(np.average(loss, weights=size)))
        bar.more(1)
    return found


def _standing(journal: Path, key: str) -> list[tuple[Settings, list[float]]]:
    """The trials of an earlier run on the same observations."""
    try:
        plain = json.loads(journal.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    return [(each["settings"], each["losses"]) for each in plain["trials"]] if plain["key"] == key else []


def _distribution(kinds: Any, span: Span) -> Any:
    if span.whole:
        return kinds.IntDistribution(int(span.low), int(span.high), log=span.ratios)
    return kinds.FloatDistribution(span.low, span.high, log=span.ratios)


def _short(number: float) -> float:
    """Three digits that count: more say nothing, and people read them."""
    return number if isinstance(number, int) else float(f"{number:.3g}")


def _chosen(loss: Floats, size: Floats) -> list[int]:
    """For each fold (columns of `loss`, `size` rows each) the trial (rows of `loss`) that is best on the others."""
    return [int((np.delete(loss, fold, axis=1) @ np.delete(size, fold)).argmin()) for fold in range(loss.shape[1])]


def _losses(margin: Floats, label: Labels) -> Floats:
    return np.asarray(np.logaddexp(0.0, margin) - margin * (label == 1))


def _difference(
    folds: Sequence[Fold], label: Labels, group: NDArray[np.int64], searched: Floats, own: Floats
) -> Figure:
    rows = np.concatenate([fold.validate for fold in folds])
    return paired_log_loss(label[rows], logistic(searched), logistic(own), group[rows])


def _judged(
    tried: list[tuple[Settings, list[float]]], whole: Floats, best: int, difference: Figure, folds: int
) -> Tuned:
    """The verdict, its figures and its sentence."""
    taken = best > 0 and difference.high is not None and difference.high < 0
    told = f"{len(tried)} trials on {folds} rolling folds: log loss {whole[0]:.4f} with the settings as they are"
    if best == 0:
        told += ", and no trial below it: they stay."
    else:
        told += f", {whole[best]:.4f} with the best trial's. Where each fold's were chosen on the other folds, "
        told += f"{whole[0] + (difference.value or 0.0):.4f}: a difference of {_said(difference)}, "
        told += "beyond chance, so the best are taken." if taken else "not beyond chance, so the settings stay."
    figures = {
        "trials": len(tried),
        "folds": folds,
        "default_loss": float(whole[0]),
        "best_loss": float(whole[best]),
        "difference": difference.to_json(),
        "best": tried[best][0],
        "taken": taken,
        "sentence": told,
    }
    return Tuned(tried[best if taken else 0][0], taken, figures)


def _said(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return f"unknown size ({figure.why})"
    return f"{figure.value:+.4f} ({figure.low:+.4f} to {figure.high:+.4f}, 95 %)"


def _none(own: Settings, trials: int, sentence: str) -> Tuned:
    return Tuned(own, False, {"trials": trials, "taken": False, "sentence": sentence})
