"""The months in which a budget of Azure may begin, by a clock."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

import pytest
from pulumi_simcloud.catalog.azure import base

NO_WORLD: Any = None


class Clock(datetime):
    """The last second of a November."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Clock:
        return cls(2026, 11, 30, 23, 59, 59, tzinfo=tz)


@pytest.mark.parametrize(
    ("start", "problem"),
    [
        ("2026-11-01T00:00:00Z", ""),
        ("2027-11-01T00:00:00Z", ""),
        ("2026-10-01T00:00:00Z", "in the past: this month's first at the earliest"),
        ("2025-12-01T00:00:00Z", "in the past: this month's first at the earliest"),
        ("2027-12-01T00:00:00Z", "more than twelve months ahead"),
    ],
)
def test_the_first_month_of_a_budget(
    start: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before the current month: hashicorp/terraform-provider-azurerm, pull request 12121."""
    monkeypatch.setattr(base, "datetime", Clock)
    told = list(base._begins_this_month({"timePeriod": {"startDate": start}}, NO_WORLD))
    assert len(told) == bool(problem)
    assert all(text.endswith(problem) and start in text for text in told)
