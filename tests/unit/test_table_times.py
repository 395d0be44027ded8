"""Days that a setting says are times, such as 31/12/2026."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from training import table
from training.errors import UserError


def times(*texts: str | None) -> list[Any]:
    return table.parse_times(pd.Series(texts, dtype=object), "day").to_pylist()


@pytest.mark.parametrize(
    ("texts", "moments"),
    [
        (["31/12/2026", "01.02.2026"], ["2026-12-31", "2026-02-01"]),
        (["12/31/2026", "1-2-2026"], ["2026-12-31", "2026-01-02"]),
        (["13/12/2026"], ["2026-12-13"]),
        (["12/13/2026", "12/12/2026"], ["2026-12-13", "2026-12-12"]),
        (["29.2.2024 07:05"], ["2024-02-29T07:05"]),
        ([" 31/12/2026 10:30"], ["2026-12-31T10:30"]),
        (["31/12/2026T23:59:59.5"], ["2026-12-31T23:59:59.500"]),
        (["31/12/2026 23:30+02:00", "31/12/2026 23:30Z", "31/12/2026 23:30"],
         ["2026-12-31T21:30", "2026-12-31T23:30", "2026-12-31T23:30"]),
    ],
)  # fmt: skip
def test_days_and_months_are_told_apart_by_a_value_above_twelve(
    texts: list[str], moments: list[str]
) -> None:
    assert times(*texts) == [dt.datetime.fromisoformat(moment) for moment in moments]
    assert times(None, *texts, None) == [None, *times(*texts), None]


def test_what_the_order_is_taken_for_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    times(None, "31/12/2026")
    times("12/31/2026 10:00")
    assert capsys.readouterr().out.splitlines() == [
        "column 'day' is read as day/month/year: '31/12/2026' is 2026-12-31 00:00:00",
        "column 'day' is read as month/day/year: '12/31/2026 10:00' is 2026-12-31 10:00:00",
    ]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["12/12/2026", "1/2/2026"], "dates such as '12/12/2026', which may be day/month or"),
        (["31/12/2026", "12/31/2026"], "dates such as '31/12/2026', which may be day/month or"),
        (["31/12/2026", "today", "never"], "'today'; a time is written 2026-12-31 or"),
        (["31/12/26"], "'31/12/26'; a time is written"),
        (["31/12/2026x"], "'31/12/2026x'; a time is written"),
        (["1/31/12/2026"], "'1/31/12/2026'; a time is written"),
        (["31/12/2026", "31/02/2026", "30/02/2026"], "'31/02/2026': no such time"),
        (["31/12/2026 25:00"], "'31/12/2026 25:00': no such time"),
        (["31/13/2026"], "dates such as '31/13/2026'"),
        (["31/00/2026"], "'31/00/2026': no such time"),
    ],
)  # fmt: skip
def test_days_that_are_not_clear_are_refused(texts: list[str], told: str) -> None:
    with pytest.raises(UserError) as error:
        times(None, *texts)
    assert str(error.value).startswith(f"column 'day' holds {told}")
