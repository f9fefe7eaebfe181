"""Which model serves: the verdict on a challenger, the champion's pointer and its history, and what MLflow is told.

Others use `verdict`, `promotion` and `registry`.
"""
