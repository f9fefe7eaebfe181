"""What a model is worth, with its uncertainty: figures on the test, over time and by segment, capacity, and leaks.

Others use `evaluation.evaluate`, `backtest.backtest`, `capacity`, `segments`, `curves`, `stability`, `channels`, and of
`leakage` what `check` shows.
"""
