"""The log of durable captures: what was answered is on the disk before the answer leaves.

Requests that come while one group of captures is synced form the next group. A log holds what is
in no Parquet file yet, and is deleted once all of it is; what a killed process left is read at the
next start.

A log is a row of records: the length and the CRC-32 of a stream of Arrow record batches, big-endian
uint32 each, and the stream. A record that was not written to its end belongs to requests that got
no answer.
"""

from __future__ import annotations

import fcntl
import logging
import os
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from struct import Struct

import pyarrow as pa
import pyarrow.parquet as pq

from training.arrow_table import concat
from training.captures import local as captures
from training.captures.columns import REQUEST, TIME, VERSION
from training.files import sync

log = logging.getLogger(__name__)

PREFIX, SUFFIX = ".log-", ".arrows"
_HEAD = Struct(">II")
# A file of captures begins at most so much before the rows that a log still has.
_EARLIER = timedelta(hours=1)


class CaptureLog:
    """A log in `folder`, locked as long as this process has its rows in memory or in the log."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{PREFIX}{uuid.uuid4().hex[:12]}{SUFFIX}"
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        self._end = 0
        sync(folder)

    def append(self, tables: Sequence[pa.Table]) -> None:
        """Add records; they are on the disk when this returns, or none of them is in the log."""
        content = b"".join(_record(table) for table in tables)
        try:
            size = 0
            while size < len(content):
                size += os.write(self._handle, content[size:])
            os.fdatasync(self._handle)
        except OSError:
            os.ftruncate(self._handle, self._end)
            raise
        self._end += len(content)

    def remove(self) -> None:
        """Delete the log, whose rows are in files."""
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let another process take the log over; a second time does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def recover(folder: Path) -> int:
    """Write what is in the logs of `folder` and in no file into files of captures; rows written.

    Can be repeated after a kill at any point. A log goes once its rows are in files; one that
    another process writes is left alone.
    """
    with ExitStack() as stack:
        logs = [
            path
            for path in sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))
            if stack.enter_context(_locked(path))
        ]
        return _recover_rows(folder, logs)


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Hold a log that no process writes; false if one does, or took it away meanwhile."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield path.exists()
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def _recover_rows(folder: Path, logs: Sequence[Path]) -> int:
    by_version: dict[int, list[pa.Table]] = {}
    for path in logs:
        for table in _records(path):
            by_version.setdefault(table[VERSION][0].as_py(), []).append(table)
    rows = 0
    for version, tables in by_version.items():
        rows += _write_missing(folder, version, concat(tables))
    for path in logs:
        path.unlink()
    return rows


def _write_missing(folder: Path, version: int, table: pa.Table) -> int:
    """Write the rows whose request is in no file of the version; how many these are."""
    moments = sorted(table[TIME].to_pylist())
    in_files: set[str] = set()
    for path in _near(folder, version, moments[0] - _EARLIER, moments[-1]):
        in_files.update(pq.read_table(path, columns=[REQUEST])[REQUEST].to_pylist())
    missing = [request not in in_files for request in table[REQUEST].to_pylist()]
    table = table.filter(pa.array(missing))
    if table.num_rows:
        first = min(table[TIME].to_pylist())
        path = folder / captures.file_name(first, version, uuid.uuid4().hex[:12])
        path.parent.mkdir(exist_ok=True)
        captures.write_whole(table, path)
        sync(folder)
    return table.num_rows


def _near(folder: Path, version: int, first: datetime, last: datetime) -> Iterator[Path]:
    """The version's files that may hold rows of [first, last]."""
    stamp, mark = first.strftime(captures.STAMP), f"-v{version:06d}-"
    for day in sorted(folder.glob("????-??-??")):
        if f"{first:%Y-%m-%d}" <= day.name <= f"{last:%Y-%m-%d}":
            for path in sorted(day.glob("*.parquet")):
                near = path.name >= stamp or captures.COMPACTED in path.name
                if mark in path.name and near and captures.is_whole(path):
                    yield path


def _record(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content = sink.getvalue().to_pybytes()
    return _HEAD.pack(len(content), zlib.crc32(content)) + content


def _records(path: Path) -> Iterator[pa.Table]:
    content = path.read_bytes()
    start = 0
    while start < len(content):
        head = content[start : start + _HEAD.size]
        size, checksum = _HEAD.unpack(head) if len(head) == _HEAD.size else (0, 0)
        start += _HEAD.size
        stream = content[start : start + size]
        if not size or len(stream) < size or zlib.crc32(stream) != checksum:
            log.warning("%s: its last %d bytes are no whole record", path, len(content) - start)
            return
        yield pa.ipc.open_stream(stream).read_all()
        start += size
