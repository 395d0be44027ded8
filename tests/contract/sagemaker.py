"""SageMaker's scikit-learn container on this computer.

It is started with its own start command (sagemaker-containers, ``_server.start`` of the module
that the environment names, which is all that the image's ``serve`` does), its own pins, pip and
web server.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.contract import containers
from training.scoring.bundle import SERVING

# `serving_entrypoint` of sagemaker-scikit-learn-container, src/.../serving.py.
START = (
    "from sagemaker_containers import _env, _server; "
    "_server.start(_env.ServingEnv().framework_module)"
)
PORT, WORKERS = 8080, 2


def run_container(
    model: Path, requests: Sequence[tuple[str, Any]] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """The container started, asked and ended; its log is in stderr, the answers are in stdout."""
    python = containers.python_of("sagemaker")
    variables = {key: value.replace("/opt/ml/model", str(model)) for key, value in SERVING.items()}
    base = model.parent / "opt-ml"
    shutil.rmtree(base, ignore_errors=True)
    return containers.run_container(
        python,
        [str(python), "-c", START],
        PORT,
        "/ping",
        "/invocations",
        [("POST", kind, b if isinstance(b, str) else json.dumps(b)) for kind, b in requests],
        {
            "HOME": str(model.parent),
            # Of the image; nginx, which only passes requests on, is not on every machine.
            "SAGEMAKER_BASE_DIR": str(base),
            "SM_MODEL_DIR": str(model),
            "SAGEMAKER_USE_NGINX": "false",
            "SAGEMAKER_MODEL_SERVER_WORKERS": str(WORKERS),
            "SAGEMAKER_SERVING_MODULE": "sagemaker_sklearn_container.serving:main",
            "MLOPS_MODEL": "toys",
            **variables,
            **environment,
        },
        model,
    )


def answers(process: subprocess.CompletedProcess[str]) -> list[Any]:
    """The answers, to /ping first: status, content type, body, seconds."""
    return [
        [status, kind, json.loads(text), seconds]
        for status, kind, text, seconds in containers.answers(process)
    ]
