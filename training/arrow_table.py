"""Tables as Arrow arrays, in parts of bounded size: the common form of what every reader reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from training.errors import UserError

TEXT_BLOCK = 16 << 20  # bytes of a text file read at once; a row has to be shorter

Types = Mapping[str, pa.DataType]
Arrays = Mapping[str, pa.Array]


@dataclass(frozen=True)
class Part:
    """Some rows of some columns.

    Args:
        columns: The columns to count.
        arrays: Reads them: batches of arrays by column name.
    """

    columns: tuple[str, ...]
    arrays: Callable[[], Iterator[Arrays]]


@dataclass(frozen=True)
class Table:
    """A file, or a table in memory.

    Args:
        name: What to call it in a message.
        types: Arrow type of each column.
        rows: Its rows if known before reading, else None.
        parts: Splits given columns into parts; a further column is read beside each of them.
        batches: Reads given columns side by side, row by row in order.
    """

    name: str
    types: Types
    rows: int | None
    parts: Callable[[Sequence[str], str | None], list[Part]]
    batches: Callable[[Sequence[str]], Iterator[Arrays]]


def arrays_of(batch: pa.RecordBatch) -> Arrays:
    """A batch's columns by name."""
    return dict(zip(batch.schema.names, batch.columns, strict=True))


def types_of(schema: pa.Schema) -> Types:
    """A schema's types by name.

    Raises:
        UserError: Two columns have the same name.
    """
    repeated = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if repeated:
        raise UserError(f"the table has more than one column named {', '.join(repeated)}")
    return dict(zip(schema.names, schema.types, strict=True))


def concat(tables: list[pa.Table]) -> pa.Table:
    """The rows of all tables; a column that one of them lacks is null in its rows."""
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except TypeError:  # pyarrow before 14
        return pa.concat_tables(tables, promote=True)


def kind_of(type_: pa.DataType) -> str:
    """``numeric``, ``datetime``, ``categorical``, ``boolean``, ``empty`` or ``other``."""
    types = pa.types
    if types.is_boolean(type_):
        return "boolean"
    if types.is_integer(type_) or types.is_floating(type_) or types.is_decimal(type_):
        return "numeric"
    if types.is_time(type_) or types.is_duration(type_):
        return "numeric"
    if types.is_date(type_) or types.is_timestamp(type_):
        return "datetime"
    if types.is_null(type_):
        return "empty"
    if types.is_dictionary(type_):
        return "other" if kind_of(type_.value_type) == "other" else "categorical"
    return "categorical" if type_name(type_) == "string" else "other"


def seconds(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Times of day or durations in seconds, float64."""
    kind = array.type
    per_second = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
    whole = array.cast(pa.int32() if kind.bit_width == 32 else pa.int64())
    numbers = whole.to_pandas().to_numpy(dtype="float64", na_value=float("nan")) / per_second
    return pa.array(numbers, from_pandas=True)


def type_name(type_: pa.DataType) -> str:
    """The type without what differs between readers of the same data."""
    name = str(type_).partition("<")[0].partition("[")[0]
    return "string" if name in ("large_string", "string_view") else name


def arrow_schema(path: Path) -> pa.Schema:
    """The schema of an Arrow or Feather file."""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).schema
