"""The verdict on a new version, by its own answers and those of the old one in the same minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.endpoint import Signals

# A version that is as good as the bar is taken back by chance in this share of the looks.
ALPHA = 0.005


@dataclass(frozen=True)
class Verdict:
    """Verdict on a version: `reason` is the one against it; `enough`: enough answers to judge."""

    reason: str | None
    enough: bool


def judge(new: Signals, old: Signals | None, part: Mapping[str, Any]) -> Verdict:
    """Hold the new fleet's answers against the bars of the settings; `part` is ``endpoint.json``.

    The bar of its errors is the share that raises the alarm, or the old fleet's own share in the
    same minutes if that is higher: what fails for both is not the new version's fault. It is
    crossed if so many errors would come by chance in one of two hundred cases only, so one failed
    request of ten is not enough and ten of ten are. The bar of the latency is likewise the
    alarm's or the old fleet's, and needs the number of requests that the settings ask for.
    """
    least = part["canary_min_requests"]
    compared = old if old is not None and old.requests >= max(least, 1) else None
    enough = new.requests >= max(least, 1)
    bar = part["max_error_share"]
    if compared:
        bar = max(bar, compared.errors / compared.requests)
    if new.errors and at_least(new.errors, new.requests, bar) < ALPHA:
        share = new.errors / new.requests
        against = f", the version before {_share(compared)}" if compared else ""
        return Verdict(
            f"{new.errors} of its {new.requests} answers failed, {share:.1%}; allowed are "
            f"{part.get('max_error_share', 0.01):.1%}{against}",
            enough,
        )
    slow = part["max_latency_ms"]
    if compared and compared.latency_p95_ms is not None:
        slow = max(slow, compared.latency_p95_ms)
    if enough and new.latency_p95_ms is not None and new.latency_p95_ms > slow:
        return Verdict(
            f"its p95 is {new.latency_p95_ms:.0f} ms over {new.requests} answers; "
            f"allowed are {slow:.0f} ms",
            enough,
        )
    return Verdict(None, enough)


def at_least(errors: int, requests: int, share: float) -> float:
    """The probability of so many errors or more, if each request fails with probability `share`."""
    if share >= 1 or errors <= 0:
        return 1.0
    if share <= 0:
        return 0.0
    # Not in the container of every step before it is needed, and slow to import.
    from scipy.special import bdtrc

    return float(bdtrc(errors - 1, requests, share))


def _share(signals: Signals) -> str:
    return f"{signals.errors / max(signals.requests, 1):.1%}"
