"""The colours and letters of all pictures and pages: one ink, a green for what speaks for a lead, a red against it."""

from __future__ import annotations

INK, SOFT, LINE, FAINT = "#1f2328", "#59636e", "#d1d9e0", "#eff2f5"
"""Words; words beside them; rules; grounds."""
FOR, AGAINST, NEUTRAL = "#1a7f64", "#c4562a", "#818b98"
BLUE, OCHRE = "#3b6fb6", "#9a6700"
FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif"

RIVALS = {"scorecard": "scorecard", "logistic": "logistic regression", "base_rate": "base rate"}
"""What a model is held against, as people read it."""
JUDGED = {"model": "model", **RIVALS}
TINTS = {"model": FOR, "scorecard": OCHRE, "logistic": BLUE, "base_rate": NEUTRAL}
"""The colour of each that is judged."""
