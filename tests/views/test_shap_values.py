"""shap draws our numbers: at every level they add up to what the model says, and words are words."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pipeline.reasons.explain import add_up, by_family
from pipeline.tables.columns import Texts
from pipeline.views.shap_values import LEVELS, explanation, score_explanation
from pipeline.workflow.explained import Explained
from tests.learning.small import bundle, measures


@pytest.fixture(scope="module")
def explained() -> Explained:
    """300 made-up observations, explained by a small model with a prior, categories and missing values."""
    own, X = bundle(), measures(300, seed=5)
    base, parts = own.model.contributions(X)
    return Explained(
        bundle=own,
        tested=True,
        lead_id=Texts.of([f"L{row // 2}" for row in range(300)]),
        cutoff=np.arange(300, dtype=np.int64),
        label=(np.arange(300) % 7 == 0).astype(np.int8),
        group=np.arange(300, dtype=np.int64) // 2,
        X=X,
        base=base,
        measures=parts,
        criteria=add_up(parts, own.definition.criterion_of, len(own.definition.criteria)),
    )


@pytest.mark.parametrize("level", LEVELS)
def test_base_and_values_add_up_to_what_the_model_says(explained: Explained, level: str) -> None:
    found = explanation(explained, level)
    assert np.abs(found.base_values + found.values.sum(axis=1) - explained.log_odds).max() < 1e-9
    assert found.values.shape == found.data.shape == found.display_data.shape
    assert len(set(found.feature_names)) == found.values.shape[1]


def test_each_level_holds_our_own_numbers(explained: Explained) -> None:
    assert np.array_equal(explanation(explained, "measure").values, explained.measures)
    assert np.array_equal(explanation(explained, "criterion").values, explained.criteria)
    sums = by_family(explained.criteria, explained.bundle.definition.criteria)
    found = explanation(explained, "family")
    assert [name.lower() for name in found.feature_names] == list(sums)
    assert np.array_equal(found.values, np.column_stack([*sums.values()]))


def test_people_read_words_for_codes(explained: Explained) -> None:
    found = explanation(explained, "criterion")
    column = found.display_data[:, found.feature_names.index("Sector")].tolist()
    assert set(column) == {"food", "métal", "retail", "other", "unknown"}
    codes = explained.X[:, 2]
    assert [word for word, code in zip(column, codes, strict=True) if code == 1] == ["métal"] * int((codes == 1).sum())
    assert [word == "unknown" for word in column] == np.isnan(codes).tolist()


def test_numbers_stay_numbers_so_that_shap_takes_them_for_none_of_its_categories(explained: Explained) -> None:
    found = explanation(explained, "measure")
    numeric = [place for place in range(found.values.shape[1]) if place not in explained.bundle.definition.categorical]
    assert numeric
    for place in numeric:
        assert np.array_equal(found.display_data[:, place].astype(float), explained.X[:, place], equal_nan=True)
    (words,) = explained.bundle.definition.categorical
    unknown = np.isnan(explained.X[:, words])
    assert set(found.data[unknown, words].tolist()) == {4.0}
    assert np.array_equal(found.data[~unknown, words], explained.X[~unknown, words])


def test_a_family_tells_how_much_is_known(explained: Explained) -> None:
    found = explanation(explained, "family")
    place = found.feature_names.index("Demographics")
    assert set(found.display_data[:, place].tolist()) == {"0 of 1 known", "1 of 1 known"}


def test_another_level_is_refused_with_those_there_are(explained: Explained) -> None:
    with pytest.raises(ValueError, match="'lead' is no level of explanation; expected one of measure,"):
        explanation(explained, "lead")


def test_one_score_has_its_reasons_beside_their_evidence() -> None:
    reasons = [
        {"label": "Calls", "contribution": 0.5, "evidence": "calls: 2", "points": 60.0},
        {"label": "Calls", "contribution": -0.25, "evidence": "x" * 90, "points": 40.0},
    ]
    found = score_explanation({"lead_id": "L1", "log_odds": -0.75, "base": -1.0, "reasons": reasons})
    assert found.base_values + found.values.sum() == -0.75
    assert found.feature_names == ["Calls", "Calls (2)"]
    assert found.display_data.tolist() == ["2", "x" * 43 + "…"]


def test_a_closed_lead_has_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="L1 is closed"):
        score_explanation({"lead_id": "L1", "log_odds": None})


PLOTS: dict[str, Callable[[ModuleType, Any], object]] = {
    "waterfall": lambda shap, found: shap.plots.waterfall(found[0], show=False),
    "beeswarm": lambda shap, found: shap.plots.beeswarm(found, show=False),
    "bar": lambda shap, found: shap.plots.bar(found, show=False),
    "scatter": lambda shap, found: shap.plots.scatter(found[:, 0], color=found, show=False),
    "heatmap": lambda shap, found: shap.plots.heatmap(found[:80], show=False),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("plot", PLOTS)
def test_every_plot_of_shap_draws(
    explained: Explained, plot: str, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    found = explanation(explained, level)
    with warnings.catch_warnings(action="ignore", category=PendingDeprecationWarning):
        import shap

        PLOTS[plot](shap, found)
    figure = plt.gcf()
    assert any(axes.has_data() for axes in figure.axes)
    figure.canvas.draw()
    assert [record.getMessage() for record in caplog.records] == []
    plt.close("all")
