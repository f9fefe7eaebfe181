"""The game behind the proof of reasons is the simulator's: taken apart by criterion, put together, fairly shared."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import permutations

import numpy as np
import pytest
import yaml

from benchmarks.proofs.reasons.against_truth import rank_correlation
from benchmarks.proofs.reasons.true_game import (
    FIELDS,
    PLAYERS,
    TERMS,
    Known,
    deals_apart,
    known,
    shapley,
    true_log_odds,
    true_values,
)
from benchmarks.proofs.reasons.worked_leads import WORKED, Worked
from pipeline.demo import world
from pipeline.demo.facts import INBOUND, OUTBOUND
from pipeline.demo.state import Profile, State
from pipeline.demo.truth import advance
from pipeline.demo.workspace import demo_workspace
from tests.demo.company import Demo


@pytest.fixture(scope="module")
def leads(demo: Demo) -> Known:
    """Sound leads of five Mondays in the third year."""
    spoilt = {*demo.planted["no_creation_time"]["ids"], *demo.planted["created_in_the_future"]["ids"]}
    pairs = [
        (name, world.MIDNIGHTS[day])
        for day, (rows, _) in list(demo.simulated.mondays.items())[120:145:5]
        for name in demo.people.lead["lead_id"][rows].tolist()
        if name not in spoilt
    ]
    ids, cutoffs = zip(*pairs, strict=True)
    return known(demo.folder, ids, np.array(cutoffs))


def test_the_terms_of_the_criteria_are_the_whole_profile(leads: Known) -> None:
    assert len(leads.day) > 20
    assert np.abs(leads.terms.sum(axis=1) - leads.profile.won).max() < 1e-5
    assert leads.terms[:, -2:].any()


def test_the_deals_of_an_account_are_read_off_their_sum_and_nothing_else_is() -> None:
    pairs = [(won, lost) for won in range(3) for lost in range(3)]
    terms = np.array([(world.ACCOUNT_WON * won, world.ACCOUNT_LOST * lost) for won, lost in pairs], dtype=np.float32)
    np.testing.assert_array_equal(deals_apart(terms.sum(axis=1)), terms)
    with pytest.raises(ValueError, match="holds more than"):
        deals_apart(np.array([0.45, 0.2], dtype=np.float32))


def test_every_field_of_the_state_is_one_criterions() -> None:
    named = [name for names in FIELDS.values() for name in names]
    assert sorted(named) == sorted(field.name for field in fields(State))
    criteria = {criterion["name"] for criterion in yaml.safe_load(demo_workspace())["criteria"]}
    assert {*TERMS, *FIELDS} <= {*criteria, "age"}


def test_a_lead_keeps_what_is_its_own_and_takes_the_rest(leads: Known) -> None:
    lead, other = leads.take(np.arange(5)), leads.take(np.arange(5, 10))
    all_, none = np.ones((5, len(PLAYERS)), dtype=np.bool_), np.zeros((5, len(PLAYERS)), dtype=np.bool_)
    for mixed, whole in ((lead.mixed(other, all_), lead), (lead.mixed(other, none), other)):
        for field in fields(Profile):
            found, expected = (getattr(of.profile, field.name) for of in (mixed, whole))
            np.testing.assert_allclose(found, expected, atol=1e-5)
        for field in fields(State):
            np.testing.assert_array_equal(getattr(mixed.state, field.name), getattr(whole.state, field.name))
    for place, player in enumerate(PLAYERS):
        only = none.copy()
        only[:, place] = True
        mixed = lead.mixed(other, only)
        pairs = {f.name: (getattr(mixed.state, f.name), getattr(other.state, f.name)) for f in fields(State)}
        changed = {name for name, (found, theirs) in pairs.items() if (found != theirs).any()}
        assert changed <= set(FIELDS.get(player, ()))
        assert (mixed.day == lead.day).all()


def test_shares_are_those_of_every_order() -> None:
    random = np.random.default_rng(1)
    weight, pair = random.normal(size=4), random.normal(size=(4, 4))
    x, b = random.normal(size=(3, 4)), random.normal(size=(2, 4))

    def game(z: np.ndarray) -> np.ndarray:
        return np.asarray(z @ weight + np.einsum("ni,ij,nj->n", z, pair, z))

    exact = np.zeros((3, 4))
    for lead in range(3):
        for other in range(2):
            for order in permutations(range(4)):
                z = b[other].copy()
                for player in order:
                    before = game(z[None])[0]
                    z[player] = x[lead, player]
                    exact[lead, player] += (game(z[None])[0] - before) / (2 * 24)
    found = shapley(lambda own, other, mine: game(np.where(mine, x[own], b[other])), 3, 2, 4, 4000, random)
    assert np.abs(found - exact).max() < 0.12 * np.abs(exact).max()
    few = shapley(lambda own, other, mine: game(np.where(mine, x[own], b[:1][other])), 3, 1, 4, 2, random)
    assert few.sum(axis=1) == pytest.approx(game(x) - game(b[:1]))


def test_the_log_odds_of_few_runs_are_right_on_average(leads: Known) -> None:
    lead = leads.take(np.zeros(1, dtype=np.intp))
    exact = advance(lead.profile, lead.state, int(lead.day[0]), 20_000).probability[0]
    many = leads.take(np.zeros(1500, dtype=np.intp))
    found = true_log_odds(many, 20, 5)
    assert found.mean() == pytest.approx(np.log(exact / (1 - exact)), abs=5 * found.std() / np.sqrt(1500) + 0.02)


def test_whoever_equals_the_background_has_no_value(leads: Known) -> None:
    lead = leads.take(np.zeros(1, dtype=np.intp))
    spread = [true_values(lead, lead, 4, 50, seed) for seed in (1, 2)]
    better = replace(lead, terms=lead.terms + np.eye(len(lead.terms[0]), dtype=np.float32)[:1] * 2)
    raised = true_values(better, lead, 4, 50, 3)
    assert np.abs(spread).max() < 0.7
    assert raised[0, 0] > 1


@pytest.mark.parametrize("lead", WORKED, ids=lambda lead: lead.name)
def test_a_worked_leads_state_is_what_its_facts_come_to(lead: Worked) -> None:
    def days(*kinds: str) -> list[int]:
        return [ago for kind, ago, _ in lead.facts if kind in kinds]

    def since(*kinds: str) -> int:
        return min(days(*kinds), default=world.NEVER_DAYS)

    expected = {
        "visits": sum(1 << (ago - 1) for ago in set(days("page_view"))),
        "prices": sum(1 << (ago - 1) for _, ago, texts in lead.facts if texts.get("page", "").startswith("/pricing")),
        "downloads": len(days("download")),
        "demos": len(days("demo_request")),
        "since_demo": since("demo_request"),
        "since_inbound": since(*INBOUND),
        "since_outbound": since(*OUTBOUND),
        "unanswered": sum(ago < since(*INBOUND) for ago in days(*OUTBOUND)),
    }
    plain = State.new(1)
    for name, value in expected.items():
        assert lead.state.get(name, int(getattr(plain, name)[0])) == value, name
    assert lead.state.keys() <= expected.keys()
    assert max(ago for _, ago, _ in lead.facts) <= lead.age


def test_a_rank_correlation_knows_order_ties_and_its_own_uncertainty() -> None:
    random = np.random.default_rng(2)
    a = np.abs(random.normal(size=(60, 6))) * np.array([6, 5, 4, 3, 2, 1])
    group = np.arange(60) // 2
    assert rank_correlation(a, 10 * a**1.0, group, random, 5)[0] == pytest.approx(1)
    value, low, high = rank_correlation(a, 1 / (a.mean(axis=0) * np.ones_like(a)), group, random, 200)
    assert value == pytest.approx(-1)
    assert -1 - 1e-9 <= low <= high < 0
    tied = np.array([[1.0, 1.0, 2.0]])
    assert rank_correlation(tied, np.array([[1.0, 2.0, 3.0]]), np.zeros(1, dtype=np.int64), random, 5)[0] < 1
