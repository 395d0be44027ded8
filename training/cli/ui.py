"""`mlops ui`."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import FrameType

from training.errors import UserError
from training.platform import default_stack, open_platform

HOST = "127.0.0.1"
# MLflow takes half a minute to start on a busy computer.
START_SECONDS = 180
POLL_SECONDS = 0.2
STOP_SECONDS = 10
# One person looks at it; each further process takes 200 MB. MLflow would start ten more for jobs,
# such as judges of language models, that no local stack has.
WORKERS = "1"
VARIABLES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--verbose", action="store_true", help="print MLflow's own log")


def run(args: argparse.Namespace) -> int:
    """Run the MLflow UI on the stack's registry until SIGINT or SIGTERM."""
    platform = open_platform(args.stack or default_stack())
    command = ["mlflow", "ui", "--backend-store-uri", platform.registry_uri, "--host", HOST]
    options = ["--port", str(args.port), "--workers", WORKERS]
    _check_free(args.port)
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.NamedTemporaryFile(prefix="mlops-ui-", suffix=".log") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, *options],
            env={**os.environ, **VARIABLES},
            stdin=subprocess.DEVNULL,
            stdout=None if args.verbose else log,
            stderr=None if args.verbose else log,
            start_new_session=True,  # a group of its own, which is ended as a whole
        )
        try:
            _await(process, f"http://{HOST}:{args.port}/health", Path(log.name))
            address = f"http://{HOST}:{args.port}"
            print(f"the model registry of {platform.stack!r}: {address}", flush=True)
            return process.wait()
        finally:
            _end(process)


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _check_free(port: int) -> None:
    """Raise UserError if something listens on `port` already: its answer is not MLflow's."""
    try:
        socket.create_server((HOST, port)).close()
    except (OSError, OverflowError) as error:
        raise UserError(f"--port {port} is not allowed: {error}; give another") from None


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until MLflow answers; raises UserError if it ends before, or never does."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(POLL_SECONDS)
    code = process.poll()
    state = f"ended with code {code}" if code is not None else f"did not answer at {url}"
    lines = log.read_text(errors="replace").strip().splitlines()[-5:]
    raise UserError("\n  ".join([f"the MLflow UI {state}; is its --port free?", *lines]))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End MLflow with all processes that it started."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
