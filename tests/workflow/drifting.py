"""Ways to change an export, and what check, score and explain say of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.learning.bundle import Bundle, bundle_path, read_champion
from pipeline.reasons.scores import Score
from pipeline.workflow.schema import SchemaDriftError
from pipeline.workflow.scoring import explain_lead, score_contributions, score_leads
from pipeline.workflow.stages import check
from pipeline.workflow.train import train


def retrain(crm: Path) -> dict[str, Any]:
    return train(load_workspace(crm / "leadlight.yaml"), crm / "leadlight.yaml", 0)


def found(crm: Path) -> list[dict[str, Any]]:
    """The findings of schema drift in a check."""
    findings = check(load_workspace(crm / "leadlight.yaml"))["findings"]
    return [finding for finding in findings if finding["code"] == "schema-drift"]


def places(crm: Path) -> list[tuple[str, str | None]]:
    return [(finding["table"], finding["column"]) for finding in found(crm)]


def scored(crm: Path) -> list[Score]:
    return score_leads(load_workspace(crm / "leadlight.yaml"))[1]


def warnings(crm: Path) -> list[str]:
    workspace = load_workspace(crm / "leadlight.yaml")
    told = score_leads(workspace)[0].get("warnings", ())
    assert score_contributions(workspace, output=crm / "contributions.csv")[0].get("warnings", ()) == told
    (crm / "contributions.csv").unlink()
    return list(told)


def files(crm: Path) -> set[Path]:
    return {path for path in crm.rglob("*") if path.name != ".lock"}


def refused(crm: Path) -> str:
    """What scoring and explaining say, which is the same and leaves nothing behind."""
    before = files(crm)
    with pytest.raises(SchemaDriftError) as scoring:
        score_leads(load_workspace(crm / "leadlight.yaml"), output=crm / "scores.csv")
    with pytest.raises(SchemaDriftError) as contributing:
        score_contributions(load_workspace(crm / "leadlight.yaml"), output=crm / "scores.csv")
    with pytest.raises(SchemaDriftError) as explaining:
        explain_lead(load_workspace(crm / "leadlight.yaml"), "L0259")
    assert files(crm) == before
    assert str(scoring.value) == str(explaining.value) == str(contributing.value)
    return str(scoring.value)


def refused_check(crm: Path) -> str:
    with pytest.raises(WorkspaceError) as wrong:
        check(load_workspace(crm / "leadlight.yaml"))
    return str(wrong.value)


def renamed(old: str, new: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.rename(columns={old: new})


def with_values(column: str, value: Callable[[Any], Any]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.assign(**{column: [value(each) for each in table[column]]})


def champion(crm: Path) -> Bundle:
    version = read_champion(crm / "models")
    assert version is not None
    return Bundle.load(bundle_path(crm / "models", version))


def schema_type(crm: Path, column: str) -> str:
    return next(str(entry["type"]) for entry in champion(crm).card["schema"] if entry["column"] == column)
