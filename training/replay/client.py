"""The endpoint as the replay uses it: a server process, and predictions over HTTP."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from training.errors import UserError
from training.platform import Platform
from training.serving import address

START_SECONDS = 60.0
BATCH_ROWS = 1000
CAPTURE_SECONDS = 30.0
POLL_SECONDS = 0.05


@contextmanager
def endpoint(platform: Platform) -> Iterator[str]:
    """The URL of the stack's server; one is started, and stopped after, if none is running.

    However this process ends, the server that it started ends too.
    """
    server = address.find(platform)
    if server:
        yield server.url
        return
    log = Path(platform.store.uri) / "logs" / "serve.log"
    log.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "training.cli", "-s", platform.stack, "serve"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "--no-schedules", "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=platform.root,
        )
    with process:
        try:
            yield _await_start(platform, process, log)
        finally:
            process.terminate()


def predict(url: str, model: str, rows: pd.DataFrame) -> np.ndarray:
    """The scores of `rows`, of shape (rows,), asked for in batches over one connection."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    scores: list[float] = []
    for start in range(0, len(rows), BATCH_ROWS):
        batch = rows.iloc[start : start + BATCH_ROWS]
        connection.request(
            "POST",
            f"/models/{model}/invocations",
            body=batch.to_json(orient="split", index=False),
            headers={"Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200:
            raise UserError(f"the endpoint answered {answer.status}: {body['error']}")
        scores += body["scores"]
    connection.close()
    return np.array(scores)


def await_written(url: str, model: str) -> None:
    """Wait until every request that was captured is in a file; raises UserError after 30 s."""
    deadline = time.monotonic() + CAPTURE_SECONDS
    while True:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        connection.request("GET", f"/models/{model}/version")
        pending = json.loads(connection.getresponse().read())["pending_captures"]
        connection.close()
        if not pending:
            return
        if time.monotonic() >= deadline:
            raise UserError(
                f"the endpoint has not written {pending} captured rows within "
                f"{CAPTURE_SECONDS:g} s; its log says why"
            )
        time.sleep(POLL_SECONDS)


def _await_start(platform: Platform, process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        server = address.find(platform)
        if server:
            return server.url
        time.sleep(POLL_SECONDS)
    raise UserError(f"the endpoint did not start; its log: {log}")
