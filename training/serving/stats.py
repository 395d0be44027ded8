"""Traffic of the last minutes: requests, errors and latency, in memory of constant size."""

from __future__ import annotations

import math
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

WINDOW_SECONDS = 300
SLICE_SECONDS = 10

# Latencies are counted in classes 5 % wide, so a percentile is right within 2.5 %.
_CLASS = math.log(1.05)
_SHORTEST = 1e-6


@dataclass(frozen=True)
class Summary:
    """Traffic of the window; shares and latency are None without any.

    Args:
        requests: How many were answered.
        error_share: The share answered with 5xx, 0 to 1.
        latency_p50_ms: Median time from the whole request to its answer, in milliseconds.
        latency_p95_ms: The 95th percentile of the same.
    """

    requests: int
    error_share: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None


class RequestRecord(NamedTuple):
    """What is counted of a request: its version (0 is none), status and time.

    `is_whole` is false if it was refused before its body had come: the time that took was its
    sender's. `request` and `trace` are its ids, where it has them.
    `of_traffic` is false before a first release, when nothing can fail. `compared` is the candidate
    version while there is one: the request counts for it if `version` is the same, else for the
    version that answers beside it. `scores` is the sum over its `rows`, `positives` how many of
    them are of the second of two classes, None if there are not two.
    """

    version: int
    status: int
    seconds: float
    of_traffic: bool = True
    compared: int | None = None
    mirrored: bool = False
    rows: int = 0
    scores: float = 0.0
    positives: int | None = None
    is_whole: bool = True
    request: str | None = None
    trace: str | None = None


@dataclass
class Counts:
    """Requests, those answered with 5xx, and latencies by their class."""

    requests: int = 0
    errors: int = 0
    latencies: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: float, status: int) -> None:
        """Count a request answered after `seconds`."""
        self.requests += 1
        self.errors += status >= 500
        self.latencies[int(math.log(max(seconds, _SHORTEST)) // _CLASS)] += 1


@dataclass
class _Slice:
    number: int
    counts: Counts = field(default_factory=Counts)


class Traffic:
    """Counts requests in slices of ten seconds and forgets those that left the window."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slices: deque[_Slice] = deque(maxlen=WINDOW_SECONDS // SLICE_SECONDS)

    def record(self, seconds: float, status: int, at: float) -> None:
        """Count a request answered at the monotonic time `at` after `seconds`."""
        number = int(at // SLICE_SECONDS)
        with self._lock:
            if not self._slices or self._slices[-1].number != number:
                self._slices.append(_Slice(number))
            self._slices[-1].counts.add(seconds, status)

    def summary(self, at: float) -> Summary:
        """The traffic of the window that ends at the monotonic time `at`."""
        oldest = int(at // SLICE_SECONDS) - WINDOW_SECONDS // SLICE_SECONDS
        with self._lock:
            parts = [part.counts for part in self._slices if part.number > oldest]
            requests = sum(part.requests for part in parts)
            errors = sum(part.errors for part in parts)
            latencies = sum((part.latencies for part in parts), Counter())
        if not requests:
            return Summary(0, None, None, None)
        return Summary(
            requests,
            errors / requests,
            percentile_ms(latencies, 0.50),
            percentile_ms(latencies, 0.95),
        )


class Tally:
    """Counts requests from a moment on, for as long as a new version is compared with the old."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counts()

    def record(self, seconds: float, status: int) -> None:
        """Count a request answered after `seconds`."""
        with self._lock:
            self._counts.add(seconds, status)

    def summary(self) -> dict[str, Any]:
        """``{"requests", "errors", "latency_p95_ms"}``; no latency without requests."""
        with self._lock:
            part = self._counts
            latency = percentile_ms(part.latencies, 0.95) if part.requests else None
            return {
                "requests": part.requests, "errors": part.errors, "latency_p95_ms": latency
            }  # fmt: skip


def percentile_ms(latencies: Counter[int], share: float) -> float:
    """The time in milliseconds that a share of the counted ones do not exceed."""
    target = math.ceil(share * latencies.total())
    cumulative = 0
    for bucket in sorted(latencies):
        cumulative += latencies[bucket]
        if cumulative >= target:
            return round(1000 * math.exp((bucket + 0.5) * _CLASS), 3)
    raise AssertionError("the counts sum up to their total")
