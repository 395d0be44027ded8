"""Tables: read whole, and checked before anything is trained on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from training.errors import UserError
from training.table_files import column_names, files, listed, reading

NUMERIC, CATEGORICAL, BOOLEAN = "numeric", "categorical", "boolean"

# A text column of which at least this share reads as numbers was meant to be numeric.
MEANT_NUMERIC = 0.5


@dataclass(frozen=True)
class Column:
    """An input column of a model; `kind` is numeric, categorical or boolean."""

    name: str
    kind: str


def rows(location: str | Path) -> int:
    """Number of rows of the table; the values of Parquet files are not read."""
    column_names(location)
    return sum(_rows(path) for path in files(location))


def read(location: str | Path) -> pd.DataFrame:
    """The whole table; raises UserError if it is empty or its columns are not clear."""
    column_names(location)
    frames = [_read(path) for path in files(location)]
    table = pd.concat(frames, ignore_index=True)
    if table.empty:
        raise UserError(f"data {str(location)!r} has columns but no rows")
    return table


def kind(values: pd.Series) -> str | None:
    """The kind of an input column; None for dates and times, which no model takes as they are."""
    if pd.api.types.is_bool_dtype(values):
        return BOOLEAN
    if pd.api.types.is_numeric_dtype(values):
        return NUMERIC
    if pd.api.types.is_datetime64_any_dtype(values):
        return None
    return CATEGORICAL


def input_columns(
    table: pd.DataFrame, wanted: list[str] | None, reserved: set[str]
) -> list[Column]:
    """The model's input columns: `wanted`, or all that are not `reserved`.

    Raises UserError if a wanted column is missing, is reserved or is a date; if an input has no
    value at all; and if a column is text where most values are numbers.
    """
    names = wanted if wanted is not None else [n for n in table.columns if n not in reserved]
    for name in names:
        if name not in table.columns:
            raise UserError(f"input column {name!r} is not in the data; {listed(table.columns)}")
        if name in reserved:
            raise UserError(f"input column {name!r} is the target, time or split column")
    columns = []
    for name in names:
        found = kind(table[name])
        if found is None and wanted is not None:
            raise UserError(f"input column {name!r} holds dates; derive numbers from it first")
        if found is None:
            continue
        _check_values(table[name])
        columns.append(Column(name, found))
    if not columns:
        raise UserError(f"no input column is left; {listed(table.columns)}")
    return columns


def check_target(table: pd.DataFrame, target: str, task: str) -> None:
    """Raise UserError unless `target` is a column that the task can learn."""
    if target not in table.columns:
        raise UserError(f"target column {target!r} is not in the data; {listed(table.columns)}")
    values = table[target]
    missing = int(values.isna().sum())
    if missing:
        raise UserError(f"target column {target!r} is missing in {missing} of {len(table)} rows")
    if task == "regression" and kind(values) != NUMERIC:
        raise UserError(
            f"target column {target!r} holds {kind(values) or 'date'} values; "
            "a regression needs numbers"
        )
    if values.nunique() < 2:
        raise UserError(
            f"target column {target!r} has one value only, {values.iloc[0]}: nothing to learn"
        )


def model_frame(table: pd.DataFrame, columns: list[Column]) -> pd.DataFrame:
    """The input columns in order, as an estimator takes them: floats, and text or None."""
    return pd.DataFrame({c.name: _typed(table[c.name], c) for c in columns}, index=table.index)


def _typed(values: pd.Series, column: Column) -> Any:
    if column.kind in (NUMERIC, BOOLEAN):
        return pd.to_numeric(values).astype("float64")
    text = values.astype(object)
    return text.where(text.notna(), None).map(lambda v: None if v is None else str(v))


def _rows(path: Path) -> int:
    with reading(path):
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return pq.ParquetFile(path).metadata.num_rows
        return len(pd.read_csv(path, usecols=[0]))


def _read(path: Path) -> pd.DataFrame:
    with reading(path):
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, low_memory=False)


def _check_values(values: pd.Series) -> None:
    known = values.dropna()
    if known.empty:
        raise UserError(f"input column {values.name!r} has no value in any of {len(values)} rows")
    if kind(values) != CATEGORICAL:
        return
    texts = known.astype(str)
    counts = texts.value_counts()
    wrong = counts[pd.to_numeric(counts.index.to_series(), errors="coerce").isna()]
    if len(wrong) and wrong.sum() <= (1 - MEANT_NUMERIC) * len(known):
        first = known[texts.isin(wrong.index)].iloc[:1]
        raise UserError(
            f"input column {values.name!r} is numeric but has text in {wrong.sum()} of "
            f"{len(values)} rows: {first.iloc[0]!r} in row {int(first.index[0]) + 1}"
        )
