"""The demo's workspace file, for a folder that has none."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from pipeline.tables.files import replace_text

NAME = "leadlight.yaml"


def demo_workspace() -> str:
    """The text of the demo's workspace: in a checkout the file at its root, in an installed package its copy."""
    packaged = resources.files(__package__) / NAME
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[3] / NAME).read_text(encoding="utf-8")


def write_workspace(path: Path) -> bool:
    """Write the demo's workspace to `path` unless a file is there; whether it was written."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, demo_workspace())
    return True
