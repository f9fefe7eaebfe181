"""Training and test as they would have happened, period by period, with only what was known at each period's start.

At a period's start the model is fitted as a training then would have fitted it: on the observations whose label was
known (`cutoff + horizon <= start`), with the vocabularies of those rows, folds and calibration included. It is judged
on the mature observations inside the period. The criteria are those of the whole: what `criteria: auto` counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.zones import iso
from pipeline.features.matrix import Definition, vocabulary
from pipeline.features.training_set import TrainingSet
from pipeline.learning.candidate import fit_candidate
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.folds import won_leads
from pipeline.learning.metrics import DRAWS, FIGURES, Figure, paired_log_loss, quality
from pipeline.learning.model import BASE_RATE, TREES
from pipeline.quality.baselines import base_rate, logistic_regression
from pipeline.quality.evaluation import TOO_FEW, WON_TO_JUDGE
from pipeline.tables.columns import Floats, Texts

MODELS = ("model", "scorecard", "logistic", "base_rate")
"""Who is judged in each period; a workspace without a scorecard has none."""

PERIODS = 6
"""So many, unless asked for others."""

Plain = dict[str, Any]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Period:
    """Cutoffs in `[start, end)`, in microseconds."""

    start: int
    end: int


def periods_of(rows: TrainingSet, number: int, length: int | None) -> list[Period]:
    """The last `number` periods of `length` microseconds that mature observations reach into, in time order.

    They end a microsecond after the newest mature cutoff. Without a length, where time is only an order, the newest
    half of the observations is cut into so many equal parts. ValueError where nothing is mature.
    """
    cutoff = rows.cutoff[rows.mature]
    if not len(cutoff):
        raise ValueError("no observation is mature: no outcome is known yet")
    end = int(cutoff.max()) + 1
    if length is None:
        shares = 0.5 + 0.5 * np.arange(number) / number
        starts = np.unique(np.quantile(cutoff, shares, method="higher")).tolist()
    else:
        begins = (end - length * place for place in range(number, 0, -1))
        starts = [begin for begin in begins if begin + length > int(cutoff.min())]
    return [Period(int(start), int(stop)) for start, stop in pairwise([*starts, end])]


def backtest(
    rows: TrainingSet,
    texts: Mapping[str, Texts],
    estimator: Callable[[Definition], LeadClassifier],
    periods: Sequence[Period],
    *,
    segment: int | None = None,
    draws: int = DRAWS,
    progress: Callable[[str], None] = lambda _: None,
) -> Plain:
    """Fit and judge at each period.

    Parameters
    ----------
    rows : all observations; where its own test starts does not matter
    texts : its categorical columns as they were read (n,), so that each period has the vocabularies of what it knew
    estimator : what is fitted, for a definition with the vocabularies of a period
    periods : as `periods_of` gives them
    segment : the position of the column whose values may have models of their own
    draws : bootstrap draws over groups

    Returns
    -------
    `periods`, a list of `from`, `to` (ISO), `n`, `won`, `won_leads`, `base_rate`, `trained_on` (`observations`,
    `won_leads`, `trees`, `kind`), `figures` (model -> the eight FIGURES), `against_base_rate` (the model's log loss
    minus the base rate's, paired), `verdict` and `said`; and `said`, sentences on all of them together.
    """
    done = []
    for number, period in enumerate(periods, start=1):
        begins = "" if rows.definition.horizon is None else f": from {iso(period.start)[:10]}"
        progress(f"period {number} of {len(periods)}{begins}")
        done.append(_period(rows, texts, estimator, period, segment, draws))
    return {"periods": done, "said": list(_said(done))}


def _as_known(rows: TrainingSet, texts: Mapping[str, Texts], start: int) -> TrainingSet:
    """The observations as they would have been seen at `start`: what was known then trains, by its own vocabularies."""
    then = replace(rows, test_from=start)
    words = {name: vocabulary(column.take(then.training)) for name, column in texts.items()}
    definition = replace(rows.definition, vocabularies={**rows.definition.vocabularies, **words})
    columns: dict[str, Floats | Texts] = {
        name: texts[name] if name in texts else rows.X[:, place] for place, name in enumerate(definition.columns)
    }
    return replace(then, X=definition.matrix(columns)[0], definition=definition)


def _period(
    whole: TrainingSet,
    texts: Mapping[str, Texts],
    estimator: Callable[[Definition], LeadClassifier],
    period: Period,
    segment: int | None,
    draws: int,
) -> Plain:
    # Only what trains or is judged is looked at, so that a long history is not copied for each period.
    inside = whole.mature & (whole.cutoff >= period.start) & (whole.cutoff < period.end)
    then = replace(whole, test_from=period.start)
    used = np.flatnonzero(inside | then.training)
    rows = _as_known(_taken(whole, used), {name: column.take(used) for name, column in texts.items()}, period.start)
    judged, train = np.flatnonzero(inside[used]), rows.training
    label, group = rows.label[judged], rows.group[judged]
    counts: Plain = {
        "from": iso(period.start),
        "to": iso(period.end - 1),
        "n": len(judged),
        "won": int(label.sum()),
        "won_leads": won_leads(rows.lead_id.codes[judged], label),
        "base_rate": float(label.mean()) if len(judged) else None,
    }
    given, learnt, said = _probabilities(rows, train, judged, estimator, segment)
    figures = {
        name: dict.fromkeys(FIGURES, Figure(None, None, None, found))
        if isinstance(found, str)
        else quality(label, found, group, draws)
        for name, found in given.items()
    }
    model, rate = given["model"], given["base_rate"]
    against = (
        Figure(None, None, None, "there is nothing to compare")
        if isinstance(model, str) or isinstance(rate, str) or not len(judged)
        else paired_log_loss(label, model, rate, group, draws)
    )
    return counts | {
        "trained_on": learnt,
        "figures": {name: {key: one.to_json() for key, one in found.items()} for name, found in figures.items()},
        "against_base_rate": against.to_json(),
        "verdict": _verdict(counts, learnt, against),
        "said": said,
    }


def _probabilities(
    rows: TrainingSet,
    train: NDArray[np.bool_],
    judged: Rows,
    estimator: Callable[[Definition], LeadClassifier],
    segment: int | None,
) -> tuple[dict[str, Floats | str], Plain, list[str]]:
    """What each of MODELS says of the judged rows, or why it says nothing; what was learnt from; sentences."""
    known, X = rows.label[train], rows.X[judged]
    learnt: Plain = {
        "observations": len(known),
        "won_leads": won_leads(rows.lead_id.codes[train], known),
        "trees": 0,
        "kind": BASE_RATE,
    }
    if not len(known):
        return dict.fromkeys(MODELS, "no outcome was known when the period began"), learnt | {"kind": None}, []
    found = fit_candidate(estimator(rows.definition), rows, refit=False, segment=segment)
    fitted = found.tested
    prior = getattr(fitted, "prior_", None)
    logistic, said = logistic_regression(rows.X[train], known, rows.definition.categorical, X)
    probabilities: dict[str, Floats | str] = {
        "model": found.tested_model.probability(X),
        "scorecard": "the workspace has no scorecard" if prior is None else prior.probability(X),
        "logistic": logistic,
        "base_rate": base_rate(known, len(judged)),
    }
    learnt |= {"trees": fitted.trees_, "kind": fitted.model_.kind}
    return probabilities, learnt, [*fitted.said_, *found.said, *said]


def _taken(rows: TrainingSet, used: Rows) -> TrainingSet:
    """Some of the observations."""
    names = ("cutoff", "created_at", "mature", "label", "group", "X")
    return replace(rows, lead_id=rows.lead_id.take(used), **{name: getattr(rows, name)[used] for name in names})


def _verdict(counts: Plain, learnt: Plain, against: Figure) -> str:
    """What the period says of the model, in a sentence."""
    served = "" if learnt["kind"] in (TREES, None) else f" The {learnt['kind']} served: too few won leads for trees."
    if not learnt["observations"]:
        return "Nothing was known: no outcome before the period."
    if counts["won_leads"] < WON_TO_JUDGE:
        return f"{TOO_FEW.capitalize()}: {counts['won_leads']} won leads, {WON_TO_JUDGE} are needed.{served}"
    if learnt["kind"] == BASE_RATE:
        return f"As good as the base rate, which it is.{served}"
    if against.value is None or against.low is None or against.high is None:
        return f"Uncertain: no interval.{served}"
    told = f"log loss {against.value:+.4f} ({against.low:+.4f} to {against.high:+.4f}) against the base rate's."
    if against.high < 0:
        return f"Better: {told}{served}"
    return f"Worse: {told}{served}" if against.low > 0 else f"Not clearly better: {told}{served}"


def _said(done: Sequence[Plain]) -> Iterator[str]:
    judged = [one for one in done if one["won_leads"] >= WON_TO_JUDGE and one["against_base_rate"]["low"] is not None]
    if not judged:
        yield f"No period can be judged: each has under {WON_TO_JUDGE} won leads, or nothing was known when it began."
        return
    better = sum(one["against_base_rate"]["high"] < 0 for one in judged)
    worse = sum(one["against_base_rate"]["low"] > 0 for one in judged)
    told = f"In {better} of the {len(judged)} periods that can be judged the model is better than the base rate"
    yield f"{told}, beyond the interval of its log loss{f'; in {worse} it is worse' if worse else ''}."
    drawn = [one for one in judged if one["figures"]["model"]["auc"]["low"] is not None]
    if len(drawn) > 1:
        values = [one["figures"]["model"]["auc"] for one in drawn]
        first, last = values[0], values[-1]
        apart = last["low"] > first["high"] or last["high"] < first["low"]
        moved = "differ by more than their intervals" if apart else "do not differ by more than their intervals"
        yield f"The AUC goes from {first['value']:.3f} to {last['value']:.3f}: the first and the last period {moved}."
