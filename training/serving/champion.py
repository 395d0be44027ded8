"""Shows the served champion in the model registry, as a process of its own.

The registry's library takes seconds to import and hundreds of megabytes: nothing for the
process that answers requests. The release record alone decides; the registry shows it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from queue import SimpleQueue

from training.registry import open_registry

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 120
STOP_SECONDS = 15


class Marker:
    """Marks champions one after another; a failure is logged, the next release tries again."""

    def __init__(self, registry_uri: str) -> None:
        self._registry_uri = registry_uri
        self._wanted: SimpleQueue[tuple[str, int] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="registry", daemon=True)

    def start(self) -> None:
        """Begin to mark what is asked for."""
        self._thread.start()

    def mark(self, model: str, version: int) -> None:
        """Ask for `version` to be shown as the champion of `model`."""
        self._wanted.put((model, version))

    def stop(self) -> None:
        """End after what is under way."""
        self._wanted.put(None)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            model, version = wanted
            command = [sys.executable, "-m", __name__, self._registry_uri, model, str(version)]
            try:
                subprocess.run(
                    command, check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS
                )
            except subprocess.CalledProcessError as error:
                reason = error.stderr.strip().split("\n")[-1]
                log.error("model %s: registry does not show version %d: %s", *wanted, reason)
            except subprocess.TimeoutExpired:
                log.error("model %s: registry did not answer in %d s", model, TIMEOUT_SECONDS)


def main(registry_uri: str, model: str, version: str) -> None:
    """Mark one champion; requests have the processor first."""
    os.nice(10)
    open_registry(registry_uri).mark_champion(model, int(version))


if __name__ == "__main__":
    main(*sys.argv[1:])
