"""The labeled table as a training reads it: whole, with a kind for each column, and checked.

The kinds are decided once, by the values of all files (`training.table_reader`) or by the setting
`data.columns`, and kept with the version, so that the drift check and the labels read the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from training.arrow_table import Table, kind_of
from training.errors import UserError
from training.table_files import column_names, files, listed
from training.table_reader import as_text, open_tables

NUMERIC, CATEGORICAL, BOOLEAN, DATETIME = "numeric", "categorical", "boolean", "datetime"
IGNORED = "ignored"
CLASSIFICATION, REGRESSION = "classification", "regression"
TASKS = (CLASSIFICATION, REGRESSION)

# The words of the setting `data.columns`.
OVERRIDES = {
    "text": CATEGORICAL,
    "number": NUMERIC,
    "time": DATETIME,
    "boolean": BOOLEAN,
    "ignore": IGNORED,
}
# A text column of which at least this share reads as numbers was meant to be numeric.
MEANT_NUMERIC = 0.5
# Whole numbers of more distinct values than this are amounts rather than classes.
MOST_NUMBER_CLASSES = 20
# And no classifier here learns more classes than this in reasonable time.
MOST_CLASSES = 500
# Columns that libraries write for the number of a row.
INDEX_COLUMN = re.compile(r"|Unnamed: \d+|__index_level_\d+__")


@dataclass(frozen=True)
class Column:
    """An input column of a model; `kind` is numeric, categorical or boolean."""

    name: str
    kind: str


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
    others: dict[str, str]
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
    kinds, others, notices = {}, {}, []
    for name in names:
        kind = _common_kind(tables, name)
        if forced_kinds.get(name) == IGNORED:
            continue
        if INDEX_COLUMN.fullmatch(name):
            notices.append(f"column {name!r} is left out: it is a row number that a library wrote")
        elif kind == "other":
            others[name] = str(tables[0].types[name])
        else:
            kinds[name] = kind
    arrays = _arrays(tables, list(kinds))
    if not arrays or len(next(iter(arrays.values()))) == 0:
        raise UserError(f"data {str(location)!r} has columns but no rows")
    for name, kind in forced_kinds.items():
        if kind not in (IGNORED, kinds.get(name)) and kinds.get(name) != "empty":
            arrays[name], kinds[name] = _forced(arrays[name], name, kind), kind
    frame = pd.DataFrame({name: _values(array, kinds[name]) for name, array in arrays.items()})
    return Data(frame, kinds, others, notices, frozenset(forced_kinds))


def infer_task(values: pd.Series, kind: str) -> tuple[str, str]:
    """The task that a target of `kind` asks for, and a sentence that says why."""
    distinct = values.nunique()
    if kind != NUMERIC:
        return CLASSIFICATION, f"the target holds {distinct} different {_words(kind)}"
    numbers = values.dropna()
    if not np.equal(np.floor(numbers), numbers).all():
        return REGRESSION, "the target holds numbers with a fraction"
    if distinct > MOST_NUMBER_CLASSES:
        return REGRESSION, (
            f"the target holds {distinct} different whole numbers, more than {MOST_NUMBER_CLASSES}"
        )
    return CLASSIFICATION, f"the target holds {distinct} different whole numbers"


def input_columns(data: Data, inputs: list[str] | None, reserved: set[str]) -> list[Column]:
    """The model's input columns: `inputs`, or all that are not `reserved`.

    Raises UserError naming all that are wrong: missing, reserved, times, lists, without a value,
    or text where most values are numbers.
    """
    names = inputs if inputs is not None else [n for n in data.frame.columns if n not in reserved]
    problems = []
    if inputs is None:
        problems += [
            f"column {name!r} holds {type_}; no model here takes it: "
            f"ignore it (data.columns: {{{name}: ignore}}) or make columns of its parts"
            for name, type_ in data.others.items()
            if name not in reserved
        ]
    columns = []
    for name in names:
        problem = _input_problem(data, name, reserved, inputs is not None)
        if problem:
            problems.append(problem)
        elif data.kinds[name] != DATETIME:
            columns.append(Column(name, data.kinds[name]))
    if problems:
        raise UserError("\n".join(problems))
    if not columns:
        raise UserError(f"no input column is left; {listed(data.frame.columns)}")
    return columns


def check_target(data: Data, target: str, task: str) -> None:
    """Raise UserError unless `target` is a column that the task can learn."""
    if target not in data.kinds:
        raise UserError(f"target column {target!r} is not in the data; {listed(data.kinds)}")
    values, kind = data.frame[target], data.kinds[target]
    missing = int(values.isna().sum())
    if missing:
        raise UserError(f"target column {target!r} is missing in {missing} of {len(values)} rows")
    if kind == DATETIME:
        raise UserError(f"target column {target!r} holds times; derive a number or a class from it")
    if task == REGRESSION and kind != NUMERIC:
        raise UserError(
            f"target column {target!r} holds {_words(kind)}; a regression needs numbers"
        )
    distinct = values.nunique()
    if distinct < 2:
        raise UserError(
            f"target column {target!r} has one value only, {values.iloc[0]}: nothing to learn"
        )
    if task == CLASSIFICATION and distinct > MOST_CLASSES:
        hint = "set data.task to regression" if kind == NUMERIC else "is it an identifier?"
        raise UserError(
            f"target column {target!r} has {distinct} classes in {len(values)} rows; at most "
            f"{MOST_CLASSES} can be learned: {hint}"
        )


def labeled_rows(data: Data, target: str) -> Data:
    """The rows that have a label; a notice tells how many have none (yet).

    Raises UserError if fewer than half of the rows have one.
    """
    if target not in data.kinds:
        return data
    present = data.frame[target].notna()
    missing = int((~present).sum())
    if not missing:
        return data
    if missing > len(present) / 2:
        raise UserError(f"target column {target!r} is missing in {missing} of {len(present)} rows")
    frame = data.frame[present].reset_index(drop=True)
    if data.kinds[target] == BOOLEAN:
        frame[target] = frame[target].astype(bool)
    notice = f"{missing} of {len(present)} rows are left out: they have no {target!r} (yet)"
    return replace(data, frame=frame, notices=[*data.notices, notice])


def as_labels(values: pd.Series) -> pd.Series:
    """Classes as a classifier shall answer them: whole numbers without a fraction."""
    present = values.dropna()
    if not pd.api.types.is_float_dtype(values) or (np.floor(present) != present).any():
        return values
    return values.astype("int64") if len(present) == len(values) else values


def leaks(data: Data, columns: list[Column], target: str) -> list[str]:
    """Sentences about inputs that give the target away, or that number the rows.

    On at most 20,000 rows: a column is told if its distinct values (a number's in 50 bins) nearly
    always go with one value of the target, and there are far fewer of them than rows.
    """
    frame = data.frame.iloc[:20_000]
    truth = frame[target]
    if data.kinds[target] == NUMERIC and truth.nunique() > MOST_NUMBER_CLASSES:
        spread = truth.std()
        classes = None
    else:
        spread, classes = 0.0, truth.astype(str)
    warnings = []
    for column in columns:
        values = frame[column.name]
        if column.kind == NUMERIC and len(values) > 20 and (np.diff(values) == 1).all():
            warnings.append(
                f"input column {column.name!r} numbers the rows; if that is not known when the "
                f"model is asked, ignore it (data.columns: {{{column.name}: ignore}})"
            )
            continue
        if _gives_away(values, column.kind, truth, classes, float(spread)):
            warnings.append(
                f"input column {column.name!r} nearly is the target {target!r}; if it is not known "
                f"when the model is asked, ignore it (data.columns: {{{column.name}: ignore}})"
            )
    return warnings


def model_frame(table: pd.DataFrame, columns: list[Column]) -> pd.DataFrame:
    """The input columns in order, as an estimator takes them: floats, and text or None."""
    return pd.DataFrame({c.name: _typed(table[c.name], c) for c in columns}, index=table.index)


def _typed(values: pd.Series, column: Column) -> Any:
    if column.kind in (NUMERIC, BOOLEAN):
        return pd.to_numeric(values).astype("float64")
    text = values.astype(object)
    return text.where(text.notna(), None).map(lambda v: None if v is None else str(v))


def _kinds_of(overrides: Mapping[str, str], names: list[str]) -> dict[str, str]:
    problems = [
        f"data.columns.{name}: {word!r} is not allowed; allowed: {', '.join(OVERRIDES)}"
        for name, word in overrides.items()
        if word not in OVERRIDES
    ]
    problems += [
        f"data.columns.{name}: no such column; {listed(names)}"
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
        return array.cast(pa.int64()) if not types.is_uint64(kind) else array.cast(pa.float64())
    if types.is_timestamp(kind):
        utc = array.cast(pa.timestamp("us", kind.tz), safe=False)
        return utc.cast(pa.timestamp("us"))
    if types.is_date(kind):
        return array.cast(pa.timestamp("us"))
    if types.is_time(kind) or types.is_duration(kind):
        per_second = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        whole = array.cast(pa.int32() if kind.bit_width == 32 else pa.int64())
        seconds = whole.to_numpy(zero_copy_only=False).astype(float) / per_second
        return pa.array(seconds, from_pandas=True)
    if kind_of(kind) == NUMERIC:
        return array.cast(pa.float64(), safe=False)
    return array.cast(pa.string())


def _joined(arrays: list[pa.Array]) -> pa.ChunkedArray:
    types = {array.type for array in arrays if not pa.types.is_null(array.type)}
    common = types.pop() if len(types) == 1 else pa.float64() if types else pa.null()
    return pa.chunked_array([array.cast(common) for array in arrays], common)


def _forced(array: pa.ChunkedArray, name: str, kind: str) -> pa.ChunkedArray:
    """A column as the kind that a setting names; raises UserError for values that it cannot be."""
    if kind == NUMERIC and pa.types.is_boolean(array.type):
        return array.cast(pa.int64()).cast(pa.float64())
    if kind == DATETIME and pa.types.is_string(array.type):
        return pa.chunked_array([parse_times(array.to_pandas(), name)])
    word = next(word for word, override in OVERRIDES.items() if override == kind)
    example = next((v for v in array.to_pylist() if v is not None and not _is_number(v)), None)
    raise UserError(f"data.columns.{name}: {word!r} is not allowed: the column holds {example!r}")


def _is_number(value: Any) -> bool:
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


def _input_problem(data: Data, name: str, reserved: set[str], is_named: bool) -> str | None:
    if name in reserved:
        return f"input column {name!r} is the target, time or split column, or the key"
    if name in data.others:
        return f"input column {name!r} holds {data.others[name]}; no model here takes it"
    if name not in data.kinds:
        return f"input column {name!r} is not in the data; {listed(data.frame.columns)}"
    values = data.frame[name]
    if data.kinds[name] == "empty" or values.isna().all():
        return (
            f"input column {name!r} has no value in any of {len(values)} rows; "
            f"ignore it (data.columns: {{{name}: ignore}})"
        )
    if data.kinds[name] == DATETIME and is_named:
        return f"input column {name!r} holds times; derive numbers from it first"
    if data.kinds[name] == CATEGORICAL and name not in data.overridden:
        return _text_problem(values)
    return None


def _text_problem(values: pd.Series) -> str | None:
    """The problem of a text column that was meant to be numeric; None if it was not."""
    present = values.dropna()
    counts = present.value_counts()
    wrong = counts[[not _is_number(text) for text in counts.index]]
    if not len(wrong) or wrong.sum() > (1 - MEANT_NUMERIC) * len(present):
        return None
    first = present[present.isin(wrong.index)].iloc[:1]
    return (
        f"input column {values.name!r} is numeric but has text in {wrong.sum()} of "
        f"{len(values)} rows: {first.iloc[0]!r} in row {int(first.index[0]) + 1}; "
        f"if it holds codes, say so (data.columns: {{{values.name}: text}})"
    )


def _gives_away(
    values: pd.Series, kind: str, truth: pd.Series, classes: pd.Series | None, spread: float
) -> bool:
    if len(values) < 50:
        return False
    if classes is None:
        if kind != NUMERIC or spread == 0:
            return False
        correlation = np.corrcoef(values.rank(), truth.rank())[0, 1]
        return bool(abs(correlation) > 0.9995)
    if kind == NUMERIC and values.nunique() > 50:
        values = pd.cut(values.rank(method="first"), 50, labels=False)
    groups = values.astype(str)
    if groups.nunique() > len(values) / 10:
        return False
    pure = pd.crosstab(groups, classes).max(axis=1).sum() / len(values)
    return bool(pure > 0.995 and pure > classes.value_counts(normalize=True).iloc[0] + 0.01)


def _words(kind: str) -> str:
    words = {CATEGORICAL: "words", BOOLEAN: "truth values", DATETIME: "times", NUMERIC: "numbers"}
    return words.get(kind, "values")


def _row_count(path: Path) -> int:
    (table,) = open_tables(path)
    if table.rows is not None:
        return table.rows
    first = next(iter(table.types))
    return sum(len(batch[first]) for batch in table.batches([first]))
