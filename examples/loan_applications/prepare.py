"""The loan applications of the BPI Challenge 2012 as leads, interactions and deals.

    python prepare.py [BPI_Challenge_2012.xes.gz] [-o data]

Reads the original event log (XES: XML, one `trace` an application) as a stream and writes three Parquet tables. The
file is looked for at `$LEADLIGHT_DATA/bpic2012/BPI_Challenge_2012.xes.gz` where none is named.
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq

FILE = "bpic2012/BPI_Challenge_2012.xes.gz"

WON = frozenset({"A_APPROVED", "A_REGISTERED", "A_ACTIVATED"})
"""Three activities of one decision, logged together: whichever comes first closes the deal."""
LOST = frozenset({"A_DECLINED", "A_CANCELLED"})

INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Application:
    """One trace of the log: its attributes, and its events in the order of the file."""

    id: str
    created_at: datetime
    amount_requested: float
    events: list[dict[str, Any]] = field(default_factory=list)


def applications(path: Path) -> Iterator[Application]:
    """The log's applications, one at a time: the whole tree would take some hundred megabytes."""
    with gzip.open(path, "rb") as file:
        for _, element in ElementTree.iterparse(file):
            if element.tag.rpartition("}")[2] == "trace":
                yield read_trace(element)
                element.clear()


def read_trace(trace: ElementTree.Element) -> Application:
    """One application; KeyError where an attribute is missing that every trace of the log has."""
    own = _attributes(trace)
    events = [_attributes(child) for child in trace if child.tag.rpartition("}")[2] == "event"]
    return Application(
        id=own["concept:name"],
        created_at=datetime.fromisoformat(own["REG_DATE"]),
        amount_requested=float(own["AMOUNT_REQ"]),
        events=[
            {
                "at": datetime.fromisoformat(event["time:timestamp"]),
                "activity": event["concept:name"],
                "lifecycle": event["lifecycle:transition"].lower(),
                "resource": event.get("org:resource"),
            }
            for event in events
        ],
    )


def _attributes(element: ElementTree.Element) -> dict[str, str]:
    return {child.attrib["key"]: child.attrib["value"] for child in element if "value" in child.attrib}


def deal_of(application: Application) -> dict[str, Any]:
    """How the application ended: accepted, declined or cancelled at the first event that says so, else open."""
    for event in sorted(application.events, key=lambda event: event["at"]):
        outcome = "accepted" if event["activity"] in WON else event["activity"][2:].lower()
        if event["activity"] in WON | LOST:
            return {"application": application.id, "outcome": outcome, "closed_at": event["at"]}
    return {"application": application.id, "outcome": "open", "closed_at": None}


def prepare(log: Path, folder: Path) -> dict[str, int]:
    """Write `leads.parquet`, `interactions.parquet` and `deals.parquet` into `folder`; their rows are returned."""
    leads, interactions, deals = [], [], []
    for application in applications(log):
        leads.append(
            {
                "application": application.id,
                "created_at": application.created_at,
                "amount_requested": application.amount_requested,
            }
        )
        interactions += [{"application": application.id, **event} for event in application.events]
        deals.append(deal_of(application))
    tables = {
        "leads": pa.Table.from_pylist(
            leads,
            pa.schema([("application", pa.string()), ("created_at", INSTANT), ("amount_requested", pa.float64())]),
        ),
        "interactions": pa.Table.from_pylist(
            interactions,
            pa.schema(
                [("application", pa.string()), ("at", INSTANT)]
                + [(name, pa.string()) for name in ("activity", "lifecycle", "resource")]
            ),
        ),
        "deals": pa.Table.from_pylist(
            deals, pa.schema([("application", pa.string()), ("outcome", pa.string()), ("closed_at", INSTANT)])
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f".{name}.parquet")
        os.replace(folder / f".{name}.parquet", folder / f"{name}.parquet")
    return {name: table.num_rows for name, table in tables.items()}


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when written, 2 when there is no log to read."""
    parser = argparse.ArgumentParser(description="The BPI Challenge 2012 log as leads, interactions and deals.")
    parser.add_argument("log", nargs="?", type=Path, help=f"the original log; default: $LEADLIGHT_DATA/{FILE}")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent / "data", help="default: data")
    options = parser.parse_args(arguments)
    log = options.log or Path(os.environ.get("LEADLIGHT_DATA", ".")) / FILE
    if not log.is_file():
        print(
            f"{log} is not there. Name the log, or set LEADLIGHT_DATA to the folder above bpic2012/.", file=sys.stderr
        )
        return 2
    for name, rows in prepare(log, options.output).items():
        print(f"{options.output / name}.parquet: {rows:,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
