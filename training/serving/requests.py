"""What clients send: JSON or CSV, checked and turned into the model's input columns.

The columns come out as `Predictor.frame` would make them (floats with NaN for missing, text or
None), without a DataFrame on the way: for one row that costs more than the parsing.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from training.serving.input_values import RequestError, kind, typed
from training.table import Column
from training.table_files import MISSING_WORDS

MAX_ROWS = 10_000
MAX_BYTES = 16 * 1024 * 1024

JSON, CSV = "application/json", "text/csv"

# As in a table: a request reads as the training data did.
MISSING = frozenset(MISSING_WORDS)

Inputs = dict[str, np.ndarray]


def parse(content_type: str, body: bytes, columns: Sequence[Column]) -> Inputs:
    """The input columns of a request, each of shape (rows,): float64, or text and None.

    Raises RequestError.
    """
    if not body.strip():
        raise RequestError("the body is empty; send JSON or CSV with at least one row")
    if content_type == JSON:
        raw = _from_json(body, columns)
    elif content_type == CSV:
        raw = _from_csv(body, columns)
    else:
        raise RequestError(
            f"content type {content_type!r} is not supported; allowed: {JSON}, {CSV}", 415
        )
    return {column.name: typed(raw[column.name], column) for column in columns}


def rows(inputs: Inputs) -> int:
    """How many rows the columns have."""
    return len(next(iter(inputs.values())))


def _from_json(body: bytes, columns: Sequence[Column]) -> dict[str, list[Any]]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the body is not JSON: {error}") from None
    if not isinstance(payload, dict) or not (
        {"instances"} <= payload.keys() or {"columns", "data"} <= payload.keys()
    ):
        raise RequestError(
            'the body has the wrong shape; allowed: {"instances": [{column: value, ...}, ...]} '
            'or {"columns": [...], "data": [[...], ...]}'
        )
    if "instances" in payload:
        return _from_instances(payload["instances"], columns)
    return _from_table(payload["columns"], payload["data"], columns)


def _from_instances(instances: Any, columns: Sequence[Column]) -> dict[str, list[Any]]:
    if not isinstance(instances, list):
        raise RequestError(f"instances is {kind(instances)}; wanted: a list of objects")
    _check_count(len(instances))
    for number, instance in enumerate(instances, 1):
        if not isinstance(instance, dict):
            raise RequestError(f"row {number} is {kind(instance)}; wanted: an object of columns")
    try:
        return {c.name: [instance[c.name] for instance in instances] for c in columns}
    except KeyError as missing:
        name = missing.args[0]
        number = next(n for n, i in enumerate(instances, 1) if name not in i)
        raise _missing(name, columns, f" in row {number}") from None


def _from_table(names: Any, data: Any, columns: Sequence[Column]) -> dict[str, list[Any]]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RequestError("columns is not a list of texts; wanted: the names of the columns")
    if not isinstance(data, list):
        raise RequestError(f"data is {kind(data)}; wanted: a list of rows, each a list of values")
    _check_count(len(data))
    for number, row in enumerate(data, 1):
        if not isinstance(row, list):
            raise RequestError(f"row {number} is {kind(row)}; wanted: a list of values")
    return _by_name(names, data, columns)


def _from_csv(body: bytes, columns: Sequence[Column]) -> dict[str, list[Any]]:
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        header, *data = [line for line in lines if line]
    except (ValueError, csv.Error) as error:
        raise RequestError(f"the body is not CSV with a header row in UTF-8: {error}") from None
    _check_count(len(data))
    raw = _by_name(header, data, columns)
    return {
        name: [None if value in MISSING else value for value in values]
        for name, values in raw.items()
    }


def _by_name(
    names: list[str], data: list[list[Any]], columns: Sequence[Column]
) -> dict[str, list[Any]]:
    place = {name: number for number, name in enumerate(names)}
    if len(place) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise RequestError(f"column {twice!r} is given more than once")
    for column in columns:
        if column.name not in place:
            raise _missing(column.name, columns, "")
    for number, row in enumerate(data, 1):
        if len(row) != len(names):
            raise RequestError(f"row {number} has {len(row)} values; wanted: {len(names)}")
    return {c.name: [row[place[c.name]] for row in data] for c in columns}


def _check_count(count: int) -> None:
    if count == 0:
        raise RequestError("the request has no rows; send at least one")
    if count > MAX_ROWS:
        raise RequestError(f"the request has {count} rows; at most {MAX_ROWS} are allowed", 413)


def _missing(name: str, columns: Sequence[Column], where: str) -> RequestError:
    wanted = ", ".join(column.name for column in columns)
    return RequestError(f"input column {name!r} is missing{where}; wanted: {wanted}")
