"""Work beside the request path: one thread that repeats one function."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack

log = logging.getLogger(__name__)


class Repeater:
    """Calls `work` every `seconds`, or at once when woken, until stopped.

    An error is logged with its traceback and the next turn comes as usual: what fails beside
    the endpoint must not end it.
    """

    def __init__(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        self._seconds = seconds
        self._work = work
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first turn comes at once."""
        self._thread.start()

    def wake(self) -> None:
        """Take the next turn now."""
        self._wake.set()

    def stop(self) -> None:
        """End after the turn that is under way; returns when it has ended."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
            except Exception:
                log.exception("%s failed; it is tried again", self._thread.name)
            self._wake.wait(self._seconds)
            self._wake.clear()


def repeat(stack: ExitStack, name: str, seconds: float, work: Callable[[], object]) -> None:
    """Repeat `work` every `seconds` until `stack` is closed."""
    repeater = Repeater(name, seconds, work)
    repeater.start()
    stack.callback(repeater.stop)
