"""What a model is for: score, explain, promote, rollback, serve."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.frame import (
    DEFAULT,
    Address,
    AsOf,
    Audience,
    Engine,
    File,
    Json,
    Lang,
    answer,
    app,
    hands,
    now,
    spoken,
    telling,
)
from pipeline.definitions.workspace import WorkspaceError, load_workspace


@app.command()
def score(
    config: File = DEFAULT,
    as_of: AsOf = None,
    output: Annotated[Path | None, typer.Option("-o", help="A file that ends in .csv or .parquet.")] = None,
    contributions: Annotated[
        bool, typer.Option("--contributions", help="Write each criterion's contribution as a column, and no reasons.")
    ] = False,
    audience: Audience = None,
    top: Annotated[int, typer.Option(help="Print this many of the best leads.", min=0)] = 10,
    engine: Engine = None,
    address: Address = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Score the open leads with the champion."""
    from pipeline.views import terminal
    from pipeline.workflow.scoring import names_of, score_contributions, score_leads

    workspace, words = load_workspace(config), spoken(lang)
    if contributions and engine is not None:
        raise WorkspaceError("--contributions: scores are computed in this process; leave out --engine")
    if audience is not None and engine is not None:
        raise WorkspaceError("--audience: whose leads they are is found in this process; leave out --engine")
    if contributions:
        with telling(as_json) as progress:
            result, scores, history = score_contributions(
                workspace, as_of, output, progress, 0 if as_json else top, audience, words
            )
    else:
        with telling(as_json) as progress, hands(engine, address, progress) as workers:
            result, scores, history = score_leads(workspace, as_of, output, progress, workers, audience, words)
    moment = "in the order of the file" if workspace.order == "file" else f"as of {result['as_of']}"
    told = f"{result['scored']:,} open leads scored {moment} by model {result['model_version']}."
    if not result["scored"]:
        told += (
            " No lead is open: every one has an outcome, or none was created yet."
            if audience is None
            else f" No open lead is of the audience {audience!r}."
        )
    wrote = f"Written: {output}" if output else "Nothing was written; name a file with -o to keep the scores."
    best = (
        terminal.top(scores, names_of(history, scores), top, result["scored"])
        if top and scores and not as_json
        else None
    )
    warned = terminal.warned(result.get("warnings", ()))
    answer(result, as_json, best, warned, told, wrote)


@app.command()
def explain(
    lead: Annotated[str, typer.Argument(help="The lead's id.")],
    config: File = DEFAULT,
    as_of: AsOf = None,
    output: Annotated[Path | None, typer.Option("-o", help="Also draw it: a file that ends in .svg.")] = None,
    top: Annotated[int, typer.Option(help="Show this many criteria, the rest as one; 0 shows all.", min=0)] = 10,
    since: Annotated[
        str | None, typer.Option("--since", help="Also what changed since this instant (ISO 8601).")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="With --since: the version to score that instant with.")
    ] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Explain one lead: each criterion's part in its score, what changed, and what would matter."""
    from pipeline.tables.files import replace_text
    from pipeline.views.changed import changed_lines, reach_lines
    from pipeline.views.picture import waterfall_svg
    from pipeline.views.waterfall import waterfall
    from pipeline.workflow.scoring import explain_lead

    workspace, words = load_workspace(config), spoken(lang)
    if model is not None and since is None:
        raise WorkspaceError("--model: it goes with --since; today's score is the champion's")
    with telling(as_json) as progress:
        explained = explain_lead(workspace, lead, as_of, progress, since=since, model=model, words=words)
    found, plain = explained.score, explained.to_json()
    if output is not None:
        if output.suffix != ".svg":
            raise WorkspaceError(f"-o {output.name}: expected a name that ends in .svg")
        if found.probability is None:
            raise WorkspaceError(f"{lead}: the lead is closed and has no probability to draw")
        replace_text(output, waterfall_svg(plain, words=words))
    if as_json:
        answer(plain, as_json)
    else:
        width = min(shutil.get_terminal_size((100, 24)).columns, 140)
        colour = sys.stdout.isatty()
        parts = [waterfall(plain, width, colour=colour, most=top or None, words=words)]
        if explained.changed is not None:
            parts.append(changed_lines(explained.changed, words, width, colour=colour, most=top or None))
        parts.append(reach_lines(explained.within_reach, words, width, colour=colour))
        sys.stdout.write("\n\n".join(part for part in parts if part) + "\n")


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="A registered version.")],
    config: File = DEFAULT,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "Promoted by hand.",
    as_json: Json = False,
) -> None:
    """Let a registered version serve."""
    from pipeline.workflow.train import promote_version

    workspace = load_workspace(config)
    with telling(as_json):
        result = promote_version(workspace, version, reason, now())
    signed = result["signed_off"]
    by = "Nobody signed it off." if signed is None else f"Signed off: {signed['verdict']} by {signed['reviewer']}."
    answer(result, as_json, f"Model {result['model_version']} serves. {result['reason']} {by}")


@app.command()
def rollback(
    config: File = DEFAULT,
    to: Annotated[str | None, typer.Option(help="Any registered version; default the champion before.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "Rolled back by hand.",
    as_json: Json = False,
) -> None:
    """Let the champion before this one, or any version, serve at once."""
    from pipeline.workflow.train import roll_back

    workspace = load_workspace(config)
    with telling(as_json):
        result = roll_back(workspace, reason, now(), to)
    answer(result, as_json, f"Model {result['model_version']} serves. {result['reason']}")


@app.command()
def serve(
    config: File = DEFAULT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    as_json: Json = False,
) -> None:
    """Serve the champion over HTTP (POST /v1/score)."""
    from pipeline.workflow.places import Places

    models = Places(load_workspace(config).root).models
    address = f"http://{host}:{port}"
    told = f"{address}/openapi.json describes the service; Ctrl-C ends it."
    answer({"url": address, "models": str(models)}, as_json, told)
    sys.stdout.flush()
    environment = {"LEADLIGHT_MODELS": str(models), "LEADLIGHT_HOST": host, "LEADLIGHT_PORT": str(port)}
    os.execve(sys.executable, [sys.executable, "-m", "serving"], {**os.environ, **environment})
