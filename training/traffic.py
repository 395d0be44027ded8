"""Traffic of an endpoint over a day, by quarters of an hour: the same records on every target."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from training import clock

INTERVAL_SECONDS = 900
INTERVALS = 24 * 3600 // INTERVAL_SECONDS

# ``at``, the begin of an interval, and what was answered in it: ``requests``, ``errors``,
# ``p50_ms``, ``p95_ms``, ``rows``, ``mean_score``, and ``positive_share``, None unless there are
# two classes. What a target does not tell is None.
Record = dict[str, Any]


def interval_begin(moment: datetime) -> datetime:
    """The begin of the interval that `moment` is in."""
    seconds = int(moment.timestamp() // INTERVAL_SECONDS) * INTERVAL_SECONDS
    return datetime.fromtimestamp(seconds, timezone.utc)


def day_begin(now: datetime) -> datetime:
    """The begin of the oldest of the intervals of the day until `now`."""
    return interval_begin(now) - timedelta(seconds=(INTERVALS - 1) * INTERVAL_SECONDS)


class Intervals:
    """Values of a service's metrics, put together to records by the begin of their interval."""

    def __init__(self) -> None:
        self._values: dict[datetime, dict[str, list[float]]] = defaultdict(
            lambda: defaultdict(list)
        )

    def add(self, at: datetime, name: str, value: float) -> None:
        """Add a value of the interval that begins at `at`; `name` is one of a record's.

        Requests and errors are summed up, latencies averaged. What is no finite number is nothing.
        """
        if math.isfinite(value):
            self._values[at][name].append(value)

    def records(self) -> list[Record]:
        """The intervals of which there is a value, oldest first."""
        return [
            {
                "at": clock.text(at),
                "requests": math.ceil(sum(values["requests"])),
                "errors": math.ceil(sum(values["errors"])),
                "p50_ms": _mean(values["p50_ms"]),
                "p95_ms": _mean(values["p95_ms"]),
                "rows": None,
                "mean_score": None,
                "positive_share": None,
            }
            for at, values in sorted(self._values.items())
        ]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
