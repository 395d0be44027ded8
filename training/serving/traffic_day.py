"""Traffic of the last day, by quarters of an hour, kept across restarts of the server."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

from training import clock
from training.serving.stats import Counts, RequestRecord, percentile_ms
from training.store import Store
from training.traffic import INTERVAL_SECONDS, INTERVALS, Record

log = logging.getLogger(__name__)

SAVE_SECONDS = 60.0


@dataclass
class _Interval:
    at: str
    number: int
    counts: Counts = field(default_factory=Counts)
    rows: int = 0
    scores: float = 0.0
    positives: int | None = None

    def record(self) -> Record:
        return {
            "at": self.at,
            "requests": self.counts.requests,
            "errors": self.counts.errors,
            "p50_ms": percentile_ms(self.counts.latencies, 0.50),
            "p95_ms": percentile_ms(self.counts.latencies, 0.95),
            "rows": self.rows,
            "mean_score": self.scores / self.rows if self.rows else None,
            "positive_share": (
                self.positives / self.rows if self.rows and self.positives is not None else None
            ),
        }


def read(store: Store, model: str) -> list[Record]:
    """The intervals that a server kept, at most `SAVE_SECONDS` old while it runs, oldest first.

    A damaged file is told in the log and counts as none.
    """
    try:
        return list(json.loads(store.read(_key(model))))
    except KeyError:
        return []
    except (ValueError, TypeError) as error:
        log.warning("%s in %s is no traffic of a day: %s", _key(model), store.uri, error)
        return []


def _key(model: str) -> str:
    return f"models/{model}/traffic-day.json"


class TrafficDay:
    """Counts one model's requests; safe to use from any thread."""

    def __init__(self, store: Store, model: str) -> None:
        self._store = store
        self._model = model
        self._lock = threading.Lock()
        self._past: deque[Record] = deque(maxlen=INTERVALS)
        self._interval: _Interval | None = None

    def load(self) -> None:
        """Go on from what a server before this one kept."""
        self._past.extend(read(self._store, self._model))

    def save(self) -> None:
        """Keep it for the server after this one."""
        self._store.write(_key(self._model), json.dumps(self.records()).encode())

    def count(self, record: RequestRecord) -> None:
        """Count a request, now."""
        moment = clock.now()
        number = int(moment.timestamp() // INTERVAL_SECONDS)
        with self._lock:
            if self._interval is None or self._interval.number != number:
                if self._interval is not None:
                    self._past.append(self._interval.record())
                self._interval = _Interval(clock.text(moment), number)
            interval = self._interval
            interval.counts.add(record.seconds, record.status)
            interval.rows += record.rows
            interval.scores += record.scores
            if record.positives is not None:
                interval.positives = (interval.positives or 0) + record.positives

    def records(self) -> list[Record]:
        """The intervals of the last day in which there were requests, oldest first."""
        with self._lock:
            records = [*self._past, *([self._interval.record()] if self._interval else [])]
        begin = clock.text(clock.now() - timedelta(days=1))
        return [record for record in records if record["at"] >= begin]
