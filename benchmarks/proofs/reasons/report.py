"""Line 5: the report as a browser shows it, on a desk, on a phone and on paper."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.peers.environments import interpreter
from benchmarks.proofs.line import Check, at_least, at_most, below, equal, said
from benchmarks.proofs.path.loans import LOG, real_data
from benchmarks.proofs.workshop import ROOT, Workshop, run

DESK, PHONE = 1280, 390
SIZES = (DESK, PHONE)
LARGEST = 5_000_000
"""Bytes of the file."""
CHARTS = 10
"""Charts that a report with a trained model has at least: three curves, two over time, importance, dependences."""
PICTURES = ROOT / "data" / "work" / "report"
"""Where the pictures are kept, out of git, for whoever wants to look as well."""

Plain = Mapping[str, Any]


def report_as_seen(workshop: Workshop) -> list[Check]:
    """The demo CRM's report and the loan applications', each at both widths and on paper."""
    checks = list(looked_at("demo", workshop.demo, workshop))
    log = real_data() / LOG
    if not log.exists():
        return [*checks, Check("loans: their log", f"{log.name} is not there", "in LEADLIGHT_DATA", False)]
    folder = workshop.copy("report_loans") / "examples" / "loan_applications"
    run("python", "prepare.py", log, cwd=folder)
    run("leadlight", "train", cwd=folder)
    return [*checks, *looked_at("loans", folder, workshop)]


def looked_at(name: str, folder: Path, workshop: Workshop) -> Iterator[Check]:
    """Write the report of a workspace, twice without the backtest, and look at it."""
    page = workshop.folder / f"report-{name}.html"
    first, again = (workshop.folder / f"report-{name}-{time}.html" for time in ("first", "again"))
    for path in (first, again):
        run("leadlight", "report", "--periods", 0, "-o", path, cwd=folder)
    yield equal(f"{name}: the same bytes again", first.read_bytes() == again.read_bytes(), True)
    run("leadlight", "report", "--periods", workshop.count(6, 2), "-o", page, cwd=folder)
    yield from judged(name, page, PICTURES / name)


def judged(name: str, page: Path, pictures: Path) -> Iterator[Check]:
    """What is to be said of one page; the pictures go into that folder."""
    text = page.read_text(encoding="utf-8")
    yield below(f"{name}: bytes", len(text.encode()), LARGEST)
    yield equal(f"{name}: addresses in the text", re.findall(r"https?://.{0,40}", text), [])
    found = seen(page, pictures)
    yield said(f"{name}: browser", found["version"])
    for width in (*map(str, SIZES), "print"):
        yield from _layout(f"{name} at {width}", found[width], int(width) if width != "print" else None)
    for width in SIZES:
        yield said(f"{name} at {width}: pictures in data/work/report/{pictures.name}", found[str(width)]["pictures"])
    yield equal(f"{name}: charts without a tooltip", found[str(DESK)]["without_tooltip"], [])


def _layout(name: str, found: Plain, width: int | None) -> Iterator[Check]:
    """What holds at each width; `width` is None on paper."""
    charts = found["charts"]
    yield equal(f"{name}: complaints in the console", found["console"], [])
    yield equal(f"{name}: addresses asked for", found["asked"], [])
    if width is not None:
        yield at_most(f"{name}: the page's own width", found["scroll"], width)
    yield equal(f"{name}: boxes outside the page", found["outside"], [])
    yield equal(f"{name}: boxes that hide a part of what they hold", found["hidden"], [])
    yield equal(f"{name}: words wider than their box", found["spilt"], [])
    yield at_least(f"{name}: charts", len(charts), CHARTS)
    yield equal(f"{name}: charts drawn", found["drawn"], len(charts))
    empty = [chart["id"] for chart in charts if not (chart["marks"] and chart["width"] > 0 and chart["height"] > 0)]
    yield equal(f"{name}: empty charts", empty, [])
    yield equal(f"{name}: charts wider than their place", [chart["id"] for chart in charts if chart["wider"]], [])
    yield equal(f"{name}: charts without words for who cannot see", [one["id"] for one in charts if not one["alt"]], [])
    for key, what in (("outside", "outside the picture"), ("cut", "cut short"), ("overlapping", "on one another")):
        yield equal(f"{name}: labels {what}", [f"{chart['id']}: {one}" for chart in charts for one in chart[key]], [])
    yield equal(f"{name}: sections and tables that say nothing", found["empty"], [])
    yield equal(f"{name}: words of a program", found["machine"], [])
    yield equal(f"{name}: letters below 11 pixels", found["small"], [])
    order = {key: found[key] for key in ("first", "jumps", "twice", "links")}
    yield equal(f"{name}: headings, ids and links", order, {"first": 1, "jumps": 0, "twice": [], "links": []})


def seen(page: Path, pictures: Path) -> dict[str, Any]:
    """What the browser says of a page."""
    script = ("-m", "benchmarks.peers.by_browser", page, pictures, chromium(), *SIZES)
    found: dict[str, Any] = json.loads(run(interpreter("browser"), *script).out)
    return found


def chromium() -> str:
    """Debian's Chromium, installed first where that may be done; RuntimeError where there is none."""
    if not shutil.which("chromium") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's Chromium: once ...", flush=True)
        run("apt-get", "update", "-qq")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", env=quiet)
    found = shutil.which("chromium")
    if found is None:
        raise RuntimeError("no browser: apt-get install chromium")
    return found
