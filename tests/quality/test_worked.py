from __future__ import annotations

import numpy as np
import pytest

from pipeline.quality.worked import FEWEST, Cases, Worked, what_worked

STAGE, GRADE = 2, 1
DRAWS = 200


def cases(moved: np.ndarray, first: int = 0, stage: int = STAGE, grade: int = GRADE, of_account: int = 1) -> Cases:
    """Leads of one stage and grade, each looked at once; so many of them share an account."""
    size = len(moved)
    lead = np.arange(first, first + size)
    return Cases(lead, lead // of_account, np.full(size, stage), np.full(size, grade), moved)


def world(shares: list[float], base: float, seed: int, size: int = 300) -> list[Worked]:
    """Contents that are followed by a move as often as `shares` say, and leads without any, by chance."""
    random = np.random.default_rng(seed)
    moved = [random.random(size) < share for share in shares]
    exposed = cases(np.concatenate(moved))
    others = cases(random.random(4 * size) < base, first=10_000_000)
    content = np.repeat(np.arange(len(shares)), size)
    return what_worked(exposed, content, others, np.zeros((len(others), len(shares)), bool), STAGE, GRADE, DRAWS)


@pytest.mark.parametrize("seed", range(5))
def test_the_content_that_works_is_first_and_clear(seed: int) -> None:
    found = world([0.10, 0.10, 0.30, 0.10], 0.10, seed)
    assert [found[0].content, found[0].clear] == [2, True]
    assert found[0].share.low is not None and found[0].without.high is not None
    assert found[0].share.low > found[0].without.high


def test_contents_that_do_nothing_are_hardly_ever_clear() -> None:
    found = [one for seed in range(40) for one in world([0.15] * 5, 0.15, seed)]
    clear = sum(one.clear for one in found)
    assert len(found) == 200
    # One of the five in 1 world of 40 by the upper side of the level.
    assert clear <= 4
    overlap = [one.share.low <= one.without.high and one.without.low <= one.share.high for one in found]
    assert np.mean(overlap) >= 0.95


def test_intervals_hold_the_true_share_and_difference() -> None:
    found = [one for seed in range(60) for one in world([0.3], 0.1, 100 + seed, size=150)]
    for figure, truth in (("share", 0.3), ("without", 0.1), ("difference", 0.2)):
        inside = [getattr(one, figure).low <= truth <= getattr(one, figure).high for one in found]
        assert np.mean(inside) >= 0.87, figure


def test_leads_of_few_accounts_make_a_wider_interval() -> None:
    random = np.random.default_rng(3)
    fate = np.repeat(random.random(40) < 0.4, 10)
    others = cases(random.random(600) < 0.1, first=10_000_000)
    widths = []
    for of_account in (1, 10):
        exposed = cases(fate, of_account=of_account)
        one = what_worked(exposed, np.zeros(400, int), others, np.zeros((600, 1), bool), STAGE, GRADE, DRAWS)[0]
        assert one.share.low is not None and one.share.high is not None
        widths.append(one.share.high - one.share.low)
    assert widths[1] > 2 * widths[0]


def test_with_too_few_leads_of_a_grade_those_of_the_stage_are_asked_and_then_all() -> None:
    moved = np.arange(60) % 3 == 0
    others = cases(np.arange(200) % 5 == 0, first=1000)
    had, content = np.zeros((200, 1), bool), np.zeros(60, int)
    levels = [
        what_worked(cases(moved, stage=stage, grade=grade), content, others, had, STAGE, GRADE, DRAWS)
        for stage, grade in ((STAGE, GRADE), (STAGE, GRADE + 1), (STAGE - 1, GRADE))
    ]
    assert [found[0].level for found in levels] == ["grade", "stage", "all"]
    few = np.arange(FEWEST - 1) % 2 == 0
    assert what_worked(cases(few), content[: len(few)], others, had, STAGE, GRADE, DRAWS) == []


def test_who_had_the_content_lately_does_not_stand_for_those_without_it() -> None:
    exposed, content = cases(np.arange(100) % 2 == 0), np.zeros(100, int)
    others = cases(np.append(np.ones(50, bool), np.arange(100) % 10 == 0), first=1000)
    had = np.append(np.ones(50, bool), np.zeros(100, bool))[:, None]
    found = what_worked(exposed, content, others, had, STAGE, GRADE, DRAWS)[0]
    assert (found.share.value, found.without.value, found.leads) == (0.5, 0.1, 100)


def test_where_nobody_moved_nothing_is_said() -> None:
    none = np.zeros(100, bool)
    assert what_worked(cases(none), np.zeros(100, int), cases(none, 1000), none[:, None], STAGE, GRADE, DRAWS) == []
