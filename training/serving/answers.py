"""What an endpoint answers, in JSON, the same on every target."""

from __future__ import annotations

import json

import numpy as np


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
    return json.dumps(answer, allow_nan=False).encode()


def problem(message: str) -> bytes:
    """The body of an answer that is not a prediction."""
    return json.dumps({"error": message}).encode()


def _plain(values: np.ndarray) -> list[object]:
    """Python values that JSON has; what is not finite becomes None."""
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return [value if np.isfinite(value) else None for value in values.tolist()]
    return values.tolist()
