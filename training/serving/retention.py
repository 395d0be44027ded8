"""Retention: deletes captures and runs older than the stack keeps, and joins small files."""

from __future__ import annotations

import logging
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

from training import clock, release, runs
from training.captures import local
from training.monitoring import drift_checks
from training.platform import Platform
from training.runs import records

log = logging.getLogger(__name__)

COMPACTED_AFTER = timedelta(hours=1)
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


def compact(platform: Platform, model: str) -> None:
    """Join the small files of captures that are older than an hour."""
    store = platform.store
    ends = [clock.parse(check["until"]) for check in drift_checks(store, model).records()]
    releases = [clock.parse(record.when) for record in release.history(store, model)]
    folder = Path(store.uri) / f"models/{model}/captures"
    removed = local.compact(folder, [*ends, *releases], clock.now() - COMPACTED_AFTER)
    if removed:
        log.info("model %s: joined %d small files of captures", model, removed)


def _moment(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=timezone.utc)
    except ValueError:  # not a folder that the platform made
        return None
