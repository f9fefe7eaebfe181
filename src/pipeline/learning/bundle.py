"""A model on disk: a folder of text files with all that scoring needs, whole or refused.

`docs/model-format.md` says what each file holds. Nothing here is a pickle, and nothing here reads the clock: the same
model gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.features.matrix import Definition
from pipeline.learning.model import Model
from pipeline.tables.columns import Floats
from pipeline.tables.files import arriving, write_text

FORMAT_VERSIONS = (1, 2)
"""Those that are read. One is added when an older Leadlight could no longer read what a newer one writes; a bundle is
written in the first that can say it: 2 where a model has a prior or segments."""

FILES = ("card.json", "definition.json", "model.json", "model.txt", "reference.json")
MANIFEST = "manifest.json"
TESTED = "tested"
"""Sub-folder of a registered bundle: the version that every quality figure is from."""

AGAIN = "Restore the folder from a backup, or retrain with 'leadlight train'."


class BundleError(ValueError):
    """A bundle is missing, broken or another one than was asked for; the sentence says what and the remedy."""


@dataclass(frozen=True)
class Bundle:
    """One model with what it needs to score and to say where it comes from.

    `reference` holds the sorted probabilities of the test observations (n,); `card` is plain JSON for people and views:
    test figures, `knows_until`, what it was trained on.
    """

    version: str
    definition: Definition
    model: Model
    reference: Floats
    card: Mapping[str, Any]

    def save(self, folder: Path) -> None:
        """Write the folder at once: a killed save leaves it as it was, absent, or refused by `load`.

        An older bundle in `folder` is replaced; a folder that holds anything else is refused with BundleError.
        """
        if folder.exists():
            strangers = sorted({path.name for path in folder.iterdir()} - {*FILES, MANIFEST})
            if strangers:
                raise BundleError(f"{folder} holds {strangers[0]}, no part of a bundle. Choose another folder.")
        with arriving(folder) as partial:
            self.write(partial)

    def write(self, folder: Path) -> None:
        """Write the files into an empty folder, the manifest last; each is on the disk when this returns."""
        contents = self.contents()
        digests = {name: _digest(text) for name, text in contents.items()}
        version = FORMAT_VERSIONS[self.model.prior is not None or self.model.segments is not None]
        manifest = {"format_version": version, "fingerprint": self.definition.fingerprint, "files": digests}
        for name, text in (*contents.items(), (MANIFEST, _json(manifest, indent=1))):
            write_text(folder / name, text)

    def contents(self) -> dict[str, str]:
        """File name -> text, of every file but the manifest; the same bundle gives the same texts."""
        model = self.model
        return {
            "card.json": _json(dict(self.card), indent=1),
            "definition.json": _json(self.definition.to_json(), indent=1),
            "model.json": _json({"version": self.version, **model.to_json()}, indent=1),
            "model.txt": model.text(),
            "reference.json": _json([float(probability) for probability in self.reference]),
        }

    @classmethod
    def load(cls, folder: Path) -> Bundle:
        """Read and verify the folder: every file present, unchanged, and of this format; else BundleError."""
        folder = Path(folder)
        manifest = _manifest(folder)
        contents = {name: _verified(folder, name, manifest["files"][name]) for name in FILES}
        plain = {name: json.loads(text) for name, text in contents.items() if name.endswith(".json")}
        definition = _definition(folder, plain["definition.json"], manifest["fingerprint"])
        settings = dict(plain["model.json"])
        version = check_version(str(settings.pop("version")))
        try:
            model = Model.from_text(contents["model.txt"], **settings)
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"{folder / 'model.json'} cannot be read as a model ({error}). {AGAIN}") from None
        columns = len(definition.columns)
        if model.booster is not None and model.booster.num_feature() != columns:
            raise BundleError(
                f"{folder}: the model takes {model.booster.num_feature()} columns and the definition has {columns}. "
                "The two are of different trainings: retrain with 'leadlight train'."
            )
        reference = np.asarray(plain["reference.json"], dtype=np.float64)
        return cls(version, definition, model, reference, plain["card.json"])

    def require(self, definition: Definition) -> None:
        """BundleError with the first difference, unless the model was trained on this very definition."""
        if self.definition.fingerprint == definition.fingerprint:
            return
        difference = first_difference(self.definition, definition) or "what the two fingerprints cover"
        raise BundleError(
            f"Model {self.version} was trained on another definition. The first difference, the model's side first: "
            f"{difference}. Score with the workspace it was trained on, or retrain with 'leadlight train'."
        )


def first_difference(a: Definition, b: Definition) -> str | None:
    """The first thing that tells two definitions apart, `a`'s side first; None if nothing does. Labels do not count.

    It reads like `criteria, demo_requests, measures, 2: "count 30d" against "count 14d"`.
    """
    one, other = a.to_json(), b.to_json()
    for criterion in (*one["criteria"], *other["criteria"]):
        criterion.pop("label", None)
    return _difference(one, other, ())


def _difference(one: object, other: object, place: tuple[str, ...]) -> str | None:
    """Walk two plain values side by side; `place` is where in the definition they stand."""
    if one == other:
        return None
    pairs: list[tuple[str, object, object]] = []
    if isinstance(one, dict) and isinstance(other, dict) and one.get("name") == other.get("name"):
        pairs = [(key, one.get(key), other.get(key)) for key in sorted(one.keys() | other.keys())]
    elif isinstance(one, list) and isinstance(other, list):
        rows = zip_longest(one, other)
        pairs = [(_named(mine, position), mine, theirs) for position, (mine, theirs) in enumerate(rows, start=1)]
    for name, mine, theirs in pairs:
        found = _difference(mine, theirs, (*place, name))
        if found:
            return found
    return f"{', '.join(place)}: {_shown(one)} against {_shown(other)}"


def _named(value: object, position: int) -> str:
    return str(value["name"]) if isinstance(value, dict) and "name" in value else str(position)


def _shown(value: object) -> str:
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def check_version(version: str) -> str:
    """The version itself if it can name a folder; else BundleError."""
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._-]*", version):
        raise BundleError(
            f"{version!r} is no model version; expected letters, digits, dots and dashes, as in 2026-06-30-1a2b3c4d."
        )
    return version


def bundle_path(models: Path, version: str) -> Path:
    """Where a registered version stands: the served bundle, with the tested one in its sub-folder."""
    return models / "bundles" / check_version(version)


def champion_path(models: Path) -> Path:
    """The pointer: a text file with the version that serves, and a newline."""
    return models / "champion"


def read_champion(models: Path) -> str | None:
    """The version that serves; None when none does. A pointer that names no version is BundleError."""
    try:
        return check_version(champion_path(models).read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return None


def load_champion(models: Path) -> Bundle:
    """The model that serves; BundleError says what to do where there is none."""
    version = read_champion(models)
    if version is None:
        raise BundleError(f"No model serves: {champion_path(models)} is missing. Train one with 'leadlight train'.")
    return Bundle.load(bundle_path(models, version))


def _manifest(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise BundleError(f"{folder} is missing: no model stands there. Train one with 'leadlight train'.")
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        version = manifest["format_version"]
    except FileNotFoundError:
        raise BundleError(f"{folder} has no {MANIFEST}: it is no bundle, or was never finished. {AGAIN}") from None
    except (ValueError, KeyError, TypeError):
        raise BundleError(f"{folder / MANIFEST} cannot be read as a bundle's manifest. {AGAIN}") from None
    if version not in FORMAT_VERSIONS:
        read = " and ".join(map(str, FORMAT_VERSIONS))
        raise BundleError(
            f"{folder} is written in format {version}; this Leadlight reads formats {read}. Retrain with "
            "'leadlight train', or serve it with the Leadlight that wrote it."
        )
    missing = sorted({*FILES, "fingerprint"} - {*manifest.get("files", ()), *manifest})
    if missing:
        raise BundleError(f"{folder / MANIFEST} does not name {missing[0]}. {AGAIN}")
    return dict(manifest)


def _definition(folder: Path, plain: Mapping[str, Any], fingerprint: str) -> Definition:
    """The definition, if this Leadlight reads it as the one that wrote it did."""
    try:
        definition = Definition.from_json(plain)
        difference = _difference(plain, definition.to_json(), ())
    except (KeyError, TypeError, ValueError) as error:
        difference = str(error)
    else:
        if definition.fingerprint == fingerprint:
            return definition
    raise BundleError(
        f"{folder}: this Leadlight reads the definition otherwise than the one that wrote it. The first difference: "
        f"{difference or 'the fingerprint'}. Retrain with 'leadlight train', or serve it with the one on its card."
    )


def _verified(folder: Path, name: str, digest: str) -> str:
    try:
        text = (folder / name).read_bytes()
    except FileNotFoundError:
        raise BundleError(f"{folder / name} is missing from the bundle. {AGAIN}") from None
    if hashlib.sha256(text).hexdigest() != digest:
        raise BundleError(
            f"{folder / name} is not the file that was written: its sha256 is not the manifest's. {AGAIN}"
        )
    return text.decode("utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _json(value: object, indent: int | None = None) -> str:
    """Sorted keys and Python's shortest floats: the same value gives the same bytes, and reads back to the bit."""
    separators = (",", ": " if indent else ":")
    text = json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False, indent=indent, separators=separators)
    return f"{text}\n"
