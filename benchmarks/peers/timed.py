"""How a peer is called, and what it prints: seconds of clock and of processors, imports not counted; its version."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Form = Callable[[str, str, str], None]
"""Interactions, observations, output: three Parquet files, the last to be written."""


def main(forms: Mapping[str, Form], version: str) -> None:
    """Run one of a peer's formulations on files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("form", choices=forms)
    parser.add_argument("interactions", type=Path)
    parser.add_argument("observations", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    start, busy = time.perf_counter(), time.process_time()
    forms[options.form](str(options.interactions), str(options.observations), str(options.output))
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    print(json.dumps({"seconds": seconds, "cpu_seconds": busy, "version": version}))
