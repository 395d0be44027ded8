"""Tables for the tests of drift detection."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import TypeVar

import numpy as np
import pyarrow as pa

from training.drift import Profile
from training.drift.categorical import CategoryColumn
from training.drift.numeric import NumericColumn

T = TypeVar("T")
EPOCH = dt.datetime(2024, 1, 1)


def mixed(rows: int, seed: int = 0) -> pa.Table:
    """A table with a column of every kind, with nulls, nan, infinities and ties."""
    random = np.random.default_rng(seed)
    holes = random.normal(size=rows)
    holes[::7] = np.nan
    holes[::11] = np.inf
    holes[::13] = -np.inf
    words = np.array([f"word {index}" for index in range(200)])[random.integers(0, 200, rows)]
    gaps = random.random(rows) < 0.1
    days = [EPOCH + dt.timedelta(hours=int(hour)) for hour in random.integers(0, 2000, rows)]
    return pa.table(
        {
            "normal": random.normal(size=rows),
            "holes": holes,
            "nulls": pa.array(random.normal(size=rows), mask=gaps),
            "small": pa.array(random.integers(0, 24, rows).astype(np.int16), mask=gaps),
            "huge": random.integers(-(2**62), 2**62, rows),
            "single": random.normal(size=rows).astype(np.float32),
            "flag": pa.array(random.random(rows) < 0.3, mask=gaps),
            "word": pa.array(words, mask=gaps),
            "coded": pa.array(words).dictionary_encode(),
            "date": pa.array([day.date() for day in days]),
            "time": pa.array(days, pa.timestamp("us")),
            "price": pa.array(
                [decimal.Decimal(int(x)) / 100 for x in random.integers(0, 9999, rows)]
            ),
            "constant": np.full(rows, 3.25),
            "nothing": pa.nulls(rows),
            "unused": pa.nulls(rows, pa.float64()),
            "list": pa.array([[1, 2]] * rows),
        }
    )


def plain(rows: int, seed: int = 0, shift: float = 0.0) -> pa.Table:
    """Three independent columns: two of numbers, of which `shift` moves one, and one of words."""
    random = np.random.default_rng(seed)
    return pa.table(
        {
            "a": random.normal(shift, 1.0, rows),
            "b": random.exponential(1.0, rows),
            "c": pa.array(np.array(["x", "y", "z"])[random.integers(0, 3, rows)]),
        }
    )


def numeric(profile: Profile, name: str) -> NumericColumn:
    """A column of numbers of a profile."""
    column = profile.columns[name]
    assert isinstance(column, NumericColumn)
    return column


def category(profile: Profile, name: str) -> CategoryColumn:
    """A column of categories of a profile."""
    column = profile.columns[name]
    assert isinstance(column, CategoryColumn)
    return column


def require(value: T | None) -> T:
    """A value that must be there."""
    assert value is not None
    return value
