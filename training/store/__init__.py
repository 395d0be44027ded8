"""The artifact store: named, immutable-by-convention objects, the same on every target.

A back end is a module per target with ``open_at(uri) -> Store``; everything above it (versions,
release records, leases, drift reports) needs no more than these six verbs, and `create` is
the only one that has to be atomic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from training.backends import STORE_SCHEMES, backend
from training.errors import UserError


class ObjectExistsError(Exception):
    """`create` found an object of that key: somebody else was first."""


class Store(Protocol):
    """Keys are slash-separated paths such as ``models/flights/releases/000012.json``."""

    uri: str

    def read(self, key: str) -> bytes:
        """The object's content; raises KeyError where there is none."""
        ...

    def write(self, key: str, content: bytes) -> None:
        """Create or replace the object, whole or not at all."""
        ...

    def create(self, key: str, content: bytes) -> None:
        """Create the object; raises ObjectExistsError, and changes nothing, where there is one."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin with the folder `prefix`, sorted."""
        ...

    def fetch(self, key: str, folder: Path) -> Path:
        """A local file with the object's content, for libraries that want a path."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; one that is not there is no error."""
        ...


def open_store(uri: str) -> Store:
    """The store at `uri`.

    A folder's path on `local`, ``s3://BUCKET`` on AWS, ``gs://BUCKET`` on Google Cloud,
    ``https://ACCOUNT.blob.core.windows.net/CONTAINER`` on Azure.
    """
    scheme, separator, _ = uri.partition("://")
    target = STORE_SCHEMES.get(scheme if separator else "")
    if target is None:
        schemes = ", ".join(f"{name}://" for name in STORE_SCHEMES if name)
        raise UserError(f"store {uri!r}: no back end; allowed: a folder's path, {schemes}")
    return backend("store", target).open_at(uri)
