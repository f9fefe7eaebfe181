"""A French label as a noun that can be counted: « Demandes de devis » gives « 1 demande de devis », « aucune demande ».

The words up to the first preposition agree with the number. The gender comes from a participle beside the noun, from
the noun itself where it is one that a CRM knows, or from its ending; where none tells, the phrases that would need it
are others. A label that is no French noun phrase gives none: sentences then quote it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.reasons.language import FEMININE, MASCULINE, UNTOLD, Gender
from pipeline.reasons.nouns import Noun, in_sentence

AFTER_THE_NOUN = {
    "de", "du", "des", "à", "au", "aux", "avec", "sur", "par", "en", "pour", "chez", "via", "dans", "sans", "vers",
    "depuis", "le", "la", "les",
}  # fmt: skip
"""A word before which the part that agrees has ended; so has one that begins with d’ or l’."""
INVARIABLE = {
    "accès", "avis", "bonus", "bus", "choix", "congrès", "cours", "devis", "et", "fois", "lynx", "mois", "pas",
    "prix", "procès", "ou", "processus", "progrès", "refus", "relais", "rendez-vous", "repas", "succès", "temps",
    "travers", "virus", "web", "déjà", "non", "plus", "très", "tous",
}  # fmt: skip
IRREGULAR = {"travail": "travaux", "œil": "yeux", "bail": "baux"}
"""Singular -> plural, where the rules below would be wrong."""
SINGULARS = {many: one for one, many in IRREGULAR.items()}
UNCOUNTABLE = {
    "activité", "assiduité", "comportement", "engagement", "fidélité", "historique", "intérêt", "réactivité",
    "silence", "trafic", "usage",
}  # fmt: skip
MASCULINES = {
    "accès", "achat", "appel", "avis", "cas", "chat", "choix", "clic", "client", "compte", "contact", "courriel",
    "courrier", "cours", "devis", "document", "e-mail", "échange", "email", "envoi", "essai", "fax", "jour", "lien",
    "livre", "mail", "message", "mois", "panier", "partenaire", "pays", "point", "prix", "produit", "prospect",
    "rappel", "refus", "rendez-vous", "retour", "salon", "site", "sms", "suivi", "tarif", "temps", "test",
    "téléphone", "évènement", "événement",
}  # fmt: skip
FEMININES = {
    "affaire", "alerte", "annonce", "application", "campagne", "candidature", "carte", "commande", "démo",
    "demande", "entreprise", "enquête", "étape", "étude", "facture", "fiche", "formule", "foire", "heure", "image",
    "interview", "lecture", "lettre", "ligne", "liste", "minute", "newsletter", "note", "offre", "page", "personne",
    "pièce", "piste", "plainte", "preuve", "prise", "question", "recherche", "relance", "remarque", "remise",
    "rencontre", "réponse", "semaine", "source", "taille", "tentative", "tâche", "valeur", "vente", "vidéo",
    "visite", "vue",
}  # fmt: skip
ENDINGS: tuple[tuple[str, Gender], ...] = (
    (r"(t|s|x)ion|té|ure|ance|ence|ée|erie|ette|ise|ade|trice|euse|esse|ude|ine", FEMININE),
    (r"age|ment|isme|oir|al|ail|ier|eau|ing|at|el|aire|gramme|eur|et", MASCULINE),
)
"""What an ending says of a noun that is in neither list."""


def singular(word: str) -> str:
    """The singular of a French noun or adjective in either number.

    >>> [singular(word) for word in ("demandes", "canaux", "nouveaux", "devis", "jeux", "envoyés")]
    ['demande', 'canal', 'nouveau', 'devis', 'jeu', 'envoyé']
    """
    if word.lower() in INVARIABLE or word.isupper():
        return word
    if word.lower() in SINGULARS:
        return SINGULARS[word.lower()]
    if word.endswith(("eaux", "eux", "œux")):
        return word[:-1]
    if word.endswith("aux"):
        return word[:-2] + "l"
    return word[:-1] if re.search(r"[^s]s$", word) else word


def plural(word: str) -> str:
    """The plural of a French noun or adjective in the singular.

    >>> [plural(word) for word in ("visite", "canal", "nouveau", "devis", "jeu", "travail")]
    ['visites', 'canaux', 'nouveaux', 'devis', 'jeux', 'travaux']
    """
    if word.lower() in INVARIABLE or word.isupper() or word[-1:] in "sxz":
        return word
    if word.lower() in IRREGULAR:
        return IRREGULAR[word.lower()]
    if word.endswith(("eau", "au", "eu")):
        return word + "x"
    return word[:-1] + "ux" if word.endswith("al") else word + "s"


@lru_cache(maxsize=1024)
def french_noun(label: str) -> Noun | None:
    """The label as a noun, or none where it cannot be counted in French.

    >>> french_noun("Demandes de démonstration")
    Noun(one='demande de démonstration', many='demandes de démonstration', none='aucune demande de démonstration')
    >>> french_noun("Appels entrants (compte)")
    Noun(one='appel entrant (compte)', many='appels entrants (compte)', none='aucun appel entrant (compte)')
    >>> french_noun("A_ACCEPTED"), french_noun("Réactivité"), french_noun("7 appels")
    (None, None, None)
    """
    phrase, bracket, rest = in_sentence(label.strip()).partition(" (")
    words = phrase.split(" ")
    if not all(re.fullmatch(r"[A-Za-zÀ-ÿœŒ]+(['’-][A-Za-zÀ-ÿœŒ]+)*", word) for word in words):
        return None
    end = next((place for place, word in enumerate(words) if place and _after(word)), len(words))
    group, tail = words[:end], words[end:]
    ones = [singular(word) for word in group]
    if ones[0].lower() in UNCOUNTABLE or len(ones[0]) < 2:
        return None
    many = group if group != ones else [plural(word) for word in ones]
    one, several = (" ".join([*forms, *tail]) + bracket + rest for forms in (ones, many))
    gender = _gender(ones)
    without = "aucun " if gender is MASCULINE else "aucune " if gender is FEMININE else _of(one)
    return Noun(one, several, without + one, gender)


def _after(word: str) -> bool:
    return word.lower() in AFTER_THE_NOUN or re.match(r"[dlDL]['’]", word) is not None


def _of(word: str) -> str:
    """« pas de », before a vowel « pas d’ »."""
    return "pas d’" if word[:1].lower() in "aeiouyàâéèêëîïôœùû" else "pas de "


def _gender(words: list[str]) -> Gender:
    head = words[0].lower()
    if head in MASCULINES:
        return MASCULINE
    if head in FEMININES:
        return FEMININE
    for word in words[1:]:
        if re.search(r"(é|i|u)e$|ante$|elle$|ive$|euse$", word):
            return FEMININE
        if re.search(r"(é|ant|if|eux)$", word):
            return MASCULINE
    return next((gender for ending, gender in ENDINGS if re.search(rf"({ending})$", head)), UNTOLD)
