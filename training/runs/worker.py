"""A handle on the warm process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from training.errors import UserError

# The code package comes first on the path, so that a run uses what was deployed, not what
# happens to stand in the working tree.
PROGRAM = (
    "import sys; sys.path[0] = {package!r}; from training.runs import warm; warm.main({preload!r})"
)


class Worker:
    """The warm process of a code package; a context manager, to be used for many steps."""

    def __init__(self, package: Path, cwd: Path, preload: list[str]) -> None:
        # One processor is left to the endpoint: OpenMP's threads wait by spinning, so a training
        # that counts on a processor it does not get takes many times as long.
        threads = max(1, (os.cpu_count() or 2) - 1)
        environment = {"OMP_NUM_THREADS": str(threads), **os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(package=str(package), preload=preload)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=cwd,
            env=environment,
            text=True,
            # An interrupt is for the runner to handle: it then ends this process by its input.
            start_new_session=True,
        )
        self._answer("its imports")

    def run(self, step: str, arguments: list[str], log: Path) -> int:
        """Run a step to its end and return its exit code; its output is appended to `log`."""
        request = {"step": step, "arguments": arguments, "log": str(log)}
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            print(json.dumps(request), file=self._process.stdin, flush=True)
        return self._answer(f"step {step!r}")["exit"]

    def _answer(self, activity: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise UserError(
                f"the warm process ended with exit code {self._process.wait()} at {activity}; "
                "its errors stand above"
            )
        return json.loads(line)

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
