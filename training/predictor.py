"""A loaded model version: checks what it is given, and predicts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import joblib
import numpy as np
import pandas as pd

from training import table, versions
from training.errors import UserError
from training.store import Store

# The model's file, as a training writes it.
FILE = "model.joblib"


@dataclass(frozen=True)
class Predictor:
    """An estimator with the input columns and the task that its manifest names."""

    estimator: Any
    columns: list[table.Column]
    task: str
    version: int | None = None

    def predict(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Predictions and scores of `frame`, both of shape (rows,).

        The score of a binary classification is the probability of the second class, of a
        classification with more classes that of the predicted one, of a regression the
        prediction itself.
        """
        if self.task == "regression":
            values = self.estimator.predict(frame)
            return values, values.astype(float)
        shares = self.estimator.predict_proba(frame)
        classes = self.estimator.classes_
        labels = classes[shares.argmax(axis=1)]
        return labels, shares[:, 1] if len(classes) == 2 else shares.max(axis=1)

    def frame(self, given: pd.DataFrame) -> pd.DataFrame:
        """The model's inputs out of `given`; raises UserError naming what is wrong with it."""
        for column in self.columns:
            if column.name not in given.columns:
                allowed = ", ".join(c.name for c in self.columns)
                raise UserError(f"input column {column.name!r} is missing; wanted: {allowed}")
        try:
            return table.model_frame(given, self.columns)
        except (ValueError, TypeError):
            raise UserError(self._not_numeric(given)) from None

    def _not_numeric(self, given: pd.DataFrame) -> str:
        for column in self.columns:
            if column.kind != table.CATEGORICAL:
                values = given[column.name]
                numbers = pd.to_numeric(values, errors="coerce")
                wrong = values[numbers.isna() & values.notna()]
                if len(wrong):
                    row = list(values.index).index(wrong.index[0])
                    return (
                        f"input column {column.name!r} takes numbers; "
                        f"row {row + 1} has {wrong.iloc[0]!r}"
                    )
        return "the input columns hold values that are neither numbers nor text"


def load(store: Store, manifest: versions.Manifest) -> Predictor:
    """Load a registered version; its libraries and its digest are checked first."""
    versions.check_libraries(manifest)
    with TemporaryDirectory() as folder:
        path = versions.open_artifact(store, manifest, "artifact", Path(folder))
        return from_file(path, manifest)


def from_file(path: Path, manifest: versions.Manifest) -> Predictor:
    """The predictor of a model file whose digest has been checked."""
    return Predictor(
        estimator=joblib.load(path),
        columns=[table.Column(**column) for column in manifest["inputs"]],
        task=manifest["task"],
        version=manifest.get("version"),
    )
