"""channels on a workspace: what its tables say of each lead, and calls that are refused with a remedy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.definitions.spans import DAY
from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.tables.columns import NEVER
from pipeline.tables.sources import read_history
from pipeline.workflow.channelled import channel_figures, leads_that_came
from pipeline.workflow.scoring import score_leads

WORKSPACE = """\
name: tiny
data_until: 2026-01-01T00:00:00Z
sources:
  leads:
    from: leads.csv
    id: id
    created_at: created
    attributes: [source, campaign, size]
    entities: {account: account}
  deals: {from: deals.csv, id: deal, lead_id: lead, closed_at: closed, outcome: outcome, amount: amount}
  spend: {from: spend.csv, at: day, channel: source, campaign: campaign, amount: cost}
goal: {horizon: 30d}
observe: {every: 7d, until: 60d}
criteria: [{name: source, attribute: source}]
"""
LEADS = [
    ("L1", "2025-03-01", "ads", "spring", 3, "A1"),
    ("L2", "2025-03-02", "ads", "spring", 3, "A1"),
    ("L3", "2025-03-03", "ads", "autumn", 4, None),
    ("L4", "2025-03-04", "fair", None, 4, "A2"),
    ("L5", "2025-12-20", "fair", None, 4, "A3"),
]
DEALS = [
    ("D1", "L1", "2025-04-01", "won", 100.0),
    ("D2", "L1", "2025-04-10", "won", 50.0),
    ("D3", "L1", "2025-09-01", "won", 1_000.0),  # after the 60 days that it is given
    ("D4", "L2", "2025-03-20", "lost", 70.0),
    ("D5", "L3", "2025-03-20", "won", None),
    ("D6", "L4", "2025-08-01", "won", 500.0),  # too late
    ("D7", "L5", "2026-02-01", "won", 500.0),  # after data_until
]
SPEND = [
    ("2025-02-10", "ads", "spring", 30.0),
    ("2025-03-10", "ads", "autumn", 20.0),
    ("2025-12-15", "fair", None, 9.0),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "leadlight.yaml").write_text(WORKSPACE, encoding="utf-8")
    for name, columns, rows in (
        ("leads", ["id", "created", "source", "campaign", "size", "account"], LEADS),
        ("deals", ["deal", "lead", "closed", "outcome", "amount"], DEALS),
        ("spend", ["day", "source", "campaign", "cost"], SPEND),
    ):
        pd.DataFrame(rows, columns=columns).to_csv(tmp_path / f"{name}.csv", index=False)
    return load_workspace(tmp_path / "leadlight.yaml")


def test_each_lead_has_its_first_won_deal_what_it_brought_in_time_and_whether_its_account_came_back(
    workspace: Workspace,
) -> None:
    history = read_history(workspace)[0]
    came = leads_that_came(history, "source", "campaign", 60 * DAY)
    assert (came.won_at != NEVER).tolist() == [True, False, True, True, False]
    assert came.in_time(60 * DAY).tolist() == [True, False, True, False, False]
    np.testing.assert_array_equal(came.amount, [150.0, np.nan, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(came.again, [1.0, np.nan, np.nan, 0.0, np.nan])
    assert came.group[0] == came.group[1]
    assert len(set(came.group.tolist())) == 4
    assert came.channel.values() == ["ads", "ads", "ads", "fair", "fair"]


def test_figures_come_by_channel_from_the_tables_without_a_model(workspace: Workspace) -> None:
    found = channel_figures(workspace)
    assert (found["by"], found["model_version"], found["costs"]) == ("source", None, True)
    ads, fair = found["channels"]
    assert (ads["channel"], ads["settled"]["leads"], ads["settled"]["conversions"]["value"]) == ("ads", 3, 2.0)
    assert (ads["settled"]["cost"], ads["settled"]["cost_per_conversion"]["value"]) == (50.0, 25.0)
    assert (fair["settled"]["cost"], fair["latest"]["cost"]) == (0.0, 9.0)
    assert any("No model serves" in one for one in found["said"])


def test_campaigns_a_period_and_another_attribute_can_be_asked_for(workspace: Workspace) -> None:
    campaigns = channel_figures(workspace, campaigns=True)["channels"]
    assert {(one["channel"], one["campaign"]) for one in campaigns} == {
        ("ads", "spring"), ("ads", "autumn"), ("fair", "(not said)"),
    }  # fmt: skip
    assert channel_figures(workspace, by="campaign")["channels"][0]["channel"] == "spring"
    short = channel_figures(workspace, period=30 * DAY, within=30 * DAY)
    assert (short["settled"]["from"], short["settled"]["within_days"]) == ("2025-11-02T00:00:00Z", 30.0)
    assert short["all"]["settled"]["leads"] == 0


def test_leads_are_given_as_long_as_they_are_observed(workspace: Workspace) -> None:
    assert channel_figures(workspace)["settled"]["within_days"] == 60
    path = workspace.root / "leadlight.yaml"
    path.write_text(WORKSPACE.replace("{every: 7d, until: 60d}", "{ages: [1d, 14d]}"), encoding="utf-8")
    assert channel_figures(load_workspace(path))["settled"]["within_days"] == 44


def test_numbers_are_channels_as_the_tables_write_them(workspace: Workspace) -> None:
    assert {one["channel"] for one in channel_figures(workspace, by="size")["channels"]} >= {"3", "4"}


def test_an_attribute_that_the_leads_lack_is_refused_and_the_others_are_named(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"medium is no attribute of the leads.*campaign, size, source"):
        channel_figures(workspace, by="medium")


def leadlight(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> int:
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", ["leadlight", "channels", *words])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_the_command_gives_one_json_object_and_writes_what_it_is_asked_for(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leadlight(monkeypatch, workspace.root, "--json", "-o", "out/channels.csv") == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == channel_figures(workspace)
    assert (workspace.root / "out" / "channels.csv").read_text(encoding="utf-8").startswith("channel,settled_leads")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-o", "channels.pdf"), "channels.pdf: expected a name that ends in"),
        (("--within", "soon"), "--within"),
        (("--period", "0d"), "--period"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_before_anything_is_read(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    told: str,
) -> None:
    (workspace.root / "leads.csv").unlink()
    assert leadlight(monkeypatch, workspace.root, *words) == 2
    assert told in capsys.readouterr().err


def test_open_leads_are_expected_to_bring_what_score_gives_them(crm: Path) -> None:
    workspace = load_workspace(crm / "leadlight.yaml")
    found = channel_figures(workspace, by="country")
    _, scores, history = score_leads(workspace)
    country = dict(zip(history.leads.id.values(), history.leads.attributes["country"].tolist(), strict=True))
    first = workspace.data_until - 365 * DAY
    young = {lead for lead, at in zip(history.leads.id.values(), history.leads.created_at, strict=True) if at >= first}
    for row in found["channels"]:
        chances = [
            one.probability for one in scores if str(country[one.lead_id]) == row["channel"] and one.lead_id in young
        ]
        assert row["latest"]["open"] == len(chances)
        assert row["latest"]["expected"]["value"] == pytest.approx(row["latest"]["won"] + sum(filter(None, chances)))
    assert found["model_version"] is not None
    assert found["latest"]["horizon_days"] == 30
    assert not any("No model serves" in one for one in found["said"])


def test_an_audience_leaves_its_leads_alone_and_the_costs_whole(crm: Path) -> None:
    workspace = load_workspace(crm / "leadlight.yaml")
    whole = {row["channel"]: row["settled"] for row in channel_figures(workspace, by="country")["channels"]}
    chosen = channel_figures(workspace, by="country", audience="country == 'FR'")
    (only,) = chosen["channels"]
    assert only["channel"] == "FR"
    assert only["settled"] == {**whole["FR"], "cheapest": None}
    assert chosen["audience"] == "country == 'FR'"


def test_an_audience_of_scores_is_refused_as_converted_leads_have_none(crm: Path) -> None:
    with pytest.raises(WorkspaceError, match="probability is known of scored leads alone"):
        channel_figures(load_workspace(crm / "leadlight.yaml"), by="country", audience="probability > 0.1")


def test_an_audience_takes_a_model(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="train one first"):
        channel_figures(workspace, audience="source == 'ads'")
