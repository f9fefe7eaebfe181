"""The first command on data of one's own: init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.frame import DEFAULT, Json, answer, app, telling

Paths = list[str]
Anything = Annotated[
    Paths | None, typer.Argument(help="Files, folders or a database's URL; what each is, is found out.")
]
Facts = Annotated[Paths | None, typer.Option(help="A file of interactions; may be given several times.")]


@app.command()
def init(
    files: Anything = None,
    leads: Annotated[Paths | None, typer.Option(help="A file that is the table of leads.")] = None,
    interactions: Facts = None,
    deals: Annotated[Paths | None, typer.Option(help="A file that is the table of deals.")] = None,
    output: Annotated[Path, typer.Option("-o", help="The workspace file to write; nothing is written over.")] = DEFAULT,
    timezone: Annotated[str, typer.Option(help="How times without a zone are meant, as in Europe/Paris.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Look at an export and propose its workspace, with every doubt as a comment."""
    from pipeline.proposal.propose import propose
    from pipeline.views.terminal import proposal

    chosen = {"leads": leads or [], "interactions": interactions or [], "deals": deals or []}
    with telling(as_json) as progress:
        proposed = propose(files or [], output, chosen, timezone, progress)
    plain = proposed.to_json()
    config = "" if output == DEFAULT else f" -c {output}"
    following = f"Next: read it, then leadlight check{config}"
    answer(plain, as_json, proposal(plain), f"Written: {output}", following)
