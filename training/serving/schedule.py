"""Schedules: retrainings and drift checks by cron, retrainings on drift, retention by the day.

A run is a process of its own, the same command that a person would type; its output goes to
``logs/`` beside the stack's artifacts. It outlives a server that stops meanwhile.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from training import clock, retraining_admission
from training.platform import Platform
from training.runs.schedules import DOCUMENT, Schedule, describe
from training.serving import cron, retention

log = logging.getLogger(__name__)

JOBS = {
    "retraining": ("retrain", "--trigger", retraining_admission.SCHEDULE),
    "drift_check": ("drift",),
}
# A computer that slept over a fire time makes up for it, once, if it wakes within this time.
MISFIRE_SECONDS = 24 * 3600
FIRST_CLEANING_SECONDS = 60
POLL_SECONDS = 0.2
# A larger change between two looks means that the clock was set or the computer slept.
CLOCK_SECONDS = 5.0
# What `mlops drift` says with its exit code: no drift, drift, insufficient data.
GOOD_CODES = {"retrain": (0,), "drift": (0, 3, 4)}


class Schedules:
    """The jobs of all models of a stack; `refresh` follows their settings."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._logs = Path(platform.store.uri) / "logs"
        self._settings: dict[str, dict[str, Any]] = {}
        self._stopping = threading.Event()
        self._clock_offset = time.time() - time.monotonic()
        self._scheduler = BackgroundScheduler(
            timezone=timezone.utc,
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": MISFIRE_SECONDS,
            },
        )

    def start(self) -> None:
        """Begin to fire."""
        for model in self._platform.models:
            self.refresh(model)
        self._scheduler.start()

    def stop(self) -> None:
        """Fire no more; runs under way go on by themselves."""
        self._stopping.set()
        self._scheduler.shutdown()

    def refresh(self, model: str) -> None:
        """Let the jobs of `model` be what its settings say now."""
        part = self._platform.part(model, DOCUMENT)
        earlier = self._settings.get(model, {})
        is_clock_set = self._is_clock_set()
        for name, command in JOBS.items():
            # A schedule that is null is not in the document at all.
            times = part.get(name)
            if times != earlier.get(name) or (times and self._is_far_off(model, name, times)):
                self._replace(model, name, times, command)
        if is_clock_set:
            self._scheduler.wakeup()
        if not earlier:
            self._scheduler.add_job(
                retention.compact,
                "interval",
                [self._platform, model],
                hours=1,
                id=f"{model} compaction",
                name="compaction",
                replace_existing=True,
                next_run_time=clock.now() + timedelta(seconds=FIRST_CLEANING_SECONDS),
            )
        if part["retention_days"] != earlier.get("retention_days"):
            self._scheduler.add_job(
                retention.clean,
                "interval",
                [self._platform, model, part["retention_days"]],
                days=1,
                id=f"{model} retention",
                name="retention",
                replace_existing=True,
                next_run_time=clock.now() + timedelta(seconds=FIRST_CLEANING_SECONDS),
            )
        self._settings[model] = part

    def described(self, model: str) -> list[Schedule]:
        """Each schedule of `model`, on, with the next fire time."""
        schedules = []
        for name in JOBS:
            job = self._scheduler.get_job(f"{model} {name}")
            if job is not None:
                times = self._settings[model][name]
                schedules.append(describe(name, times, is_on=True, following=_next(job)))
        return schedules

    def retrain_on_drift(self, model: str) -> None:
        """Ask for a retraining now, if the settings want one on drift."""
        if not self._settings[model].get("on_drift"):
            return
        log.info("model %s: retraining is asked for by drift", model)
        self._scheduler.add_job(
            self._run,
            args=[model, "retrain", "--trigger", retraining_admission.DRIFT],
            name="on drift",
        )

    def _is_clock_set(self) -> bool:
        """True if the clock was set, or the computer slept, since the last call.

        The scheduler waits by a clock that stands still meanwhile.
        """
        offset = time.time() - time.monotonic()
        changed = abs(offset - self._clock_offset) > CLOCK_SECONDS
        self._clock_offset = offset
        return changed

    def _is_far_off(self, model: str, name: str, times: dict[str, str]) -> bool:
        """True if the clock was set back so far that the job would miss a fire time."""
        job = self._scheduler.get_job(f"{model} {name}")
        moment: datetime | None = getattr(job, "next_run_time", None)
        if moment is None:
            return False
        schedule = cron.Cron.parse(times["cron"], times["timezone"])
        following = schedule.after(clock.now())
        second = following and schedule.after(following)
        return second is not None and moment > second

    def _replace(
        self, model: str, name: str, times: dict[str, str] | None, command: tuple[str, ...]
    ) -> None:
        job = f"{model} {name}"
        if times is None:
            if self._scheduler.get_job(job) is not None:
                self._scheduler.remove_job(job)
            return
        self._scheduler.add_job(
            self._run,
            cron.trigger(times["cron"], times["timezone"]),
            [model, *command],
            id=job,
            name=name,
            replace_existing=True,
        )

    def _run(self, model: str, command: str, *arguments: str) -> None:
        """Run one command to its end, or until the server stops."""
        self._logs.mkdir(exist_ok=True)
        path = self._logs / f"{model}-{command}.log"
        stack = self._platform.stack
        line = ["-s", stack, command, "-m", model, *arguments]
        with path.open("ab") as output:
            output.write(f"--- {clock.text(clock.now())} mlops {' '.join(line)}\n".encode())
            output.flush()
            process = subprocess.Popen(
                [sys.executable, "-m", "training.cli", *line],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                cwd=self._platform.root,
                start_new_session=True,  # Ctrl-C stops the server, not a run
            )
        self._report(model, command, process, path)

    def _report(
        self, model: str, command: str, process: subprocess.Popen[bytes], path: Path
    ) -> None:
        code = self._code(process)
        if code is None:
            log.info("model %s: %s goes on as process %d", model, command, process.pid)
        elif code in GOOD_CODES[command]:
            log.info("model %s: %s ended; its output: %s", model, command, path)
        else:
            log.error("model %s: %s failed with code %d; see %s", model, command, code, path)

    def _code(self, process: subprocess.Popen[bytes]) -> int | None:
        """The exit code of a process; None if the server stops before it ends."""
        while True:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(POLL_SECONDS)
            if self._stopping.is_set():
                return None


def _next(job: Any) -> str | None:
    # A job gets its first fire time when the scheduler starts.
    moment: datetime | None = getattr(job, "next_run_time", None)
    return clock.text(moment) if moment else None
