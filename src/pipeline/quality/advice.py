"""What figures of channels say: where the next budget should go, with its uncertainty, and what stands in the way."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.tables.columns import Texts

Row = Mapping[str, Any]

SURE = 0.95
"""From this chance on a channel is called the cheapest."""
POSSIBLE = 0.05
"""Below this chance it is not named among those that may be."""
AVERAGE = "These are averages of what was spent: the next budget on a channel may bring less than the last one did."
NO_SPEND = "No spend is known: name its table under sources.spend to see costs."
TOO_YOUNG = "No lead's time to convert is over: shorten it by --within, or come back later."
ALIKE = 0.8
"""From this likeness on (0 to 1) two spellings may be one channel."""


def said(rows: Sequence[Row], costs: bool) -> Iterator[str]:
    """Sentences on plain rows of `by_channel`, the verdict first."""
    if not any(row["settled"]["leads"] for row in rows):
        yield TOO_YOUNG
    if not costs:
        yield NO_SPEND
        return
    yield from _verdict(rows)
    yield from _expected(rows)
    yield from _amounts(rows)
    settled = [row for row in rows if (row["settled"]["cost"] or 0) > 0]
    lost = [name(row) for row in settled if not row["settled"]["leads"]]
    if lost:
        yield f"Spent in the settled period, and no lead of it: {', '.join(lost)}."
    barren = [name(row) for row in settled if row["settled"]["leads"] and not row["settled"]["conversions"]["value"]]
    if barren:
        yield f"Spent in the settled period, and no conversion of it yet: {', '.join(barren)}."
    free = [name(row) for row in rows if row["settled"]["leads"] and not row["settled"]["cost"]]
    if free:
        yield f"No spend is known of {', '.join(free)}: what these leads cost is in no table, and they are not free."
    yield AVERAGE


def name(row: Row) -> str:
    """A channel, or a campaign with its channel before it."""
    return " / ".join(str(row[key]) for key in ("channel", "campaign") if key in row)


def interval(figure: Mapping[str, Any]) -> str:
    """A figure in a sentence.

    >>> interval({"value": 171.2, "low": 136.0, "high": None})
    '171 (136 to no upper bound)'
    """
    if figure["value"] is None:
        return f"over {figure['low']:,.0f}, as none came yet"
    digits = 0 if figure["value"] >= 10 else 1
    high = "no upper bound" if figure["high"] is None else f"{figure['high']:,.{digits}f}"
    return f"{figure['value']:,.{digits}f} ({figure['low']:,.{digits}f} to {high})"


def _ranked(rows: Sequence[Row], period: str, figure: str) -> list[Row]:
    """Those that may be the cheapest, the likeliest first."""
    able = [row for row in rows if row[period]["cheapest"] is not None]
    any_known = any(row[period][figure]["value"] is not None for row in able)
    return sorted(able, key=lambda row: -row[period]["cheapest"]) if any_known else []


def _chances(ranked: Sequence[Row], period: str) -> str:
    several = [row for row in ranked if row[period]["cheapest"] >= POSSIBLE]
    return ", ".join(f"{name(row)} {_percent(row[period]['cheapest'])}" for row in several)


def _percent(chance: float) -> str:
    """A chance; of draws none is certain."""
    return "over 99 %" if chance > 0.99 else f"{100 * chance:.0f} %"


def _verdict(rows: Sequence[Row]) -> Iterator[str]:
    ranked = _ranked(rows, "settled", "cost_per_conversion")
    if not ranked:
        yield "No channel has both spend and conversions in the settled period: what a conversion costs cannot be told."
        return
    best = ranked[0]
    cost = interval(best["settled"]["cost_per_conversion"])
    if len(ranked) == 1:
        yield f"A conversion of {name(best)} cost {cost}; there is no other channel with spend to compare it with."
    elif best["settled"]["cheapest"] >= SURE:
        yield (
            f"The next budget belongs on {name(best)}, as far as averages tell: a conversion cost {cost}, with a "
            f"chance of {_percent(best['settled']['cheapest'])} the lowest of all."
        )
    else:
        yield (
            "Where the next budget should go cannot be told yet: by the cost of a conversion these are not to tell "
            f"apart, with their chances of being the cheapest: {_chances(ranked, 'settled')}. {name(best)} has {cost}."
        )


def _expected(rows: Sequence[Row]) -> Iterator[str]:
    """Whether the latest period points the same way."""
    ranked = _ranked(rows, "latest", "cost_per_expected_conversion")
    if len(ranked) < 2:
        return
    best = ranked[0]
    cost = interval(best["latest"]["cost_per_expected_conversion"])
    if best["latest"]["cheapest"] >= SURE:
        yield (
            f"In the latest period, with what open leads are expected to bring, {name(best)} has the lowest cost: "
            f"{cost}, with a chance of {_percent(best['latest']['cheapest'])}."
        )
    else:
        yield (
            "In the latest period, with what open leads are expected to bring, the cheapest cannot be told yet: "
            f"{_chances(ranked, 'latest')}."
        )


def _amounts(rows: Sequence[Row]) -> Iterator[str]:
    """Which channel brings the most in for what it costs: the cheapest conversions may be the small ones."""
    known = [row for row in rows if row["settled"]["amount_per_cost"]["value"] is not None]
    if len(known) < 2:
        return
    ranked = sorted(known, key=lambda row: -row["settled"]["amount_per_cost"]["value"])
    best = ranked[0]["settled"]["amount_per_cost"]
    apart = [row for row in ranked[1:] if row["settled"]["amount_per_cost"]["high"] >= best["low"]]
    told = f"Most was won for each 1 spent by {name(ranked[0])}: {interval(best)}"
    yield f"{told}; not to tell apart from {', '.join(map(name, apart))}." if apart else f"{told}."


def near(channel: Texts, spent: Texts) -> Iterator[str]:
    """Channels of the spend that no lead has and that one nearly has: most often the same, spelt otherwise."""
    known = used(channel)
    plain = {_folded(word): word for word in known}
    for word in sorted(used(spent) - known):
        close = difflib.get_close_matches(_folded(word), sorted(plain), n=1, cutoff=ALIKE)
        if close:
            yield (
                f"The spend's channel {word!r} is no lead's, and {plain[close[0]]!r} is nearly the same: spell both "
                "alike, and they are one."
            )


def _folded(word: str) -> str:
    return word.strip().casefold().replace(" ", "_").replace("-", "_")


def used(column: Texts) -> set[str]:
    """The words that a column holds; it may know more of them."""
    return {column.words[code] for code in np.unique(column.codes).tolist() if code >= 0}
