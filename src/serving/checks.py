"""What a well-formed request must hold besides: limits, ids, and times that fit together."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.definitions.spans import DAY
from serving.faults import Fault, pointer
from serving.schemas import DealIn, LeadIn, ScoreRequest
from serving.settings import Settings, variable

AHEAD = 366 * DAY
"""How far `as_of` may be ahead of the clock: what-if is welcome, a mistaken unit is not."""

SET_ASIDE = {
    "closed before created": (
        "hold one that closed before the lead was created",
        "Correct closed_at or created_at.",
    ),
    "two outcomes": (
        "hold one id that is both won and lost",
        "Send each deal once, with its last outcome.",
    ),
}
"""Why the contracts set a lead aside that passed every check here -> what is wrong, what to do."""


def faults(request: ScoreRequest, as_of: int, now: int, settings: Settings) -> list[Fault]:
    """Every fault of a request read without one; with too many leads, that one alone."""
    if len(request.leads) > settings.max_leads:
        return [
            Fault(
                "/leads",
                f"holds more than {settings.max_leads:,} leads",
                f"Send them in several requests; {variable('max_leads')} sets the limit.",
            )
        ]
    found = []
    if as_of > now + AHEAD:
        found.append(Fault("/as_of", "is more than a year ahead", "Correct it, or leave it out for now."))
    seen: set[str] = set()
    for place, lead in enumerate(request.leads):
        if lead.id in seen:
            found.append(
                Fault(f"/leads/{place}/id", "is an earlier lead's too", "Send each lead once, with all its facts.")
            )
        seen.add(lead.id)
        found += _lead(lead, ("leads", place), as_of, settings)
    return found


def _lead(lead: LeadIn, place: tuple[str | int, ...], as_of: int, settings: Settings) -> Iterator[Fault]:
    if lead.created_at >= as_of:
        yield Fault(
            pointer((*place, "created_at")),
            "is not before as_of: the lead does not exist yet at the moment of scoring",
            "Correct it, or send an as_of after it.",
        )
    if len(lead.interactions) > settings.max_interactions:
        yield Fault(
            pointer((*place, "interactions")),
            f"holds more than {settings.max_interactions:,} interactions",
            f"Send fewer; {variable('max_interactions')} sets the limit.",
        )
    given = {"lead", *(kind for kind in ("contact", "account") if getattr(lead.entities, kind) is not None)}
    for row, fact in enumerate(lead.interactions):
        if fact.entity not in given:
            yield _no_entity((*place, "interactions", row, "entity"))
            break
    yield from _deals(lead, place, given)


def _deals(lead: LeadIn, place: tuple[str | int, ...], given: set[str]) -> Iterator[Fault]:
    shared: dict[str, set[str]] = {}
    for row, deal in enumerate(lead.deals):
        here = (*place, "deals", row)
        yield from _deal(deal, lead, here)
        if deal.lead_id is None or deal.of is None:
            continue
        if not set(deal.of) <= given:
            yield _no_entity((*here, "of"))
        if shared.setdefault(deal.lead_id, set(deal.of)) != set(deal.of):
            yield Fault(
                pointer((*here, "of")),
                "differs from what an earlier deal of the same lead_id says",
                "Say the same of every deal of one lead.",
            )


def _deal(deal: DealIn, lead: LeadIn, here: tuple[str | int, ...]) -> Iterator[Fault]:
    if deal.outcome != "open" and deal.closed_at is None:
        yield Fault(
            pointer((*here, "closed_at")), "is required of a deal won or lost", "Give it, or send the outcome as open."
        )
    if (deal.lead_id is None) != (deal.of is None):
        yield Fault(
            pointer((*here, "of")),
            "and lead_id are given together or not at all",
            "Give both for a deal of another lead, neither for the lead's own.",
        )
    elif deal.lead_id == lead.id:
        yield Fault(pointer((*here, "lead_id")), "is the lead itself", "Leave out lead_id and of for its own deals.")


def _no_entity(place: tuple[str | int, ...]) -> Fault:
    return Fault(pointer(place), "names an entity that the lead does not have", "Give its id in the entities.")
