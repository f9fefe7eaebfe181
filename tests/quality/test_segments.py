"""Parts of the test are judged as the whole is: every observation in one part, small ones marked, off ones seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.settings import Segment
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.features.matrix import Definition
from pipeline.features.training_set import TrainingSet
from pipeline.learning.metrics import quality
from pipeline.learning.model import BASE_RATE, Model
from pipeline.quality.segments import MISSING, OTHERS, by_segment, column_of, parts
from tests.learning.simulated import DAY, HORIZON, simulate, training_set

SEEN = simulate(900, columns=7, seed=5, level=-2.0)
DEFINITION = Definition(
    (
        Criterion("demo_requests", "behaviour", attribute="demos"),
        Criterion("size", "demographics", attribute="company_size", values="bands"),
        Criterion("function", "demographics", attribute="job_title"),
        Criterion("rank", "demographics", attribute="job_title"),
        *TIMING,
    ),
    {"function": ("it", "hr", "legal"), "rank": tuple(f"r{number}" for number in range(40))},
    horizon=HORIZON,
)
ROWS = np.random.default_rng(8)


def example() -> TrainingSet:
    """Functions of three words, other and missing; forty ranks; four sizes."""
    rows = len(SEEN.label)
    X = np.array(SEEN.X)
    X[:, 1] = ROWS.choice([1.0, 11.0, 51.0, np.nan], rows)
    X[:, 2] = ROWS.choice([0.0, 1.0, 2.0, 3.0, np.nan], rows, p=[0.5, 0.3, 0.1, 0.05, 0.05])
    X[:, 3] = ROWS.integers(0, 40, rows)
    return replace(training_set(replace(SEEN, X=X)), definition=DEFINITION)


SET = example()
TEST = np.flatnonzero(SET.test)
MODEL = Model(None, base_margin=-1.0, kind=BASE_RATE)


@pytest.mark.parametrize(
    "segment",
    [
        Segment(column="function"),
        Segment(column="rank"),
        Segment(column="company_size"),
        Segment(column="size", bands=(11, 30)),
        Segment(column="demos", bands=(1,)),
        Segment(column="age"),
        Segment(column="age", bands=(3, 10)),
    ],
    ids=str,
)
def test_every_observation_of_the_test_is_in_one_part(segment: Segment) -> None:
    masks = np.array(list(parts(SET, TEST, segment).values()))
    assert (masks.sum(axis=0) == 1).all()


def test_words_come_by_frequency_then_the_others_then_the_missing() -> None:
    found = parts(SET, TEST, Segment(column="function"))
    assert list(found) == ["it", "hr", "legal", OTHERS, MISSING]
    assert found["it"].sum() == (SET.X[TEST, 2] == 0).sum()
    assert found[OTHERS].sum() == (SET.X[TEST, 2] == 3).sum()
    ranks = parts(SET, TEST, Segment(column="rank"))
    assert len(ranks) == 22, "the twenty most frequent, the others, the missing"
    assert ranks[OTHERS].sum() > 0


def test_bands_are_cut_where_the_workspace_says_and_else_at_their_own_bounds() -> None:
    assert list(parts(SET, TEST, Segment(column="size", bands=(11,)))) == ["under 11", "11 and more", MISSING]
    own = parts(SET, TEST, Segment(column="size"))
    assert list(own) == ["under 11", "11 to under 51", "51 and more", MISSING]
    assert own["11 to under 51"].sum() == (SET.X[TEST, 1] == 11).sum()


def test_age_is_cut_in_days() -> None:
    young = parts(SET, TEST, Segment(column="age", bands=(10,)))["under 10"]
    assert young.tolist() == (SET.cutoff[TEST] - SET.created_at[TEST] < 10 * DAY).tolist()


def test_a_group_has_the_figures_of_its_observations_alone() -> None:
    group = by_segment(SET, MODEL, [Segment(column="function")], draws=30)["function"]["hr"]
    here = TEST[SET.X[TEST, 2] == 1]
    assert (group["n"], group["won"]) == (len(here), SET.label[here].sum())
    loss = quality(SET.label[here], MODEL.probability(SET.X[here]), SET.group[here], draws=30)["log_loss"]
    assert group["log_loss"] == loss.to_json()
    assert group["mean_probability"]["value"] == pytest.approx(1 / (1 + np.e))
    assert group["excess"]["value"] == pytest.approx(1 / (1 + np.e) - group["base_rate"])


def test_a_group_that_is_promised_too_much_is_seen() -> None:
    bold = Model(None, base_margin=1.0, kind=BASE_RATE)
    group = by_segment(SET, bold, [Segment(column="function")], draws=100)["function"]["it"]
    assert group["excess"]["low"] > 0


def test_small_groups_are_marked_and_keep_their_figures() -> None:
    ranks = by_segment(SET, MODEL, [Segment(column="rank")], draws=10)["rank"]
    few = {value for value, group in ranks.items() if group["won_leads"] < 10}
    assert few and few < set(ranks)
    for value, group in ranks.items():
        assert (group["why"] is not None) == (value in few)
        assert group["log_loss"]["value"] is not None
    assert "too few to judge: " in next(group["why"] for value, group in ranks.items() if value in few)


def test_without_the_setting_nothing_is_judged() -> None:
    assert by_segment(SET, MODEL, []) == {}


@pytest.mark.parametrize(
    ("segment", "said"),
    [
        (Segment(column="channel"), r"called 'channel'; there are age, function, rank, and with bands demo_requests"),
        (Segment(column="job_title"), r"several columns; name one of them: function, rank"),
        (Segment(column="demo_requests"), r"it holds numbers; say where to cut them"),
        (Segment(column="function", bands=(1,)), r"its values are words and cannot be cut"),
    ],
    ids=str,
)
def test_a_segment_of_nothing_is_an_error_that_names_what_there_is(segment: Segment, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        parts(SET, TEST, segment)


def test_a_criterion_of_one_measure_has_one_column() -> None:
    measures = Criterion.from_json({"name": "calls", "when": {"kind": "call"}, "measures": ["count"]})
    assert column_of(replace(DEFINITION, criteria=(measures, *TIMING)), "calls") == 0
