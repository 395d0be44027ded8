"""The address of a stack's server: ``server.json`` beside its artifacts, and who may trust it.

The server holds a lock that the kernel frees however the process ends, so a file left by a
killed server is known to be stale, even if its process number belongs to another program now.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from training.errors import UserError
from training.platform import Platform
from training.runs.alive import hold, is_held

DOCUMENT = "server.json"
LOCK = "server"


@dataclass(frozen=True)
class Address:
    """A server that listens: its base URL and its process."""

    url: str
    pid: int


def find(platform: Platform) -> Address | None:
    """The running server of the stack; None if there is none or it does not listen yet."""
    return _read(Path(platform.store.uri)) if is_served(platform) else None


def is_served(platform: Platform) -> bool:
    """True if a server of the stack runs, whether or not it listens yet."""
    return is_held(Path(platform.store.uri) / LOCK)


@contextmanager
def only_server(platform: Platform) -> Iterator[None]:
    """Be the only server of the stack; raises UserError if there is one already."""
    root = Path(platform.store.uri)
    with hold(root / LOCK) as is_held:
        if not is_held:
            running = _read(root)
            address = (
                f"at {running.url} by process {running.pid}" if running else "by another process"
            )
            raise UserError(f"stack {platform.stack!r} is served already {address}")
        (root / DOCUMENT).unlink(missing_ok=True)
        try:
            yield
        finally:
            (root / DOCUMENT).unlink(missing_ok=True)


def announce(platform: Platform, url: str) -> None:
    """Let others find this process; called once it listens."""
    content = json.dumps(asdict(Address(url, os.getpid()))).encode()
    platform.store.write(DOCUMENT, content)


def is_announced(platform: Platform) -> bool:
    """True if this process can still be found; it cannot once the stack was destroyed."""
    document = _read(Path(platform.store.uri))
    return document is not None and document.pid == os.getpid()


def _read(root: Path) -> Address | None:
    try:
        return Address(**json.loads((root / DOCUMENT).read_text()))
    except FileNotFoundError:
        return None
