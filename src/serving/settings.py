"""Settings of the service: environment variables, declared once, with default, meaning and bounds.

`docs/settings.md` lists them; a test holds it to this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PREFIX = "LEADLIGHT_"


class SettingsError(ValueError):
    """A variable holds what cannot be used; the sentence names it, its value and what was expected."""


def _about(meaning: str, low: int = 0, high: int = 0) -> Mapping[str, Any]:
    return {"meaning": meaning, "low": low, "high": high}


@dataclass(frozen=True)
class Settings:
    """What the service may be told. Each field is the variable `LEADLIGHT_<FIELD>`.

    >>> Settings.from_environment({"LEADLIGHT_PORT": "8080"}).port
    8080
    >>> Settings.from_environment({"LEADLIGHT_PORT": "many"})
    Traceback (most recent call last):
        ...
    serving.settings.SettingsError: LEADLIGHT_PORT is 'many'; expected a whole number from 0 to 65535
    """

    host: str = field(
        default="127.0.0.1", metadata=_about("The address to listen on; 0.0.0.0 is every interface of the machine.")
    )
    port: int = field(default=8000, metadata=_about("The port to listen on; 0 lets the system choose one.", 0, 65_535))
    models: Path = field(
        default=Path("models"), metadata=_about("The folder with the bundles and the pointer to the champion.")
    )
    max_body_bytes: int = field(
        default=10_000_000, metadata=_about("The largest body of a request, in bytes.", 1_000, 1_000_000_000)
    )
    max_leads: int = field(default=1_000, metadata=_about("The most leads in one request.", 1, 1_000_000))
    max_interactions: int = field(default=100_000, metadata=_about("The most interactions of one lead.", 1, 10_000_000))
    threads: int = field(
        default=4, metadata=_about("How many requests are scored at the same time; the others wait.", 1, 256)
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the variables that are set and not empty; SettingsError names the first wrong one."""
        given: dict[str, Any] = {}
        for setting in fields(cls):
            text = environment.get(variable(setting.name), "")
            if text:
                given[setting.name] = _read(setting.name, text, setting.default, setting.metadata)
        return cls(**given)


def variable(name: str) -> str:
    """The environment variable of a field.

    >>> variable("max_leads")
    'LEADLIGHT_MAX_LEADS'
    """
    return PREFIX + name.upper()


def table() -> list[tuple[str, str, str]]:
    """Variable, default and meaning of each setting, in order: what the documentation shows."""
    return [(variable(each.name), str(each.default), str(each.metadata["meaning"])) for each in fields(Settings)]


def _read(name: str, text: str, default: Any, bounds: Mapping[str, Any]) -> Any:
    if not isinstance(default, int):
        return type(default)(text) if isinstance(default, str) else Path(text)
    low, high = bounds["low"], bounds["high"]
    if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
        raise SettingsError(f"{variable(name)} is {text!r}; expected a whole number from {low} to {high}")
    return int(text)
