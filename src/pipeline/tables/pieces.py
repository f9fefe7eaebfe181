"""Interactions of leads read piece by piece, so that a table of any length takes the memory of one piece.

A piece is read by the functions that read a whole table. What only a whole column can tell (whether any of its dates
has a clock time, which mark stands before a fraction) is asked of the column first. A table that needs more of its
whole than that is refused with `NotInPieces`; it, and one with a fault, is then read at once, and its faults named.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.definitions.cells import TimeColumn
from pipeline.definitions.sources import InteractionsSource
from pipeline.tables.columns import FLOWS, NEUTRAL, NEVER, Codes, Floats, Instants, Texts
from pipeline.tables.facts import visible_at
from pipeline.tables.frame import Frame, is_text
from pipeline.tables.index import MISSING, STRANGE, Index
from pipeline.tables.interactions import directions
from pipeline.tables.lexicon import Lexicon, fixed
from pipeline.tables.stream import Stream
from pipeline.tables.times import depends_on_the_whole, has_clock, instants
from pipeline.tables.values import LOST_DIGITS, as_typed, decimal_in, float_ids, numbers, texts

KIND, FLOW = "", "\0flow"
"""What the lexicons of a table's kinds and flows are called; no column has these names."""


THREADS = 2
"""So many pieces are looked at at a time: each takes the memory of its rows."""


class NotInPieces(Exception):
    """A table that has to be read at once."""


@contextmanager
def told_at_once() -> Iterator[None]:
    """What is no text, or cannot be decoded, is told by its table where that is read at once."""
    try:
        yield
    except (UnicodeDecodeError, pa.ArrowException, OSError):
        raise NotInPieces from None


@dataclass(frozen=True)
class Piece:
    """Some rows of a table that are used: facts of known leads, in time.

    `lead` are places among the known ids; `texts` are codes into the table's lexicons, of kinds under KIND; `id` is
    empty where a row has none, and None where no row has one.
    """

    lead: Codes
    at: Instants
    known_at: Instants | None
    numbers: Mapping[str, Floats]
    texts: Mapping[str, Codes]
    id: NDArray[np.bytes_] | None

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """All of them, by names that no two share; codes take as few bytes as they need."""
        own: dict[str, NDArray[np.generic]] = {"lead": self.lead, "at": self.at}
        if self.known_at is not None:
            own["known_at"] = self.known_at
        if self.id is not None:
            own["id"] = self.id
        own |= {f"number {name}": column for name, column in self.numbers.items()}
        return own | {f"text {name}": narrow(column) for name, column in self.texts.items()}


def narrow(codes: Codes) -> NDArray[np.signedinteger]:
    """Codes in the smallest type that holds them."""
    most = int(codes.max(initial=-1))
    for kind in (np.int8, np.int16):
        if most <= np.iinfo(kind).max:
            return codes.astype(kind)
    return codes


@dataclass(frozen=True)
class TableInPieces:
    """A table of interactions that is read once, from its first row to its last."""

    source: InteractionsSource
    stream: Stream
    known: Index
    data_until: int
    timezone: str
    excluded: frozenset[str]
    lexicons: dict[str, Lexicon] = field(default_factory=dict)
    sorted: dict[str, tuple[tuple[str, ...], Codes]] = field(default_factory=dict)

    @property
    def text_names(self) -> list[str]:
        """The texts that are read."""
        return [name for name in self.source.texts if name not in self.excluded]

    @property
    def number_names(self) -> list[str]:
        """The numbers that are read."""
        return [spec.column for spec in self.source.numbers if spec.column not in self.excluded]

    def pieces(self) -> Iterator[tuple[int, Piece]]:
        """How many rows were read, and which of them are used. WorkspaceError as where a table is read at once."""
        source = self._as_a_whole()
        clocked = {role: self._some_clock(spec) for role, spec in (("at", source.at), ("known_at", source.known_at))}
        for role in (KIND, FLOW, *self.text_names):
            self.lexicons[role] = Lexicon()
        # While one piece is looked at, the next ones are read.
        with ThreadPoolExecutor(THREADS) as pool:
            waiting: deque[tuple[int, Future[Piece]]] = deque()
            for count, read in self.stream.pieces():
                waiting.append((count, pool.submit(self._piece, read, source, clocked)))
                if len(waiting) > THREADS:
                    rows, piece = waiting.popleft()
                    yield rows, piece.result()
            for rows, piece in waiting:
                yield rows, piece.result()

    def _piece(self, read: Callable[[], Frame], source: InteractionsSource, clocked: Mapping[str, bool]) -> Piece:
        with told_at_once():
            return self._looked_at(read(), source, clocked)

    def _looked_at(self, frame: Frame, source: InteractionsSource, clocked: Mapping[str, bool]) -> Piece:
        lead = self._leads(frame, source.entity_id)
        at = instants(frame, source.at, self.timezone, clocked=clocked["at"])
        known_at = (
            None
            if source.known_at is None
            else instants(frame, source.known_at, self.timezone, clocked=clocked["known_at"])
        )
        seen = at if known_at is None else visible_at(at, known_at)
        measured = {spec.column: numbers(frame, spec) for spec in source.numbers if spec.column not in self.excluded}
        named = {name: name for name in self.text_names}
        if source.kind.column is not None:
            named[KIND] = source.kind.column
        if source.flow.column is not None:
            named[FLOW] = source.flow.column
        written = {role: self._codes(frame, role, name) for role, name in named.items()}
        ids = None if source.id is None else self._ids(frame, source.id)
        keep = (lead >= 0) & (at != NEVER) & (seen <= self.data_until)
        if keep.all():
            return Piece(lead, at, known_at, measured, written, ids)
        return Piece(
            lead[keep],
            at[keep],
            None if known_at is None else known_at[keep],
            {name: column[keep] for name, column in measured.items()},
            {name: column[keep] for name, column in written.items()},
            None if ids is None else ids[keep],
        )

    def _as_a_whole(self) -> InteractionsSource:
        """The source with what the whole of its columns of numbers tells of how they are written."""
        specs = []
        for spec in self.source.numbers:
            if spec.column not in self.excluded and spec.column in self.stream.texts:
                words = set[str]()
                with told_at_once():
                    for _, read in self.stream.pieces([spec.column]):
                        words.update(read().texts(spec.column).words)
                decimal = decimal_in(self.stream.frame, spec, sorted(words))
                if decimal is None:
                    raise NotInPieces
                specs.append(spec.model_copy(update={"decimal": decimal}))
            else:
                specs.append(spec)
        return self.source.model_copy(update={"numbers": tuple(specs)})

    def _some_clock(self, spec: TimeColumn | None) -> bool:
        if spec is None or spec.columns[0] not in self.stream.texts:
            return False
        with told_at_once():
            for _, read in self.stream.pieces(spec.columns):
                frame = read()
                if not depends_on_the_whole(frame, spec):
                    return False
                if has_clock(frame, spec):
                    return True
        return False

    def _leads(self, frame: Frame, name: str) -> Codes:
        column = frame.chunks(name).combine_chunks()
        if pa.types.is_floating(column.type):
            column = float_ids(frame, name).cast(pa.string())
        elif not is_text(column.type):
            column = column.cast(pa.string())
        found = self.known.find(column)
        strange = np.flatnonzero(found == STRANGE)
        if len(strange):
            words = frame.clean(column.take(pa.array(strange)))
            if pc.any(pc.match_substring_regex(words, LOST_DIGITS)).as_py():
                raise NotInPieces
            found[strange] = self.known.find(words)
        return found

    def _codes(self, frame: Frame, role: str, name: str) -> Codes:
        lexicon = self.lexicons[role]
        coded = frame.coded(name)
        if coded is not None:
            found = [np.append(lexicon.codes(words), np.int32(MISSING))[place] for words, place in coded]
            return found[0] if len(found) == 1 else np.concatenate([np.empty(0, dtype=np.int32), *found])
        column = frame.chunks(name).combine_chunks()
        if not is_text(column.type):
            plain = texts(frame, name)
            missing = pa.array(plain.codes, mask=plain.codes < 0)
            column = pa.array(plain.words, type=pa.string()).take(missing)
        return lexicon.codes(column)

    def _ids(self, frame: Frame, name: str) -> NDArray[np.bytes_]:
        column = frame.plain_texts(name).combine_chunks()
        if pa.types.is_floating(frame.chunks(name).type):
            column = float_ids(frame, name).cast(pa.string())
        odd = pc.match_substring(column, "+") if len(column) else None
        first = column.drop_null()[:1]
        if odd is not None and (pc.any(odd).as_py() or pc.any(pc.match_substring_regex(first, LOST_DIGITS)).as_py()):
            raise NotInPieces
        longest = pc.max(pc.binary_length(column)).as_py() or 1
        # Whole words are quick to compare.
        return fixed(column, -(-longest // 8) * 8)

    def words(self, role: str) -> tuple[tuple[str, ...], Codes]:
        """The words of a text column, sorted, and for each code of its lexicon the place among them; -1 is missing.

        Once every row was read; what is found then stands.
        """
        if role not in self.sorted:
            self.sorted[role] = self._words(role)
        return self.sorted[role]

    def _words(self, role: str) -> tuple[tuple[str, ...], Codes]:
        lexicon = self.lexicons[role]
        clean = self.stream.frame.clean(pa.array(lexicon.words, type=pa.string())).to_pylist()
        present = sorted({word for word in clean if word is not None})
        shown = dict(zip(present, as_typed(present), strict=True))
        prefix = self.source.kind.prefix if role == KIND else ""
        named = [None if word is None else prefix + shown[word] for word in clean]
        known = Texts.of([*named, None])
        return known.words, known.codes

    def kinds(self, size: int, codes: Codes | None) -> Texts:
        """The kinds of `size` facts, by their codes."""
        if self.source.kind.value is not None:
            return Texts(np.zeros(size, dtype=np.int32), (self.source.kind.value,))
        assert codes is not None
        words, place = self.words(KIND)
        return Texts(place[codes], words)

    def flows(self, kind: Texts, codes: Codes | None) -> NDArray[np.int8]:
        """Who moved towards whom in each fact: by its own code, or by its kind."""
        if codes is None:
            return directions(kind, self.source.flow)
        words, place = self.words(FLOW)
        flow = Texts(place[codes], words)
        if self.source.flow.outbound or self.source.flow.inbound:
            return directions(flow, self.source.flow)
        if not all(word in FLOWS for word in words):
            raise NotInPieces
        return np.array([*(FLOWS[word] for word in words), NEUTRAL], dtype=np.int8)[flow.codes]
