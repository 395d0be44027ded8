"""More processes of one server: each answers predictions at the same port.

The first process does all else: it watches, schedules, tells alarms and shows the pages. Workers
inherit its socket, follow releases and capture by themselves, and send it what it counts: their
numbers are at most `REPORT_SECONDS` old there. A worker that ends is started again; all end with
the first process, however that ends.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from training.serving.endpoint import Endpoint
from training.serving.stats import RequestRecord

log = logging.getLogger(__name__)

REPORT_SECONDS = 0.05
WATCH_SECONDS = 1.0
# A worker that does not live so long is started again only after it.
SHORT_LIFE_SECONDS = 10.0
# Requests under way at a stop, then captures that wait, get this long.
STOP_SECONDS = 20.0


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    reports: threading.Thread
    start_time: float


class Workers:
    """The workers of a server; numbered from 2, since the server's own process answers too.

    Args:
        arguments: The options of `training.serving.worker`.
        listening: The socket that all processes take connections from.
        endpoints: The endpoints of this process, which count for all.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        listening: socket.socket,
        endpoints: Mapping[str, Endpoint],
    ) -> None:
        self._arguments = arguments
        self._listening = listening
        self._endpoints = endpoints
        self._workers: dict[int, _Worker] = {}
        self._lock = threading.Lock()
        self._stopping = False

    def ensure(self, count: int) -> None:
        """Have `count` processes answer, this one among them; starts and ends others."""
        with self._lock:
            if self._stopping:
                return
            numbers = range(2, count + 1)
            for number in [number for number in self._workers if number not in numbers]:
                self._workers.pop(number).process.terminate()
            for number in numbers:
                worker = self._workers.get(number)
                if worker is None:
                    self._workers[number] = self._start(number)
                elif worker.process.poll() is not None:
                    if time.monotonic() - worker.start_time < SHORT_LIFE_SECONDS:
                        continue
                    code = worker.process.returncode
                    log.error(
                        "worker %d ended with exit code %d: it is started again", number, code
                    )
                    self._workers[number] = self._start(number)

    def ask_to_stop(self) -> None:
        """Have all workers end once what they have begun is answered."""
        self._stopping = True
        for worker in list(self._workers.values()):
            worker.process.terminate()

    def stop(self) -> None:
        """End all workers; returns when they have ended."""
        with self._lock:
            self.ask_to_stop()
            deadline = time.monotonic() + STOP_SECONDS
            for number, worker in self._workers.items():
                try:
                    worker.process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.error("worker %d does not end: it is killed", number)
                    worker.process.kill()
                    worker.process.wait()
                worker.reports.join()

    def _start(self, number: int) -> _Worker:
        own_end, worker_end = socket.socketpair()
        descriptors = (self._listening.fileno(), worker_end.fileno())
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "training.serving.worker"),
                *map(str, (*descriptors, number)),
                *self._arguments,
            ],
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
        )
        worker_end.close()
        name = f"reports of worker {number}"
        reports = threading.Thread(
            target=self._receive, args=(process.pid, own_end), name=name, daemon=True
        )
        reports.start()
        return _Worker(process, reports, time.monotonic())

    def _receive(self, process: int, channel: socket.socket) -> None:
        """Count what a worker reports, until it ends."""
        with channel, channel.makefile("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break  # killed in the middle of it
                report = json.loads(line)
                for model, record in report["answered"]:
                    self._endpoints[model].count(RequestRecord(*record))
                for model, description in report["described"].items():
                    self._endpoints[model].elsewhere[process] = description
        for endpoint in self._endpoints.values():
            endpoint.elsewhere.pop(process, None)


class Reporter:
    """A worker's reports to the first process."""

    def __init__(self, channel: socket.socket, endpoints: Mapping[str, Endpoint]) -> None:
        self._channel = channel
        self._endpoints = endpoints
        self._lock = threading.Lock()
        self._records: list[tuple[str, RequestRecord]] = []
        self._described: dict[str, dict[str, object]] = {}

    def add(self, model: str, record: RequestRecord) -> None:
        """Report a request that this process answered."""
        with self._lock:
            self._records.append((model, record))

    def send(self) -> None:
        """Send what is new."""
        described = {name: e.describe_own() for name, e in self._endpoints.items()}
        with self._lock:
            records, self._records = self._records, []
        if not records and described == self._described:
            return
        self._described = described
        report = {"answered": records, "described": described}
        with suppress(BrokenPipeError):  # the first process has ended, and so does this one
            self._channel.sendall(json.dumps(report).encode() + b"\n")

    def await_end(self) -> None:
        """Stop this process once the first one has ended: nothing else ends the channel."""
        with suppress(ConnectionResetError):  # killed before it had read all
            while self._channel.recv(1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)
