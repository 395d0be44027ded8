"""Checks of single values; each returns the value or raises ValueError saying what is allowed."""

from __future__ import annotations

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from training import models
from training.serving.cron import trigger

# Plain HTTP does not leave these.
THIS_COMPUTER = ("127.0.0.1", "localhost")


def cron(expression: str) -> str:
    """A cron expression of five fields."""
    try:
        trigger(expression, "UTC")
    except ValueError as error:
        raise ValueError(
            f"not a cron expression ({error}); allowed: minute hour day month weekday, "
            "such as '0 6 * * *'"
        ) from None
    return expression


def time_zone(name: str) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            "not a time zone; allowed: an IANA name such as UTC or America/New_York"
        ) from None
    return name


def receiver(address: str) -> str:
    """Where an alarm may be sent."""
    scheme, _, name = address.partition(":")
    host = urlsplit(address).hostname
    allowed = {"https": bool(host), "http": host in THIS_COMPUTER, "env": name.isidentifier()}
    if not allowed.get(scheme):
        raise ValueError(
            "not a receiver; allowed: an https URL, or env:NAME for a URL with a secret in it"
        )
    return address


def model_file(name: str) -> str:
    """A file of `training/models`, by its name."""
    if name not in models.names():
        raise ValueError(f"no such file in training/models; allowed: {', '.join(models.names())}")
    return name
