"""Bodies that a service on a network gets: broken, hostile, or wrong in one place."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from serving.examples import REQUEST

SECRET = "Zoé Dubois +33 6 12 34 56 78"
"""Stands in many of the bodies; no answer may repeat it."""


def text(plain: Any) -> bytes:
    return json.dumps(plain).encode()


def changed(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The documented request with one change."""
    plain = deepcopy(REQUEST)
    change(plain)
    return text(plain)


def lead(**fields: Any) -> bytes:
    """The documented request with fields of its lead replaced."""
    return changed(lambda plain: plain["leads"][0].update(fields))


def fact(**fields: Any) -> bytes:
    return changed(lambda plain: plain["leads"][0]["interactions"][0].update(fields))


def deal(**fields: Any) -> bytes:
    return lead(deals=[{"outcome": "open", **fields}])


MINIMAL = b'{"leads": [{"id": "1", "created_at": "2026-06-01T00:00:00Z", "attributes": {"budget": %s}}]}'

HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "a blank": b" ",
    "no JSON": b"leads=1",
    "half": text(REQUEST)[:-5],
    "NaN": MINIMAL % b"NaN",
    "Infinity": MINIMAL % b"Infinity",
    "-Infinity": MINIMAL % b"-Infinity",
    "1e999": MINIMAL % b"1e999",
    "-1e999": MINIMAL % b"-1e999",
    "a whole number of 400 digits": MINIMAL % (b"9" * 400),
    "a whole number of 100,000 digits": MINIMAL % (b"9" * 100_000),
    "a lone surrogate": MINIMAL % b'"\\ud800"',
    "a lone low surrogate": MINIMAL % b'"\\udc00x"',
    "a lone surrogate as a name": b'{"leads": [{"\\ud800": 1}]}',
    "invalid UTF-8": MINIMAL % b'"\xff\xfe"',
    "UTF-8 of a surrogate": MINIMAL % b'"\xed\xa0\x80"',
    "UTF-16": text(REQUEST).decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + text(REQUEST),
    "100,000 brackets": b"[" * 100_000,
    "100,000 braces": b'{"leads":' * 100_000,
    "deep attributes": MINIMAL % (b"[" * 150 + b"]" * 150),
    "null": b"null",
    "true": b"true",
    "a number": b"17",
    "a text": text(SECRET),
    "a list": b"[]",
    "an empty object": b"{}",
    "no leads": b'{"leads": []}',
    "leads that are an object": b'{"leads": {}}',
    "a million wrong leads": b'{"leads": [' + b"1," * 1_000_000 + b"1]}",
    "many unknown fields": text({f"{SECRET} {number}": number for number in range(5_000)}),
    "a lead that is null": b'{"leads": [null]}',
    "an unknown field": changed(lambda plain: plain.update({SECRET: SECRET})),
    "an unknown field of a lead": lead(**{SECRET: SECRET}),
    "no id": changed(lambda plain: plain["leads"][0].pop("id")),
    "an id that is a number": lead(id=20817),
    "an empty id": lead(id=""),
    "a blank id": lead(id="  "),
    "a null in an id": lead(id="a\0b"),
    "a long id": lead(id=SECRET * 10),
    "an id twice": changed(lambda plain: plain["leads"].append(plain["leads"][0])),
    "no creation": changed(lambda plain: plain["leads"][0].pop("created_at")),
    "a creation that is null": lead(created_at=None),
    "a creation in seconds": lead(created_at=1_780_000_000),
    "a creation in words": lead(created_at=SECRET),
    "a creation without a zone": lead(created_at="2026-06-09T08:42:10"),
    "a creation that is a day": lead(created_at="2026-06-09"),
    "a creation in the year 0": lead(created_at="0000-01-01T00:00:00Z"),
    "a creation in the year 1": lead(created_at="0001-01-01T00:00:00+14:00"),
    "a creation in the year 9999": lead(created_at="9999-12-31T23:59:59-14:00"),
    "a creation in the year 12026": lead(created_at="12026-06-09T00:00:00Z"),
    "a 30th of February": lead(created_at="2026-02-30T00:00:00Z"),
    "a 25th hour": lead(created_at="2026-02-03T25:00:00Z"),
    "a creation after as_of": lead(created_at="2026-06-30T00:00:00.000001Z"),
    "a creation at as_of": lead(created_at="2026-06-30T00:00:00Z"),
    "as_of before everything": changed(lambda plain: plain.update(as_of="1931-01-01T00:00:00Z")),
    "as_of in the far past": changed(lambda plain: plain.update(as_of="0001-01-01T00:00:00Z")),
    "as_of in the far future": changed(lambda plain: plain.update(as_of="2190-01-01T00:00:00Z")),
    "as_of without a zone": changed(lambda plain: plain.update(as_of="2026-06-30T00:00:00")),
    "as_of that is a bool": changed(lambda plain: plain.update(as_of=True)),
    "attributes that are a list": lead(attributes=[SECRET]),
    "attributes that are null": lead(attributes=None),
    "an attribute that is an object": lead(attributes={"sector": {SECRET: SECRET}}),
    "an attribute that is a list": lead(attributes={SECRET: [SECRET]}),
    "an attribute that is huge": lead(attributes={"budget": 1e300}),
    "an attribute without a name": lead(attributes={"": 1}),
    "an attribute with a null in its name": lead(attributes={"a\0": 1}),
    "entities that are a text": lead(entities=SECRET),
    "an unknown entity": lead(entities={"company": SECRET}),
    "an entity that is a number": lead(entities={"contact": 1}),
    "interactions that are an object": lead(interactions={}),
    "an interaction that is a text": lead(interactions=[SECRET]),
    "an interaction without a time": changed(lambda plain: plain["leads"][0]["interactions"][3].pop("at")),
    "an interaction without a kind": changed(lambda plain: plain["leads"][0]["interactions"][3].pop("kind")),
    "a kind that is null": fact(kind=None),
    "a kind that is a bool": fact(kind=True),
    "a flow in capitals": fact(flow="Inbound"),
    "an unknown flow": fact(flow=SECRET),
    "an interaction of something else": fact(entity=SECRET),
    "an interaction of a contact there is not": changed(lambda plain: plain["leads"][0].pop("entities")),
    "a number that is a bool": fact(numbers={"duration": True}),
    "a number that is a text": fact(numbers={"duration": "540"}),
    "a number that is a list": fact(numbers={SECRET: [1]}),
    "a text that is a number": fact(texts={"page": 7}),
    "a text that is a bool": fact(texts={"page": False}),
    "texts that are a text": fact(texts=SECRET),
    "a change without a value": lead(changes=[{"at": "2026-06-20T12:00:00Z", "attribute": "sector"}]),
    "a change to a list": lead(changes=[{"at": "2026-06-20T12:00:00Z", "attribute": "sector", "value": [SECRET]}]),
    "a deal without an outcome": lead(deals=[{"id": "d"}]),
    "an unknown outcome": deal(outcome=SECRET),
    "a won deal without a close": deal(outcome="won"),
    "a deal closed before the lead": deal(outcome="lost", closed_at="2020-01-01T00:00:00Z"),
    "a deal both won and lost": lead(
        deals=[{"id": SECRET, "outcome": word, "closed_at": "2026-06-20T12:00:00Z"} for word in ("won", "lost")]
    ),
    "a deal of another lead that shares who knows what": deal(lead_id=SECRET),
    "a deal that shares an account of nobody": deal(of=["account"]),
    "a deal of the lead itself by name": deal(lead_id="L-20817", of=[]),
    "a deal that shares a lead": deal(lead_id="x", of=["lead"]),
    "two answers to what another lead shares": lead(
        deals=[{"outcome": "open", "lead_id": "x", "of": of} for of in (["account"], ["contact"])]
    ),
    "an amount that is a bool": deal(amount=True),
    "an amount that is huge": deal(amount=1e300),
}
"""What is wrong -> a body that is answered with 4xx."""
