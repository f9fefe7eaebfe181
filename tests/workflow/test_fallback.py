"""Too few won leads for trees: what the base rate says of everyone, or the scorecard of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import BASE_RATE, SCORECARD
from pipeline.reasons.scored import percentiles
from pipeline.reasons.scores import score
from pipeline.tables.sources import read_history
from pipeline.workflow import stages
from pipeline.workflow.train import train

WORKSPACE = """\
name: few
data_until: 2026-06-30
sources:
  leads: {from: leads.csv, id: id, created_at: created, attributes: [country]}
  deals: {from: leads.csv, lead_id: id, closed_at: closed, outcome: status}
observe: {ages: [1d]}
"""


def few_deals(folder: Path, more: str = "") -> Workspace:
    """A hundred leads, ten of them won, with a workspace of `more` keys."""
    rows = [f"L{day},2026-0{1 + day // 28}-{1 + day % 28:02d},,,{'FR' if day % 8 == 0 else 'DE'}" for day in range(100)]
    # Won in the oldest half alone, so that the refit on everything has another base rate than the tested model.
    for day in range(0, 40, 4):
        rows[day] = f"L{day},2026-0{1 + day // 28}-{1 + day % 28:02d},2026-03-15,won,{'FR' if day % 8 == 0 else 'DE'}"
    (folder / "leads.csv").write_text("\n".join(["id,created,closed,status,country", *rows]) + "\n")
    (folder / "leadlight.yaml").write_text(WORKSPACE.replace("observe", f"goal: {{horizon: 60d}}\n{more}observe"))
    return load_workspace(folder / "leadlight.yaml")


def test_without_trees_every_lead_stands_in_the_middle(tmp_path: Path) -> None:
    workspace = few_deals(tmp_path)
    stages.features(workspace)
    stages.fit(workspace)
    served, tested = (Bundle.load(tmp_path / "models" / "candidate" / name) for name in ("served", "tested"))
    assert served.model.kind == BASE_RATE and served.model.base_margin != tested.model.base_margin
    for bundle in (served, tested):
        assert percentiles(bundle.reference, bundle.reference[:1]) == [0.5]
        assert bundle.model.probability(bundle.reference[:1, None]) == bundle.reference[:1]


def test_with_a_scorecard_it_serves_alone_tells_leads_apart_and_says_so(tmp_path: Path) -> None:
    workspace = few_deals(tmp_path, "scorecard: {country: {FR: 20}}\n")
    result = train(workspace, tmp_path / "leadlight.yaml", workspace.data_until)
    assert result["promoted"] and "too few to judge" in result["verdict"]
    assert any("the scorecard serves alone" in sentence for sentence in result["said"])
    bundle = Bundle.load(tmp_path / "models" / "bundles" / result["model_version"])
    assert bundle.model.kind == SCORECARD and bundle.model.prior is not None
    scores = score(bundle, read_history(workspace)[0], workspace.data_until)
    french, german = (
        max(s.log_odds or -9 for s in scores if s.lead_id in names) for names in (("L0", "L48"), ("L50",))
    )
    assert french > german
    for one in scores:
        if one.log_odds is not None:
            assert "The scorecard alone speaks here" in " ".join(one.warnings)
            assert one.base + sum(reason.contribution for reason in one.reasons) == pytest.approx(
                one.log_odds, abs=1e-9
            )
