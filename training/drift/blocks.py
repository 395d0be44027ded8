"""Counts by block, for rows that depend on each other.

A block is a value of a column: a day, an entity. Rows of one block may be alike, rows of different
blocks are independent. Blocks are counted apart up to 64; beyond that they are grouped by a hash of
their name, whole blocks together, so that groups are independent too. Within a group, values are
counted in at most 256 cells. As in `training.drift.sketch`, both levels are the finest that fit, so
that counts are a function of the rows alone and merge exactly.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from training.drift.arrow import integers, numbers, valid
from training.drift.sketch import EXACT, Cells, keys_from

MAX_GROUPS = 64
MAX_CELLS = 256
_HASH_SHIFT = EXACT - 32  # CRC-32 in the highest of 52 bits


@dataclass(frozen=True)
class BlockCounts:
    """Counts of the rows of each group of blocks in each cell.

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
        no_rows = np.empty(0, np.int64)
        return BlockCounts(EXACT, EXACT, no_rows, no_rows, no_rows)

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
    no_rows = BlockCounts.empty()
    return {name: a.get(name, no_rows).merged(b.get(name, no_rows)) for name in {**a, **b}}


class BlockTally:
    """Counts a column's values, and its missing rows, by block.

    Args:
        is_number: Whether values are numbers or times rather than categories.
        earlier: A tally of other rows of the column: the result cannot be at finer levels than it.
    """

    def __init__(self, is_number: bool, earlier: BlockTally | None = None) -> None:
        self._is_number = is_number
        self.values = self.missing = BlockCounts.empty()
        if earlier is not None:
            levels = earlier.values.group_level, earlier.values.cell_level
            self.values = self.values.coarsened(*levels)
            self.missing = self.missing.coarsened(earlier.missing.group_level, EXACT)

    def merged(self, other: BlockTally | None) -> BlockTally:
        """A tally of the rows of both."""
        if other is None:
            return self
        tally = BlockTally(self._is_number)
        tally.values = self.values.merged(other.values)
        tally.missing = self.missing.merged(other.missing)
        return tally

    def add(self, array: pa.Array, blocks: pa.Array) -> None:
        """Count an array, whose rows are in the blocks of another one."""
        names, group = hashes(blocks)
        has_value = np.ones(len(array), bool)
        if array.null_count:
            has_value = valid(array)
            array = array.drop_null()
        if self._is_number:
            values = numbers(array) + 0.0  # no negative zero
            is_number = ~np.isnan(values)
            has_value[has_value] = is_number
            keys, cell = _distinct_keys(
                keys_from(values[is_number]) >> (EXACT - self.values.cell_level)
            )
        else:
            keys, cell = hashes(array)
            keys = keys >> (EXACT - self.values.cell_level)
        self.values = self.values.merged(
            _pair_counts(
                names, group[has_value], keys, cell, self.values.group_level, self.values.cell_level
            )
        )
        is_missing = (~has_value).astype(np.int64)
        flags = np.array([0, 1], np.int64)
        self.missing = self.missing.merged(
            _pair_counts(names, group, flags, is_missing, self.missing.group_level, EXACT)
        )


def hashes(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The 52-bit hashes of an array's distinct values, and which of them each row has.

    Moments of one day (UTC) have one hash: a timestamp marks its day as a block.
    """
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.date32(), safe=False)
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode("encode")
    names = encoded.dictionary.cast(pa.string()).to_pylist()
    indices = encoded.indices.fill_null(len(names)) if encoded.null_count else encoded.indices
    hashed = [zlib.crc32(str(name).encode()) << _HASH_SHIFT for name in [*names, None]]
    return np.array(hashed, np.int64), integers(indices)


def _pair_counts(
    names: np.ndarray,
    group: np.ndarray,
    keys: np.ndarray,
    cell: np.ndarray,
    group_level: int,
    cell_level: int,
) -> BlockCounts:
    """Count pairs of positions in `names` and `keys`."""
    width = max(1, keys.size)
    pairs, counts = np.unique(group.astype(np.int64) * width + cell, return_counts=True)
    groups = names[pairs // width] >> (EXACT - group_level)
    return BlockCounts(group_level, cell_level, groups, keys[pairs % width], counts)


def _distinct_keys(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct keys, increasing, and the position of each key among them."""
    low = int(keys.min()) if keys.size else 0
    spread = int(keys.max()) - low if keys.size else 0
    if spread >= 1 << 20:
        return np.unique(keys, return_inverse=True)
    offset = keys - low
    presence = np.bincount(offset, minlength=1) > 0
    return np.flatnonzero(presence) + low, (np.cumsum(presence) - 1)[offset]
