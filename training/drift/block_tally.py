"""Counting the values of a column by block."""

from __future__ import annotations

import zlib

import numpy as np
import pyarrow as pa

from training.drift.arrow import integers, numbers, valid
from training.drift.blocks import BlockCounts
from training.drift.cells import EXACT, keys_from

_HASH_SHIFT = EXACT - 32  # CRC-32 in the highest of 52 bits


class BlockTally:
    """Counts a column's values, and its missing rows, by block.

    Args:
        is_number: Whether values are numbers or times rather than categories.
        begun: A tally of other rows of the column: the result cannot be at finer levels than it.
    """

    def __init__(self, is_number: bool, begun: BlockTally | None = None) -> None:
        self._is_number = is_number
        self.values = self.missing = BlockCounts.empty()
        if begun is not None:
            levels = begun.values.group_level, begun.values.cell_level
            self.values = self.values.coarsened(*levels)
            self.missing = self.missing.coarsened(begun.missing.group_level, EXACT)

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
        known = np.ones(len(array), bool)
        if array.null_count:
            known = valid(array)
            array = array.drop_null()
        if self._is_number:
            values = numbers(array) + 0.0  # no negative zero
            is_number = ~np.isnan(values)
            known[known] = is_number
            keys, cell = _distinct(keys_from(values[is_number]) >> (EXACT - self.values.cell_level))
        else:
            keys, cell = hashes(array)
            keys = keys >> (EXACT - self.values.cell_level)
        self.values = self.values.merged(
            _counted(
                names, group[known], keys, cell, self.values.group_level, self.values.cell_level
            )
        )
        is_missing = (~known).astype(np.int64)
        flags = np.array([0, 1], np.int64)
        self.missing = self.missing.merged(
            _counted(names, group, flags, is_missing, self.missing.group_level, EXACT)
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


def _counted(
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


def _distinct(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct keys, increasing, and the position of each key among them."""
    low = int(keys.min()) if keys.size else 0
    spread = int(keys.max()) - low if keys.size else 0
    if spread >= 1 << 20:
        return np.unique(keys, return_inverse=True)
    offset = keys - low
    used = np.bincount(offset, minlength=1) > 0
    return np.flatnonzero(used) + low, (np.cumsum(used) - 1)[offset]
