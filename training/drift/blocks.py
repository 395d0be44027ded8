"""Counts by block, for rows that depend on each other.

A block is a value of a column: a day, an entity. Rows of one block may be alike, rows of different
blocks are independent. Blocks are counted apart up to 64; beyond that they are grouped by a hash of
their name, whole blocks together, so that groups are independent too. Within a group, values are
counted in at most 256 cells. As in `training.drift.cells`, both levels are the finest that fit, so
that counts are a function of the rows alone and merge exactly.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.drift.cells import EXACT, Cells

MAX_GROUPS = 64
MAX_CELLS = 256
_HASH_SHIFT = EXACT - 32  # CRC-32 in the highest of 52 bits


@dataclass(frozen=True)
class BlockCounts:
    """How many rows of each group of blocks fall into each cell.

    Args:
        group_level: Bits of a block's 52-bit hash that tell groups apart.
        cell_level: Bits that tell cells apart: of a number's mantissa, or of a category's hash.
        groups: int64 of shape (n,).
        cells: int64 of shape (n,).
        counts: int64 of shape (n,), all positive; pairs of group and cell increase.
    """

    group_level: int
    cell_level: int
    groups: np.ndarray
    cells: np.ndarray
    counts: np.ndarray

    @staticmethod
    def empty() -> BlockCounts:
        """No row yet, at the exact levels."""
        nothing = np.empty(0, np.int64)
        return BlockCounts(EXACT, EXACT, nothing, nothing, nothing)

    def coarsened(self, group_level: int, cell_level: int) -> BlockCounts:
        """The same rows at coarser levels."""
        groups = self.groups >> (self.group_level - group_level)
        cells = self.cells >> (self.cell_level - cell_level)
        order = np.lexsort((cells, groups))
        groups, cells, counts = groups[order], cells[order], self.counts[order]
        if groups.size:
            changes = (groups[1:] != groups[:-1]) | (cells[1:] != cells[:-1])
            starts = np.flatnonzero(np.concatenate([[True], changes]))
            groups, cells = groups[starts], cells[starts]
            counts = np.add.reduceat(counts, starts)
        return BlockCounts(group_level, cell_level, groups, cells, counts)

    def merged(self, other: BlockCounts) -> BlockCounts:
        """The counts of the rows of both."""
        group_level = min(self.group_level, other.group_level)
        cell_level = min(self.cell_level, other.cell_level)
        a, b = (side.coarsened(group_level, cell_level) for side in (self, other))
        return BlockCounts(
            group_level,
            cell_level,
            np.concatenate([a.groups, b.groups]),
            np.concatenate([a.cells, b.cells]),
            np.concatenate([a.counts, b.counts]),
        ).limited()

    def limited(self) -> BlockCounts:
        """At the finest levels with at most 64 groups and 256 cells."""
        group_level = _finest(self.group_level, self.groups, MAX_GROUPS)
        return self.coarsened(group_level, _finest(self.cell_level, self.cells, MAX_CELLS))

    def matrix(self, cells: np.ndarray) -> np.ndarray:
        """Counts of shape (groups, cells) over the given cells, which contain all that are used."""
        groups, row = np.unique(self.groups, return_inverse=True)
        matrix = np.zeros((groups.size, cells.size))
        matrix[row, np.searchsorted(cells, self.cells)] = self.counts
        return matrix

    def to_dict(self) -> dict[str, Any]:
        """As JSON: three arrays of little-endian int64, deflated, in base64."""
        words = np.concatenate([self.groups, self.cells, self.counts]).astype("<i8").tobytes()
        packed = base64.b64encode(zlib.compress(words, 6)).decode("ascii")
        return {"group_level": self.group_level, "cell_level": self.cell_level, "packed": packed}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> BlockCounts:
        """The inverse of `to_dict`."""
        words = np.frombuffer(zlib.decompress(base64.b64decode(data["packed"])), "<i8")
        groups, cells, counts = words.astype(np.int64).reshape(3, -1)
        return BlockCounts(data["group_level"], data["cell_level"], groups, cells, counts)


@dataclass(frozen=True)
class Blocks:
    """Counts by block of all columns of a table.

    Args:
        column: The column that marks the blocks.
        values: Counts of each column's values.
        missing: Counts of each column's rows with a value (cell 0) and without (cell 1).
    """

    column: str
    values: Mapping[str, BlockCounts]
    missing: Mapping[str, BlockCounts]

    def merged(self, other: Blocks) -> Blocks:
        """The counts of the rows of both."""
        return Blocks(
            self.column, _merged(self.values, other.values), _merged(self.missing, other.missing)
        )

    def renamed(self, column: str) -> Blocks:
        """The same counts, of blocks that the other table marks by a column of another name."""
        return Blocks(column, self.values, self.missing)

    def select(self, names: Collection[str]) -> Blocks:
        """Only the named columns."""
        values, missing = (
            {name: counts for name, counts in side.items() if name in names}
            for side in (self.values, self.missing)
        )
        return Blocks(self.column, values, missing)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "column": self.column,
            "values": {name: counts.to_dict() for name, counts in sorted(self.values.items())},
            "missing": {name: counts.to_dict() for name, counts in sorted(self.missing.items())},
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Blocks:
        """The inverse of `to_dict`."""
        values, missing = (
            {name: BlockCounts.from_dict(counts) for name, counts in data[side].items()}
            for side in ("values", "missing")
        )
        return Blocks(data["column"], values, missing)


def _finest(level: int, keys: np.ndarray, most: int) -> int:
    distinct = np.unique(keys)
    return Cells(level, distinct, np.ones(distinct.size, np.int64)).limited(most).level


def _merged(a: Mapping[str, BlockCounts], b: Mapping[str, BlockCounts]) -> dict[str, BlockCounts]:
    nothing = BlockCounts.empty()
    return {name: a.get(name, nothing).merged(b.get(name, nothing)) for name in {**a, **b}}
