"""Columns of categories: strings, dictionaries and booleans."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from training.drift.arrow import integers, take, valid

MAX_NAMES = 10_000
BUCKETS = 1_024
_FEW_NAMES = 1_000  # so few are listed whole, however few of them are used


@dataclass(frozen=True)
class CategoryColumn:
    """Counts of a column of categories.

    Up to 10,000 categories are counted by name. A column with more (an identifier, free text) is
    counted in 1,024 buckets by the CRC-32 of the name's UTF-8 instead, so that its size stays
    bounded and shards still merge exactly.

    Args:
        kind: ``categorical`` or ``boolean``.
        type: The column's type in the table.
        rows: Rows, the missing ones included.
        nulls: Null rows.
        names: Rows of each category, most frequent first; empty if there are `buckets`.
        buckets: int64 of shape (1024,), or None.
    """

    kind: str
    type: str
    rows: int
    nulls: int
    names: Mapping[str, int]
    buckets: np.ndarray | None

    @property
    def missing(self) -> int:
        """Rows without a category."""
        return self.nulls

    def merged(self, other: CategoryColumn) -> CategoryColumn:
        """The column of the rows of both."""
        tally = CategoryTally(
            self.kind, "|".join(sorted({*self.type.split("|"), *other.type.split("|")}))
        )
        for column in (self, other):
            tally.count(column)
        return tally.column()

    def with_missing(self, rows: int) -> CategoryColumn:
        """The column with further null rows."""
        return CategoryColumn(
            self.kind, self.type, self.rows + rows, self.nulls + rows, self.names, self.buckets
        )

    def in_buckets(self) -> np.ndarray:
        """Rows in each of the 1,024 buckets."""
        return _bucketed(self.names) if self.buckets is None else self.buckets

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "kind": self.kind,
            "type": self.type,
            "rows": self.rows,
            "nulls": self.nulls,
            "categories": dict(self.names),
            "buckets": None if self.buckets is None else self.buckets.tolist(),
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> CategoryColumn:
        """The inverse of `to_dict`."""
        buckets = data["buckets"]
        return CategoryColumn(
            data["kind"],
            data["type"],
            data["rows"],
            data["nulls"],
            data["categories"],
            None if buckets is None else np.array(buckets, np.int64),
        )


class CategoryTally:
    """Counts a column of categories batch by batch."""

    def __init__(self, kind: str, type_: str) -> None:
        self._kind, self._type = kind, type_
        self._rows = self._nulls = 0
        self._names: Counter[str] = Counter()
        self._buckets: np.ndarray | None = None

    def add(self, array: pa.Array) -> None:
        """Count an Arrow array of strings, booleans or a dictionary."""
        self._rows += len(array)
        names, counts = _counted(array)
        self._nulls += len(array) - int(counts.sum())
        batch: Counter[str] = Counter()
        for name, count in zip(names, counts.tolist(), strict=True):
            batch[name] += count
        self._put_names(batch)

    def count(self, column: CategoryColumn) -> None:
        """Count the rows of a column."""
        self._rows += column.rows
        self._nulls += column.nulls
        if column.buckets is None:
            self._put_names(column.names)
        else:
            self._into_buckets()
            self._buckets += column.buckets

    def column(self) -> CategoryColumn:
        """The column as counted so far."""
        ordered = sorted(self._names.items(), key=lambda item: (-item[1], item[0]))
        return CategoryColumn(
            self._kind, self._type, self._rows, self._nulls, dict(ordered), self._buckets
        )

    def _put_names(self, names: Mapping[str, int]) -> None:
        if self._buckets is not None:
            self._buckets += _bucketed(names)
            return
        self._names.update(names)
        if len(self._names) > MAX_NAMES:
            self._into_buckets()

    def _into_buckets(self) -> None:
        if self._buckets is None:
            self._buckets = _bucketed(self._names)
            self._names = Counter()


def _counted(array: pa.Array) -> tuple[list[str], np.ndarray]:
    """The distinct categories of an array and how often each occurs."""
    if pa.types.is_boolean(array.type):
        true = array.true_count
        pairs = {"false": array.false_count, "true": true}
        used_pairs = {name: count for name, count in pairs.items() if count}
        return list(used_pairs), np.array(list(used_pairs.values()), np.int64)
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    indices = array.indices
    places = integers(indices)
    if indices.null_count:
        places = places[valid(indices)]
    counts = np.bincount(places, minlength=len(array.dictionary))
    positions = np.flatnonzero(counts)
    names = _names(array.dictionary, positions)
    keep = [i for i, name in enumerate(names) if name is not None]  # a dictionary may hold null
    return [str(names[i]) for i in keep], counts[positions][keep]


def _names(dictionary: pa.Array, positions: np.ndarray) -> list[str | None]:
    """The categories at some positions of a dictionary."""
    is_text = pa.types.is_string(dictionary.type) or pa.types.is_large_string(dictionary.type)
    if is_text and len(dictionary) <= _FEW_NAMES:
        names = dictionary.to_pylist()
        return [names[position] for position in positions]
    return take(dictionary, positions).cast(pa.string()).to_pylist()


def _bucketed(names: Mapping[str, int]) -> np.ndarray:
    hashes = [zlib.crc32(name.encode()) % BUCKETS for name in names]
    weights = np.fromiter(names.values(), np.int64, len(names))
    buckets = np.zeros(BUCKETS, np.int64)
    np.add.at(buckets, np.array(hashes, np.intp), weights)
    return buckets
