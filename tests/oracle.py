"""A naive oracle: DESIGN sections 3 and 4 in plain loops over plain dicts, sharing no code with the kernel.

It reads a case in the format of `tests/golden/` and answers in the format of a case's `expected`. It is slow and simple
on purpose: whoever doubts a measure reads here what its word means. Instants are integers, UTC microseconds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.oracle_rows import DAY, EPOCH, Plain, Rows, instant, missing_first, span

MONDAY = date(1970, 1, 5)


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern, in which only * is special, is the whole text.

    >>> matches("/pricing*", "/pricing/a/b"), matches("/p?", "/px")
    (True, False)
    """
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(matches(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return text[:1] == pattern[0] and matches(pattern[1:], text[1:])


class Oracle(Rows):
    """One case, its answers asked one at a time."""

    # Observations: rules 5 to 8.

    def is_open(self, lead: str, cutoff: int) -> bool:
        """Rule 5, for a lead created before the cutoff.

        At one instant an opening comes first, then losses, wins, and last a reopening.
        """
        own = [deal for deal in self.deals if deal["lead"] == lead]
        events = []
        for deal in own:
            if deal.get("opened_at") is not None:
                events.append((instant(deal["opened_at"]), 0))
            if deal["close"] is not None:
                events.append((deal["close"], 1 if deal["outcome"] == "lost" else 2))
            if deal.get("reopened_at") is not None:
                events.append((instant(deal["reopened_at"]), 3))
        events = sorted(event for event in events if event[0] < cutoff)
        if not events:
            return True
        at, latest = events[-1]
        if latest == 1:
            return any(
                deal.get("opened_at") is not None
                and instant(deal["opened_at"]) <= at
                and (deal["close"] is None or deal["close"] >= cutoff)
                for deal in own
            )
        return latest in (0, 3)

    def candidates(self, lead: str) -> set[int]:
        """The cutoffs of rule 6, before asking whether the lead is open."""
        observe, created = self.case["observe"], instant(self.leads[lead]["created_at"])
        if "ages" in observe:
            cutoffs = {created + (span(age) or 1) for age in observe["ages"]}
        elif "after" in observe:
            own = [fact["at"] for fact in self.facts if (fact["entity"], fact["entity_id"]) == ("lead", lead)]
            cutoffs = {at + 1 for at in own if at >= created}
        else:
            cutoffs = set()
            day, last = self.local(created).date(), self.local(created + span(observe["until"])).date()
            while day <= last:
                midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
                cutoff = (midnight.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
                multiple = (day - MONDAY).days % (span(observe["every"]) // DAY) == 0
                if multiple and created < cutoff <= created + span(observe["until"]):
                    cutoffs.add(cutoff)
                day += timedelta(days=1)
        return {cutoff for cutoff in cutoffs if cutoff <= self.data_until}

    def label(self, lead: str, cutoff: int) -> int:
        """Rule 7."""
        wins = [deal["close"] for deal in self.deals if deal["lead"] == lead and deal.get("outcome") == "won"]
        return int(any(cutoff <= close < cutoff + self.horizon for close in wins))

    def observations(self) -> list[Plain]:
        """Every observation there must be, by lead and cutoff, with its measures."""
        found = []
        for lead in sorted(self.leads):
            for cutoff in sorted(self.candidates(lead)):
                if self.is_open(lead, cutoff):
                    mature = cutoff + self.horizon <= self.data_until
                    label = self.label(lead, cutoff) if mature else None
                    measures = self.measures(lead, cutoff)
                    found.append(
                        {"lead": lead, "cutoff": cutoff, "mature": mature, "label": label, "measures": measures}
                    )
        return found

    # Attributes: rule 10.

    def recorded(self) -> dict[str, bool]:
        """Of every attribute with a history, whether every lead's first change carries `old`."""
        answer: dict[str, bool] = {}
        for attribute in sorted({change["attribute"] for change in self.changes}):
            firsts = [own[0] for own in (self._changes_of(lead, attribute) for lead in self.leads) if own]
            answer[attribute] = all("old" in first for first in firsts)
        return answer

    def _changes_of(self, lead: str, attribute: str) -> list[Plain]:
        own = [change for change in self.changes if (change["lead"], change["attribute"]) == (lead, attribute)]
        return sorted(own, key=self._change_order)

    @staticmethod
    def _change_order(change: Plain) -> tuple[Any, ...]:
        """By time; of one instant as facts are, a missing value first."""
        old = ("old" in change, missing_first(change.get("old")))
        return change["at"], change["seen"], missing_first(change["value"]), *old

    def attribute(self, lead: str, attribute: str, cutoff: int) -> Any:
        """The value at the cutoff, None where missing."""
        stands = self.leads[lead].get("attributes", {}).get(attribute)
        recorded = self.recorded()
        if attribute not in recorded:
            return stands
        own = self._changes_of(lead, attribute)
        seen = [change for change in own if change["seen"] < cutoff]
        if seen:
            return seen[-1]["value"]
        if not recorded[attribute]:
            return None
        return own[0]["old"] if own else stands

    # Ledgers: rules 3, 4 and 11.

    def ledger(self, lead: str, entity: str, cutoff: int) -> list[Plain]:
        """The visible facts of the lead's entity in order, without the deals that are the lead's own."""
        entity_id = lead if entity == "lead" else self.leads[lead].get("entities", {}).get(entity)
        if entity_id is None:
            return []
        facts = [fact for fact in self.facts if (fact["entity"], fact["entity_id"]) == (entity, entity_id)]
        if entity != "lead":
            facts += self._deal_facts(lead, entity, entity_id)
        return sorted((fact for fact in facts if fact["seen"] < cutoff), key=self.order)

    def _deal_facts(self, lead: str, entity: str, entity_id: str) -> list[Plain]:
        ids = self._deal_ids(lead)
        theirs = {other for other in self.leads if other == lead or ids & self._deal_ids(other)}
        never = {deal["deal_id"] for deal in self.deals if deal["lead"] in theirs and deal.get("deal_id") is not None}
        facts = []
        for deal in self.deals:
            mine = deal["lead"] in theirs or deal.get("deal_id") in never
            of_entity = self.leads[deal["lead"]].get("entities", {}).get(entity) == entity_id
            if of_entity and not mine and deal["close"] is not None:
                fact = {"at": deal["close"], "seen": deal["close"], "kind": f"deal_{deal['outcome']}"}
                fact |= {"id": deal.get("deal_id"), "texts": {}, "numbers": {}, "flow": None}
                facts.append({**fact, "table": "deals", "entity": entity, "entity_id": entity_id})
        return [fact for fact in facts if self._stands(fact, facts)]

    def _deal_ids(self, lead: str) -> set[str]:
        ids = {deal.get("deal_id") for deal in self.deals if deal["lead"] == lead}
        return {deal_id for deal_id in ids if deal_id is not None}

    # Measures: section 4.

    def measures(self, lead: str, cutoff: int) -> Plain:
        """Every measure of the case for one observation, by name."""
        return {measure["name"]: self.measure(measure, lead, cutoff) for measure in self.case.get("measures", [])}

    def measure(self, measure: Plain, lead: str, cutoff: int) -> Any:
        """One measure; None where missing."""
        word, created = measure["word"], instant(self.leads[lead]["created_at"])
        if word == "attribute":
            return self.attribute(lead, measure["column"], cutoff)
        if word == "age":
            return (cutoff - created) / DAY
        if word == "created_weekday":
            return self.local(created).isoweekday()
        if word == "created_hour":
            return self.local(created).hour
        ledger = self.ledger(lead, measure.get("of", "lead"), cutoff)
        if word == "trend":
            short, long = span(measure["short"]), span(measure["long"])
            recent = len(self._chosen(measure, self._within(ledger, cutoff, short)))
            usual = len(self._chosen(measure, self._within(ledger, cutoff, long)))
            return (recent / (short / DAY)) / (usual / (long / DAY)) if usual else None
        if "window" in measure:
            ledger = self._within(ledger, cutoff, span(measure["window"]))
        facts = self._chosen(measure, ledger)
        if word == "share":
            return len(facts) / len(ledger) if ledger else None
        return self._over(word, measure.get("column"), facts, cutoff)

    def _over(self, word: str, column: str | None, facts: list[Plain], cutoff: int) -> Any:
        """A measure of the chosen facts, which stand in order."""
        numbers = [fact["numbers"][column] for fact in facts if fact["numbers"].get(column) is not None]
        texts = [fact["texts"][column] for fact in facts if fact["texts"].get(column) is not None]
        total, unanswered = 0.0, 0
        for number in numbers:
            total += number
        for fact in facts:
            unanswered = 0 if fact["flow"] == "inbound" else unanswered + (fact["flow"] == "outbound")
        match word:
            case "count":
                return len(facts)
            case "total":
                return total
            case "mean":
                return total / len(numbers) if numbers else None
            case "largest":
                return max(numbers) if numbers else None
            case "distinct":
                return len(set(texts))
            case "latest":
                return (numbers or texts)[-1] if numbers or texts else None
            case "active_days":
                return len({self.local(fact["at"]).date() for fact in facts})
            case "days_since_first":
                return (cutoff - facts[0]["at"]) / DAY if facts else None
            case "days_since_last":
                return (cutoff - facts[-1]["at"]) / DAY if facts else None
            case "unanswered":
                return unanswered
        raise ValueError(f"{word!r} is no measure")

    @staticmethod
    def _within(facts: list[Plain], cutoff: int, window: int) -> list[Plain]:
        return [fact for fact in facts if cutoff - window <= fact["at"]]

    @staticmethod
    def _chosen(measure: Plain, facts: list[Plain]) -> list[Plain]:
        def chosen(fact: Plain) -> bool:
            fields = {"kind": fact["kind"], "flow": fact["flow"]}
            for name, patterns in measure.get("when", {}).items():
                value = fields[name] if name in fields else fact["texts"].get(name)
                listed = [patterns] if isinstance(patterns, str) else patterns
                if value is None or not any(matches(pattern, value) for pattern in listed):
                    return False
            return True

        return [fact for fact in facts if chosen(fact)]
