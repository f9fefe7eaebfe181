"""Line 6: challengers that are no better seldom win in a year of monthly looks, and those that are win soon.

A company as it happens, month by month. Leads come, some of one account; they are looked at every week until they end,
and one that is won is labelled in the four weeks before. The champion was trained when the year begins and stands all
year. Every month a new challenger is trained on what is known by then, and compared on the cutoffs that neither has
learnt from: mature, and at or after the later of the champion's training and the challenger's test. So there are no
outcomes yet at the first look, they accumulate from then on, and the champion's luck is part of every look.

A model knows a part of what decides over a lead, believes something that decides nothing, and says the true probability
as if it knew both. Champion and challengers share most of what they know; each one's own part and own mistake have one
size for all where they are to be equal: then neither is better by construction, whatever else is drawn.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from benchmarks.proofs.line import Check, at_least, at_most, equal, said
from benchmarks.proofs.workshop import Workshop
from pipeline.champions.verdict import FALSE_WINS, LOOKS, OBSERVATIONS_NEEDED, WON_NEEDED, decide
from pipeline.learning.metrics import paired_log_loss
from pipeline.tables.columns import Floats

YEARS, WORLDS, CHECKED = 1_000, 250, 20
SMALL, MIDDLE = 30, 100
"""Won leads a month of the companies whose challengers are no better."""
GAIN, WON_A_MONTH, SOON = 0.05, 300, 3
WON = (0.05, 0.25)
"""Between which the won share of a company's leads lies."""

MONTH = HORIZON = 4
LONGEST = 8
"""Weeks. A lead ends after up to LONGEST, uniformly and whatever its outcome."""
BEFORE = 24
"""Months of history when the champion was trained."""
TEST_SHARE = 0.2
ACCOUNT = 0.3
"""Share of leads whose account has another lead."""
WHOLE, SHARED, OWN, MISTAKE = 2.25, 0.8, 0.08, 0.08
"""Variances in log-odds: of all that decides over a lead, what all models know of it, what each knows alone, and what
each believes beside it."""

FEW, ENOUGH = (100, 500, 2_000), 40
"""Where 40 of the first few draws lie on the wrong side of 0, so do at least 40 of all 10,000; `decide` allows 25."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Company:
    """How many leads come a month, which share is won, and the variance of what its challengers alone know besides."""

    leads: int
    share: float
    more: float = 0.0


@dataclass(frozen=True)
class Year:
    """n weekly observations by week; `challengers` holds the probabilities of each month's, (looks, n)."""

    week: Ints
    label: NDArray[np.int8]
    lead: Ints
    group: Ints
    champion: Floats
    challengers: Floats


def promoted_rightly(workshop: Workshop) -> list[Check]:
    """Years without a true difference, and worlds with a true gain."""
    checks = []
    for won in (SMALL, MIDDLE):
        wins = _spread(partial(wins_in_a_year, won), workshop.count(YEARS, 20))
        low, high = interval(sum(wins), len(wins))
        name = f"no true difference, {won} won leads a month: share of {len(wins)} years in which one is promoted"
        checks += [at_most(name, float(np.mean(wins)), FALSE_WINS), said("... its 95 % interval (exact)", [low, high])]
    same = _spread(same_as_decide, workshop.count(CHECKED, 4))
    checks.append(equal("looks at which leaving out hopeless draws changed the verdict", sum(same), 0))
    ratio = gain_of(Company(1, 0.1, more_for(0.1)))
    checks.append(said("a true gain, by numerical integration", round(ratio, 5)))
    looks = np.array(_spread(first_win, workshop.count(WORLDS, 10)))
    soon = looks <= SOON
    low, high = interval(int(soon.sum()), len(soon))
    name = f"{100 * GAIN:.0f} % of log loss gained, {WON_A_MONTH} won leads a month: promoted within {SOON} looks"
    checks += [at_least(name, float(soon.mean()), 0.8), said("... its 95 % interval (exact)", [low, high])]
    return [*checks, said("... at look 1, 2, 3", [float((looks == look).mean()) for look in (1, 2, 3)])]


def interval(count: int, whole: int) -> tuple[float, float]:
    """The exact 95 % interval of a share."""
    found = binomtest(count, whole).proportion_ci(0.95, "exact")
    return round(float(found.low), 4), round(float(found.high), 4)


def _spread(measure: Any, count: int) -> list[int]:
    """`measure` of each seed, over the cores there are."""
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn")) as pool:
        return list(pool.map(measure, range(count), chunksize=4))


def company(seed: int, won: int) -> Company:
    """With so many won leads a month, and a won share of its own."""
    share = float(np.exp(np.random.default_rng([seed, won]).uniform(*np.log(WON))))
    return Company(round(won / share), share)


def wins_in_a_year(won: int, seed: int) -> int:
    """Whether a challenger is promoted at any of a year's looks, though none is better."""
    year = simulate(company(seed, won), seed)
    return int(any(promoted(year, look) for look in range(1, LOOKS + 1)))


def first_win(seed: int) -> int:
    """The first look at which one with a true gain is promoted; one more than there are where none is."""
    plain = company(seed, WON_A_MONTH)
    year = simulate(replace(plain, more=more_for(plain.share)), seed, SOON)
    return next((look for look in range(1, SOON + 1) if promoted(year, look)), SOON + 1)


def same_as_decide(seed: int) -> int:
    """Looks of a year at which `promoted` says other than the whole of `decide`."""
    year = simulate(company(seed, SMALL), seed)
    return sum(promoted(year, look) != promoted(year, look, whole=True) for look in range(1, LOOKS + 1))


def promoted(year: Year, look: int, *, whole: bool = False) -> bool:
    """Whether `decide` promotes the challenger of a month.

    Most challengers are hopeless, and a few of the draws that `decide` would make show it for certain: then the rest is
    left out, unless the `whole` is asked for.
    """
    until = MONTH * look
    mature_months = BEFORE + look - 1
    tested_from = MONTH * (look - 1) - TEST_SHARE * MONTH * mature_months
    rows = np.flatnonzero((year.week >= max(0.0, tested_from)) & (year.week + HORIZON <= until))
    label, lead, group = year.label[rows], year.lead[rows], year.group[rows]
    challenger, champion = year.challengers[look - 1][rows], year.champion[rows]
    enough = len(rows) >= OBSERVATIONS_NEEDED and len(np.unique(lead[label == 1])) >= WON_NEEDED
    for draws in FEW if enough and not whole else ():
        begun = paired_log_loss(label, challenger, champion, group, draws, level=1 - 2 * ENOUGH / draws, plain=True)
        if begun.high is not None and begun.high > 0:
            return False
    return decide(label, challenger, champion, group, lead).promote


def simulate(company: Company, seed: int, looks: int = LOOKS) -> Year:
    """So many months of leads, with those that are open when they begin."""
    random = np.random.default_rng(seed)
    weeks, leads = MONTH * looks, company.leads * (looks + LONGEST // MONTH)
    created = random.uniform(-LONGEST, weeks, leads)
    lasts = LONGEST * random.random(leads)
    group = np.arange(leads)
    joined = np.flatnonzero(random.random(leads) < ACCOUNT / 2)
    group[joined] = random.integers(0, leads, len(joined))

    def part(variance: float, *shape: int) -> Floats:
        return np.sqrt(variance) * random.standard_normal((*shape, leads))

    shared, mine, more, theirs = part(SHARED), part(OWN), part(company.more), part(OWN, looks)
    rest = WHOLE - SHARED - company.more - (looks + 1) * OWN
    decides = shared + mine + more + theirs.sum(axis=0) + part(rest / 2) + part(rest / 2)[group]
    won = random.random(leads) < 1 / (1 + np.exp(-(level_of(company.share) + decides)))
    known = np.vstack([shared + mine, shared + more + theirs]) + part(MISTAKE, looks + 1)
    told = chance(company.share, known, WHOLE - SHARED - OWN)
    told[1:] = chance(company.share, known[1:], WHOLE - SHARED - OWN - company.more)
    first = np.floor(created).astype(np.int64) + 1
    count = np.maximum(np.ceil(created + lasts).astype(np.int64) - first, 0)
    lead = np.repeat(np.arange(leads), count)
    week = np.arange(len(lead)) - np.repeat(np.cumsum(count) - count, count) + first[lead]
    seen = np.flatnonzero((week >= 0) & (week < weeks))
    lead, week = lead[seen], week[seen]
    age = week - created[lead]
    label = won[lead] & (lasts[lead] - age < HORIZON)
    # Given that it is still open, when it ends is uniform over the weeks left.
    soon = np.minimum(HORIZON / (LONGEST - age), 1.0)
    said_of = soon * told[:, lead]
    return Year(week, label.astype(np.int8), lead, group[lead], said_of[0], said_of[1:])


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
GRID = np.linspace(-9.0, 9.0, 721)


def chance(share: float, known: Floats, rest: float) -> Floats:
    """True probability of being won where `known` is known and the rest, of this variance, is not."""
    return np.asarray(np.interp(known, GRID, _table(level_of(share), rest)))


@cache
def _table(level: float, rest: float) -> Floats:
    return np.asarray((1 / (1 + np.exp(-(level + GRID[:, None] + np.sqrt(rest) * NODES)))) @ WEIGHTS)


@cache
def level_of(share: float) -> float:
    """The log-odds of a lead like any other where this share of all is won: by halving."""
    low, high = -12.0, 4.0
    for _ in range(50):
        middle = (low + high) / 2
        mean = float((1 / (1 + np.exp(-(middle + np.sqrt(WHOLE) * NODES)))) @ WEIGHTS)
        low, high = (middle, high) if mean < share else (low, middle)
    return low


@cache
def more_for(share: float) -> float:
    """How much more (variance) challengers must know to gain GAIN of the champion's log loss: by halving."""
    low, high = 0.0, 1.2
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if gain_of(Company(1, share, middle)) < GAIN else (low, middle)
    return low


def gain_of(company: Company) -> float:
    """The challengers' true gain, as a share of the champion's true log loss, over all weekly observations."""
    before, after = (_loss(company.share, OWN + more) for more in (0.0, company.more))
    return float(1 - after / before)


def _loss(share: float, own: float) -> float:
    """Expected log loss of a model that knows SHARED and `own`, by integration over knowledge, mistake and age."""
    table = _table(level_of(share), WHOLE - SHARED - own)
    known = np.sqrt(SHARED + own) * NODES
    truth = np.interp(known, GRID, table)
    told = np.interp(known[:, None] + np.sqrt(MISTAKE) * NODES, GRID, table)
    # An open lead of age a is seen in proportion to LONGEST - a.
    age = np.linspace(0.0, LONGEST, 401)[:-1] + LONGEST / 800
    soon, often = np.minimum(HORIZON / (LONGEST - age), 1.0), (LONGEST - age) / (LONGEST - age).sum()
    p, q = soon[:, None, None] * truth[:, None], soon[:, None, None] * told
    loss = -(p * np.log(q) + (1 - p) * np.log1p(-q))
    return float(np.einsum("akm,a,k,m->", loss, often, WEIGHTS, WEIGHTS))
