"""Webhooks: alarm events posted as JSON to the receivers of the stack, beside all else.

A receiver is a URL, or ``env:NAME`` for one that the server's environment holds: a URL with a
secret in it belongs neither into settings nor into a store or log.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from training.serving import formats

log = logging.getLogger(__name__)

ENVIRONMENT = "env:"
TIMEOUT_SECONDS = 3.0
RETRY_SECONDS = (1.0, 2.0)
STOP_SECONDS = 10.0
MAX_WAITING = 1000


class Webhooks:
    """Posts in a thread of its own, one after another, each up to three times."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, dict[str, Any]] | None] = queue.Queue(MAX_WAITING)
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

    def post(self, receivers: Sequence[str], event: dict[str, Any]) -> None:
        """Post `event` to all `receivers`, soon."""
        for receiver in receivers:
            try:
                self._waiting.put_nowait((receiver, event))
            except queue.Full:
                log.error("webhook %s: too many wait, an event is lost", host(receiver))

    def _run(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            self._deliver(*waiting)

    def _deliver(self, receiver: str, event: dict[str, Any]) -> None:
        for pause in (*RETRY_SECONDS, None):
            error = post_once(receiver, event)
            if error is None:
                return
            # A variable that is not set will not be set in a second.
            if pause is None or _url(receiver) is None or self._stopping.wait(pause):
                log.error("webhook %s failed: %s", host(receiver), error)
                return


def post_once(receiver: str, event: dict[str, Any]) -> str | None:
    """Post an event to a receiver, without trying again; why it failed, None if it did not."""
    url = _url(receiver)
    if url is None:
        return f"environment variable {receiver.removeprefix(ENVIRONMENT)} is not set"
    return _failure(url, event)


def _url(receiver: str) -> str | None:
    if receiver.startswith(ENVIRONMENT):
        return os.environ.get(receiver.removeprefix(ENVIRONMENT)) or None
    return receiver


def _failure(url: str, event: dict[str, Any]) -> str | None:
    headers = {"content-type": "application/json", "user-agent": "mlops"}
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            return "not an http or https URL"
        content = json.dumps(formats.body(url, event)).encode()
        request = urllib.request.Request(url, content, headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            return None
    except HTTPError as error:
        error.close()
        return str(error)
    except OSError as error:
        return str(error)
    except (ValueError, HTTPException) as error:
        # What these say may quote the URL.
        return f"not a URL, or no HTTP answer ({type(error).__name__})"


def host(receiver: str) -> str:
    """The receiver without its path: that is often a secret."""
    if receiver.startswith(ENVIRONMENT):
        return receiver
    try:
        return urlsplit(receiver).hostname or "without a host"
    except ValueError:
        return "without a host"
