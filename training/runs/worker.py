"""A handle on the warm process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from training.errors import UserError

# The code package comes first on the path, so that a run uses what was deployed, not what
# happens to stand in the working tree.
PROGRAM = (
    "import sys; sys.path[0] = {package!r}; from training.runs import warm; warm.main({preload!r})"
)


class Worker:
    """The warm process of a code package; a context manager, to be used for many steps."""

    def __init__(self, package: Path, cwd: Path, preload: list[str]) -> None:
        # Idle OpenMP threads must sleep, not spin: steps share the machine with the endpoint.
        environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}
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

    def run(self, step: str, arguments: list[str], log: Path) -> int:
        """Run a step to its end and return its exit code; its output is appended to `log`."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        request = {"step": step, "arguments": arguments, "log": str(log)}
        try:
            print(json.dumps(request), file=process.stdin, flush=True)
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise UserError(
                f"the warm process ended with exit code {process.wait()} at step {step!r}; "
                "its errors stand above"
            )
        return json.loads(answer)["exit"]

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
