"""`mlflow models serve` of the champion, given measures, answers with the champion's own probabilities.

python -m benchmarks.proofs.mlflow_serve -c leadlight.yaml --json
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.champions.registry import ALIAS, NAME, QUIET, store_uri
from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.features.measures import measure_all
from pipeline.features.observations import is_open
from pipeline.learning.bundle import load_champion
from pipeline.tables.columns import Texts
from pipeline.tables.sources import read_history

PATIENCE = 120.0
"""Seconds for the server to start, and for it to answer."""


def check(models: Path, frame: Path | pd.DataFrame) -> dict[str, Any]:
    """Serve `models`' champion, send measures (a table, or a csv file of one), and compare.

    Returns `{"rows", "equal", "largest_difference", "seconds"}`: `equal` rows have the same probability and log-odds to
    the last bit. RuntimeError quotes the server's log if it does not answer in time.
    """
    bundle = load_champion(models)
    words = dict.fromkeys(bundle.definition.vocabularies, str)
    table = frame if isinstance(frame, pd.DataFrame) else pd.read_csv(frame, dtype=words)
    # Read here once more, and not by the code that is looked at.
    matrix, _ = bundle.definition.matrix(
        {
            name: Texts.of(table[name].astype(object).where(table[name].notna(), None))
            if name in words
            else table[name].to_numpy(np.float64)
            for name in bundle.definition.columns
        }
    )
    expected = np.column_stack([bundle.model.probability(matrix), bundle.model.log_odds(matrix)])
    started = time.perf_counter()
    answer = _ask(models, table)
    got = np.array([[row["probability"], row["log_odds"]] for row in answer["predictions"]])
    if got.shape != expected.shape:
        raise RuntimeError(f"{len(expected)} rows were sent and {len(got)} answered")
    return {
        "rows": len(expected),
        "equal": int((got == expected).all(axis=1).sum()),
        "largest_difference": float(np.abs(got - expected).max(initial=0.0)),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _ask(models: Path, table: pd.DataFrame) -> Any:
    """The answer of a server that is started for this question only."""
    port = _free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", f"models:/{NAME}@{ALIAS}"]
    command += ["--env-manager", "local", "-h", "127.0.0.1", "-p", str(port)]
    rows = table.astype(object).where(table.notna(), None)
    body = json.dumps({"dataframe_split": {"columns": list(rows.columns), "data": rows.to_numpy().tolist()}}).encode()
    # MLflow looks for uvicorn on the path, where an environment that was not activated does not put it.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = os.environ | QUIET | {"MLFLOW_TRACKING_URI": store_uri(models), "OMP_NUM_THREADS": "1", "PATH": path}
    # In a folder of its own: MLflow looks for a project in the one it is started in.
    with tempfile.TemporaryDirectory() as scratch, (Path(scratch) / "log").open("w+") as log:
        server = subprocess.Popen(
            command, cwd=scratch, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait(server, f"http://127.0.0.1:{port}/ping")
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/invocations", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return json.load(response)
        except OSError as error:
            said = error.read().decode() if isinstance(error, urllib.error.HTTPError) else ""
            log.seek(0)
            raise RuntimeError(f"{error} {said}\n{log.read()[-4000:]}") from error
        finally:
            _stop(server)


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.3)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and the workers it started: the process group is this server's own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
            server.wait(timeout=10)
        except ProcessLookupError:
            server.wait()
            return
        except subprocess.TimeoutExpired:
            continue


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def measured(workspace: Workspace, models: Path, limit: int) -> pd.DataFrame:
    """The champion's measures of a workspace's open leads at its export, the first `limit` of them."""
    definition = load_champion(models).definition
    history, _ = read_history(workspace)
    lead = np.flatnonzero(history.leads.created_at < history.data_until)
    lead = lead[is_open(history, lead, np.full(len(lead), history.data_until))][:limit]
    columns = measure_all(history, lead, np.full(len(lead), history.data_until), definition)
    return pd.DataFrame(
        {name: column.objects() if isinstance(column, Texts) else column for name, column in columns.items()}
    )


def main() -> int:
    """Print the figures of `check` for a workspace's champion; 1 if a row differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-c", "--config", type=Path, default=Path("leadlight.yaml"))
    parser.add_argument("--leads", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="one JSON object; the only form there is")
    asked = parser.parse_args()
    workspace = load_workspace(asked.config)
    models = workspace.root / "models"
    found = check(models, measured(workspace, models, asked.leads))
    print(json.dumps(found))
    return 0 if found["equal"] == found["rows"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
