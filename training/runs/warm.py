"""The warm process: it imports what steps need once, then forks for every step.

Imports of pandas and scikit-learn cost more than most steps. A fork inherits them, so a step
is a process of its own (its memory, its exit code, its log) at a few milliseconds. It only
imports: no thread may run before a fork, so no model is fitted here.

Protocol: JSON lines. Out, once: ``{"ready"}``. In: ``{"step", "arguments", "log"}``; out:
``{"exit"}``. The end of its input ends the process and the step under way.
"""

from __future__ import annotations

import errno
import gc
import importlib
import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable

from training import priority
from training.errors import UserError

USER_ERROR, CRASH = 1, 70
ERROR_MARK = "error: "


def main(preload: list[str]) -> None:
    """Import the modules, then serve requests until the input ends.

    A server on the same computer has the processor first: its clients wait for each answer.
    """
    priority.lower()
    for module in preload:
        importlib.import_module(module)
    # What is imported stays: without this every child would copy the pages it walks.
    gc.freeze()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        code = _fork(request)
        print(json.dumps({"exit": code}), flush=True)


def _fork(request: dict) -> int:
    read_end, alive = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        _step(request)
    os.close(alive)
    # The pipe's end comes with the child's; input that becomes readable meanwhile can only be
    # its end, since nobody asks for two steps at once.
    ready, _, _ = select.select([read_end, sys.stdin], [], [])
    if read_end not in ready:
        os.kill(child, signal.SIGKILL)
    os.close(read_end)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _step(request: dict) -> None:
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os._exit(run_step(request["step"], request["arguments"]))


def run_step(
    step: str, arguments: list[str], tell: Callable[[str], object] = lambda reason: None
) -> int:
    """Run a step in this process and return its exit code; what went wrong is printed, and told."""
    from training import steps

    try:
        steps.run(step, arguments)
        code = 0
    except UserError as error:
        print(f"{ERROR_MARK}{error}", file=sys.stderr)
        tell(str(error))
        code = USER_ERROR
    except SystemExit as stop:  # argparse refused the arguments
        code = stop.code if isinstance(stop.code, int) else CRASH
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            traceback.print_exc()
        reason = f"{error.filename or 'a file'} cannot be written: {error.strerror}"
        print(f"{ERROR_MARK}{reason}", file=sys.stderr)
        tell(reason)
        code = USER_ERROR
    except Exception as error:
        traceback.print_exc()
        print(f"{ERROR_MARK}{type(error).__name__}: {error}", file=sys.stderr)
        tell(f"{type(error).__name__}: {error}")
        code = CRASH
    sys.stdout.flush()
    sys.stderr.flush()
    return code
