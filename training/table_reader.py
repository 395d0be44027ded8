"""The reader of tables: files, folders and data in memory as Arrow, in parts of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from training.errors import UserError

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".csv.gz")
_PART_ROWS = 1_000_000
_BUFFER = 1 << 20  # bytes read ahead of a Parquet column
_SNIFFED = 1 << 20  # bytes of a CSV file that its column types are taken from
BATCH_ROWS = 262_144

Types = Mapping[str, pa.DataType]
Arrays = Mapping[str, pa.Array]
Source = Any


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


def type_name(type_: pa.DataType) -> str:
    """The type without what differs between readers of the same data."""
    name = str(type_).partition("<")[0].partition("[")[0]
    return "string" if name in ("large_string", "string_view") else name


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

    Files and folders whose name begins with a dot or an underscore are passed over.

    Raises:
        UserError: No such path, no table in it, or a file that cannot be read.
    """
    return [_open_file(file, kinds) for file in _files(path)]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError(f"no such file or folder: {str(path)!r}")
    files = sorted(file for file in path.rglob("*") if _is_table(file, path))
    if not files:
        endings = ", ".join(PARQUET + CSV)
        raise UserError(f"no table in the folder {str(path)!r}; its files must end in {endings}")
    return files


def _is_table(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    return file.name.lower().endswith(PARQUET + CSV) and not hidden and file.is_file()


def _open_file(path: Path, kinds: Mapping[str, str]) -> Table:
    name = path.name.lower()
    try:
        if name.endswith(PARQUET):
            return _parquet(path)
        if name.endswith(CSV):
            return _csv(path, kinds)
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"cannot read the table {str(path)!r}: {error}") from error
    endings = ", ".join(PARQUET + CSV)
    raise UserError(f"cannot read {str(path)!r} as a table; a file must end in {endings}")


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
    held = 0
    for index, count in enumerate(rows):
        if not groups or held + count > _PART_ROWS:
            groups.append([])
            held = 0
        groups[-1].append(index)
        held += count
    return groups


def _csv(path: Path, kinds: Mapping[str, str]) -> Table:
    from pyarrow import csv

    options = csv.ConvertOptions(strings_can_be_null=True)
    with csv.open_csv(
        path, csv.ReadOptions(block_size=_SNIFFED), convert_options=options
    ) as reader:
        sniffed = types_of(reader.schema)
    types = {name: _csv_type(type_, kinds.get(name, "empty")) for name, type_ in sniffed.items()}

    def read(names: Sequence[str]) -> Iterator[Arrays]:
        convert = csv.ConvertOptions(
            strings_can_be_null=True, column_types=types, include_columns=list(names)
        )
        try:
            with csv.open_csv(
                path, csv.ReadOptions(use_threads=False), convert_options=convert
            ) as reader:
                yield from map(arrays_of, reader)
        except pa.ArrowInvalid as error:
            raise UserError(
                f"cannot read the table {str(path)!r}: {error}; the type of a column is taken "
                "from the file's first megabyte"
            ) from error

    def parts(names: Sequence[str], beside: str | None) -> list[Part]:
        further = [] if beside is None or beside in names else [beside]
        return [Part(tuple(names), lambda: read([*names, *further]))]

    return Table(str(path), types, None, parts, read)


def _csv_type(type_: pa.DataType, kind: str) -> pa.DataType:
    """Numbers as float64, as a later row may have a fraction; codes as text if they were text."""
    if kind == "categorical":
        return pa.string()
    if kind_of(type_) == "empty":
        types = {
            "numeric": pa.float64(),
            "datetime": pa.timestamp("us"),
            "boolean": pa.bool_(),
        }
        return types.get(kind, pa.string())
    return pa.float64() if kind_of(type_) == "numeric" else type_
