"""What each command does, as functions that return its JSON: the rooms above, in the order of a fact's way.

Others use `stages.check`, `stages.features`, `stages.fit`, `stages.evaluate`, `train.train` and `scoring.score_leads`,
`scoring.explain_lead`, `train.promote_version`, `train.roll_back`, and `schema.drift` of an export.
"""
