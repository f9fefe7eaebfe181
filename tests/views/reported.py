"""A made-up report as `workflow.reporting.gather` gives it: every section filled, of figures that mean nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.spans import DAY
from pipeline.learning.metrics import FIGURES
from pipeline.quality.channels import by_channel
from pipeline.quality.cohorts import Came, Periods, Spent
from pipeline.reasons import many
from pipeline.tables.columns import NEVER, Texts

CODES = frozenset({
    "side", "sign", "role", "kind", "severity", "language", "outcome", "from", "to", "at", "as_of", "grade", "column",
    "criterion", "family", "end", "direction", "what",
})  # fmt: skip
"""Keys whose texts are words of ours, or instants: all others may come from the data."""

DEAD = {"value": None, "low": None, "high": None, "why": "nothing was won"}


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value * 0.9, "high": value * 1.1}


def judged(won: int = 40) -> dict[str, Any]:
    """The figures of a group of observations."""
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-03-01T00:00:00Z"}
    return {**period, "n": 900, "won": 2 * won, "won_leads": won, "base_rate": 0.05} | {
        name: figure(0.7) for name in FIGURES
    }


def evaluation() -> dict[str, Any]:
    shares = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0)
    call = {name: figure(12.0) for name in ("caught", "expected", "missed", "lift")}
    call |= {name: figure(0.2) for name in ("precision", "share")}
    group = judged(5) | {"mean_probability": figure(0.06), "excess": figure(0.01), "why": "too few"}
    return {
        "test": judged(),
        "by_age": {"0-7d": judged(), "over 90d": judged(4)},
        "baselines": {name: judged() for name in ("base_rate", "logistic", "scorecard")},
        "verdict": "better than the base rate",
        "curves": {
            "reliability": [
                {"n": 90, "from": p * 0.9, "to": p * 1.1, "mean_probability": p, "won_share": figure(p)}
                for p in (0.001, 0.01, 0.05, 0.2)
            ],
            "gain": [{"share": share, "caught": figure(share**0.5)} for share in shares],
        },
        "capacity": {
            "weeks": 9, "days": 63, "leads_a_list": 300.0, "conversions": 80, "said": ["Capacity says so."],
            "table": [{"per_week": calls, "called": 9.0 * calls, **call} for calls in (10, 20)],
            "skip": [{"share": 0.1, "leads_a_list": 30.0, "conversions": figure(0.01)}], "safe": None,
        },
        "segments": {"country": {"FR": judged() | group, "DE": group}},
    }  # fmt: skip


def channels(costs: bool = True) -> dict[str, Any]:
    """By the code that counts channels, of 60 leads."""
    names = [("search", "fair", "social")[row % 3] for row in range(60)]
    created = np.array([(400 + 8 * row) * DAY for row in range(60)])
    won = np.array([row % 4 == 0 for row in range(60)])
    blank = np.full(60, np.nan)
    came = Came(
        created, Texts.of(names), Texts.missing(60), np.arange(60), np.where(won, created + 5 * DAY, NEVER),
        np.where(won, 100.0, np.nan), blank, np.where(won, np.nan, 0.1),
    )  # fmt: skip
    spent = Spent(created, Texts.of(names), Texts.missing(60), np.full(60, 7.0))
    found = by_channel(came, spent if costs else None, Periods(until=900 * DAY, within=50 * DAY, length=200 * DAY))
    found["latest"]["horizon_days"] = 30.0
    return {"model_version": "2026-06-30-0", "by": "source", "audience": None, **found}


def explained() -> dict[str, Any]:
    """By the code that explains many, of 80 observations."""
    random = np.random.default_rng(2)
    criteria = (
        Criterion("country", "demographics", attribute="country"),
        Criterion("size", "demographics", attribute="size", values="numeric"),
        Criterion("visits", "behaviour", when={"kind": "visit"}, measures=()),
    )
    parts, group = random.normal(size=(80, 3)), np.arange(80)
    words = [("FR", "DE", None)[row % 3] for row in range(80)]
    about = [{"criterion": one.name, "label": one.title(), "column": one.name} for one in criteria[:2]]
    values = (words, np.where(group % 9 == 0, np.nan, group % 7.0))
    return {
        "observations": 80,
        "importance": many.importance(parts, criteria, group, draws=50),
        "families": many.families(parts, criteria, group, draws=50),
        "dependence": [
            label | many.dependence(parts[:, place], values[place], group)
            for place, label in enumerate(about)
        ],
    }  # fmt: skip


def lead(role: str, name: str) -> dict[str, Any]:
    """One lead, three reasons."""
    reasons = [
        {"criterion": word, "family": "behaviour", "side": "intent", "label": word, "contribution": part,
         "points": 100 * abs(part) / 2, "sign": "+" if part > 0 else "-", "evidence": "4 visits", "text": "4 visits"}
        for word, part in (("visits", 1.2), ("sector", -0.5), ("country", 0.3))
    ]  # fmt: skip
    score = {"lead_id": name, "as_of": "2026-03-01T00:00:00Z", "probability": 0.12, "log_odds": -2.0, "score": 91,
             "grade": "A", "stage": "qualified", "action": "call", "rule": "qualified", "base": -3.0,
             "reasons": reasons, "model_version": "2026-06-30-0", "warnings": []}  # fmt: skip
    return {"role": role, "score": score}


def report(**own: Any) -> dict[str, Any]:
    """A report with everything in it, and what is said otherwise."""
    rivals = {name: dict.fromkeys(FIGURES, figure(0.6)) for name in ("model", "logistic", "base_rate")}
    period = judged() | {"trained_on": {}, "verdict": "Better.", "said": [], "figures": rivals}
    return {
        "name": "acme", "language": "en", "version": "2026-06-30-0", "kind": "trees", "until": "2026-06-30",
        "horizon": 30 * DAY, "audience": None, "serves": True, "promotion": "better than nothing",
        "evaluation": evaluation(), "check": {
            "tables": {"leads": {"rows": 10, "used": 9, "set_aside": {"no id": 1}, "from": "leads.csv"}},
            "checks": [{"code": "clock", "title": "A clock", "outcome": "nothing", "why": "no column tells time"}],
            "findings": [{"code": "x", "title": "Set aside", "severity": "note", "table": "leads", "column": None,
                          "evidence": "1 of 10.", "remedy": "Look.", "suspect": False}],
            "ok": True,
        },
        "suspects": [{"column": "status", "why": "it says won"}],
        "backtest": {"period": "30d", "horizon": "30d", "periods": [period, period], "said": ["It held."]},
        "channels": channels(), "explained": explained(),
        "turned": {"version": "2026-06-30-0", "before": "2026-05-31-0", "turned": [
            {"criterion": "sector", "what": "value", "value": "food", "was": figure(0.2), "now": figure(-0.3),
             "change": None},
            {"criterion": "calls", "what": "share", "value": None, "was": figure(0.1), "now": figure(0.2),
             "change": figure(0.1)},
        ]},
        "leads": [lead("high", "L1"), lead("low", "L2"), lead("high_lost", "L3"), lead("low_won", "L4")],
        "card": {"base_rate": 0.05, "trained_on": {"observations": 9, "won_leads": 3, "trees": 20},
                 "settings": {"depth": 3}, "said": ["20 trees."],
                 "excluded": [{"column": "owner", "why": "not a reason"}], "data_hash": "ab12"},
        "signed": [{"at": "2026-07-01T09:00:00Z", "reviewer": "A. Reviewer", "verdict": "approved", "notes": "Yes."}],
    } | own  # fmt: skip


def planted(plain: Any, text: Callable[[str], str], key: str = "") -> Any:
    """The same with `text` of every text that may come from the data."""
    if isinstance(plain, dict):
        return {name: planted(value, text, name) for name, value in plain.items()}
    if isinstance(plain, list):
        return [planted(value, text, key) for value in plain]
    return text(plain) if isinstance(plain, str) and key not in CODES else plain
