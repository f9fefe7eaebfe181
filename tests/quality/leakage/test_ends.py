"""How a lead stands in the export: won at its first win, lost at its last loss, open where it was opened again."""

from __future__ import annotations

import numpy as np

from pipeline.definitions.spans import DAY
from pipeline.quality.leakage.ends import ends
from pipeline.tables.columns import LOST, NEVER, OPEN, WON, Deals, History, Leads, Texts, no_changes


def history(*deals: tuple[str, int, float, float | None, float | None]) -> History:
    """Deals as (lead, outcome, day closed, day known, day opened again) of leads A to D, created on day 0."""
    day = [NEVER if value is None else int(value * DAY) for _, _, _, *rest in deals for value in rest]
    size = len(deals)
    return History(
        Leads(Texts.of(list("ABCD")), np.zeros(4, dtype=np.int64)),
        (),
        Deals(
            Texts.of([lead for lead, *_ in deals]),
            Texts.missing(size),
            np.array([outcome for _, outcome, *_ in deals], dtype=np.int8),
            np.array([int(closed * DAY) for _, _, closed, *_ in deals], dtype=np.int64),
            np.array(day[::2], dtype=np.int64),
            np.full(size, NEVER),
            np.array(day[1::2], dtype=np.int64),
            np.full(size, np.nan),
        ),
        no_changes(),
        100 * DAY,
    )


def test_each_lead_by_its_deals() -> None:
    found = ends(
        history(
            ("A", LOST, 10, None, None),
            ("A", WON, 30, None, None),
            ("A", WON, 20, 25, None),
            ("B", LOST, 10, None, None),
            ("B", LOST, 40, None, None),
            ("C", LOST, 10, None, 50),
        )
    )
    assert found.outcome.tolist() == [WON, LOST, OPEN, OPEN]
    assert found.lasts.tolist() == [25, 40, np.inf, np.inf]
    assert found.age.tolist() == [100] * 4
    assert found.closed_at.tolist() == [25 * DAY, 40 * DAY, NEVER, NEVER]


def test_what_ends_after_the_export_is_open() -> None:
    found = ends(history(("A", WON, 120, None, None), ("B", LOST, 50, 130, None)))
    assert found.open.all()


def test_some_leads_of_all() -> None:
    found = ends(history(("A", WON, 20, None, None), ("B", LOST, 30, None, None)))
    assert found.take(np.array([1, 0])).outcome.tolist() == [LOST, WON]
    assert (len(found), found.won.tolist(), found.lost.tolist()) == (
        4,
        [True, False, False, False],
        [False, True] + [False] * 2,
    )
