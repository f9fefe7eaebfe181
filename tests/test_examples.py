"""The example of loan applications: its preparation from the original log, and the rows that its workspace gives."""

from __future__ import annotations

import gzip
import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.proofs.path.loans import LOG, real_data
from pipeline.definitions.workspace import load_workspace
from pipeline.features.observations import observe
from pipeline.tables.sources import read_history

EXAMPLE = Path(__file__).parents[1] / "examples" / "loan_applications"
WEEK = 7 * 86_400_000_000

TRACE = """<trace><string key="concept:name" value="{id}"/><string key="AMOUNT_REQ" value="5000"/>
<date key="REG_DATE" value="2011-10-01T00:38:44.546+02:00"/>{events}</trace>"""
EVENT = """<event><string key="concept:name" value="{activity}"/><string key="lifecycle:transition" value="COMPLETE"/>
<date key="time:timestamp" value="{at}"/></event>"""


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """The preparation script as a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLE)
        return importlib.import_module("prepare")


def write_log(path: Path, traces: dict[str, list[tuple[str, str]]]) -> None:
    texts = [
        TRACE.format(id=name, events="".join(EVENT.format(activity=activity, at=at) for activity, at in events))
        for name, events in traces.items()
    ]
    path.write_bytes(gzip.compress(("<log>" + "".join(texts) + "</log>").encode()))


def test_an_application_ends_at_the_first_event_that_decides_it(example: ModuleType, tmp_path: Path) -> None:
    write_log(
        tmp_path / "log.xes.gz",
        {
            "1": [
                ("A_SUBMITTED", "2011-10-01T00:38:44.546+02:00"),
                ("A_REGISTERED", "2011-10-03T10:00:00.002+02:00"),
                ("A_APPROVED", "2011-10-03T10:00:00.001+02:00"),
            ],
            "2": [("A_SUBMITTED", "2011-10-01T00:38:44+02:00"), ("A_DECLINED", "2011-10-01T00:39:00+02:00")],
            "3": [("A_SUBMITTED", "2011-10-01T00:38:44+02:00"), ("A_CANCELLED", "2011-11-01T00:39:00+01:00")],
            "4": [("A_SUBMITTED", "2011-10-01T00:38:44+02:00")],
        },
    )
    assert example.prepare(tmp_path / "log.xes.gz", tmp_path) == {"leads": 4, "interactions": 8, "deals": 4}
    deals = pq.read_table(tmp_path / "deals.parquet").to_pylist()
    assert [deal["outcome"] for deal in deals] == ["accepted", "declined", "cancelled", "open"]
    assert deals[0]["closed_at"].isoformat() == "2011-10-03T08:00:00.001000+00:00"
    assert deals[3]["closed_at"] is None


def test_a_missing_log_is_answered_in_a_sentence(
    example: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main([str(tmp_path / "log.xes.gz"), "-o", str(tmp_path / "data")]) == 2
    assert "LEADLIGHT_DATA" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_the_real_log_gives_the_known_observations_at_seven_days(example: ModuleType, tmp_path: Path) -> None:
    log = real_data() / LOG
    if not log.is_file():
        pytest.skip(f"the original log is not here; set LEADLIGHT_DATA to the folder that holds {LOG}")
    assert example.main([str(log), "-o", str(tmp_path / "data")]) == 0
    (tmp_path / "leadlight.yaml").write_bytes((EXAMPLE / "leadlight.yaml").read_bytes())
    workspace = load_workspace(tmp_path / "leadlight.yaml")
    history, account = read_history(workspace)
    aside = {name: table.set_aside for name, table in account.tables.items() if table.set_aside}
    assert aside == {"interactions": {"excluded kind": 3 * 2246 + 2243 + 20_809}}
    observed = observe(history, workspace.observe, workspace.horizon)
    assert workspace.test_from is not None
    age = observed.cutoff - history.leads.created_at[observed.lead]
    test = observed.mature & (age == WEEK) & (observed.cutoff >= workspace.test_from)
    assert int(test.sum()) == 1129
    assert round(float(np.mean(observed.label[test])), 3) == 0.373
