from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reasons.language import language
from pipeline.reasons.scores import score
from pipeline.views.picture import WIDTH, waterfall_svg
from pipeline.views.waterfall import AGAINST, FOR, NARROWEST, cells, steps, waterfall
from tests.reasons.crm import NOW, bundle, crowd, deal, fact, history, lead

PEOPLE = history(
    [lead("L-417", 12, sector="retail", size="200+"), lead("L-418")],
    [fact("L-417", "demo_request", 1.5), fact("L-417", "demo_request", 3)],
    [deal("L-418", "lost", 2)],
)
OPEN, CLOSED = (each.to_json() for each in score(bundle(), PEOPLE, NOW))
SCORES = [each.to_json() for each in score(bundle(), crowd(), NOW)]

PICTURE = """\
Lead a
2026-06-30T00:00:00Z · model 2026-06-30-1a2b3c4d
probability 23 % · grade A · score 97 of 100 · stage qualified
· action call

                                                         share
  Base                 ┃                           −3.00
    before anything is known of this lead
+ Demo requests        ████████████████████████    +2.00  67 %
    2 demo requests in the last 7 days, the latest yesterday
- Sector                                ▒▒▒▒▒▒▒    −0.60  20 %
    retail
+ Calls                                 █████      +0.40  13 %
    5 attempts unanswered
  Hour of creation                           │      0.00   0 %
    created at 14 h
  Log-odds                                   ┃     −1.20
  Probability                                         23 %
! An example."""


def example(**changes: Any) -> dict[str, Any]:
    reasons = [
        ("Demo requests", 2.0, "2 demo requests in the last 7 days, the latest yesterday"),
        ("Sector", -0.6, "sector: retail"),
        ("Calls", 0.4, "5 attempts unanswered"),
        ("Hour of creation", 0.0, "created at 14 h"),
    ]
    return {
        "lead_id": "a",
        "as_of": "2026-06-30T00:00:00Z",
        "probability": 0.2315,
        "log_odds": -1.2,
        "score": 97,
        "grade": "A",
        "stage": "qualified",
        "action": "call",
        "base": -3.0,
        "reasons": [
            {"label": label, "contribution": c, "points": 100 * abs(c) / 3, "evidence": evidence}
            for label, c, evidence in reasons
        ],
        "model_version": "2026-06-30-1a2b3c4d",
        "warnings": ["An example."],
    } | changes


def test_a_waterfall_looks_like_this() -> None:
    assert waterfall(example(), 62) == PICTURE


@pytest.mark.parametrize("width", [0, NARROWEST, 80, 139, 140, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for each in SCORES:
        assert max(map(cells, waterfall(each, width).split("\n"))) <= max(width, NARROWEST)


@pytest.mark.parametrize("width", [NARROWEST, 80, 160])
def test_it_starts_at_the_base_and_ends_with_log_odds_and_probability(width: int) -> None:
    for each in SCORES:
        if each["log_odds"] is not None:
            lines = [line[2:] for line in waterfall(each, width).split("\n") if line[:2] in ("  ", "+ ", "- ")]
            names = [line.split(" ")[0] for line in lines if line[:1].strip()]
            assert names[0] == "Base"
            assert [name for name in names if name in ("Log-odds", "Probability")] == ["Log-odds", "Probability"]


def test_steps_go_from_the_base_to_the_log_odds_however_many_are_shown() -> None:
    for each in SCORES:
        if each["log_odds"] is not None:
            for most in (None, 1, 4, 100):
                path = steps(each, most)
                assert path[0].start == each["base"]
                assert path[-1].end == pytest.approx(each["log_odds"], abs=1e-9)
                assert sum(step.points for step in path) == pytest.approx(100)
                assert len(path) == (len(each["reasons"]) if most in (None, 100) else most + 1)


def test_every_reason_shows_sign_label_points_and_evidence() -> None:
    drawn = waterfall(OPEN, 260)
    for reason in OPEN["reasons"]:
        (line,) = (line for line in drawn.split("\n") if line[2:].startswith(reason["label"]))
        assert line[0] == reason["sign"].replace("0", " ")
        assert f"{reason['points']:.0f} %" in line
        assert reason["evidence"].removeprefix(f"{reason['label'].lower()}: ") in line


def test_without_colour_signs_and_patterns_still_tell_for_from_against() -> None:
    drawn = waterfall(example(), 80)
    assert "\033" not in drawn
    assert FOR in drawn
    assert AGAINST in drawn
    assert "\033" in waterfall(example(), 80, colour=True)


def test_a_closed_lead_has_a_head_and_its_warning() -> None:
    drawn = waterfall(CLOSED)
    assert "closed: not scored · stage contact · action nurture" in drawn
    assert "! The lead is closed" in drawn
    assert "Base" not in drawn


def test_a_text_of_the_data_cannot_command_the_terminal() -> None:
    hostile = example(lead_id="\033[2Ja\nb", warnings=["\033[2J"])
    hostile["reasons"][0] |= {"label": "\x07bell", "evidence": "x\ry\u202ez"}
    drawn = waterfall(hostile)
    assert all(line.isprintable() for line in drawn.split("\n"))


@given(st.floats(-40, 40), st.lists(st.floats(-9, 9), max_size=6), st.integers(0, 200))
def test_any_score_can_be_drawn(base: float, contributions: list[float], width: int) -> None:
    reasons = [{"label": "x", "contribution": c, "points": 1.0, "evidence": "x: y"} for c in contributions]
    drawn = example(base=base, reasons=reasons, log_odds=base + sum(contributions))
    assert waterfall(drawn, width)
    ET.fromstring(waterfall_svg(drawn))


@pytest.mark.parametrize("each", [OPEN, CLOSED, example(lead_id="<&\"'\x00\ud800>")], ids=["open", "closed", "hostile"])
def test_the_picture_is_a_document_that_stands_alone(each: dict[str, Any]) -> None:
    picture = waterfall_svg(each)
    root = ET.fromstring(picture.encode())
    assert root.get("width") == str(WIDTH)
    assert "href" not in picture
    assert "url(" not in picture


def test_the_picture_stays_within_its_frame() -> None:
    for each in SCORES:
        root = ET.fromstring(waterfall_svg(each))
        height = float(root.get("height", 0))
        for shape in root.iter():
            x, y = float(shape.get("x", 0)), float(shape.get("y", 0))
            assert 0 <= x <= WIDTH
            assert 0 <= x + float(shape.get("width", 0)) <= WIDTH
            assert 0 <= y <= height


def test_the_picture_shows_every_reason_up_to_the_most() -> None:
    words = "".join(ET.fromstring(waterfall_svg(OPEN, most=3)).itertext())
    for reason in OPEN["reasons"][:3]:
        assert reason["label"] in words
    assert f"{len(OPEN['reasons']) - 3} other criteria" in words
    assert "This lead" in words


def test_a_score_in_french_is_drawn_in_french() -> None:
    french = language("fr")
    (plain,) = (each.to_json() for each in score(bundle(), PEOPLE, NOW, [0], language=french))
    drawn = waterfall(plain, 80, most=3, words=french)
    picture = "".join(ET.fromstring(waterfall_svg(plain, 3, french)).itertext())
    english = r"\b(lead|probability|stage|share|everything|else|other|score of|closed|model)\b"
    for shown in (drawn, picture):
        assert "étape\u202f: qualifié" in shown
        assert "Tout le reste" in shown
        assert "autres critères" in shown
        assert re.findall(english, shown, re.IGNORECASE) == []
    assert re.search(r"[+−]\d,\d\d", drawn)
    closed = waterfall(score(bundle(), PEOPLE, NOW, [1], language=french)[0].to_json(), words=french)
    assert "clos\u202f: sans score" in closed
