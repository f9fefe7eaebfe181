"""What the workers found of their rows, added up to the account that one process would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.distributed.work import PIECE
from pipeline.tables.account import FIRST_ROWS, TableAccount

Found = Mapping[str, Any]


def account(pieces: Sequence[Found], parts: Sequence[Found]) -> TableAccount:
    """The account of one table: what `sort` found of its pieces, in order, and `tally` of its facts by partition."""
    before = np.concatenate([[0], np.cumsum([piece["rows"] for piece in pieces])])
    first: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces):
        for reason, rows in piece["first"].items():
            first.setdefault(reason, []).extend(int(before[number]) + row for row in rows)
    for part in parts:
        for reason, rows in part["first"].items():
            first.setdefault(reason, []).extend(int(before[row // PIECE]) + row % PIECE for row in rows)
    reasons = dict.fromkeys(reason for found in (*pieces, *parts) for reason in found["reasons"])
    counts = {reason: sum(found["set_aside"].get(reason, 0) for found in (*pieces, *parts)) for reason in reasons}
    rows = int(before[-1])
    return TableAccount(
        rows=rows,
        used=rows - sum(counts.values()),
        set_aside={reason: count for reason, count in counts.items() if count},
        examples={reason: tuple(sorted(first[reason])[:FIRST_ROWS]) for reason in reasons if first.get(reason)},
    )
