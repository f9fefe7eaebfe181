"""Line 6: no pickle, a light service, and MLflow serving the champion with the same probabilities."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.workshop import ROOT, Workshop, run

PICKLES = frozenset({"pickle", "joblib", "cloudpickle", "dill"})
HEAVY = ("shap", "mlflow", "dvc", "altair", "matplotlib", "duckdb", "numba", "llvmlite")


def no_pickle_and_light(workshop: Workshop) -> list[Check]:
    """Source, imports, and the registered model in MLflow's own server."""
    return [
        equal("uses of a pickle in src", list(pickles(ROOT / "src")), []),
        equal("heavy packages that `import serving.app` brings", heavy_imports("serving.app"), []),
        *mlflow_serves(workshop),
    ]


def pickles(folder: Path) -> Iterator[str]:
    """Places that import a pickling package, or name a `pickle` argument such as numpy's `allow_pickle=True`."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").partition(".")[0]} | {alias.name for alias in node.names}
            elif isinstance(node, ast.Attribute):
                names = {node.attr} & {"read_pickle", "to_pickle", *PICKLES}
                if names:
                    yield f"{path.relative_to(folder)}:{node.lineno}: {node.attr}"
                continue
            elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                    yield f"{path.relative_to(folder)}:{node.value.lineno}: allow_pickle"
                continue
            else:
                continue
            for name in sorted(names & PICKLES):
                yield f"{path.relative_to(folder)}:{node.lineno}: {name}"


def heavy_imports(module: str) -> list[str]:
    """Which heavy packages a fresh interpreter holds after importing `module`."""
    code = f"import sys, json, {module}; print(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    held = set(json.loads(run("python", "-c", code).out))
    return sorted(held & set(HEAVY))


def mlflow_serves(workshop: Workshop) -> list[Check]:
    """`mlflow models serve` of the champion, given measures, against the champion's own probabilities."""
    found = run(
        "python", "-m", "benchmarks.proofs.mlflow_serve", "--json", "-c", workshop.demo / "leadlight.yaml", check=False
    )
    if found.code not in (0, 1):
        return [Check("mlflow models serve", (found.out + found.err)[-1500:], "answers", False)]
    answer = found.json()
    return [
        equal("rows that mlflow models serve answered with the same probability", answer["equal"], answer["rows"]),
    ]
