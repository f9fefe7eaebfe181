"""Scores as a table with a column for each criterion's contribution, by the part: a million leads take seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from pipeline.definitions.rules import LETTERS, STAGES
from pipeline.definitions.zones import iso
from pipeline.reasons.language import Language
from pipeline.reasons.scored import Scored, Scorer
from pipeline.tables.columns import Codes

PREFIX = "contribution."
"""What the name of a criterion's column begins with."""

ROWS_A_GROUP = 1 << 17
"""Rows of a group of the Parquet file."""

ENDINGS = (".csv", ".parquet")


class ContributionsFile:
    """A file of open leads' scores, a row a lead, written part after part."""

    def __init__(self, path: Path, ending: str, scorer: Scorer, language: Language | None = None) -> None:
        """Nothing is written yet; `path` is what the file is called until it is whole; `language` of the warnings."""
        bundle, self._language = scorer.bundle, language
        self._nested = ending == ".parquet"
        self._ids = pa.array(scorer.history.leads.id.words, type=pa.string())
        self._codes = scorer.history.leads.id.codes
        self._said = {"as_of": iso(scorer.as_of), "model_version": bundle.version}
        self._criteria = [f"{PREFIX}{criterion.name}" for criterion in bundle.definition.criteria]
        schema = _schema(self._criteria, self._nested)
        # Hardly two contributions are alike: only texts are worth a dictionary.
        named = [field.name for field in schema if pa.types.is_string(field.type)]
        self._schema = schema
        self._file: pq.ParquetWriter | pyarrow.csv.CSVWriter = (
            pq.ParquetWriter(path, schema, use_dictionary=named)
            if self._nested
            else pyarrow.csv.CSVWriter(path, schema)
        )
        self._waiting: list[pa.Table] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, *ended: object) -> None:
        if failed is None and self._waiting:
            self._write()
        self._file.close()

    def table(self, scored: Scored) -> pa.Table:
        """Open leads as rows of the file."""
        size, standing = len(scored.lead), scored.standing
        sets = scored.warned.said(self._language)
        texts = pa.list_(pa.string()) if self._nested else pa.string()
        warnings = pa.array([list(each) if self._nested else " ".join(each) for each in sets], texts)
        columns = {
            "lead_id": self._ids.take(pa.array(self._codes[scored.lead])),
            "as_of": _same(self._said["as_of"], size),
            "probability": pa.array(scored.probability),
            "log_odds": pa.array(scored.log_odds),
            "score": pa.array(scored.score, from_pandas=True).cast(pa.int64()),
            "percentile": pa.array(scored.percentile, from_pandas=True),
            "grade": _named(standing.grade, LETTERS),
            "stage": _named(standing.stage, STAGES),
            "action": _named(standing.action, standing.rules.words),
            "rule": _named(standing.rule, standing.rules.texts),
            "fit": pa.array(scored.fit),
            "intent": pa.array(scored.intent),
            "base": pa.array(np.full(size, scored.base)),
            **{name: pa.array(column) for name, column in zip(self._criteria, scored.contributions.T, strict=True)},
            "model_version": _same(self._said["model_version"], size),
            "warnings": warnings.take(pa.array(scored.warned.of_lead)),
        }
        return pa.table([columns[name] for name in self._schema.names], schema=self._schema)

    def add(self, rows: pa.Table) -> None:
        """Write rows after those of the last call."""
        self._waiting.append(rows)
        if sum(map(len, self._waiting)) >= ROWS_A_GROUP:
            self._write()

    def _write(self) -> None:
        table = pa.concat_tables(self._waiting)
        self._waiting = []
        self._file.write_table(table)


def _same(text: str, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), size)


def _named(codes: Codes, words: tuple[str, ...]) -> pa.Array:
    return pa.array(words).take(pa.array(codes))


def _schema(criteria: list[str], nested: bool) -> pa.Schema:
    text, number = pa.string(), pa.float64()
    kinds = {"score": pa.int64(), "warnings": pa.list_(text) if nested else text}
    numbers = ("probability", "log_odds", "percentile", "fit", "intent", "base", *criteria)
    kinds |= dict.fromkeys(numbers, number)
    before = ("lead_id", "as_of", "probability", "log_odds", "score", "percentile", "grade", "stage", "action")
    names = (*before, "rule", "fit", "intent", "base", *criteria, "model_version", "warnings")
    return pa.schema([(name, kinds.get(name, text)) for name in names])
