"""The reader of tables: files, folders and data in memory as Arrow, in parts of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from training import table_files
from training.arrow_table import (
    TEXT_BLOCK,
    Arrays,
    Part,
    Table,
    arrays_of,
    arrow_schema,
    kind_of,
    types_of,
)
from training.errors import UserError

_PART_ROWS = 1_000_000
_BUFFER = 1 << 20  # bytes read ahead of a Parquet column
BATCH_ROWS = 262_144

Source = Any
# Kinds of columns that are not converted to text.
TEXTUAL = ("categorical", "empty", "other")


def open_tables(source: Source, kinds: Mapping[str, str] | None = None) -> list[Table]:
    """The tables of a path, of a list of paths, or of data in memory.

    Args:
        source: Path of a Parquet or CSV file, or of a folder that holds some at any depth; a list
            of paths; a pyarrow Table or RecordBatch; a pandas DataFrame; an iterator of record
            batches.
        kinds: Kinds of columns, which decide how a CSV column is read where its text alone does
            not.

    Raises:
        UserError: No such file, no table in the folder, or something that is not a table.
    """
    if isinstance(source, str | Path):
        return open_path(Path(source), kinds or {})
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if type(source).__module__.partition(".")[0] == "pandas":
        source = pa.Table.from_pandas(source, preserve_index=False)
    if isinstance(source, pa.Table):
        return [_memory(source)]
    if isinstance(source, list | tuple) and all(isinstance(item, str | Path) for item in source):
        if not source:
            raise UserError("no table given: the list of paths is empty")
        return [table for item in source for table in open_tables(item, kinds)]
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


def open_path(path: Path, kinds: Mapping[str, str]) -> list[Table]:
    """The table of a file, or those of all files in a folder.

    Raises:
        UserError: No such path, no table in it, or a file that cannot be read.
    """
    tables = [_open_file(file, kinds) for file in table_files.files(path)]
    if not _mixed_columns(tables):
        return tables
    # What is not clear in one file, such as 1,234, is a number if the others hold numbers.
    paths = [Path(table.name) for table in tables]
    numbers = {name: "numeric" for name in _mixed_columns(tables) if name not in kinds}
    tables = [_open_file(file, {**kinds, **numbers}) for file in paths]
    mixed = {name: "categorical" for name in _mixed_columns(tables)}
    if not mixed:
        return tables
    # One word among numbers makes text of the column, in all files.
    tables = [_open_file(file, {**kinds, **numbers, **mixed}) for file in paths]
    return [as_text(table, _mixed_columns(tables) & mixed.keys()) for table in tables]


def as_text(table: Table, names: Collection[str]) -> Table:
    """The table with some of its columns as text."""
    changed = {
        name for name in names if name in table.types and kind_of(table.types[name]) not in TEXTUAL
    }
    if not changed:
        return table

    def converted(arrays: Arrays) -> Arrays:
        return {name: _text(array) if name in changed else array for name, array in arrays.items()}

    def batches(columns: Sequence[str]) -> Iterator[Arrays]:
        return map(converted, table.batches(columns))

    def parts(columns: Sequence[str], beside: str | None) -> list[Part]:
        return [
            Part(part.columns, lambda part=part: map(converted, part.arrays()))
            for part in table.parts(columns, beside)
        ]

    types = {name: pa.string() if name in changed else t for name, t in table.types.items()}
    return replace(table, types=types, parts=parts, batches=batches)


def _text(array: pa.Array) -> pa.Array:
    if pa.types.is_floating(array.type):
        texts = [None if v is None or v != v else format_number(v) for v in array.to_pylist()]
        return pa.array(texts, pa.string())
    return array.cast(pa.string())


def format_number(value: float) -> str:
    """A number as text, a whole one without a fraction, in 15 digits at most."""
    return f"{value:.15g}"


def _mixed_columns(tables: Sequence[Table]) -> set[str]:
    """Columns that are of different kinds in different files, and can be text in all."""
    kinds: dict[str, set[str]] = {}
    for table in tables:
        for name, type_ in table.types.items():
            kinds.setdefault(name, set()).add(kind_of(type_))
    return {
        name
        for name, distinct in kinds.items()
        if len(distinct - {"empty"}) > 1 and "other" not in distinct
    }


def _open_file(path: Path, kinds: Mapping[str, str]) -> Table:
    form, _ = table_files.format_of(path) or ("", None)
    if path.stat().st_size == 0:
        raise UserError(f"data {str(path)!r} is empty")
    with table_files.reading(path):
        if form == table_files.PARQUET:
            return _parquet(path)
        if form == table_files.ARROW:
            return _arrow_file(path)
        if form == table_files.JSON_LINES:
            return _json_lines(path)
        from training.table_csv import csv_table

        return csv_table(path, kinds)


def _arrow_file(path: Path) -> Table:
    schema = arrow_schema(path)
    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        rows = sum(reader.get_batch(n).num_rows for n in range(reader.num_record_batches))

    def batches(names: Sequence[str]) -> Iterator[Arrays]:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            for number in range(reader.num_record_batches):
                yield arrays_of(reader.get_batch(number).select(list(names)))

    def parts(names: Sequence[str], beside: str | None) -> list[Part]:
        return [_memory_part(batches, name, beside) for name in names]

    return Table(str(path), types_of(schema), rows, parts, batches)


def _json_lines(path: Path) -> Table:
    from pyarrow import json

    _, compression = table_files.format_of(path) or ("", None)
    with pa.input_stream(str(path), compression=compression) as stream:
        options = json.ReadOptions(use_threads=False, block_size=TEXT_BLOCK)
        table = json.read_json(stream, options)
    return replace(_memory(table), name=str(path))


def _parquet(path: Path) -> Table:
    import pyarrow.parquet as pq

    # A ParquetFile of pyarrow 9 is not closed by itself; the stream is.
    with pa.OSFile(str(path)) as stream:
        file = pq.ParquetFile(stream)
        metadata, schema = file.metadata, file.schema_arrow
    text = [field.name for field in schema if kind_of(field.type) == "categorical"]

    def read(groups: list[int], names: Sequence[str]) -> Iterator[Arrays]:
        with pa.OSFile(str(path)) as stream:
            file = pq.ParquetFile(
                stream,
                metadata=metadata,
                read_dictionary=text,
                pre_buffer=False,
                buffer_size=_BUFFER,
            )
            yield from map(
                arrays_of, file.iter_batches(BATCH_ROWS, groups, list(names), use_threads=False)
            )

    def parts(names: Sequence[str], beside: str | None) -> list[Part]:
        rows = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        further = [] if beside is None else [beside]
        return [
            _parquet_part(read, groups, [name, *further])
            for groups in _grouped(rows)
            for name in names
        ]

    def batches(names: Sequence[str]) -> Iterator[Arrays]:
        return read(list(range(metadata.num_row_groups)), names)

    return Table(str(path), types_of(schema), metadata.num_rows, parts, batches)


def _parquet_part(
    read: Callable[[list[int], Sequence[str]], Iterator[Arrays]],
    groups: list[int],
    names: list[str],
) -> Part:
    return Part((names[0],), lambda: read(groups, list(dict.fromkeys(names))))


def _grouped(rows: list[int]) -> list[list[int]]:
    """Neighboring row groups together, up to about a million rows."""
    groups: list[list[int]] = []
    row_count = 0
    for index, count in enumerate(rows):
        if not groups or row_count + count > _PART_ROWS:
            groups.append([])
            row_count = 0
        groups[-1].append(index)
        row_count += count
    return groups
