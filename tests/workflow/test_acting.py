from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.learning.bundle import Bundle
from pipeline.reasons.stages import acting_of
from pipeline.tables.sources import read_history
from pipeline.workflow.acting import load_acting
from pipeline.workflow.scoring import score_contributions, score_leads
from pipeline.workflow.stages import features, fit
from tests.workflow import small_crm

RULES = """
audiences: {called: calls.count_90d > 0, abroad: country != FR}
stages: {interest: [visit], within: 30d}
actions:
  - {when: called and abroad, do: write_in_english}
  - {when: qualified, do: call}
"""


@pytest.fixture
def ruled(small: Path, tmp_path: Path) -> Path:
    """The small CRM with its champion, and rules that were written later."""
    for name in ("leadlight.yaml", *(path.name for path in small.iterdir() if path.name != "leadlight.yaml")):
        (tmp_path / name).symlink_to(small / name)
    text = (small / "leadlight.yaml").read_text(encoding="utf-8")
    (tmp_path / "leadlight.yaml").unlink()
    (tmp_path / "leadlight.yaml").write_text(text + RULES, encoding="utf-8")
    return tmp_path


def test_scores_follow_the_workspace_and_it_is_said_where_the_model_has_other_rules(ruled: Path) -> None:
    result, scores, _ = score_leads(load_workspace(ruled / "leadlight.yaml"))
    (warning,) = result["warnings"]
    assert f"are not those that model {result['model_version']} was made with" in warning
    chosen = {(each.rule, each.action) for each in scores}
    assert chosen <= {
        ("opted_out", "none"),
        ("called and abroad", "write_in_english"),
        ("qualified", "call"),
        ("always", "nurture"),
    }
    assert ("called and abroad", "write_in_english") in chosen


def test_an_audience_is_scored_alone_by_its_name_or_as_a_condition(ruled: Path) -> None:
    workspace = load_workspace(ruled / "leadlight.yaml")
    _, whole, history = score_leads(workspace)
    country = dict(zip(history.leads.id.values(), history.leads.attributes["country"], strict=True))
    result, abroad, _ = score_leads(workspace, output=ruled / "abroad.csv", audience="abroad and not grade = A")
    expected = [each for each in whole if country[each.lead_id] != "FR" and each.grade != "A"]
    assert 0 < len(expected) < len(whole)
    assert abroad == expected
    assert (result["scored"], result["audience"]) == (len(expected), "abroad and not grade = A")
    with (ruled / "abroad.csv").open(encoding="utf-8") as file:
        assert [row["rule"] for row in csv.DictReader(file)] == [each.rule for each in expected]
    by_parts, _, _ = score_contributions(workspace, output=ruled / "parts.csv", audience="abroad and not grade = A")
    assert by_parts["scored"] == len(expected)
    with (ruled / "parts.csv").open(encoding="utf-8") as file:
        assert {row["lead_id"] for row in csv.DictReader(file)} == {each.lead_id for each in expected}


def test_an_audience_that_is_none_is_refused_with_what_was_meant(ruled: Path) -> None:
    workspace = load_workspace(ruled / "leadlight.yaml")
    with pytest.raises(WorkspaceError, match=r"--audience 'abraod': abraod is no word .* did you mean abroad\?"):
        score_leads(workspace, audience="abraod")
    with pytest.raises(WorkspaceError, match=r"--audience 'grade in \[A': at the end: expected \]"):
        score_leads(workspace, audience="grade in [A")


def test_a_rule_over_a_criterion_that_the_model_was_made_without_asks_for_a_training(ruled: Path) -> None:
    text = (ruled / "leadlight.yaml").read_text(encoding="utf-8")
    newer = text.replace("criteria:\n", "criteria:\n  - {name: replies, when: {kind: reply}, measures: [count]}\n")
    (ruled / "leadlight.yaml").write_text(newer.replace("when: qualified,", "when: replies > 2,"), encoding="utf-8")
    with pytest.raises(WorkspaceError, match="the model was made without replies: train one with it"):
        load_acting(load_workspace(ruled / "leadlight.yaml"))


def test_who_opted_out_is_left_alone_and_learnt_from_by_nobody(tmp_path: Path) -> None:
    small_crm.write(tmp_path, "csv")
    leads = pd.read_csv(tmp_path / "leads.csv", dtype=str)
    leads["no_mail"] = np.where(np.arange(len(leads)) % 3 == 0, "Oui", "Non")
    leads.to_csv(tmp_path / "leads.csv", index=False)
    text = (tmp_path / "leadlight.yaml").read_text(encoding="utf-8")
    text = text.replace("    display: [company]\n", "    display: [company]\n    opted_out: no_mail\n")
    written, _, _ = text.partition("criteria:\n")
    (tmp_path / "leadlight.yaml").write_text(f"{written}criteria: auto\n{RULES}", encoding="utf-8")
    workspace = load_workspace(tmp_path / "leadlight.yaml")
    assert set(read_history(workspace)[0].leads.attributes["opted_out"]) == {"Oui", "Non"}
    with pytest.raises(WorkspaceError, match=r"calls\.count_90d is no word"):
        _fitted(tmp_path)
    ruled = text.replace("criteria:\n", f"{RULES}criteria:\n")
    (tmp_path / "leadlight.yaml").write_text(ruled, encoding="utf-8")
    served = _fitted(tmp_path)
    assert not any("opted_out" in criterion.attributes for criterion in served.definition.criteria)
    assert not any(entry["column"] == "no_mail" for entry in served.card["schema"])
    rules = load_workspace(tmp_path / "leadlight.yaml").acting
    assert served.card["rules"] == json.loads(json.dumps(rules.to_json()))
    assert acting_of(served).rules.texts == rules.texts


def _fitted(folder: Path) -> Bundle:
    workspace = load_workspace(folder / "leadlight.yaml")
    features(workspace)
    fit(workspace)
    return Bundle.load(folder / "models" / "candidate" / "served")
