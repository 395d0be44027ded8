"""FastAPI with pandas, as tutorials do. MODEL names the file."""

import os
from typing import Any

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["MODEL"])


class Request(BaseModel):
    """Rows to predict."""

    instances: list[dict[str, Any]]


@app.post("/invocations")
def predict(request: Request) -> dict[str, list]:
    """Labels and scores."""
    frame = pd.DataFrame(request.instances)
    shares = model.predict_proba(frame)
    return {
        "predictions": model.classes_[shares.argmax(axis=1)].tolist(),
        "scores": shares[:, 1].tolist(),
    }
