"""Who comes: leads in the order of their creation, with the contacts and accounts behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import words, world
from pipeline.demo.state import Rows

Objects = NDArray[np.object_]
Instants = NDArray[np.int64]

SECOND = 1_000_000
NOBODY = -1
"""Contact and account of a lead that came without a name."""

_SAME_ACCOUNT = 0.3
_SAME_CONTACT = 0.45
_ANONYMOUS = 0.03


@dataclass(frozen=True)
class People:
    """n leads in the order of creation. `contact` and `account` are rows of the tables of those, -1 for nobody.

    `day` is the local day of creation, by its number since the first.
    """

    created_at: Instants
    day: Rows
    contact: Rows
    account: Rows
    lead: Mapping[str, Objects]
    contacts: Mapping[str, Objects]
    accounts: Mapping[str, Objects]

    def __len__(self) -> int:
        return len(self.created_at)

    @property
    def attributes(self) -> dict[str, list[str | None]]:
        """job_title, sector, company_size, country, source, campaign of each lead; None where not given."""
        joined = {"job_title": _joined(self.contacts["job_title"], self.contact)}
        joined |= {name: _joined(self.accounts[name], self.account) for name in ("sector", "company_size")}
        joined |= {name: self.lead[name].tolist() for name in ("country", "source", "campaign")}
        return joined


def _joined(values: Objects, rows: Rows) -> list[str | None]:
    listed: list[str | None] = np.append(values, np.array([None], dtype=object))[rows].tolist()
    return listed


def people(size: int, random: np.random.Generator) -> People:
    """Draw `size` leads over the demo's three years."""
    day = np.sort(random.choice(world.DAYS, size=size, p=_creation_shares()))
    second = random.triangular(7 * 3600, 11 * 3600, 21 * 3600, size=size)
    created_at = world.MIDNIGHTS[day] + (second * SECOND).astype(np.int64)
    order = np.argsort(created_at, kind="stable")
    day, created_at = day[order], created_at[order]
    account, contact = _relations(size, random)
    accounts = _accounts(int(account.max(initial=-1)) + 1, random)
    contacts = _contacts(contact, account, accounts, random)
    return People(created_at, day, contact, account, _lead_columns(size, day, random), contacts, accounts)


def _creation_shares() -> NDArray[np.float64]:
    days = np.arange(world.DAYS).astype("timedelta64[D]") + np.datetime64(world.FIRST_DAY)
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (days.astype(np.int64) + 3) % 7
    shares = np.array(world.CREATION_BY_MONTH)[month] * np.where(weekday < 5, 1.0, 0.35)
    weighed: NDArray[np.float64] = shares / shares.sum()
    return weighed


def _relations(size: int, random: np.random.Generator) -> tuple[Rows, Rows]:
    """Account and contact of each lead: some come from a company, some from a person, that came before."""
    account, contact = np.full(size, NOBODY), np.full(size, NOBODY)
    accounts = contacts = 0
    earlier = (random.random(size) * np.arange(size)).astype(np.intp)
    luck = random.random((3, size))
    for lead in range(size):
        if luck[0, lead] < _ANONYMOUS:
            continue
        known = earlier[lead]
        if luck[1, lead] < _SAME_ACCOUNT and account[known] != NOBODY:
            account[lead] = account[known]
            if luck[2, lead] < _SAME_CONTACT:
                contact[lead] = contact[known]
                continue
        else:
            account[lead] = accounts
            accounts += 1
        contact[lead] = contacts
        contacts += 1
    return account, contact


def _accounts(size: int, random: np.random.Generator) -> dict[str, Objects]:
    name = _picked(words.COMPANY_STARTS, size, random) + " " + _picked(words.COMPANY_ENDS, size, random)
    return {
        "account_id": _numbered("A", size, 5),
        "sector": _blanked(_drawn(world.SECTORS, size, random), 0.05, random),
        "company_size": _blanked(_drawn(world.SIZES, size, random), 0.08, random),
        "company": name + " " + _picked(words.COMPANY_FORMS, size, random),
    }


def _contacts(
    contact: Rows, account: Rows, accounts: Mapping[str, Objects], random: np.random.Generator
) -> dict[str, Objects]:
    size = int(contact.max(initial=-1)) + 1
    employer = np.zeros(size, dtype=np.intp)
    employer[contact[contact != NOBODY]] = account[contact != NOBODY]
    function = _drawn(words.FUNCTION_SHARES, size, random)
    at_school = accounts["sector"][employer] == "education"
    function[at_school & (random.random(size) < 0.35)] = "student"
    title = np.array([_typed(str(name), random) for name in function], dtype=object)
    first, last = _picked(words.FIRST_NAMES, size, random), _picked(words.LAST_NAMES, size, random)
    tail = random.integers(0, 10_000, size)
    phone = [
        f"{start} {n // 100:02d} {n % 100:02d}"
        for start, n in zip(_picked(words.PHONE_STARTS, size, random), tail, strict=True)
    ]
    return {
        "contact_id": _numbered("P", size, 5),
        "job_title": _blanked(title, 0.04, random),
        "full_name": first + " " + last,
        "phone": np.array(phone, dtype=object),
        "email": np.array(
            [f"p{row:05d}@{_domain(accounts['account_id'][owner])}" for row, owner in enumerate(employer)], dtype=object
        ),
    }


def _domain(account_id: object) -> str:
    return f"{str(account_id).lower()}.example"


def _typed(function: str, random: np.random.Generator) -> str:
    """A title of the function as somebody typed it: capitals, accents and blanks as they come."""
    title = words.TITLES[function][int(random.integers(len(words.TITLES[function])))]
    style = random.random()
    if style < 0.08:
        return title.upper()
    if style < 0.2:
        return title.lower()
    if style < 0.26:
        return title + " "
    return title.translate(_PLAIN) if style < 0.36 else title


_PLAIN = str.maketrans("éèêÉàç", "eeeEac")


def _lead_columns(size: int, day: Rows, random: np.random.Generator) -> dict[str, Objects]:
    source = _drawn(world.SOURCES, size, random)
    campaign = np.full(size, None, dtype=object)
    for name, campaigns in world.CAMPAIGNS.items():
        rows = np.flatnonzero(source == name)
        campaign[rows] = _drawn({key: share for key, (share, _, _) in campaigns.items()}, len(rows), random)
    year = (np.datetime64(world.FIRST_DAY) + day).astype("datetime64[Y]").astype(np.int64) + 1970
    shown = np.flatnonzero(campaign == "show")
    campaign[shown] = [f"show_{year[row]}" for row in shown]
    return {
        "lead_id": _numbered("L", size, 6),
        "country": _drawn(world.COUNTRIES, size, random),
        "source": source,
        "campaign": campaign,
    }


def _numbered(letter: str, size: int, digits: int) -> Objects:
    return np.array([f"{letter}{row:0{digits}d}" for row in range(1, size + 1)], dtype=object)


def _drawn(shares: Mapping[str, float], size: int, random: np.random.Generator) -> Objects:
    weights = np.array(list(shares.values()))
    return np.array(list(shares), dtype=object)[random.choice(len(shares), size=size, p=weights / weights.sum())]


def _picked(values: tuple[str, ...], size: int, random: np.random.Generator) -> Objects:
    return np.array(values, dtype=object)[random.integers(len(values), size=size)]


def _blanked(values: Objects, share: float, random: np.random.Generator) -> Objects:
    values = values.copy()
    values[random.random(len(values)) < share] = None
    return values
