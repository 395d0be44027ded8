"""Files of this computer that survive a loss of power: synced, and so is the name they get.

A name is on the disk once its folder was synced, and a new folder's name once its parent was
(fsync(2): "Calling fsync() does not necessarily ensure that the entry in the directory containing
the file has also reached disk").
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

# Who still writes into a folder that is being removed, such as a run that ends, gets this long.
REMOVE_SECONDS = 10.0


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; the names of new ones are on the disk."""
    absent = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in reversed(absent):
        sync(path.parent)


def sync(path: Path) -> None:
    """Have the content of a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Have all files under a folder, and their names, on the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            sync(Path(parent) / name)
        sync(Path(parent))


def replace(path: Path, content: bytes) -> None:
    """Write a file of a folder that is there; it appears whole, or stays as it was."""
    staged = path.with_name(f".{path.name}.staged")
    try:
        staged.write_bytes(content)
        sync(staged)
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    sync(path.parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all in it, also while somebody writes there; nothing if it is gone.

    Raises OSError if that goes on for `REMOVE_SECONDS`, or for any other reason.
    """
    end = time.monotonic() + REMOVE_SECONDS
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError as error:
            # A file came, or went, after the folder was listed.
            if error.errno not in (errno.ENOTEMPTY, errno.ENOENT) or time.monotonic() > end:
                raise
            time.sleep(0.01)
