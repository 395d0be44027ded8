"""Arrow arrays as NumPy arrays.

Plain types are read from their buffers: `pyarrow.compute` and pandas, which Arrow's own conversions
import at their first use, take longer to load than a million rows to count.
"""

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
    if pa.types.is_integer(kind):
        return integers(array).astype(np.float64)
    if not pa.types.is_floating(kind):
        array = array.cast(pa.float64(), safe=False)
    width = array.type.bit_width // 8
    return _values(array, np.dtype(f"f{width}")).astype(np.float64, copy=False)


def known_numbers(array: pa.Array) -> np.ndarray:
    """The `numbers` of an Arrow array that are not null."""
    if not array.null_count:
        return numbers(array)
    if pa.types.is_decimal(array.type) or pa.types.is_boolean(array.type):
        return numbers(array.drop_null())
    return numbers(array)[valid(array)]


def valid(array: pa.Array) -> np.ndarray:
    """A mask of the elements that are not null, bool of the array's shape."""
    bitmap = array.buffers()[0]
    if bitmap is None:
        return np.full(len(array), not array.null_count)
    first, end = array.offset, array.offset + len(array)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), count=end, bitorder="little")
    return bits[first:].astype(bool)


def integers(array: pa.Array) -> np.ndarray:
    """An Arrow array of integers without nulls."""
    sign = "i" if pa.types.is_signed_integer(array.type) else "u"
    return _values(array, np.dtype(f"{sign}{array.type.bit_width // 8}"))


def take(array: pa.Array, positions: np.ndarray) -> pa.Array:
    """The elements at int64 positions."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(positions, np.int64))]
    return array.take(pa.Array.from_buffers(pa.int64(), positions.size, buffers))


def _values(array: pa.Array, dtype: np.dtype) -> np.ndarray:
    """The values of an array of fixed width; whatever, where null."""
    if len(array) == 0:
        return np.empty(0, dtype)
    start = array.offset * dtype.itemsize
    return np.frombuffer(array.buffers()[1], dtype, len(array), start)
