"""Columns of numbers, dates and timestamps: what a profile keeps of them."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from training.drift.arrow import known_numbers
from training.drift.sketch import EXACT, Bins, Cells, keys_from
from training.drift.sketch_counters import BinCounter, CellCounter


@dataclass(frozen=True)
class NumericColumn:
    """Counts of a numeric column, or of a date or timestamp column in seconds since 1970.

    Integers and decimals are counted as the nearest float64.

    Args:
        kind: ``numeric`` or ``datetime``.
        type: The column's type in the table.
        rows: Rows, the missing ones included.
        nulls: Null rows.
        nans: Rows that are not a number; like nulls they count as missing.
        infinities: Rows of minus and plus infinity.
        span: Smallest and largest finite number, or None if there is none.
        bins: Counts of the finite numbers between at most 1,024 edges.
        cells: What `bins` was made from; None for a window counted into a reference's bins.
    """

    kind: str
    type: str
    rows: int
    nulls: int
    nans: int
    infinities: tuple[int, int]
    span: tuple[float, float] | None
    bins: Bins
    cells: Cells | None

    @property
    def missing(self) -> int:
        """Rows without a number."""
        return self.nulls + self.nans

    def merged(self, other: NumericColumn) -> NumericColumn | None:
        """The column of the rows of both, or None if both were counted into different bins."""
        if self.cells is not None and other.cells is not None:
            cells = self.cells.merged(other.cells)
            bins = cells.binned(cells.edges())
        elif self.cells is None and other.cells is None and self.bins.same_edges(other.bins):
            cells = None
            bins = Bins(self.bins.level, self.bins.edges, self.bins.counts + other.bins.counts)
        else:
            return None
        return NumericColumn(
            self.kind,
            _types(self.type, other.type),
            self.rows + other.rows,
            self.nulls + other.nulls,
            self.nans + other.nans,
            (self.infinities[0] + other.infinities[0], self.infinities[1] + other.infinities[1]),
            _hull(self.span, other.span),
            bins,
            cells,
        )

    def with_missing(self, rows: int) -> NumericColumn:
        """The column with further null rows."""
        return NumericColumn(
            self.kind,
            self.type,
            self.rows + rows,
            self.nulls + rows,
            self.nans,
            self.infinities,
            self.span,
            self.bins,
            self.cells,
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON; cells are packed, see `_pack`."""
        return {
            "kind": self.kind,
            "type": self.type,
            "rows": self.rows,
            "nulls": self.nulls,
            "nans": self.nans,
            "infinities": list(self.infinities),
            "span": None if self.span is None else list(self.span),
            "bins": {
                "level": self.bins.level,
                "edges": self.bins.values().tolist(),
                "counts": self.bins.counts.tolist(),
            },
            "cells": None
            if self.cells is None
            else {"level": self.cells.level, "packed": _pack(self.cells)},
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> NumericColumn:
        """The inverse of `to_dict`."""
        level = data["bins"]["level"]
        edges = keys_from(np.array(data["bins"]["edges"], np.float64)) >> (EXACT - level)
        cells = data["cells"]
        return NumericColumn(
            data["kind"],
            data["type"],
            data["rows"],
            data["nulls"],
            data["nans"],
            (data["infinities"][0], data["infinities"][1]),
            None if data["span"] is None else (data["span"][0], data["span"][1]),
            Bins(level, edges, np.array(data["bins"]["counts"], np.int64)),
            None if cells is None else _unpack(cells["level"], cells["packed"]),
        )


class NumericTally:
    """Counts a numeric column batch by batch.

    Args:
        kind: ``numeric`` or ``datetime``.
        type_: The column's type in the table.
        reference: Count into this column's bins.
        level: A level that the result is known not to be finer than.
    """

    def __init__(
        self, kind: str, type_: str, reference: NumericColumn | None = None, level: int = EXACT
    ) -> None:
        self._kind, self._type = kind, type_
        self._rows = self._nulls = self._nans = 0
        self._infinities = (0, 0)
        self._span: tuple[float, float] | None = None
        self._counter: CellCounter | BinCounter
        if reference is None:
            self._counter = CellCounter(level)
        else:
            self._counter = BinCounter(reference.bins.level, reference.bins.edges)

    def add(self, array: pa.Array) -> None:
        """Count an Arrow array of the column's type."""
        self._rows += len(array)
        self._nulls += array.null_count
        values = known_numbers(array)
        if values.size == 0:
            return
        low, high = float(values.min()), float(values.max())
        if not np.isfinite(low + high):
            values = self._finite(values)
            if values.size == 0:
                return
            low, high = float(values.min()), float(values.max())
        self._span = _hull(self._span, (low + 0.0, high + 0.0))
        self._counter.add(values)

    def _finite(self, values: np.ndarray) -> np.ndarray:
        below, above = int(np.sum(values == -np.inf)), int(np.sum(values == np.inf))
        finite = values[np.isfinite(values)]
        self._infinities = (self._infinities[0] + below, self._infinities[1] + above)
        self._nans += values.size - finite.size - below - above
        return finite

    def column(self) -> NumericColumn:
        """The column as counted so far."""
        result = self._counter.result()
        cells = result if isinstance(result, Cells) else None
        bins = result.binned(result.edges()) if isinstance(result, Cells) else result
        return NumericColumn(
            self._kind,
            self._type,
            self._rows,
            self._nulls,
            self._nans,
            self._infinities,
            self._span,
            bins,
            cells,
        )


def _types(a: str, b: str) -> str:
    return "|".join(sorted({*a.split("|"), *b.split("|")}))


def _hull(
    a: tuple[float, float] | None, b: tuple[float, float] | None
) -> tuple[float, float] | None:
    if a is None or b is None:
        return a or b
    return min(a[0], b[0]), max(a[1], b[1])


def _pack(cells: Cells) -> str:
    """Key steps and counts as int64, bytes of equal weight together, deflated, in base64."""
    steps = np.diff(cells.keys, prepend=np.int64(0))
    words = np.concatenate([steps, cells.counts]).astype("<i8")
    planes = np.ascontiguousarray(words.view(np.uint8).reshape(-1, 8).T)
    return base64.b64encode(zlib.compress(planes.tobytes(), 6)).decode("ascii")


def _unpack(level: int, packed: str) -> Cells:
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.uint8).reshape(8, -1)
    words = np.ascontiguousarray(planes.T).view("<i8").ravel().astype(np.int64)
    return Cells(level, np.cumsum(words[: words.size // 2]), words[words.size // 2 :])
