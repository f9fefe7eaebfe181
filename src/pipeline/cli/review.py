"""What a reviewer decides: signing a model version off."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.frame import DEFAULT, File, Json, answer, app, now, telling
from pipeline.definitions.workspace import load_workspace


@app.command()
def sign(
    version: Annotated[str | None, typer.Argument(help="A registered version; default the champion.")] = None,
    config: File = DEFAULT,
    reviewer: Annotated[str, typer.Option(help="Who reviewed it: kept in models/signed, and nowhere else.")] = "",
    verdict: Annotated[str, typer.Option(help="approved, approved with remarks, or rejected.")] = "",
    notes: Annotated[str, typer.Option(help="What was found; asked for with remarks and rejections.")] = "",
    as_json: Json = False,
) -> None:
    """Record a review of a model version: who, what verdict, why."""
    from pipeline.workflow.train import sign_off

    workspace = load_workspace(config)
    with telling(as_json):
        found = sign_off(workspace, version, reviewer, verdict, notes, now())
    plain = asdict(found)
    answer({"model_version": plain.pop("version"), **plain}, as_json, found.sentence)
