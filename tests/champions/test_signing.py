"""Sign-offs stand beside the version, are kept in order, and name people in one file alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.champions import registry, signing
from pipeline.champions.promotion import PromotionError, promote
from pipeline.champions.signing import APPROVED, REJECTED, REMARKS, lacking, newest, sign, sign_offs
from pipeline.learning.bundle import Bundle, bundle_path
from tests.champions.test_registry import client, tell
from tests.learning.small import FIRST, NOW, SECOND, installed

NAME = "Camille Martin"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    installed(tmp_path, FIRST, SECOND)
    promote(tmp_path, FIRST, "The first.", NOW)
    return tmp_path


def test_a_sign_off_reads_back_as_it_was_given(models: Path) -> None:
    given = sign(models, FIRST, f" {NAME} ", REMARKS, "Students are few.", NOW)
    assert (given.reviewer, given.verdict, given.at[:4]) == (NAME, REMARKS, "2026")
    assert sign_offs(models, FIRST) == [given]


def test_the_bundle_is_still_whole(models: Path) -> None:
    sign(models, FIRST, NAME, APPROVED, "", NOW)
    assert Bundle.load(bundle_path(models, FIRST)).version == FIRST


def test_the_newest_review_counts_and_the_others_stay(models: Path) -> None:
    sign(models, FIRST, NAME, APPROVED, "", NOW)
    sign(models, FIRST, "Sacha Roy", REJECTED, "It leaks.", NOW + 1)
    assert [one.verdict for one in sign_offs(models, FIRST)] == [APPROVED, REJECTED]
    last = newest(models, FIRST)
    assert last is not None
    assert not last.approves


def test_a_review_is_of_one_version(models: Path) -> None:
    sign(models, FIRST, NAME, APPROVED, "", NOW)
    assert newest(models, SECOND) is None
    assert lacking(models, FIRST) is None
    assert lacking(models, SECOND) is not None


def test_what_is_lacking_says_how_to_give_it(models: Path) -> None:
    command = f"leadlight sign {SECOND} --verdict approved --reviewer NAME"
    assert command in str(lacking(models, SECOND))
    sign(models, SECOND, NAME, REJECTED, "It leaks.", NOW)
    assert "rejected on 2026-" in str(lacking(models, SECOND))
    assert command in str(lacking(models, SECOND))
    assert NAME not in str(lacking(models, SECOND))


@pytest.mark.parametrize(
    ("reviewer", "verdict", "notes", "said"),
    [
        ("", APPROVED, "", "needs the reviewer's name"),
        ("A\nB", APPROVED, "", "on one line"),
        (NAME, "fine", "", "'fine' is no verdict; expected one of approved, approved with remarks, rejected"),
        (NAME, REJECTED, " ", "needs notes"),
        (NAME, REMARKS, "", "needs notes"),
    ],
)
def test_an_incomplete_review_is_refused_and_leaves_nothing(
    models: Path, reviewer: str, verdict: str, notes: str, said: str
) -> None:
    with pytest.raises(PromotionError, match=said.replace("?", ".")):
        sign(models, FIRST, reviewer, verdict, notes, NOW)
    assert not (models / "signed").exists()


def test_what_is_not_registered_cannot_be_signed(models: Path) -> None:
    with pytest.raises(PromotionError, match="is no registered version"):
        sign(models, "2026-01-01-00000000", NAME, APPROVED, "", NOW)


@pytest.mark.parametrize("text", ["{}", '[{"version": 1}]', "half", '["a"]'])
def test_a_broken_file_is_named(models: Path, text: str) -> None:
    sign(models, FIRST, NAME, APPROVED, "", NOW)
    (models / "signed" / f"{FIRST}.json").write_text(text)
    with pytest.raises(PromotionError, match="Restore it from a backup"):
        sign_offs(models, FIRST)


def test_mlflow_is_told_the_verdict_and_no_name(told_nothing: Path) -> None:
    tell(told_nothing)
    sign(told_nothing, FIRST, NAME, REMARKS, "Students are few.", NOW)
    registry.tell_signed(told_nothing, FIRST)
    (known,) = client(told_nothing).search_model_versions(f"name = '{registry.NAME}'")
    assert known.tags["sign_off"] == REMARKS
    assert known.tags["sign_off_at"] == sign_offs(told_nothing, FIRST)[0].at
    assert NAME not in str(known) + str(client(told_nothing).get_run(known.run_id).data.tags)


def test_a_sign_off_needs_no_registry(models: Path) -> None:
    sign(models, FIRST, NAME, APPROVED, "", NOW)
    registry.tell_signed(models, FIRST)
    assert not (models / "mlflow.db").exists()


def test_a_full_stop_of_notes_ends_the_sentence(models: Path) -> None:
    assert signing.sign(models, FIRST, NAME, REMARKS, "Few students.", NOW).sentence == (
        f"Model {FIRST}: approved with remarks by {NAME} on 2026-05-28. Few students."
    )
