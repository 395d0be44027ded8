"""Tables: a CSV or Parquet file, or a folder of them, checked before anything is trained on it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from training.errors import UserError

SUFFIXES = (".parquet", ".csv")
NUMERIC, CATEGORICAL, BOOLEAN = "numeric", "categorical", "boolean"

# A text column of which at least this share reads as numbers was meant to be numeric.
MEANT_NUMERIC = 0.5


@dataclass(frozen=True)
class Column:
    """An input column of a model; `kind` is numeric, categorical or boolean."""

    name: str
    kind: str


def files(location: str | Path) -> list[Path]:
    """The table's files, sorted by name; raises UserError if there are none or it is empty."""
    path = Path(location)
    if path.is_dir():
        found = sorted(f for f in path.iterdir() if f.suffix in SUFFIXES)
        if not found:
            raise UserError(f"data {str(path)!r} is a folder without a .csv or .parquet file")
        return found
    if not path.is_file():
        raise UserError(f"data {str(path)!r} does not exist; give a file or folder")
    if path.stat().st_size == 0:
        raise UserError(f"data {str(path)!r} is empty")
    if path.suffix not in SUFFIXES:
        raise UserError(f"data {str(path)!r}: cannot read {path.suffix!r}; allowed: .csv, .parquet")
    return [path]


def rows(location: str | Path) -> int:
    """How many rows the table has, without reading the values of Parquet files."""
    return sum(_rows(path) for path in files(location))


def read(location: str | Path) -> pd.DataFrame:
    """The whole table; raises UserError if it is empty or its columns are not clear."""
    frames = [_read(path) for path in files(location)]
    _same_columns(frames, files(location))
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
            raise UserError(f"input column {name!r} is not in the data; {_listed(table.columns)}")
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
        raise UserError(f"no input column is left; {_listed(table.columns)}")
    return columns


def check_target(table: pd.DataFrame, target: str, task: str) -> None:
    """Raise UserError unless `target` is a column that the task can learn."""
    if target not in table.columns:
        raise UserError(f"target column {target!r} is not in the data; {_listed(table.columns)}")
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
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.ParquetFile(path).metadata.num_rows
    return len(pd.read_csv(path, usecols=[0]))


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
        else:
            _unique(_header(path), path)
            frame = pd.read_csv(path, low_memory=False)
    except (ValueError, OSError) as error:  # what pandas and pyarrow raise for broken files
        raise UserError(f"data {str(path)!r} cannot be read: {error}") from None
    _unique(list(frame.columns), path)
    return frame


def _header(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return next(csv.reader(file), [])


def _unique(names: list[str], path: Path) -> None:
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"data {str(path)!r} has more than one column named {', '.join(twice)}")


def _same_columns(frames: list[pd.DataFrame], paths: list[Path]) -> None:
    for frame, path in zip(frames[1:], paths[1:], strict=True):
        odd = set(frame.columns) ^ set(frames[0].columns)
        if odd:
            raise UserError(
                f"data: {path.name} and {paths[0].name} differ in columns "
                f"{', '.join(sorted(map(str, odd)))}"
            )


def _check_values(values: pd.Series) -> None:
    known = values.dropna()
    if known.empty:
        raise UserError(f"input column {values.name!r} has no value in any of {len(values)} rows")
    if kind(values) != CATEGORICAL:
        return
    numbers = pd.to_numeric(known, errors="coerce")
    text = known[numbers.isna()]
    if len(text) and numbers.notna().mean() >= MEANT_NUMERIC:
        raise UserError(
            f"input column {values.name!r} is numeric but has text in {len(text)} of "
            f"{len(values)} rows: {text.iloc[0]!r} in row {int(text.index[0]) + 1}"
        )


def _listed(names: Any) -> str:
    shown = [str(name) for name in names][:30]
    return f"there are: {', '.join(shown)}{', ...' if len(names) > 30 else ''}"
