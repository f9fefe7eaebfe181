"""What changed of a lead, and what would matter, as lines for the terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.reasons.language import Language
from pipeline.reasons.wording import line
from pipeline.views.waterfall import BOLD, COLOURS, GREY, NARROWEST, PLAIN, pad, signed

Plain = Mapping[str, Any]


def changed_lines(plain: Plain, words: Language, width: int = 80, *, colour: bool = False, most: int | None = 5) -> str:
    """The split in three steps with their strongest parts, the rest of each as one line; they add up to the total."""
    width = max(width, NARROWEST)
    titles = {
        "time": words.text("Time passed"),
        "facts": words.text("New facts"),
        "model": words.text("Another model"),
    }
    lines = textwrap.wrap(line(plain["said"]), width)
    for step, title in titles.items():
        parts: list[Plain] = list(plain[step])
        if step == "model":
            if plain["before"]["model_version"] == plain["after"]["model_version"]:
                continue
            usual = {"label": words.text("what it takes for usual"), "contribution": plain["base"], "text": ""}
            parts.append(usual)
        lines += ["", *_step(title, parts, words, width, colour, most)]
    return "\n".join(lines)


def _step(
    title: str, parts: Sequence[Plain], words: Language, width: int, colour: bool, most: int | None
) -> Iterator[str]:
    label = min(40, width - 16)
    total = math.fsum(part["contribution"] for part in parts)
    yield _paint(BOLD, f"{pad(title, label + 2)} {signed(total, words):>7}", colour)
    for part in parts[:most]:
        sign = "+" if part["contribution"] > 0 else "-"
        yield _paint(
            COLOURS[sign], f"{sign} {pad(line(part['label']), label)} {signed(part['contribution'], words):>7}", colour
        )
        for words_ in textwrap.wrap(line(part["text"]), width - 4):
            yield f"    {_paint(GREY, words_, colour)}"
    rest = parts[most:] if most is not None else []
    if rest:
        amount = math.fsum(part["contribution"] for part in rest)
        everything = words.text("everything else")
        yield f"  {pad(everything, label)} {signed(amount, words):>7}"


def reach_lines(possible: Sequence[Plain], words: Language, width: int = 80, *, colour: bool = False) -> str:
    """What would matter: a sentence a fact, and what these sentences are not."""
    if not possible:
        return ""
    lines = [_paint(BOLD, words.text("What would matter"), colour)]
    for fact in possible:
        lines += textwrap.wrap(line(fact["text"]), width, initial_indent="+ ", subsequent_indent="  ")
    caveat = words.text("That is what the model has seen in other leads: no promise, and no cause.")
    lines += [_paint(GREY, part, colour) for part in textwrap.wrap(caveat, width)]
    return "\n".join(lines)


def _paint(code: str, text: str, colour: bool) -> str:
    return f"{code}{text}{PLAIN}" if colour and text.strip() else text
