"""The state of a stack for the console, however slowly its services answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from training import clients, clock

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """The newest state that could be had.

    Args:
        state: What `State.page` returned; None before the first answer.
        asking_since: The moment since which the services are asked for a newer one, if they are.
        error: The reason that the last attempt gave none; empty if it did.
    """

    state: dict[str, Any] | None
    asking_since: str | None
    error: str


class Snapshot:
    """Collects beside the requests, one at a time, once somebody asks and what is there is old."""

    def __init__(self, collect: Callable[[], dict[str, Any]], fresh_seconds: float) -> None:
        self._collect = collect
        self._fresh_seconds = fresh_seconds
        self._lock = threading.Lock()
        self._state: dict[str, Any] | None = None
        self._end = -float("inf")
        self._asking_since: str | None = None
        self._over = threading.Event()
        self._error = ""
        self._generation = 0

    def look(self, patience: float) -> Look:
        """The state; one that is being collected is waited for as long as `patience`, seconds."""
        with self._lock:
            is_old = time.monotonic() - self._end >= self._fresh_seconds
            if is_old and self._asking_since is None:
                self._asking_since = clock.text(clock.now())
                self._over = threading.Event()
                threading.Thread(target=self._run, name="collecting", daemon=True).start()
            over = self._over if self._asking_since else None
        if over is not None:
            over.wait(patience)
        with self._lock:
            return Look(self._state, self._asking_since, self._error)

    def forget(self) -> None:
        """Ask again at the next look: something was changed."""
        with self._lock:
            self._end = -float("inf")
            self._generation += 1

    def _run(self) -> None:
        generation, state, error = self._generation, None, ""
        try:
            state = self._collect()
        except Exception as failure:
            reason = clients.explained(failure)
            if reason is None:
                log.exception("the state of the stack could not be collected")
                reason = "it failed; the console's terminal says why"
            error = reason
        with self._lock:
            self._state, self._error = state or self._state, error
            if generation == self._generation:  # else something was changed meanwhile
                self._end = time.monotonic()
            self._asking_since = None
        self._over.set()
