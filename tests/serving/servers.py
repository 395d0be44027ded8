"""A real server process of a stack."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests import warm
from training.platform import Platform
from training.serving import address

WAIT_SECONDS = 60


def command(*arguments: str, python: str | None = None) -> list[str]:
    """The command line of `mlops serve`, by a warm Python unless a test names another."""
    return [python or str(warm.programs() / "python"), "-m", "training.cli", "serve", *arguments]


def variables(**more: str) -> dict[str, str]:
    """The environment that `mlops` runs in."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **more}


class Server:
    """`mlops serve` of `platform`, by a warm Python unless a test names another.

    `process` is what was started, `pid` is the process that serves: a fork, with a warm Python.
    """

    def __init__(
        self,
        platform: Platform,
        *arguments: str,
        python: str | None = None,
        **environment: str,
    ) -> None:
        self.platform = platform
        self.log = platform.root / "server.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command(*arguments, python=python),
                cwd=platform.root,
                env=variables(**environment),
                stdout=log,
                stderr=log,
            )
        until(lambda: self._listens() or self.process.poll() is not None)
        server_address = address.find(platform)
        assert server_address is not None, self.log.read_text()
        self.pid = server_address.pid
        assert python != sys.executable or self.pid == self.process.pid, self.log.read_text()
        self.url = server_address.url

    def _listens(self) -> bool:
        return address.find(self.platform) is not None

    def logged(self) -> str:
        """What the server printed."""
        return self.log.read_text()

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """Status and JSON (or text) of a GET."""
        return call(Request(self.url + path, headers=headers))

    def post(
        self, body: Any, path: str = "/invocations", kind: str = "application/json"
    ) -> tuple[int, Any]:
        """Status and JSON of a POST; what is not bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return call(Request(self.url + path, data, {"content-type": kind}, method="POST"))

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        if self.process.poll() is None:
            os.kill(self.pid, number)
        return self.process.wait(WAIT_SECONDS)


def call(request: Request) -> tuple[int, Any]:
    """Status and body of any request; JSON is read."""
    try:
        with urlopen(request, timeout=WAIT_SECONDS) as answer:
            return answer.status, _content(answer)
    except HTTPError as error:
        with error:
            return error.code, _content(error)


def _content(answer: Any) -> Any:
    text = answer.read().decode()
    return json.loads(text) if "json" in answer.headers["content-type"] else text


def until(true: Callable[[], Any], seconds: float = WAIT_SECONDS, pause: float = 0.02) -> Any:
    """Wait for something true, and return it; `pause` is between two looks."""
    end = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(pause)
    return value
