"""Why, and what to do: contributions summed to reasons, reasons in words, stage and action.

Others use `scores.score`, `scores.Score`, `scores.Reason`, and the words of `wording`.
"""
