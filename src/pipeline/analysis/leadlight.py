"""One workspace in Python: what the commands do, as methods that give frames."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.analysis.frames import Frame, figures_frame, rows_frame, scores_frame, with_frames
from pipeline.analysis.shown import ExplainedLead
from pipeline.champions import signing
from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.learning.bundle import load_champion, read_champion
from pipeline.learning.metrics import FIGURES
from pipeline.reasons.scores import score
from pipeline.tables.columns import History
from pipeline.views import many
from pipeline.views.shap_values import explanation, plots
from pipeline.workflow import explained, scoring, stages
from pipeline.workflow import train as training
from pipeline.workflow.acting import load_acting
from pipeline.workflow.places import Places
from pipeline.workflow.schema import Export, quiet, read_for, sentence
from pipeline.workflow.versions import side_of

if TYPE_CHECKING:
    import shap


class Leadlight:
    """A workspace: check, train, score, explain, review, sign off.

    Figures come with their 95 % interval in columns that end in `_low` and `_high`. Contributions are in calibrated
    log-odds. What is wrong is raised as the commands say it: WorkspaceError, DataError, BundleError, PromotionError.
    """

    def __init__(self, file: str | Path = "leadlight.yaml", progress: Callable[[str], None] = quiet) -> None:
        """`file` is the workspace file; `progress` hears what is being done."""
        self.file, self._progress = Path(file), progress
        self.workspace: Workspace = load_workspace(self.file)
        self._explained: dict[tuple[str, bool], explained.Explained] = {}

    @classmethod
    def demo(cls, folder: str | Path, leads: int = 6_000, seed: int = 7) -> Leadlight:
        """The demo CRM of so many leads in `folder`; it is simulated, and its workspace written, where it is not."""
        from pipeline.demo.workspace import write_workspace
        from pipeline.demo.write import write_demo

        file = Path(folder) / "leadlight.yaml"
        write_workspace(file)
        if not (file.parent / "data" / "demo" / "leads.parquet").exists():
            write_demo(file.parent / "data" / "demo", leads=leads, seed=seed)
        return cls(file)

    def __repr__(self) -> str:
        return f"Leadlight({str(self.file)!r}): {self.workspace.name}, champion {self.champion or 'none yet'}"

    # Data

    def table(self, name: str) -> Frame:
        """One of the workspace's tables as it is, where it is a Parquet or csv file: "leads", "deals", ...

        Texts stay texts. Of interactions the first table. WorkspaceError where there is none, or it is no such file.
        """
        source = getattr(self.workspace.sources, name, None)
        source = source[0] if isinstance(source, tuple) and source else source
        file = None if not source else source.from_.file
        if file is None or Path(file).suffix not in (".parquet", ".csv"):
            raise WorkspaceError(f"{name}: the workspace has no such table in a parquet or csv file")
        path = self.workspace.root / file
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype="str")

    def check(self) -> Frame:
        """What was found wrong or suspect, a row each; empty where all is well. `attrs["tables"]` counts the rows."""
        found = stages.check(self.workspace, Places(self.workspace.root).check, self._progress)
        frame = pd.DataFrame(found["findings"], columns=["severity", "code", "title", "table", "column", "evidence"])
        frame.attrs |= {"tables": found["tables"], "ok": found["ok"]}
        return frame

    # Models

    def train(self, trials: int | None = None) -> dict[str, Any]:
        """All stages, then register and, if it wins, promote: what `leadlight train --json` gives."""
        workspace = self.workspace.tuning(trials)
        self._explained.clear()
        return training.train(workspace, self.file, _now(), self._progress)

    @property
    def champion(self) -> str | None:
        """The version that serves; None where none does yet."""
        return read_champion(self.models)

    @property
    def models(self) -> Path:
        """The folder of bundles, pointer and sign-offs."""
        return Places(self.workspace.root).models

    def versions(self) -> Frame:
        """The registered versions, oldest data first: until when each knows, its test's figures, its newest verdict."""
        rows = []
        for folder in sorted((self.models / "bundles").glob("[!.]*")):
            side = side_of(Places(self.workspace.root), folder.name)
            test, signed = side.figures.get("test") or {}, signing.newest(self.models, folder.name)
            none = {"value": None, "low": None, "high": None}
            rows.append(
                {
                    "version": folder.name,
                    "serves": folder.name == self.champion,
                    "data_until": side.served.card.get("data_until"),
                    "auc": test.get("auc", none),
                    "log_loss": test.get("log_loss", none),
                    "signed": None if signed is None else signed.verdict,
                }
            )
        frame = rows_frame(rows)
        return frame.sort_values("data_until", ignore_index=True) if len(frame) else frame

    def promote(self, version: str, reason: str = "Promoted by hand.") -> dict[str, Any]:
        """Let a registered version serve: what `leadlight promote --json` gives."""
        return training.promote_version(self.workspace, version, reason, _now())

    def evaluation(self, version: str | None = None) -> Frame:
        """The figures of a version's test, by default the champion's, beside its baselines' values."""
        figures = side_of(Places(self.workspace.root), version or "champion").figures
        if not figures.get("test"):
            raise WorkspaceError(f"{version or 'champion'}: no figures are known of it; run `leadlight evaluate`")
        return figures_frame(figures["test"], figures.get("baselines", {}), FIGURES)

    # Scores

    def scores(self, as_of: str | None = None, audience: str | None = None) -> Frame:
        """The open leads of the workspace, the best first; `audience` names some of them, or says a condition."""
        _, found, _ = scoring.score_leads(self.workspace, as_of, None, self._progress, audience=audience)
        return _best_first(scores_frame(score.to_json() for score in found))

    def history(self, as_of: str | None = None, **tables: Frame | Sequence[Frame] | None) -> History:
        """What is known, with frames in place of the workspace's tables of these names, as the champion reads it.

        `as_of` is until when, by default the workspace's data_until. It is what `serving.call.Service` sends.
        """
        return self._read(as_of, tables).history

    def score(self, as_of: str | None = None, **tables: Frame | Sequence[Frame] | None) -> Frame:
        """Score the leads of a frame: `score(leads=..., interactions=...)`, the best first, as the service does.

        Frames have the columns that the workspace names; a table that is not given is the workspace's. Closed leads
        have a stage and no probability. `attrs["warnings"]` says what is to be known of the data.
        """
        if tables.get("leads") is None:
            raise WorkspaceError("leads: a frame of leads is needed; scores() scores those of the workspace")
        export = self._read(as_of, tables)
        (bundle, said), instant = load_acting(self.workspace), scoring.as_of_instant(self.workspace, as_of)
        frame = _best_first(scores_frame(one.to_json() for one in score(bundle, export.history, instant)))
        frame.attrs["warnings"] = [*said, *(sentence(finding) for finding in export.told)]
        return frame

    def _read(self, as_of: str | None, tables: dict[str, Frame | Sequence[Frame] | None]) -> Export:
        scoring.as_of_instant(self.workspace, as_of)
        with TemporaryDirectory(prefix="leadlight-") as folder:
            workspace = with_frames(self.workspace, Path(folder), tables)
            return read_for(load_champion(self.models), workspace, self._progress)

    def explain(self, lead: str, as_of: str | None = None, since: str | None = None) -> ExplainedLead:
        """One lead with every criterion's part in its score; with `since` also what changed from then on."""
        found = scoring.explain_lead(self.workspace, lead, as_of, self._progress, since=since)
        return ExplainedLead(found.to_json())

    def changed(self, lead: str, since: str) -> Frame:
        """What changed of a lead's log-odds since an instant: time passed, new facts, another model; they add up."""
        return self.explain(lead, since=since).changed()

    # Many leads

    def explained(self, version: str | None = None, *, served: bool = False) -> explained.Explained:
        """The test's observations explained by a version, by default the champion, by the half that was tested."""
        key = (version or self.champion or "", served)
        if key not in self._explained:
            self._explained[key] = explained.explained(self.workspace, version, served=served, progress=self._progress)
        return self._explained[key]

    def explanation(self, level: str = "criterion", version: str | None = None) -> shap.Explanation:
        """For shap.plots, at the level of "measure", "criterion" or "family"."""
        return explanation(self.explained(version), level)

    @property
    def plots(self) -> Any:
        """`shap.plots`, which takes seconds to import the first time and says nothing on the way."""
        return plots()

    def importance(self, by: str = "criterion", version: str | None = None) -> Frame:
        """What counts how much, by "criterion", "family" or "side", the largest first."""
        return rows_frame(self._importance(by, version))

    def importance_chart(self, by: str = "criterion", version: str | None = None) -> Any:
        """The same as an altair chart."""
        return _chart(many.importance_chart(self._importance(by, version)))

    def _importance(self, by: str, version: str | None) -> list[dict[str, Any]]:
        found = self.explained(version)
        asked = {"criterion": found.importance, "family": found.families, "side": found.sides}
        if by not in asked:
            raise ValueError(f"{by!r}: importance is by {', '.join(asked)}")
        return asked[by]()

    def segments(self, criterion: str, version: str | None = None) -> Frame:
        """The share of the explanation that each criterion has among the leads of each value of a categorical one."""
        rows = self.explained(version).by_segment(criterion)
        return pd.DataFrame({name: {row["criterion"]: row["share"] for row in rows[name]} for name in rows})

    def dependence(self, criterion: str, column: str | None = None, version: str | None = None) -> Frame:
        """How a criterion's contribution goes with its value: a row a bin or category, the median with its interval."""
        found = self.explained(version).dependence(criterion, column)
        return rows_frame(point for point in (*found["points"], found["missing"]) if point is not None)

    def dependence_chart(self, criterion: str, column: str | None = None, version: str | None = None) -> Any:
        """The same as an altair chart."""
        return _chart(many.dependence_chart(self.explained(version).dependence(criterion, column)))

    def turned(self, version: str | None = None, before: str | None = None) -> Frame:
        """What a version says that the champion before did not: a row a turn, with the sentence in `text`."""
        found = explained.turned_since(self.workspace, version, before, self._progress)
        frame = rows_frame({**row, "text": many.turn_words(row)} for row in found["turned"])
        frame.attrs |= {name: found.get(name) for name in ("version", "before", "why")}
        return frame

    # Review

    def sign_off(self, reviewer: str, verdict: str, notes: str = "", version: str | None = None) -> signing.SignOff:
        """Record a review of a version, by default the champion: approved, approved with remarks, or rejected."""
        return training.sign_off(self.workspace, version, reviewer, verdict, notes, _now())


def _best_first(frame: Frame) -> Frame:
    if not len(frame):
        return frame
    return frame.sort_values(["probability", "lead_id"], ascending=[False, True], ignore_index=True)


def _chart(spec: dict[str, Any]) -> Any:
    import altair

    return altair.Chart.from_dict(spec)


def _now() -> int:
    """The clock, read at this edge alone."""
    return time.time_ns() // 1_000
