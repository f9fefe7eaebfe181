"""The bundle as MLflow's model: the file that MLflow runs, as text, to load one. Nothing is unpickled.

It takes a table of measures, as the training set names them, and gives `probability` and `log_odds` a row.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from pipeline.features.matrix import Definition
from pipeline.learning.bundle import Bundle
from pipeline.tables.columns import Floats, Texts

with warnings.catch_warnings(action="ignore"):  # of MLflow about its own code
    import mlflow
    from mlflow.pyfunc.model import PythonModel, PythonModelContext


class LeadlightModel(PythonModel):
    """Scores measures by the bundle among its artifacts; reads the bundle once."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read and verify the bundle."""
        self.bundle = Bundle.load(context.artifacts["bundle"])

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Probability and calibrated log-odds of `n` rows.

        Columns are taken by name: their order does not matter and further ones are ignored. ValueError names a column
        that is missing, or that holds words where numbers are expected.
        """
        matrix, _ = self.bundle.definition.matrix(measures_of(model_input, self.bundle.definition))
        model = self.bundle.model
        columns = {"probability": model.probability(matrix), "log_odds": model.log_odds(matrix)}
        return pd.DataFrame(columns, index=model_input.index)


def measures_of(frame: pd.DataFrame, definition: Definition) -> dict[str, Floats | Texts]:
    """A table's columns as the definition's matrix takes them."""
    missing = [name for name in definition.columns if name not in frame.columns]
    if missing:
        raise ValueError(
            f"the measure {missing[0]!r} is missing ({len(missing)} of {len(definition.columns)} are); "
            "send every column of the model's signature"
        )
    return {
        name: _texts(frame[name]) if name in definition.vocabularies else _numbers(frame[name])
        for name in definition.columns
    }


def _texts(column: pd.Series) -> Texts:
    return Texts.of(None if pd.isna(value) else str(value) for value in column)


def _numbers(column: pd.Series) -> Floats:
    try:
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError):
        raise ValueError(f"the measure {column.name!r} holds something other than numbers") from None


mlflow.models.set_model(LeadlightModel())
