"""JSON, decoded by msgspec where it is installed: rows straight into the columns of a model.

msgspec takes only what the standard library reads as the same values; all else (NaN, other
encodings, half a surrogate pair) it refuses, and so is every row that does not have exactly the
model's columns with a number, a truth value, a text or null in each. What is refused here is read
again by the standard library, which has the words for what is wrong with it. A cloud's container
need not have msgspec: there the standard library reads all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np

try:
    import msgspec
except ModuleNotFoundError:
    msgspec = None

from training.model_inputs import CATEGORICAL, Column


def load(body: bytes) -> Any:
    """The value of a JSON text; raises ValueError or RecursionError."""
    if msgspec is not None:
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            pass  # the standard library takes more, and says where it cannot
    return json.loads(body)


def dump(value: Any) -> bytes:
    """JSON of finite plain values."""
    if msgspec is not None:
        return msgspec.json.encode(value)
    return json.dumps(value, allow_nan=False).encode()


def decode(body: bytes, columns: Sequence[Column]) -> dict[str, np.ndarray] | None:
    """The columns of ``instances`` or ``dataframe_records``, each of shape (rows,).

    They are float64 with NaN for null, or text and None. Returns None for a body that is to be
    read by the standard library, and for one without rows.
    """
    if msgspec is None:
        return None
    try:
        decoder, readers = _decoder(tuple(columns))
        decoded = decoder.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    shapes = decoded.instances, decoded.dataframe_records
    lists = [rows for rows in shapes if rows is not msgspec.UNSET]
    if len(lists) != 1 or not lists[0]:
        return None
    return {name: _array(list(map(read, lists[0])), kind) for name, kind, read in readers}


def _array(values: list[Any], kind: str) -> np.ndarray:
    if kind != CATEGORICAL:
        return np.array(values, dtype=np.float64)
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    return texts


@lru_cache(maxsize=64)
def _decoder(columns: tuple[Column, ...]) -> tuple[Any, list[tuple[str, str, attrgetter[Any]]]]:
    """The decoder of a body whose rows have exactly these columns, and how each is read of one."""
    assert msgspec is not None
    fields = [
        (f"c{place}", str | None if column.kind == CATEGORICAL else float | bool | None)
        for place, column in enumerate(columns)
    ]
    row = msgspec.defstruct(
        "Row",
        fields,
        rename={f"c{place}": column.name for place, column in enumerate(columns)},
        forbid_unknown_fields=True,
        gc=False,
    )
    body = msgspec.defstruct(
        "Body",
        [
            (name, list[row] | msgspec.UnsetType, msgspec.UNSET)
            for name in ("instances", "dataframe_records")
        ],
        forbid_unknown_fields=True,
    )
    readers = [(c.name, c.kind, attrgetter(f"c{place}")) for place, c in enumerate(columns)]
    return msgspec.json.Decoder(body), readers
