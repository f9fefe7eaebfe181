"""A small company, simulated and written once for all tests of the demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from pipeline.demo.people import People
from pipeline.demo.simulate import Simulated
from pipeline.demo.write import PLANTED

LEADS, SEED = 400, 5


@dataclass(frozen=True)
class Demo:
    """A small company: where it was written, what was said of it, and what the simulator knew."""

    folder: Path
    said: dict[str, Any]
    people: People
    simulated: Simulated

    def table(self, name: str) -> dict[str, list[Any]]:
        return pq.read_table(self.folder / f"{name}.parquet").to_pydict()

    @property
    def planted(self) -> dict[str, dict[str, Any]]:
        listed = yaml.safe_load((self.folder / PLANTED).read_text(encoding="utf-8"))
        return {item["name"]: item for item in listed}
