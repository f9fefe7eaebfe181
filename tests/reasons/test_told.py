"""What changed and what would matter in words: figures that add up, evidence of both days, both languages."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from pipeline.definitions.spans import DAY
from pipeline.reasons.changed import changed
from pipeline.reasons.language import language
from pipeline.reasons.reach import reach
from pipeline.reasons.scored import Scorer
from pipeline.reasons.told import what_changed, within_reach
from tests.reasons import crm
from tests.reasons.crm import KINDS, NOW, bundle, crowd, deal, fact, history, lead

SINCE = NOW - 15 * DAY
CARD = {"base_rate": 0.12, "kinds": [*KINDS], "flows": {kind: flow for kind, flow in KINDS.items() if flow}}
OLD = [fact("a", "page_view", 30), fact("a", "demo_request", 20)]
NEW = [fact("a", "demo_request", 3), fact("a", "email_reply", 1)]


@pytest.fixture(params=["en", "fr"])
def told(request: pytest.FixtureRequest) -> dict[str, object]:
    later = bundle(version="2026-06-30-00000002", model=crm.model(8, 20, 1.3))
    found = changed((bundle(), later), history([lead("a", sector="food")], [*OLD, *NEW]), np.array([0]), SINCE, NOW)
    return what_changed(found, 0, language(request.param))


def test_the_parts_and_the_base_add_up_to_the_total(told: dict[str, object]) -> None:
    parts = [part["contribution"] for step in ("time", "facts", "model") for part in told[step]]
    assert math.fsum([*parts, told["base"]]) == pytest.approx(told["total"], abs=1e-9)
    assert told["after"]["log_odds"] - told["before"]["log_odds"] == pytest.approx(told["total"], abs=1e-12)


def test_a_part_says_what_was_and_what_is(told: dict[str, object]) -> None:
    (demo,) = [part for part in told["facts"] if part["criterion"] == "demo_requests"]
    assert re.search(r"; (before|avant)", demo["text"].replace("\u202f", ""))
    assert not re.search(r"nan|None|_7d|  ", demo["text"])


def test_the_sentence_has_both_probabilities_both_days_and_the_three_steps(told: dict[str, object]) -> None:
    said = str(told["said"])
    assert len(re.findall(r"\d+[.,]?\d*[ \u202f]%", said)) == 2
    assert len(re.findall(r"[+−]\d+[.,]\d\d", said)) == 3
    assert said.startswith(("From", "De"))


def test_what_would_matter_names_higher_probabilities_the_highest_first() -> None:
    scorer = Scorer(bundle(card=CARD), crowd(), NOW)
    scored = scorer.score(np.flatnonzero(scorer.ends.open))
    possible, named = reach(scorer, scored), 0
    for row, standing in enumerate(scored.probability.tolist()):
        found = within_reach(possible, scored, row, language("en"))
        chances = [one["probability"] for one in found]
        assert chances == sorted(chances, reverse=True)
        assert all(chance > standing for chance in chances)
        assert all("leads like this one convert at about" in one["text"] for one in found)
        named += len(found)
    assert named > len(scored.lead) / 2


def test_nothing_would_matter_to_a_closed_lead() -> None:
    scorer = Scorer(bundle(card=CARD), history([lead("a")], OLD, [deal("a", "lost", 2)]), NOW)
    scored = scorer.score(np.array([0]))
    assert within_reach(reach(scorer, scored), scored, 0, language("en")) == []
