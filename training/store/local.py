"""The artifact store in a folder of this computer."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from training.store import ObjectExistsError


def open_at(uri: str) -> LocalStore:
    """The store in the folder `uri`; it need not be there yet."""
    return LocalStore(uri)


class LocalStore:
    """Objects are files; writes are atomic by a temporary file in the same folder."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.root = Path(uri)

    def read(self, key: str) -> bytes:
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None

    def write(self, key: str, content: bytes) -> None:
        staged = self._stage(key, content)
        os.replace(staged, self.root / key)

    def create(self, key: str, content: bytes) -> None:
        staged = self._stage(key, content)
        try:
            # A hard link appears with its whole content, and fails if the name is taken.
            os.link(staged, self.root / key)
        except FileExistsError:
            raise ObjectExistsError(key) from None
        finally:
            os.unlink(staged)

    def keys(self, prefix: str) -> list[str]:
        folder = self.root / prefix
        return sorted(
            (Path(parent) / name).relative_to(self.root).as_posix()
            for parent, _, names in os.walk(folder)
            for name in names
            if not name.startswith(".")
        )

    def fetch(self, key: str, folder: Path) -> Path:
        path = self.root / key
        if not path.is_file():
            raise KeyError(key)
        return path

    def delete(self, key: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self.root / key)

    def _stage(self, key: str, content: bytes) -> Path:
        folder = (self.root / key).parent
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".staged-", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)
