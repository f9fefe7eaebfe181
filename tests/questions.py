"""What is asked of the worlds of Hypothesis: every word of measures over choices of facts."""

from __future__ import annotations

from typing import Any

from tests.draws import Draw, pick, rarely

Plain = dict[str, Any]

WINDOWS = ("12h", "1d", "3d", "7d")
KINDS = ("call", "mail", "visit")
COLUMNS = ("page", "campaign", "duration", "visits", "nowhere")
PATTERNS = ("/pricing*", "/pricing", "*", "*ing", "/p*/t*", "", "é", "?", "*.*")


def measure_list(draw: Draw) -> list[Plain]:
    """Every word of measures over one or two choices of facts, the built-in measures and the attributes."""
    constant: list[Plain] = [{"name": word, "word": word} for word in ("age", "created_weekday", "created_hour")]
    constant += [{"name": name, "word": "attribute", "column": name} for name in ("size", "title")]
    groups = [every_word(draw) for _ in range(pick(draw, (1, 2)))]
    return constant + [one | {"name": f"{one['name']}_{place}"} for place, group in enumerate(groups) for one in group]


def every_word(draw: Draw) -> list[Plain]:
    """All the measures of one choice of facts of one entity, in one window or none."""
    window = pick(draw, (None, *WINDOWS))
    windowed: Plain = {} if window is None else {"window": window}
    number = {"column": pick(draw, ("duration", "visits"))}
    text = {"column": pick(draw, ("page", "campaign", "nowhere"))}
    words = [
        *({"word": word, **windowed} for word in ("count", "share", "active_days", "days_since_first", "unanswered")),
        *({"word": word, **windowed, **number} for word in ("total", "mean", "largest")),
        {"word": "distinct", **windowed, **text},
        *({"word": "latest", "column": name, "name": f"latest_{name}"} for name in COLUMNS),
        {"word": "days_since_last"},
        {"word": "trend", "short": pick(draw, WINDOWS), "long": pick(draw, WINDOWS)},
    ]
    choice = {
        "of": pick(draw, ("lead", "contact", "lead", "account")),
        "when": {} if not rarely(draw, 2) else choices(draw),
    }
    return [{"name": word["word"], **word, **choice} for word in words]


def choices(draw: Draw) -> Plain:
    """A choice of facts by kind, flow and texts, each a value, a list or a pattern; on one or two fields."""
    fields = pick(draw, (("kind",), ("flow",), ("page",), ("kind", "page"), ("flow", "kind")))
    words = {"kind": (*KINDS, "deal_won", "deal_*", "*a*"), "flow": ("inbound", "outbound", "*bound"), "page": PATTERNS}
    listed = {field: [pick(draw, words[field]) for _ in range(pick(draw, (1, 2)))] for field in fields}
    return {field: patterns[0] if rarely(draw, 2) else patterns for field, patterns in listed.items()}
