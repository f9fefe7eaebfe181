"""The demo's true probabilities: nothing hidden moves a lead, and the story is the company's."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from pipeline.demo import world
from pipeline.demo.people import NOBODY, people
from pipeline.demo.simulate import LOST, WON, simulate
from pipeline.demo.state import Profile, State, profile
from pipeline.demo.truth import Truth, advance, corrected_log_loss, true_probability
from pipeline.demo.visible import read_crm, visible
from tests.demo.company import Demo


def _observed(demo: Demo) -> list[tuple[int, np.ndarray[Any, Any], State]]:
    """Every seventh Monday's open leads, without those whose creation was spoilt afterwards."""
    spoilt = {*demo.planted["no_creation_time"]["ids"], *demo.planted["created_in_the_future"]["ids"]}
    sound = np.array([name not in spoilt for name in demo.people.lead["lead_id"]])
    return [
        (day, rows[sound[rows]], state.take(np.flatnonzero(sound[rows])))
        for day, (rows, state) in list(demo.simulated.mondays.items())[5::7]
    ]


def test_what_the_simulator_carried_along_can_be_read_off_the_files(demo: Demo) -> None:
    crm = read_crm(demo.folder)
    seen = 0
    for day, rows, state in _observed(demo):
        ids = demo.people.lead["lead_id"][rows].tolist()
        _, found, days = visible(crm, ids, np.full(len(rows), world.MIDNIGHTS[day]))
        assert (days == day).all()
        for field in fields(State):
            np.testing.assert_array_equal(getattr(found, field.name), getattr(state, field.name), err_msg=field.name)
        seen += len(rows)
    assert seen > 300


def _profile_by_hand(demo: Demo, rows: np.ndarray[Any, Any]) -> Profile:
    """The profile with the account's deals counted from the simulation by plain loops."""
    who, end = demo.people, demo.simulated
    counts = {WON: [], LOST: []}
    for lead in rows.tolist():
        account = who.account[lead]
        for outcome, listed in counts.items():
            listed.append(
                sum(
                    account != NOBODY and who.account[other] == account and end.outcome[other] == outcome
                    and end.closed_day[other] < who.day[lead]
                    for other in range(len(who))
                )
            )  # fmt: skip
    return profile(who.attributes).take(rows).with_account(np.array(counts[WON]), np.array(counts[LOST]))


def test_the_truth_from_the_files_is_the_truth_from_the_simulators_own_state(demo: Demo) -> None:
    day, rows, state = _observed(demo)[10]
    ids = demo.people.lead["lead_id"][rows].tolist()
    found = true_probability(demo.folder, ids, np.full(len(rows), world.MIDNIGHTS[day]), runs=20)
    known = advance(_profile_by_hand(demo, rows), state, day, runs=20)
    np.testing.assert_array_equal(found.probability, known.probability)
    np.testing.assert_array_equal(found.variance, known.variance)


def test_a_cutoff_that_is_no_midnight_is_refused(demo: Demo) -> None:
    with pytest.raises(ValueError, match="is no midnight in Europe/Paris"):
        true_probability(demo.folder, ["L000001"], np.array([world.MIDNIGHTS[500] + 1]))


def test_the_truth_is_right_on_average() -> None:
    who = people(1500, np.random.default_rng(1))
    apart = replace(who, account=np.full(len(who), NOBODY))
    end = simulate(apart, np.random.default_rng(2), keep_states=True)
    known = profile(apart.attributes)
    expected, happened = 0.0, 0
    for day, (rows, state) in list(end.mondays.items())[6:-6:5]:
        expected += float(advance(known.take(rows), state, day, runs=10).probability.sum())
        happened += int(((end.outcome[rows] == WON) & (end.closed_day[rows] < day + world.HORIZON_DAYS)).sum())
    # Every fifth Monday's horizons hardly overlap, so the count is close to Poisson.
    assert abs(happened - expected) < 4 * np.sqrt(expected)


def _lead(title: str, sector: str, size: str, source: str) -> Profile:
    attributes = {"job_title": [title], "sector": [sector], "company_size": [size], "country": ["FR"]}
    return profile(attributes | {"source": [source], "campaign": [None]})


def _chance(known: Profile, **happened: int) -> float:
    """The true probability of a lead of ten days to whom nothing but this has happened."""
    state = State.new(1)
    given = {"age": 10} | happened
    told = replace(state, **{name: np.array([value], getattr(state, name).dtype) for name, value in given.items()})
    return float(advance(known, told, 700, runs=400).probability[0])


def test_the_truth_tells_the_companys_story() -> None:
    usual = 0.05
    buyer = _lead("Responsable achats", "manufacturing", "51-200", "referral")
    student = _lead("Étudiante en master", "education", "1000+", "content")
    asked = _chance(buyer, demos=1, since_demo=1, since_inbound=1, visits=1)
    assert asked > 6 * usual
    assert _chance(student, downloads=1, visits=1) < usual / 10
    ignored = _chance(buyer, unanswered=6, since_outbound=2)
    assert ignored < usual
    assert ignored < asked / 10


def test_estimates_corrected_for_their_noise_give_the_log_loss_of_exact_ones() -> None:
    random = np.random.default_rng(3)
    exact = random.beta(0.5, 8, size=200_000) * 0.9 + 0.002
    label = random.random(len(exact)) < exact
    loss = float(np.mean(-np.log(np.where(label, exact, 1 - exact))))
    runs = random.gamma(2.0, exact[:, None] / 2.0, size=(len(exact), 40))
    noisy = Truth(np.minimum(runs.mean(axis=1), 0.999), runs.var(axis=1, ddof=1) / 40)
    raw = corrected_log_loss(label, replace(noisy, variance=np.zeros(len(exact))))
    assert abs(corrected_log_loss(label, noisy) - loss) < abs(raw - loss) / 5


def test_few_runs_corrected_agree_with_many(demo: Demo) -> None:
    day, rows, state = _observed(demo)[12]
    known = _profile_by_hand(demo, rows)
    few, many = (advance(known, state, day, runs=runs, seed=runs) for runs in (60, 1500))
    assert (np.abs(few.probability - many.probability) < 6 * np.sqrt(few.variance + many.variance)).all()
    label = np.random.default_rng(8).random(len(rows)) < many.probability
    assert corrected_log_loss(label, few) == pytest.approx(corrected_log_loss(label, many), rel=0.03)
