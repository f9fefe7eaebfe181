"""What serves: versions put in their place, the champion's pointer, its history, and the way back.

The pointer is the only truth about what serves. Everything else is written before it moves, so a run killed anywhere
leaves the champion standing; a line of the history whose promotion was cut short is told by the next one's `previous`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.champions.verdict import Verdict
from pipeline.definitions.zones import iso
from pipeline.learning.bundle import (
    FILES,
    TESTED,
    Bundle,
    BundleError,
    bundle_path,
    champion_path,
    check_version,
    read_champion,
)
from pipeline.tables.files import arriving, lock, replace_text, sweep

PROMOTED, HELD, ROLLED_BACK = "promoted", "held", "rolled back"


class PromotionError(ValueError):
    """What was asked for cannot be done; the sentence says why and what can."""


@dataclass(frozen=True)
class Entry:
    """One line of the history. `previous` is what the pointer said just before; `at` is ISO 8601 in UTC."""

    at: str
    action: str
    version: str
    previous: str | None
    reason: str
    figures: Mapping[str, Any] = field(default_factory=dict)


def install(models: Path, served: Bundle, tested: Bundle) -> Path:
    """Put both bundles of a version in their place at once, and give the folder; the champion stays as it is.

    A version never changes: the same bytes are kept as they stand, other bytes under its name are PromotionError.
    """
    if served.version != tested.version:
        raise PromotionError(
            f"The served bundle is version {served.version}, the tested one {tested.version}: train again."
        )
    folder = bundle_path(models, served.version)
    with lock(models):
        folder.parent.mkdir(exist_ok=True)
        sweep(folder.parent)
        if not folder.exists():
            with arriving(folder) as partial:
                served.write(partial)
                (partial / TESTED).mkdir()
                tested.write(partial / TESTED)
        for bundle, place in ((served, folder), (tested, folder / TESTED)):
            changed = _first_changed(place, bundle)
            if changed:
                raise PromotionError(
                    f"Version {served.version} stands already, with another {changed}, and a version never changes. "
                    f"Train with another setting or newer data; or remove {folder} if it does not serve."
                )
    return folder


def settle(models: Path, version: str, verdict: Verdict, now: int) -> Entry:
    """Act on a verdict: promote the version, or note that it was held. `now` is in microseconds, as below."""
    if verdict.promote:
        return promote(models, version, verdict.reason, now, verdict.figures)
    with lock(models):
        entry = Entry(iso(now), HELD, check_version(version), _standing(models), verdict.reason, verdict.figures)
        _append(models, entry)
    return entry


def promote(models: Path, version: str, reason: str, now: int, figures: Mapping[str, Any] | None = None) -> Entry:
    """Let an installed version serve; nothing is written if it serves already.

    PromotionError where there is no such version, BundleError where it is not whole.
    """
    with lock(models):
        _refuse_unknown(models, version)
        Bundle.load(bundle_path(models, version))
        previous = _standing(models)
        if version == previous:
            return Entry(iso(now), PROMOTED, version, previous, "Nothing was changed: it serves already.")
        entry = Entry(iso(now), PROMOTED, version, previous, reason, figures or {})
        _point(models, entry)
    return entry


def rollback(models: Path, reason: str, now: int, to: str | None = None) -> Entry:
    """Let an earlier version serve again at once: the champion before, or any installed one that `to` names.

    PromotionError where there is none, where it serves already, or where it is not whole: then the champion stands.
    """
    with lock(models):
        standing, earlier = _standing(models), earlier_champions(models)
        left = standing or "no model"
        if to is not None:
            _refuse_unknown(models, to)
        elif not earlier:
            raise PromotionError(
                f"There is no earlier champion to go back to: {left} is the first that serves. "
                "Name any registered version with 'leadlight rollback --to VERSION'."
            )
        target = to or earlier[-1]
        if target == standing:
            raise PromotionError(f"{target} serves already; name another version to go back to.")
        try:
            Bundle.load(bundle_path(models, target))
        except BundleError as error:
            raise PromotionError(f"{left} still serves: {target} cannot serve again. {error}") from error
        entry = Entry(iso(now), ROLLED_BACK, target, standing, f"Rolled back from {left} to {target}: {reason}")
        _point(models, entry)
    return entry


def read_promotions(models: Path) -> list[Entry]:
    """The history, oldest first; PromotionError names a line that cannot be read."""
    path = _history_path(models)
    if not path.exists():
        return []
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"), start=1):
        try:
            entries.append(Entry(**json.loads(line)))
        except (ValueError, TypeError):
            raise PromotionError(
                f"{path}, line {number}, is no line of the history. Mend or remove that line."
            ) from None
    return entries


def earlier_champions(models: Path) -> list[str]:
    """The versions before the champion, oldest first; what was rolled back is not among them."""
    standing = _standing(models)
    moves = [entry for entry in read_promotions(models) if entry.action != HELD]
    line: list[str] = []
    for position, entry in enumerate(moves):
        then = moves[position + 1].previous if position + 1 < len(moves) else standing
        if then != entry.version:
            continue  # the run was killed before the pointer moved
        if entry.previous is not None and line[-1:] != [entry.previous]:
            line.append(entry.previous)
        if entry.action == ROLLED_BACK and entry.version in line:
            del line[line.index(entry.version) :]
        elif entry.action == ROLLED_BACK and entry.previous is not None:
            line.pop()
        line.append(entry.version)
    return [version for version in line if version != standing]


def _refuse_unknown(models: Path, version: str) -> None:
    path = bundle_path(models, version)
    if path.is_dir():
        return
    there = sorted(folder.name for folder in path.parent.glob("[!.]*")) if path.parent.is_dir() else []
    these = f"these are: {', '.join(there)}" if there else "there is none yet; train one with 'leadlight train'"
    raise PromotionError(f"{version} is no registered version; {these}.")


def _point(models: Path, entry: Entry) -> None:
    """The line of the history first, then the pointer: a kill between them leaves the old champion and way back."""
    _append(models, entry)
    replace_text(champion_path(models), f"{entry.version}\n")


def _append(models: Path, entry: Entry) -> None:
    """Add a line by replacing the file, which a few lines a month never make long: none is ever half there."""
    path = _history_path(models)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    replace_text(path, before + json.dumps(asdict(entry), ensure_ascii=False, allow_nan=False) + "\n")


def _history_path(models: Path) -> Path:
    return models / "promotions.jsonl"


def _standing(models: Path) -> str | None:
    """The champion; a pointer that cannot be read points at nothing, and promoting mends it."""
    try:
        return read_champion(models)
    except BundleError:
        return None


def _first_changed(folder: Path, bundle: Bundle) -> str | None:
    """The first file that holds other bytes than the bundle would write."""
    contents = bundle.contents()
    for name in FILES:
        path = folder / name
        if not path.exists() or path.read_bytes() != contents[name].encode("utf-8"):
            return name
    return None
