"""One day of many leads: the chances of closing, what happens, and the state after it.

The history of the demo and the true probabilities both come from this function and no other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import world
from pipeline.demo.state import Bits, Floats, Mask, Profile, Rows, Small, State

_DAYS_7, _DAYS_30 = np.uint32(2**7 - 1), np.uint32(2**30 - 1)
_ONE = np.uint32(1)
_MOST = np.uint8(255)


@dataclass(frozen=True)
class Today:
    """What happened to each lead of a step on its day, all of it drawn from the state at the day's first instant."""

    visited: Mask
    priced: Mask
    download: Mask
    webinar: Mask
    demo: Mask
    quote: Mask
    call: Mask
    email: Mask
    answered: Mask
    reply: Mask
    ring: Mask
    timeframe: Small
    """The time frame after the day; it changes only in a conversation."""


def closing(profile: Profile, state: State, day: world.Day) -> tuple[Floats, Floats]:
    """Chances (n,) that a deal is won, and that the lead is lost, on this day, by the state at its first instant."""
    active_7, active_30, priced_30 = _windows(state)
    t = world.WON
    won = profile.won + np.float32(world.WON_BASE + day.won)
    won += t["active_7d"][active_7]
    won += t["active_30d"][active_30]
    won += t["priced_30d"][priced_30]
    for name in ("since_demo", "since_quote", "since_inbound", "talks", "downloads", "webinars", "unanswered", "age"):
        won += t[name][getattr(state, name)]
    won += world.TIMEFRAME_WON[state.timeframe]
    won += np.float32(world.WON_PURCHASING_DEMO) * (profile.purchasing & (state.demos > 0))
    t = world.LOST
    lost = t["active_30d"][active_30] + np.float32(world.LOST_BASE + (0.0 if day.working else -2.0))
    for name in ("since_inbound", "unanswered", "age"):
        lost += t[name][getattr(state, name)]
    lost += np.float32(world.LOST_STUDENT) * profile.student
    chance_won = np.float32(world.WON_CEILING) * _sigmoid(won)
    return chance_won, np.float32(world.LOST_CEILING) * _sigmoid(lost)


def happen(profile: Profile, state: State, day: world.Day, random: np.random.Generator) -> Today:
    """Draw what happens on this day to leads that stay open until its evening."""
    size = len(state)
    active_7, active_30, priced_30 = _windows(state)
    none = np.zeros(size, dtype=np.bool_)

    t = world.VISIT
    visit = t["active_30d"][active_30] + np.float32(world.VISIT_BASE + day.visit)
    visit += t["since_visit"][_since_bit(state.visits)]
    for name in ("since_outbound", "since_inbound", "age"):
        visit += t[name][getattr(state, name)]
    visited = random.random(size, dtype=np.float32) < _sigmoid(visit)

    on = np.flatnonzero(visited)
    fit = profile.won[on]
    ask = np.float32(world.ASK_FIT) * fit + world.ASK_PRICED[priced_30[on]] + world.ASK_UNANSWERED[state.unanswered[on]]
    asked = np.float32(world.ASKED_ALREADY)
    priced = _drawn(none, on, world.PRICE_BASE + np.float32(world.PRICE_FIT) * fit, random)
    download = _drawn(none, on, np.full(len(on), world.DOWNLOAD_BASE, dtype=np.float32), random)
    webinar = _drawn(none, on, np.full(len(on), world.WEBINAR_BASE, dtype=np.float32), random)
    demo = _drawn(none, on, world.DEMO_BASE + ask + asked * (state.demos[on] > 0), random)
    quote = _drawn(none, on, world.QUOTE_BASE + ask + asked * (state.quotes[on] > 0), random)

    call, email = none.copy(), none.copy()
    if day.working:
        t = world.OUTBOUND
        out = np.float32(world.OUTBOUND_FIT) * profile.won + t["active_7d"][active_7] + np.float32(world.OUTBOUND_BASE)
        for name in ("since_inbound", "since_outbound", "unanswered"):
            out += t[name][getattr(state, name)]
        tried = np.flatnonzero(random.random(size, dtype=np.float32) < _sigmoid(out))
        by_phone = random.random(len(tried)) < world.CALL_SHARE
        call[tried[by_phone]] = True
        email[tried[~by_phone]] = True

    t = world.ANSWER
    warm = profile.answer + t["active_7d"][active_7]
    for name in ("since_inbound", "unanswered"):
        warm += t[name][getattr(state, name)]
    called = np.flatnonzero(call)
    answered = _drawn(none, called, world.ANSWER_BASE + warm[called], random)
    waiting = np.flatnonzero((state.unanswered > 0) & (state.since_outbound <= world.REPLY_WITHIN))
    reply = _drawn(none, waiting, world.REPLY_BASE + warm[waiting], random)
    talked = np.flatnonzero(state.talks > 0)
    ring = _drawn(none, talked, world.RING_BASE + world.RING_TALKED[state.talks[talked]], random)

    timeframe = state.timeframe.copy()
    told = np.flatnonzero(answered | ring)
    told = told[random.random(len(told)) < world.TIMEFRAME_TOLD]
    soon = 0.22 + 0.25 * (state.since_demo[told] < 30) + 0.25 * (state.since_quote[told] < 30)
    drawn = random.random(len(told))
    timeframe[told] = np.where(drawn < soon, 3, np.where(drawn < soon + 0.3, 2, 1))
    return Today(visited, priced, download, webinar, demo, quote, call, email, answered, reply, ring, timeframe)


def after(state: State, today: Today) -> State:
    """The state at the next day's first instant."""
    talk = today.answered | today.reply | today.ring
    inbound = talk | today.demo | today.quote
    outbound = today.call | today.email
    # Within a day the reps try in the morning and an answer, or a request, comes after it.
    waiting = np.where(inbound, np.uint8(0), _more(state.unanswered, outbound))
    return State(
        age=_older(state.age),
        visits=(state.visits << _ONE) | today.visited,
        prices=(state.prices << _ONE) | today.priced,
        downloads=_more(state.downloads, today.download),
        webinars=_more(state.webinars, today.webinar),
        demos=_more(state.demos, today.demo),
        quotes=_more(state.quotes, today.quote),
        talks=_more(_more(_more(state.talks, today.answered), today.reply), today.ring),
        unanswered=waiting,
        since_demo=_since(state.since_demo, today.demo),
        since_quote=_since(state.since_quote, today.quote),
        since_inbound=_since(state.since_inbound, inbound),
        since_outbound=_since(state.since_outbound, outbound),
        timeframe=today.timeframe,
    )


def _windows(state: State) -> tuple[Small, Small, Small]:
    """Days with a visit in the last 7 and 30 days, and with a look at the prices in the last 30."""
    return (
        np.bitwise_count(state.visits & _DAYS_7),
        np.bitwise_count(state.visits & _DAYS_30),
        np.bitwise_count(state.prices & _DAYS_30),
    )


def _since_bit(bits: Bits) -> Small:
    """Days since the lowest bit set: 1 for bit 0, 255 for none."""
    low = np.bitwise_count((bits & (~bits + _ONE)) - _ONE) + np.uint8(1)
    return np.where(bits == 0, _MOST, low)


def _sigmoid(x: NDArray[np.floating]) -> Floats:
    chance: Floats = np.float32(1.0) / (np.float32(1.0) + np.exp(-x.astype(np.float32, copy=False)))
    return chance


def _drawn(none: Mask, rows: Rows, log_odds: NDArray[np.floating], random: np.random.Generator) -> Mask:
    """A mask of the leads, of those at `rows`, to whom it happens."""
    mask = none.copy()
    mask[rows[random.random(len(rows), dtype=np.float32) < _sigmoid(log_odds)]] = True
    return mask


def _older(days: Small) -> Small:
    return np.minimum(days, np.uint8(254)) + np.uint8(1)


def _more(count: Small, happened: Mask) -> Small:
    return np.minimum(count, np.uint8(254)) + happened.astype(np.uint8)


def _since(days: Small, happened: Mask) -> Small:
    return np.where(happened, np.uint8(1), _older(days))
