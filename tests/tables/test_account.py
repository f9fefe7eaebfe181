"""Every row of every table is used, or set aside under the reason that plain loops give it, whatever the dirt."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from pipeline.definitions.workspace import load_workspace
from pipeline.tables.account import FIRST_ROWS, Account
from pipeline.tables.sources import read_history
from tests.dirty_tables import COLUMNS, FILES, Row, Tables, tables, write
from tests.draws import Draw, drawn, pick
from tests.row_judge import Judge

OF_LEADS = {
    *("no id", "repeated id", "no creation time", "after data_until", "outcome without a date"),
    *("closed before created", "two outcomes"),
}
OF_OTHERS = {
    *("no lead", "lead set aside", "unknown lead", "no contact", "unknown contact", "no id", "repeated id"),
    *("exact repeat", "excluded kind", "no time", "no kind", "no attribute", "no amount", "after data_until"),
}
# Files are written and read in every example, a tenth of a second each: fewer worlds in every run, all for the proof.
MANY = settings().max_examples
WORLDS = settings(max_examples=MANY if MANY >= 1000 else MANY // 4)
COPIED = settings(max_examples=MANY // 4 if MANY >= 1000 else MANY // 8)
CLEAN: dict[str, Row] = {
    "leads": {"lead": "clean", "created": "2026-01-05 09:00", "country": "FR", "contact": "kc", "account": "mc"},
    "contacts": {"contact": "kc", "job": "buyer"},
    "accounts": {"account": "mc", "sector": "retail"},
    "interactions": {"id": "", "lead": "clean", "at": "2026-02-01 10:00", "known": "", "kind": "call", "duration": "5"},
    "interactions[1]": {"contact": "kc", "at": "2026-02-01 10:00", "kind": "visit", "page": "/c"},
    "deals": {
        "deal": "dc",
        "lead": "clean",
        "opened": "",
        "closed": "2026-03-01 09:00",
        "known": "",
        "outcome": "won",
        "amount": "5",
    },
    "changes": {"lead": "clean", "at": "2026-02-01 10:00", "attribute": "country", "value": "FR", "old": "DE"},
    "spend": {"day": "2026-02-01 10:00", "source": "search", "cost": "5"},
}


def read(made: Tables) -> Account:
    """Through files, as an analyst's."""
    with tempfile.TemporaryDirectory() as folder:
        return read_history(load_workspace(write(Path(folder), made)))[1]


@WORLDS
@given(drawn(tables))
def test_rows_in_are_rows_used_and_rows_set_aside_under_the_reason_of_each(made: Tables) -> None:
    account, expected = read(made), Judge(made).reasons()
    assert set(account.tables) == set(COLUMNS)
    for name, table in account.tables.items():
        reasons = expected[name]
        assert table.rows == len(made[name]) == table.used + sum(table.set_aside.values()), name
        assert table.used == reasons.count(None), name
        assert dict(table.set_aside) == {why: reasons.count(why) for why in reasons if why is not None}, name
        assert set(table.set_aside) <= (OF_LEADS if name == "leads" else OF_OTHERS), name
        plain = table.to_json()
        assert plain["from"] == FILES[name]
        for why, rows in plain["first_rows"].items():
            assert rows == [row for row, given_ in enumerate(reasons, 1) if given_ == why][:FIRST_ROWS], (name, why)
        assert set(plain["first_rows"]) == set(table.set_aside), name
    names = [row["lead"].strip() for row in made["leads"]]
    told = {name: why for name, why in zip(names, expected["leads"], strict=True) if why not in (None, "no id")}
    assert account.leads == told


def repeated(draw: Draw) -> tuple[Tables, str, int, int]:
    """Dirty tables with one clean row each, and how many copies of which one are added where."""
    made = {name: [*rows, dict(CLEAN[name])] for name, rows in tables(draw).items()}
    name = pick(draw, tuple(COLUMNS))
    return made, name, 1 + draw(4), draw(len(made[name]) + 1)


@COPIED
@given(drawn(repeated))
def test_copies_of_a_clean_row_are_used_or_said_to_be_copies(told: tuple[Tables, str, int, int]) -> None:
    made, name, copies, place = told
    before = read(made).tables[name]
    rows = made[name]
    added = made | {name: [*rows[:place], *(dict(CLEAN[name]) for _ in range(copies)), *rows[place:]]}
    after = read(added).tables[name]
    why, used = COPIES[name]
    assert after.rows == before.rows + copies
    assert after.used == before.used + (copies if used else -1 if name == "leads" else 0)
    moved = {r: after.set_aside.get(r, 0) - before.set_aside.get(r, 0) for r in {*after.set_aside, *before.set_aside}}
    assert {reason: n for reason, n in moved.items() if n} == (
        {} if used else {why: copies + 1 if name == "leads" else copies}
    )


COPIES = {
    "leads": ("repeated id", False),
    "contacts": ("repeated id", False),
    "accounts": ("repeated id", False),
    "interactions": ("", True),
    "interactions[1]": ("exact repeat", False),
    "deals": ("", True),
    "changes": ("", True),
    "spend": ("", True),
}
"""What copies are: used, or set aside under a reason. Of two leads with one id neither is used."""


@pytest.mark.parametrize("why", sorted(OF_LEADS))
def test_the_reasons_of_leads_are_documented(why: str) -> None:
    assert f"`{why}`" in " ".join(
        (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8").split()
    )
