"""Frames in, as tables of a workspace; frames out, of scores, figures and rows with figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.definitions.places import Place
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.tables.asked import interactions_name

TABLES = ("leads", "contacts", "accounts", "interactions", "deals", "changes")
"""What a frame can stand in for."""

Plain = Mapping[str, Any]
Frame = Any
"""A pandas.DataFrame; pandas has no types."""


def with_frames(workspace: Workspace, folder: Path, frames: Mapping[str, Frame | Sequence[Frame] | None]) -> Workspace:
    """The workspace with frames in place of its tables, written into `folder` as Parquet; None leaves a table.

    Frames have the columns that the workspace names. `interactions` may be one frame, or one for each of the
    workspace's tables in order, with None where it is to be left. WorkspaceError where a frame has no place.
    """
    sources: dict[str, Any] = {}
    for name, frame in frames.items():
        if frame is None:
            continue
        source = getattr(workspace.sources, name, None) if name in TABLES else None
        if not source:
            known = ", ".join(each for each in TABLES if getattr(workspace.sources, each))
            raise WorkspaceError(f"{name}: the workspace has no such table to put a frame in; it has {known}")
        if name == "interactions":
            sources[name] = tuple(_interactions(source, frame, folder))
        else:
            sources[name] = _written(source, frame, folder, name)
    changed = workspace.model_copy(update={"sources": workspace.sources.model_copy(update=sources)})
    changed._root = workspace.root
    return changed


def _interactions(sources: Sequence[Any], frame: Frame | Sequence[Frame], folder: Path) -> Iterable[Any]:
    given = [frame] if isinstance(frame, pd.DataFrame) else list(frame)
    if len(given) != len(sources):
        raise WorkspaceError(
            f"interactions: {len(given)} frames for the {len(sources)} tables of interactions that the workspace has; "
            "give one for each, in order, and None for one that is to be left as it is"
        )
    for position, (source, own) in enumerate(zip(sources, given, strict=True)):
        yield source if own is None else _written(source, own, folder, interactions_name(position))


def _written(source: Any, frame: Frame, folder: Path, name: str) -> Any:
    path = folder / f"{name}.parquet"
    try:
        frame.to_parquet(path, index=False)
    except (TypeError, ValueError) as error:
        # Its message may hold values of the column.
        raise WorkspaceError(
            f"{name}: the frame cannot be written as a table ({type(error).__name__}): a column mixes numbers and "
            "texts; make it one or the other, ids always texts"
        ) from None
    return source.model_copy(update={"from_": Place(file=str(path))})


def scores_frame(scores: Iterable[Plain]) -> Frame:
    """Scores as JSON, a row each in their order: what a score has, the first reason in words, and all in `reasons`."""
    rows = [
        {
            **{name: value for name, value in score.items() if name not in ("reasons", "warnings")},
            "first_reason": score["reasons"][0]["text"] if score["reasons"] else None,
            "reasons": score["reasons"],
            "warnings": score["warnings"],
        }
        for score in scores
    ]
    frame = pd.DataFrame(rows)
    if len(frame):
        frame["as_of"] = pd.to_datetime(frame["as_of"])
    return frame


def reasons_frame(score: Plain) -> Frame:
    """The reasons of one score as JSON, the strongest first, indexed by criterion."""
    columns = ["criterion", "family", "side", "label", "contribution", "points", "sign", "evidence", "text"]
    return pd.DataFrame(score["reasons"], columns=columns).set_index("criterion")


def rows_frame(rows: Iterable[Plain]) -> Frame:
    """Rows with figures: each figure `name` becomes `name`, `name_low` and `name_high`, the 95 % interval.

    >>> rows_frame([{"criterion": "calls", "importance": {"value": 0.5, "low": 0.4, "high": 0.6}}]).columns.tolist()
    ['criterion', 'importance', 'importance_low', 'importance_high']
    """
    flat = []
    for row in rows:
        one: dict[str, Any] = {}
        for name, value in row.items():
            if isinstance(value, Mapping) and "value" in value:
                one |= {name: value["value"], f"{name}_low": value["low"], f"{name}_high": value["high"]}
            elif name.endswith("_between"):
                stem = name.removesuffix("_between")
                one |= {f"{stem}_low": value and value[0], f"{stem}_high": value and value[1]}
            else:
                one[name] = value
        flat.append(one)
    return pd.DataFrame(flat)


def figures_frame(test: Plain, baselines: Plain, names: Sequence[str]) -> Frame:
    """Figures by name: the model's value with its interval, and the value of each baseline."""
    rows = {}
    for name in names:
        figure = test[name]
        others = {other: group[name]["value"] for other, group in baselines.items() if name in group}
        rows[name] = {"model": figure["value"], "low": figure["low"], "high": figure["high"], **others}
    return pd.DataFrame.from_dict(rows, orient="index")
