"""Versions that never change, one pointer, a way back; and whatever instant a run is killed at, the champion stands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.champions import promotion
from pipeline.champions.promotion import (
    PromotionError,
    earlier_champions,
    install,
    promote,
    read_promotions,
    rollback,
    settle,
)
from pipeline.champions.verdict import Verdict
from pipeline.learning.bundle import TESTED, Bundle, BundleError, bundle_path, load_champion, read_champion
from pipeline.tables import files
from pipeline.tables.files import PARTIAL, BusyError, lock
from tests.learning.small import FIRST, NOW, SECOND, THIRD, bundle, installed


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Three versions stand, the first two have served, the second does."""
    installed(tmp_path, FIRST, SECOND, THIRD)
    promote(tmp_path, FIRST, "The first.", NOW)
    promote(tmp_path, SECOND, "Better.", NOW + 1)
    return tmp_path


def test_an_installed_version_holds_both_models(tmp_path: Path) -> None:
    folder = install(tmp_path, bundle(), bundle(card={"name": "tested"}))
    assert folder == bundle_path(tmp_path, FIRST)
    assert Bundle.load(folder).card == bundle().card
    assert Bundle.load(folder / TESTED).card == {"name": "tested"}


def test_installing_lets_nothing_serve(tmp_path: Path) -> None:
    installed(tmp_path, FIRST)
    assert read_champion(tmp_path) is None


def test_installing_the_same_again_changes_nothing(models: Path) -> None:
    before = bundle_path(models, FIRST).stat().st_mtime_ns
    installed(models, FIRST)
    assert bundle_path(models, FIRST).stat().st_mtime_ns == before


def test_a_version_never_changes(models: Path) -> None:
    with pytest.raises(PromotionError, match=rf"Version {FIRST} stands already, with another card\.json"):
        install(models, bundle(), bundle(card={"name": "other"}))
    assert Bundle.load(bundle_path(models, FIRST) / TESTED).card == bundle().card


def test_served_and_tested_are_of_one_version(tmp_path: Path) -> None:
    with pytest.raises(PromotionError, match=f"served bundle is version {FIRST}, the tested one {SECOND}"):
        install(tmp_path, bundle(FIRST), bundle(SECOND))


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    for name in (FIRST, SECOND):
        leftover = tmp_path / "bundles" / f".{name}{PARTIAL}"
        leftover.mkdir(parents=True)
        (leftover / "model.txt").write_text("half a tr")
    installed(tmp_path, FIRST)
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == [FIRST]


def test_a_promoted_version_serves(models: Path) -> None:
    assert promote(models, THIRD, "Better again.", NOW + 2).previous == SECOND
    assert load_champion(models).version == THIRD
    assert (models / "champion").read_text() == f"{THIRD}\n"


def test_a_version_that_serves_already_leaves_no_line(models: Path) -> None:
    assert "serves already" in promote(models, SECOND, "Again.", NOW + 2).reason
    assert len(read_promotions(models)) == 2


def test_a_version_that_is_not_whole_is_not_promoted(models: Path) -> None:
    (bundle_path(models, THIRD) / "model.txt").write_text("tree")
    with pytest.raises(BundleError, match=r"model\.txt is not the file that was written"):
        promote(models, THIRD, "Better.", NOW + 2)
    with pytest.raises(PromotionError, match=rf"is no registered version; these are: .*{SECOND}"):
        promote(models, "2026-07-31-00000004", "Better.", NOW + 2)
    assert read_champion(models) == SECOND
    assert len(read_promotions(models)) == 2


def test_promoting_mends_a_pointer_that_points_at_nothing(models: Path) -> None:
    (models / "champion").write_text("")
    promote(models, THIRD, "Mended.", NOW + 2)
    assert read_champion(models) == THIRD


def test_a_verdict_is_acted_on_and_noted_with_its_figures(models: Path) -> None:
    settle(models, THIRD, Verdict(False, "Held: too few.", {"won_leads": 7}), NOW + 2)
    assert read_champion(models) == SECOND
    settle(models, THIRD, Verdict(True, "Promoted: better.", {"won_leads": 70}), NOW + 3)
    assert read_champion(models) == THIRD
    held, won = read_promotions(models)[-2:]
    assert (held.action, held.version, held.previous, held.figures) == ("held", THIRD, SECOND, {"won_leads": 7})
    assert (won.action, won.version, won.previous, won.figures) == ("promoted", THIRD, SECOND, {"won_leads": 70})
    assert won.at == "2026-05-28T20:26:40.000003Z"


def test_a_reason_may_be_in_any_words(models: Path) -> None:
    said = "Meilleur\u2028à l'essai\n\x85"
    promote(models, THIRD, said, NOW + 2)
    assert read_promotions(models)[-1].reason == said


def test_rollback_goes_to_the_champion_before_and_says_so(models: Path) -> None:
    entry = rollback(models, "Sales complain.", NOW + 2)
    assert read_champion(models) == FIRST
    assert entry.reason == f"Rolled back from {SECOND} to {FIRST}: Sales complain."


def test_rolling_back_twice_goes_two_back(models: Path) -> None:
    promote(models, THIRD, "Better again.", NOW + 2)
    rollback(models, "Once.", NOW + 3)
    assert read_champion(models) == SECOND
    rollback(models, "Twice.", NOW + 4)
    assert read_champion(models) == FIRST
    with pytest.raises(PromotionError, match=f"no earlier champion to go back to: {FIRST} is the first that serves"):
        rollback(models, "Thrice.", NOW + 5)
    assert read_champion(models) == FIRST


def test_after_a_rollback_the_line_goes_on(models: Path) -> None:
    rollback(models, "Back.", NOW + 2)
    promote(models, THIRD, "On.", NOW + 3)
    assert earlier_champions(models) == [FIRST]


def test_a_version_held_is_no_earlier_champion(models: Path) -> None:
    settle(models, THIRD, Verdict(False, "Held."), NOW + 2)
    assert earlier_champions(models) == [FIRST]


def test_rollback_to_a_named_champion(models: Path) -> None:
    promote(models, THIRD, "Better again.", NOW + 2)
    rollback(models, "Far back.", NOW + 3, to=FIRST)
    assert read_champion(models) == FIRST
    assert earlier_champions(models) == []


def test_rollback_to_a_version_that_never_served(models: Path) -> None:
    entry = rollback(models, "The last one fits sales better.", NOW + 2, to=THIRD)
    assert read_champion(models) == THIRD
    assert (entry.action, entry.previous) == ("rolled back", SECOND)
    assert earlier_champions(models) == [FIRST], "what was rolled back from is no way back"
    rollback(models, "Back again.", NOW + 3)
    assert read_champion(models) == FIRST


def test_rollback_to_what_is_not_installed_or_serves_already_is_refused(models: Path) -> None:
    with pytest.raises(PromotionError, match=f"is no registered version; these are: {FIRST}, {SECOND}, {THIRD}"):
        rollback(models, "Try.", NOW + 2, to="2026-07-31-00000004")
    with pytest.raises(PromotionError, match=f"{SECOND} serves already"):
        rollback(models, "Try.", NOW + 2, to=SECOND)
    assert read_champion(models) == SECOND
    assert len(read_promotions(models)) == 2


def test_rollback_to_a_named_version_needs_no_earlier_champion(tmp_path: Path) -> None:
    installed(tmp_path, FIRST)
    rollback(tmp_path, "Something must serve.", NOW, to=FIRST)
    assert read_champion(tmp_path) == FIRST


def test_rollback_where_nothing_serves_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PromotionError, match="no earlier champion to go back to"):
        rollback(tmp_path, "Try.", NOW)


def test_rollback_to_a_version_that_is_gone_leaves_the_champion(models: Path) -> None:
    shutil.rmtree(bundle_path(models, FIRST))
    with pytest.raises(PromotionError, match=f"{SECOND} still serves: {FIRST} cannot serve again"):
        rollback(models, "Try.", NOW + 2)
    assert read_champion(models) == SECOND
    assert len(read_promotions(models)) == 2


def test_a_promotion_killed_before_the_pointer_moved_is_none(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotion, "replace_text", _killed_at(promotion.replace_text, "champion"))
    with pytest.raises(KeyboardInterrupt):
        promote(models, THIRD, "Cut short.", NOW + 2)
    monkeypatch.undo()
    assert read_champion(models) == SECOND
    assert [entry.version for entry in read_promotions(models)] == [FIRST, SECOND, THIRD]
    assert earlier_champions(models) == [FIRST]
    promote(models, THIRD, "Done again.", NOW + 3)
    assert earlier_champions(models) == [FIRST, SECOND]


def test_a_line_killed_half_way_leaves_the_history_as_it_was(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", _killed_at(os.replace, "promotions.jsonl"))
    with pytest.raises(KeyboardInterrupt):
        promote(models, THIRD, "Cut short.", NOW + 2)
    monkeypatch.undo()
    assert len(read_promotions(models)) == 2
    assert read_champion(models) == SECOND


def _killed_at(work: object, name: str) -> object:
    """The function, which does not return once a path of that name is among its arguments."""

    def call(*arguments: object) -> object:
        if any(isinstance(one, Path) and one.name == name for one in arguments):
            raise KeyboardInterrupt
        return work(*arguments)

    return call


@pytest.mark.parametrize("line", ["{", "[]", '{"at": "2026"}', ""])
def test_a_line_that_was_broken_by_hand_is_named(models: Path, line: str) -> None:
    path = models / "promotions.jsonl"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(PromotionError, match=r"promotions\.jsonl, line 3, is no line of the history"):
        read_promotions(models)


def test_the_history_is_one_json_object_a_line(models: Path) -> None:
    lines = (models / "promotions.jsonl").read_text().splitlines()
    assert [json.loads(line)["version"] for line in lines] == [FIRST, SECOND]


HOLDER = """
import sys, time
from pathlib import Path
from pipeline.tables.files import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_turned_away_until_the_first_is_killed(models: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(models)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=f"Another run \\(process {holder.pid}\\) is at work"):
            promote(models, THIRD, "Better.", NOW + 2)
        holder.kill()
    assert promote(models, THIRD, "Better.", NOW + 2).version == THIRD


def test_a_training_that_holds_the_lock_may_promote(models: Path) -> None:
    with lock(models):
        promote(models, THIRD, "Better.", NOW + 2)
        with pytest.raises(BusyError):
            _in_a_thread(lambda: promote(models, FIRST, "Meanwhile.", NOW + 3))
    assert not files._held


def _in_a_thread(work: object) -> None:
    """Run it there, and raise here what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


def test_a_card_of_another_training_makes_another_version(models: Path) -> None:
    newer = replace(bundle("2026-07-31-00000004"), card={"name": "newer"})
    install(models, newer, newer)
    assert Bundle.load(bundle_path(models, newer.version)).card == {"name": "newer"}
