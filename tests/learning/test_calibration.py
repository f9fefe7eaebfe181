"""The line is the likeliest one, stays near the identity on little, and has to earn its place on later folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from pipeline.learning import calibration
from pipeline.learning.calibration import IDENTITY, Line, OutOfFold, earned_line, fit_line, shrunk_line
from pipeline.tables.columns import Floats


def margins(rows: int = 2000, slope: float = 1.0, shift: tuple[float, ...] = (0.0,) * 4, seed: int = 0) -> OutOfFold:
    """Four folds, each with 100 cutoffs; the true log-odds are `slope` times the margin plus the fold's shift."""
    random = np.random.default_rng(seed)
    fold = np.sort(random.integers(1, 5, rows))
    margin = random.normal(-1.5, 1.2, rows)
    chance = 1 / (1 + np.exp(-(slope * margin + np.array(shift)[fold - 1])))
    label = (random.random(rows) < chance).astype(np.int8)
    return OutOfFold(fold, margin, label, fold * 100 + random.integers(0, 100, rows), np.arange(rows))


def likelihood(line: Floats, seen: OutOfFold, weight: float) -> float:
    eta = line[0] * seen.margin + line[1]
    return float(weight * (np.logaddexp(0, eta) - seen.label * eta).sum())


def test_a_line_is_the_minimum_that_a_general_solver_finds() -> None:
    seen, centre, ridge = margins(500, 0.6), -1.5, (30.0, 80.0)

    def penalised(line: Floats) -> float:
        tilt, shift = line[0] - 1, line[1] + (line[0] - 1) * centre
        return likelihood(line, seen, 0.5) + (ridge[0] * tilt**2 + ridge[1] * shift**2) / 2

    found = minimize(penalised, [1.0, 0.0], tol=1e-12).x
    weight = np.full(len(seen), 0.5)
    line = fit_line(seen.margin, seen.label * 0.5, weight, centre=centre, ridge=ridge)
    np.testing.assert_allclose([line.slope, line.intercept], found, atol=1e-5)


def test_a_line_with_a_given_slope_meets_the_number_won() -> None:
    seen = margins(300)
    line = fit_line(seen.margin, seen.label.astype(float), np.ones(300), free_slope=False, start=Line(0.7, 2.0))
    assert line.slope == pytest.approx(0.7)
    assert (1 / (1 + np.exp(-line(seen.margin)))).sum() == pytest.approx(seen.label.sum())


def test_a_search_that_cannot_end_says_so_with_missing_numbers() -> None:
    line = fit_line(np.array([-1.0, 1.0]), np.array([0.0, 1.0]), np.ones(2))
    assert np.isnan(line.slope)


def test_with_few_leads_the_line_stays_near_the_identity_and_with_many_it_follows_them() -> None:
    few, many = shrunk_line(margins(60, 0.5)), shrunk_line(margins(40_000, 0.5))
    assert abs(few.slope - 1) < 0.1
    assert many.slope == pytest.approx(0.5, abs=0.05)


def test_a_lead_counts_once_however_often_it_was_observed() -> None:
    seen = margins(400, 0.5)
    again = seen.take(np.sort(np.tile(np.arange(400), 5)))
    once, often = shrunk_line(seen), shrunk_line(again)
    assert often.slope == pytest.approx(once.slope)
    assert often.intercept == pytest.approx(once.intercept)


def test_folds_that_disagree_tell_less_of_the_next_one() -> None:
    same, different = margins(8000, shift=(0.5, 0.5, 0.5, 0.5)), margins(8000, shift=(-0.5, 1.5, 0.0, 1.0))
    level = float(same.margin.mean())
    steady, shaken = (line.slope * level + line.intercept - level for line in map(shrunk_line, (same, different)))
    assert steady > 0.4
    assert 0 < shaken < 0.15


def test_margins_that_rank_the_wrong_way_give_the_identity() -> None:
    assert shrunk_line(margins(40_000, slope=-1.0)) == IDENTITY


def test_a_calibration_that_helps_later_folds_earns_its_place() -> None:
    seen = margins(8000, 0.5)
    line, told = earned_line(seen, 10)
    assert line == shrunk_line(seen)
    assert line.slope < 0.7
    assert told.startswith("Calibrated with slope")


def test_a_calibration_that_hurts_later_folds_does_not() -> None:
    line, told = earned_line(margins(8000, shift=(1.5, 1.5, -1.5, -1.5)), 10)
    assert line == IDENTITY
    assert "did not earn its place" in told


def test_one_fold_cannot_judge() -> None:
    alone = margins(3000, 0.5)
    line, told = earned_line(alone.take(alone.fold == 1), 10)
    assert line == IDENTITY
    assert told == "No later fold could judge a calibration: the margins are used as they are."
    assert earned_line(OutOfFold.none(), 10)[0] == IDENTITY


@pytest.mark.parametrize("horizon", [None, 0, 30, 250])
def test_a_later_fold_is_judged_by_what_was_known_at_its_first_cutoff(
    horizon: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = margins(2000, 0.5)
    judged: list[tuple[int, int]] = []
    plain = shrunk_line

    def watched(earlier: OutOfFold) -> Line:
        judged.append((int(earlier.cutoff.max()), int(earlier.fold.max())))
        return plain(earlier)

    monkeypatch.setattr(calibration, "shrunk_line", watched)
    earned_line(seen, horizon)
    starts = {number: int(seen.cutoff[seen.fold == number].min()) for number in (2, 3, 4)}
    on_folds = judged[: len(starts)] if horizon != 250 else judged[:1]
    later = [number for number in (2, 3, 4) if horizon != 250 or number == 4]
    for number, (latest, fold) in zip(later, on_folds, strict=True):
        assert fold < number
        assert latest + (1 if horizon is None else horizon) <= starts[number]


def test_labels_of_the_future_change_no_judgement_of_a_fold() -> None:
    seen = margins(2000, 0.5)
    until_third = seen.take(seen.fold <= 3)
    changed = replace(seen, label=np.where(seen.fold == 4, 1 - seen.label, seen.label))
    assert earned_line(until_third, 10) == earned_line(changed.take(changed.fold <= 3), 10)
