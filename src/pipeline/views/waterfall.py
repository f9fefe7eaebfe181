"""A score as a waterfall in the terminal: from the base, reason by reason, to the log-odds and the probability.

It reads the JSON of one score, as `leadlight explain --json` and the service give it.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.reasons.language import Language, language, message
from pipeline.reasons.wording import line

Plain = Mapping[str, Any]

NARROWEST = 50
"""Columns below which nothing could be read."""
WIDE = 140
"""Columns from which a reason and its evidence share a line."""
FOR, AGAINST, MARK = "█", "▒", "┃"
GREEN, RED, GREY, BOLD, PLAIN = "\033[32m", "\033[31m", "\033[90m", "\033[1m", "\033[0m"
COLOURS = {"+": GREEN, "-": RED, "0": GREY}
TIED_APART = {0x202F: 0xE000, 0xA0: 0xE001}
"""Tied blanks as letters: Python breaks lines at the one of its whitespace that French may not be broken at."""
TIED_AGAIN = {new: old for old, new in TIED_APART.items()}

BASE = message("before anything is known of this lead")
CLOSED = message("closed: not scored")


@dataclass(frozen=True)
class Step:
    """One bar, in log-odds from `start` to `end`; `points` is the share of the explanation in per cent."""

    label: str
    evidence: str
    start: float
    end: float
    points: float

    @property
    def sign(self) -> str:
        """How it speaks for the lead: "+", "-" or "0"."""
        return "+" if self.end > self.start else "-" if self.end < self.start else "0"


STAGES = {
    "contact": message("stage contact"),
    "prospect": message("stage prospect"),
    "qualified": message("stage qualified"),
    "client": message("stage client"),
}
ACTIONS = {
    "none": message("action none"),
    "rest": message("action rest"),
    "call": message("action call"),
    "answer": message("action answer"),
    "introduce": message("action introduce"),
    "nurture": message("action nurture"),
    "relaunch": message("action relaunch"),
}
"""What people read for the codes; an action of the workspace's own is said as it stands."""


def standing(score: Plain, words: Language) -> list[str]:
    """Stage and action for people.

    >>> standing({"stage": "qualified", "action": "send a sample"}, language())
    ['stage qualified', 'action send a sample']
    """
    stage, action = str(score["stage"]), str(score["action"])
    return [
        words.text(STAGES[stage]) if stage in STAGES else words.text("stage {stage}", stage=line(stage)),
        words.text(ACTIONS[action]) if action in ACTIONS else words.text("action {action}", action=line(action)),
    ]


def steps(score: Plain, most: int | None = None, words: Language | None = None) -> list[Step]:
    """The reasons from the base on, the strongest first; those after `most` as one step."""
    words = words or language()
    reasons: Sequence[Plain] = score["reasons"]
    shown, rest = reasons[:most], reasons[len(reasons[:most]) :]
    found: list[Step] = []
    at = float(score["base"])
    for reason in shown:
        end = at + float(reason["contribution"])
        label, evidence = line(reason["label"]), line(reason["evidence"])
        # The label stands beside it already.
        again = words.text("{thing}: {value}", thing=label.lower(), value="")
        if evidence.lower().startswith(again):
            evidence = evidence[len(again) :]
        found.append(Step(label, evidence, at, end, float(reason["points"])))
        at = end
    if rest:
        end = at + math.fsum(float(reason["contribution"]) for reason in rest)
        others = words.count("{n} other criterion", "{n} other criteria", len(rest))
        everything = words.text("Everything else")
        found.append(Step(everything, others, at, end, math.fsum(float(reason["points"]) for reason in rest)))
    return found


def waterfall(
    score: Plain, width: int = 80, *, colour: bool = False, most: int | None = None, words: Language | None = None
) -> str:
    """The waterfall as lines of at most `width` columns (NARROWEST at least), without colour unless asked.

    Each reason shows its sign, label, bar, contribution, points and evidence. `most` reasons are shown one by one.
    """
    width, words = max(width, NARROWEST), words or language()
    lines = [*_head(score, width, colour, words)]
    if score["log_odds"] is not None:
        lines += ["", *_bars(score, width, colour, most, words)]
    for warning in score["warnings"]:
        lines += textwrap.wrap(line(warning), width, initial_indent="! ", subsequent_indent="  ")
    return "\n".join(lines)


def _head(score: Plain, width: int, colour: bool, words: Language) -> Iterator[str]:
    first = words.text("Lead {lead}", lead=line(score["lead_id"]))
    yield _paint(BOLD, first, colour) if cells(first) <= width else cut(first, width)
    model = words.text("model {version}", version=line(score["model_version"]))
    yield _paint(GREY, cut(f"{line(score['as_of'])} · {model}", width), colour)
    facts = standing(score, words)
    if score["log_odds"] is None:
        facts = [words.text(CLOSED), *facts]
    else:
        rank = [] if score["score"] is None else [words.text("score {score} of 100", score=score["score"])]
        chance = words.text("probability {percent}", percent=words.percent(score["probability"]))
        facts = [chance, words.text("grade {grade}", grade=score["grade"]), *rank, *facts]
    yield from textwrap.wrap(" · ".join(facts), width)


def _bars(score: Plain, width: int, colour: bool, most: int | None, words: Language) -> Iterator[str]:
    wide = width >= WIDE
    label = min(28, max(16, width // 3))
    # Sign, label, bar, contribution and points, with a blank between each two; beside them, or below, the evidence.
    bar = 36 if wide else width - (2 + label + 1 + 1 + 7 + 1 + 5)
    indent = 2 + label + 1 + bar + 1 + 7 + 1 + 5 + 2 if wide else 4
    path = steps(score, most, words)
    scale = Scale.of([float(score["base"]), float(score["log_odds"]), *(step.end for step in path)], bar)

    def row(sign: str, name: str, drawn: str, amount: str, share: str, evidence: str) -> Iterator[str]:
        paint = COLOURS.get(sign, BOLD)
        body = f"{sign.replace('0', ' ')} {pad(name, label)} {_paint(paint, drawn, colour)} {amount:>7} {share:>5}"
        parts = [_paint(GREY, part, colour) for part in wrapped(evidence, width - indent)]
        yield f"{body}  {parts.pop(0)}" if wide and parts else body.rstrip()
        for part in parts:
            yield f"{' ' * indent}{part}"

    base, total = float(score["base"]), float(score["log_odds"])
    yield from row(" ", "", " " * bar, "", words.text("share"), "")
    yield from row(" ", words.text("Base"), scale.mark(base), signed(base, words), "", words.text(BASE))
    for step in path:
        share = words.text("{n} %", n=f"{step.points:.0f}")
        yield from row(
            step.sign, step.label, scale.bar(step), signed(step.end - step.start, words), share, step.evidence
        )
    yield from row(" ", words.text("Log-odds"), scale.mark(total), signed(total, words), "", "")
    # Its per cent sign stands beyond the numbers' last digit.
    chance = words.percent(score["probability"]).rjust(bar + 1 + 7 + 2)
    yield f"  {pad(words.text('Probability'), label)} {_paint(BOLD, chance, colour)}"


@dataclass(frozen=True)
class Scale:
    """Log-odds from `low` to `high` drawn on `size` columns."""

    low: float
    high: float
    size: int

    @classmethod
    def of(cls, values: Sequence[float], size: int) -> Scale:
        """The scale that shows all values; one unit wide at least, so that next to nothing looks like it."""
        low, high = min(values), max(values)
        spare = max(0.0, 1.0 - (high - low)) / 2
        return cls(low - spare, high + spare, size)

    def column(self, value: float) -> int:
        """The column of a value, 0 to size - 1."""
        return min(self.size - 1, max(0, round((value - self.low) / (self.high - self.low) * (self.size - 1))))

    def mark(self, value: float) -> str:
        """A line that marks one value."""
        return (" " * self.column(value) + MARK).ljust(self.size)

    def bar(self, step: Step) -> str:
        """A bar from start to end; a thin line where it is narrower than a column."""
        start, end = sorted((self.column(step.start), self.column(step.end)))
        body = (FOR if step.sign == "+" else AGAINST) * (end - start) or "│"
        return (" " * start + body).ljust(self.size)


def signed(value: float, words: Language | None = None) -> str:
    """A contribution with its sign; nothing is -0.00.

    >>> signed(1.312), signed(-0.5), signed(-0.001)
    ('+1.31', '−0.50', '0.00')
    """
    return (words or language()).signed(value)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most so many letters, broken at blanks alone: French ties its marks to the word before them.

    >>> wrapped("1 demande de devis\u202f; 4\u202f% des prospects", 20)
    ['1 demande de devis\u202f;', '4\u202f% des prospects']
    """
    tied = text.translate(TIED_APART)
    return [line_.translate(TIED_AGAIN) for line_ in textwrap.wrap(tied, width)]


def cells(text: str) -> int:
    """The columns that a text takes: wide letters two, combining ones none.

    >>> cells("abc"), cells("日本"), cells("é")
    (3, 4, 1)
    """
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, width: int) -> str:
    """The text in at most `width` columns, with an ellipsis where something is missing."""
    if cells(text) <= width:
        return text
    while cells(text) >= width:
        text = text[:-1]
    return text.rstrip() + "…"


def pad(text: str, width: int) -> str:
    """The text in exactly `width` columns."""
    short = cut(text, width)
    return short + " " * (width - cells(short))


def _paint(code: str, text: str, colour: bool) -> str:
    return f"{code}{text}{PLAIN}" if colour and text.strip() else text
