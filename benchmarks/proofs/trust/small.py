"""Line 3: with few deals no worse than the scorecard, with many no worse than a model without it."""

from __future__ import annotations

from benchmarks.proofs.line import Check, at_most, equal
from benchmarks.proofs.workshop import ROOT, Workshop
from benchmarks.small_data import DRAWS, PICTURE, SIZES, curve, medians

WORSE = 1.01


def never_worse(workshop: Workshop) -> list[Check]:
    """The learning curve drawn anew; each size's medians beside the better of the two."""
    draws = workshop.count(DRAWS, 2)
    found = curve(workshop.demo, SIZES if not workshop.quick else SIZES[:3], draws)
    checks = [equal("sizes, in closed deals", sorted({row["deals"] for row in found}), list(SIZES))]
    for row in medians(found):
        said = {name: round(row[name], 5) for name in ("prior", "scorecard", "trees")}
        said |= {"won leads": row["won_leads"], "draws": row["draws"]}
        better = min(row["scorecard"], row["trees"])
        checks.append(
            Check(f"{row['deals']} closed deals: log loss with prior, scorecard alone, trees alone", said, "said", True)
        )
        checks.append(
            at_most(f"{row['deals']} closed deals: beside the better of the two", row["prior"] / better, WORSE)
        )
    page = (ROOT / "docs" / "small-data.md").read_text(encoding="utf-8")
    checks.append(
        Check(
            "the picture stands in docs/small-data.md", PICTURE.name, "shown", PICTURE.exists() and PICTURE.name in page
        )
    )
    return checks
