"""Jobs: actions under way, each in a thread, with what it said and what came of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from training import clients, clock
from training.endpoint import Say

log = logging.getLogger(__name__)

RUNNING, DONE, FAILED = "under way", "done", "failed"


@dataclass
class Job:
    """An action that somebody confirmed."""

    number: int
    model: str
    title: str
    why: str
    started: str
    lines: list[str] = field(default_factory=list)
    state: str = RUNNING
    says: str = ""
    ended: str | None = None
    over: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """All jobs of a console; they end with it."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._lock = threading.Lock()

    def start(self, model: str, title: str, why: str, work: Callable[[Say], str]) -> Job:
        """Begin a job; `work` is called with what takes its lines, and returns its result."""
        with self._lock:
            job = Job(len(self._jobs) + 1, model, title, why, clock.text(clock.now()))
            self._jobs.append(job)
        log.info("%s: %s", title, why)
        threading.Thread(target=_run, args=(job, work), name=title, daemon=True).start()
        return job

    def get(self, number: int) -> Job | None:
        """The job of this number."""
        with self._lock:
            return self._jobs[number - 1] if 0 < number <= len(self._jobs) else None

    def running(self) -> list[Job]:
        """The jobs that are under way."""
        with self._lock:
            return [job for job in self._jobs if job.state == RUNNING]


def _run(job: Job, work: Callable[[Say], str]) -> None:
    try:
        job.says, state = work(job.lines.append), DONE
    except Exception as error:
        reason = clients.explained(error)
        if reason is None:
            log.exception("%s failed", job.title)
            reason = "it failed; the console's terminal says why"
        job.says, state = reason, FAILED
    job.ended, job.state = clock.text(clock.now()), state
    job.over.set()
    log.info("%s: %s, %s", job.title, job.state, job.says)
