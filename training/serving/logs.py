"""The server's log: lines for people or JSON for machines, in UTC, on standard error."""

from __future__ import annotations

import json
import logging
import sys
import time

TEXT, JSON = "text", "json"
FORMATS = (TEXT, JSON)
LEVELS = ("debug", "info", "warning", "error")
# Fields that a line may have beside its message: `log.info(..., extra={"request": ...})`.
FIELDS = ("model", "request", "trace", "version", "run")
STAMP = "%Y-%m-%dT%H:%M:%S"


def configure(form: str = TEXT, level: str = "info") -> None:
    """Let every logger of this process write in the format `form`, from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == JSON else _text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def form() -> str:
    """The format of this process's log, for a process that it starts."""
    handlers = logging.getLogger().handlers
    return JSON if any(isinstance(handler.formatter, Json) for handler in handlers) else TEXT


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
