"""Arrow arrays as NumPy arrays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

_DAY = 86_400.0
_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def numbers(array: pa.Array) -> np.ndarray:
    """An Arrow array without nulls as float64; dates and times in seconds."""
    kind = array.type
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind):
        whole = _values(array, np.dtype(f"i{kind.bit_width // 8}"))
        return whole / _PER_SECOND[kind.unit]
    if pa.types.is_date32(kind):
        return _values(array, np.dtype("i4")) * _DAY
    if pa.types.is_date64(kind):
        return _values(array, np.dtype("i8")) / _PER_SECOND["ms"]
    if not pa.types.is_float64(kind):
        array = array.cast(pa.float64(), safe=False)
    return _values(array, np.dtype("f8"))


def integers(array: pa.Array) -> np.ndarray:
    """An Arrow array of integers without nulls."""
    sign = "i" if pa.types.is_signed_integer(array.type) else "u"
    return _values(array, np.dtype(f"{sign}{array.type.bit_width // 8}"))


def take(array: pa.Array, positions: np.ndarray) -> pa.Array:
    """The elements at int64 positions; unlike `pa.array` it does not import pandas."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(positions, np.int64))]
    return array.take(pa.Array.from_buffers(pa.int64(), positions.size, buffers))


def _values(array: pa.Array, dtype: np.dtype) -> np.ndarray:
    """The values of an array of fixed width without nulls; unlike `to_numpy` it does not import
    pandas."""
    if len(array) == 0:
        return np.empty(0, dtype)
    start = array.offset * dtype.itemsize
    return np.frombuffer(array.buffers()[1], dtype, len(array), start)
