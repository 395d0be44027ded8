"""The scoring script of Azure's documentation ("Deploy and score a model by using an online
endpoint"): the model in a global variable, JSON into the model. AZUREML_MODEL_DIR has the file."""

import json
import os

import joblib
import pandas as pd


def init() -> None:
    """Load the model."""
    global model
    model = joblib.load(os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.joblib"))


def run(raw_data: str) -> list:
    """Scores of the rows."""
    data = json.loads(raw_data)["instances"]
    return model.predict_proba(pd.DataFrame(data))[:, 1].tolist()
