"""Whether a model is to serve: the first one against the baselines, a challenger against the champion.

Nothing here reads a file; `promotion` acts on the verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pipeline.definitions.settings import Gates
from pipeline.definitions.spans import DAY
from pipeline.learning.metrics import paired_log_loss, quality
from pipeline.quality.stability import Stability

WON_NEEDED = 30
OBSERVATIONS_NEEDED = 200
"""Below either, a comparison says nothing and the champion stays."""

LOOKS = 12
"""Comparisons in a year."""

FALSE_WINS = 0.05
"""Chance that a challenger no better than the champion wins at any of a year's looks, at most."""

SHARE_ABOVE = 0.0025
"""Of the bootstrap's draws that may lie on the wrong side of 0 at one look; see `decide`."""

TOLERANCE = 0.005
"""How much worse, as a share of the champion's log loss, a challenger of an old champion may be."""

DRAWS = 10_000
"""The level lies far in the tail: 1,000 draws would leave two or three of them beyond it."""


@dataclass(frozen=True)
class Verdict:
    """Whether a model is to serve, the sentence that says why, and the figures behind it as plain JSON."""

    promote: bool
    reason: str
    figures: Mapping[str, Any] = field(default_factory=dict)


def decide(
    label: ArrayLike,
    p_challenger: ArrayLike,
    p_champion: ArrayLike,
    group: ArrayLike,
    lead: ArrayLike,
    *,
    champion_age: int = 0,
    max_age: int | None = None,
    draws: int = DRAWS,
    seed: int = 7,
) -> Verdict:
    """Compare a challenger's tested version with the champion as served, on observations that neither has learnt from.

    Parameters
    ----------
    label : (n,) 0 or 1, of mature observations with cutoffs in [start, ...): `start` is the later of the champion's
        `knows_until` and the challenger's test start
    p_challenger, p_champion : (n,) probabilities
    group : (n,) integers; observations of one group are drawn together
    lead : (n,) integers; won leads are counted by it
    champion_age : microseconds since the champion's `knows_until`
    max_age : microseconds; a challenger that is hardly worse wins over a champion older than this. None: over none

    Notes
    -----
    The difference in log loss is a paired bootstrap over groups, and the challenger wins if the whole interval is below
    0. At most FALSE_WINS of equal challengers are to win in LOOKS looks. Bonferroni's inequality allows each look
    0.05 / 12 = 0.42 %, whatever the looks share. But the percentile bootstrap's tails are too light at 30 won leads,
    where 0.42 % let 0.5 to 0.75 % through, and 5.7 % of 600 simulated years with a new, equally good challenger every
    month. SHARE_ABOVE = 0.25 % let through 3.6 % of 1,000 such years, so that is the level: 1 - 2 * 0.25 % = 99.5 %.
    """
    labels, leads = np.asarray(label), np.asarray(lead)
    won = len(np.unique(leads[labels == 1]))
    figures: dict[str, Any] = {"observations": len(labels), "won_leads": won}
    missing = [
        f"{need - have} more {name}{'s' if need - have > 1 else ''}"
        for have, need, name in ((won, WON_NEEDED, "won lead"), (len(labels), OBSERVATIONS_NEEDED, "observation"))
        if have < need
    ]
    if missing:
        return Verdict(
            False,
            f"Held: too few outcomes to compare by, {won} won leads in {len(labels)} observations that neither model "
            f"has learnt from. Needed: {' and '.join(missing)}.",
            figures,
        )
    level = 1 - 2 * SHARE_ABOVE
    difference = paired_log_loss(
        labels, p_challenger, p_champion, group, draws=draws, seed=seed, level=level, plain=True
    )
    champion = quality(labels, p_champion, group, draws=0)["log_loss"].value
    if difference.value is None or difference.high is None or champion is None:
        return Verdict(False, f"Held: the difference in log loss has no interval ({difference.why}).", figures)
    figures |= {
        "log_loss_champion": champion,
        "log_loss_challenger": champion + difference.value,
        "difference": difference.to_json(),
        "level": level,
    }
    said = (
        f"log loss {champion + difference.value:.4f} against the champion's {champion:.4f} on {len(labels)} "
        f"observations, difference {difference.value:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}] "
        f"({100 * level:g} %)"
    )
    if difference.high < 0:
        return Verdict(True, f"Promoted: better beyond the interval, {said}.", figures)
    if max_age is not None and champion_age > max_age and difference.high <= TOLERANCE * champion:
        days = champion_age // DAY
        return Verdict(
            True,
            f"Promoted: the champion is {days} days old and this one at most {100 * TOLERANCE} % worse, {said}.",
            figures,
        )
    return Verdict(False, f"Held: not better beyond the interval, {said}.", figures)


def gated(verdict: Verdict, stability: Stability, gates: Gates) -> Verdict:
    """The verdict with how much of the champion's explanations the challenger keeps; held where a gate asks for more.

    The figures are added under `explanation`. A gate that holds is named in the reason, with its figure and what was
    asked; where the figure is undefined there is nothing to keep, and the gate lets everything pass.
    """
    figures = {**verdict.figures, "explanation": stability.to_json()}
    least, most = gates.rank_correlation, gates.reasons_changed
    order, changed = stability.rank_correlation.value, stability.reasons_changed.value
    held = []
    if least is not None and order is not None and order < least:
        held.append(f"gates.rank_correlation asks for {least:g} or more, and it is {order:.2f}")
    if most is not None and changed is not None and changed > most:
        held.append(f"gates.reasons_changed allows {most:g}, and it is {changed:.2f}")
    if held and verdict.promote:
        figures["gates"] = held
        reason = f"Held by {'; '.join(held)}. But for that: {verdict.reason} {stability.sentence}"
        return Verdict(False, reason, figures)
    return Verdict(verdict.promote, f"{verdict.reason} {stability.sentence}".strip(), figures)


def decide_first(log_loss: float | None, baselines: Mapping[str, float | None], *, trees: bool = True) -> Verdict:
    """Whether a model may serve where none does.

    `baselines` holds the log losses of "base rate" and "scorecard" on the same test, None where there is none. Without
    trees the model is itself a baseline: it serves until there is a better one.
    """
    figures: dict[str, Any] = {"log_loss": log_loss, "baselines": dict(baselines)}
    if not trees:
        return Verdict(True, "Promoted: no model serves yet, and this one without trees is better than none.", figures)
    given = {name: value for name, value in baselines.items() if value is not None}
    if log_loss is None or not given:
        return Verdict(False, "Held: the test has no log loss to judge the first model by.", figures)
    beaten_by = [f"the {name}'s {value:.4f}" for name, value in given.items() if not log_loss < value]
    if beaten_by:
        return Verdict(
            False, f"Held: log loss {log_loss:.4f} on the test is not below {' or '.join(beaten_by)}.", figures
        )
    below = " and ".join(f"the {name}'s {value:.4f}" for name, value in given.items())
    return Verdict(True, f"Promoted: the first model, log loss {log_loss:.4f} on the test, below {below}.", figures)
