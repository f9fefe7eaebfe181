"""Criteria, measures and families as plain data: read from YAML, kept as JSON, shown as words.

A criterion is what a person would name as a reason; its measures are the columns that a model sees.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from pipeline.definitions.spans import parse_span, span_text
from pipeline.definitions.traits import Trait

FAMILIES = {
    "demographics": "fit",
    "acquisition": "fit",
    "behaviour": "intent",
    "engagement": "intent",
    "timing": "intent",
}
"""Family -> side."""

ENTITIES = ("lead", "contact", "account")

WORDS = (
    "count",
    "share",
    "total",
    "mean",
    "largest",
    "distinct",
    "latest",
    "active_days",
    "days_since_first",
    "days_since_last",
    "unanswered",
    "trend",
)
"""What a measure may compute: DESIGN's section 4."""
COLUMN_WORDS = ("total", "mean", "largest", "distinct", "latest")
"""Those that need a column."""
WINDOW_WORDS = tuple(word for word in WORDS if word not in ("latest", "days_since_last", "trend"))
"""Those that may have one window; `trend` needs two."""

BUILT_IN = ("age", "created_weekday", "created_hour")

VALUES = ("numeric", "categorical", "bands")


@dataclass(frozen=True)
class Measure:
    """One computed column: a word of DESIGN's section 4, with its column and window (microseconds) where it takes them.

    >>> Measure.parse("count 7d").name, Measure.parse("mean duration 30d").name, Measure.parse("trend 7d 28d").name
    ('count_7d', 'mean_duration_30d', 'trend_7d_28d')
    >>> Measure.parse("mean 'call duration' 30d").column
    'call duration'
    >>> Measure.parse("coutn 7d")
    Traceback (most recent call last):
        ...
    ValueError: 'coutn' is no measure; expected one of count, share, total, ...
    """

    word: str
    window: int | None = None
    column: str | None = None
    long: int | None = None

    @classmethod
    def parse(cls, text: str) -> Measure:
        """Read `word [column] [window]`; ValueError says what was expected."""
        word, *rest = _parts(text) or [""]
        if word not in WORDS:
            raise ValueError(f"{word!r} is no measure; expected one of {', '.join(WORDS)}")
        column: str | None = None
        if word in COLUMN_WORDS:
            if not rest:
                raise ValueError(f"{text!r} needs a column, as in '{word} duration'")
            column, *rest = rest
        if word == "trend":
            if len(rest) != 2:
                raise ValueError(f"{text!r} needs two windows, as in 'trend 7d 28d'")
            return cls(word, _window(rest[0]), long=_window(rest[1]))
        if rest and word not in WINDOW_WORDS:
            raise ValueError(f"{text!r}: {word} takes no window")
        if len(rest) > 1:
            raise ValueError(f"{text!r} has more than one window")
        return cls(word, _window(rest[0]) if rest else None, column)

    @property
    def text(self) -> str:
        """The machine form, as in the workspace: `count 7d`; a column with blanks stands in quotes."""
        column = self.column and (shlex.quote(self.column) if re.search(r"[\s'\"]", self.column) else self.column)
        return self._joined(column, " ")

    @property
    def name(self) -> str:
        """The column's part after the criterion: `count_7d`."""
        return self._joined(self.column, "_")

    def _joined(self, column: str | None, between: str) -> str:
        spans = [span_text(span) for span in (self.window, self.long) if span is not None]
        return between.join(part for part in (self.word, column, *spans) if part)


def _parts(text: str) -> list[str]:
    """Words between blanks, or in quotes; an apostrophe alone is part of its word."""
    try:
        return shlex.split(text) if re.search(r"['\"]", text) else text.split()
    except ValueError:
        return text.split()


def _window(text: str) -> int:
    window = parse_span(text)
    if not window:
        raise ValueError(f"{text!r} is no time at all; expected a window, as in 7d")
    return window


@dataclass(frozen=True)
class Criterion:
    """Measures of one choice of facts (`when`: field -> patterns), one attribute, one built-in measure, or a persona.

    `values` says how an attribute, or a `latest`, is read: "numeric", "categorical" or "bands"; `map` names a table of
    patterns; `decimal` is the mark before the fraction of numbers written as text. `persona` are traits, of which the
    share that match is the value. Exactly one of `measures`, `attribute`, `built_in`, `persona` is given.
    """

    name: str
    family: str
    measures: tuple[Measure, ...] = ()
    of: str = "lead"
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    attribute: str | None = None
    values: str | None = None
    decimal: str | None = None
    map: str | None = None
    built_in: str | None = None
    persona: tuple[Trait, ...] = ()
    label: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def side(self) -> str:
        """Fit or intent."""
        return FAMILIES[self.family]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns in the training set: `demo_requests.count_7d`, or `job_function`."""
        if self.attribute or self.built_in or self.persona:
            return (self.name,)
        return tuple(f"{self.name}.{measure.name}" for measure in self.measures)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that it reads."""
        if self.persona:
            return tuple(dict.fromkeys(trait.attribute for trait in self.persona))
        return () if self.attribute is None else (self.attribute,)

    def title(self, language: str = "en") -> str:
        """The label for people; the name in words where the workspace gives none."""
        return self.label.get(language) or self.label.get("en") or self.name.replace("_", " ").capitalize()

    def to_json(self) -> dict[str, Any]:
        """Plain data for the bundle, without what is not given."""
        plain: dict[str, Any] = {"name": self.name, "family": self.family}
        if self.label:
            plain["label"] = dict(self.label)
        if self.measures:
            plain |= {"of": self.of, "when": {key: list(patterns) for key, patterns in self.when}}
            plain["measures"] = [measure.text for measure in self.measures]
        for key in ("attribute", "values", "decimal", "map", "built_in"):
            if getattr(self, key) is not None:
                plain[key] = getattr(self, key)
        if self.persona:
            plain["persona"] = [trait.to_json() for trait in self.persona]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Criterion:
        """Read what `to_json` wrote, or a criterion of the workspace; ValueError says what was expected."""
        unknown = set(plain) - {each.name for each in fields(cls)}
        if unknown:
            raise ValueError(f"{sorted(unknown)[0]!r} is no key of a criterion")
        if not re.fullmatch(r"[^\s.]+", str(plain.get("name", ""))):
            raise ValueError(f"name: {plain.get('name')!r} must be one word without a dot, as in demo_requests")
        chosen = plain.get("when") or {}
        if not isinstance(chosen, Mapping):
            raise ValueError(f"when: {chosen!r}; expected fields and values, as in {{kind: call}}")
        when = tuple((str(key), tuple(_word(item) for item in _listed(value))) for key, value in sorted(chosen.items()))
        attribute, label = plain.get("attribute"), plain.get("label")
        if isinstance(attribute, Mapping | list):
            raise ValueError(f"attribute: {attribute!r}; expected the name of one column")
        criterion = cls(
            name=str(plain["name"]),
            family=str(plain.get("family", "demographics" if plain.get("attribute") else "behaviour")),
            measures=tuple(Measure.parse(str(text)) for text in _listed(plain.get("measures") or ())),
            of=str(plain.get("of", "lead")),
            when=when,
            attribute=None if attribute is None else str(attribute),
            values=plain.get("values"),
            decimal=plain.get("decimal"),
            map=plain.get("map"),
            built_in=plain.get("built_in"),
            persona=tuple(map(Trait.from_json, plain.get("persona", ()))),
            label={str(key): str(text) for key, text in label.items()} if isinstance(label, Mapping) else {},
        )
        criterion._validate(label)
        return criterion

    def _validate(self, label: object) -> None:
        if self.family not in FAMILIES:
            raise ValueError(f"family: {self.family!r}; expected one of {', '.join(FAMILIES)}")
        if self.of not in ENTITIES:
            raise ValueError(f"of: {self.of!r}; expected one of {', '.join(ENTITIES)}")
        if self.values is not None and self.values not in VALUES:
            raise ValueError(f"values: {self.values!r}; expected one of {', '.join(VALUES)}")
        if self.decimal is not None and (self.decimal not in (".", ",") or self.values != "numeric"):
            raise ValueError(f"decimal: {self.decimal!r}; expected . or , and values: numeric beside it")
        if label is not None and not isinstance(label, Mapping):
            raise ValueError(f"label: {label!r}; expected a text a language, as in {{en: Demo requests}}")
        given = (bool(self.measures), self.attribute is not None, self.built_in is not None, bool(self.persona))
        if sum(given) != 1:
            raise ValueError(f"{self.name!r} needs measures (of facts) or an attribute, and not both")
        if len({measure.name for measure in self.measures}) < len(self.measures):
            raise ValueError(f"{self.name!r} names a measure twice")
        if self.built_in is not None and self.built_in not in BUILT_IN:
            raise ValueError(f"built_in: {self.built_in!r}; expected one of {', '.join(BUILT_IN)}")


def _word(value: Any) -> str:
    """A value of the workspace as its text; true and false as files are read."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: Any) -> list[Any] | tuple[Any, ...]:
    """A list, of one where there is none."""
    return value if isinstance(value, list | tuple) else [value]


TIMING = tuple(
    Criterion(name, "timing", built_in=name, label={"en": english, "fr": french})
    for name, english, french in (
        ("age", "Age of the lead", "Âge du prospect"),
        ("created_weekday", "Weekday of creation", "Jour de création"),
        ("created_hour", "Hour of creation", "Heure de création"),
    )
)
"""The criteria that every model has."""
