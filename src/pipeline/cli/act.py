"""What to do with the answers: relaunch, persona."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.frame import DEFAULT, AsOf, Audience, File, Json, Lang, answer, app, spoken, telling
from pipeline.definitions.workspace import load_workspace


@app.command()
def relaunch(
    config: File = DEFAULT,
    output: Annotated[Path | None, typer.Option("-o", help="A file that ends in .csv or .parquet.")] = None,
    as_of: AsOf = None,
    audience: Audience = None,
    top: Annotated[int, typer.Option(help="Print this many of the leads.", min=0)] = 10,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """List the leads to take up again, with the content that was followed by a move most often."""
    from pipeline.views import acted, terminal
    from pipeline.workflow.relaunched import relaunch as relaunched

    workspace, words = load_workspace(config), spoken(lang)
    with telling(as_json) as progress:
        found = relaunched(workspace, as_of, output, progress, words, audience)
    result, rows = found.result, found.rows
    told = f"{result['listed']:,} leads to take up again as of {result['as_of']} by model {result['model_version']}."
    wrote = f"Written: {output}" if output else "Nothing was written; name a file with -o to keep the list."
    if as_json:
        answer(result, as_json)
        return
    answer(
        result,
        as_json,
        acted.relaunch_list(rows, found.names(top), top),
        acted.contents_table(result["contents"]),
        terminal.warned(result.get("warnings", ())),
        told,
        wrote,
    )


@app.command()
def persona(
    config: File = DEFAULT,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Propose the ideal customer from the won deals: traits that won leads have more often than all leads."""
    from pipeline.views.acted import persona_table
    from pipeline.workflow.persona import proposed

    workspace, words = load_workspace(config), spoken(lang)
    with telling(as_json) as progress:
        result = proposed(workspace, progress, words)
    answer(result, as_json, persona_table(result), *result["said"], result["yaml"])
