"""The watcher: a process beside the server that tells when the server is gone.

The server's own monitor dies with it. This process sees the server end, by a pipe that the kernel
closes, or hang, by a heartbeat that gets old, and tells the alarm ``endpoint-down`` in the same
journal and to the same receivers. The next server reads there that it was told, and tells its end.
What ends both at once (the computer, a container) is for a look from elsewhere:
``mlops status --exit-code``.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from training.errors import UserError
from training.monitoring import local as monitoring
from training.monitoring.rules import Metric
from training.platform import Platform, open_platform
from training.serving import logs
from training.serving.monitor import Monitor
from training.serving.webhooks import Webhooks

log = logging.getLogger(__name__)

SECONDS = 2.0
# A notice that is being posted gets this long.
STOP_SECONDS = 10.0
# The server's end is seen at once, its last heartbeat gets old a little later.
LAST_LOOKS = 1 + round((monitoring.STALE_SECONDS + SECONDS) / SECONDS)


class Watched:
    """The watcher of this process, as long as it serves; started again if it ends."""

    def __init__(self, stack: str, root: str) -> None:
        self._command = [sys.executable, "-m", __name__, stack, logs.form()]
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        # Only this process has the writing end: it closes however the process ends.
        self._reading, self._writing = os.pipe()

    def ensure(self) -> None:
        """Start the watcher unless it runs."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._command,
                stdin=self._reading,
                cwd=self._root,
                start_new_session=True,  # what ends the server's group is to be told
            )

    def stop(self) -> None:
        """End the watcher: the server stops in order, which is no outage."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
            self._process.kill()
            self._process.wait()
        os.close(self._writing)
        os.close(self._reading)


def watch(platform: Platform, lifeline: int) -> None:
    """Look until the server that holds the other end of `lifeline` is gone, and tell that."""
    webhooks = Webhooks()
    webhooks.start()
    metrics = {Metric.ENDPOINT_DOWN.value}
    monitors = [Monitor(platform, model, webhooks, None, metrics) for model in platform.models]
    try:
        while not _is_closed(lifeline, SECONDS):
            _look(monitors)
        for _ in range(LAST_LOOKS):
            time.sleep(SECONDS)
            _look(monitors)
    finally:
        webhooks.stop()


def _look(monitors: list[Monitor]) -> None:
    for monitor in monitors:
        try:
            monitor.check()
        except (UserError, KeyError, OSError) as error:
            log.warning("the watcher could not look: %s", error)


def _is_closed(lifeline: int, seconds: float) -> bool:
    """True if the other end is closed; waits for it as long as `seconds`."""
    readable, _, _ = select.select([lifeline], [], [], seconds)
    return bool(readable)


def _end(*_: object) -> None:
    raise SystemExit(0)


def main() -> int:
    """Watch the server of the stack named on the command line, which holds standard input."""
    signal.signal(signal.SIGTERM, _end)
    logs.configure(sys.argv[2])
    platform = open_platform(sys.argv[1])
    logs.keep(Path(platform.store.uri), logs.WATCHER)
    watch(platform, sys.stdin.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
