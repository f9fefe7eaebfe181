"""The account of rows: every row that comes in is used, or set aside under a named reason, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.tables.remarks import Remark

Mask = NDArray[np.bool_]

FIRST_ROWS = 3
"""So many rows of each reason are named."""


@dataclass(frozen=True)
class TableAccount:
    """The rows of one table: `rows` = `used` + the sum of `set_aside`.

    `examples` names the first rows of each reason, from 0; `header_lines` is how many lines of the table's file stand
    before its first row, 0 where rows have no lines; `file` is where it came from.
    """

    rows: int
    used: int
    set_aside: Mapping[str, int]
    examples: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    file: str = ""
    header_lines: int = 0

    def to_json(self) -> dict[str, Any]:
        """`{"rows", "used", "set_aside": {reason: n}}`, and `first_rows`: {reason: [row, ...]}, rows from 1."""
        plain: dict[str, Any] = {"rows": self.rows, "used": self.used, "set_aside": dict(self.set_aside)}
        plain["first_rows"] = {reason: [row + 1 for row in rows] for reason, rows in self.examples.items()}
        return plain | {"from": self.file}


@dataclass(frozen=True)
class Account:
    """The account of rows by table, and of every lead set aside its reason."""

    tables: Mapping[str, TableAccount]
    leads: Mapping[str, str]
    outcomes: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """How each value of the outcome was read, and of how many rows."""
    remarks: tuple[Remark, ...] = ()
    decimals: Mapping[str, str] = field(default_factory=dict)
    """`table.column` -> the mark before the fraction of its numbers, where they are written as texts."""
    excluded_kinds: tuple[str, ...] = ()
    """Which of the excluded kinds some fact has."""


class Sieve:
    """Rows of one table as they are sifted: the first reason that holds for a row is its reason."""

    def __init__(self, rows: int) -> None:
        self.reason = np.full(rows, -1, dtype=np.int8)
        self.reasons: list[str] = []

    def aside(self, reason: str, rows: Mask) -> None:
        """Set rows aside that no earlier reason holds for."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        self.reason[rows & (self.reason < 0)] = self.reasons.index(reason)

    @property
    def kept(self) -> Mask:
        """The rows that no reason holds for."""
        return self.reason < 0

    def account(self, file: str = "", header_lines: int = 0) -> TableAccount:
        """What became of the rows."""
        first = {name: np.flatnonzero(self.reason == code)[:FIRST_ROWS] for code, name in enumerate(self.reasons)}
        counts = {name: int((self.reason == code).sum()) for code, name in enumerate(self.reasons)}
        return TableAccount(
            rows=len(self.reason),
            used=int(self.kept.sum()),
            set_aside={name: count for name, count in counts.items() if count},
            examples={name: tuple(rows.tolist()) for name, rows in first.items() if len(rows)},
            file=file,
            header_lines=header_lines,
        )
