"""What a model must beat: the base rate of the training observations, and a logistic regression on its measures."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from pipeline.tables.columns import Floats

CATEGORIES = 20
"""Values of a categorical column that the logistic regression tells apart; the rest are one."""

Labels = NDArray[np.int8]


def base_rate(label: Labels, rows: int) -> Floats | str:
    """The won share of the training labels for everyone, (rows,); why not, where there are none."""
    return np.full(rows, label.mean()) if len(label) else "there are no training observations"


def logistic_regression(
    X: Floats, label: Labels, categorical: tuple[int, ...], later: Floats
) -> tuple[Floats | str, list[str]]:
    """Probabilities (m,) for the rows `later` (m, p) by a logistic regression on training rows `X` (n, p).

    Numbers become sign(x) log(1 + |x|), as counts and days have long tails, and are scaled; missing ones become the
    median, with a column that says so; categorical columns become one column a value. Where training knows one class
    only, the reason stands in place of probabilities. The sentences say what to know of the fit.
    """
    if len(np.unique(label)) < 2:
        return "the training observations have one label only", []
    if not len(later):
        return "there are no observations to judge", []
    with warnings.catch_warnings(record=True) as caught, threadpool_limits(limits=1):
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ConvergenceWarning)
        model = _pipeline(X.shape[1], categorical).fit(X, label)
        probability = model.predict_proba(later)[:, 1]
    said = ["The logistic regression did not converge: its figures are those of its last step."] if caught else []
    return probability, said


def _pipeline(columns: int, categorical: tuple[int, ...]) -> Pipeline:
    numeric = [position for position in range(columns) if position not in categorical]
    numbers = make_pipeline(
        FunctionTransformer(_shorten),
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    words = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=CATEGORIES, sparse_output=False)
    prepared = ColumnTransformer([("numbers", numbers, numeric), ("words", words, list(categorical))])
    return make_pipeline(prepared, LogisticRegression(solver="newton-cholesky"))


def _shorten(numbers: Floats) -> Floats:
    return np.sign(numbers) * np.log1p(np.abs(numbers))
