"""How good a model is, and was, and which of two is better: backtest, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.frame import DEFAULT, File, Json, answer, app, telling
from pipeline.definitions.spans import parse_span
from pipeline.definitions.workspace import WorkspaceError, load_workspace

DRAWN = (".svg", ".html", ".json")
"""What a picture's name may end in."""


@app.command()
def backtest(
    config: File = DEFAULT,
    periods: Annotated[int, typer.Option(help="How many of the last periods.", min=1, max=120)] = 6,
    period: Annotated[str | None, typer.Option(help="How long each is, as in 30d; default 30d.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", help="Also draw it: a file that ends in .svg, .html or .json (Vega-Lite)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train and test as it would have happened at each of the last periods."""
    from pipeline.tables.files import replace_text
    from pipeline.views.judged import backtest_table
    from pipeline.views.over_time import drawn
    from pipeline.workflow import stages
    from pipeline.workflow.judging import backtested

    workspace = load_workspace(config)
    if output is not None and output.suffix not in DRAWN:
        raise WorkspaceError(f"-o {output.name}: expected a name that ends in {', '.join(DRAWN)}")
    try:
        length = None if period is None else parse_span(period)
    except ValueError as error:
        raise WorkspaceError(f"--period: {error}") from None
    with telling(as_json) as progress:
        stages.features(workspace, None, progress)
        result = backtested(workspace, periods, length, progress)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        replace_text(output, drawn(result, output.suffix))
    wrote = None if output is None else f"Written: {output}"
    answer(result, as_json, backtest_table(result), *result["said"], wrote)


@app.command()
def compare(
    a: Annotated[
        str,
        typer.Argument(metavar="A", help="champion, candidate, a version, or a folder of a bundle or training set."),
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="The same; figures are of B against A.")],
    config: File = DEFAULT,
    as_json: Json = False,
) -> None:
    """Put two versions, or two training sets, side by side."""
    from pipeline.views.compared import compared
    from pipeline.workflow.compare import compare as beside

    workspace = load_workspace(config)
    with telling(as_json) as progress:
        result = beside(workspace, a, b, progress)
    answer(result, as_json, compared(result), *result["said"])
