"""The WSGI application that SageMaker's scikit-learn container serves a version with.

The container starts ``gunicorn`` on the application that SAGEMAKER_SERVING_MODULE names, with a
worker for each vCPU (sagemaker-containers 2.8.6.post2, ``_server.py``). A worker makes its
application before it accepts a request, so the first answer of every worker comes of a loaded
model, and a model that cannot be loaded ends the container. The container's own application would
be told a program by SAGEMAKER_PROGRAM, install it with pip, which needs a network, and load the
model with each worker's first request.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from training.scoring.aws_capture import Capture, capture_from
from training.scoring.scorer import Scorer, load
from training.serving.answers import Answer, problem
from training.serving.requests import JSON, MAX_BYTES

# Paths that SageMaker calls:
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
PING, INVOCATIONS = "/ping", "/invocations"
# Where SageMaker unpacks the model's archive; SM_MODEL_DIR is set in the image.
MODEL_FOLDER = "/opt/ml/model"

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, Start], Iterable[bytes]]


def application() -> Application:
    """The application of the version that the environment names, loaded and warm.

    Raises UserError if the model's file is not the registered one.
    """
    scorer = load(Path(os.environ.get("SM_MODEL_DIR", MODEL_FOLDER)), os.environ)
    capture = capture_from(os.environ)

    def serve(environ: Environ, start: Start) -> Iterable[bytes]:
        answer = _answer(scorer, environ, capture)
        status = HTTPStatus(answer.status)
        headers = [("Content-Type", JSON), ("Content-Length", str(len(answer.body)))]
        start(f"{status.value} {status.phrase}", headers)
        return [answer.body]

    return serve


def _answer(scorer: Scorer, environ: Environ, capture: Capture | None) -> Answer:
    call = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if call == ("GET", PING):
        return Answer(200, b"{}")
    if call != ("POST", INVOCATIONS):
        return Answer(404, problem(f"no {call[0]} {call[1]} here; allowed: POST {INVOCATIONS}"))
    body = environ["wsgi.input"].read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return Answer(413, problem(f"the body is larger than the {MAX_BYTES} bytes allowed"))
    content_type = environ.get("CONTENT_TYPE", "")
    answer = scorer.answer(content_type, body)
    if capture is not None and answer.status == HTTPStatus.OK:
        capture.add(content_type, body, answer)
    return answer
