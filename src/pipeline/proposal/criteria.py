"""The criteria that a proposed workspace calls for, written out as a person would edit them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import OTHER, apply_map, shipped_map
from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import DataError
from pipeline.features.attributes import as_text, recorded_attributes
from pipeline.features.auto import count_training, criteria_from
from pipeline.features.ledgers import Whole
from pipeline.features.observations import observe, start_of_test
from pipeline.features.seen import training_rows
from pipeline.proposal.attributes import family_of
from pipeline.proposal.vocabulary import fits
from pipeline.proposal.write import Block
from pipeline.tables.columns import History

READABLE = 0.3
"""The share of job titles that the shipped map has to read for a column to be one of job titles."""


def written_out(history: History, workspace: Workspace, numeric: Mapping[str, str]) -> list[Block]:
    """Criteria by what the training rows hold; DataError where there is no row to learn from.

    `numeric` are the columns of numbers that are written as texts, with the mark before the fraction.
    """
    rows = observe(history, workspace.observed, workspace.horizon)
    if not len(rows):
        raise DataError("no lead was open at a moment at which leads are observed")
    test_from = start_of_test(rows, workspace.test.share, workspace.test_from)
    training = training_rows(rows.cutoff, rows.mature, workspace.horizon, test_from)
    if not training.any():
        raise DataError("no observation has its outcome known before the test would begin: the history is too short")
    counts = count_training(
        Whole(history, workspace.excluded_kinds, workspace.excluded_columns),
        rows.lead[training],
        rows.cutoff[training],
        recorded_attributes(history),
        workspace.excluded_columns,
    )
    blocks: list[Block] = []
    for criterion in criteria_from(counts):
        blocks += _blocks(criterion, history, numeric)
    return blocks


def _blocks(criterion: Criterion, history: History, numeric: Mapping[str, str]) -> list[Block]:
    if criterion.attribute is not None and fits(criterion.attribute, "columns", "job_title"):
        titles = [
            as_text(value) for value in history.leads.attributes[criterion.attribute].tolist() if value is not None
        ]
        read = apply_map(shipped_map("job_function"), sorted(set(titles)))
        if criterion.values == "categorical" and np.mean([value != OTHER for value in read]) >= READABLE:
            return [
                _block(
                    {
                        "name": name,
                        "family": "demographics",
                        "label": {"en": label},
                        "attribute": criterion.attribute,
                        "map": name,
                    }
                )
                for name, label in (("job_function", "Function"), ("job_rank", "Rank"))
            ]
    plain: dict[str, Any] = criterion.to_json()
    if criterion.attribute is not None:
        plain["family"] = family_of(criterion.attribute) or plain["family"]
        plain["label"] = {"en": criterion.title()}
        if criterion.attribute in numeric and criterion.values == "categorical":
            decimal = numeric[criterion.attribute]
            plain |= {"values": "numeric"} | ({"decimal": decimal} if decimal == "," else {})
    plain.pop("of", None) if criterion.of == "lead" else None
    if not plain.get("when"):
        plain.pop("when", None)
    else:
        plain["when"] = {key: values[0] if len(values) == 1 else values for key, values in plain["when"].items()}
    return [_block(plain)]


def _block(plain: dict[str, Any]) -> Block:
    order: Sequence[str] = (
        "name",
        "family",
        "label",
        "of",
        "when",
        "measures",
        "attribute",
        "values",
        "decimal",
        "map",
    )
    block = Block()
    for key in order:
        block.put(key, plain.get(key))
    return block
