"""What is wrong with who is in the export: cohorts cut, people twice, effort that an older score directed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import iso
from pipeline.quality.leakage.ends import Ends
from pipeline.quality.leakage.levels import Column
from pipeline.quality.leakage.odds import wilson
from pipeline.quality.leakage.said import share
from pipeline.tables.columns import OUTBOUND, Floats, History, Texts

Mask = NDArray[np.bool_]

COHORT, MOST_COHORTS, FEWEST_COHORTS = 60, 24, 6
JUMP, SURELY = 2.5, 1e-6
"""From one side to the other the odds of conversion move by such a factor, and surely."""

SIDE = 3
"""Cohorts of a side."""

SCORE = re.compile(r"score|grade|rating|priorit|probab|likelih|rank|_lead_note|tier", re.IGNORECASE)
"""Names under which an older score stands in a CRM."""

FOLLOWS = 0.15
"""A rank correlation of effort with an old score from which on it is told."""

FIRST_MONTH = 30.0


@dataclass(frozen=True)
class Jump:
    """Conversion on both sides of the sharpest jump between cohorts."""

    at: int
    before: tuple[int, int]
    after: tuple[int, int]

    @property
    def evidence(self) -> str:
        """The sentence."""
        sides = []
        for won, leads in (self.before, self.after):
            low, high = wilson(won, leads)
            sides.append(f"{share(won, leads)} ({100 * low:.0f} to {100 * high:.0f} %) of {leads:,} leads")
        before, after = sides
        return f"Of leads created just before {iso(self.at)[:10]} {before} are won in the same time, after it {after}."


def jump(ends: Ends) -> Jump | str | None:
    """The sharpest jump of conversion between cohorts of leads, None where there is none; a text says why it cannot be
    looked for. Conversion is by so many days after creation as three quarters of the wins take.
    """
    if ends.won.sum() < 2 * COHORT:
        return f"{int(ends.won.sum())} leads are won, too few to tell cohorts apart"
    within = float(np.quantile(ends.lasts[ends.won], 0.75))
    old = np.flatnonzero(ends.age >= within)
    old = old[np.argsort(ends.created[old], kind="stable")]
    cohorts = np.array_split(old, min(MOST_COHORTS, max(1, len(old) // COHORT)))
    if len(cohorts) < FEWEST_COHORTS:
        return f"{len(old):,} leads are old enough, too few for {FEWEST_COHORTS} cohorts"
    converted = ends.won & (ends.lasts <= within)
    won = np.array([int(converted[rows].sum()) for rows in cohorts])
    size = np.array([len(rows) for rows in cohorts])
    best: tuple[float, Jump] | None = None
    # A cohort into which the jump falls is of neither side.
    sides = [(end, end + gap) for gap in (0, 1) for end in range(SIDE, len(cohorts) - SIDE + 1 - gap)]
    for end, begin in sides:
        left, right = slice(end - SIDE, end), slice(begin, begin + SIDE)
        a, n, b, m = int(won[left].sum()), int(size[left].sum()), int(won[right].sum()), int(size[right].sum())
        chance = float(stats.fisher_exact(np.array([[a, n - a], [b, m - b]]))[1])
        odds = ((a + 0.5) / (n - a + 0.5)) / ((b + 0.5) / (m - b + 0.5))
        sharp = max(odds, 1 / odds) >= JUMP and chance < SURELY
        if sharp and (best is None or chance < best[0]):
            best = chance, Jump(int(ends.created[cohorts[begin][0]]), (a, n), (b, m))
    return None if best is None else best[1]


@dataclass(frozen=True)
class Twins:
    """People who stand in the export under more than one id. `across`: leads of the test with a twin before it."""

    leads: int
    tested: int
    across: int
    by: str


def twins(history: History, test_from: int) -> Twins | str | None:
    """Leads with one e-mail address, or one name and phone, under ids of different contacts; a text says why it cannot
    be looked for. Texts are compared by a hash, and only counted. `test_from`: when the test's leads begin to come.
    """
    leads = history.leads
    keys = _identities({name: column.tolist() for name, column in leads.display.items()})
    if not keys:
        return "no columns for people (`display`) hold e-mail addresses, or names and phone numbers"
    contact = leads.entities.get("contact", Texts.missing(len(leads))).codes
    own = np.where(contact >= 0, contact, -1 - np.arange(len(leads)))
    doubled, across = np.zeros(len(leads), np.bool_), np.zeros(len(leads), np.bool_)
    late = leads.created_at >= test_from
    for key in keys.values():
        _, group = np.unique(key, return_inverse=True)
        group[key == 0] = -1
        known = np.flatnonzero(group >= 0)
        # Two leads of one contact are known to be one person; two contacts with one address are not.
        pairs = np.unique(np.column_stack([group[known], own[known]]), axis=0)
        ids = np.bincount(pairs[:, 0], minlength=int(group.max(initial=-1)) + 1)
        twin = (group >= 0) & (np.append(ids, 0)[group] > 1)
        earlier = np.zeros(len(ids) + 1, dtype=np.bool_)
        earlier[group[twin & ~late]] = True
        doubled |= twin
        across |= twin & late & earlier[group]
    if not doubled.any():
        return None
    return Twins(int(doubled.sum()), int(late.sum()), int(across.sum()), " or ".join(keys))


def _identities(display: dict[str, list[object]]) -> dict[str, NDArray[np.int64]]:
    """What tells one person from another, as hashes, 0 for none: an address; else a phone with all that stands beside
    it, for a switchboard is many people's.
    """
    kinds = {name: _kind(values) for name, values in display.items()}
    mails = {
        name: np.array([_key(value) for value in values], dtype=np.int64)
        for name, values in display.items()
        if kinds[name] == "mail"
    }
    phones = [name for name, kind in kinds.items() if kind == "phone"]
    names = [name for name, kind in kinds.items() if kind == "name"]
    if mails or not phones or not names:
        return mails
    rows = zip(*(display[name] for name in (phones[0], *names)), strict=True)
    keys = [hash(tuple(map(_key, row))) if all(value is not None for value in row) else 0 for row in rows]
    return {f"{phones[0]} and {', '.join(names)}": np.array(keys, dtype=np.int64)}


def _kind(values: list[object]) -> str:
    """Whether texts are addresses, phone numbers or names, by most of the first."""
    seen = [str(value) for value in values[:2000] if value is not None]
    if not seen:
        return ""
    mails = sum("@" in text for text in seen)
    phones = sum(len(re.sub(r"\D", "", text)) >= 7 for text in seen)
    return "mail" if mails > 0.8 * len(seen) else "phone" if phones > 0.8 * len(seen) else "name"


def _key(value: object) -> int:
    """A hash of an address, a number or a name as it means the same: without case, blanks and marks; 0 for none."""
    if value is None:
        return 0
    text = str(value).casefold().strip()
    plain = text if "@" in text else re.sub(r"[\W_]", "", text)
    digits = re.sub(r"\D", "", plain)
    plain = digits[-9:] if "@" not in text and len(digits) >= 7 else plain
    return hash(plain) if plain else 0


def followed(history: History, columns: list[Column], ends: Ends) -> list[tuple[str, float, int]] | str:
    """Columns named like a score that outbound effort of the first 30 days follows: name, rank correlation, leads."""
    named = [column for column in columns if SCORE.search(column.name)]
    if not named:
        return "no column is named like an older score"
    effort = np.zeros(len(ends))
    for table in history.interactions:
        if table.entity != "lead" or not (table.flow == OUTBOUND).any():
            continue
        rows = np.flatnonzero(table.flow == OUTBOUND)
        row_of = np.full(len(history.leads.id.words) + 1, -1, dtype=np.int64)
        row_of[history.leads.id.codes] = np.arange(len(ends))
        lead = row_of[table.entity_id.recode(history.leads.id.words)[rows]]
        early = (lead >= 0) & (table.at[rows] < ends.created[lead] + int(FIRST_MONTH * DAY))
        effort += np.bincount(lead[early], minlength=len(ends))
    if not effort.any():
        return "no interaction is outbound"
    found = []
    for column in named:
        values: Floats = column.values.codes.astype(float) if isinstance(column.values, Texts) else column.values
        asked = column.filled & (np.minimum(ends.age, ends.lasts) >= FIRST_MONTH)
        if asked.sum() < 100 or len(np.unique(values[asked])) < 2 or len(np.unique(effort[asked])) < 2:
            continue
        correlation, chance = map(float, stats.spearmanr(values[asked], effort[asked]))
        if abs(correlation) >= FOLLOWS and chance < SURELY:
            found.append((column.name, correlation, int(asked.sum())))
    return found
