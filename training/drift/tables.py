"""Opening tables: paths, and data in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from training.drift.columns import Column
from training.drift.files import open_path
from training.drift.parts import BATCH_ROWS, Arrays, Part, Table, arrays_of, types_of
from training.errors import UserError

Source = Any


def open_tables(source: Source, reference: Mapping[str, Column] | None = None) -> list[Table]:
    """The tables of a path, of a list of paths, or of data in memory.

    Args:
        source: Path of a Parquet or CSV file, or of a folder that holds some at any depth; a list
            of paths; a pyarrow Table or RecordBatch; a pandas DataFrame; an iterator of record
            batches.
        reference: Columns whose kinds decide how a CSV column is read where its text alone does
            not.

    Raises:
        UserError: No such file, no table in the folder, or something that is not a table.
    """
    if isinstance(source, str | Path):
        return open_path(Path(source), reference or {})
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if type(source).__module__.partition(".")[0] == "pandas":
        source = pa.Table.from_pandas(source, preserve_index=False)
    if isinstance(source, pa.Table):
        return [_memory(source)]
    if isinstance(source, list | tuple) and all(isinstance(item, str | Path) for item in source):
        if not source:
            raise UserError("no table given: the list of paths is empty")
        return [table for item in source for table in open_tables(item, reference)]
    if isinstance(source, Iterable):
        return [_stream(iter(source))]
    raise UserError(
        f"cannot read a table from {type(source).__name__}; give a path, a list of paths, "
        "a pyarrow Table, a pandas DataFrame or an iterator of record batches"
    )


def _memory(table: pa.Table) -> Table:
    def parts(names: Sequence[str], beside: str | None) -> list[Part]:
        return [_memory_part(batches, name, beside) for name in names]

    def batches(names: Sequence[str]) -> Iterator[Arrays]:
        return map(arrays_of, table.select(list(names)).to_batches(max_chunksize=BATCH_ROWS))

    return Table("the table in memory", types_of(table.schema), table.num_rows, parts, batches)


def _memory_part(
    batches: Callable[[Sequence[str]], Iterator[Arrays]], name: str, beside: str | None
) -> Part:
    names = [name] if beside in (None, name) else [name, beside]
    return Part((name,), lambda: batches(names))


def _stream(batches: Iterator[Any]) -> Table:
    first = next(batches, None)
    if first is None:
        raise UserError("the iterator of record batches is empty, so it has no columns to count")
    if not isinstance(first, pa.RecordBatch):
        raise UserError(
            f"the iterator gave a {type(first).__name__}; it must give pyarrow record batches"
        )

    def arrays(names: Sequence[str]) -> Iterator[Arrays]:
        yield arrays_of(first)
        yield from map(arrays_of, batches)

    def parts(names: Sequence[str], beside: str | None) -> list[Part]:
        return [Part(tuple(names), lambda: arrays(names))]

    return Table("the stream", types_of(first.schema), None, parts, arrays)
