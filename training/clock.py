"""Points in time as text: UTC, ISO 8601, to the second."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """The current time, UTC."""
    return datetime.now(timezone.utc)


def text(moment: datetime) -> str:
    """`moment` as ``2013-03-01T00:00:00Z``."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def relative(stamp: str) -> str:
    """How far off a time stamp is, such as ``2 h ago``, ``in 5 min`` or ``now``."""
    seconds = (parse(stamp) - now()).total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= size:
            count = f"{abs(seconds) // size:.0f} {unit}"
            return f"in {count}" if seconds > 0 else f"{count} ago"
    return "now"


def duration(seconds: float | None) -> str:
    """A duration as people read it, such as ``0.4 s``, ``3 min 5 s`` or ``2 h 10 min``."""
    if seconds is None:
        return "-"
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def parse(stamp: str) -> datetime:
    """The moment that `text` wrote, or any ISO 8601 date or time; naive ones are UTC."""
    moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
