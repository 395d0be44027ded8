"""Python processes that need not import again what takes long: forks of one that has it.

The engine starts three Pythons for a preview, and most of their time is the import of SDKs.
`environment` makes a folder that looks like the virtual environment, whose `python` asks a server
for a fork that goes on as the command says: with its own arguments, variables, folder and files, as
another process. The program's own code is never imported before, and what only `pulumi --debug`
shows is not said. What the server does not know, such as other options, the real Python runs, and
what the process itself starts by `sys.executable`.

Tests about what is imported, or what a start takes, use `sys.executable`. So do the jobs of clouds:
the bytes of a pickle depend on which equal strings are one object, and with that on imports.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import fcntl
import gc
import importlib
import marshal
import os
import platform
import random
import re
import runpy
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
# The folder of a test run's server; workers inherit it.
FOLDER = "MLOPS_TESTS_WARM"
# On a computer that is busy with much else, too.
START_SECONDS = 300
# That a message takes: SCM_MAX_FD, unix(7).
MOST_FILES = 253
# Programs that are a module of Python's: what they run.
MODULES = {"mlops": "training.cli", "uvicorn": "uvicorn"}

# What the engine asks each Python before it starts a program, a shell answers at once. Pip's list
# tells it which packages want plugins, here none.
PYTHON = f"""#!/bin/sh
case "$*" in
  --version) echo "Python {platform.python_version()}" ;;
  "-m pip list "*) echo "[]" ;;
  *) exec {sys.executable} -SE {{client}} "$@" ;;
esac
"""


def begin() -> bool:
    """Give this run of the tests a folder for its server, which starts once it is needed.

    False if there is none to end: a run within another one has the other's.
    """
    if FOLDER in os.environ or not hasattr(os, "pidfd_open"):  # on Linux alone
        return False
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="warm-")
    return True


def end() -> None:
    """Stop the server that `begin` gave a folder."""
    folder = Path(os.environ.pop(FOLDER))
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path:
    """The folder of programs of the virtual environment, with a warm `python` in tests."""
    if FOLDER not in os.environ:  # also in a script, such as a benchmark
        return REPOSITORY / ".venv" / "bin"
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "bin").exists():
            _start(folder)
    return folder / "bin"


def environment(path: Path) -> None:
    """Make `path` a virtual environment with a warm `python`."""
    path.mkdir()
    for part in (REPOSITORY / ".venv").iterdir():
        if part.name != "bin":
            (path / part.name).symlink_to(part)
    (path / "bin").symlink_to(programs())


def _start(folder: Path) -> None:
    address = folder / "socket"
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    outputs = [(os.POSIX_SPAWN_DUP2, log, number) for number in (1, 2)]
    # The engine's own Pythons get -u: they tell a port and flush nothing. A fork has its server's.
    command = [sys.executable, "-u", __file__, str(address)]
    pid = os.posix_spawn(sys.executable, command, plain, file_actions=outputs)
    os.close(log)
    (folder / "pid").write_text(str(pid))
    deadline = time.monotonic() + START_SECONDS
    while not address.exists():
        running = os.waitpid(pid, os.WNOHANG) == (0, 0)
        assert running and time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)
    made = folder / "bin.new"
    made.mkdir()
    client = shutil.copy(REPOSITORY / "tests" / "warm_client.py", folder)
    for program in (REPOSITORY / ".venv" / "bin").iterdir():
        if re.fullmatch(r"python[\d.]*", program.name):
            (made / program.name).write_text(PYTHON.format(client=client))
            (made / program.name).chmod(0o755)
        elif program.name in MODULES:
            module = MODULES[program.name]
            (made / program.name).write_text(
                f'#!/bin/sh\nexec {folder}/bin/python -m {module} "$@"\n'
            )
            (made / program.name).chmod(0o755)
        else:
            (made / program.name).symlink_to(program)
    made.rename(folder / "bin")


def serve(address: str) -> None:
    """Answer requests for forks until a signal ends it."""
    gc.collect()
    gc.freeze()
    forks = _Forks(address)
    while True:
        forks.answer()


class _Forks:
    """The processes that are under way, each with the connection of whoever waits for it."""

    def __init__(self, address: str) -> None:
        self._executable = str(Path(address).parent / "bin" / "python")
        self._events = selectors.DefaultSelector()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(address)
        self._listener.listen(64)
        self._events.register(self._listener, selectors.EVENT_READ)

    def answer(self) -> None:
        """Wait for what comes next: a request, the end of a process, or of one's waiting."""
        for key, _ in self._events.select():
            if key.fileobj is self._listener:
                self._fork(self._listener.accept()[0])
            elif key.fd in self._events.get_map():
                pid, ended, connection = key.data
                if key.fileobj is connection:  # nobody waits for the process any more
                    signal.pidfd_send_signal(ended, signal.SIGKILL)
                _, status = os.waitpid(pid, 0)
                code = os.waitstatus_to_exitcode(status)
                _tell(connection, code.to_bytes(8, "big", signed=True))
                self._events.unregister(ended)
                self._events.unregister(connection)
                os.close(ended)
                connection.close()

    def _fork(self, connection: socket.socket) -> None:
        files, request = _request(connection)
        if request is None:
            connection.close()
            return
        pid = os.fork()
        if pid == 0:
            connection.close()
            # By the objects: one that is still open at the end would close another's number.
            for key in list(self._events.get_map().values()):
                if isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
                else:
                    os.close(key.fd)
            self._events.close()
            _leave(partial(_become, files, self._executable, *request))
        for file in files:
            os.close(file)
        ended = os.pidfd_open(pid)
        _tell(connection, pid.to_bytes(8, "big"))
        for source in (ended, connection):
            self._events.register(source, selectors.EVENT_READ, (pid, ended, connection))


def _request(connection: socket.socket) -> tuple[list[int], Any]:
    """The files and what else is asked for; None if whoever asked is gone."""
    head, ancillary, *_ = connection.recvmsg(8, socket.CMSG_SPACE(4 * MOST_FILES))
    files = array.array("i", ancillary[0][2]).tolist() if ancillary else []
    length = int.from_bytes(head, "big")
    with connection.makefile("rb") as stream:
        text = stream.read(length)
    if not head or len(text) < length:
        for file in files:
            os.close(file)
        return [], None
    return files, marshal.loads(text)


def _tell(connection: socket.socket, data: bytes) -> None:
    # Whoever asked may be gone.
    with contextlib.suppress(OSError):
        connection.sendall(data)


def _become(
    files: list[int],
    executable: str,
    numbers: list[int],
    arguments: list[str],
    variables: dict[str, str],
    folder: str,
) -> None:
    """Go on as a Python of these arguments, with the files of these numbers, until it ends."""
    # Out of the way: what one has may be what another is to get.
    moved = [fcntl.fcntl(file, fcntl.F_DUPFD, max(*numbers, *files) + 1) for file in files]
    for file in files:
        os.close(file)
    for file, number in zip(moved, numbers, strict=True):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    # What it makes is little beside what it shares, and short of life.
    gc.set_threshold(50_000, 50, 50)
    if "pulumi" in sys.modules:
        # A call to the engine for each of some 500 messages, half a second of a preview; and a
        # look at the source of each caller of each resource, a tenth.
        sys.modules["pulumi"].log.debug = _unsaid
        resource: Any = sys.modules["pulumi.runtime.resource"]
        resource._get_stack_trace = sys.modules["pulumi.runtime.proto"].source_pb2.StackTrace
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    paths = [path for path in variables.get("PYTHONPATH", "").split(os.pathsep) if path]
    importlib.invalidate_caches()
    # Of what is compiled already no file needs to be written.
    sys.dont_write_bytecode = True
    # What it starts by the name of its own Python is a fork as well.
    sys.executable = executable
    if arguments[0] not in ("-c", "-m") and "dill" in sys.modules:
        # A program of the engine's, with its SDK.
        sys.modules["dill"].extend(True)
    if arguments[0] == "-c":
        sys.argv = ["-c", *arguments[2:]]
        sys.path[:0] = ["", *paths]
        code = compile(arguments[1], "<string>", "exec", dont_inherit=True)
        exec(code, {"__name__": "__main__", "__builtins__": __builtins__})
    elif arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path[:0] = [folder, *paths]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path[:0] = [str(Path(arguments[0]).resolve().parent), *paths]
        runpy.run_path(arguments[0], run_name="__main__")


def _leave(program: Callable[[], None]) -> None:
    """Run a program, then end this process as a Python ends: never return.

    All but the last look at each object: it would copy the memory that the fork shares with its
    server, which takes longer than many a program.
    """
    code = 1
    try:
        program()
        code = 0
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            code = end.code or 0
        else:
            print(end.code, file=sys.stderr)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, KeyboardInterrupt):
            code = -signal.SIGINT
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # whoever read it is gone, or it is closed
            stream.flush()
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code & 0xFF)


def _unsaid(*_: Any, **__: Any) -> None:
    """A message that nobody reads."""


if __name__ == "__main__":
    from warm_libraries import prepare

    # The folder of this file is none of what a command imports from.
    del sys.path[0]
    prepare(Path(sys.argv[1]).parent)
    serve(sys.argv[1])
