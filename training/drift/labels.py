"""Labels that have arrived for rows that the model has scored.

A captured row has no name to look its label up by. It has the model's inputs, and a row with the
same inputs gets the same answer: so a labeled row is matched with a captured one of equal inputs,
each with one at most. Numbers are equal if they agree in about 12 digits, as one that went through
text may have lost its last bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from training.arrow_table import Arrays, Table, kind_of
from training.drift.arrow import integers, known_numbers, numbers, take, valid
from training.errors import UserError

_ROUNDING_STEP = np.uint64(1 << 12)  # of 2**52 steps of a float64's mantissa
_NULL = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = [np.uint64(factor) for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)]


@dataclass(frozen=True)
class Rows:
    """Rows known by their inputs.

    Args:
        keys: Hash of each row's inputs, uint64 of shape (n,).
        values: Other columns of the rows, each of shape (n,).
    """

    keys: np.ndarray
    values: Mapping[str, np.ndarray]

    def ordered(self) -> Rows:
        """The same rows by their keys: an order that does not depend on the files they are in."""
        order = np.argsort(self.keys, kind="stable")
        return Rows(self.keys[order], {name: column[order] for name, column in self.values.items()})


def read_rows(
    tables: Iterable[Table],
    inputs: Mapping[str, bool],
    extra_columns: Sequence[str],
    most: int | None = None,
    after: tuple[str, float] | None = None,
) -> Rows:
    """The inputs' hashes and some columns of all rows, or of at least the first `most`.

    Args:
        tables: The tables, of which as many as needed are read.
        inputs: The model's input columns, and whether each one is text rather than a number.
        extra_columns: Columns to keep.
        most: Read no further table once so many rows are there.
        after: A time column and seconds since 1970: only rows of a later time.

    Raises:
        UserError: A table lacks one of the columns.
    """
    further = [*extra_columns, *([after[0]] if after else [])]
    read_names = [*inputs, *(name for name in dict.fromkeys(further) if name not in inputs)]
    keys: list[np.ndarray] = [np.empty(0, np.uint64)]
    columns: dict[str, list[np.ndarray]] = {name: [] for name in extra_columns}
    for table in tables:
        if most is not None and sum(map(len, keys)) >= most:
            break
        for batch in _batches(table, read_names):
            batch = batch if after is None else _later(batch, *after)
            keys.append(_keys(batch, inputs))
            for name in extra_columns:
                columns[name].append(_values(batch[name]))
    return Rows(
        np.concatenate(keys),
        {name: np.concatenate(parts) if parts else np.empty(0) for name, parts in columns.items()},
    )


def matched(captured: Rows, labeled: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Positions of captured rows that have a label, and of the labeled rows they go with."""
    _, ids = np.unique(np.concatenate([captured.keys, labeled.keys]), return_inverse=True)
    captured_keys, label_keys = (
        # The second row of equal inputs goes with the second label, and so on.
        side * (ids.size + 1) + _occurrence(side)
        for side in (ids[: captured.keys.size], ids[captured.keys.size :])
    )
    _, positions, label_positions = np.intersect1d(
        captured_keys, label_keys, assume_unique=True, return_indices=True
    )
    return positions, label_positions


def _batches(table: Table, names: list[str]) -> Iterator[Arrays]:
    absent = [name for name in names if name not in table.types]
    if absent:
        present = ", ".join(table.types)
        raise UserError(f"{table.name} has no column {absent[0]!r}; it has {present}")
    return table.batches(names)


def later_than(times: pa.Array, seconds: float) -> np.ndarray:
    """A mask of times after `seconds` since 1970, bool of the array's shape; False where null."""
    return _values(times) > seconds


def _later(batch: Arrays, time_column: str, seconds: float) -> Arrays:
    later = np.flatnonzero(later_than(batch[time_column], seconds))
    return {name: take(array, later) for name, array in batch.items()}


def _keys(batch: Arrays, inputs: Mapping[str, bool]) -> np.ndarray:
    key = np.zeros(len(next(iter(batch.values()))), np.uint64)
    for name in sorted(inputs):
        key = _mixed(key ^ (_text(batch[name]) if inputs[name] else _number(batch[name])))
    return key


def _mixed(key: np.ndarray) -> np.ndarray:
    """Splitmix64's finalizer: each bit of the result depends on all bits of the key."""
    key = key + _NULL
    for shift, factor in zip((30, 27), _FACTORS, strict=True):
        key = (key ^ (key >> np.uint64(shift))) * factor
    return key ^ (key >> np.uint64(31))


def _number(array: pa.Array) -> np.ndarray:
    if kind_of(array.type) not in ("numeric", "datetime", "boolean"):
        # A later table has words where the version has learned numbers: no request is like them.
        return np.full(len(array), _NULL)
    values = _values(array) + 0.0  # no negative zero
    rounded = (values.view(np.uint64) + (_ROUNDING_STEP >> np.uint64(1))) // _ROUNDING_STEP
    return np.where(np.isnan(values), _NULL, rounded)


def _text(array: pa.Array) -> np.ndarray:
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode("encode")
    names = encoded.dictionary.cast(pa.string()).to_pylist()
    hashes = [_NULL if name is None else _hash(name) for name in [*names, None]]
    indices = encoded.indices.fill_null(len(names)) if encoded.null_count else encoded.indices
    return np.array(hashes, np.uint64)[integers(indices)]


def _hash(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big"))


def _values(array: pa.Array) -> np.ndarray:
    """Numbers and times as float64, nan where null; anything else as objects, None where null."""
    if kind_of(array.type) not in ("numeric", "datetime", "boolean"):
        return np.array([*array.to_pylist(), None], object)[:-1]
    if not array.null_count:
        return numbers(array)
    values = np.full(len(array), np.nan)
    values[valid(array)] = known_numbers(array)
    return values


def _occurrence(ids: np.ndarray) -> np.ndarray:
    """Number of rows of the same id before each row."""
    order = np.argsort(ids, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(ids))[:-1]])
    occurrence = np.empty(ids.size, np.int64)
    occurrence[order] = np.arange(ids.size) - starts[ids[order]]
    return occurrence
