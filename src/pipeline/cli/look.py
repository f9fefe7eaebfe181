"""What the analyst looks at: channels, the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.frame import DEFAULT, Audience, File, Json, Lang, answer, app, spoken, telling
from pipeline.definitions.spans import parse_span
from pipeline.definitions.workspace import WorkspaceError, load_workspace


@app.command()
def channels(
    config: File = DEFAULT,
    by: Annotated[
        str | None, typer.Option("--by", help="The leads' attribute that is the channel; default the spend's.")
    ] = None,
    campaigns: Annotated[bool, typer.Option("--campaigns", help="A line for each campaign of each channel.")] = False,
    within: Annotated[
        str | None, typer.Option("--within", help="The time every lead is given to convert, as in 180d.")
    ] = None,
    period: Annotated[str | None, typer.Option("--period", help="How long a period is; default 365d.")] = None,
    audience: Audience = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", help="Also write it: a file that ends in .svg, .html, .json (Vega-Lite) or .csv."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Where leads and conversions come from, what they cost, and how sure that is."""
    from pipeline.tables.files import replace_text
    from pipeline.views.channel_charts import ENDINGS, drawn
    from pipeline.views.channelled import channels_table
    from pipeline.workflow.channelled import channel_figures

    workspace = load_workspace(config)
    if output is not None and output.suffix not in ENDINGS:
        raise WorkspaceError(f"-o {output.name}: expected a name that ends in {', '.join(ENDINGS)}")
    given, length = _span("--within", within), _span("--period", period)
    with telling(as_json) as progress:
        result = channel_figures(
            workspace,
            by=by,
            campaigns=campaigns,
            within=given,
            period=length,
            audience=audience,
            progress=progress,
        )
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        replace_text(output, drawn(result, output.suffix))
    wrote = None if output is None else f"Written: {output}"
    answer(result, as_json, channels_table(result), *result["said"], wrote)


@app.command()
def report(
    config: File = DEFAULT,
    version: Annotated[str | None, typer.Option("--version", help="Of this version; default the champion.")] = None,
    output: Annotated[Path, typer.Option("-o", help="The file to write: it ends in .html.")] = Path("report.html"),
    periods: Annotated[
        int, typer.Option(help="Periods of the backtest; 0 leaves it out, which is the quickest.", min=0, max=120)
    ] = 6,
    audience: Audience = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Write all there is to say of a model as one HTML file that needs no network."""
    from pipeline.tables.files import replace_text
    from pipeline.views.report.page import report_html
    from pipeline.workflow.reporting import gather

    workspace, words = load_workspace(config), spoken(lang)
    if output.suffix != ".html":
        raise WorkspaceError(f"-o {output.name}: expected a name that ends in .html")
    with telling(as_json) as progress:
        found = gather(workspace, version, audience=audience, periods=periods, words=words, progress=progress)
        progress("drawing")
        text = report_html(found)
    output.parent.mkdir(parents=True, exist_ok=True)
    replace_text(output, text)
    told = f"Written: {output} ({len(text.encode()) / 1e6:.1f} MB). Open it in a browser; it needs no network."
    answer({"output": str(output), "model_version": found["version"], "bytes": len(text.encode())}, as_json, told)


def _span(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        span = parse_span(text)
    except ValueError as error:
        raise WorkspaceError(f"{option}: {error}") from None
    if span <= 0:
        raise WorkspaceError(f"{option}: {text} is no time at all; expected as in 180d")
    return span
