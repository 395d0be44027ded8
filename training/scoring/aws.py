"""What SageMaker's scikit-learn container calls: the four functions of its ``inference.py``.

The container takes a Flask response as it is, so an answer keeps its status
(https://github.com/aws/sagemaker-scikit-learn-container, `serving.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Response

from training.scoring.scorer import Scorer, load
from training.serving.answers import Answer
from training.serving.requests import JSON

Given = tuple[str, bytes]


def model_fn(model_dir: str) -> Scorer:
    """The version in the folder that ``model.tar.gz`` was unpacked to."""
    return load(Path(model_dir), os.environ)


def input_fn(body: bytes | str, content_type: str) -> Given:
    """The request as it came: only the model knows the columns."""
    return content_type, body if isinstance(body, bytes) else body.encode()


def predict_fn(given: Given, scorer: Scorer) -> Answer:
    """The answer of the model."""
    return scorer.answer(*given)


def output_fn(answer: Answer, accept: str) -> Response:
    """The answer with its status; always JSON."""
    return Response(answer.body, answer.status, mimetype=JSON)
