"""Deletes captures and runs that are older than the stack keeps them."""

from __future__ import annotations

import logging
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

from training import clock, runs
from training.platform import Platform
from training.runs import records

log = logging.getLogger(__name__)

_DAY = "%Y-%m-%d"
_RUN = "%Y%m%dt%H%M%S%f"


def clean(platform: Platform, model: str, days: int) -> None:
    """Delete what was captured on, and what ran in, days more than `days` ago."""
    oldest = clock.now() - timedelta(days=days)
    root = Path(platform.store.uri)
    captured = [
        folder
        for folder in root.glob(f"models/{model}/captures/*")
        if (day := _moment(folder.name, _DAY)) and day + timedelta(days=1) <= oldest
    ]
    ran = [
        root / runs.folder(model, run)
        for run in records.names(platform.store, model)
        if (start := _moment(run.split("-")[0], _RUN))
        and start <= oldest
        and not records.alive(platform.store, model, run)
    ]
    for folder in (*captured, *ran):
        shutil.rmtree(folder)
    if captured or ran:
        log.info(
            "model %s: deleted %d days of captures and %d runs, older than %d days",
            model,
            len(captured),
            len(ran),
            days,
        )


def _moment(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=timezone.utc)
    except ValueError:  # not a folder that the platform made
        return None
