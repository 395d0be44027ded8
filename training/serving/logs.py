"""The server's log: lines for people or JSON for machines, in UTC, on standard error.

The newest lines are kept as JSON beside the stack's artifacts too, for `mlops logs`: a server that
somebody started in a terminal last week has no other log.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

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
    logging.getLogger().addHandler(_Kept(folder / f"{process}{SUFFIX}"))


def read(store: Path, most: int, level: str) -> list[dict[str, Any]]:
    """The newest `most` of the kept lines from `level` on, of all processes, oldest first."""
    wanted = LEVELS[LEVELS.index(level) :]
    entries = [
        entry
        for path in sorted((store / FOLDER).glob(f"*{SUFFIX}*"), key=_age, reverse=True)
        for entry in _entries(path)
        if entry["level"] in wanted or entry["level"] not in LEVELS
    ]
    return sorted(entries, key=lambda entry: entry["at"])[-most:]


def _age(path: Path) -> int:
    """The number of the file among those of its process: 0 is being written, 1 was before it."""
    number = path.suffix.removeprefix(".")
    return int(number) if number.isdecimal() else 0


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except FileNotFoundError:  # rotated in this moment
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:  # half written by a process that was killed
            continue
        if isinstance(entry, dict) and {"at", "level", "message"} <= entry.keys():
            yield entry


class _Kept(RotatingFileHandler):
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
    handlers = [h for h in logging.getLogger().handlers if not isinstance(h, _Kept)]
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
