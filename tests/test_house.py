"""The house stays as it was designed: who imports whom, what is never there, and documents that say what is."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import depth
from benchmarks.page import BENCH, PAGE, filled
from benchmarks.proofs.path.imports import heavy_imports, pickles
from pipeline.cli import app
from pipeline.definitions.criteria import BUILT_IN, FAMILIES, WORDS
from pipeline.definitions.workspace import Workspace

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DOCUMENTS = {path: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]}
LONGEST = 300
"""Lines of a file; the aim is 250."""


def project_files() -> list[Path]:
    """Everything that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def test_every_import_goes_in_the_direction_of_the_house() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout[-3000:] + linted.stderr[-1000:]


def test_every_room_says_what_it_is_for() -> None:
    rooms = [path for path in SOURCES if path.name == "__init__.py"]
    folders = {path.parent for path in SOURCES}
    assert {path.parent for path in rooms} == folders
    assert [room for room in rooms if not ast.get_docstring(ast.parse(room.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_no_file_is_longer_than_one_can_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_no_pickle_is_read_or_written() -> None:
    assert list(pickles(ROOT / "src")) == []


def test_a_pickle_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from joblib import load\nimport numpy\nnumpy.load('x', allow_pickle=True)\n")
    (tmp_path / "b.py").write_text("import numpy, cloudpickle as p\nnumpy.load('x', allow_pickle=False)\n")
    assert list(pickles(tmp_path)) == ["a.py:1: joblib", "a.py:3: allow_pickle", "b.py:1: cloudpickle"]


def test_serving_starts_without_what_only_analysts_need() -> None:
    assert heavy_imports("serving.app") == []


def test_a_heavy_import_would_be_found() -> None:
    assert heavy_imports("duckdb") == ["duckdb"]


@pytest.mark.parametrize(
    "path",
    [*sorted(ROOT.glob("requirements*.lock")), *sorted(ROOT.glob("benchmarks/peers/*.lock"))],
    ids=lambda path: path.name,
)
def test_a_lock_holds_hashes_and_no_address(path: Path) -> None:
    lock = path.read_text(encoding="utf-8")
    assert re.findall(r".*(?:https?://|^--(?:index|extra|find|trusted)).*", lock, re.MULTILINE) == []
    pinned = re.findall(r"^[a-z0-9][^\s=]*==\S+.*$", lock, re.MULTILINE)
    assert pinned
    assert [line for line in pinned if not line.endswith("\\")] == []


def test_peers_have_of_what_we_both_use_the_same_version() -> None:
    pin = re.compile(r"^(duckdb|lightgbm|pandas|pyarrow)==([^\s;]+)", re.MULTILINE)
    ours, theirs = (
        set(pin.findall((ROOT / name).read_text(encoding="utf-8")))
        for name in ("requirements.lock", "benchmarks/peers/peers.lock")
    )
    assert len(theirs) == 4
    assert theirs - ours == set()


def test_the_page_on_scale_says_what_was_measured() -> None:
    bench = json.loads(BENCH.read_text(encoding="utf-8"))
    text = DOCUMENTS[PAGE]
    assert filled(text, bench) == text, "make it anew: python -m benchmarks.page"
    studied = json.loads(depth.OUTPUT.read_text(encoding="utf-8"))
    assert depth.filled(text, studied) == text, "make it anew: python -m benchmarks.depth --page"


def test_the_lock_holds_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["analysis"],
        *project["dependency-groups"]["dev"],
    ]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    assert {re.split(r"[<>=\[ ]", name)[0].lower() for name in declared} - locked == set()


def test_spark_is_in_a_lock_of_its_own() -> None:
    large, small = (
        set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-spark.lock")
    )
    assert small == {"pyspark", "py4j"}
    assert large & small == set()


def test_serving_installs_without_what_only_analysts_need() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = {re.split(r"[<>=\[ ]", name)[0] for name in project["dependencies"]}
    assert base & {"shap", "dvc", "altair", "jupyter", "mlflow", "pandas", "duckdb", "scikit-learn"} == set()


def test_no_file_names_a_place_of_one_machine() -> None:
    place = re.compile(r"(?:^|[^a-zA-Z0-9._-])/(?:work|farm|root|home/[a-z]+|Users)/")
    found = []
    for path in project_files():
        if path.suffix in {".parquet", ".gz", ".png"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if place.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_nothing_is_left_undone_or_switched_off() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "no" + "qa", "type: " + "ignore", "pragma: no " + "cover", "mark.x" + "fail")
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in project_files()
        if path.suffix == ".py"
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def commands() -> list[str]:
    """The commands that `leadlight --help` lists."""
    return [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]


def test_every_command_is_in_the_readme_or_the_documents() -> None:
    text = "\n".join(DOCUMENTS.values())
    assert [name for name in commands() if f"leadlight {name}" not in text] == []


def test_every_key_of_the_workspace_is_documented() -> None:
    text = DOCUMENTS[ROOT / "docs" / "workspace.md"]
    assert [key for key in keys(Workspace) if not re.search(rf"`[^`]*\b{key}\b[^`]*`", text)] == []


def keys(model: Any) -> set[str]:
    """Every key that the workspace file may have, nested ones included."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(field.alias or name)
        found |= {key for nested in nested_models(field.annotation) for key in keys(nested)}
    return found


def nested_models(annotation: Any) -> set[Any]:
    """The models that an annotation mentions."""
    if hasattr(annotation, "model_fields"):
        return {annotation}
    return {model for part in getattr(annotation, "__args__", ()) for model in nested_models(part)}


def test_every_word_of_a_criterion_is_documented() -> None:
    text = DOCUMENTS[ROOT / "docs" / "measures.md"] + DOCUMENTS[ROOT / "docs" / "workspace.md"]
    for word in (*WORDS, *BUILT_IN, *FAMILIES):
        assert re.search(rf"`{word}\b[^`]*`", text), word


def test_every_link_between_documents_leads_somewhere() -> None:
    links = [
        (path, target)
        for path, text in DOCUMENTS.items()
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        if not re.match(r"[a-z]+:", target)
    ]
    assert links
    assert [f"{path.name}: {target}" for path, target in links if not (path.parent / target).exists()] == []


def test_dvc_runs_the_stages_anew_for_every_setting() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    listed = {name: set(stage.get("params", [{}])[0].get("leadlight.yaml", ())) for name, stage in stages.items()}
    settings = set(yaml.safe_load((ROOT / "leadlight.yaml").read_text(encoding="utf-8")))
    assert list(stages) == ["check", "features", "fit", "evaluate"]
    assert settings - set().union(*listed.values()) == AFTER_THE_STAGES & settings
    assert "model" not in listed["check"] | listed["features"]


def test_dvc_can_read_every_setting() -> None:
    settings = yaml.safe_load((ROOT / "leadlight.yaml").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(settings)) == settings, "a date without quotes is no plain data to DVC"


AFTER_THE_STAGES = {"max_age"}
"""Settings that no stage reads: they concern what happens with a candidate."""
