"""Worked cases of sentences, a reason each: every measure word, attributes, creation, what is usual, in two languages.

`python -m tests.reasons.worked_sentences` writes the snapshots anew; read them aloud before they are kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.definitions.criteria import TIMING, WORDS, Criterion
from pipeline.definitions.spans import DAY
from pipeline.learning.usual import BANDS
from pipeline.reasons.language import LANGUAGES, language
from pipeline.reasons.sentences import Speaker
from pipeline.reasons.weights import reason_text
from pipeline.reasons.wording import Today

SNAPSHOTS = Path(__file__).parent / "snapshots"
NOON = Today(20_000 * DAY + DAY // 2, "Europe/Paris")
NO = math.nan
ENGLISH = (
    *("the", "of", "in", "days?", "hours?", "last", "latest", "first", "ago", "leads?", "yesterday", "today"),
    *("more", "less", "none", "so far", "with", "at", "and", "known"),
)
"""Words of the English sentences; CRM's own values and quoted labels hold none of them."""
COUNTS = ("count 7d", "count 30d", "count", "days_since_last")


@dataclass(frozen=True)
class Case:
    """A criterion, its values, a contribution, the lead's age in days, and what is usual of one of its columns."""

    criterion: Criterion
    values: Sequence[float | str | None]
    contribution: float = 0.3
    age: float | None = None
    usual: Mapping[str, Any] = field(default_factory=dict)
    words: Sequence[str] = ()

    def sentence(self, code: str) -> str:
        """The reason in a language."""
        columns = {self.criterion.columns[place]: known for place, known in self.usual.items()}
        usual = {"bands": BANDS, "columns": columns}
        vocabularies = dict.fromkeys(columns, self.words)
        speaker = Speaker(self.criterion, NOON, language(code), usual, vocabularies)
        values = [float(value) if isinstance(value, int) else value for value in self.values]
        return reason_text(speaker.evidence(values, self.age), self.contribution, language(code))


def of(en: str, fr: str | None, *measures: str, **more: Any) -> Criterion:
    """A criterion of facts; without a French label where `fr` is None."""
    label = {"en": en} | ({"fr": fr} if fr else {})
    plain: dict[str, Any] = {"name": "it", "label": label, "when": {"kind": "it"}, "measures": list(measures)}
    return Criterion.from_json(plain | more)


def known(en: str, fr: str, values: str) -> Criterion:
    """A criterion of an attribute."""
    plain = {"name": "it", "label": {"en": en, "fr": fr}, "attribute": "it", "values": values}
    return Criterion.from_json(plain)


def at_least(**shares: Sequence[float | None]) -> dict[str, Any]:
    """Shares of leads with so many facts or more, a share a band: `at_least(k1=..., k5=...)`."""
    return {"at_least": {name.removeprefix("k"): each for name, each in shares.items()}}


DEMOS = of("Demo requests", "Demandes de démonstration", *COUNTS)
QUOTES = of("Quote requests", "Demandes de devis", *COUNTS)
CALLS = of("Calls", "Appels", "count 30d", "mean duration 30d", "largest duration", "total duration 30d", "unanswered")
WHOLE = of("All interactions", "Toutes les interactions", "count 7d", "count 30d", "active_days 30d", when={})
PACE = of("Pace", "Rythme", "trend 7d 28d", when={})
PAGES = of("Price pages", "Pages de tarifs", "count 7d", "share 30d", "distinct page 30d", "latest page")
SECTOR = known("Sector", "Secteur", "categorical")
FUNCTION = known("Function", "Fonction", "categorical")
REVENUE = known("Revenue", "Chiffre d’affaires", "numeric")
SIZE = known("Company size", "Taille de l’entreprise", "bands")
RARE = {2: at_least(k1=[0.04, 0.09, 0.13, 0.15])}
COMMON = {0: at_least(k1=[0.61, 0.74, 0.8, 0.9], k2=[0.4, 0.5, 0.6, 0.7], k10=[0.02, 0.08, 0.1, 0.2])}
VALUES = {0: {"values": [0.21, 0.12], "other": 0.4, "missing": 0.27}}
NUMBERS = {0: {"deciles": [1e4, 2e4, 5e4, 1e5, 2e5, 3e5, 4e5, 5e5, 1e6], "missing": 0.31}}

CASES = (
    Case(DEMOS, [2, 2, 2, 1.1], 1.3),
    Case(QUOTES, [1, 1, 1, 3.2], 0.9, 5.0, RARE),
    Case(DEMOS, [1, 1, 1, 0.2], 0.8),
    Case(DEMOS, [1, 3, 9, 6.4], 0.75),
    Case(DEMOS, [0, 2, 2, 12.0], 0.4, 40.0, RARE),
    Case(QUOTES, [0, 0, 3, 45.2], 0.1),
    Case(DEMOS, [0, 0, 1, 200.0], -0.1, 300.0, RARE),
    Case(DEMOS, [0, 0, 0, NO], -0.3, 20.0, RARE),
    Case(of("Webinars", "Webinaires", "count 30d", "count"), [0, 3], 0.05),
    Case(of("Downloads", "Téléchargements", "count 30d", "count"), [0, 1], -0.05),
    Case(of("Enquiries", "Demandes de renseignements", "count"), [1200], 0.02),
    Case(of("Visits to the site", "Visites du site", "count"), [14], 0.5, 3.0, COMMON),
    Case(of("Messages received", "Messages reçus", "count 12h", "count 30d"), [1, 4], 0.3),
    Case(of("Inbound calls", "Appels entrants", "count 7d"), [0], -0.02),
    Case(of("Inbound calls", "Appels entrants", "count 1h"), [1], 0.3),
    Case(of("Replies", "Réponses", "days_since_last"), [3.3], 0.3),
    Case(of("Replies", "Réponses", "days_since_last"), [NO], -0.3, 2.0, {0: at_least(k1=[0.3, 0.4, 0.5, 0.5])}),
    Case(of("Replies", "Réponses", "count", "days_since_first"), [4, 800.0], 0.0),
    Case(of("Meetings", "Rendez-vous", "count", "days_since_first"), [1, 30.0], 0.8),
    Case(CALLS, [3, 340.0, 900.0, 1020.0, 2], 0.3),
    Case(CALLS, [0, NO, NO, 0, 0], -0.2),
    Case(of("Calls and e-mails sent", "Appels et e-mails envoyés", "unanswered"), [5], -1.1),
    Case(of("Calls", "Appels", "unanswered 30d"), [1], -0.1),
    Case(of("Calls", "Appels", "unanswered"), [0], 0.01),
    Case(of("Time on the phone", "Temps au téléphone", "mean duration 30d"), [NO], 0.0),
    Case(WHOLE, [12, 31, 9], 0.3),
    Case(WHOLE, [0, 4, 1], -0.3),
    Case(WHOLE, [0, 0, 0], -0.9),
    Case(PACE, [2.31], 0.3),
    Case(PACE, [0.4], -0.3),
    Case(PACE, [0.0], -0.8),
    Case(PACE, [1.0], 0.01),
    Case(PAGES, [3, 0.42, 2, "/pricing"], 0.9),
    Case(PAGES, [0, NO, 0, None], -0.1),
    Case(of("Deals won", "Affaires gagnées", "count", of="account"), [2], 0.7),
    Case(of("Deals won", "Affaires gagnées", "count", of="account"), [0], -0.03, 40.0, {0: at_least(k1=[0.1] * 4)}),
    Case(of("Page views", "Pages vues", "count 7d", of="contact"), [3], 0.2),
    Case(of("W Nabellen offertes", None, *COUNTS), [3, 5, 5, 2.0], 0.3),
    Case(of("Signed up", None, *COUNTS), [0, 1, 1, 10.2], 0.3),
    Case(of("W Nabellen offertes", None, "count"), [0], -0.1),
    Case(FUNCTION, ["purchasing"], 0.9, 5.0, VALUES, ("management", "purchasing")),
    Case(SECTOR, [None], -0.1, 5.0, VALUES),
    Case(known("When they want to buy", "Échéance d’achat", "categorical"), ["this_quarter"], 0.5),
    Case(SIZE, [200.0], 0.4, 5.0, {0: {"numbers": [[51.0, 0.2], [200.0, 0.17]], "missing": 0.1}}),
    Case(SIZE, [NO], -0.2),
    Case(REVENUE, [1_250_000.4], 0.3, 5.0, NUMBERS),
    Case(REVENUE, [15_000.0], -0.3, 5.0, NUMBERS),
    Case(TIMING[0], [12.7], 0.1),
    Case(TIMING[0], [1.0], 0.1),
    Case(TIMING[0], [0.21], 0.1),
    Case(TIMING[0], [0.01], 0.1),
    Case(TIMING[1], [1.0], 0.03, 5.0, {0: {"numbers": [[1.0, 0.17], [2.0, 0.2]], "missing": 0.0}}),
    Case(TIMING[2], [14.0], -0.03),
)


def sentences(code: str) -> list[str]:
    """All cases in a language."""
    return [case.sentence(code) for case in CASES]


def machine_words(sentence: str, code: str) -> list[str]:
    """What no colleague would say: underscores, codes of measures, gaps, missing values, English in French."""
    found = re.findall(r"_|  | None|\bnan\b|\binf\b|\{|\}|\.0\b| [,;.:]|=", sentence)
    found += [measure for measure in WORDS if "_" in measure and measure in sentence]
    if code == "fr":
        found += re.findall(rf"\b(?:{'|'.join(ENGLISH)})\b", sentence, re.IGNORECASE)
        found += re.findall(r"[^\u202f](?:[;:%?!»])|«[^\u202f]|\d,\d{3}\b", sentence)
    return found


if __name__ == "__main__":
    for code in LANGUAGES:
        (SNAPSHOTS / f"{code}.txt").write_text("\n".join(sentences(code)) + "\n", encoding="utf-8")
