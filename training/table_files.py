"""A table's files: a CSV or Parquet file, or a folder of them; looked at without being read whole.

No pandas here, so that a preview can check the data of a stack in no time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from training.errors import UserError

SUFFIXES = (".parquet", ".csv")
MOST_LISTED = 30


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
    if path.suffix not in SUFFIXES:
        raise UserError(f"data {str(path)!r}: cannot read {path.suffix!r}; allowed: .csv, .parquet")
    return [path]


def column_names(location: str | Path) -> list[str]:
    """The names of the table's columns; raises UserError if they are not clear.

    All files have to have the same ones, in whatever order.
    """
    paths = files(location)
    first, *others = [_columns(path) for path in paths]
    for path, names in zip(paths[1:], others, strict=True):
        odd = set(names) ^ set(first)
        if odd:
            raise UserError(
                f"data: {path.name} and {paths[0].name} differ in columns {', '.join(sorted(odd))}"
            )
    return first


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise UserError for what csv, pandas and pyarrow raise for broken files."""
    try:
        yield
    except (ValueError, OSError, csv.Error) as error:
        raise UserError(f"data {str(path)!r} cannot be read: {error}") from None


def listed(names: Iterable[str]) -> str:
    """The columns there are, in words for an error."""
    first = list(islice(names, MOST_LISTED + 1))
    return f"there are: {', '.join(first[:MOST_LISTED])}{', ...' * (len(first) > MOST_LISTED)}"


def _columns(path: Path) -> list[str]:
    if path.stat().st_size == 0:
        raise UserError(f"data {str(path)!r} is empty")
    with reading(path):
        names = _schema(path) if path.suffix == ".parquet" else _header(path)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"data {str(path)!r} has more than one column named {', '.join(twice)}")
    return names


def _schema(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    return pq.read_schema(path).names


def _header(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return next(csv.reader(file), [])
