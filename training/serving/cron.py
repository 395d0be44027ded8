"""Cron expressions by the rules of crontab(5), in a time zone, across changes of the clock.

Weekdays count from Sunday = 0; where day of the month and weekday are both restricted, either will
do. Changes of the clock are handled as Debian's cron does: a job with fixed hours runs once a day,
right after the gap if its time is skipped, and at the first of two equal times; a job whose hours
begin with ``*`` runs by the time that passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_ITEM = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?")
# Leap days come again after eight years at most (1896 to 1904).
_YEARS = 9


@dataclass(frozen=True)
class Field:
    """One of the five fields: its name, its limits and the words for its numbers."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()

    def parse(self, text: str) -> frozenset[int]:
        """The numbers that a text such as ``*/15`` or ``1-5,7`` names; raises ValueError."""
        numbers: set[int] = set()
        for item in text.split(","):
            match = _ITEM.fullmatch(item)
            if match is None:
                raise self._error(item)
            star, first, last, step = match.groups()
            begin = self.low if star else self._number(first)
            end = self._number(last) if last else self.high if star or step else begin
            if int(step or 1) < 1:
                raise self._error(item)
            if self.name == "weekday" and end < begin:
                end += 7
            if end < begin:
                raise self._error(item)
            numbers.update(range(begin, end + 1, int(step or 1)))
        return frozenset(n % 7 for n in numbers) if self.name == "weekday" else frozenset(numbers)

    def _number(self, text: str) -> int:
        if text.lower() in self.words:
            return self.words.index(text.lower()) + self.low
        if text.isdecimal() and self.low <= int(text) <= self.high:
            return int(text)
        raise self._error(text)

    def _error(self, item: str) -> ValueError:
        words = f" or {self.words[0]}-{self.words[-1]}" if self.words else ""
        return ValueError(
            f"{self.name} {item!r} is not one; allowed: {self.low}-{self.high}{words}, *, "
            "ranges, lists, steps"
        )


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day", 1, 31),
    Field("month", 1, 12, tuple(_MONTHS)),
    Field("weekday", 0, 7, tuple(_DAYS)),
)


@dataclass(frozen=True)
class Cron:
    """A cron expression in a time zone."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    by_passing_time: bool
    zone: tzinfo

    @classmethod
    def parse(cls, expression: str, zone: str) -> Cron:
        """The schedule of five fields; raises ValueError for what is none, or never fires."""
        texts = expression.split()
        if len(texts) != 5:
            raise ValueError(f"{expression!r} has {len(texts)} fields; a cron expression has 5")
        numbers = [field.parse(text) for field, text in zip(FIELDS, texts, strict=True)]
        minute, hour, day, _, weekday = texts
        cron = cls(
            *numbers,
            either_day=not day.startswith("*") and not weekday.startswith("*"),
            by_passing_time=minute.startswith("*") or hour.startswith("*"),
            zone=ZoneInfo(zone),
        )
        if next(cron._dates(date(1999, 1, 1)), None) is None:
            raise ValueError(f"{expression!r} never fires")
        return cron

    def after(self, moment: datetime) -> datetime | None:
        """The first fire time later than `moment`, in UTC."""
        moment = moment.astimezone(timezone.utc)
        start = moment.astimezone(self.zone).date() - timedelta(days=1)
        for day in self._dates(start):
            times = self._passing(day) if self.by_passing_time else self._fixed(day)
            later = [instant for instant in times if instant > moment]
            if later:
                return min(later)
        return None

    def _dates(self, start: date) -> Iterator[date]:
        """The days on which it fires, from `start` on."""
        for offset in range(_YEARS * 366):
            day = start + timedelta(days=offset)
            if day.month not in self.months:
                continue
            in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
            if (in_month or in_week) if self.either_day else (in_month and in_week):
                yield day

    def _fixed(self, day: date) -> Iterator[datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                yield self._instant(datetime.combine(day, time(hour, minute)))

    def _passing(self, day: date) -> Iterator[datetime]:
        """Every instant of the day whose clock shows one of the times."""
        for hour in self.hours:
            for minute in self.minutes:
                naive = datetime.combine(day, time(hour, minute))
                for fold in (0, 1):
                    instant = naive.replace(tzinfo=self.zone, fold=fold).astimezone(timezone.utc)
                    if instant.astimezone(self.zone).replace(tzinfo=None) == naive:
                        yield instant

    def _instant(self, naive: datetime) -> datetime:
        """The first instant that the clock shows this time, or the end of the gap it is in."""
        instant = naive.replace(tzinfo=self.zone).astimezone(timezone.utc)
        if instant.astimezone(self.zone).replace(tzinfo=None) == naive:
            return instant
        # Before a gap the clock has the smaller offset, so that both sides of it are known.
        before = naive.replace(tzinfo=self.zone, fold=1).astimezone(timezone.utc)
        low, high = min(before, instant), max(before, instant)
        offset = low.astimezone(self.zone).utcoffset()
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                low = middle
            else:
                high = middle
        return high.replace(microsecond=0)


class CronTrigger(BaseTrigger):
    """A `Cron` for APScheduler."""

    def __init__(self, cron: Cron) -> None:
        self._cron = cron

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The next fire time; APScheduler asks for the next one after the one before."""
        start = now - timedelta(microseconds=1)
        if previous_fire_time is not None:
            # After a jump of the clock back, a time that has fired does not fire again.
            start = max(start, previous_fire_time)
        return self._cron.after(start)


def trigger(expression: str, zone: str) -> Any:
    """The trigger of a cron expression; raises ValueError for what is none, or no time zone."""
    return CronTrigger(Cron.parse(expression, zone))
