"""Any CRM's export: real examples, proposals for exports of all kinds, refusals, ids, formats, accounts, drift."""

from __future__ import annotations

from benchmarks.proofs.data.account import account
from benchmarks.proofs.data.broken import broken
from benchmarks.proofs.data.drift import schema_drift
from benchmarks.proofs.data.exports import exports
from benchmarks.proofs.data.grocery import grocery_campaigns
from benchmarks.proofs.data.ids import ids
from benchmarks.proofs.data.memory import memory
from benchmarks.proofs.data.postgres import against_pandas
from benchmarks.proofs.data.same import same
from benchmarks.proofs.data.term_deposits import term_deposits
from benchmarks.proofs.line import Line

LINES = [
    Line(
        1,
        "Grocery campaigns: test AUC 0.77 or more and at least 0.05 above attributes alone, the paired interval over "
        "households clear of 0, horizon and gap in force.",
        "python prepare.py; leadlight train",
        grocery_campaigns,
    ),
    Line(
        2,
        "Term deposits, newest 30 % in file order, duration and the five economic columns excluded: test AUC 0.64 or "
        "more.",
        "python prepare.py; leadlight train",
        term_deposits,
    ),
    Line(
        3,
        "init on twelve exports, one for each of six CRMs and six nasty ones, yields a workspace that check accepts "
        "unchanged, or one whose comments name exactly what is missing.",
        "leadlight init FILES; leadlight check",
        exports,
    ),
    Line(
        4,
        "40 broken inputs, one defect each: 40 errors that name table, column, row or line, value and remedy; no "
        "traceback; no output.",
        "leadlight train, score, check, init, explain",
        broken,
    ),
    Line(
        5,
        "A 19-digit id survives every source and comes out of score unchanged, in csv, parquet, JSON and xlsx.",
        "leadlight score -o F",
        ids,
    ),
    Line(
        6,
        "The same data as csv, xlsx, parquet, SQLite and PostgreSQL gives the same training set, bit for bit; 5 M "
        "interactions from PostgreSQL stay under 1 GB of memory; 500,000 rows are read at least 3 times faster than by "
        "pandas.read_sql.",
        "leadlight features; leadlight check",
        lambda workshop: [*same(workshop), *memory(workshop), *against_pandas(workshop)],
    ),
    Line(
        7,
        "Rows in = used + set aside, for every table of every example, by a property test on random dirt.",
        "pytest tests/tables/test_account.py; leadlight check",
        account,
    ),
    Line(
        8,
        "Schema drift: a column renamed, dropped or of another type since the champion was trained is named by check "
        "and score before anything is computed.",
        "leadlight check; leadlight score",
        schema_drift,
    ),
]
"""In the order of the promise."""
