"""Webhooks: alarm events posted as JSON to the receivers of the stack, beside all else."""

from __future__ import annotations

import json
import logging
import queue
import threading
import urllib.request
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3.0
RETRY_SECONDS = (1.0, 2.0)
STOP_SECONDS = 10.0
MAX_WAITING = 1000


class Webhooks:
    """Posts in a thread of its own, one after another, each up to three times."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, bytes] | None] = queue.Queue(MAX_WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to post."""
        self._thread.start()

    def stop(self) -> None:
        """Post what waits without trying again, and end."""
        self._stopping.set()
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(STOP_SECONDS)

    def post(self, urls: Sequence[str], event: dict[str, Any]) -> None:
        """Post `event` to all `urls`, soon."""
        content = json.dumps(event).encode()
        for url in urls:
            try:
                self._waiting.put_nowait((url, content))
            except queue.Full:
                log.error("webhook %s: too many wait, an event is lost", _shown(url))

    def _run(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            self._deliver(*waiting)

    def _deliver(self, url: str, content: bytes) -> None:
        for pause in (*RETRY_SECONDS, None):
            error = _failure(url, content)
            if error is None:
                return
            if pause is None or self._stopping.wait(pause):
                log.error("webhook %s failed: %s", _shown(url), error)
                return


def _failure(url: str, content: bytes) -> str | None:
    """Post once; why it failed, None if it did not."""
    if urlsplit(url).scheme not in ("http", "https"):
        return "not an http or https URL"
    headers = {"content-type": "application/json", "user-agent": "mlops"}
    try:
        request = urllib.request.Request(url, content, headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            return None
    except (OSError, ValueError) as error:  # HTTPError and URLError are OSErrors
        return str(error)


def _shown(url: str) -> str:
    """The receiver without its path: that is often a secret."""
    return str(urlsplit(url).hostname)
