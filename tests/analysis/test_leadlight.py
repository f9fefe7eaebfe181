"""The door in Python gives what the commands give, in frames; and takes frames as if they were the tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis import Leadlight
from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.learning.metrics import FIGURES
from pipeline.workflow.schema import SchemaDriftError
from pipeline.workflow.scoring import explain_lead, score_leads


@pytest.fixture(scope="session")
def lead(door: Leadlight) -> str:
    """The best open lead."""
    return str(door.scores()["lead_id"].iloc[0])


def test_scores_are_those_of_the_command(door: Leadlight) -> None:
    _, found, _ = score_leads(load_workspace(door.file))
    frame = door.scores()
    assert len(frame) == len(found) > 0
    mine = dict(zip(frame["lead_id"], frame["probability"], strict=True))
    assert mine == {score.lead_id: score.probability for score in found}
    assert frame["probability"].is_monotonic_decreasing


def test_the_tables_as_frames_give_the_same_scores(door: Leadlight) -> None:
    tables = {name: door.table(name) for name in ("leads", "interactions", "contacts", "deals", "changes")}
    frame = door.score(**tables)
    mine = frame[frame["probability"].notna()].set_index("lead_id")["probability"]
    theirs = door.scores().set_index("lead_id")["probability"]
    assert mine.sort_index().equals(theirs.sort_index())


def test_a_few_leads_as_frames_have_the_bits_they_have_in_the_crowd(door: Leadlight, lead: str) -> None:
    leads = door.table("leads")
    mine = door.score(leads=leads[leads["lead_id"] == lead])
    assert mine["probability"].tolist() == door.scores()["probability"].tolist()[:1]


def test_a_frame_changes_what_is_scored(door: Leadlight, lead: str) -> None:
    facts = door.table("interactions")
    without = door.score(leads=door.table("leads"), interactions=facts[facts["lead_id"] != lead])
    before = door.scores().set_index("lead_id")["probability"]
    after = without.set_index("lead_id")["probability"]
    assert after[lead] != before[lead]
    others = [name for name in before.index if name != lead]
    assert after[others].equals(before[others])


def test_a_frame_without_a_column_is_refused_by_name(door: Leadlight) -> None:
    with pytest.raises(SchemaDriftError, match="country"):
        door.score(leads=door.table("leads").drop(columns="country"))


def test_a_frame_without_a_place_is_refused(door: Leadlight) -> None:
    with pytest.raises(WorkspaceError, match="accounts: the workspace has no such table"):
        door.score(leads=door.table("leads"), accounts=pd.DataFrame())
    with pytest.raises(WorkspaceError, match="2 frames for the 1 tables"):
        door.score(leads=door.table("leads"), interactions=[None, None])
    with pytest.raises(WorkspaceError, match=r"scores\(\) scores those of the workspace"):
        door.score(interactions=door.table("interactions"))


def test_a_column_of_numbers_and_texts_is_refused_without_its_values(door: Leadlight) -> None:
    leads = door.table("leads").astype({"country": object})
    leads.loc[0, "country"] = 4711
    leads.loc[1, "country"] = "Somebody"
    with pytest.raises(WorkspaceError, match="leads: the frame cannot be written") as refused:
        door.score(leads=leads)
    assert "Somebody" not in str(refused.value)


def test_a_lead_explained_adds_up_and_shows_itself(door: Leadlight, lead: str) -> None:
    found = door.explain(lead)
    frame = found.to_frame()
    assert found.plain["base"] + frame["contribution"].sum() == pytest.approx(found.plain["log_odds"], abs=1e-9)
    shown = found._repr_html_()
    assert shown.startswith("<div><svg")
    assert shown.count("<tr>") == 1 + min(8, len(frame))
    assert lead in shown
    assert found.explanation().values.tolist() == frame["contribution"].tolist()
    assert f"Lead {lead}: probability" in repr(found)


def test_markup_in_a_label_stays_text(door: Leadlight, lead: str) -> None:
    found = door.explain(lead)
    found.plain["reasons"][0] |= {"label": "<script>alert(1)</script>", "evidence": "<b>"}
    assert "<script" not in found._repr_html_()
    assert "<b>" not in found._repr_html_()


def test_what_changed_adds_up(door: Leadlight, lead: str) -> None:
    created = pd.Timestamp(door.table("leads").set_index("lead_id").loc[lead, "created_at"])
    since = f"{created + pd.Timedelta(days=2):%Y-%m-%d}"
    frame = door.changed(lead, since)
    plain = explain_lead(load_workspace(door.file), lead, since=since).changed
    assert plain is not None
    assert plain["total"] != 0
    assert frame["contribution"].sum() == pytest.approx(plain["total"], abs=1e-9)
    assert set(frame["step"]) <= {"time", "facts", "model"}
    with pytest.raises(ValueError, match="nothing was compared"):
        door.explain(lead).changed()


def test_importance_has_intervals_around_it(door: Leadlight) -> None:
    frame = door.importance()
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["importance"].is_monotonic_decreasing
    inside = (frame["importance_low"] <= frame["importance"]) & (frame["importance"] <= frame["importance_high"])
    assert inside.all()
    assert set(door.importance("side")["side"]) == {"fit", "intent"}
    with pytest.raises(ValueError, match="'lead': importance is by criterion, family, side"):
        door.importance("lead")


def test_the_explained_are_the_tests_observations_by_the_half_that_was_tested(door: Leadlight) -> None:
    found = door.explained()
    assert found.tested
    assert len(found) == json.loads((found_card(door)).read_text())["tested"]["n"]
    assert np.abs(found.base + found.measures.sum(axis=1) - found.log_odds).max() < 1e-9
    served = door.explained(served=True)
    assert not served.tested
    assert not np.array_equal(served.criteria, found.criteria)


def found_card(door: Leadlight) -> Path:
    return door.workspace.root / "models" / "bundles" / str(door.champion) / "card.json"


def test_dependence_tells_each_observation_once(door: Leadlight) -> None:
    frame = door.dependence("country")
    assert frame["n"].sum() == len(door.explained())
    with pytest.raises(ValueError, match="'nothing' is no criterion"):
        door.dependence("nothing")
    with pytest.raises(ValueError, match="'country' is no column of calls"):
        door.dependence("calls", "country")


def test_segments_share_the_explanation_out(door: Leadlight) -> None:
    frame = door.segments("sector")
    assert set(frame.columns) <= {"retail", "building", "software", "other"}
    assert frame.sum().tolist() == pytest.approx([1] * frame.shape[1])
    with pytest.raises(ValueError, match="segments are words"):
        door.segments("employees")


def test_charts_draw_offline(door: Leadlight) -> None:
    import vl_convert

    for chart in (door.importance_chart(), door.dependence_chart("country"), door.dependence_chart("employees")):
        svg = vl_convert.vegalite_to_svg(chart.to_dict())
        assert svg.startswith("<svg")
        assert svg.count("<path") > 4


def test_the_figures_are_those_of_the_card(door: Leadlight) -> None:
    frame = door.evaluation()
    card = json.loads(found_card(door).read_text())
    assert list(frame.index) == list(FIGURES)
    assert frame.loc["auc", "model"] == card["test"]["auc"]["value"]
    assert frame.loc["auc", "base_rate"] == 0.5


def test_the_only_champion_turned_from_nothing(door: Leadlight) -> None:
    frame = door.turned()
    assert len(frame) == 0
    assert frame.attrs["why"] == "no other model served before"


def test_a_check_gives_findings_and_counts_rows(own: Leadlight) -> None:
    frame = own.check()
    assert frame.attrs["ok"]
    assert frame.attrs["tables"]["leads"]["rows"] == 260


def test_a_sign_off_is_on_the_champion_and_listed(own: Leadlight) -> None:
    given = own.sign_off("Camille Martin", "approved with remarks", "Few deals.")
    assert given.version == own.champion
    assert own.versions()[["serves", "signed"]].to_numpy().tolist() == [[True, "approved with remarks"]]
    assert "Camille" not in str(own.versions())


def test_the_demo_is_written_once(tmp_path: Path) -> None:
    door = Leadlight.demo(tmp_path / "demo", leads=300)
    before = (tmp_path / "demo" / "data" / "demo" / "leads.parquet").stat().st_mtime_ns
    again = Leadlight.demo(tmp_path / "demo", leads=300)
    assert (tmp_path / "demo" / "data" / "demo" / "leads.parquet").stat().st_mtime_ns == before
    assert (door.champion, again.workspace.name) == (None, "demo")
    assert repr(door).endswith("demo, champion none yet")
