"""Line 1: leaks are found, and what is clean is left alone: in random companies and in real data."""

from __future__ import annotations

import multiprocessing
import shutil
from pathlib import Path
from typing import Any

import yaml

from benchmarks.proofs.line import Check, at_least, at_most, equal, said
from benchmarks.proofs.path.loans import LOG, real_data
from benchmarks.proofs.trust.worlds import draw
from benchmarks.proofs.workshop import Workshop, run
from benchmarks.prove import cores
from pipeline.definitions.workspace import load_workspace
from pipeline.workflow.stages import check

WORLDS, FIRST_SEED = 50, 90_000
"""The checks were written with seeds below 60,000 alone."""

DEPOSITS = "bank_marketing/bank-additional-full.csv.gz"
ECONOMY = ["cons.conf.idx", "cons.price.idx", "emp.var.rate", "euribor3m", "nr.employed"]
OUTCOME = ["A_ACTIVATED", "A_APPROVED", "A_REGISTERED", "O_ACCEPTED", "W_Valideren aanvraag"]

Names = set[str]


def leaks_found(workshop: Workshop) -> list[Check]:
    """Check 50 random companies, the term deposits with nothing excluded, and the loans with nothing excluded."""
    seeds = range(FIRST_SEED, FIRST_SEED + workshop.count(WORLDS, 6))
    with multiprocessing.get_context("spawn").Pool(cores()) as pool:
        judged = pool.starmap(_judge, [(seed, workshop.folder / "worlds" / str(seed)) for seed in seeds])
    leaks, clean = sum(len(each["leaks"]) for each in judged), sum(each["clean"] for each in judged)
    found = sum(len(each["found"]) for each in judged)
    wrongly = [name for each in judged for name in each["wrongly"]]
    return [
        said("random companies", f"{len(judged)} with {leaks} leaks and {clean:,} clean columns and kinds"),
        at_least("share of the leaks found", found / leaks, 0.95),
        said("missed", sorted(f"{each['seed']}: {how}" for each in judged for how in each["missed"])),
        at_most("share of the clean ones suspected", len(wrongly) / clean, 0.05),
        said("clean and suspected", sorted(wrongly)),
        *_deposits(workshop),
        *_loans(workshop),
    ]


def _judge(seed: int, folder: Path) -> dict[str, Any]:
    """What the check suspects in one company, beside what leaks there."""
    world = draw(seed)
    result = check(load_workspace(world.write(folder)))
    shutil.rmtree(folder)
    suspected = _suspects(result)
    leaks = set(world.leaks)
    return {
        "seed": seed,
        "leaks": sorted(leaks),
        "clean": len(world.clean),
        "found": sorted(leaks & suspected),
        "missed": [f"{name}, {world.leaks[name]}" for name in sorted(leaks - suspected)],
        "wrongly": sorted(suspected & set(world.clean)),
    }


def _suspects(result: dict[str, Any]) -> Names:
    return {each.get("column") or each["kind"] for each in result["suspects"]}


def _deposits(workshop: Workshop) -> list[Check]:
    result = _checked(workshop, "term_deposits", DEPOSITS)
    suspected = _suspects(result)
    clocks = sorted(
        found["column"]
        for found in result["findings"]
        if found["code"] == "in-disguise" and "clock" in found["evidence"]
    )
    told = {
        found["column"] for found in result["findings"] if found["code"] in {each["code"] for each in result["checks"]}
    }
    others = sorted(name for name in told - {"duration", *ECONOMY} if name is not None)
    return [
        Check("term deposits: suspected", sorted(suspected), "duration among them", "duration" in suspected),
        equal("term deposits: clocks", clocks, ECONOMY),
        Check("term deposits: others", others, "at most one", len(others) <= 1),
    ]


def _loans(workshop: Workshop) -> list[Check]:
    suspected = _suspects(_checked(workshop, "loan_applications", LOG))
    return [
        equal("loan applications: the outcome's kinds suspected", sorted(suspected & set(OUTCOME)), OUTCOME),
        said("loan applications: others suspected", sorted(suspected - set(OUTCOME))),
    ]


def _checked(workshop: Workshop, example: str, data: str) -> dict[str, Any]:
    """The check of an example that excludes nothing, by the command."""
    folder = workshop.copy(f"leaks_{example}") / "examples" / example
    run("python", "prepare.py", real_data() / data, cwd=folder)
    settings = folder / "leadlight.yaml"
    plain = yaml.safe_load(settings.read_text(encoding="utf-8")) | {"exclude": []}
    settings.write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), encoding="utf-8")
    result: dict[str, Any] = run("leadlight", "check", "-c", "leadlight.yaml", "--json", cwd=folder).json()
    return result
