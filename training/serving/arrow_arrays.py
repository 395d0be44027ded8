"""Arrow arrays out of buffers, for the process that serves.

`pyarrow.array` imports pandas to ask whether it was given some of it (``_PandasAPIShim`` in
pyarrow's ``pandas-shim.pxi``): 40 MB and half a second that no server of compiled versions needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
# The offsets of Arrow's type string are 32 bits.
_MOST_BYTES = 2**31 - 1


def numbers(values: np.ndarray) -> pa.Array:
    """Doubles, or whole numbers of 64 bits."""
    whole = values.dtype.kind == "i"
    plain = np.ascontiguousarray(values, dtype=np.int64 if whole else np.float64)
    return _array(pa.int64() if whole else pa.float64(), plain)


def moments(values: Sequence[datetime], counts: Sequence[int]) -> pa.Array:
    """Moments in microseconds of UTC, each as often as its count says."""
    since_epoch = np.array([(value - _EPOCH) // _MICROSECOND for value in values], dtype=np.int64)
    return _array(pa.timestamp("us", tz="UTC"), np.repeat(since_epoch, counts))


def texts(values: Sequence[str | None]) -> pa.Array:
    """Texts, null for None."""
    count = len(values)
    joined = "".join(filter(None, values))
    parts: list[Any] = [text or "" for text in values] if None in values else list(values)
    if not joined.isascii():
        parts = [text.encode() for text in parts]
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, parts), np.int64, count), out=offsets[1:])
    if offsets[-1] > _MOST_BYTES:
        return pa.array(list(values), pa.string())
    present = np.array([text is not None for text in values], dtype=bool)
    validity = None if present.all() else _bits(present)
    places, content = pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(joined.encode())
    return pa.StringArray.from_buffers(count, places, content, validity)


def labels(values: np.ndarray) -> pa.Array:
    """Predictions of any kind, as the type that their plain values have."""
    if values.dtype.kind in "if":
        return numbers(values)
    if values.dtype.kind == "b":
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bits(values)])
    plain = values.tolist()
    if set(map(type, plain)) == {str}:
        return texts(plain)
    return pa.array(plain)


def _array(kind: pa.DataType, values: np.ndarray) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _bits(values: np.ndarray) -> pa.Buffer:
    return pa.py_buffer(np.packbits(values, bitorder="little"))
