"""Requests in several formats, checked and turned into the model's input columns.

The columns come out as `Predictor.frame` would make them (floats with NaN for missing, text or
None), without a DataFrame on the way: for one row that costs more than the parsing.
"""

from __future__ import annotations

import asyncio
import csv
import io
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from training import number_text, table_files
from training.errors import UserError
from training.model_inputs import NUMERIC, Column
from training.serving import json_rows
from training.serving.input_values import RequestError, kind, typed
from training.table_files import MISSING_WORDS

MAX_ROWS = 10_000
MAX_BYTES = 16 * 1024 * 1024

# A body of this size is parsed in less than a millisecond.
SMALL_BYTES = 32 * 1024
# For Parquet and Arrow: rows cost less there, and what is small may be large once decoded.
MAX_COLUMNAR_ROWS = 100_000
MAX_DECODED_BYTES = 256 * 1024 * 1024

JSON, CSV = "application/json", "text/csv"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"
CONTENT_TYPES = (JSON, CSV, PARQUET, ARROW)
# Our own name for JSON of the Open Inference Protocol, which is told apart by its path.
INFERENCE = "application/vnd.open-inference+json"

# One at a time: bodies are large when decoded, and the interpreter parses no two at once.
_parser = ThreadPoolExecutor(1, "parse")

# As in a table: a request reads as the training data did.
MISSING = frozenset(MISSING_WORDS)

Inputs = dict[str, np.ndarray]
# Values as they came, by column.
Raw = Mapping[str, Sequence[Any]]


def parse(content_type: str, body: bytes, columns: Sequence[Column]) -> Inputs:
    """The input columns of a request, each of shape (rows,): float64, or text and None.

    Raises RequestError.
    """
    if not body.strip():
        raise RequestError("the body is empty; send at least one row")
    if content_type == JSON:
        decoded = json_rows.decode(body, columns)
        if decoded is not None:
            _check_count(rows(decoded))
            return decoded
        raw = _from_json(body, columns)
    elif content_type == CSV:
        raw = _from_csv(body, columns)
    elif content_type == INFERENCE:
        raw = _from_inference(body, columns)
    elif content_type in (PARQUET, ARROW):
        raw = _from_arrow(content_type, body, columns)
    else:
        raise RequestError(
            f"content type {content_type!r} is not supported; allowed: {', '.join(CONTENT_TYPES)}",
            415,
        )
    return {column.name: typed(raw[column.name], column) for column in columns}


def rows(inputs: Inputs) -> int:
    """Number of rows of the columns."""
    return len(next(iter(inputs.values())))


async def read(content_type: str, body: bytes, columns: Sequence[Column]) -> Inputs:
    """As `parse`; a large body is parsed beside the event loop, one at a time."""
    if len(body) <= SMALL_BYTES:
        return parse(content_type, body, columns)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_parser, parse, content_type, body, columns)


def _from_json(body: bytes, columns: Sequence[Column]) -> Raw:
    payload = _loaded(body)
    shapes = [key for key in SHAPES if key in payload] if isinstance(payload, dict) else []
    if len(shapes) != 1 or (shapes == ["data"] and "columns" not in payload):
        raise RequestError(f"the body has the wrong shape; allowed: {', '.join(SHAPES.values())}")
    shape = shapes[0]
    if shape in ("instances", "dataframe_records"):
        return _from_instances(payload[shape], columns, shape)
    if shape == "data":
        return _from_table(payload["columns"], payload["data"], columns)
    if shape == "inputs":
        return _from_tensors(payload["inputs"], columns)
    split = payload["dataframe_split"]
    if not isinstance(split, dict) or not {"columns", "data"} <= split.keys():
        raise RequestError('dataframe_split is not {"columns": [...], "data": [[...], ...]}')
    return _from_table(split["columns"], split["data"], columns)


# The shapes of a JSON body, by the key that tells them apart: ours and MLflow's
# (https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#json-input).
SHAPES = {
    "instances": '{"instances": [{column: value, ...}, ...]}',
    "data": '{"columns": [...], "data": [[...], ...]}',
    "dataframe_split": '{"dataframe_split": {"columns": [...], "data": [[...], ...]}}',
    "dataframe_records": '{"dataframe_records": [{column: value, ...}, ...]}',
    "inputs": '{"inputs": {column: [value, ...], ...}}',
}


def _loaded(body: bytes) -> Any:
    try:
        return json_rows.load(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the body is not JSON: {error}") from None


def _from_tensors(tensors: Any, columns: Sequence[Column]) -> Raw:
    """MLflow's ``inputs``: a list of values for every column, or a list of rows."""
    if isinstance(tensors, list):
        return _from_instances(tensors, columns, "inputs")
    if not isinstance(tensors, dict):
        raise RequestError(f"inputs is {kind(tensors)}; wanted: an object of columns")
    for column in columns:
        if column.name not in tensors:
            raise _missing(column.name, columns, "")
    flat = {column.name: _flat(tensors[column.name]) for column in columns}
    return _even(flat)


def _flat(values: Any) -> list[Any]:
    """The values of a tensor of shape (rows,) or (rows, 1), or of one value."""
    if not isinstance(values, list):
        return [values]
    if values and all(isinstance(value, list) and len(value) == 1 for value in values):
        return [value[0] for value in values]
    return values


def _even(raw: Raw) -> Raw:
    counts = {name: len(values) for name, values in raw.items()}
    if len(set(counts.values())) > 1:
        lengths = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise RequestError(f"the columns are not of the same length: {lengths}")
    _check_count(next(iter(counts.values())))
    return raw


def _from_inference(body: bytes, columns: Sequence[Column]) -> Raw:
    """The Open Inference Protocol's tensors: one for each column, or one of all numbers.

    https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
    """
    payload = _loaded(body)
    tensors = payload.get("inputs") if isinstance(payload, dict) else None
    if not isinstance(tensors, list) or not all(isinstance(tensor, dict) for tensor in tensors):
        raise RequestError('the body has no "inputs", a list of tensors')
    values = {tensor.get("name"): _tensor(tensor) for tensor in tensors}
    names = [column.name for column in columns]
    if len(values) == len(tensors) == 1 and not set(values) & set(names):
        return _matrix(tensors[0], names)
    for name in names:
        if name not in values:
            raise _missing(name, columns, "")
    return _even({name: values[name] for name in names})


def _tensor(tensor: dict[str, Any]) -> list[Any]:
    name, shape, data = tensor.get("name"), tensor.get("shape"), tensor.get("data")
    if not isinstance(name, str) or tensor.get("datatype") not in DATATYPES:
        raise RequestError(
            f"input {name!r} has the datatype {tensor.get('datatype')!r}; "
            f"allowed: {', '.join(DATATYPES)}"
        )
    if not isinstance(data, list):
        raise RequestError(f"input {name!r} has no data; wanted: a list (no binary data)")
    while data and all(isinstance(value, list) for value in data):  # row by row is allowed too
        data = [value for row in data for value in row]
    sizes = shape if isinstance(shape, list) else [-1]
    whole = all(type(size) is int and size >= 0 for size in sizes)
    if not whole or math.prod(sizes) != len(data):
        raise RequestError(f"input {name!r} has {len(data)} values; its shape says {shape!r}")
    return data


def _matrix(tensor: dict[str, Any], names: list[str]) -> Raw:
    shape, data = tensor["shape"], _tensor(tensor)
    if len(shape) != 2 or shape[1] != len(names):
        raise RequestError(
            f"input {tensor['name']!r} has the shape {shape}; wanted: a tensor for each of "
            f"{', '.join(names)}, or one of shape [rows, {len(names)}] in this order"
        )
    return _even({name: data[index :: len(names)] for index, name in enumerate(names)})


# Datatypes of the Open Inference Protocol that hold a column.
DATATYPES = (
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
    "FP16", "FP32", "FP64", "BYTES",
)  # fmt: skip


def _from_arrow(content_type: str, body: bytes, columns: Sequence[Column]) -> Raw:
    """The columns of a Parquet file or an Arrow stream."""
    try:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        from training import arrow_table
    except ModuleNotFoundError:  # a cloud's container need not have it
        raise RequestError(
            f"content type {content_type!r} is not read here, where pyarrow is not installed; "
            f"send {JSON} or {CSV}",
            415,
        ) from None

    try:
        if content_type == PARQUET:
            file = pq.ParquetFile(pa.BufferReader(body))
            _check_count(file.metadata.num_rows, MAX_COLUMNAR_ROWS)
            groups = range(file.metadata.num_row_groups)
            size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
            _check_size(size)
            present = file.schema_arrow.names
            names = [column.name for column in columns if column.name in present]
            rows_read = file.read(columns=names)
        else:
            batches, count, size = [], 0, 0
            with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
                for batch in stream:
                    count, size = count + batch.num_rows, size + batch.nbytes
                    _check_count(count, MAX_COLUMNAR_ROWS, least=0)
                    _check_size(size)
                    batches.append(batch)
                rows_read = pa.Table.from_batches(batches, stream.schema)
            _check_count(rows_read.num_rows, MAX_COLUMNAR_ROWS)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).split("\n")[0][:200]
        raise RequestError(f"the body is not {content_type}: {reason}") from None
    raw = {}
    for column in columns:
        if rows_read.column_names.count(column.name) > 1:
            raise RequestError(f"column {column.name!r} is given more than once")
        if column.name not in rows_read.column_names:
            raise _missing(column.name, columns, "")
        values = rows_read[column.name]
        if pa.types.is_dictionary(values.type):
            values = pc.cast(values, values.type.value_type)
        if pa.types.is_decimal(values.type):
            values = pc.cast(values, pa.float64())
        if pa.types.is_time(values.type) or pa.types.is_duration(values.type):
            values = arrow_table.seconds(values)
        raw[column.name] = values.to_pylist()
    return raw


def _check_size(size: int) -> None:
    if size > MAX_DECODED_BYTES:
        raise RequestError(
            f"the body is {size} bytes when decoded; at most {MAX_DECODED_BYTES}", 413
        )


def _from_instances(instances: Any, columns: Sequence[Column], shape: str) -> Raw:
    if not isinstance(instances, list):
        raise RequestError(f"{shape} is {kind(instances)}; wanted: a list of objects")
    _check_count(len(instances))
    if set(map(type, instances)) != {dict}:
        number, other = next((n, i) for n, i in enumerate(instances, 1) if not isinstance(i, dict))
        raise RequestError(f"row {number} is {kind(other)}; wanted: an object of columns")
    try:
        return {c.name: [instance[c.name] for instance in instances] for c in columns}
    except KeyError as missing:
        name = missing.args[0]
        number = next(n for n, i in enumerate(instances, 1) if name not in i)
        raise _missing(name, columns, f" in row {number}") from None


def _from_table(names: Any, data: Any, columns: Sequence[Column]) -> Raw:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RequestError("columns is not a list of texts; wanted: the names of the columns")
    if not isinstance(data, list):
        raise RequestError(f"data is {kind(data)}; wanted: a list of rows, each a list of values")
    _check_count(len(data))
    if set(map(type, data)) != {list}:
        number, row = next((n, row) for n, row in enumerate(data, 1) if not isinstance(row, list))
        raise RequestError(f"row {number} is {kind(row)}; wanted: a list of values")
    return _by_name(names, data, columns)


def _from_csv(body: bytes, columns: Sequence[Column]) -> Raw:
    """Columns of text, read as in a table: the same characters between them, the same numbers."""
    try:
        text = body.decode("utf-8-sig").lstrip()
        delimiter = table_files.delimiter(table_files.header_line(io.StringIO(text)))
        lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
        header, *data = [line for line in lines if line]
    except (ValueError, csv.Error) as error:
        raise RequestError(f"the body is not CSV with a header row in UTF-8: {error}") from None
    except UserError as error:
        raise RequestError(str(error)) from None
    _check_count(len(data))
    raw = _by_name(header, data, columns)
    texts = {
        name: [None if value in MISSING else value for value in values]
        for name, values in raw.items()
    }
    if delimiter == ",":
        return texts
    numeric = [column.name for column in columns if column.kind == NUMERIC]
    return {**texts, **{name: _with_points(texts[name]) for name in numeric}}


def _with_points(texts: list[str | None]) -> list[str | None]:
    """Numbers with a decimal point, if all of them have a comma or are whole."""
    present = [text.strip() for text in texts if text is not None]
    if not all(map(number_text.is_comma_number, present)):
        return texts
    return [text and text.replace(",", ".") for text in texts]


def _by_name(names: list[str], data: list[list[Any]], columns: Sequence[Column]) -> Raw:
    positions = {name: number for number, name in enumerate(names)}
    if len(positions) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise RequestError(f"column {twice!r} is given more than once")
    for column in columns:
        if column.name not in positions:
            raise _missing(column.name, columns, "")
    if set(map(len, data)) != {len(names)}:
        number, row = next((n, row) for n, row in enumerate(data, 1) if len(row) != len(names))
        raise RequestError(f"row {number} has {len(row)} values; wanted: {len(names)}")
    by_place = list(zip(*data, strict=True))
    return {column.name: by_place[positions[column.name]] for column in columns}


def _check_count(count: int, most: int = MAX_ROWS, least: int = 1) -> None:
    if count < least:
        raise RequestError("the request has no rows; send at least one")
    if count > most:
        raise RequestError(f"the request has {count} rows; at most {most} are allowed", 413)


def _missing(name: str, columns: Sequence[Column], place: str) -> RequestError:
    names = ", ".join(column.name for column in columns)
    return RequestError(f"input column {name!r} is missing{place}; wanted: {names}")
