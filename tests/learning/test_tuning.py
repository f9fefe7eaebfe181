"""The search for settings: the same each time, killed or not, and taken only where it earns its place."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.learning import tuning
from pipeline.learning.boosting import Growth
from pipeline.learning.estimator import DEFAULTS, LeadClassifier
from pipeline.learning.tuning import SPACE, Tuned, tune
from tests.learning.simulated import HORIZON, Simulated, simulate

WRONG = {"leaves": 63, "depth": 12, "learning_rate": 0.5, "l2": 0.0, "rows_per_leaf": 1, "trees": 30}
"""Settings that learn the noise by heart."""


@pytest.fixture(scope="module")
def seen() -> Simulated:
    return simulate(500, seed=1)


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> list[Growth]:
    """How trees were grown, in the order of the trials."""
    asked: list[Growth] = []
    search = tuning.search

    def told(growth: Growth, *rest: Any) -> Any:
        asked.append(growth)
        return search(growth, *rest)

    monkeypatch.setattr(tuning, "search", told)
    return asked


def tuned(
    seen: Simulated,
    journal: Path,
    trials: int = 6,
    key: str = "these rows",
    **parameters: Any,
) -> Tuned:
    settings = {"trees": 20} | parameters
    return tune(
        LeadClassifier(**settings),
        seen.X,
        seen.label,
        cutoff=seen.cutoff,
        horizon=HORIZON,
        lead=seen.lead,
        group=seen.lead,
        categorical=seen.categorical,
        trials=trials,
        journal=journal,
        key=key,
    )


def with_labels(seen: Simulated, label: Any) -> Simulated:
    return Simulated(seen.X, label, seen.truth, seen.cutoff, seen.lead, seen.categorical)


def test_the_settings_as_they_are_come_first_and_the_search_is_the_same_each_time(
    seen: Simulated, tmp_path: Path
) -> None:
    found = tuned(seen, tmp_path / "a.json")
    assert tuned(seen, tmp_path / "b.json") == found
    trials = json.loads((tmp_path / "a.json").read_text())["trials"]
    assert trials[0]["settings"] == {name: getattr(DEFAULTS, name) for name in SPACE}
    assert len({json.dumps(trial["settings"]) for trial in trials}) == 6
    assert tuned(seen, tmp_path / "c.json", seed=8).figures["best"] != found.figures["best"]


def test_every_trial_stays_in_the_space(seen: Simulated, tmp_path: Path) -> None:
    tuned(seen, tmp_path / "a.json", trials=15, trees=2)
    for trial in json.loads((tmp_path / "a.json").read_text())["trials"]:
        for name, span in SPACE.items():
            assert span.low <= trial["settings"][name] <= span.high
            assert isinstance(trial["settings"][name], int) == span.whole or name == "l2"


def test_a_killed_search_goes_on_and_ends_as_if_nothing_had_happened(
    seen: Simulated, tmp_path: Path, grown: list[Growth], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tuned(seen, tmp_path / "whole.json")
    written = (tmp_path / "whole.json").read_bytes()
    search, asked = tuning.search, len(grown)

    def killed(*arguments: Any) -> Any:
        if len(grown) - asked == 4:
            raise KeyboardInterrupt
        return search(*arguments)

    monkeypatch.setattr(tuning, "search", killed)
    with pytest.raises(KeyboardInterrupt):
        tuned(seen, tmp_path / "killed.json")
    monkeypatch.setattr(tuning, "search", search)
    assert len(json.loads((tmp_path / "killed.json").read_text())["trials"]) == 4
    asked = len(grown)
    assert tuned(seen, tmp_path / "killed.json") == whole
    assert (tmp_path / "killed.json").read_bytes() == written
    assert grown[asked:][:2] == grown[4:6], "the four trials that were there are not made again"


def test_a_longer_search_adds_to_a_shorter_one(seen: Simulated, tmp_path: Path, grown: list[Growth]) -> None:
    whole = tuned(seen, tmp_path / "long.json", trials=8)
    tuned(seen, tmp_path / "short.json", trials=5)
    asked = len(grown)
    assert tuned(seen, tmp_path / "short.json", trials=8) == whole
    judged = len(grown) - asked - 3
    assert 1 <= judged <= 5, "three trials more, and each fold's own again to judge the search"


def test_trials_on_other_rows_are_not_believed(seen: Simulated, tmp_path: Path) -> None:
    noise = with_labels(seen, np.random.default_rng(3).permutation(seen.label))
    fresh = tuned(noise, tmp_path / "fresh.json")
    tuned(seen, tmp_path / "a.json")
    assert tuned(noise, tmp_path / "a.json", key="other rows") == fresh


def test_what_learns_noise_by_heart_is_replaced(seen: Simulated, tmp_path: Path) -> None:
    found = tuned(seen, tmp_path / "a.json", trials=8, **WRONG)
    assert found.taken
    assert found.figures["difference"]["high"] < 0
    assert found.settings == found.figures["best"]
    assert found.figures["best_loss"] < found.figures["default_loss"]
    assert "so the best are taken" in found.sentence


def test_of_settings_that_are_all_alike_hardly_any_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = simulate(300, seed=4)
    random = np.random.default_rng(5)

    def alike(growth: Growth, trees: Any, X: Any, label: Any, folds: Any, *rest: Any) -> tuple[None, Any]:
        """Margins as good for any settings, and never the same."""
        own = np.random.default_rng(zlib.crc32(repr(growth).encode()))
        return None, -1.5 + 0.3 * own.normal(size=sum(len(fold.validate) for fold in folds))

    monkeypatch.setattr(tuning, "search", alike)
    found = []
    for number in range(40):
        label = (random.random(len(rows.label)) < 0.2).astype(np.int8)
        found.append(tuned(with_labels(rows, label), tmp_path / f"{number}.json", trials=10, seed=number))
    assert sum(each.taken for each in found) <= 3
    gains = [each.figures["best_loss"] - each.figures["default_loss"] for each in found]
    assert np.mean(gains) < -0.001, "the best of ten looks better than it is"
    apart = np.array([each.figures["difference"]["value"] for each in found])
    assert abs(apart.mean()) < 3 * apart.std() / np.sqrt(len(apart))


def test_the_search_is_judged_by_folds_that_did_not_choose() -> None:
    loss = np.array([[0.5, 0.5, 0.5], [0.1, 0.7, 0.7], [0.6, 0.3, 0.6]])
    size = np.array([10.0, 10.0, 10.0])
    assert tuning._chosen(loss, size) == [2, 1, 1]


def test_a_large_fold_says_more_than_a_small_one() -> None:
    loss = np.array([[0.5, 0.5, 0.5], [0.1, 0.6, 0.5]])
    assert tuning._chosen(loss, np.array([10.0, 10.0, 1.0]))[2] == 1
    assert tuning._chosen(loss, np.array([1.0, 10.0, 1.0]))[2] == 0


def test_too_few_won_leads_are_nothing_to_tune_on(tmp_path: Path) -> None:
    few = simulate(60, seed=2, level=-5.0)
    found = tuned(few, tmp_path / "a.json")
    assert (found.taken, found.figures["trials"]) == (False, 6)
    assert "trees need 30: there is nothing to tune" in found.sentence
    assert not (tmp_path / "a.json").exists()


def test_one_fold_cannot_tell_choice_from_luck(seen: Simulated, tmp_path: Path) -> None:
    order = np.argsort(seen.cutoff)[-1500:]
    short = Simulated(
        *(getattr(seen, name)[order] for name in ("X", "label", "truth", "cutoff", "lead")), seen.categorical
    )
    short = Simulated(short.X, short.label, short.truth, np.zeros_like(short.cutoff), short.lead, short.categorical)
    found = tuned(short, tmp_path / "a.json")
    assert not found.taken
    assert "takes two rolling folds with 20 won leads before each, and the training period has none" in found.sentence


def test_the_default_of_rows_a_leaf_is_lightgbms_own() -> None:
    assert LeadClassifier().growth().parameters()["min_data_in_leaf"] == 20
    assert LeadClassifier(rows_per_leaf=50).growth().rows_per_leaf == 50
