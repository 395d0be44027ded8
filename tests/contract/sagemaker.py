"""SageMaker's scikit-learn container on this computer, with nothing but itself on its network.

It is started with its own start command (sagemaker-containers, ``_server.start`` of the module
that the environment names, which is all that the image's ``serve`` does), its own pins, pip and
web server. `make .venv/sagemaker/.done` installs them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from training.scoring.bundle import SERVING

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "sagemaker" / "bin" / "python"
# `serving_entrypoint` of sagemaker-scikit-learn-container, src/.../serving.py.
START = (
    "from sagemaker_containers import _env, _server; "
    "_server.start(_env.ServingEnv().framework_module)"
)
# Alone in a network namespace, with its loopback up; as root in a namespace of users if need be.
ISOLATED = ["unshare", "--net", "--user", "--map-root-user", "--kill-child", "--fork", "--pid"]
WORKERS = 2
# Runs inside the namespace: brings loopback up, starts the container, asks, prints the answers.
CLIENT = """
import http.client, json, socket, struct, fcntl, subprocess, sys, time
def up():
    with socket.socket() as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))
up()
order = json.load(sys.stdin)
server = subprocess.Popen(order["command"], stdout=sys.stderr)
def ask(method, path, body=None, kind=None):
    link = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
    begun = time.perf_counter()
    link.request(method, path, body, {"content-type": kind} if kind else {})
    got = link.getresponse()
    text = got.read().decode()
    return [got.status, got.headers.get("content-type"), text, time.perf_counter() - begun]
for _ in range(600):
    if server.poll() is not None:
        sys.exit(f"the container ended with {server.poll()}")
    try:
        ping = ask("GET", "/ping")
        break
    except OSError:
        time.sleep(0.1)
answers = [ask("POST", "/invocations", body, kind) for kind, body in order["requests"]]
print(json.dumps([ping, *answers]))
server.terminate()
"""


def needs() -> None:
    """Skip where the container cannot be started alone, and say why."""
    if (
        sys.platform != "linux"
        or subprocess.run([*ISOLATED, "true"], capture_output=True).returncode
    ):
        pytest.skip("this machine gives no network namespace (unshare --net --user)")
    if not PYTHON.exists():
        pytest.skip("`make .venv/sagemaker/.done` could not install SageMaker's serving software")


def started(
    model: Path, requests: Sequence[tuple[str, Any]] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """The container started, asked and ended; its log is in stderr, the answers are in stdout."""
    needs()
    given = {key: value.replace("/opt/ml/model", str(model)) for key, value in SERVING.items()}
    bodies = [(kind, b if isinstance(b, str) else json.dumps(b)) for kind, b in requests]
    start = [str(PYTHON), "-c", START]
    base = model.parent / "opt-ml"
    shutil.rmtree(base, ignore_errors=True)
    return subprocess.run(
        [*ISOLATED, str(PYTHON), "-c", CLIENT],
        input=json.dumps({"command": start, "requests": bodies}),
        env={
            "PATH": f"{PYTHON.parent}:{os.environ['PATH']}",
            "HOME": str(model.parent),
            # Of the image; nginx, which only passes requests on, is not on every machine.
            "SAGEMAKER_BASE_DIR": str(base),
            "SM_MODEL_DIR": str(model),
            "SAGEMAKER_USE_NGINX": "false",
            "SAGEMAKER_MODEL_SERVER_WORKERS": str(WORKERS),
            "SAGEMAKER_SERVING_MODULE": "sagemaker_sklearn_container.serving:main",
            "MLOPS_MODEL": "toys",
            **given,
            **environment,
        },
        cwd=model,
        capture_output=True,
        text=True,
        timeout=120,
    )


def answers(done: subprocess.CompletedProcess[str]) -> list[Any]:
    """The answers, to /ping first: status, content type, body, seconds."""
    assert done.returncode == 0, done.stderr
    return [
        [status, kind, json.loads(text), seconds]
        for status, kind, text, seconds in json.loads(done.stdout)
    ]
