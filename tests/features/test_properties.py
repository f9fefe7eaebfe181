"""What holds in every world: kernel = oracle, the future is invisible, a crowd or another order changes no bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given

from pipeline.features.attributes import recorded_attributes
from pipeline.features.measures import measure
from tests.draws import Draw, drawn, pick
from tests.histories import answer, criterion, exact, grouped, measures, plain_values, read
from tests.oracle import Oracle
from tests.variations import alone, another_future, crowded, shuffled
from tests.worlds import world as make
from tests.worlds import worlds

Plain = dict[str, Any]


@given(worlds)
def test_the_kernel_agrees_with_the_oracle_to_the_bit(world: Plain) -> None:
    oracle = Oracle(world)
    observations, set_aside = answer(world)
    assert set_aside == oracle.set_aside
    assert exact(observations) == exact(oracle.observations())


def futures(draw: Draw) -> tuple[Plain, int, Plain]:
    """A world, a cutoff of its leads, and the world with another future."""
    world = make(draw)
    oracle = Oracle(world)
    cutoffs = sorted({at for lead in oracle.leads for at in oracle.candidates(lead)})
    cutoff = pick(draw, cutoffs or [oracle.data_until])
    return world, cutoff, another_future(draw, world, cutoff)


@given(drawn(futures))
def test_the_future_is_invisible(told: tuple[Plain, int, Plain]) -> None:
    world, cutoff, other = told
    oracle = Oracle(world)
    leads = sorted(oracle.leads)
    now, later = read(world)[0], read(other)[0]
    recorded = recorded_attributes(now)
    pairs = [(lead, cutoff) for lead in leads]
    as_it_was = measures(world, now, pairs, recorded)
    as_it_will_be = measures(world, later, pairs, recorded)
    for lead, before, after in zip(leads, as_it_was, as_it_will_be, strict=True):
        old = told_by_old(oracle, lead, cutoff)
        assert exact({k: v for k, v in before.items() if k not in old}) == exact(
            {k: v for k, v in after.items() if k not in old}
        )


def told_by_old(oracle: Oracle, lead: str, cutoff: int) -> set[str]:
    """The attributes that rule 10 takes from the `old` of a change still to come."""
    seen = {change["attribute"] for change in oracle.changes if change["lead"] == lead and change["seen"] < cutoff}
    return {attribute for attribute, told in oracle.recorded().items() if told and attribute not in seen}


@given(drawn(lambda draw: (make(draw), make(draw))))
def test_a_lead_alone_and_in_a_crowd_has_the_same_bits(both: tuple[Plain, Plain]) -> None:
    world, other = both
    history, _ = read(world)
    recorded = recorded_attributes(history)
    pairs = [(one["lead"], one["cutoff"]) for one in Oracle(world).observations()]
    together = exact(measures(world, history, pairs, recorded))
    assert exact(measures(world, read(crowded(world, other))[0], pairs, recorded)) == together
    for pair, expected in list(zip(pairs, together, strict=True))[:4]:
        assert exact(measures(world, history, [pair], recorded)) == [expected]
        assert exact(measures(world, read(alone(world, pair[0]))[0], [pair], recorded)) == [expected]


@given(drawn(lambda draw: shuffled(draw, make(draw))))
def test_the_order_of_arrival_does_not_matter(orders: tuple[Plain, Plain]) -> None:
    world, arrived = orders
    assert exact(answer(arrived)) == exact(answer(world))


@given(worlds)
def test_measures_of_one_criterion_are_those_of_criteria_apart(world: Plain) -> None:
    history, _ = read(world)
    pairs = [(one["lead"], one["cutoff"]) for one in Oracle(world).observations()]
    rows = {lead: row for row, lead in enumerate(history.leads.id.values())}
    lead = np.array([rows[name] for name, _ in pairs], dtype=np.int64)
    cutoff = np.array([at for _, at in pairs], dtype=np.int64)
    criteria = [criterion(plain) for plain in world["measures"]]
    apart = measure(history, lead, cutoff, criteria, {})
    column_of = {(one.of, one.when, one.measures): one.columns[0] for one in criteria if one.measures}
    for one in grouped(criteria):
        together = measure(history, lead, cutoff, [one], {})
        for name, single in zip(one.columns, one.measures, strict=True):
            expected = apart[column_of[one.of, one.when, (single,)]]
            assert exact(plain_values(together[name])) == exact(plain_values(expected))
