"""Fixtures for the tests of the platform and of the simulated cloud alike."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys

import pytest

from tests import warm

# The engine's processes are short, and a tenth of their time is the collection of garbage.
os.environ.setdefault("GOGC", "400")
# Nothing of what is collected is garbage, and to look for some takes almost as long.
gc.disable()

# A job in the background of a script ignores interrupts, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Without compiled files each of a thousand processes would compile the program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Nor does anybody's machine have to have this: who waits for a line gets it by a flush or -u.
os.environ.pop("PYTHONUNBUFFERED", None)


def _share_status() -> None:
    """Let Pulumi have the ``google.rpc.Status`` of Google's client libraries.

    Both define it, and a process can hold one definition. Nothing that is run has both: a program
    reads no captures, and a step declares no resources. Tests do, so this comes before Pulumi.
    """
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool
        from google.rpc import status_pb2
    except ImportError:
        return  # without the libraries of Google Cloud
    file = descriptor_pb2.FileDescriptorProto(
        name="google/protobuf/status.proto",
        package="google.rpc",
        dependency=["google/rpc/status.proto"],
        public_dependency=[0],
        syntax="proto3",
    )
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    sys.modules["pulumi.runtime.proto.status_pb2"] = status_pb2


_share_status()

# The loop of what tests do with Pulumi's outputs outside of a program. It stays open: its worker
# threads would end with it, and Pulumi leaves an open loop in each of those.
LOOP = asyncio.new_event_loop()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and warm.begin():
        config.add_cleanup(warm.end)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def event_loop() -> None:
    """Make the loop the current one, whichever test ran before: `asyncio.run` leaves none."""
    asyncio.set_event_loop(LOOP)


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break no line of what is printed: whoever started the tests may have told a width."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def warm_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine find the tests' Pythons first."""
    monkeypatch.setenv("PATH", f"{warm.programs()}{os.pathsep}{os.environ['PATH']}")
