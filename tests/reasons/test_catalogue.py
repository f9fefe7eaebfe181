"""The French of Leadlight: whole, with the places of the English, and written as French is."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from pipeline.reasons.language import CATALOGUES

SRC = Path(__file__).parents[2] / "src"
SAYS = {"text": 1, "count": 2, "message": 1}
"""What is called with messages -> how many of its first arguments are the message in its numbers."""
NARROW = "\u202f"


@cache
def messages() -> dict[str, str]:
    """English message -> the file that says it; of one with two numbers the first."""
    found: dict[str, str] = {}
    for path in sorted(SRC.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if path.name == "language.py" or "reasons.language" in source:
            calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
            found |= {said: path.name for call in calls for said in [_said(call)] if said is not None}
    return found


def _said(call: ast.Call) -> str | None:
    named = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    forms = [each.value for each in call.args[: SAYS.get(named, 0)] if isinstance(each, ast.Constant)]
    return forms[0] if forms and len(forms) == SAYS[named] and isinstance(forms[0], str) else None


@cache
def catalogue() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """English message -> its English forms and its French ones."""
    with (CATALOGUES / "fr.po").open("rb") as file:
        read = read_po(file, locale="fr")
    forms = {}
    for message in read:
        if message.id:
            english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            forms[english[0]] = english, (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return forms


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)(?:\|[^}]*|:[^}]*)?\}", text)) - {"gender"}


def test_every_message_is_french_too() -> None:
    missing = {message: file for message, file in messages().items() if not all(catalogue().get(message, [()])[-1])}
    missing |= {message: file for message, file in messages().items() if message not in catalogue()}
    assert not missing


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    assert not sorted(set(catalogue()) - set(messages()))


def test_no_message_is_translated_twice() -> None:
    ids = re.findall(r'(?m)^msgid "(.+)"$', (CATALOGUES / "fr.po").read_text(encoding="utf-8"))
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("english", sorted(catalogue()))
def test_a_translation_has_the_places_of_its_message(english: str) -> None:
    wanted = set.union(*(places(form) for form in catalogue()[english][0]))
    for french in catalogue()[english][1]:
        assert places(french) <= wanted
        assert wanted - places(french) <= {"n"}


@pytest.mark.parametrize("english", sorted(catalogue()))
def test_french_marks_stand_behind_a_narrow_blank(english: str) -> None:
    for french in catalogue()[english][1]:
        bare = re.sub(r"\{gender:[^}]*\}", "", french)
        assert not re.search(rf"(?<!{NARROW})[:;?!%»]", bare), french
        assert not re.search(rf"«(?!{NARROW})", bare), french
        assert "'" not in bare, f"{french}: the apostrophe is ’"
