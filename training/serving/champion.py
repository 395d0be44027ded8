"""Shows the served champion in the model registry, from a process of its own.

The registry's library takes seconds to import and hundreds of megabytes: nothing for the
process that answers requests. Its process is kept while releases follow one another closely,
and ended when none comes. The release record alone decides; the registry shows it.

Protocol: JSON lines. In: ``[model, version]``; out: the reason why the registry does not show it,
empty if it does.
"""

from __future__ import annotations

import json
import logging
import select
import subprocess
import sys
import threading
from queue import Empty, SimpleQueue

from training import priority
from training.registry import open_registry
from training.serving.alias import aliased_version

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 120
STOP_SECONDS = 15
LINGER_SECONDS = 15


class Marker:
    """Marks champions one after another; a failure is logged, the next release tries again."""

    def __init__(self, registry_uri: str) -> None:
        self._registry_uri = registry_uri
        self._requests: SimpleQueue[tuple[str, int] | None] = SimpleQueue()
        self._process: subprocess.Popen[str] | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="registry", daemon=True)

    def start(self) -> None:
        """Begin to mark what is asked for."""
        self._thread.start()

    def mark(self, model: str, version: int) -> None:
        """Ask for `version` to be shown as the champion of `model`."""
        self._requests.put((model, version))

    def stop(self) -> None:
        """End after what is under way, or without it: the next start marks what is served again."""
        self._requests.put(None)
        self._thread.join(STOP_SECONDS)
        self._stopped.set()
        if process := self._process:
            process.kill()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while True:
            try:
                request = self._requests.get(timeout=LINGER_SECONDS)
            except Empty:
                self._end()
                continue
            if request is None or self._stopped.is_set():
                self._end()
                return
            reason = self._mark(*request)
            if reason:
                log.error("model %s: registry does not show version %d: %s", *request, reason)

    def _mark(self, model: str, version: int) -> str:
        """The reason that the registry does not show the version; empty if it does."""
        if aliased_version(self._registry_uri, model) == version:  # as at most starts
            return ""
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, self._registry_uri],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        try:
            print(json.dumps([model, version]), file=process.stdin, flush=True)
            readable, _, _ = select.select([process.stdout], [], [], TIMEOUT_SECONDS)
            line = process.stdout.readline() if readable else ""
        except BrokenPipeError:
            line = ""
        if line:
            return json.loads(line)
        process.kill()
        self._end()
        return f"its process ended, or did not answer in {TIMEOUT_SECONDS} s"

    def _end(self) -> None:
        if self._process is not None:
            self._process.communicate()  # closes its input, which ends it
            self._process = None


def main(registry_uri: str) -> None:
    """Mark the champions that are asked for; requests have the processor first."""
    priority.lower()
    registry = None
    for line in sys.stdin:
        model, version = json.loads(line)
        try:
            registry = registry or open_registry(registry_uri)
            registry.mark_champion(model, version)
            reason = ""
        except Exception as error:  # whatever it is, the next one may do
            reason = f"{type(error).__name__}: {error}"
        print(json.dumps(reason), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
