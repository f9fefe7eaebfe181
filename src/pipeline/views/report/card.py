"""The model card: what the model is for, what it cannot do, what it was made of, and who signed it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.definitions.spans import span_text
from pipeline.views.report.writing import NONE, Charts, esc, note, paragraph, table

Plain = Mapping[str, Any]

USE = (
    "It orders open leads by their chance to convert within the horizon, and says why, so that people "
    "spend their time where "
    "it is most likely to matter. It does not decide: whom to call, what to offer and whom to leave "
    "alone stay with people."
)
LIMITS = (
    "It knows what was recorded, and nothing else. Its reasons are what it saw go together in the past: "
    "they are no causes, "
    "and making a criterion happen need not make a lead convert.",
    "It is right on the average of many leads and can be wrong about any one.",
    "The world changes: figures here are of the test period. Retrain on newer deals, and compare before promoting.",
    "Leads older than the oldest it was trained on are scored with a warning.",
)
FEEDBACK = (
    "Whoever acts on scores changes what is learnt next: leads that are called because they scored high "
    "convert more often "
    "because they were called, and leads that nobody calls teach nothing. Keep some calls away from the "
    "score, and watch "
    "how often low scores are given a chance."
)
PERSONAL = (
    "Names, e-mail addresses and phone numbers are never inputs of the model and are not in this file; "
    "leads appear by their "
    "id. Attributes such as a function or a country are about people: use them only where you may."
)


def card(report: Plain, drawn: Charts) -> str:
    """The model card."""
    own = report["card"]
    learnt = own.get("trained_on", {})
    horizon = report["horizon"]
    # Rows without dates are numbered inside as if they had some: nobody is to read these.
    dates = [
        ["export taken", esc(own.get("data_until") or NONE)],
        ["knows outcomes until", esc(own.get("knows_until") or NONE)],
    ]
    facts = [
        ["version", f"<code>{esc(report['version'])}</code>"],
        ["workspace", esc(report["name"])],
        ["predicts", "a won deal" if horizon is None else f"a won deal within {span_text(horizon)} of the cutoff"],
        ["kind", esc(report["kind"])],
        [
            "trained on",
            f"{learnt.get('observations', 0):,} observations, {learnt.get('won_leads', 0):,} won leads, "
            f"{learnt.get('trees', 0):,} trees",
        ],
        ["base rate", f"{100 * own['base_rate']:.2f} %"],
        *(dates if horizon is not None else []),
        ["hash of the training set", f"<code>{esc(own.get('data_hash', NONE))}</code>"],
        ["fingerprint of the criteria", f"<code>{esc(own.get('fingerprint', NONE))}</code>"],
        ["settings", f"<code>{esc(json.dumps(own.get('settings', {}), sort_keys=True))}</code>"],
    ]
    left = [
        esc(one.get("column") or one.get("kind") or one.get("name"))
        + (f": {esc(one['why'])}" if one.get("why") else "")
        for one in own.get("excluded", ())
    ]
    excluded = "<ul>" + "".join(f"<li>{one}</li>" for one in left) + "</ul>" if left else paragraph("Nothing.")
    said = "".join(f"<li>{esc(one)}</li>" for one in own.get("said", ()))
    return (
        f"<h3>Use</h3>{paragraph(USE)}"
        f"<h3>Limits</h3><ul>{''.join(f'<li>{esc(one)}</li>' for one in LIMITS)}</ul>"
        f"<h3>Feedback through outbound effort</h3>{paragraph(FEEDBACK)}"
        f"<h3>Personal data</h3>{paragraph(PERSONAL)}"
        f"<h3>Left out by the analyst</h3>{excluded}"
        f"<h3>What it is made of</h3>{table(['', ''], facts, text=True)}"
        + (f"<h3>How it was made</h3><ul>{said}</ul>" if said else "")
        + f"<h3>Who signed</h3>{_signed(report)}"
    )


def _signed(report: Plain) -> str:
    found = report["signed"]
    if not found:
        return note(
            "Nobody has signed this version. <code>notebooks/03_review_the_explanations.ipynb</code> "
            "ends in a sign-off."
        )
    rows = [[esc(one["at"][:10]), esc(one["reviewer"]), esc(one["verdict"]), esc(one["notes"])] for one in found]
    return table(["on", "reviewer", "verdict", "notes"], rows, text=True)
