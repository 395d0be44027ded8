"""The columns of captured requests, beside the model's own inputs."""

from __future__ import annotations

REQUEST, TIME, VERSION = "request_id", "captured_at", "model_version"
PREDICTION, SCORE = "prediction", "prediction_score"
RESERVED = (REQUEST, TIME, VERSION, PREDICTION, SCORE)
