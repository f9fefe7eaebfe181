"""French: nouns in either number, genders, and what is said where a label is missing."""

from __future__ import annotations

import pytest

from pipeline.reasons.french_nouns import french_noun
from pipeline.reasons.language import language, preferred
from pipeline.reasons.sentences import Speaker
from tests.reasons.worked_sentences import NO, NOON, of

FR = language("fr")


@pytest.mark.parametrize(
    ("label", "one", "many", "none"),
    [
        ("Demandes de démonstration", "demande de démonstration", "demandes de démonstration", "aucune "),
        ("Appels entrants", "appel entrant", "appels entrants", "aucun "),
        ("E-mail envoyé", "e-mail envoyé", "e-mails envoyés", "aucun "),
        ("Affaires déjà gagnées avec le compte", "affaire déjà gagnée avec le compte",
         "affaires déjà gagnées avec le compte", "aucune "),
        ("Rendez-vous", "rendez-vous", "rendez-vous", "aucun "),
        ("Livres blancs", "livre blanc", "livres blancs", "aucun "),
        ("Journaux lus", "journal lu", "journaux lus", "aucun "),
        ("Pages web", "page web", "pages web", "aucune "),
        ("Signatures d’accords", "signature d’accords", "signatures d’accords", "aucune "),
        ("Hotlines", "hotline", "hotlines", "aucune "),
        ("Ateliers", "atelier", "ateliers", "aucun "),
        ("Flashs", "flash", "flashs", "pas de "),
        ("Opt-ins", "opt-in", "opt-ins", "pas d’"),
    ],
)  # fmt: skip
def test_a_label_is_counted_in_either_number(label: str, one: str, many: str, none: str) -> None:
    found = french_noun(label)
    assert found is not None
    assert (found.one, found.many, found.none) == (one, many, none + one)


@pytest.mark.parametrize("label", ["A_SUBMITTED", "7 appels", "", "Réactivité", "Engagement"])
def test_what_is_no_french_noun_is_quoted(label: str) -> None:
    assert french_noun(label) is None


def test_none_and_one_are_singular_in_french() -> None:
    assert FR.count("{n} attempt unanswered", "{n} attempts unanswered", 0) == "0 tentative sans réponse"
    assert FR.count("{n} attempt unanswered", "{n} attempts unanswered", 1) == "1 tentative sans réponse"
    assert FR.count("{n} attempt unanswered", "{n} attempts unanswered", 1200) == "1\u202f200 tentatives sans réponse"


def test_a_gender_that_nobody_knows_asks_for_other_words() -> None:
    flashes = of("Flashes", "Flashs", "count 7d", "count", "days_since_last")
    assert Speaker(flashes, NOON, FR).evidence([2.0, 2.0, 1.1]) == "2 flashs ces 7 derniers jours, dernière fois hier"
    assert Speaker(flashes, NOON, FR).evidence([0.0, 0.0, NO]) == "pas de flash à ce jour"


def test_without_a_french_label_the_english_one_is_quoted() -> None:
    demos = of("Demo requests", None, "count 7d")
    assert Speaker(demos, NOON, FR).evidence([2.0]) == "«\u202fDemo requests\u202f» deux fois ces 7 derniers jours"
    unnamed = of("", None, "count")
    assert Speaker(unnamed, NOON, FR).evidence([1.0]) == "«\u202fIt\u202f» une fois à ce jour"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("fr", "fr"), ("FR-ca", "fr"), ("de,fr;q=0.3", "fr"), ("en;q=0.2, fr;q=0.9", "fr"), ("fr;q=0.2,en", "en"),
        ("fr;q=0", "en"), ("fr;q=2", "en"), ("fr;q=x", "en"), ("fr;q=nan", "en"), (";;,,q=1", "en"), ("", "en"),
    ],
)  # fmt: skip
def test_a_header_names_the_language_it_likes_best(header: str, code: str) -> None:
    assert preferred(header).code == code


def test_a_language_that_nobody_speaks_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="'de' is no language that Leadlight speaks; expected one of en, fr"):
        language("de")
