"""Cron schedules across changes of the clock, against a library that is not ours (cronsim)."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from cronsim import CronSim

from training.serving.cron import Cron, CronTrigger

UTC = timezone.utc
YEARS = range(2017, 2027)
# Of the zones, whose rules differ, those that are compared in each run of the tests.
STRIDE = int(os.environ.get("MLOPS_CRON_EACH", "8"))


def transitions(zone: ZoneInfo) -> list[datetime]:
    """The hours of the years in which the zone's clock is changed."""
    changes = []
    moment, end = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1] + 1, 1, 1, tzinfo=UTC)
    step = timedelta(days=7)
    while moment < end:
        low, high = moment, moment + step
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                is_same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if is_same else (low, middle)
            changes.append(high.replace(second=0, microsecond=0))
        moment += step
    return changes


def zones_by_rule() -> dict[tuple[tuple[datetime, timedelta | None], ...], str]:
    """One zone of all those whose clocks are changed at the same moments to the same offsets."""
    rules = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        changes = transitions(zone)
        key = tuple((change, change.astimezone(zone).utcoffset()) for change in changes)
        rules.setdefault(key, name)
    return rules


def test_fire_times_around_every_change_of_every_zone_are_cronsims() -> None:
    rules = zones_by_rule()
    assert len(available_timezones()) > 550 and len(rules) > 30
    compared = 0
    for number, (changes, name) in enumerate(rules.items()):
        if number % STRIDE:
            continue
        zone = ZoneInfo(name)
        for change, _ in changes:
            local = change.astimezone(zone)
            # A daily job at the hour of the change, where it is skipped or comes twice; one an hour
            # before; and one that runs by the time that passes.
            hours = sorted({(local.hour - 1) % 24, local.hour, (local.hour - 2) % 24})
            for expression in [f"30 {hour} * * *" for hour in hours] + ["0 * * * *", "0 0 * * *"]:
                cron, moment = Cron.parse(expression, name), change - timedelta(hours=30)
                expected = CronSim(expression, moment.astimezone(zone))
                for _ in range(4 if expression[2] != "*" else 40):
                    moment_after = cron.after(moment)
                    moment_expected = next(expected).astimezone(UTC)
                    assert moment_after == moment_expected, (name, expression, moment)
                    moment, compared = moment_expected, compared + 1
    assert compared > 10_000 / STRIDE


@pytest.mark.parametrize(
    ("expression", "zone", "since", "times"),
    [
        # Midnight does not exist on 13 March: the day's job runs at the end of the gap.
        ("0 0 * * *", "America/Havana", "2022-03-12T12:00Z", ["2022-03-13T05:00Z",
                                                              "2022-03-14T04:00Z"]),
        ("0 0 * * *", "America/Santiago", "2022-09-10T12:00Z", ["2022-09-11T04:00Z",
                                                                "2022-09-12T03:00Z"]),
        # 02:30 comes twice on 30 October in Berlin: the day's job runs once.
        ("30 2 * * *", "Europe/Berlin", "2022-10-29T12:00Z", ["2022-10-30T00:30Z",
                                                              "2022-10-31T01:30Z"]),
        # What runs every half hour goes on by the time that passes.
        ("*/30 * * * *", "Europe/Berlin", "2022-10-30T00:00Z", ["2022-10-30T00:30Z",
                                                                "2022-10-30T01:00Z",
                                                                "2022-10-30T01:30Z"]),
    ],
)  # fmt: skip
def test_known_changes_of_the_clock(
    expression: str, zone: str, since: str, times: list[str]
) -> None:
    cron, moment = (
        Cron.parse(expression, zone),
        datetime.fromisoformat(since.replace("Z", "+00:00")),
    )
    for time in times:
        fired = cron.after(moment)
        moment = datetime.fromisoformat(time.replace("Z", "+00:00"))
        assert fired == moment


def test_a_clock_that_is_set_back_fires_nothing_twice() -> None:
    trigger = CronTrigger(Cron.parse("0 6 * * *", "UTC"))
    fired = datetime(2026, 1, 2, 6, tzinfo=UTC)
    following = trigger.get_next_fire_time(fired, fired - timedelta(minutes=5))
    assert following == fired + timedelta(days=1)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("0 6 * *", "has 4 fields"),
        ("60 6 * * *", "minute '60' is not one; allowed: 0-59"),
        ("0 24 * * *", "hour '24' is not one"),
        ("0 6 31 2 *", "never fires"),
        ("0 6 * foo *", "month 'foo' is not one; allowed: 1-12 or jan-dec"),
        ("*/0 6 * * *", "minute"),
        ("0 6 * * fri-mon", None),
        ("0 6 29 2 *", None),
        ("5,10-20/2 */3 1-7 JAN mon", None),
    ],
)
def test_expressions(expression: str, sentence: str | None) -> None:
    if sentence is None:
        assert Cron.parse(expression, "UTC").after(datetime(2026, 1, 1, tzinfo=UTC))
    else:
        with pytest.raises(ValueError) as error:
            Cron.parse(expression, "UTC")
        assert sentence in str(error.value)
