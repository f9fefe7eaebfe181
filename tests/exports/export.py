"""What an export is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Export:
    """One CRM's export, written by code: the same files every time."""

    name: str
    write: Callable[[Path], None]
    """Writes the files into the folder."""
    arguments: tuple[str, ...]
    """What a person would type after `leadlight init`; paths are relative to the folder."""
    wants: tuple[str, ...] = ()
    """For an export that cannot be accepted as it is: words that the proposal's comments must hold."""
