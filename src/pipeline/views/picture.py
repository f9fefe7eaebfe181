"""A score with its reasons as a picture: an SVG that stands alone, 900 pixels wide, for light pages.

Its axis is in log-odds, where reasons add up, and labelled with the probabilities that people read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from pipeline.reasons.language import Language, language
from pipeline.reasons.wording import line
from pipeline.views.palette import AGAINST, FAINT, FONT, FOR, INK, LINE, NEUTRAL, SOFT
from pipeline.views.waterfall import BASE, CLOSED, Plain, Step, cut, signed, standing, steps, wrapped

WIDTH = 900
LEFT, RIGHT = 36, 36
BARS = (432, 800)
"""From where to where bars are drawn, in pixels."""
ROW, THICK = 58, 20
TEXT = 64
"""Characters of evidence on a line."""
TINTS = {"+": FOR, "-": AGAINST, "0": NEUTRAL}
GRADES = {"A": FOR, "B": "#3d9277", "C": "#9a6700", "D": "#818b98"}
TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)


@dataclass(frozen=True)
class Axis:
    """Log-odds from `low` to `high` across the pixels of BARS."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Axis:
        """The axis that shows all values, with room for the numbers beside the bars."""
        low, high = min(values), max(values)
        room = max(0.25, 0.16 * (high - low))
        return cls(low - room, high + room)

    def x(self, value: float) -> float:
        """The pixel of a value."""
        return BARS[0] + (value - self.low) / (self.high - self.low) * (BARS[1] - BARS[0])

    def ticks(self) -> list[tuple[float, float]]:
        """Probabilities to label and their pixels, not closer than text needs."""
        chosen: list[tuple[float, float]] = []
        for chance in TICKS:
            x = self.x(math.log(chance / (1 - chance)))
            if BARS[0] <= x <= BARS[1] and (not chosen or x - chosen[-1][1] >= 46):
                chosen.append((chance, x))
        return chosen


def waterfall_svg(score: Plain, most: int = 8, words: Language | None = None) -> str:
    """The picture of one score; the reasons after the `most` strongest are one bar. A closed lead has a head only."""
    words = words or language()
    body = [*_head(score, words)]
    height = 132
    if score["log_odds"] is not None:
        path = steps(score, most, words)
        axis = Axis.of([float(score["base"]), float(score["log_odds"]), *(step.end for step in path)])
        rows = [*_rows(score, path, axis, words)]
        bottom = height + ROW * (len(path) + 2)
        body += [*_grid(axis, height, bottom, words), *rows, *_legend(bottom, words)]
        height = bottom + 62
    title = escape(words.text("Score of lead {lead} with its reasons", lead=line(score["lead_id"])))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            f'role="img" font-family="{FONT}">',
            f"<title>{title}</title>",
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10" fill="#ffffff" stroke="{LINE}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _text(x: float, y: float, words: str, size: int = 14, **look: Any) -> str:
    attributes = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in look.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{attributes}>{escape(words)}</text>'


def _head(score: Plain, words: Language) -> Iterator[str]:
    yield _text(
        LEFT, 50, cut(words.text("Lead {lead}", lead=line(score["lead_id"])), 36), 22, font_weight=600, fill=INK
    )
    model = words.text("model {version}", version=line(score["model_version"]))
    yield _text(LEFT, 74, f"{line(score['as_of'])[:10]} · {model}", 13, fill=SOFT)
    x = float(LEFT)
    for said in standing(score, words):
        wide = 7.2 * len(said) + 20
        yield f'<rect x="{x:.1f}" y="88" width="{wide:.1f}" height="24" rx="12" fill="{FAINT}"/>'
        yield _text(x + wide / 2, 104.5, said, 13, fill=INK, text_anchor="middle")
        x += wide + 8
    edge = WIDTH - RIGHT
    if score["log_odds"] is None:
        yield _text(edge, 62, words.text(CLOSED), 18, fill=SOFT, text_anchor="end")
        return
    tint = GRADES.get(str(score["grade"]), NEUTRAL)
    yield f'<rect x="{edge - 56}" y="32" width="56" height="56" rx="12" fill="{tint}"/>'
    yield _text(edge - 28, 72, str(score["grade"]), 32, font_weight=700, fill="#ffffff", text_anchor="middle")
    yield _text(edge - 76, 72, words.percent(score["probability"]), 40, font_weight=700, fill=INK, text_anchor="end")
    rank = [] if score["score"] is None else [words.text("score {score} of 100", score=score["score"])]
    what = " · ".join([words.text("probability of converting"), *rank])
    yield _text(edge, 108, what, 13, fill=SOFT, text_anchor="end")


def _grid(axis: Axis, top: float, bottom: float, words: Language) -> Iterator[str]:
    for chance, x in axis.ticks():
        yield f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="{FAINT}"/>'
        label = words.text("{n} %", n=words.number(round(100 * chance, 1)))
        yield _text(x, bottom + 18, label, 12, fill=SOFT, text_anchor="middle")


def _rows(score: Plain, path: Sequence[Step], axis: Axis, words: Language) -> Iterator[str]:
    base, total = float(score["base"]), float(score["log_odds"])
    top = 132.0
    yield from _labels(top, words.text("Base"), words.text(BASE), words.text("share"))
    yield from _dot(axis.x(base), top, words.percent((1 + math.tanh(base / 2)) / 2), INK)
    for step in path:
        yield _link(axis.x(step.start), top)
        top += ROW
        yield from _labels(top, step.label, step.evidence, words.text("{n} %", n=f"{step.points:.0f}"))
        yield from _bar(step, axis, top, words)
    yield _link(axis.x(total), top)
    top += ROW
    yield f'<line x1="{LEFT}" y1="{top}" x2="{WIDTH - RIGHT}" y2="{top}" stroke="{LINE}"/>'
    sum_ = words.text("base and reasons add up to log-odds of {total}", total=signed(total, words))
    yield from _labels(top, words.text("This lead"), sum_, "")
    yield from _dot(axis.x(total), top, words.percent(score["probability"]), INK)


def _labels(top: float, label: str, evidence: str, share: str) -> Iterator[str]:
    lines = wrapped(evidence, TEXT)
    if len(lines) > 2:
        lines = [lines[0], cut(" ".join(lines[1:]), TEXT)]
    first = top + ROW / 2 + (5 if not lines else -3 if len(lines) == 1 else -9)
    yield _text(LEFT, first, cut(label, 44), 14, font_weight=600, fill=INK)
    for place, words in enumerate(lines):
        yield _text(LEFT, first + 17 + 15 * place, words, 12, fill=SOFT)
    if share:
        yield _text(WIDTH - RIGHT, top + ROW / 2 + 5, share, 13, fill=SOFT, text_anchor="end")


def _bar(step: Step, axis: Axis, top: float, words: Language) -> Iterator[str]:
    low, high = sorted((axis.x(step.start), axis.x(step.end)))
    y = top + (ROW - THICK) / 2
    tint = TINTS[step.sign]
    yield f'<rect x="{low:.1f}" y="{y:.1f}" width="{max(high - low, 1.5):.1f}" height="{THICK}" rx="2" fill="{tint}"/>'
    beside, anchor = (low - 6, "end") if step.sign == "-" else (high + 6, "start")
    yield _text(
        beside, y + 15, signed(step.end - step.start, words), 13, font_weight=600, fill=tint, text_anchor=anchor
    )


def _dot(x: float, top: float, words: str, tint: str) -> Iterator[str]:
    yield f'<circle cx="{x:.1f}" cy="{top + ROW / 2:.1f}" r="6" fill="{tint}"/>'
    yield _text(x + 12, top + ROW / 2 + 5, words, 14, font_weight=700, fill=tint)


def _link(x: float, top: float) -> str:
    """The thin line from one bar's end to the next one's start."""
    y1, y2 = top + (ROW + THICK) / 2, top + ROW + (ROW - THICK) / 2
    return f'<line x1="{x:.1f}" y1="{y1:.1f}" x2="{x:.1f}" y2="{y2:.1f}" stroke="{NEUTRAL}" stroke-dasharray="2 2"/>'


def _legend(bottom: float, words: Language) -> Iterator[str]:
    y = bottom + 44
    x = float(LEFT)
    for tint, said in ((FOR, words.text("speaks for the lead")), (AGAINST, words.text("speaks against it"))):
        yield f'<rect x="{x}" y="{y - 10}" width="11" height="11" rx="2" fill="{tint}"/>'
        yield _text(x + 17, y, said, 12, fill=SOFT)
        x += 150
    yield _text(BARS[0], y, words.text("probability, on the scale where reasons add up"), 12, fill=SOFT)
