"""A lead explained, as a notebook shows it: the waterfall, and every reason with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.analysis.frames import Frame, reasons_frame
from pipeline.reasons.wording import line, percent
from pipeline.views.picture import waterfall_svg
from pipeline.views.shap_values import score_explanation
from pipeline.views.waterfall import signed

if TYPE_CHECKING:
    import shap

SHOWN = 8
"""Reasons that the picture shows one by one."""
CELL = "padding:3px 10px;text-align:"


@dataclass(frozen=True)
class ExplainedLead:
    """One lead's score, in `plain` as `leadlight explain --json` gives it; a notebook shows waterfall and table."""

    plain: dict[str, Any]

    @property
    def probability(self) -> float | None:
        """The calibrated probability; None of a closed lead."""
        chance: float | None = self.plain["probability"]
        return chance

    @property
    def svg(self) -> str:
        """The waterfall as a picture that stands alone."""
        return waterfall_svg(self.plain, SHOWN)

    def to_frame(self) -> Frame:
        """Its reasons, the strongest first, indexed by criterion; their contributions and the base add up."""
        return reasons_frame(self.plain)

    def changed(self) -> Frame:
        """What changed since the instant that was asked for: `step`, `criterion`, `label`, `contribution`, `text`.

        The contributions add up to the difference in log-odds.

        ValueError where no instant was asked for.
        """
        found = self.plain.get("changed")
        if found is None:
            raise ValueError("nothing was compared: explain the lead with since=..., or call changed(lead, since)")
        rows = [{"step": step, **part} for step in ("time", "facts", "model") for part in found[step]]
        if found["base"]:
            usual = {"criterion": None, "label": "what the model takes for usual", "contribution": found["base"]}
            rows.append({"step": "model", **usual, "text": ""})
        return pd.DataFrame(rows, columns=["step", "criterion", "label", "contribution", "text"])

    def explanation(self) -> shap.Explanation:
        """For shap.plots.waterfall and its like: one row, a value a criterion."""
        return score_explanation(self.plain)

    def __repr__(self) -> str:
        plain, chance = self.plain, self.probability
        said = "closed" if chance is None else f"probability {percent(chance)}, grade {plain['grade']}"
        return f"Lead {line(plain['lead_id'])}: {said}, stage {plain['stage']}, action {plain['action']}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="{CELL}left">{escape(line(reason["label"]))}</td>'
            f'<td style="{CELL}right">{signed(reason["contribution"])}</td>'
            f'<td style="{CELL}right">{reason["points"]:.0f} %</td>'
            f'<td style="{CELL}left">{escape(line(reason["evidence"]))}</td></tr>'
            for reason in self.plain["reasons"][:SHOWN]
        )
        names = ("Criterion", "Log-odds", "Share", "Evidence")
        head = "".join(f'<th style="text-align:left;padding:3px 10px">{name}</th>' for name in names)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div>{self.svg}{table}</div>"
