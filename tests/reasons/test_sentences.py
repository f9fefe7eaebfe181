"""Sentences, read aloud: each is what a colleague would say."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.criteria import BUILT_IN, COLUMN_WORDS, TIMING, WINDOW_WORDS, WORDS, Criterion
from pipeline.definitions.spans import DAY
from pipeline.reasons.nouns import noun
from pipeline.reasons.sentences import Speaker
from pipeline.reasons.weights import reason_text
from pipeline.reasons.wording import Today

NOON = Today(20_000 * DAY + DAY // 2)
NO = math.nan
COUNTS = ["count 7d", "count 30d", "count", "days_since_last"]


def criterion(label: str, *measures: str, **more: Any) -> Criterion:
    plain = {"name": "it", "label": {"en": label}, "when": {"kind": "it"}, "measures": list(measures), **more}
    return Criterion.from_json(plain)


def attribute(label: str, values: str) -> Criterion:
    return Criterion.from_json({"name": "it", "label": {"en": label}, "attribute": "it", "values": values})


DEMOS = criterion("Demo requests", *COUNTS)
CALLS = criterion("Calls", "count 30d", "mean duration 30d", "largest duration", "total duration 30d", "unanswered")
EVERYTHING = criterion(
    "All interactions", "count 7d", "count 30d", "active_days 30d", "trend 7d 28d", "unanswered", when={}
)
PAGES = criterion("Pricing pages", "count 7d", "share 30d", "distinct page 30d", "latest page")

SENTENCES: list[tuple[Criterion, list[float | str | None], str]] = [
    (DEMOS, [2, 2, 2, 1.1], "2 demo requests in the last 7 days, the latest yesterday"),
    (DEMOS, [1, 1, 1, 0.2], "1 demo request, today"),
    (DEMOS, [1, 3, 9, 6.4], "1 demo request in the last 7 days (9 in all), the latest 6 days ago"),
    (DEMOS, [0, 2, 2, 12.0], "2 demo requests in the last 30 days, the latest 12 days ago"),
    (DEMOS, [0, 0, 3, 45.2], "3 demo requests, the latest 45 days ago"),
    (DEMOS, [0, 0, 1, 200.0], "1 demo request, 6 months ago"),
    (DEMOS, [0, 0, 0, NO], "no demo request so far"),
    (criterion("Demo requests", "count 7d", "count"), [0, 3], "3 demo requests, none in the last 7 days"),
    (criterion("Demo requests", "count 7d", "count"), [0, 1], "1 demo request, not in the last 7 days"),
    (criterion("Enquiries", "count"), [1200], "1,200 enquiries so far"),
    (
        criterion("Demo requests", "count 12h", "count 30d"),
        [1, 4],
        "1 demo request in the last 12 hours (4 in the last 30 days)",
    ),
    (criterion("Demo requests", "count 7d"), [0], "no demo request in the last 7 days"),
    (criterion("Replies", "days_since_last"), [3.3], "reply: 3 days ago"),
    (criterion("Replies", "days_since_last"), [NO], "no reply so far"),
    (criterion("Replies", "count", "days_since_first"), [4, 800.0], "4 replies so far, the first 2 years ago"),
    (
        CALLS,
        [3, 340.0, 900.0, 1020.0, 2],
        "3 calls in the last 30 days, average duration 340 over 30 days, largest duration 900, "
        "total duration 1,020 over 30 days, 2 attempts unanswered",
    ),
    (CALLS, [0, NO, NO, 0, 0], "no call in the last 30 days"),
    (criterion("Calls", "unanswered"), [5], "5 attempts unanswered"),
    (criterion("Calls", "unanswered 30d"), [1], "1 attempt unanswered in the last 30 days"),
    (criterion("Calls", "mean duration 30d"), [NO], "duration not known"),
    (
        EVERYTHING,
        [12, 31, 9, 2.31, 0],
        "12 interactions in the last 7 days (31 in the last 30 days), active on 9 of the last 30 days, "
        "picking up, 2.3 times the pace of the last 28 days",
    ),
    (
        EVERYTHING,
        [0, 4, 1, 0.0, 4],
        "4 interactions in the last 30 days, on 1 day, gone quiet in the last 7 days, 4 attempts unanswered",
    ),
    (EVERYTHING, [0, 0, 0, NO, 0], "no interaction in the last 30 days"),
    (
        PAGES,
        [3, 0.42, 2, "/pricing"],
        "3 pricing pages in the last 7 days, 42 % of all interactions in the last 30 days, "
        "2 different pages in the last 30 days, latest page: /pricing",
    ),
    (PAGES, [0, NO, 0, None], "no pricing page in the last 7 days"),
    (criterion("Deals won", "count", of="account"), [2], "2 deals won at the account so far"),
    (
        criterion("Contact: page views", "count 7d", of="contact"),
        [3],
        "3 page views with the contact in the last 7 days",
    ),
    (criterion("Deals won (account)", "count", of="account"), [1], "1 deal won (account) so far"),
    (
        criterion("W_Nabellen offertes", *COUNTS),
        [3, 5, 5, 2.0],
        "“W_Nabellen offertes” 3 times in the last 7 days (5 in all), the latest 2 days ago",
    ),
    (criterion("A_ACCEPTED", *COUNTS), [0, 1, 1, 10.2], "“A_ACCEPTED” once, 10 days ago"),
    (criterion("W_Nabellen offertes", "count 7d"), [2], "“W_Nabellen offertes” twice in the last 7 days"),
    (criterion("W_Nabellen offertes", "count"), [0], "no “W_Nabellen offertes” so far"),
    (attribute("Job function", "categorical"), ["purchasing"], "job function: purchasing"),
    (attribute("CRM source", "categorical"), ["white\npaper"], "CRM source: white paper"),
    (attribute("Sector", "categorical"), [None], "sector not known"),
    (attribute("Company size", "bands"), [200.0], "company size: 200 or more"),
    (attribute("Revenue", "numeric"), [1_250_000.4], "revenue: 1,250,000"),
    (attribute("Revenue", "numeric"), [NO], "revenue not known"),
    (TIMING[0], [12.7], "the lead is 12 days old"),
    (TIMING[0], [1.0], "the lead is 1 day old"),
    (TIMING[0], [0.21], "the lead is 5 hours old"),
    (TIMING[0], [0.01], "the lead is less than an hour old"),
    (TIMING[1], [1.0], "created on a Monday"),
    (TIMING[2], [14.0], "created between 14:00 and 15:00"),
]


@pytest.mark.parametrize(("asked", "values", "sentence"), SENTENCES, ids=[sentence for _, _, sentence in SENTENCES])
def test_evidence_reads_like_a_colleague(asked: Criterion, values: list[float | str | None], sentence: str) -> None:
    floats = [float(value) if isinstance(value, int) else value for value in values]
    assert Speaker(asked, NOON).evidence(floats) == sentence


@pytest.mark.parametrize(
    ("contribution", "verdict"),
    [
        (1.2, "A strong point in favour."),
        (-0.7, "A strong point against."),
        (0.3, "A point in favour."),
        (-0.05, "A small point against."),
        (0.01, "Of no weight here."),
        (0.0, "Of no weight here."),
    ],
)
def test_a_reason_says_how_much_it_counts(contribution: float, verdict: str) -> None:
    assert reason_text("sector: retail", contribution) == f"Sector: retail. {verdict}"


@pytest.mark.parametrize(
    ("label", "one", "many"),
    [
        ("Calls", "call", "calls"),
        ("Inbound calls", "inbound call", "inbound calls"),
        ("Call in", "call in", "calls in"),
        ("E-mails opened", "e-mail opened", "e-mails opened"),
        ("Email sent", "email sent", "emails sent"),
        ("Requests for a quote", "request for a quote", "requests for a quote"),
        ("White paper downloads", "white paper download", "white paper downloads"),
        ("LinkedIn messages", "LinkedIn message", "LinkedIn messages"),
        ("Company visits", "company visit", "company visits"),
        ("Status", "status", "statuses"),
        ("Site searches", "site search", "site searches"),
        ("Meeting", "meeting", "meetings"),
        ("Newsletter feed", "newsletter feed", "newsletter feeds"),
    ],
)
def test_a_label_is_counted_in_either_number(label: str, one: str, many: str) -> None:
    found = noun(label)
    assert found is not None
    assert (found.one, found.many) == (one, many)


@pytest.mark.parametrize(
    "label", ["A_SUBMITTED", "W nabellen", "Démonstrations", "Engagement", "Signed up", "", "7 calls"]
)
def test_what_is_no_english_noun_is_quoted(label: str) -> None:
    assert noun(label) is None


def test_yesterday_is_the_calendar_day_of_the_workspace() -> None:
    two_in_the_morning_in_paris = 20_000 * DAY
    assert Today(two_in_the_morning_in_paris, "Europe/Paris").ago(1.5 / 24) == "today"
    assert Today(two_in_the_morning_in_paris, "UTC").ago(1.5 / 24) == "yesterday"
    assert Today(two_in_the_morning_in_paris, "UTC").ago(1.0) == "yesterday"
    assert Today(two_in_the_morning_in_paris, "UTC").ago(1.0 + 1e-9) == "2 days ago"


measures = st.sampled_from(
    [
        " ".join(part for part in (word, "page" if word in COLUMN_WORDS else "", window) if part)
        for word in WORDS
        if word != "trend"
        for window in ("", "7d", "30d")
        if not window or word in WINDOW_WORDS
    ]
    + ["trend 7d 28d"]
)
values = st.one_of(
    st.none(),
    st.text("aé \n\x1b\u2028", max_size=80),
    st.floats(min_value=0, max_value=1e300),
    st.sampled_from([0.0, 1.0, 2.0, math.nan]),
)


@given(st.data())
def test_whatever_the_measures_show_there_is_a_sentence(data: st.DataObject) -> None:
    asked = data.draw(st.lists(measures, min_size=1, max_size=6, unique=True))
    label = data.draw(st.sampled_from(["Demo requests", "W_Nabellen", "Activity", ""]))
    one = criterion(label, *asked, of=data.draw(st.sampled_from(["lead", "contact", "account"])))
    shown = data.draw(st.lists(values, min_size=len(asked), max_size=len(asked)))
    counted = [
        value if not measure.startswith(("count", "active", "unans", "distinct")) else float(place)
        for place, (measure, value) in enumerate(zip(asked, shown, strict=True))
    ]
    sentence = Speaker(one, NOON).evidence(counted)
    assert sentence == sentence.strip()
    assert sentence.isprintable()
    assert sentence
    assert "  " not in sentence
    assert "nan " not in f"{sentence} "


def test_every_built_in_measure_has_its_sentence() -> None:
    for name in BUILT_IN:
        built_in = Criterion(name, "timing", built_in=name)
        assert Speaker(built_in, NOON).evidence([1.0])
        assert Speaker(built_in, NOON).evidence([NO]).endswith("not known")
