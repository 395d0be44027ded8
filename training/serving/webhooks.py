"""Webhooks: alarm events sent to the receivers of the stack, beside all else.

A receiver is a URL that JSON is posted to, or ``env:NAME`` for one that the server's environment
holds: a URL with a secret in it belongs neither into settings nor into a store or log. Or it is
``mailto:ADDRESS`` (`training.serving.mail`).
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from training.serving import formats, mail
from training.serving.failure import Failure

log = logging.getLogger(__name__)

ENVIRONMENT = "env:"
TIMEOUT_SECONDS = 3.0
RETRY_SECONDS = (1.0, 2.0)
STOP_SECONDS = 10.0
MAX_WAITING = 1000
# Of the answers 4XX those that say to try again: RFC 9110, RFC 6585.
BUSY = (408, 425, 429)


# Called with a receiver that took an event, or with one that refused it for good and the reason.
Settled = Callable[[str, str], None]


class Webhooks:
    """Posts in a thread of its own, one after another, each up to three times."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, dict[str, Any], Settled] | None] = queue.Queue(
            MAX_WAITING
        )
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

    def post(self, receivers: Sequence[str], event: dict[str, Any], settled: Settled) -> None:
        """Post `event` to all `receivers`, soon; `settled` is called in the thread that posts."""
        for receiver in receivers:
            try:
                self._waiting.put_nowait((receiver, event, settled))
            except queue.Full:
                log.error("webhook %s: too many wait, an event is lost", host(receiver))

    def _run(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            self._deliver(*waiting)

    def _deliver(self, receiver: str, event: dict[str, Any], settled: Settled) -> None:
        for pause in (*RETRY_SECONDS, None):
            failure = post_once(receiver, event)
            # A variable may be set for the next process.
            if failure is None or (failure.is_final and _url(receiver)):
                settled(receiver, str(failure or ""))
            if failure is None:
                return
            if pause is None or failure.is_final or self._stopping.wait(pause):
                log.error("webhook %s failed: %s", host(receiver), failure)
                return


def post_once(receiver: str, event: dict[str, Any]) -> Failure | None:
    """Send an event to a receiver, without trying again; why it failed, None if it did not."""
    if receiver.startswith(mail.SCHEME):
        return mail.send(receiver.removeprefix(mail.SCHEME), event)
    url = _url(receiver)
    if url is None:
        name = receiver.removeprefix(ENVIRONMENT)
        # It will not be set in a second.
        return Failure(f"environment variable {name} is not set", is_final=True)
    try:
        posts = formats.posts(url, event)
    except ValueError:
        return Failure("not a URL", is_final=True)
    failures = (_failure(address, body) for address, body in posts)
    return next((failure for failure in failures if failure), None)


def _url(receiver: str) -> str | None:
    if receiver.startswith(ENVIRONMENT):
        return os.environ.get(receiver.removeprefix(ENVIRONMENT)) or None
    return receiver


def _failure(url: str, body: dict[str, Any]) -> Failure | None:
    headers = {"content-type": "application/json", "user-agent": "mlops"}
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            return Failure("not an http or https URL", is_final=True)
        content = json.dumps(body).encode()
        request = urllib.request.Request(url, content, headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            return None
    except HTTPError as error:
        error.close()
        return Failure(str(error), is_final=400 <= error.code < 500 and error.code not in BUSY)
    except OSError as error:
        return Failure(str(error))
    except (ValueError, HTTPException) as error:
        # What these say may quote the URL.
        return Failure(f"not a URL, or no HTTP answer ({type(error).__name__})")


def host(receiver: str) -> str:
    """The receiver without its path: that is often a secret."""
    if receiver.startswith(ENVIRONMENT):
        return receiver
    if receiver.startswith(mail.SCHEME):
        return receiver.removeprefix(mail.SCHEME)
    try:
        return urlsplit(receiver).hostname or "without a host"
    except ValueError:
        return "without a host"
