"""Points in time as text: UTC, ISO 8601, to the second."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """The current time, UTC."""
    return datetime.now(timezone.utc)


def text(moment: datetime) -> str:
    """`moment` as ``2013-03-01T00:00:00Z``."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(stamp: str) -> datetime:
    """The moment that `text` wrote, or any ISO 8601 date or time; naive ones are UTC."""
    moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
