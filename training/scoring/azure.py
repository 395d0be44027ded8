"""Entry points for the inference server of Azure ML's curated environments: ``init`` and ``run``.

The server hands a request over as it came where `run` is marked with ``rawhttp``, and takes an
answer with its status (github.com/microsoft/azureml-inference-server, ``aml_request.py``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from azureml.contrib.services.aml_request import (  # pyright: ignore[reportMissingImports]
    rawhttp,
)
from azureml.contrib.services.aml_response import (  # pyright: ignore[reportMissingImports]
    AMLResponse,
)

from training.pipeline import RESULT
from training.scoring.scorer import Scorer, load
from training.serving.answers import problem

FOLDER = "AZUREML_MODEL_DIR"

_scorer: Scorer | None = None


def init() -> None:
    """Load the version that the model asset holds; called once before the first request."""
    global _scorer
    result_file = next(Path(os.environ[FOLDER]).rglob(RESULT))
    _scorer = load(result_file.parent, os.environ)


@rawhttp
def run(request: Any) -> Any:
    """Answer a request."""
    assert _scorer is not None, "the server calls init first"
    if request.method != "POST":
        return _response(405, problem("send a POST request with JSON or CSV"))
    answer = _scorer.answer(request.content_type or "", request.get_data())
    return _response(answer.status, answer.body)


def _response(status: int, body: bytes) -> Any:
    response = AMLResponse(body, status)
    response.headers["content-type"] = "application/json"
    return response
