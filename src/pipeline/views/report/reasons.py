"""Why the model says what it says: its criteria over many leads, and ten leads one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.reasons.wording import percent
from pipeline.views.report import bars
from pipeline.views.report.bars import SIDES
from pipeline.views.report.writing import Charts, esc, figure, note, paragraph, share, table
from pipeline.views.waterfall import Step, signed, steps

Plain = Mapping[str, Any]

ROLES = {
    "high": "Scored high, and won",
    "low": "Scored low, and not won",
    "high_lost": "A surprise: scored high, and lost",
    "low_won": "A surprise: scored low, and won",
}
SHOWN = 7
"""Reasons of a lead that are shown one by one."""


def criteria(report: Plain, drawn: Charts) -> str:
    """How much each criterion counts, with intervals, and for which values it speaks for a lead."""
    found = report["explained"]
    if isinstance(found, str):
        return note(esc(found))
    ranked = [one for one in found["importance"] if one["importance"]["value"]]
    if not ranked:
        return note("A model without trees gives every lead the same reasons.")
    values = [
        {
            "name": one["label"],
            "side": SIDES[one["side"]],
            **{key: one["importance"][key] for key in ("value", "low", "high")},
        }
        for one in ranked
    ]
    below = table(
        ["criterion", "family", "mean |contribution|", "of all"],
        [[esc(one["label"]), esc(one["family"]), figure(one["importance"]), share(one["share"])] for one in ranked],
    )
    importance = drawn.draw(bars.bars(values, "mean |contribution|, log-odds"), "How much each criterion counts", below)
    families = table(
        ["family", "side", "mean |contribution|"],
        [[esc(one["family"]), esc(one["side"]), figure(one["importance"])] for one in found["families"]],
    )
    return (
        paragraph(
            f"Over {found['observations']:,} test observations. A contribution is in calibrated log-odds: "
            "+0.7 doubles the odds. "
            "It says what the model does with a value, and not that the value causes a conversion."
        )
        + importance
        + "<h3>By family</h3>"
        + families
        + _dependence(found["dependence"], drawn)
    )


def _dependence(found: Sequence[Plain], drawn: Charts) -> str:
    ends = [abs(end) for one in found for point in bars.points_of(one) for end in _ends(point) if end is not None]
    if not ends:
        return ""
    pictures = [
        drawn.draw(bars.dependence(one, max(ends) * 1.05), _about(one), _values(one), small=True) for one in found
    ]
    return '<h3>For which values it speaks for a lead</h3><div class="row">' + "".join(pictures) + "</div>"


def _about(one: Plain) -> str:
    """The criterion, and which of its measures the values are of."""
    measure = str(one["column"]).partition(".")[2].replace("_", " ")
    return f"{one['label']} ({measure})" if measure else str(one["label"])


def _ends(point: Plain) -> list[float | None]:
    return [point["contribution"][key] for key in ("value", "low", "high")]


def _values(one: Plain) -> str:
    lines = [
        [esc(bars.name_of(point)), f"{point['n']:,}", figure(point["contribution"], lambda x: f"{x:+.2f}")]
        for point in bars.points_of(one)
    ]
    return table(["value", "observations", "contribution"], lines)


def turned(report: Plain, drawn: Charts) -> str:
    """What the model goes by that another one did not, if there is one to compare with."""
    found = report["turned"]
    if found is None:
        return ""
    head = f"<h3>What turned since model {esc(found['before'])}</h3>"
    if not found["turned"]:
        return head + paragraph("Nothing beyond chance: both models go by the same criteria, the same way.")
    words = {
        "share": "share of the explanation",
        "direction": "direction of its values",
        "value": "speaks for or against",
    }
    rows = [
        [
            esc(one["criterion"].replace("_", " ")),
            words[one["what"]] + (f": {esc(one['value'])}" if one["value"] is not None else ""),
            figure(one["was"], share if one["what"] == "share" else signed),
            figure(one["now"], share if one["what"] == "share" else signed),
        ]
        for one in found["turned"]
    ]
    return head + table(["criterion", "what", "was", "is"], rows)


def leads(report: Plain, drawn: Charts) -> str:
    """Leads of the test with their reasons: high, low, and those that surprised."""
    found = report["leads"]
    if isinstance(found, str):
        return note(esc(found))
    if not found:
        return note("No observation of the test can be shown.")
    told = (
        "Leads of the test, as they were scored then by a model that did not know how they would end. "
        "Base and reasons add up to the log-odds, and these are the probability."
    )
    dated = report["horizon"] is not None
    parts: list[str] = []
    for role, title in ROLES.items():
        mine = [one for one in found if one["role"] == role]
        if mine:
            parts.append(f"<h3>{title}</h3>" + "".join(_lead(one["score"], dated) for one in mine))
    return paragraph(told) + "".join(parts)


def _lead(score: Plain, dated: bool) -> str:
    path = steps(score, SHOWN)
    at = [float(score["base"]), float(score["log_odds"]), *(step.end for step in path)]
    low, high = min(at), max(at)
    spare = max(0.0, 1.0 - (high - low)) / 2
    low, wide = low - spare, high - low + 2 * spare

    def place(value: float) -> float:
        return 100 * (value - low) / wide

    rows = [
        _row("Base", "before anything is known", place(float(score["base"])), 0.0, "mark", signed(float(score["base"])))
    ]
    rows += [_step(step, place) for step in path]
    rows.append(_row("Log-odds", "", place(float(score["log_odds"])), 0.0, "mark", signed(float(score["log_odds"]))))
    head = (
        f"<header><strong>{esc(score['lead_id'])}</strong><span>{percent(score['probability'])}</span>"
        f"<span>grade {esc(score['grade'])}</span><span>{esc(score['stage'])} → {esc(score['action'])}</span>"
        + (f"<span>{esc(score['as_of'][:10])}</span></header>" if dated else "</header>")
    )
    return f'<article class="lead">{head}{"".join(rows)}</article>'


def _step(step: Step, place: Any) -> str:
    left, right = sorted((place(step.start), place(step.end)))
    kind = {"+": "for", "-": "against", "0": "mark"}[step.sign]
    return _row(step.label, step.evidence, left, right - left, kind, signed(step.end - step.start))


def _row(label: str, evidence: str, left: float, width: float, kind: str, said: str) -> str:
    small = f"<small>{esc(evidence)}</small>" if evidence else ""
    width = max(width, 0.6)
    left = min(left, 100 - width)
    return (
        f'<div class="reason"><div class="said">{esc(label)}{small}</div><div class="track">'
        f'<i class="{kind}" style="left:{left:.2f}%;width:{width:.2f}%"></i></div><div '
        f'class="amount">{said}</div></div>'
    )
