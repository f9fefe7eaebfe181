"""What the training data's reader took for no value, or for the same value, is that in a request: the same bits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from pipeline.definitions.workspace import load_workspace
from pipeline.features.matrix import Definition
from pipeline.features.training_set import TrainingSet, build_training_set
from pipeline.learning.bundle import Bundle, bundle_path, champion_path
from pipeline.learning.model import Model
from pipeline.reasons.scores import score
from pipeline.tables.columns import History
from pipeline.tables.sources import read_history
from pipeline.workflow.schema import read_for
from serving.app import create_app
from serving.histories import history_of
from serving.schemas import ScoreRequest
from serving.settings import Settings
from tests.histories import exact
from tests.serving.untidy import VALUES, WORKSPACE, Plain, at, tables


@dataclass(frozen=True)
class Served:
    """The export as `leadlight score` reads it, the model, and the service with that model."""

    folder: Path
    rows: dict[str, list[Plain]]
    history: History
    bundle: Bundle
    client: TestClient


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("missing")
    rows = tables()
    for name, lines in rows.items():
        pd.DataFrame(lines).to_csv(folder / f"{name}.csv", index=False)
    (folder / "leadlight.yaml").write_text(WORKSPACE)
    workspace = load_workspace(folder / "leadlight.yaml")
    history, _ = read_history(workspace)
    build_training_set(history, workspace, folder / "training")
    made = TrainingSet.load(folder / "training")
    settings = {"objective": "binary", "num_leaves": 6, "min_data_in_leaf": 4, "verbosity": -1, "num_threads": 1}
    settings |= {
        "cat_smooth": 1.0,
        "min_data_per_group": 3,
        "deterministic": True,
        "seed": 7,
        "feature_pre_filter": False,
    }
    known = made.mature
    data = lgb.Dataset(made.X[known], made.label[known], categorical_feature=list(made.definition.categorical))
    model = Model(lgb.train(settings, data, 30))
    bundle = Bundle(
        "2026-06-30-1a2b3c4d",
        made.definition,
        model,
        np.sort(model.probability(made.X)),
        {"name": "missing", "base_rate": 0.4},
    )
    bundle.save(bundle_path(folder / "models", bundle.version))
    champion_path(folder / "models").write_text(bundle.version + "\n")
    clock = workspace.data_until
    with TestClient(create_app(Settings(models=folder / "models"), clock=lambda: clock)) as client:
        yield Served(folder, rows, history, bundle, client)


def request(rows: dict[str, list[Plain]], lead: Plain) -> Plain:
    """One lead with the very texts of the files."""
    mine = {name: [row for row in rows[name] if row.get("id") == lead["id"]] for name in ("facts", "deals", "changes")}
    facts = [
        {
            "at": fact["at"],
            "kind": fact["kind"],
            "id": fact["fact"],
            "numbers": {"minutes": float(fact["minutes"])} if fact["minutes"] else {},
            "texts": {"page": fact["page"]},
        }
        for fact in mine["facts"]
    ]
    talks = [row for row in rows["talks"] if row["contact"] == lead["contact"]]
    return {
        "id": lead["id"],
        "created_at": lead["created"],
        "attributes": {name: lead[name] for name in (*VALUES, "sector")},
        "entities": {"contact": lead["contact"]},
        "interactions": [*facts, *({"at": talk["at"], "kind": "talk", "entity": "contact"} for talk in talks)],
        "changes": [{key: value for key, value in row.items() if key != "id"} for row in mine["changes"]],
        "deals": [{"closed_at": deal["closed"], "outcome": deal["status"]} for deal in mine["deals"]],
    }


def told(one: Plain) -> Plain:
    return {
        key: one[key] for key in ("lead_id", "probability", "log_odds", "base", "fit", "intent", "stage", "reasons")
    }


def differing(served: Served, days: int, change: Any = lambda lead: lead) -> list[str]:
    """The leads whose scores differ between files and request."""
    moment = served.history.data_until - days * 86_400_000_000
    there = np.flatnonzero(served.history.leads.created_at < moment)
    ours = [json.loads(json.dumps(each.to_json())) for each in score(served.bundle, served.history, moment, there)]
    leads = [change(request(served.rows, served.rows["leads"][row])) for row in there.tolist()]
    instant = at(datetime(2026, 6, 30) - timedelta(days=days))
    answer = served.client.post("/v1/score", json={"leads": leads, "as_of": instant})
    assert answer.status_code == 200, answer.text[:500]
    pairs = zip(ours, answer.json()["scores"], strict=True)
    return [mine["lead_id"] for mine, theirs in pairs if exact(told(mine)) != exact(told(theirs))]


def usual(lead: Plain) -> Plain:
    """Ids, kinds and truth values as the files' reader gives them; all else as it stands in the files."""
    contact = none(lead["entities"]["contact"])
    kept = [fact for fact in lead["interactions"] if fact["kind"] != "null" and (contact or "entity" not in fact)]
    facts = [fact | {"kind": fact["kind"].strip(), "id": none(fact.get("id"))} for fact in kept]
    opted = {"True": True, "False": False}.get(lead["attributes"]["opted"])
    attributes = lead["attributes"] | {"opted": opted}
    return lead | {"interactions": facts, "entities": {"contact": contact}, "attributes": attributes}


def none(text: str | None) -> str | None:
    return None if text in (None, "NULL") else text


def test_the_model_looks_at_what_is_missing(served: Served) -> None:
    moment = served.history.data_until - 90 * 86_400_000_000
    scores = score(served.bundle, served.history, moment, np.flatnonzero(served.history.leads.created_at < moment))
    used = {reason.criterion for each in scores for reason in each.reasons if reason.contribution}
    assert {"country", "budget", "size", "opted", "calls", "prices", "all", "talks"} <= used
    assert set(served.bundle.definition.vocabularies["country"]) == {"FR", "DE"}
    assert [c.decimal for c in served.bundle.definition.criteria if c.name == "budget"] == [","]


@pytest.mark.parametrize("days", [0, 30, 90])
def test_texts_that_mean_none_blanks_and_decimal_commas_score_as_from_the_files(served: Served, days: int) -> None:
    assert differing(served, days, usual) == []


def test_an_id_that_means_none_makes_no_two_facts_one(served: Served) -> None:
    def as_written(lead: Plain) -> Plain:
        facts = [fact | {"kind": fact["kind"].strip()} for fact in lead["interactions"] if fact["kind"] != "null"]
        contact = none(lead["entities"]["contact"])
        return usual(lead) | {"interactions": [fact for fact in facts if contact or "entity" not in fact]}

    assert differing(served, 0, as_written) == []


def test_a_kind_that_means_none_is_no_fact(served: Served) -> None:
    def as_written(lead: Plain) -> Plain:
        nothing = [fact | {"id": none(fact.get("id"))} for fact in lead["interactions"] if fact["kind"] == "null"]
        plain = usual(lead)
        return plain | {"interactions": [*plain["interactions"], *nothing]}

    assert differing(served, 0, as_written) == []


def test_blanks_around_a_kind_say_nothing(served: Served) -> None:
    def as_written(lead: Plain) -> Plain:
        plain = usual(lead)
        spaced = [fact | {"kind": f" {fact['kind']} "} for fact in plain["interactions"]]
        return plain | {"interactions": spaced}

    assert differing(served, 0, as_written) == []


def test_a_contact_whose_id_means_none_is_no_contact(served: Served) -> None:
    def as_written(lead: Plain) -> Plain:
        talks = [fact for fact in lead["interactions"] if "entity" in fact]
        plain = usual(lead)
        own = [fact for fact in plain["interactions"] if "entity" not in fact]
        return plain | {"entities": lead["entities"], "interactions": [*own, *talks]}

    assert differing(served, 0, as_written) == []


def test_a_truth_value_is_the_same_word_in_a_request(served: Served) -> None:
    assert differing(served, 0, lambda lead: usual(lead) | {"attributes": lead["attributes"]}) == []


def test_an_edited_list_reaches_no_model_that_was_trained_before(served: Served) -> None:
    path = served.folder / "edited.yaml"
    path.write_text(WORKSPACE + "missing: [FR]\n")
    read = read_for(served.bundle, load_workspace(path)).history.leads
    assert read.attributes["country"].tolist() == served.history.leads.attributes["country"].tolist()


def test_a_number_whose_text_means_none_is_none_in_a_request_too() -> None:
    """`missing: [-1]`: a typed file's -1 is none, so is a number of JSON."""
    fact = {"at": "2026-01-06T00:00:00Z", "kind": "call", "numbers": {"minutes": -1}}
    lead = {"id": "L1", "created_at": "2026-01-05T00:00:00Z", "attributes": {"size": -1}, "interactions": [fact]}
    body = json.dumps({"leads": [lead]})
    received, _ = history_of(ScoreRequest.model_validate_json(body).leads, Definition((), {}, missing=("-1",)), {})
    assert received.leads.attributes["size"].tolist() == [None]
    assert np.isnan(received.interactions[0].numbers["minutes"]).tolist() == [True]
