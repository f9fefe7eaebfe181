"""persona: the ideal customer proposed from the won deals, by the traits that won leads have more often than all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import OTHER
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.features.training_set import TrainingSet, read_texts
from pipeline.quality.lifts import Lift, lifts
from pipeline.reasons.language import Language, language
from pipeline.tables.columns import Floats, Texts
from pipeline.workflow import stages
from pipeline.workflow.places import Places
from pipeline.workflow.schema import Progress, quiet

Mask = NDArray[np.bool_]

FEWEST_WON = 10
"""Won leads that a proposal takes."""
LEAST_LIFT = 1.1
"""What nearly everybody has is no trait, however sure its lift: it tells hardly anybody apart."""
CUTS = (0.25, 0.5, 0.75)
"""Where numbers are cut: a quarter of the leads lies between two."""
MOST_BANDS = 12
"""A column with more different lower bounds is cut as numbers are."""


def proposed(workspace: Workspace, progress: Progress = quiet, words: Language | None = None) -> dict[str, Any]:
    """Section 9's JSON: every trait looked at with its lift, those proposed, and the text to paste.

    WorkspaceError where no criterion of demographics reads an attribute.
    """
    words = words or language()
    stages.features(workspace, None, progress)
    folder = Places(workspace.root).training
    rows = TrainingSet.load(folder)
    criteria = [c for c in rows.definition.criteria if c.attribute is not None and c.family == "demographics"]
    if not criteria:
        raise WorkspaceError("persona: no criterion of the family demographics reads an attribute; name some")
    progress("looking at won leads")
    first, won = leads_once(rows, _window(workspace))
    texts = read_texts(folder, rows.definition)
    traits = [trait for criterion in criteria for trait in _traits(rows, texts, criterion, first)]
    has = np.stack([mask for _, _, mask in traits], axis=1) if traits else np.empty((len(first), 0), dtype=np.bool_)
    enough = int(won.sum()) >= FEWEST_WON
    found = lifts(won, rows.group[first], has) if len(first) and traits else []
    looked = [(criterion, value, lift) for (criterion, value, _), lift in zip(traits, found, strict=True)]
    chosen = _chosen(looked) if enough else {}
    named = {(name, value) for name, values in chosen.items() for value in values}
    listed = [_trait(criterion, value, lift, (criterion.name, value) in named) for criterion, value, lift in looked]
    listed.sort(key=lambda row: (not row["proposed"], -(row["lift"]["value"] or 0), row["criterion"], row["value"]))
    persona = {name: values[0] if _compared(values[0]) else values for name, values in chosen.items()}
    text = yaml.safe_dump({"persona": persona}, allow_unicode=True, sort_keys=False) if persona else ""
    return {
        "leads": len(first),
        "won": int(won.sum()),
        "looked_at": len(looked),
        "traits": listed,
        "persona": persona,
        "yaml": text,
        "said": list(_said(words, len(first), int(won.sum()), len(looked), bool(persona))),
    }


def leads_once(rows: TrainingSet, window: int) -> tuple[NDArray[np.int64], Mask]:
    """The first observation of each lead that could be watched to its end, and whether the lead was won.

    `window` is how old a lead is when it is last observed (microseconds). Leads that are younger are left out, the won
    among them too: else those that are won quickly would stand for all.
    """
    horizon = rows.definition.horizon or 0
    watched = (
        rows.mature & (rows.created_at + window + horizon <= rows.data_until)
        if rows.definition.horizon
        else rows.mature
    )
    places = np.flatnonzero(watched)
    order = places[np.lexsort((rows.cutoff[places], rows.lead_id.codes[places]))]
    lead = rows.lead_id.codes[order]
    starts = np.flatnonzero(np.append(True, lead[1:] != lead[:-1])) if len(lead) else np.empty(0, dtype=np.int64)
    won = np.maximum.reduceat(rows.label[order], starts) == 1 if len(starts) else np.empty(0, dtype=np.bool_)
    return order[starts], won


def _window(workspace: Workspace) -> int:
    observed = workspace.observed
    return observed.until or max(observed.ages or (0,))


Looked = tuple[Criterion, str, Mask]


def _traits(
    rows: TrainingSet, texts: dict[str, Texts], criterion: Criterion, first: NDArray[np.int64]
) -> Iterator[Looked]:
    """The values of an attribute, or the sides of its cuts, and which leads have them; missing is no value."""
    if criterion.name in rows.definition.vocabularies:
        column = texts[criterion.name]
        codes = column.codes[first]
        for code, word in enumerate(column.words):
            if word != OTHER and word in rows.definition.vocabularies[criterion.name] and (codes == code).any():
                yield criterion, word, codes == code
        return
    numbers: Floats = rows.X[first, rows.definition.columns.index(criterion.name)]
    known = numbers[~np.isnan(numbers)]
    cuts = np.unique(known)[1:]
    if len(cuts) > MOST_BANDS:
        cuts = np.unique(np.quantile(known, CUTS))
    for cut in cuts.tolist():
        yield criterion, f">= {cut:g}", numbers >= cut
        yield criterion, f"< {cut:g}", numbers < cut


def _fits(lift: Lift) -> bool:
    return lift.shown and (lift.lift.value or 0) >= LEAST_LIFT


def _compared(value: str) -> bool:
    return value.startswith((">= ", "< "))


def _chosen(looked: list[tuple[Criterion, str, Lift]]) -> dict[str, list[str]]:
    """Of each criterion the values that are shown to be more frequent among won leads; of cuts the surest alone."""
    chosen: dict[str, list[str]] = {}
    for name in dict.fromkeys(criterion.name for criterion, _, _ in looked):
        shown = [(value, lift) for criterion, value, lift in looked if criterion.name == name and _fits(lift)]
        cuts = [pair for pair in shown if _compared(pair[0])]
        if cuts:
            chosen[name] = [max(cuts, key=lambda pair: pair[1].corrected.low or 0)[0]]
        elif shown:
            chosen[name] = [value for value, _ in sorted(shown, key=lambda pair: -(pair[1].lift.value or 0))]
    return chosen


def _trait(criterion: Criterion, value: str, lift: Lift, proposed: bool) -> dict[str, Any]:
    return {
        "criterion": criterion.name,
        "attribute": criterion.attribute,
        "value": value,
        "leads": lift.leads,
        "won": lift.won,
        "share_of_won": lift.of_won.to_json(),
        "share_of_all": lift.of_all.to_json(),
        "lift": lift.lift.to_json(),
        "corrected": lift.corrected.to_json(),
        "proposed": proposed,
    }


def _said(words: Language, leads: int, won: int, looked: int, found: bool) -> Iterator[str]:
    yield words.text(
        "{leads} leads that could be watched to their end, {won} of them won; {looked} traits were looked at.",
        leads=words.number(leads),
        won=words.number(won),
        looked=words.number(looked),
    )
    if won < FEWEST_WON:
        yield words.text("Too few won leads for a proposal: it takes {n}.", n=words.number(FEWEST_WON))
    elif found:
        yield words.text(
            "Proposed is what won leads have more often than all leads, beyond chance in so many looks: the corrected "
            "interval of the lift lies above 1. A trait of those whom one has sold to so far, not of all who would buy."
        )
    else:
        yield words.text("Nothing is proposed: no trait's corrected interval lies above 1.")
