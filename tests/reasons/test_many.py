"""What counts over many leads: sums that a loop finds too, intervals that hold the truth, turns that are there."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.definitions.criteria import Criterion
from pipeline.reasons.depends import Values
from pipeline.reasons.many import dependence, families, importance, importance_by, sides, turned
from pipeline.tables.columns import Floats

CRITERIA = (
    Criterion("sector", "demographics", attribute="sector"),
    Criterion("source", "acquisition", attribute="source", label={"en": "Where from", "fr": "Origine"}),
    Criterion("calls", "engagement", attribute="calls"),
    Criterion("visits", "behaviour", attribute="visits"),
)


def parts(seed: int = 1, rows: int = 400) -> Floats:
    return np.random.default_rng(seed).normal(size=(rows, 4)) * np.array([3.0, 2.0, 1.0, 0.5])


def pairs(rows: int = 400) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(rows, dtype=np.int64) // 2


def test_importance_is_the_mean_size_that_a_loop_finds() -> None:
    found = importance(parts(), CRITERIA, pairs(), draws=20)
    for row in found:
        place = [criterion.name for criterion in CRITERIA].index(row["criterion"])
        column = [abs(value) for value in parts()[:, place].tolist()]
        assert row["importance"]["value"] == pytest.approx(sum(column) / len(column), abs=1e-12)
        assert row["mean"]["value"] == pytest.approx(sum(parts()[:, place].tolist()) / len(column), abs=1e-12)


def test_the_largest_comes_first_and_shares_add_up() -> None:
    found = importance(parts(), CRITERIA, pairs())
    assert [row["criterion"] for row in found] == ["sector", "source", "calls", "visits"]
    assert sum(row["share"] for row in found) == pytest.approx(1.0, abs=1e-12)
    assert all(row["share_between"][0] < row["share"] < row["share_between"][1] for row in found)


def test_labels_are_the_workspaces_own_in_the_language_asked_for() -> None:
    found = importance(parts(), CRITERIA, pairs(), draws=0, language="fr")
    assert [row["label"] for row in found] == ["Sector", "Origine", "Calls", "Visits"]


def test_contributions_that_cancel_within_a_family_count_for_nothing_there() -> None:
    both = (CRITERIA[0], Criterion("size", "demographics", attribute="size"), CRITERIA[2])
    value = np.random.default_rng(2).normal(size=200)
    cancelling = np.column_stack([value, -value, 0.1 * value])
    found = families(cancelling, both, pairs(200), draws=0)
    assert [(row["family"], round(row["share"], 9)) for row in found] == [("engagement", 1.0), ("demographics", 0.0)]
    assert [row["side"] for row in sides(cancelling, both, pairs(200), draws=0)] == ["intent", "fit"]


def test_intervals_are_wider_where_groups_share_their_fate() -> None:
    shared = np.repeat(parts(rows=100), 4, axis=0)
    alone, together = (
        importance(shared, CRITERIA, group)[0]["importance"] for group in (np.arange(400), np.arange(400) // 4)
    )
    assert together["high"] - together["low"] > 1.5 * (alone["high"] - alone["low"])


def test_the_interval_of_importance_holds_the_truth() -> None:
    truth = np.sqrt(2 / np.pi) * 3
    held = 0
    for seed in range(60):
        figure = importance(parts(seed, 120), CRITERIA[:4], np.arange(120), draws=200)[0]["importance"]
        held += figure["low"] <= truth <= figure["high"]
    assert held >= 51


def test_without_observations_a_figure_says_why() -> None:
    found = importance(parts()[:0], CRITERIA, pairs(0))
    assert {row["importance"]["why"] for row in found} == {"there are no observations"}
    assert [row["share"] for row in found] == [None] * 4


def test_importance_within_a_segment_is_that_of_its_rows() -> None:
    words = ["web", None, "fair", "web"] * 100
    found = importance_by(parts(), CRITERIA, pairs(), words, draws=0)
    assert list(found) == ["web", "fair"]
    rows = [row for row, word in enumerate(words) if word == "fair"]
    assert found["fair"] == importance(parts()[rows], CRITERIA, pairs()[rows], draws=0)


def test_dependence_tells_the_medians_of_its_bins() -> None:
    values = np.arange(400.0)
    found = dependence(np.where(values < 200, -1.0, 2.0), values, pairs(), bins=4)
    assert [(point["from"], point["to"], point["n"]) for point in found["points"]] == [
        (0, 99, 100),
        (100, 199, 100),
        (200, 299, 100),
        (300, 399, 100),
    ]
    assert [point["contribution"]["value"] for point in found["points"]] == [-1.0, -1.0, 2.0, 2.0]
    assert found["direction"]["low"] > 0.5


def test_a_count_of_nothing_has_a_bin_of_its_own() -> None:
    values = np.array([0.0] * 300 + list(range(1, 101)))
    found = dependence(values, values, pairs(), bins=5, draws=0)
    assert (found["points"][0]["from"], found["points"][0]["to"]) == (0, 0)
    assert sum(point["n"] for point in found["points"]) == 400


def test_missing_values_are_told_apart() -> None:
    values = np.where(np.arange(400) % 4 == 0, np.nan, 1.0)
    found = dependence(np.where(np.isnan(values), -5.0, 1.0), values, pairs(), draws=50)
    assert (found["missing"]["n"], found["missing"]["contribution"]["value"]) == (100, -5.0)
    assert found["direction"]["why"] == "all values or all contributions are alike"


def test_words_are_told_by_how_frequent_they_are() -> None:
    words: Values = ["b", "a", "b", None] * 100
    found = dependence(np.array([1.0, 2.0, 1.0, 0.0] * 100), words, pairs(), draws=50)
    assert [(point["value"], point["contribution"]["value"]) for point in found["points"]] == [("b", 1.0), ("a", 2.0)]
    assert found["direction"] is None


def named(contributions: Floats) -> dict[str, Floats]:
    return {criterion.name: contributions[:, place] for place, criterion in enumerate(CRITERIA)}


def test_a_model_did_not_turn_from_itself() -> None:
    values = {"calls": parts()[:, 2]}
    assert turned(named(parts()), named(parts()), values, pairs()) == []


def test_a_share_that_grew_beyond_chance_is_told() -> None:
    now = parts() * np.array([1.0, 1.0, 3.0, 1.0])
    found = [row for row in turned(named(parts()), named(now), {}, pairs()) if row["criterion"] == "calls"]
    assert [row["what"] for row in found] == ["share"]
    assert found[0]["change"]["low"] > 0.02
    assert found[0]["now"]["value"] - found[0]["was"]["value"] == pytest.approx(found[0]["change"]["value"])


def test_a_number_that_speaks_the_other_way_is_told() -> None:
    value = parts()[:, 2]
    found = turned(named(parts()), named(parts() * np.array([1, 1, -1, 1])), {"calls": value}, pairs(), draws=400)
    assert [(row["criterion"], row["what"]) for row in found] == [("calls", "direction")]
    assert (found[0]["was"]["value"], found[0]["now"]["value"]) == (1.0, -1.0)


def test_a_category_that_speaks_the_other_way_is_told() -> None:
    words: Values = ["web", "fair"] * 200
    was = np.where(np.arange(400) % 2 == 0, 1.0, -0.5) + 0.01 * parts()[:, 0]
    now = np.where(np.arange(400) % 2 == 0, 1.0, 0.5) + 0.01 * parts()[:, 0]
    found = turned({"source": was}, {"source": now}, {"source": words}, pairs(), draws=400)
    assert [(row["what"], row["value"]) for row in found] == [("value", "fair")]


def test_noise_of_no_importance_turns_nothing() -> None:
    weak = parts() * np.array([1, 1, 1, 0.001])
    values = {"visits": weak[:, 3]}
    assert turned(named(weak), named(weak * np.array([1, 1, 1, -1])), values, pairs(), draws=400) == []
