"""Sign-offs: who looked at a model version, what they found, and whether it may serve.

They stand beside the bundles, in `models/signed/<version>.json`, oldest first. A version never changes, so a sign-off
never comes to stand for another model. Names of reviewers are in that file alone: MLflow is told verdict and time.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.champions.promotion import PromotionError
from pipeline.definitions.zones import iso
from pipeline.learning.bundle import Bundle, bundle_path, check_version
from pipeline.tables.files import lock, replace_text

APPROVED, REMARKS, REJECTED = "approved", "approved with remarks", "rejected"
VERDICTS = (APPROVED, REMARKS, REJECTED)
LONGEST_NAME, LONGEST_NOTES = 200, 20_000


@dataclass(frozen=True)
class SignOff:
    """One review of one version; `at` is ISO 8601 in UTC."""

    version: str
    reviewer: str
    verdict: str
    notes: str
    at: str

    @property
    def approves(self) -> bool:
        """Whether the version may serve as far as this reviewer is concerned."""
        return self.verdict != REJECTED

    @property
    def sentence(self) -> str:
        """For people.

        >>> SignOff("2026-06-30-1a2b3c4d", "R. Viewer", "approved", "", "2026-07-01T09:30:00Z").sentence
        'Model 2026-06-30-1a2b3c4d: approved by R. Viewer on 2026-07-01.'
        """
        said = f"Model {self.version}: {self.verdict} by {self.reviewer} on {self.at[:10]}."
        return f"{said} {self.notes}" if self.notes else said


def sign(models: Path, version: str, reviewer: str, verdict: str, notes: str, now: int) -> SignOff:
    """Record a review of an installed version; `now` is in microseconds. What was recorded before stays.

    PromotionError says what is wrong: no such version, no name, an unknown verdict, or remarks and rejections without
    a word of why. BundleError where the version is not whole.
    """
    given = SignOff(check_version(version), reviewer.strip(), verdict, notes.strip(), iso(now))
    wrong = _wrong(given)
    if wrong:
        raise PromotionError(wrong)
    folder = bundle_path(models, version)
    if not folder.is_dir():
        raise PromotionError(f"{version} is no registered version, so nobody can sign it off; train it first.")
    Bundle.load(folder)
    with lock(models):
        recorded = [*sign_offs(models, version), given]
        path = _path(models, version)
        path.parent.mkdir(exist_ok=True)
        text = json.dumps([asdict(one) for one in recorded], ensure_ascii=False, indent=1)
        replace_text(path, f"{text}\n")
    return given


def sign_offs(models: Path, version: str) -> list[SignOff]:
    """The reviews of a version, oldest first; PromotionError names a file that cannot be read."""
    path = _path(models, version)
    if not path.exists():
        return []
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        found = [SignOff(**plain) for plain in listed]
    except (ValueError, TypeError):
        listed = None
    if not isinstance(listed, list):
        raise PromotionError(f"{path} holds no list of sign-offs. Restore it from a backup, or remove it.")
    if any(one.version != version or one.verdict not in VERDICTS for one in found):
        raise PromotionError(f"{path} holds the sign-off of another version. Restore it from a backup, or remove it.")
    return found


def newest(models: Path, version: str) -> SignOff | None:
    """The review that counts: each replaces the one before; None where nobody signed."""
    found = sign_offs(models, version)
    return found[-1] if found else None


def lacking(models: Path, version: str) -> str | None:
    """Why a version may not be promoted where sign-offs are asked for, with the remedy; None where it may."""
    found = newest(models, version)
    if found is not None and found.approves:
        return None
    how = f"`leadlight sign {version} --verdict approved --reviewer NAME`"
    if found is None:
        return f"gates.sign_off asks for a sign-off, and nobody has signed {version}; review it, then {how}"
    return f"gates.sign_off asks for an approval, and {version} was rejected on {found.at[:10]}; after a review {how}"


def _wrong(given: SignOff) -> str | None:
    if not given.reviewer or "\n" in given.reviewer or len(given.reviewer) > LONGEST_NAME:
        return f"A sign-off needs the reviewer's name, on one line of at most {LONGEST_NAME} characters."
    if given.verdict not in VERDICTS:
        return f"{given.verdict!r} is no verdict; expected one of {', '.join(VERDICTS)}."
    if given.verdict != APPROVED and not given.notes:
        return f"A verdict of {given.verdict!r} needs notes: say what the remarks are."
    if len(given.notes) > LONGEST_NOTES:
        return f"The notes have {len(given.notes)} characters; {LONGEST_NOTES} are the most."
    return None


def _path(models: Path, version: str) -> Path:
    return models / "signed" / f"{check_version(version)}.json"
