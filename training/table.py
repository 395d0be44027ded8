"""The labeled table as a training reads it: whole, with a kind for each column.

The kinds are decided once, by the values of all files (`training.table_reader`) or by the setting
`data.columns`, and kept with the version, so that the drift check and the labels read the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from training.arrow_table import Table, kind_of, seconds
from training.errors import UserError
from training.model_inputs import BOOLEAN, CATEGORICAL, DATETIME, IGNORED, NUMERIC
from training.table_files import column_names, files, list_names
from training.table_reader import as_text, open_tables

# The words of the setting `data.columns`.
OVERRIDES = {
    "text": CATEGORICAL,
    "number": NUMERIC,
    "time": DATETIME,
    "boolean": BOOLEAN,
    "ignore": IGNORED,
}
_TYPES = {
    CATEGORICAL: pa.string(),
    NUMERIC: pa.float64(),
    DATETIME: pa.timestamp("us"),
    BOOLEAN: pa.bool_(),
}
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
# Columns that libraries write for the number of a row.
INDEX_COLUMN = re.compile(r"|Unnamed: \d+|__index_level_\d+__")


@dataclass(frozen=True)
class Data:
    """A table that was read whole.

    Args:
        frame: Numbers as float64 (as int64 where all are whole and none is missing), booleans as
            bool (as float64 with missing ones), times as datetime64 in UTC without a zone, texts
            as str or None.
        kinds: The kind of each column of `frame`, by name.
        others: The type of each column that cannot be used (lists, structs, binary), by name.
        notices: Sentences about columns that were left out.
        overridden: Columns whose kind the setting `data.columns` decided.
    """

    frame: pd.DataFrame
    kinds: dict[str, str]
    other_types: dict[str, str]
    notices: list[str]
    overridden: frozenset[str] = frozenset()


def rows(location: str | Path) -> int:
    """Number of rows of the table; the values of Parquet files are not read."""
    column_names(location)
    return sum(_row_count(path) for path in files(location))


def read(location: str | Path, overrides: Mapping[str, str] | None = None) -> Data:
    """The whole table.

    Args:
        location: A file, or a folder of files.
        overrides: The setting `data.columns`: a word of `OVERRIDES` by column.

    Raises:
        UserError: The table is empty, its columns are not clear, or an override names a column
            that is not there, or that does not hold such values.
    """
    names = column_names(location)
    forced_kinds = _kinds_of(overrides or {}, names)
    tables = open_tables(Path(location), {k: v for k, v in forced_kinds.items() if v != IGNORED})
    textual = {name for name, kind in forced_kinds.items() if kind == CATEGORICAL}
    tables = [as_text(table, textual) for table in tables]
    kinds, other_types, notices = {}, {}, _nameless(names)
    for name in names:
        kind = _common_kind(tables, name)
        if forced_kinds.get(name) == IGNORED:
            continue
        if INDEX_COLUMN.fullmatch(name) and name not in forced_kinds:
            notices.append(f"column {name!r} is left out: it is a row number that a library wrote")
        elif kind == "other":
            types = [table.types[name] for table in tables]
            other_types[name] = str(next(type_ for type_ in types if kind_of(type_) == "other"))
        else:
            kinds[name] = kind
    arrays = _arrays(tables, list(kinds))
    if not arrays or len(next(iter(arrays.values()))) == 0:
        raise UserError(f"data {str(location)!r} has columns but no rows")
    for name, kind in forced_kinds.items():
        if name in other_types:
            raise _not_allowed(name, kind, other_types[name])
        if kind not in (IGNORED, kinds.get(name)):
            arrays[name], kinds[name] = _forced(arrays[name], name, kind), kind
    frame = pd.DataFrame({name: _values(array, kinds[name]) for name, array in arrays.items()})
    return Data(frame, kinds, other_types, notices, frozenset(forced_kinds))


def _nameless(names: list[str]) -> list[str]:
    """A sentence if the first line looks like a row: most names are numbers, and do not count."""
    numbers = [name for name in names if _NUMBER.fullmatch(name)]
    if 2 * len(numbers) <= len(names):
        return []
    first = float(numbers[0])
    if [float(name) - first for name in numbers] == list(range(len(numbers))):
        return []
    return [
        f"the names of columns are numbers, such as {', '.join(map(repr, numbers[:3]))}: if the "
        "first line is a row of the table, put a line of names above it"
    ]


def _kinds_of(overrides: Mapping[str, str], names: list[str]) -> dict[str, str]:
    problems = [
        f"data.columns.{name}: {word!r} is not allowed; allowed: {', '.join(OVERRIDES)}"
        for name, word in overrides.items()
        if word not in OVERRIDES
    ]
    problems += [
        f"data.columns.{name}: no such column; {list_names(names)}"
        for name in overrides
        if name not in names
    ]
    if problems:
        raise UserError("\n".join(problems))
    return {name: OVERRIDES[word] for name, word in overrides.items()}


def _common_kind(tables: list[Table], name: str) -> str:
    kinds = {kind_of(table.types[name]) for table in tables} - {"empty"}
    if len(kinds) > 1:
        raise UserError(
            f"column {name!r} is {' and '.join(sorted(kinds))} in different files; a column of "
            "lists can be nothing else"
        )
    return kinds.pop() if kinds else "empty"


def _arrays(tables: list[Table], names: list[str]) -> dict[str, pa.ChunkedArray]:
    chunks: dict[str, list[pa.Array]] = {name: [] for name in names}
    for table in tables:
        for batch in table.batches(names):
            for name in names:
                chunks[name].append(_plain(batch[name]))
    return {name: _joined(arrays) for name, arrays in chunks.items()}


def _plain(array: pa.Array) -> pa.Array:
    """An array of one of the types that stand for a kind: int64, float64, bool, us, string."""
    kind, types = array.type, pa.types
    if types.is_dictionary(kind):
        array = array.cast(kind.value_type)
        kind = array.type
    if types.is_null(kind) or types.is_boolean(kind) or types.is_float64(kind):
        return array
    if types.is_integer(kind):
        # An unsigned number may be too large for int64: as a float one above 2^53 is rounded.
        return array.cast(pa.float64() if types.is_uint64(kind) else pa.int64(), safe=False)
    if types.is_timestamp(kind):
        utc = array.cast(pa.timestamp("us", kind.tz), safe=False)
        return utc.cast(pa.timestamp("us"))
    if types.is_date(kind):
        return array.cast(pa.timestamp("us"))
    if types.is_time(kind) or types.is_duration(kind):
        return seconds(array)
    if kind_of(kind) == NUMERIC:
        return array.cast(pa.float64(), safe=False)
    return array.cast(pa.string())


def _joined(arrays: list[pa.Array]) -> pa.ChunkedArray:
    types = {array.type for array in arrays if not pa.types.is_null(array.type)}
    common = types.pop() if len(types) == 1 else pa.float64() if types else pa.null()
    return pa.chunked_array([array.cast(common, safe=False) for array in arrays], common)


def _forced(array: pa.ChunkedArray, name: str, kind: str) -> pa.ChunkedArray:
    """A column as the kind that a setting names; raises UserError for values that it cannot be."""
    if array.null_count == len(array):
        return pa.chunked_array([pa.nulls(len(array), _TYPES[kind])])
    if kind == NUMERIC and pa.types.is_boolean(array.type):
        return array.cast(pa.int64()).cast(pa.float64())
    if kind == DATETIME and pa.types.is_string(array.type):
        return pa.chunked_array([parse_times(array.to_pandas(), name)])
    present = array.drop_null().to_pylist()
    # All may be numbers that are no number in a table, such as 007.
    example = next((v for v in present if not is_number(v)), present[0])
    raise _not_allowed(name, kind, repr(example))


def _not_allowed(name: str, kind: str, held: str) -> UserError:
    word = next(word for word, override in OVERRIDES.items() if override == kind)
    return UserError(f"data.columns.{name}: {word!r} is not allowed: the column holds {held}")


def is_number(value: Any) -> bool:
    """Whether a value reads as a number."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def parse_times(texts: pd.Series, name: str) -> pa.Array:
    """Texts such as 31/12/2026 or 12/31/2026 10:00 as times; raises UserError if it is not clear.

    Day and month are told apart by a value above 12 in one of both places.
    """
    present = texts.dropna().astype(str)
    parts = present.str.extract(r"^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T](.*))?$")
    if parts[0].isna().any():
        example = present[parts[0].isna()].iloc[0]
        raise UserError(
            f"column {name!r} holds {example!r}; a time is written 2026-12-31 or "
            "2026-12-31T23:59:59, perhaps with a zone, or 31/12/2026"
        )
    first, second = parts[0].astype(int), parts[1].astype(int)
    day_first, month_first = (first > 12).any(), (second > 12).any()
    if day_first == month_first:
        raise UserError(
            f"column {name!r} holds dates such as {present.iloc[0]!r}, which may be day/month or "
            "month/day; write them as 2026-12-31"
        )
    day, month = (first, second) if day_first else (second, first)
    iso = (
        parts[2] + "-" + month.map("{:02d}".format) + "-" + day.map("{:02d}".format)
        + "T" + parts[3].fillna("00:00")
    )  # fmt: skip
    moments = iso.map({text: _moment(text) for text in iso.unique()})
    if moments.isna().any():
        raise UserError(f"column {name!r} holds {present[moments.isna()].iloc[0]!r}: no such time")
    order = "day/month/year" if day_first else "month/day/year"
    print(f"column {name!r} is read as {order}: {present.iloc[0]!r} is {moments.iloc[0]}")
    return pa.array(moments.reindex(texts.index).astype("datetime64[us]"), from_pandas=True)


def _moment(text: str) -> Any:
    try:
        moment = pd.Timestamp(text)
    except ValueError:
        return pd.NaT
    return moment.tz_convert(None) if moment.tzinfo else moment


def _values(array: pa.ChunkedArray, kind: str) -> Any:
    if kind == CATEGORICAL:
        return pd.Series(array.to_pylist(), dtype=object)
    if kind == BOOLEAN and array.null_count:
        array = array.cast(pa.int8()).cast(pa.float64())
    if kind == DATETIME:
        return array.to_numpy().astype("datetime64[us]")
    if kind == "empty":
        return pd.Series([None] * len(array), dtype=object)
    return array.to_numpy()


def _row_count(path: Path) -> int:
    (table,) = open_tables(path)
    if table.rows is not None:
        return table.rows
    first = next(iter(table.types))
    return sum(len(batch[first]) for batch in table.batches([first]))
