"""Two models that explain alike are told from two that do not, by what people read: criteria and first reasons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from pipeline.champions.verdict import Verdict, gated
from pipeline.definitions.settings import Gates
from pipeline.quality.stability import Stability, explained_alike
from pipeline.tables.columns import Floats

NAMES = ("demo_requests", "sector", "source", "age", "page_views")
WON = Verdict(True, "Promoted: better beyond the interval.", {"won_leads": 80})


def parts(seed: int, rows: int = 300, weight: tuple[float, ...] = (5, 4, 3, 2, 1)) -> dict[str, Floats]:
    random = np.random.default_rng(seed)
    return {name: size * random.normal(size=rows) for name, size in zip(NAMES, weight, strict=True)}


def alike(a: dict[str, Floats], b: dict[str, Floats], rows: int = 300) -> Stability:
    return explained_alike(a, b, np.arange(rows) // 2, np.ones(rows, dtype=np.bool_))


def test_a_model_explains_as_itself() -> None:
    same = alike(parts(1), parts(1))
    assert (same.rank_correlation.value, same.rank_correlation.low, same.reasons_changed.value) == (1.0, 1.0, 0.0)


def test_the_rank_correlation_is_scipys() -> None:
    a, b = parts(1), parts(2, weight=(1, 4, 3, 5, 2))
    sizes = [[float(np.abs(side[name]).mean()) for name in NAMES] for side in (a, b)]
    found = alike(a, b).rank_correlation
    assert found.value == pytest.approx(spearmanr(*sizes).statistic)
    assert found.low is not None and found.high is not None and found.value is not None
    assert found.low <= found.value <= found.high


def test_the_first_three_reasons_are_compared_lead_by_lead() -> None:
    a = {name: np.full(4, size) for name, size in zip(NAMES, (5.0, -4.0, 3.0, 2.0, 1.0), strict=True)}
    b = {name: column.copy() for name, column in a.items()}
    b["sector"], b["demo_requests"] = np.full(4, 9.0), np.full(4, -3.5)  # another order and sign: the same three
    b["age"][0] = 3.2  # before source for the first lead alone
    found = explained_alike(a, b, np.arange(4), np.ones(4, dtype=np.bool_))
    assert (found.reasons_changed.value, found.leads) == (0.25, 4)


def test_a_lead_counts_once_by_its_newest_observation() -> None:
    a, b = ({"x": np.ones(4), "y": np.zeros(4), "z": np.zeros(4)} for _ in range(2))
    b["y"][0] = 2.0
    newest = np.array([False, True, True, True])
    assert explained_alike(a, b, np.arange(4), newest).reasons_changed.value == 0.0
    assert explained_alike(a, b, np.arange(4), ~newest).reasons_changed.value == 1.0


def test_criteria_are_matched_by_name_and_one_that_is_not_there_says_nothing() -> None:
    a = {"x": np.full(6, 3.0), "y": np.full(6, 2.0), "z": np.full(6, 1.0)}
    turned = dict(reversed(a.items()))
    assert alike(a, turned, 6).reasons_changed.value == 0.0
    renamed = {"other" if name == "x" else name: column for name, column in a.items()}
    found = alike(a, renamed, 6)
    assert found.reasons_changed.value == 1.0
    assert found.rank_correlation.value == pytest.approx(spearmanr([3, 2, 1, 0], [0, 2, 1, 3]).statistic)


def test_without_reasons_there_is_nothing_to_keep() -> None:
    silent = {name: np.zeros(300) for name in NAMES}
    found = alike(parts(1), silent)
    assert found.rank_correlation.value is None and found.reasons_changed.value is None
    assert "no reasons" in str(found.rank_correlation.why)
    assert gated(WON, found, Gates(rank_correlation=0.9, reasons_changed=0.1)).promote
    assert explained_alike({}, {}, np.empty(0, np.int64), np.empty(0, np.bool_)).sentence == ""


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        (Gates(rank_correlation=0.7), "Held by gates.rank_correlation asks for 0.7 or more, and it is "),
        (Gates(reasons_changed=0.5), "Held by gates.reasons_changed allows 0.5, and it is "),
    ],
)
def test_a_gate_holds_a_challenger_that_explains_otherwise(gates: Gates, said: str) -> None:
    other = alike(parts(1), parts(2, weight=(1, 2, 3, 4, 5)))
    held = gated(WON, other, gates)
    assert not held.promote
    assert held.reason.startswith(said)
    assert WON.reason in held.reason, "what would have been decided is said"
    assert held.figures["won_leads"] == 80
    assert held.figures["gates"]
    assert gated(WON, alike(parts(1), parts(1)), gates).promote, "one that explains alike passes"


def test_without_gates_the_figures_are_said_and_decide_nothing() -> None:
    other = alike(parts(1), parts(2, weight=(1, 2, 3, 4, 5)))
    for verdict in (WON, Verdict(False, "Held: not better beyond the interval.")):
        found = gated(verdict, other, Gates())
        assert found.promote == verdict.promote
        assert found.reason.startswith(verdict.reason)
        assert "of 300 leads" in found.reason
        assert set(found.figures["explanation"]) == {"rank_correlation", "reasons_changed", "leads"}
        assert "gates" not in found.figures


def test_a_gate_lets_pass_what_it_asks_for_exactly() -> None:
    other = alike(parts(1), parts(2, weight=(1, 2, 3, 4, 5)))
    order, changed = other.rank_correlation.value, other.reasons_changed.value
    assert order is not None and changed is not None
    assert gated(WON, other, Gates(rank_correlation=order, reasons_changed=changed)).promote


def test_the_share_changed_has_the_interval_of_its_groups() -> None:
    changed = alike(parts(1), parts(2)).reasons_changed
    assert changed.low is not None and changed.high is not None and changed.value is not None
    assert changed.low < changed.value < changed.high
    one_group = explained_alike(parts(1), parts(2), np.zeros(300, np.int64), np.ones(300, dtype=np.bool_))
    assert one_group.reasons_changed.low is None and one_group.rank_correlation.low is None
