"""Tables of interactions: facts with their kind and flow, whosever they are."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.sources import FlowKinds, InteractionsSource
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.asked import of_interactions
from pipeline.tables.columns import FLOWS, INBOUND, NEUTRAL, OUTBOUND, Interactions, Texts
from pipeline.tables.frame import Frame
from pipeline.tables.reader import Reader
from pipeline.tables.times import instants, optional_instants
from pipeline.tables.values import ids, numbers, texts
from pipeline.tables.words import without_words


def read_interactions(
    reader: Reader,
    table: str,
    source: InteractionsSource,
    excluded: Collection[str],
    timezone: str,
    *,
    alone: bool = False,
) -> Interactions:
    """One table of facts as the workspace describes it, without the excluded columns.

    `alone` says that no other table has facts of these entities: then only the order of the facts' ids is kept.
    """
    both = {spec.column for spec in source.numbers} & set(source.texts) - set(excluded)
    if both:
        raise WorkspaceError(f"{table}, column {sorted(both)[0]}: named under numbers and texts; keep one")
    frame = reader.frame(table, source.from_, of_interactions(table, source, excluded).names)
    return facts_of(frame, source, excluded, timezone, alone=alone)


def facts_of(
    frame: Frame, source: InteractionsSource, excluded: Collection[str], timezone: str, *, alone: bool = False
) -> Interactions:
    """The facts of a table whose columns are there, wherever they came from; the rest as `read_interactions`."""
    measured = [spec for spec in source.numbers if spec.column not in excluded]
    size = frame.rows
    if source.kind.column is None:
        assert source.kind.value is not None
        kind = Texts(np.zeros(size, dtype=np.int32), (source.kind.value,))
    else:
        kind = texts(frame, source.kind.column)
        kind = Texts(kind.codes, tuple(source.kind.prefix + word for word in kind.words))
    return Interactions(
        entity=source.entity,
        entity_id=ids(frame, source.entity_id),
        at=instants(frame, source.at, timezone),
        kind=kind,
        id=_fact_ids(frame, source.id, alone),
        known_at=optional_instants(frame, source.known_at, timezone),
        flow=_flow(frame, source, kind),
        numbers={spec.column: numbers(frame, spec) for spec in measured},
        texts={name: texts(frame, name) for name in source.texts if name not in excluded},
    )


def _fact_ids(frame: Frame, name: str | None, alone: bool) -> Texts:
    if name is None:
        return Texts.missing(frame.rows)
    found = ids(frame, name, lean=True)
    return without_words(found) if alone else found


def _flow(frame: Frame, source: InteractionsSource, kind: Texts) -> NDArray[np.int8]:
    if source.flow.column is not None:
        flow = texts(frame, source.flow.column)
        if source.flow.outbound or source.flow.inbound:
            return directions(flow, source.flow)
        for code, word in enumerate(flow.words):
            if word not in FLOWS:
                row = int(np.flatnonzero(flow.codes == code)[0])
                said = f"flow: {{column: {source.flow.column}, outbound: [...], inbound: [...]}}"
                remedy = f"is no flow; expected inbound or outbound, or empty; else say what each word means: {said}"
                raise frame.error(source.flow.column, row, word, remedy)
        return np.array([*(FLOWS[word] for word in flow.words), 0], dtype=np.int8)[flow.codes]
    return directions(kind, source.flow)


def directions(words: Texts, flow: FlowKinds) -> NDArray[np.int8]:
    """The flow of each row by its word; a word of neither list moves nobody."""
    told = [OUTBOUND if word in flow.outbound else INBOUND if word in flow.inbound else NEUTRAL for word in words.words]
    return np.array([*told, NEUTRAL], dtype=np.int8)[words.codes]
