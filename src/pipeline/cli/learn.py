"""From tables to a model that serves: demo, check, features, fit, evaluate, train."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.frame import (
    DEFAULT,
    Address,
    Engine,
    File,
    Json,
    Strict,
    Trials,
    answer,
    app,
    days,
    hands,
    now,
    telling,
)
from pipeline.definitions.workspace import WorkspaceError, load_workspace


@app.command()
def demo(
    leads: Annotated[int, typer.Option(help="How many leads.", min=200)] = 20_000,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 7,
    config: File = DEFAULT,
    as_json: Json = False,
) -> None:
    """Write the demo CRM and, if there is none, its workspace."""
    from pipeline.demo.workspace import write_workspace
    from pipeline.demo.write import write_demo

    with telling(as_json) as progress:
        folder = config.parent / "data" / "demo"
        try:
            result = write_demo(folder, leads=leads, seed=seed, progress=days(progress))
        except ValueError as error:
            raise WorkspaceError(str(error)) from None
        written = write_workspace(config)
    told = f"Wrote {leads:,} leads and their history to {folder}."
    if written:
        told += f" The workspace is {config}."
    answer(result | {"workspace": str(config)}, as_json, told, "Next: leadlight train")


@app.command()
def check(
    config: File = DEFAULT,
    output: Annotated[Path | None, typer.Option("-o", help="File of the JSON; default data/work/check.json.")] = None,
    as_json: Json = False,
    strict: Strict = False,
) -> None:
    """Say of every table what was used, set aside, and why, and what may know the outcome."""
    from pipeline.views.terminal import account, checks
    from pipeline.workflow import stages
    from pipeline.workflow.places import Places

    workspace = load_workspace(config)
    with telling(as_json) as progress:
        result = stages.check(workspace, output or Places(workspace.root).check, progress)
    answer(result, as_json, account(result), checks(result))
    warned = any(finding["severity"] == "warning" for finding in result["findings"])
    if not result["ok"] or (strict and warned):
        raise typer.Exit(1)


@app.command()
def features(
    config: File = DEFAULT,
    output: Annotated[Path | None, typer.Option("-o", help="Folder; default data/work/training.")] = None,
    engine: Engine = None,
    address: Address = None,
    as_json: Json = False,
) -> None:
    """Build the point-in-time training set as Parquet."""
    from pipeline.workflow import stages

    workspace = load_workspace(config)
    with telling(as_json) as progress, hands(engine, address, progress) as workers:
        result = stages.features(workspace, output, progress, workers)
    told = (
        f"{result['observations']:,} observations of {result['leads']:,} leads, {result['columns']} columns: "
        f"{result['training']:,} to learn from, {result['test']:,} to test, "
        f"{result['observations'] - result['mature']:,} whose outcome is not known yet."
    )
    answer(result, as_json, told, *result["said"], _where(result))


def _where(result: dict[str, Any]) -> str:
    state = "Unchanged" if result["unchanged"] else "Written"
    return f"{state}: {result['output']}"


@app.command()
def fit(config: File = DEFAULT, tune: Trials = None, as_json: Json = False) -> None:
    """Fit the candidate: the tested and the served version."""
    from pipeline.workflow import stages

    workspace = load_workspace(config).tuning(tune)
    with telling(as_json) as progress:
        result = stages.fit(workspace, progress)
    answer(result, as_json, f"Candidate {result['model_version']}.", *result["said"], _where(result))


@app.command()
def evaluate(config: File = DEFAULT, as_json: Json = False) -> None:
    """Judge the candidate's tested version on the newest period."""
    from pipeline.views.compared import segments_table
    from pipeline.views.judged import capacity_table
    from pipeline.views.terminal import figures
    from pipeline.workflow import stages

    workspace = load_workspace(config)
    with telling(as_json) as progress:
        result = stages.evaluate(workspace, progress)
    parts = figures(result), segments_table(result["segments"]), capacity_table(result["capacity"])
    answer(result, as_json, *parts, *result["said"], _where(result))


@app.command()
def train(
    config: File = DEFAULT,
    tune: Trials = None,
    engine: Engine = None,
    address: Address = None,
    as_json: Json = False,
    strict: Strict = False,
) -> None:
    """All stages, then register the model and, if it wins, promote it."""
    from pipeline.views.compared import segments_table
    from pipeline.views.judged import capacity_table
    from pipeline.views.terminal import figures
    from pipeline.workflow.train import train as run

    workspace = load_workspace(config).tuning(tune)
    with telling(as_json) as progress, hands(engine, address, progress, training=True) as workers:
        result = run(workspace, config, now(), progress, workers)
    state = "serves" if result["promoted"] else "is registered and does not serve"
    told = f"Model {result['model_version']} {state}. {result['reason']}"
    parts = figures(result), segments_table(result["segments"]), capacity_table(result["capacity"])
    answer(result, as_json, *parts, *result["said"], told)
    if strict and any(finding["severity"] == "warning" for finding in result["findings"]):
        raise typer.Exit(1)
