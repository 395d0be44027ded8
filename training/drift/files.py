"""Parquet and CSV files, alone and in folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from training.drift.columns import Column, kind_of
from training.drift.parts import BATCH_ROWS, Arrays, Part, Table, arrays_of, types_of
from training.errors import UserError

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".csv.gz")
_PART_ROWS = 1_000_000
_BUFFER = 1 << 20  # bytes read ahead of a Parquet column
_SNIFFED = 1 << 20  # bytes of a CSV file that its column types are taken from


def open_path(path: Path, reference: Mapping[str, Column]) -> list[Table]:
    """The table of a file, or those of all files in a folder.

    Files and folders whose name begins with a dot or an underscore are passed over.

    Raises:
        UserError: No such path, no table in it, or a file that cannot be read.
    """
    return [_open_file(file, reference) for file in _files(path)]


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


def _open_file(path: Path, reference: Mapping[str, Column]) -> Table:
    name = path.name.lower()
    try:
        if name.endswith(PARQUET):
            return _parquet(path)
        if name.endswith(CSV):
            return _csv(path, reference)
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


def _csv(path: Path, reference: Mapping[str, Column]) -> Table:
    from pyarrow import csv

    options = csv.ConvertOptions(strings_can_be_null=True)
    with csv.open_csv(
        path, csv.ReadOptions(block_size=_SNIFFED), convert_options=options
    ) as reader:
        sniffed = types_of(reader.schema)
    types = {name: _csv_type(type_, reference.get(name)) for name, type_ in sniffed.items()}

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


def _csv_type(type_: pa.DataType, reference: Column | None) -> pa.DataType:
    """Numbers as float64, as a later row may have a fraction; codes as text if they were text."""
    kind = "empty" if reference is None else reference.kind
    if kind == "categorical":
        return pa.string()
    if kind_of(type_) == "empty":
        known = {
            "numeric": pa.float64(),
            "datetime": pa.timestamp("us"),
            "boolean": pa.bool_(),
        }
        return known.get(kind, pa.string())
    return pa.float64() if kind_of(type_) == "numeric" else type_
