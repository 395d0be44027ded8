"""A warm Python ends as another one: with its exit code, its last words, and all it had to do."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import warm

PROGRAMS = {
    "to its end": "print('out', end='')",
    "a number": "raise SystemExit(3)",
    "a large number": "raise SystemExit(259)",
    "words": "raise SystemExit('no such thing')",
    "an error": "raise ValueError('bad value')",
    "at its exit": "import atexit; atexit.register(print, 'last', end='')",
    "threads": (
        "import threading, time\n"
        "def work():\n"
        "    time.sleep(0.2)\n"
        "    print('done', end='')\n"
        "threading.Thread(target=work).start()"
    ),
    "interrupted": "import os, signal; os.kill(os.getpid(), signal.SIGINT); input()",
    "terminated": "import os, signal; os.kill(os.getpid(), signal.SIGTERM); input()",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL); input()",
    "a closed output": "import sys; sys.stdout.close()",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_it_ends_as_another(program: str) -> None:
    cold, forked = (_run(python, program) for python in (sys.executable, _warm()))
    assert forked == cold


def test_a_signal_to_it_gets_to_its_program() -> None:
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([_warm(), "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 7


def test_it_has_the_files_that_it_was_given_by_their_numbers(tmp_path: Path) -> None:
    numbers = range(12, 24)  # its server has other files there
    program = "import os, sys; [os.write(int(number), number.encode()) for number in sys.argv[1:]]"
    redirections = " ".join(f"{number}> {number}" for number in numbers)
    script = f'exec "$0" -c "$@" {redirections}'
    command = ["bash", "-c", script, _warm(), program, *map(str, numbers)]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        str(number): str(number) for number in numbers
    }


def _warm() -> str:
    return str(warm.programs() / "python")


def _run(python: str, program: str) -> tuple[int, str, str]:
    """The exit code, the output, and the last line of what was told of an error."""
    process = subprocess.run(
        [python, "-c", program], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    return process.returncode, process.stdout, process.stderr.strip().rpartition("\n")[2]
