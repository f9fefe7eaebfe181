"""Line 7: the same bytes whatever surrounds a training; many trainings at once; a disk that is full."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from benchmarks.proofs.line import Check, equal, said
from benchmarks.proofs.path.kills import champion_falls, change_model, half_written
from benchmarks.proofs.trust.full_disk import MEGABYTES, STAGES, can_mount, try_stage, written
from benchmarks.proofs.workshop import ROOT, Workshop, run
from pipeline.champions.promotion import HELD, PromotionError, read_promotions
from pipeline.definitions.workspace import load_workspace
from pipeline.features.training_set import TrainingSet
from pipeline.learning.boosting import Growth
from pipeline.learning.bundle import Bundle, BundleError, bundle_path, read_champion
from pipeline.learning.candidate import fit_candidate
from pipeline.tables.files import PARTIAL
from pipeline.workflow.fitting import estimator_of
from pipeline.workflow.places import Places

TRAININGS = 10
SURROUNDINGS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("one thread", {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}),
    ("two threads", {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}),
    ("another hash seed", {"PYTHONHASHSEED": "4711", "OMP_NUM_THREADS": "2"}),
    ("another zone and locale", {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1"}),
)
"""Each in a folder of its own, so that paths differ too."""


@dataclass(frozen=True)
class Training:
    """One of those that collided: its exit code, what it said, and the version that it made."""

    code: int
    err: str
    version: str | None


def whole_or_not_at_all(workshop: Workshop) -> list[Check]:
    """The three halves of the line."""
    return [
        *same_bytes(workshop),
        *at_once(workshop.folder / "together", workshop.count(TRAININGS, 3)),
        *full_disks(workshop),
    ]


def small_crm(folder: Path) -> Path:
    """The small CRM that tests train on, written by its own process: simulated in a moment, trained in seconds."""
    code = (
        "import sys, pathlib; from tests.workflow import small_crm; small_crm.write(pathlib.Path(sys.argv[1]), 'csv')"
    )
    run(sys.executable, "-c", code, folder, cwd=ROOT)
    return folder


def same_bytes(workshop: Workshop) -> list[Check]:
    """The small CRM, and the demo's, trained in each of SURROUNDINGS: every file of the bundle, and the data's hash."""
    checks = []
    for crm in ("small", "demo"):
        found: dict[str, dict[str, str]] = {}
        hashes = set()
        for name, variables in SURROUNDINGS:
            folder = workshop.folder / f"{crm} with {name}"
            if crm == "small":
                small_crm(folder)
                change_model(folder, trees="auto")
            else:
                run("leadlight", "demo", "--leads", workshop.count(2000, 600), "-c", folder / "leadlight.yaml")
            version = run("leadlight", "train", "--json", cwd=folder, env=variables).json()["model_version"]
            place = bundle_path(folder / "models", version)
            found[name] = written(place)
            hashes.add(Bundle.load(place).card["data_hash"])
        first = found["one thread"]
        different = sorted(
            f"{file} with {name}"
            for name, files in found.items()
            for file in {*first, *files}
            if files.get(file) != first.get(file)
        )
        checks += [
            said(f"{crm} CRM: files of the bundle, compared", len(first)),
            equal(f"{crm} CRM: files that differ between {', '.join(found)}", different, []),
            equal(f"{crm} CRM: hashes of the training set", len(hashes), 1),
            equal(f"{crm} CRM: LightGBM told to use 1 and 2 threads, the same model", *told_threads(folder)),
        ]
    return checks


def told_threads(folder: Path) -> tuple[str, str]:
    """Hashes of a tested model grown by LightGBM on two threads, and on one as always: nothing else differs."""
    workspace, rows = load_workspace(folder / "leadlight.yaml"), TrainingSet.load(Places(folder).training)
    own = Growth.parameters
    texts = []
    for threads in (2, 1):
        with patch.object(Growth, "parameters", lambda self, n=threads: own(self) | {"num_threads": n}):
            found = fit_candidate(estimator_of(workspace, rows.definition), rows, refit=False)
        texts.append(sha256(found.tested_model.text().encode()).hexdigest()[:16])
    return texts[0], texts[1]


def at_once(folder: Path, count: int) -> list[Check]:
    """So many trainings of one folder started at the same moment, each by a workspace file with a seed of its own."""
    small_crm(folder)
    plain = (folder / "leadlight.yaml").read_text(encoding="utf-8")
    for number in range(count):
        (folder / f"seed{number}.yaml").write_text(plain.replace("seed: 7", f"seed: {100 + number}"), encoding="utf-8")
    begun = time.monotonic()
    with ThreadPoolExecutor(count) as together:
        ran = list(together.map(lambda number: _train(folder, f"seed{number}.yaml"), range(count)))
    seconds = round(time.monotonic() - begun, 1)
    failed = [f"exit {training.code}: {training.err[-500:]}" for training in ran if training.code]
    waited = sum("waiting for another run" in training.err for training in ran)
    return [
        said(f"{count} trainings at once, seconds in all", seconds),
        said("... that had to wait, and said for whom", waited),
        Check("... collided", waited, "1 or more", waited >= 1),
        equal("... that failed", failed, []),
        equal("... with a version of its own each", len({training.version for training in ran}), count),
        equal("... faults of the registry they left", registry_faults(folder), []),
        equal("... faults of the champion", champion_falls(folder, None), []),
    ]


def _train(folder: Path, workspace: str) -> Training:
    # For people and not as JSON, which would not say who waits.
    ran = run("leadlight", "train", "-c", workspace, cwd=folder, check=False)
    made = re.search(r"Model (\S+) (serves|is registered)", " ".join(ran.out.split()))
    return Training(ran.code, ran.err, made[1] if made else None)


def registry_faults(folder: Path) -> list[str]:
    """What is unsound: half-written folders, bundles that do not load, a broken history, MLflow against the pointer."""
    models = folder / "models"
    faults = [f"{path.relative_to(folder)} was left" for path in folder.rglob(f".*{PARTIAL}*")] + half_written(folder)
    installed = sorted(path.name for path in (models / "bundles").iterdir())
    for version in installed:
        try:
            Bundle.load(bundle_path(models, version))
            Bundle.load(bundle_path(models, version) / "tested")
        except BundleError as error:
            faults.append(f"{version}: {error}")
    try:
        entries = read_promotions(models)
    except PromotionError as error:
        return [*faults, str(error)]
    standing = None
    for number, entry in enumerate(entries, 1):
        if entry.previous != standing:
            faults.append(f"line {number} of the history comes after {entry.previous}, and {standing} stood")
        standing = entry.previous if entry.action == HELD else entry.version
    if standing != read_champion(models):
        faults.append(f"the history ends with {standing}, and {read_champion(models)} serves")
    if sorted({entry.version for entry in entries}) != installed:
        faults.append("the history does not tell of every version, or of one that is not there")
    return faults + _alias_faults(models, installed)


def _alias_faults(models: Path, installed: list[str]) -> list[str]:
    """MLflow asked by another process, which loads it and goes: the alias is the pointer, each version there once."""
    code = (
        "import json, sys, pathlib, warnings; warnings.simplefilter('ignore')\n"
        "from mlflow import MlflowClient\n"
        "from pipeline.champions.registry import ALIAS, NAME, VERSION_TAG, store_uri\n"
        "uri = store_uri(pathlib.Path(sys.argv[1])); client = MlflowClient(uri, uri)\n"
        "found = client.search_model_versions(f\"name = '{NAME}'\")\n"
        "print(json.dumps({'champion': client.get_model_version_by_alias(NAME, ALIAS).tags[VERSION_TAG],"
        " 'versions': sorted(one.tags[VERSION_TAG] for one in found)}))"
    )
    told = json.loads(run(sys.executable, "-c", code, models).out)
    champion = read_champion(models)
    faults = [f"MLflow's champion is {told['champion']}, and {champion} serves"] if told["champion"] != champion else []
    return faults + ([f"MLflow has {told['versions']}"] if told["versions"] != installed else [])


def full_disks(workshop: Workshop) -> list[Check]:
    """Every stage on a disk that fills up."""
    trained = small_crm(workshop.folder / "trained")
    for stage in STAGES:
        if not (trained / stage.output).exists():
            run("leadlight", *stage.command, cwd=trained)
    mounted = can_mount(workshop.folder)
    how = f"a tmpfs of {MEGABYTES} MB" if mounted else "a quota on the size of a file, as no tmpfs may be mounted here"
    tries = {stage.name: try_stage(stage, trained, workshop.folder / "disk", mounted=mounted) for stage in STAGES}
    met = {name: tried.met for name, tried in tries.items()}
    return [
        said("the full disk", how),
        Check("runs that met it, by stage", met, "1 or more each", all(met.values())),
        equal(
            "... not one sentence, exit 1, and all as before", [x for tried in tries.values() for x in tried.wrong], []
        ),
    ]
