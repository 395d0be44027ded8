"""Progress lines on standard error for the set-up tools. Standard library only."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HEARTBEAT_SECONDS = 20.0
TERMINAL_REFRESH_SECONDS = 0.5


class SetupError(Exception):
    """Something the user has to know and act on; its text is the whole message."""


class Step:
    """One line of progress. `note` is shown while the step runs."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.note = ""
        self.result = ""
        self._start = time.monotonic()
        self._beats = 0
        self._end = threading.Event()

    def seconds(self) -> float:
        return time.monotonic() - self._start

    def _beat(self, terminal: bool) -> None:
        period = TERMINAL_REFRESH_SECONDS if terminal else HEARTBEAT_SECONDS
        while not self._end.wait(period):
            state = f"{self.seconds():.0f} s" + (f", {self.note}" if self.note else "")
            line = f"\r\033[K{self.text}: {state}" if terminal else f"\n  {state}"
            print(line, end="", file=sys.stderr, flush=True)
            self._beats += 1


@contextmanager
def step(text: str) -> Iterator[Step]:
    """Print what is being done, keep it alive while it lasts, and how long it took."""
    current, terminal = Step(text), sys.stderr.isatty()
    print(f"{text}: ", end="", file=sys.stderr, flush=True)
    beat = threading.Thread(target=current._beat, args=(terminal,), daemon=True)
    beat.start()
    word = "failed"
    try:
        yield current
        word = "done"
    finally:
        current._end.set()
        beat.join()
        start = "\r\033[K" if terminal else "\n" if current._beats else ""
        start += f"{text}: " if start else ""
        print(
            f"{start}{current.result or word}, {current.seconds():.1f} s",
            file=sys.stderr,
            flush=True,
        )


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run a command to its end and return its standard output.

    Lines of standard error go to `on_line`. Raises SetupError with the last of them if the
    command cannot be started or its exit code is not 0.
    """
    words = [str(word) for word in command]
    try:
        process = subprocess.Popen(
            words, cwd=cwd, env=env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise SetupError(f"{words[0]}: {error.strerror}") from None
    last: list[str] = []

    def read_errors() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            last[:] = [*last[-9:], line.rstrip()]
            if on_line:
                on_line(line.rstrip())

    reader = threading.Thread(target=read_errors, daemon=True)
    with process:
        reader.start()
        assert process.stdout is not None
        output = process.stdout.read()
        reader.join()
    if process.returncode != 0:
        excerpt = "\n    ".join(last or output.splitlines()[-10:])
        name = Path(words[0]).name
        raise SetupError(f"{name} ended with exit code {process.returncode}:\n    {excerpt}")
    return output
