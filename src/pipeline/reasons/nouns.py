"""A criterion's label as a noun that can be counted: "Demo requests" gives "1 demo request", "2 demo requests".

A label that is no English noun phrase (a code of the CRM, another language) gives none: sentences then quote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.reasons.language import UNTOLD, Gender, Language, language

IRREGULAR = {
    "person": "people",
    "child": "children",
    "quiz": "quizzes",
    "movie": "movies",
    "cookie": "cookies",
    "analysis": "analyses",
    "series": "series",
    "news": "news",
    "sms": "sms",
}
"""Singular -> plural, where the rules below would be wrong."""
SINGULARS = {plural: singular for singular, plural in IRREGULAR.items()}

AFTER_THE_HEAD = {
    "about",
    "at",
    "back",
    "by",
    "down",
    "for",
    "from",
    "in",
    "of",
    "off",
    "on",
    "out",
    "to",
    "up",
    "with",
}
"""A word before which the noun has ended: "deals won by the account", "call in"."""
PARTICIPLES = {"done", "given", "held", "lost", "made", "met", "paid", "read", "seen", "sent", "shown", "taken", "won"}
"""Participles without -ed that follow their noun: "deal won"."""
UNCOUNTABLE = {"activity", "behaviour", "engagement", "feedback", "history", "interest", "pricing", "traffic", "usage"}


@dataclass(frozen=True)
class Noun:
    """A noun phrase in both numbers; `none` is it where there is none, by default the English of it.

    >>> Noun("reply", "replies").counted(0), Noun("reply", "replies").counted(1), Noun("reply", "replies").counted(1200)
    ('no reply', '1 reply', '1,200 replies')
    """

    one: str
    many: str
    none: str = ""
    gender: Gender = field(default=UNTOLD, compare=False, repr=False)

    def counted(self, count: int, words: Language | None = None) -> str:
        """The number and the noun that agrees with it."""
        if count == 0:
            return self.none or f"no {self.one}"
        return f"{(words or language()).number(count)} {self.one if count == 1 else self.many}"

    def of(self, entity: str) -> Noun:
        """With what comes after the noun, as in " at the account"."""
        return Noun(self.one + entity, self.many + entity, (self.none or f"no {self.one}") + entity, self.gender)


def plural(word: str) -> str:
    """The plural of a singular English noun.

    >>> [plural(word) for word in ("call", "enquiry", "survey", "brochure", "pass", "person")]
    ['calls', 'enquiries', 'surveys', 'brochures', 'passes', 'people']
    """
    if word.lower() in IRREGULAR:
        return IRREGULAR[word.lower()]
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh)$", word) else "s")


def singular(word: str) -> str:
    """The singular of an English noun in either number.

    >>> [singular(word) for word in ("calls", "enquiries", "passes", "business", "status", "visits", "purchases")]
    ['call', 'enquiry', 'pass', 'business', 'status', 'visit', 'purchase']
    """
    if word.lower() in SINGULARS:
        return SINGULARS[word.lower()]
    if word.lower() in IRREGULAR or re.search(r"(ss|us|is)$", word) or not word.endswith("s"):
        return word
    if re.search(r"[^aeiou]ies$", word) and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if re.search(r"(ss|x|z|ch|sh)es$", word) else word[:-1]


def in_sentence(label: str) -> str:
    """A label inside a sentence: its capital goes, unless the first word is an abbreviation or a name like LinkedIn.

    >>> in_sentence("Job function"), in_sentence("CRM source"), in_sentence("LinkedIn messages")
    ('job function', 'CRM source', 'LinkedIn messages')
    """
    first = label.split(" ", 1)[0]
    return label if any(letter.isupper() for letter in first[1:]) else label[:1].lower() + label[1:]


@lru_cache(maxsize=1024)
def noun(label: str) -> Noun | None:
    """The label as a noun, or none where it cannot be counted in English.

    >>> noun("Demo requests"), noun("Deal won")
    (Noun(one='demo request', many='demo requests', none=''), Noun(one='deal won', many='deals won', none=''))
    >>> noun("Calls in (account)")
    Noun(one='call in (account)', many='calls in (account)', none='')
    >>> noun("W_Nabellen"), noun("A submitted"), noun("Signed up"), noun("Interest")
    (None, None, None, None)
    """
    phrase, bracket, rest = in_sentence(label.strip()).partition(" (")
    words = phrase.split(" ")
    if not all(re.fullmatch(r"[A-Za-z]+(['’-][A-Za-z]+)*", word) for word in words):
        return None
    head = next((place for place, word in enumerate(words) if place and word.lower() in AFTER_THE_HEAD), len(words)) - 1
    while head > 0 and _participle(words[head]):
        head -= 1
    one = singular(words[head])
    # A single letter before the noun is a code, as in the "W" of W_Nabellen.
    if _participle(words[head]) or one.lower() in UNCOUNTABLE or any(len(word) < 2 for word in words[: head + 1]):
        return None
    one, many = (" ".join([*words[:head], form, *words[head + 1 :]]) + bracket + rest for form in (one, plural(one)))
    return Noun(one, many)


def _participle(word: str) -> bool:
    return word in PARTICIPLES or re.search(r"..[^e]ed$", word) is not None
