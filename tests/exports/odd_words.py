"""Exports that are odd in what they say: another language, and nothing at all of how the leads ended."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from tests.exports.company import Fact, Lead, happened, simulate
from tests.exports.export import Export
from tests.exports.files import Row, clock, write_csv
from tests.exports.plain import plain_interactions, plain_leads

ZURICH = ZoneInfo("Europe/Zurich")
MINUTE = "%d.%m.%Y %H:%M"
STATUS = {"won": "Gewonnen", "lost": "Verloren", "open": "Offen"}
KINDS = {
    "form": "Formulaire",
    "email_in": "E-mail reçu",
    "email_out": "E-mail envoyé",
    "call": "Appel",
    "meeting": "Rendez-vous",
    "page_view": "Visite du site",
    "task": "Tâche",
}


def write_other_language(folder: Path) -> None:
    """A Swiss company's three tables: columns in French, the status of its deals in German."""
    leads = simulate(21, 500)
    write_csv(folder / "prospects.csv", [_prospect(lead) for lead in leads], ";", "utf-8-sig")
    write_csv(folder / "activités.csv", [_activity(*fact) for fact in happened(leads, *KINDS)], ";", "utf-8-sig")
    deals = [_deal(lead) for lead in leads if lead.opened is not None or lead.outcome == "lost"]
    write_csv(folder / "affaires.csv", deals, ";", "utf-8-sig")


def _prospect(lead: Lead) -> Row:
    return {
        "N° prospect": f"P-{lead.number:05d}",
        "Date de création": clock(lead.created, ZURICH, MINUTE),
        "Nom": f"{lead.first} {lead.last}",
        "E-mail": lead.email,
        "Société": lead.company,
        "Pays": lead.country,
        "Secteur d'activité": lead.sector,
        "Effectif": lead.employees,
        "Origine": lead.source,
        "Fonction": lead.title,
    }


def _activity(place: int, lead: Lead, fact: Fact) -> Row:
    return {
        "N° activité": f"A-{place:06d}",
        "N° prospect": f"P-{lead.number:05d}",
        "Date": clock(fact.at, ZURICH, MINUTE),
        "Type": KINDS[fact.kind],
        "Sens": "Entrant" if fact.inbound else "Sortant",
        "Durée (min)": fact.minutes or "",
    }


def _deal(lead: Lead) -> Row:
    return {
        "N° affaire": f"V-{lead.number:05d}",
        "N° prospect": f"P-{lead.number:05d}",
        "Statut": STATUS[lead.outcome],
        "Date d'ouverture": clock(lead.opened or lead.created, ZURICH, MINUTE),
        "Date de clôture": clock(lead.closed, ZURICH, MINUTE),
        "Montant": f"{lead.amount:,}".replace(",", "'"),
    }


def write_no_deals(folder: Path) -> None:
    """Leads and what they did; a status that says where the lead stands, and nowhere how it ended."""
    leads = simulate(22, 420)
    rows = plain_leads(leads)
    for row, lead in zip(rows, leads, strict=True):
        row["status"] = "contacted" if any(not fact.inbound for fact in lead.facts) else "new"
    write_csv(folder / "leads.csv", rows)
    write_csv(folder / "interactions.csv", plain_interactions(leads))


OTHER_LANGUAGE = Export("other_language", write_other_language, ("activités.csv", "affaires.csv", "prospects.csv"))
NO_DEALS = Export("no_deals", write_no_deals, ("interactions.csv", "leads.csv"), wants=("outcome",))
