"""Fields of cron expressions and the moments they name, by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from training.serving import cron

NOW = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("expression", "field"),
    [
        ("x 0 * * *", "minute"), ("0-x 0 * * *", "minute"), ("60 0 * * *", "minute"),
        ("0 24 * * *", "hour"), ("0 5-4 * * *", "hour"), ("*/0 * * * *", "minute"),
        ("1,,2 * * * *", "minute"), ("0 0 0 * *", "day"), ("0 0 1 13 *", "month"),
        ("0 0 * * 8", "weekday"), ("0 0 * foo *", "month"),
    ],
)  # fmt: skip
def test_a_field_that_is_none_is_named(expression: str, field: str) -> None:
    with pytest.raises(ValueError, match=f"{field}.* is not one; allowed: "):
        cron.Cron.parse(expression, "UTC")


def test_each_month_and_day_has_its_word() -> None:
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    for number, month in enumerate(months, 1):
        following = cron.Cron.parse(f"0 0 1 {month} *", "UTC").after(NOW)
        assert following is not None and following.month == number
    for number, day in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat")):
        following = cron.Cron.parse(f"0 0 * * {day}", "UTC").after(NOW)
        assert following is not None and following.isoweekday() % 7 == number


@pytest.mark.parametrize("minute", range(60))
def test_a_time_in_a_gap_of_the_clock_is_the_gap_s_end(minute: int) -> None:
    following = cron.Cron.parse(f"{minute} 2 * * *", "Europe/Berlin").after(
        datetime(2030, 3, 30, 12, tzinfo=timezone.utc)
    )
    assert following == datetime(2030, 3, 31, 1, tzinfo=timezone.utc)


def test_a_time_that_is_now_fires_now_and_once() -> None:
    trigger = cron.trigger("0 12 * * *", "UTC")
    assert trigger.get_next_fire_time(None, NOW) == NOW
    assert trigger.get_next_fire_time(NOW, NOW) == NOW + timedelta(days=1)
    almost = NOW + timedelta(microseconds=1)
    assert trigger.get_next_fire_time(None, almost) == NOW + timedelta(days=1)
    # The clock is set back over it.
    assert trigger.get_next_fire_time(NOW, NOW - timedelta(hours=1)) == NOW + timedelta(days=1)


def test_a_leap_day_comes_again_after_eight_years() -> None:
    leap = cron.Cron.parse("0 0 29 2 *", "UTC")
    assert leap.after(datetime(1896, 3, 1, tzinfo=timezone.utc)) == datetime(
        1904, 2, 29, tzinfo=timezone.utc
    )
