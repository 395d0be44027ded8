"""The artifact store in a folder of this computer."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from training.errors import UserError
from training.files import make_folder, sync
from training.store import ObjectExistsError

STAGED = ".staged-"


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
        try:
            os.replace(staged, self.root / key)
        except OSError as error:
            staged.unlink(missing_ok=True)
            raise _refused(self.root / key, error) from None
        sync(staged.parent)

    def create(self, key: str, content: bytes) -> None:
        staged = self._stage(key, content)
        try:
            # A hard link appears with its whole content, and fails if the name is taken.
            os.link(staged, self.root / key)
        except FileExistsError:
            raise ObjectExistsError(key) from None
        except OSError as error:
            raise _refused(self.root / key, error) from None
        finally:
            staged.unlink(missing_ok=True)
        sync(staged.parent)

    def keys(self, prefix: str) -> list[str]:
        # Text rather than paths, which take ten times as long: a year has thousands of records.
        begin = len(os.path.join(self.root, ""))
        return sorted(
            os.path.join(parent, name)[begin:]
            for parent, _, names in os.walk(self.root / prefix)
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
        staged = None
        try:
            make_folder(folder)
            handle, name = tempfile.mkstemp(prefix=STAGED, dir=folder)
            staged = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:  # a full or read-only disk
            if staged is not None:
                staged.unlink(missing_ok=True)
            raise _refused(self.root / key, error) from None
        return staged


class StoreWriteError(UserError, OSError):
    """An object could not be written; the store is as it was."""


def _refused(path: Path, error: OSError) -> StoreWriteError:
    return StoreWriteError(f"{str(path)!r} cannot be written: {error.strerror}; nothing is changed")
