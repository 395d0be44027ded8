"""The server's log: lines for people or JSON for machines, in UTC, on standard error.

The newest lines are kept as JSON beside the stack's artifacts too, for `mlops logs`: a server that
somebody started in a terminal last week has no other log.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, BinaryIO

TEXT, JSON = "text", "json"
FORMATS = (TEXT, JSON)
LEVELS = ("debug", "info", "warning", "error")
# Fields that a line may have beside its message: `log.info(..., extra={"request": ...})`.
FIELDS = ("model", "request", "trace", "version", "run")
STAMP = "%Y-%m-%dT%H:%M:%S"
# Folder of the kept lines, in the stack's store, with a file for each process.
FOLDER, SUFFIX = "server", ".jsonl"
SERVER, WATCHER, WORKER = "server", "watcher", "worker-{number}"
MOST_BYTES, MOST_FILES = 5_000_000, 3


def configure(form: str = TEXT, level: str = "info") -> None:
    """Let every logger of this process write in the format `form`, from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == JSON else _text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def keep(store: Path, process: str) -> None:
    """Keep the lines of this process in the stack's store from now on, in files that rotate."""
    folder = store / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger().addHandler(_LogFile(folder / f"{process}{SUFFIX}"))


def read(store: Path, most: int, level: str) -> list[dict[str, Any]]:
    """The newest `most` of the kept lines from `level` on, of all processes, oldest first."""
    entries = [
        entry
        for path in sorted((store / FOLDER).glob(f"*{SUFFIX}*"), key=_age, reverse=True)
        for entry in _entries(path)
    ]
    return _ordered(entries, level)[-most:]


class Tail:
    """The kept lines of all processes from now on, however their files rotate; a context manager.

    Of a process that fills two files between two looks, the first is missed.
    """

    def __init__(self, store: Path) -> None:
        self._folder = store / FOLDER
        self._files: dict[Path, BinaryIO] = {}
        for path in self._folder.glob(f"*{SUFFIX}"):
            self._open(path).seek(0, os.SEEK_END)

    def __enter__(self) -> Tail:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def read(self, level: str) -> list[dict[str, Any]]:
        """What came since the last call, from `level` on, oldest first."""
        lines: list[bytes] = []
        for path in sorted({*self._files, *self._folder.glob(f"*{SUFFIX}")}):
            lines += self._lines(path)
        return _ordered(_parsed(line.decode(errors="replace") for line in lines), level)

    def _lines(self, path: Path) -> list[bytes]:
        file = self._files.get(path)
        lines = [] if file is None else _whole_lines(file)
        try:
            if file is not None and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return lines
            return lines + _whole_lines(self._open(path))
        except FileNotFoundError:  # rotated in this moment, or not written yet
            return lines

    def _open(self, path: Path) -> BinaryIO:
        file = path.open("rb")
        if path in self._files:
            self._files[path].close()
        self._files[path] = file
        return file


def _whole_lines(file: BinaryIO) -> list[bytes]:
    """The lines from the file's position on; one that is being written waits for the next time."""
    content = file.read()
    whole, end, remainder = content.rpartition(b"\n")
    file.seek(-len(remainder), os.SEEK_CUR)
    return (whole + end).splitlines()


def _ordered(entries: Iterable[dict[str, Any]], level: str) -> list[dict[str, Any]]:
    """The entries from `level` on, in their order."""
    levels = LEVELS[LEVELS.index(level) :]
    selection = (e for e in entries if e["level"] in levels or e["level"] not in LEVELS)
    return sorted(selection, key=lambda entry: entry["at"])


def _age(path: Path) -> int:
    """The number of the file among those of its process: 0 is being written, 1 was before it."""
    number = path.suffix.removeprefix(".")
    return int(number) if number.isdecimal() else 0


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except FileNotFoundError:  # rotated in this moment
        return
    yield from _parsed(lines)


def _parsed(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:  # half written by a process that was killed
            continue
        if isinstance(entry, dict) and {"at", "level", "message"} <= entry.keys():
            yield entry


class _LogFile(RotatingFileHandler):
    """Keeps lines in a file; a disk that is full costs them, and one line of the other log."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=MOST_BYTES, backupCount=MOST_FILES, encoding="utf-8", delay=True
        )
        self.setFormatter(Json())
        self._is_told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 the library's name
        """Say once that lines are lost, on standard error."""
        if not self._is_told:
            self._is_told = True
            print(f"{self.baseFilename}: lines of the log are lost", file=sys.stderr)


def form() -> str:
    """The format of this process's log, for a process that it starts."""
    handlers = [h for h in logging.getLogger().handlers if not isinstance(h, _LogFile)]
    return JSON if any(isinstance(handler.formatter, Json) for handler in handlers) else TEXT


def level() -> str:
    """The level from which on this process logs, for a process that it starts."""
    return logging.getLevelName(logging.getLogger().level).lower()


def _text() -> logging.Formatter:
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s", f"{STAMP}Z")
    formatter.converter = time.gmtime
    return formatter


class Json(logging.Formatter):
    """A JSON object a line: ``at``, ``level``, ``logger``, ``message``, and `FIELDS`."""

    converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """The line of `record`; a traceback is in ``error``."""
        line: dict[str, object] = {
            "at": f"{self.formatTime(record, STAMP)}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
