"""Answers of an endpoint, in JSON, the same on every target."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from training.predictor import Predictor
from training.serving import json_rows
from training.serving.input_values import RequestError
from training.serving.requests import Inputs


@dataclass(frozen=True)
class Answer:
    """A response to a client: an HTTP status and a JSON body."""

    status: int
    body: bytes


def predict(predictor: Predictor, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and scores; raises RequestError for values that the model does not take."""
    try:
        return predictor.predict(inputs)
    except ValueError as error:
        # scikit-learn's word for input it does not take, such as missing values.
        reason = str(error).strip().split("\n")[0][:300]
        raise RequestError(f"the model cannot take these values: {reason}") from error


def predicted(
    predictions: np.ndarray, scores: np.ndarray, model: str, version: int | None, request: str
) -> bytes:
    """The body of an answer: predictions and scores of the rows, and who made them."""
    answer = {
        "predictions": _plain(predictions),
        "scores": _plain(scores),
        "model": model,
        "version": version,
        "request_id": request,
    }
    return json_rows.dump(answer)


def no_release(model: str) -> str:
    """The message of an endpoint without a released version."""
    return f"no model released yet: {model!r} waits for its first version"


def problem(message: str) -> bytes:
    """The body of an answer that is not a prediction."""
    return json.dumps({"error": message}).encode()


def _plain(values: np.ndarray) -> list[object]:
    """Python values that JSON has; what is not finite becomes None."""
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return [value if np.isfinite(value) else None for value in values.tolist()]
    return values.tolist()
