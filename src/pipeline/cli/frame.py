"""What every command shares: the application, its options, progress, answers and the clock."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console, RenderableType

from pipeline.tables.files import patient

if TYPE_CHECKING:
    from pipeline.reasons.language import Language
    from pipeline.workflow.hands import Hands

app = typer.Typer(
    name="leadlight",
    help="Predicts which leads will become customers, and shows why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"leadlight {metadata.version('leadlight')}\n")
        raise typer.Exit


@app.callback(invoke_without_command=False)
def leadlight(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_version, help="Print it.")] = False,
) -> None:
    """Predicts which leads will become customers, and shows why."""


File = Annotated[Path, typer.Option("-c", "--config", help="The workspace file.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings end with exit code 1.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Score as of this instant (ISO 8601); default data_until.")]
Engine = Annotated[
    Literal["dask", "spark"] | None, typer.Option("--engine", help="Let a cluster look at the interactions.")
]
Address = Annotated[
    str | None, typer.Option("--address", help="Of a running cluster; by default one is started here and stopped.")
]
Trials = Annotated[
    int | None, typer.Option("--tune", min=2, help="Search for better settings of the model first, by so many trials.")
]
Lang = Annotated[
    str | None, typer.Option("--lang", help="Speak this language: en or fr; default LEADLIGHT_LANG, else en.")
]
Audience = Annotated[
    str | None,
    typer.Option("--audience", help="Only these leads: an audience of the workspace, or a condition as in one."),
]
DEFAULT = Path("leadlight.yaml")


def spoken(asked: str | None) -> Language:
    """The language to speak: as asked, as the environment says, else English; WorkspaceError names those there are."""
    from pipeline.definitions.workspace import WorkspaceError
    from pipeline.reasons.language import language

    name = "--lang" if asked is not None else "LEADLIGHT_LANG"
    try:
        return language(asked if asked is not None else os.environ.get("LEADLIGHT_LANG") or None)
    except ValueError as error:
        raise WorkspaceError(f"{name}: {error}") from None


@contextmanager
def telling(as_json: bool) -> Iterator[Callable[[str], None]]:
    """Progress for people, on standard error; nothing with `--json`. Another run is waited for, and that is told."""
    console = Console(stderr=True, highlight=False, quiet=as_json)
    started = time.perf_counter()

    def progress(text: str) -> None:
        if console.is_terminal:
            status.update(f"{text} ...")
        else:
            console.print(f"  {text} ... ({time.perf_counter() - started:.0f} s)")

    with console.status("") as status, patient(progress):
        yield progress


def hands(
    engine: str | None, address: str | None, progress: Callable[[str], None], *, training: bool = False
) -> AbstractContextManager[Hands]:
    """Who does the work: this process, or the cluster that was asked for."""
    from pipeline.workflow.hands import HERE

    if engine is None and address is None:
        return nullcontext(HERE)
    from pipeline.distributed.open import hands

    if engine is not None:
        progress(f"{engine} at {address}" if address else f"starting {engine}")
    return hands(engine, address, training=training)


def answer(result: dict[str, Any], as_json: bool, *parts: RenderableType | None) -> None:
    """The result as one JSON object, or its parts for people."""
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n")
        return
    from pipeline.views.terminal import show

    show(*(part for part in parts if part is not None))


def days(progress: Callable[[str], None]) -> Callable[[str, int, int], None]:
    """Progress of the simulation, told a few times and not every day."""

    def told(what: str, done: int, whole: int) -> None:
        if done % (whole // 5) == 0:
            progress(f"simulating: {done} of {whole} {what}")

    return told


def now() -> int:
    """The clock, read at the edge alone."""
    return time.time_ns() // 1_000
