"""The simulator's own log-odds as a game between the criteria of the demo's model, and its Shapley values.

What the simulator knows of a lead is taken apart by criterion: of the profile each attribute's term, of the state each
field. A lead that has some criteria of its own and the others of a lead from the background is again a lead that can be
simulated forward, so the value of a coalition S is

    v(S) = mean over background leads of the true log-odds with the criteria of S from the lead, the others from there

and nothing is learnt from data. Criteria that move nothing in the simulator are no players: their true value is 0. The
calendar is nobody's; every such lead lives on the day of the lead explained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.definitions.maps import apply_map, shipped_map
from pipeline.demo import world
from pipeline.demo.state import Profile, State
from pipeline.demo.truth import advance
from pipeline.demo.visible import read_crm, visible

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

TERMS = (
    "job_function", "job_rank", "sector", "company_size", "country", "source", "campaign",
    "account_deals_won", "account_deals_lost",
)  # fmt: skip
"""Criteria that have a term in the profile's sum; the function also decides who answers, who buys, who is a student."""

FIELDS = {
    "demo_requests": ("demos", "since_demo"),
    "quote_requests": ("quotes", "since_quote"),
    "pricing_pages": ("prices",),
    "page_views": ("visits",),
    "downloads": ("downloads",),
    "webinars": ("webinars",),
    "conversations": ("talks",),
    "attempts": ("since_outbound",),
    "responsiveness": ("unanswered",),
    "inbound": ("since_inbound",),
    "buying_timeframe": ("timeframe",),
    "age": ("age",),
}
"""Criterion -> the fields of the state that are its own; every field is one criterion's."""

PLAYERS = (*TERMS, *FIELDS)


@dataclass(frozen=True)
class Known:
    """What the simulator knows of n observations. `terms` (n, TERMS) add up to `profile.won`; `day` is the cutoff's."""

    terms: NDArray[np.float32]
    profile: Profile
    state: State
    day: Rows

    def take(self, rows: Rows) -> Known:
        """The given rows."""
        return Known(self.terms[rows], self.profile.take(rows), self.state.take(rows), self.day[rows])

    def mixed(self, other: Known, own: Mask) -> Known:
        """The same leads with only the players of `own` (n, PLAYERS) left to them, and the others from `other`."""

        def chosen(player: str, mine: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
            return np.where(own[:, PLAYERS.index(player)], mine, theirs)

        terms = np.where(own[:, : len(TERMS)], self.terms, other.terms)
        profile = Profile(
            terms.sum(axis=1, dtype=np.float32),
            *(
                chosen("job_function", getattr(self.profile, name), getattr(other.profile, name))
                for name in ("answer", "purchasing", "student")
            ),
        )
        state = {
            name: chosen(player, getattr(self.state, name), getattr(other.state, name))
            for player, names in FIELDS.items()
            for name in names
        }
        return Known(terms, profile, replace(self.state, **state), self.day)


def known(folder: Path, lead_ids: Sequence[str], cutoffs: NDArray[np.int64]) -> Known:
    """What the simulator knows of observations, from the files of the demo in `folder`."""
    profile, state, day = visible(read_crm(folder), lead_ids, cutoffs)
    terms = terms_of(_attributes(folder, lead_ids))
    terms[:, -2:] = deals_apart(profile.won - terms.sum(axis=1))
    return Known(terms, profile, state, day)


def true_log_odds(of: Known, runs: int, seed: int) -> Floats:
    """The true log-odds (n,) of winning within the horizon, without the bias that few runs leave in a logarithm.

    With p = exact + e and var[e] = v, the expected log-odds of p are those of the exact less about
    v / 2 (1 / p^2 - 1 / (1 - p)^2), which is added again.
    """
    found = np.zeros(len(of.day))
    for day in np.unique(of.day).tolist():
        rows = np.flatnonzero(of.day == day)
        truth = advance(of.profile.take(rows), of.state.take(rows), day, runs, seed)
        p, v = truth.probability, truth.variance
        found[rows] = np.log(p) - np.log1p(-p) + v / 2 * (1 / p**2 - 1 / (1 - p) ** 2)
    return found


def true_values(own: Known, background: Known, walks: int, runs: int, seed: int) -> Floats:
    """Shapley values (n, PLAYERS) of the true log-odds, by that many walks a lead, each there and back."""

    def value(lead: Rows, other: Rows, mine: Mask) -> Floats:
        drawn = int(random.integers(2**31))
        return true_log_odds(own.take(lead).mixed(background.take(other), mine), runs, drawn)

    random = np.random.default_rng(seed)
    return shapley(value, len(own.day), len(background.day), len(PLAYERS), walks, random)


def shapley(
    value: Callable[[Rows, Rows, Mask], Floats],
    leads: int,
    background: int,
    players: int,
    walks: int,
    random: np.random.Generator,
) -> Floats:
    """Shapley values (leads, players) by sampling: unbiased, whatever the number of walks.

    A walk starts from a lead of the background, drawn with equal chances, and gives one player after the other, in a
    drawn order, the value of the lead explained: what that adds is the player's. It is walked in the opposite order
    too, which takes out most of what the order does.

    Parameters
    ----------
    value : rows of the leads, rows of the background, and which players (m, players) are the leads' own -> (m,)
    """
    total = np.zeros((leads, players))
    rows = np.arange(leads)
    for _ in range(walks):
        other = random.integers(background, size=leads)
        order = random.permuted(np.tile(np.arange(players), (leads, 1)), axis=1)
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(players)[None, :], axis=1)
        for place in (rank, players - 1 - rank):
            # Step k has the players whose place is below k; one call for all steps and leads.
            own = place[None, :, :] < np.arange(players + 1)[:, None, None]
            steps = (players + 1, 1)
            found = value(np.tile(rows, steps[0]), np.tile(other, steps[0]), own.reshape(-1, players))
            added = np.diff(found.reshape(players + 1, leads), axis=0)
            total += np.take_along_axis(added.T, place, axis=1)
    return total / (2 * walks)


def terms_of(attributes: Mapping[str, Sequence[Any]]) -> NDArray[np.float32]:
    """Each attribute's term of the profile (n, TERMS), by the tables that the simulator adds up; the deals' are 0.

    `attributes`: as `pipeline.demo.state.profile` takes them.
    """
    titles = attributes["job_title"]
    campaigns = {name: term for names in world.CAMPAIGNS.values() for name, (_, term, _) in names.items()}
    given = (
        (_mapped("job_function", titles), world.FUNCTION_WON),
        (_mapped("job_rank", titles), world.RANK_WON),
        (attributes["sector"], world.SECTOR_WON),
        (attributes["company_size"], world.SIZE_WON),
        (attributes["country"], world.COUNTRY_WON),
        (attributes["source"], world.SOURCE_WON),
        (attributes["campaign"], campaigns),
    )
    columns = [[table.get(value, 0.0) for value in values] for values, table in given]
    return np.array([*columns, *[[0.0] * len(titles)] * 2], dtype=np.float32).T.copy()


def _attributes(folder: Path, lead_ids: Sequence[str]) -> dict[str, list[Any]]:
    """What the files say of the leads, their contacts and accounts; of a repeated id the first row."""
    leads = _table(folder / "leads.parquet")
    row: dict[str, int] = {}
    for place, name in enumerate(leads["lead_id"]):
        row.setdefault(name, place)
    chosen = [row[name] for name in lead_ids]
    found = {name: [leads[name][place] for place in chosen] for name in ("country", "source", "campaign")}
    for entity, names in (("contact", ("job_title",)), ("account", ("sector", "company_size"))):
        table = _table(folder / f"{entity}s.parquet")
        for name in names:
            values = dict(zip(table[f"{entity}_id"], table[name], strict=True))
            found[name] = [values.get(leads[f"{entity}_id"][place]) for place in chosen]
    return found


def _mapped(name: str, titles: Sequence[Any]) -> list[Any]:
    distinct = sorted({title for title in titles if title is not None})
    values: dict[Any, Any] = dict(zip(distinct, apply_map(shipped_map(name), distinct), strict=True))
    return [values.get(title) for title in titles]


def deals_apart(together: NDArray[np.float32]) -> NDArray[np.float32]:
    """The terms of the account's won and lost deals (n, 2) by their sum: up to two of each, and no two sums are equal.

    ValueError where a sum is none of them: the simulator then adds up something that is not taken apart here.
    """
    pairs = np.array([(won, lost) for won in range(3) for lost in range(3)], dtype=np.float32)
    pairs *= np.array([world.ACCOUNT_WON, world.ACCOUNT_LOST], dtype=np.float32)
    apart = np.abs(together[:, None] - pairs.sum(axis=1)[None, :])
    if (apart.min(axis=1, initial=np.inf) > 1e-4).any():
        raise ValueError("the profile of a lead holds more than its attributes and its account's deals")
    return pairs[apart.argmin(axis=1)]


def _table(file: Path) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = pq.read_table(file).to_pydict()
    return columns
