"""Too few won leads for trees: what the base rate says of everyone."""

from __future__ import annotations

from pathlib import Path

from pipeline.definitions.workspace import load_workspace
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import BASE_RATE
from pipeline.reasons.scored import percentiles
from pipeline.workflow import stages

WORKSPACE = """\
name: few
data_until: 2026-06-30
sources:
  leads: {from: leads.csv, id: id, created_at: created}
  deals: {from: leads.csv, lead_id: id, closed_at: closed, outcome: status}
observe: {ages: [1d]}
"""


def test_without_trees_every_lead_stands_in_the_middle(tmp_path: Path) -> None:
    rows = [f"L{day},2026-0{1 + day // 28}-{1 + day % 28:02d},,," for day in range(100)]
    # Won in the oldest half alone, so that the refit on everything has another base rate than the tested model.
    for day in range(0, 40, 4):
        rows[day] = f"L{day},2026-0{1 + day // 28}-{1 + day % 28:02d},2026-03-15,won,"
    (tmp_path / "leads.csv").write_text("\n".join(["id,created,closed,status,", *rows]) + "\n")
    (tmp_path / "leadlight.yaml").write_text(WORKSPACE.replace("observe", "goal: {horizon: 60d}\nobserve"))
    workspace = load_workspace(tmp_path / "leadlight.yaml")
    stages.features(workspace)
    stages.fit(workspace)
    served, tested = (Bundle.load(tmp_path / "models" / "candidate" / name) for name in ("served", "tested"))
    assert served.model.kind == BASE_RATE and served.model.base_margin != tested.model.base_margin
    for bundle in (served, tested):
        assert percentiles(bundle.reference, bundle.reference[:1]) == [0.5]
        assert bundle.model.probability(bundle.reference[:1, None]) == bundle.reference[:1]
