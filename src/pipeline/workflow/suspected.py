"""What a check of leakage suspects, left out: read from the check's file, if it is of the same data and settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.settings import Exclusion
from pipeline.definitions.workspace import Workspace
from pipeline.features.auto import criterion_name
from pipeline.workflow.places import Places, check_key, read_summary

NOT_CHECKED = (
    "Nothing was left out as suspected of leaking: no leakage check of this data was made. `leadlight check` makes it."
)


@dataclass(frozen=True)
class LeftOut:
    """A workspace without what is suspected, the suspects as entries of `exclude`, and what to say of it."""

    workspace: Workspace
    suspects: tuple[Mapping[str, str], ...] = ()
    said: tuple[str, ...] = ()


def as_checked(workspace: Workspace) -> LeftOut:
    """The workspace without the suspects of its last check, if that was of the same files, settings and code.

    Of tables in a database nobody can tell whether they are still the same: then the same settings are enough.
    """
    found = read_summary(Places(workspace.root).check)
    if found is None or "suspects" not in found or found.get("inputs") != check_key(workspace):
        return LeftOut(workspace, (), (NOT_CHECKED,))
    return leaving_out(workspace, found["suspects"])


def leaving_out(workspace: Workspace, suspects: Iterable[Mapping[str, str]]) -> LeftOut:
    """The workspace with the suspects under `exclude`, without the criteria that need them, and a sentence on each."""
    listed = tuple(suspects)
    if not listed:
        return LeftOut(workspace)
    kinds = {each["kind"] for each in listed if "kind" in each}
    columns = {each["column"] for each in listed if "column" in each}
    said = [f"Left out, as suspected of leaking: {', '.join(sorted(columns | kinds))}; `leadlight check` says why."]
    if (asked := without(workspace, listed)) is not workspace:
        gone = {rule.text for rule in workspace.scorecard} - {rule.text for rule in asked.scorecard}
        gone |= {*workspace.monotone} - {*asked.monotone}
        gone |= {segment.column for segment in workspace.segments} - {segment.column for segment in asked.segments}
        if asked.model.segment_by != workspace.model.segment_by:
            gone.add(str(workspace.model.segment_by))
        said += (
            [f"With it goes what scorecard, monotone and segments say of {', '.join(sorted(gone))}."] if gone else []
        )
    update: dict[str, object] = {
        "exclude": (*workspace.exclude, *(Exclusion.model_validate(dict(each)) for each in listed))
    }
    if workspace.criteria != "auto":
        kept = []
        for criterion in workspace.criteria:
            rest = _without(criterion, columns, kinds)
            if rest is None:
                said.append(f"Criterion {criterion.name} is left out with what it needs.")
            elif rest is not criterion:
                said.append(f"Criterion {criterion.name} is left without {_lost(criterion, rest, columns, kinds)}.")
            if rest is not None:
                kept.append(rest)
        update["criteria"] = tuple(kept)
    attribute_of = {} if workspace.criteria == "auto" else {c.name: c.attribute for c in workspace.criteria}
    lost = [trait for trait in workspace.persona if attribute_of.get(trait.name, trait.attribute) in columns]
    if lost:
        said.append(f"The persona is left without {', '.join(trait.name for trait in lost)}.")
        update["persona"] = tuple(trait for trait in workspace.persona if trait not in lost)
    return LeftOut(workspace.model_copy(update=update), listed, tuple(said))


def without(workspace: Workspace, suspects: Iterable[Mapping[str, str]]) -> Workspace:
    """The workspace without what its scorecard, directions and segments say of criteria that suspects took along.

    Of criteria by themselves (`auto`) nobody wrote which they are: there it is those that suspects would have become.
    """
    kinds = {each["kind"] for each in suspects if "kind" in each}
    columns = {each["column"] for each in suspects if "column" in each}
    if workspace.criteria == "auto":
        names = {
            form for name in columns | kinds for form in (criterion_name(name), f"attribute_{criterion_name(name)}")
        }
    else:
        names = {each.name for each in workspace.criteria if _without(each, columns, kinds) is None} | columns
    if not names:
        return workspace
    own = workspace.model.segment_by
    return workspace.model_copy(
        update={
            "scorecard": tuple(rule for rule in workspace.scorecard if rule.of.split(".")[0] not in names),
            "monotone": {name: way for name, way in workspace.monotone.items() if name not in names},
            "segments": tuple(segment for segment in workspace.segments if segment.column not in names),
            "model": workspace.model.model_copy(update={"segment_by": None if own in names else own}),
        }
    )


def _without(criterion: Criterion, columns: set[str], kinds: set[str]) -> Criterion | None:
    """A criterion without columns and kinds: itself where it needs none, None where nothing is left of it."""
    if criterion.attribute is not None:
        return None if criterion.attribute in columns else criterion
    if any(name in columns for name, _ in criterion.when):
        return None
    when = tuple(
        (name, tuple(word for word in words if name != "kind" or word not in kinds)) for name, words in criterion.when
    )
    measures = tuple(measure for measure in criterion.measures if measure.column not in columns)
    if any(not words for _, words in when) or (criterion.measures and not measures):
        return None
    if when == criterion.when and measures == criterion.measures:
        return criterion
    return replace(criterion, when=when, measures=measures)


def _lost(criterion: Criterion, rest: Criterion, columns: set[str], kinds: set[str]) -> str:
    named = {word for name, words in criterion.when if name == "kind" for word in words} & kinds
    measured = {str(measure.column) for measure in criterion.measures if measure not in rest.measures} & columns
    return ", ".join(sorted(named | measured))
