"""Plants six bugs, one at a time, in a copy of `src/` and shows the test that catches each.

    python tests/planted_bugs.py [--json FILE]

Each bug is a mistake that is easy to make and that most pipelines make somewhere. A bug is an exact replacement of
text: if the text is no longer there, the script says so and fails, so that it cannot fall silently behind the code. The
tests are run against an untouched copy too, and must pass there. Exit 0: every bug was caught; 1: one was not; 2: the
script or the tests are out of date.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = "tests/features/test_golden.py"
PROPERTIES = "tests/features/test_properties.py"
ORACLE = "test_the_kernel_agrees_with_the_oracle_to_the_bit"
FUTURE = "test_the_future_is_invisible"
CROWD = "test_a_lead_alone_and_in_a_crowd_has_the_same_bits"
ARRIVAL = "test_the_order_of_arrival_does_not_matter"


@dataclass(frozen=True)
class Bug:
    """One mistake: in `path`, each old text of `changes` becomes its new one.

    Every bug meets the worked histories and the oracle; `properties` are those beside them that it should break.
    """

    name: str
    path: str
    changes: tuple[tuple[str, str], ...]
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What became of a planted bug: the tests that failed, worked histories and properties apart."""

    bug: str
    caught: bool
    histories: tuple[str, ...]
    properties: tuple[str, ...]
    seconds: float


KERNEL = "pipeline/native/kernel.c"
OBSERVATIONS = "pipeline/features/observations.py"

BUGS = (
    Bug(
        "`<=` for `<`: a fact at the cutoff is seen",
        KERNEL,
        (
            ("ledger->at[next] < cutoff; next++", "ledger->at[next] <= cutoff; next++"),
            ("ledger->seen[next] >= cutoff", "ledger->seen[next] > cutoff"),
        ),
        (FUTURE,),
    ),
    Bug(
        "a window's start is exclusive",
        KERNEL,
        (("ledger->at[low + list[start]] < from", "ledger->at[low + list[start]] <= from"),),
    ),
    Bug(
        "the order of ties is ignored: facts of one instant stand as they arrived",
        "pipeline/tables/facts.py",
        (("    if not tied.any():\n        return order\n", "    return order\n"),),
        (ARRIVAL,),
    ),
    Bug(
        "running sums are subtracted instead of summing the slice",
        KERNEL,
        (
            (
                "    return word == TOTAL ? found :",
                "    double running = 0.0, before = 0.0;\n"
                "    for (int64_t i = 0; i < end; i++) {\n"
                "        double value = numbers[low + list[i]];\n"
                "        if (i == begin) before = running;\n"
                "        if (!isnan(value)) running += value;\n"
                "    }\n"
                "    if (word != LARGEST && begin < end) found = running - before;\n"
                "    return word == TOTAL ? found :",
            ),
        ),
    ),
    Bug(
        "the label's interval is closed on the right: a win at cutoff + horizon counts",
        OBSERVATIONS,
        (("return first < cutoff + horizon\n", "return first <= cutoff + horizon\n"),),
    ),
    Bug(
        "closed leads are observed",
        OBSERVATIONS,
        (("    keep = is_open(history, lead, cutoff)\n    lead, cutoff = lead[keep], cutoff[keep]\n", ""),),
    ),
)


def plant(bug: Bug, source: Path) -> None:
    """Change the copy of `src/`; LookupError if the code is no longer what the bug is a change of."""
    path = source / bug.path
    text = path.read_text(encoding="utf-8")
    for old, new in bug.changes:
        if text.count(old) != 1:
            raise LookupError(
                f"{bug.path}: the text to change for {bug.name!r} stands there {text.count(old)} times, not once; "
                f"bring tests/planted_bugs.py up to date:\n{old}"
            )
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def run_tests(source: Path, properties: Iterable[str]) -> str:
    """What pytest prints of the worked histories and the properties, run against the code in `source`."""
    environment = os.environ | {
        "PYTHONPATH": str(source),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "LEADLIGHT_HYPOTHESIS": "plant",
        "COLUMNS": "500",  # else the summary leaves out what was asserted
    }
    code = "import pathlib, pipeline; print(pathlib.Path(pipeline.__file__).parents[1])"
    imported = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    if Path(imported.stdout.strip()).resolve() != source.resolve():
        raise LookupError(f"The tests would run {imported.stdout.strip()}, not the copy in {source}.")
    tests = [GOLDEN, *(f"{PROPERTIES}::{name}" for name in (ORACLE, *properties))]
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout


def try_bug(bug: Bug, sound: Path) -> Result:
    """Plant one bug in a copy of the sound code, compile the copy, and run the tests."""
    root = sound.parents[1] / f"bug{BUGS.index(bug)}"
    source = root / "src"
    shutil.copytree(sound, source)
    plant(bug, source)
    started = time.perf_counter()
    # The build compiles what stands beside it.
    shutil.copy(ROOT / "hatch_build.py", root)
    subprocess.run([sys.executable, root / "hatch_build.py"], capture_output=True, check=True)
    # Only what a test asserts counts: a bug that merely breaks the code would be no proof of the test.
    summary = r"^FAILED \S+?::(test_\w+)(?:\[(.*?)\])? - (?:AssertionError|assert )"
    failed = re.findall(summary, run_tests(source, bug.properties), re.MULTILINE)
    histories = tuple(dict.fromkeys(case for _, case in failed if case))
    properties = tuple(test for test, case in failed if not case)
    return Result(bug.name, bool(failed), histories, properties, round(time.perf_counter() - started, 1))


def table(results: list[Result]) -> str:
    """The results as a Markdown table."""
    rows = []
    for one in results:
        histories = "; ".join(one.histories[:2]) + (
            f"; {len(one.histories) - 2} more" if len(one.histories) > 2 else ""
        )
        properties = ", ".join(f"`{name}`" for name in one.properties)
        rows.append(f"| {one.bug} | {'yes' if one.caught else '**no**'} | {histories or '-'} | {properties or '-'} |")
    head = "| planted bug | caught | worked histories that fail | properties that fail |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def main() -> int:
    """Plant every bug and print what caught it."""
    parser = argparse.ArgumentParser(description="Plant six bugs and show the tests that catch them.")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=2) as pool:
        sound = Path(folder) / "sound" / "src"
        shutil.copytree(ROOT / "src", sound, ignore=shutil.ignore_patterns("__pycache__"))
        try:
            check = pool.submit(run_tests, sound, (FUTURE, CROWD, ARRIVAL))
            results = list(pool.map(lambda bug: try_bug(bug, sound), BUGS))
        except LookupError as error:
            print(error, file=sys.stderr)
            return 2
        if not re.search(r"^\d+ passed in", check.result(), re.MULTILINE):
            print(check.result(), "The tests fail without any planted bug: they show nothing.", file=sys.stderr)
            return 2
    print(table(results))
    if options.json:
        plain = {
            "caught": sum(one.caught for one in results),
            "of": len(BUGS),
            "bugs": [asdict(one) for one in results],
        }
        options.json.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    return 0 if all(one.caught for one in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
