"""A BentoML service, as its documentation does. MODEL names the file."""

import os
from typing import Any

import bentoml
import joblib
import pandas as pd


@bentoml.service
class Flights:
    """Answers for the model."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api(route="/invocations")
    def predict(self, instances: list[dict[str, Any]]) -> dict[str, list]:
        """Labels and scores."""
        shares = self.model.predict_proba(pd.DataFrame(instances))
        return {
            "predictions": self.model.classes_[shares.argmax(axis=1)].tolist(),
            "scores": shares[:, 1].tolist(),
        }
