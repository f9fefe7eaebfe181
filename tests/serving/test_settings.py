"""A setting is declared once, and a wrong one says name, value and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.settings import Settings, SettingsError, table


def test_without_variables_the_defaults_hold() -> None:
    assert Settings.from_environment({"LEADLIGHT_PORT": "", "PATH": "/bin"}) == Settings()


def test_every_setting_can_be_set() -> None:
    given = {name: "5" if default.isdigit() else "x" for name, default, _ in table()}
    settings = Settings.from_environment({**given, "LEADLIGHT_MAX_BODY_BYTES": "5000"})
    assert settings == Settings("x", 5, Path("x"), 5000, 5, 5, 5)


@pytest.mark.parametrize("value", ["-1", "65536", "8000.0", " 8000", "1e3", "９", "9" * 5_000, "port"])
def test_a_wrong_number_is_named_with_its_bounds(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^LEADLIGHT_PORT is .* expected a whole number from 0 to 65535$"):
        Settings.from_environment({"LEADLIGHT_PORT": value})
