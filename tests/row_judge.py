"""Plain loops that say of every row of the dirty tables what becomes of it; they share no code with the pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from tests.dirty_tables import NOTHING, UNTIL, Row, Tables


@dataclass
class Judge:
    """Plain loops over the tables' rows: `reasons` gives for every row its reason, or None where it is used."""

    tables: Tables

    def reasons(self) -> dict[str, list[str | None]]:
        """Table -> a reason a row."""
        leads = self._leads()
        self._kept = {_text(row["lead"]) for row, why in zip(self.tables["leads"], leads, strict=True) if why is None}
        kept = [row for row, why in zip(self.tables["leads"], leads, strict=True) if why is None]
        self._contacts = {_text(row["contact"]) for row in kept}
        return {
            "leads": leads,
            "contacts": self._entities("contacts", "contact", "job"),
            "accounts": self._entities("accounts", "account", "sector"),
            "interactions": self._repeated(self._facts("interactions")),
            "interactions[1]": self._same(self._facts("interactions[1]")),
            "deals": [self._deal(row) for row in self.tables["deals"]],
            "changes": [self._change(row) for row in self.tables["changes"]],
            "spend": [self._spent(row) for row in self.tables["spend"]],
        }

    def _leads(self) -> list[str | None]:
        rows, deals = self.tables["leads"], self.tables["deals"]
        ids = [_text(row["lead"]) for row in rows]
        twofold = {
            deal["deal"]
            for deal in deals
            if _text(deal["deal"])
            and {"won", "lost"} <= {_text(d["outcome"]) for d in deals if _text(d["deal"]) == _text(deal["deal"])}
        }
        found: list[str | None] = []
        for row, name in zip(rows, ids, strict=True):
            created = _text(row["created"])
            ended = [d for d in deals if _text(d["lead"]) == name and _text(d["outcome"]) in ("won", "lost")]
            closed = [_text(deal["closed"]) for deal in ended]
            if name is None:
                found.append("no id")
            elif ids.count(name) > 1:
                found.append("repeated id")
            elif created is None:
                found.append("no creation time")
            elif created > UNTIL:
                found.append("after data_until")
            elif None in closed:
                found.append("outcome without a date")
            elif any(at is not None and at < created for at in closed):
                found.append("closed before created")
            elif any(deal["deal"] in twofold for deal in ended):
                found.append("two outcomes")
            else:
                found.append(None)
        return found

    def _entities(self, table: str, key: str, known: str) -> list[str | None]:
        """Of rows with one id the first in order of values stands, a missing value first."""
        rows = self.tables[table]
        stands = {}
        for place, row in sorted(enumerate(rows), key=lambda item: (_text(item[1][known]) or "", item[0])):
            stands.setdefault(_text(row[key]), place)
        return [
            "no id" if _text(row[key]) is None else None if stands[_text(row[key])] == place else "repeated id"
            for place, row in enumerate(rows)
        ]

    def _of_lead(self, row: Row) -> str | None:
        name = _text(row["lead"])
        if name is None:
            return "no lead"
        if name in self._kept:
            return None
        return "lead set aside" if name in {_text(r["lead"]) for r in self.tables["leads"]} else "unknown lead"

    def _facts(self, table: str) -> list[str | None]:
        found: list[str | None] = []
        for row in self.tables[table]:
            kind, whose = _text(row["kind"]), None
            if table == "interactions":
                whose = self._of_lead(row)
            elif _text(row["contact"]) is None:
                whose = "no contact"
            elif _text(row["contact"]) not in self._contacts:
                whose = "unknown contact"
            why = "excluded kind" if kind and kind.startswith("secret") else whose
            why = why or ("no time" if _text(row["at"]) is None else None)
            why = why or ("no kind" if kind is None else None)
            found.append(why or ("after data_until" if _seen(row, "at") > UNTIL else None))
        return found

    def _repeated(self, reasons: list[str | None]) -> list[str | None]:
        """Of one lead's rows with one id the one that was seen first stands, then the first in the order of facts."""
        rows = self.tables["interactions"]

        def order(place: int) -> tuple[object, ...]:
            row = rows[place]
            number = _text(row["duration"])
            fact = (_text(row["at"]), _text(row["kind"]), number is not None, float(number or 0))
            return (_seen(row, "at"), *fact, place)

        taken: set[tuple[str | None, str | None]] = set()
        for place in sorted((place for place, why in enumerate(reasons) if why is None), key=order):
            name = (_text(rows[place]["lead"]), _text(rows[place]["id"]))
            if name[1] is not None and name in taken:
                reasons[place] = "repeated id"
            taken.add(name)
        return reasons

    def _same(self, reasons: list[str | None]) -> list[str | None]:
        """A row that repeats an earlier one in every column is dropped."""
        seen: set[tuple[str | None, ...]] = set()
        for place, row in enumerate(self.tables["interactions[1]"]):
            values = tuple(map(_text, row.values()))
            if reasons[place] is None:
                reasons[place] = "exact repeat" if values in seen else None
                seen.add(values)
        return reasons

    def _deal(self, row: Row) -> str | None:
        ended = _text(row["outcome"]) in ("won", "lost")
        late = ended and _seen(row, "closed") > UNTIL and _text(row["opened"]) is None
        return self._of_lead(row) or ("after data_until" if late else None)

    def _change(self, row: Row) -> str | None:
        if self._of_lead(row) or _text(row["at"]) is None:
            return self._of_lead(row) or "no time"
        if _text(row["attribute"]) is None:
            return "no attribute"
        return "after data_until" if _seen(row, "at") > UNTIL else None

    def _spent(self, row: Row) -> str | None:
        if _text(row["day"]) is None:
            return "no time"
        if _seen(row, "day") > UNTIL:
            return "after data_until"
        return "no amount" if _text(row["cost"]) is None else None


def _text(cell: str) -> str | None:
    """What a cell means: None where it means nothing."""
    return None if cell.strip() in {word.strip() for word in NOTHING} else cell.strip()


def _seen(row: Row, column: str) -> str:
    """When a fact is known: the later of when it happened and when it was recorded."""
    return max(_text(row[column]) or "", _text(row.get("known", "")) or "")
