"""A file lock that says a run is alive: the kernel frees it however the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "alive.lock"


@contextmanager
def hold(folder: Path) -> Iterator[bool]:
    """Hold the lock of `folder` while in the block; yields False if another process has it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _try(handle)
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """True if some process holds the lock of `folder`."""
    try:
        handle = os.open(folder / NAME, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _try(handle)
    finally:
        os.close(handle)


def _try(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
