"""The matrix: columns in order, texts as codes, what training never saw said aloud."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from pipeline.definitions.criteria import TIMING, Criterion, Measure
from pipeline.features.matrix import Definition, vocabulary
from pipeline.tables.columns import Floats, Texts

CRITERIA = (
    Criterion(
        "calls", "behaviour", (Measure.parse("count 7d"), Measure.parse("latest page")), when=(("kind", ("call",)),)
    ),
    Criterion("sector", "demographics", attribute="sector", values="categorical", label={"en": "Sector"}),
)
DEFINITION = Definition(
    criteria=(*CRITERIA, *TIMING[:1]),
    vocabularies={"calls.latest_page": ("/b", "/a"), "sector": ("retail",)},
    recorded={"sector": True},
    timezone="Europe/Paris",
    horizon=5,
    excluded_kinds=("contract_*",),
    maps={"titles": (("purchasing", ("*buyer*",)),)},
)


def test_columns_stand_in_the_order_of_criteria_and_texts_become_codes() -> None:
    columns: dict[str, Floats | Texts] = {
        "age": np.array([1.0, 2.0, 3.0]),
        "sector": Texts.of(["retail", None, "bank"]),
        "calls.count_7d": np.array([0.0, np.nan, 4.0]),
        "calls.latest_page": Texts.of(["/a", "/b", None]),
    }
    matrix, unseen = DEFINITION.matrix(columns)
    assert DEFINITION.columns == ("calls.count_7d", "calls.latest_page", "sector", "age")
    assert (DEFINITION.categorical, DEFINITION.criterion_of) == ((1, 2), (0, 0, 1, 2))
    np.testing.assert_array_equal(matrix, [[0, 1, 0, 1], [np.nan, 0, np.nan, 2], [4, np.nan, 1, 3]])
    assert {name: rows.tolist() for name, rows in unseen.items()} == {"sector": [False, False, True]}


def test_a_definition_survives_json_and_keeps_its_fingerprint() -> None:
    again = Definition.from_json(json.loads(json.dumps(DEFINITION.to_json())))
    assert again == DEFINITION
    assert again.fingerprint == DEFINITION.fingerprint


def test_the_fingerprint_depends_on_what_a_measure_depends_on_and_not_on_labels() -> None:
    renamed = replace(DEFINITION, criteria=(CRITERIA[0], replace(CRITERIA[1], label={"en": "Industry"}), *TIMING[:1]))
    assert renamed.fingerprint == DEFINITION.fingerprint
    others = [
        replace(DEFINITION, timezone="UTC"),
        replace(DEFINITION, recorded={"sector": False}),
        replace(DEFINITION, excluded_kinds=()),
        replace(DEFINITION, vocabularies={**DEFINITION.vocabularies, "sector": ("bank",)}),
        replace(DEFINITION, maps={}),
        replace(DEFINITION, criteria=CRITERIA),
    ]
    assert len({definition.fingerprint for definition in [DEFINITION, *others]}) == 1 + len(others)


def test_a_vocabulary_is_by_frequency_and_holds_no_value_that_training_lacks() -> None:
    column = Texts.of(["b", "a", "b", "c", None]).take(np.array([0, 1, 2, 4]))
    assert vocabulary(column) == ("b", "a")
