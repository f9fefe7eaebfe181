"""Which dates a workspace must name, and what cannot be asked where `order` says that there are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.settings import Observe
from pipeline.definitions.sources import Sources
from pipeline.definitions.strict import wrong
from pipeline.definitions.yaml_lines import KeyPath

UNKNOWN_TIMING = {None: (), "created_at": ("age",), "file": ("age", "created_weekday", "created_hour")}
"""Built-in measures that an order without dates does not know: a row's place is no time."""

DEAL_TIMES = ("closed_at", "known_at", "opened_at", "reopened_at")


def check_dates(
    order: str | None,
    sources: Sources,
    data_until: str | None,
    test_from: str | None,
    observe: Observe | None,
    criteria: Sequence[Criterion],
) -> None:
    """Dates are there, or are said not to be; nothing is asked of the order of rows that only dates can answer.

    `observe` and `criteria` are those that are written; the error says where the first fault is.
    """
    _check_ids(sources)
    _check_named(order, sources, data_until)
    if order is None:
        return
    for place in _dated(order, sources, test_from):
        raise wrong(f"needs dates, and `order: {order}` says that there are none", place=place)
    if observe is not None and observe.ages != (0,):
        raise wrong(f"`order: {order}` leaves one moment to look at a lead: {{ages: [0d]}}", key="observe")
    for position, criterion in enumerate(criteria):
        if criterion.measures:
            asked = "leaves attributes alone: measures of facts need dates"
            raise wrong(f"`order: {order}` {asked}", place=("criteria", position, "measures"))
        if criterion.built_in in UNKNOWN_TIMING[order]:
            asked = f"knows no {criterion.built_in}, which needs dates: take it out"
            raise wrong(f"`order: {order}` {asked}", place=("criteria", position, "built_in"))


def _check_ids(sources: Sources) -> None:
    """Ids are named; only where leads and outcomes are rows of one table that no other names can a row do without."""
    leads, deals = sources.leads, sources.deals
    if leads.from_ != deals.from_ or sources.interactions or sources.changes:
        for table, name, named in (("leads", "id", leads.id), ("deals", "lead_id", deals.lead_id)):
            if named is None:
                raise wrong(f"{name} is missing; it is required: name the column", place=("sources", table, name))
    if leads.id is None and deals.lead_id is not None:
        raise wrong("id is missing; it is required: name the column", place=("sources", "leads", "id"))
    if leads.id is not None and deals.lead_id is None:
        raise wrong("name the ids of leads in both tables, or in none", place=("sources", "deals", "lead_id"))


def _check_named(order: str | None, sources: Sources, data_until: str | None) -> None:
    """The times without which the data has no dates, as far as `order` does not stand for them."""
    created, closed = sources.leads.created_at, sources.deals.closed_at
    place: KeyPath = ("sources", "leads", "created_at")
    if order != "file" and data_until is None:
        raise wrong("data_until is missing; it is required: say when the export was taken", place=("data_until",))
    if order is None and created is None:
        asked = "created_at is missing; it is required: name the column, or say `order: file`"
        raise wrong(asked, place=place)
    if order is None and closed is None:
        asked = "closed_at is missing; it is required: name the column, or say `order: created_at`"
        raise wrong(asked, place=("sources", "deals", "closed_at"))
    if order is not None and (created is None) != (order == "file"):
        asked = "is replaced by the rows' order: take it out" if created else "is missing"
        raise wrong(f"created_at {asked}, or change `order`", place=place)


def _dated(order: str, sources: Sources, test_from: str | None) -> Iterator[KeyPath]:
    """Where something is written that needs the dates that there are not."""
    file = order == "file"
    written: list[tuple[object, KeyPath]] = [
        (sources.interactions, ("sources", "interactions")),
        (sources.changes, ("sources", "changes")),
        # Where leads are dated, what was spent by the day still says what they cost.
        (sources.spend if file else None, ("sources", "spend")),
        (test_from if file else None, ("test", "from")),
        *((getattr(sources.deals, name), ("sources", "deals", name)) for name in DEAL_TIMES),
    ]
    yield from (place for given, place in written if given)
