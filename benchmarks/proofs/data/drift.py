"""Columns that are not as they were in training, each named by `check` and by `score` before anything is computed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.path.refusals import files
from benchmarks.proofs.workshop import Ran, Workshop, run

LEADS = 2_000
CODE = "schema-drift"

Change = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Drift:
    """One change: of which table, the column that must be named, what is done to the file and to the workspace."""

    name: str
    table: str
    column: str
    change: Change | None = None
    edits: tuple[tuple[str, str], ...] = ()


def renamed(old: str, new: str) -> Change:
    """The file with a column under another name."""
    return lambda table: table.rename(columns={old: new})


def dropped(name: str) -> Change:
    """The file without a column."""
    return lambda table: table.drop(columns=name)


def texts(name: str) -> Change:
    """The file with a column of numbers as words."""
    return lambda table: table.assign(**{name: [None if pd.isna(v) else f"about {v}" for v in table[name]]})


def numbers(name: str) -> Change:
    """The file with a column of texts as numbers: how long each text was, and 1,000."""
    return lambda table: table.assign(**{name: [None if pd.isna(v) else 1_000 + len(v) for v in table[name]]})


DRIFTS = (
    Drift("renamed in the file", "leads", "country", renamed("country", "Country Code")),
    Drift("renamed without likeness", "leads", "buying_timeframe", renamed("buying_timeframe", "horizon")),
    Drift(
        "renamed in file and workspace",
        "leads",
        "campaign",
        renamed("campaign", "Kampagne"),
        (("source, campaign, buying", "source, Kampagne, buying"), ("attribute: campaign", "attribute: Kampagne")),
    ),
    Drift("dropped from the file", "leads", "source", dropped("source")),
    Drift("dropped from the workspace", "leads", "source", None, (("[country, source, ", "[country, "),)),
    Drift("texts became numbers", "leads", "source", numbers("source")),
    Drift("an id renamed", "leads", "account_id", renamed("account_id", "AccountId")),
    Drift("renamed in the file", "contacts", "job_title", renamed("job_title", "title")),
    Drift("dropped from the file", "contacts", "job_title", dropped("job_title")),
    Drift("texts became numbers", "contacts", "job_title", numbers("job_title")),
    Drift("bands became numbers", "accounts", "company_size", numbers("company_size")),
    Drift("renamed in the file", "interactions", "duration", renamed("duration", "seconds")),
    Drift("dropped from the file", "interactions", "duration", dropped("duration")),
    Drift("dropped from the workspace", "interactions", "duration", None, (("      numbers: [duration]\n", ""),)),
    Drift("numbers became texts", "interactions", "duration", texts("duration")),
    Drift("texts became numbers", "interactions", "page", numbers("page")),
    Drift("the kind renamed", "interactions", "type", renamed("type", "activity")),
)


def schema_drift(workshop: Workshop) -> list[Check]:
    """For every change, in csv and in Parquet: `check` and `score` name it, and `score` ends otherwise than well."""
    checks = []
    for end in ("parquet", "csv"):
        folder = workshop.folder / f"drift-{end}"
        folder.mkdir(parents=True)
        run("leadlight", "demo", "--leads", workshop.count(LEADS, 800), cwd=folder)
        if end == "csv":
            _as_csv(folder)
        run("leadlight", "train", cwd=folder)
        checks += _untouched(folder, end)
        for drift in DRIFTS:
            with _changed(folder, drift, end):
                faults = [*_check_faults(folder, drift), *_score_faults(folder, drift)]
            name = f"{end}: {drift.table}.{drift.column} {drift.name}"
            checks.append(Check(name, "; ".join(faults) or "named by both", "named by both, no scores", not faults))
        checks += _untouched(folder, end)
    return checks


def _as_csv(folder: Path) -> None:
    for path in sorted((folder / "data" / "demo").glob("*.parquet")):
        pd.read_parquet(path).to_csv(path.with_suffix(".csv"), index=False)
        path.unlink()
    settings = folder / "leadlight.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(".parquet", ".csv"), encoding="utf-8")


def _untouched(folder: Path, end: str) -> list[Check]:
    """As it was trained, the export has no finding and is scored."""
    found = run("leadlight", "check", "--json", cwd=folder).json()["findings"]
    scored = run("leadlight", "score", "-o", "scores.csv", "--json", cwd=folder)
    written = (folder / "scores.csv").exists()
    (folder / "scores.csv").unlink()
    return [
        equal(f"{end}: findings of an untouched export", [each for each in found if each["code"] == CODE], []),
        equal(f"{end}: it is scored, and nothing to warn of", (written, "warnings" in scored.json()), (True, False)),
    ]


@contextmanager
def _changed(folder: Path, drift: Drift, end: str) -> Iterator[None]:
    """The folder with one change, which is taken back afterwards."""
    path, settings = folder / "data" / "demo" / f"{drift.table}.{end}", folder / "leadlight.yaml"
    before = {each: each.read_bytes() for each in (path, settings)}
    try:
        if drift.change is not None:
            read = pd.read_csv(path, dtype="str") if end == "csv" else pd.read_parquet(path)
            made = drift.change(read)
            made.to_csv(path, index=False) if end == "csv" else made.to_parquet(path, index=False)
        text = settings.read_text(encoding="utf-8")
        for old, new in drift.edits:
            if text.count(old) != 1:
                raise ValueError(f"the workspace holds {old!r} {text.count(old)} times, not once")
            text = text.replace(old, new)
        settings.write_text(text, encoding="utf-8")
        yield
    finally:
        for each, content in before.items():
            each.write_bytes(content)


def _check_faults(folder: Path, drift: Drift) -> list[str]:
    """What is wrong with the answer of `check`: a finding that it lacks, or an error that does not name the place."""
    ran = run("leadlight", "check", "--json", cwd=folder, check=False)
    if ran.code == 2:
        return [f"check: {fault}" for fault in _not_named(ran, drift)]
    found = [(each["table"], each["column"]) for each in json.loads(ran.out)["findings"] if each["code"] == CODE]
    return [] if ran.code == 0 and found == [(drift.table, drift.column)] else [f"check: exit {ran.code}, {found}"]


def _score_faults(folder: Path, drift: Drift) -> list[str]:
    """What is wrong with the answer of `score`: it must end with 1, name the place, and write nothing."""
    before = files(folder)
    ran = run("leadlight", "score", "-o", "scores.csv", cwd=folder, check=False)
    faults = _not_named(ran, drift)
    if ran.code != 1:
        faults.append(f"exit {ran.code}")
    if files(folder) != before:
        faults.append(f"wrote {sorted(files(folder) - before)}")
    return [f"score: {fault}" for fault in faults]


def _not_named(ran: Ran, drift: Drift) -> list[str]:
    said = " ".join(ran.err.split())
    faults = [] if "Traceback" not in said else ["a traceback"]
    # A reader says in brackets where the table is.
    named = re.search(rf"{drift.table}(?: \([^)]*\))?, column {drift.column}\b", said)
    return faults if named else [*faults, f"does not name {drift.table}, column {drift.column}: {said[-300:]}"]
