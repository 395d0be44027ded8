"""Files of a table: their formats, their header lines, and the characters that part their columns.

No pandas and no pyarrow here (except for the schema of a Parquet or Arrow file), so that a preview
can check the data of a stack in no time. The rules are those of docs/data.md.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from training.errors import UserError

# Format by the ending of a file's name.
CSV, PARQUET, ARROW, JSON_LINES = "csv", "parquet", "arrow", "jsonl"
FORMATS = {
    ".csv": CSV,
    ".tsv": CSV,
    ".tab": CSV,
    ".parquet": PARQUET,
    ".pq": PARQUET,
    ".arrow": ARROW,
    ".feather": ARROW,
    ".ipc": ARROW,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
}
# A text file's name may go on with one of these.
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
# The words that stand for a missing value, quoted or not. "None" is not among them: it is a word.
MISSING_WORDS = (
    "",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "-1.#IND",
    "-1.#QNAN",
    "-NaN",
    "-nan",
    "1.#IND",
    "1.#QNAN",
    "<NA>",
    "N/A",
    "NA",
    "NULL",
    "NaN",
    "n/a",
    "nan",
    "null",
)
DELIMITERS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
MOST_LISTED = 30
HEADER_BYTES = 1 << 20


def format_of(path: Path) -> tuple[str, str | None] | None:
    """Format and compression of a file by its name, whatever its case; None if it is no table."""
    ending, compression = _ending(path)
    kind = FORMATS.get(ending)
    if kind is None or (compression and kind in (PARQUET, ARROW)):
        return None
    return kind, compression


def _ending(path: Path) -> tuple[str, str | None]:
    """The ending of a file's name in lower case, without that of a compression, and this one."""
    *others, last = ["", *(suffix.lower() for suffix in path.suffixes)]
    compression = COMPRESSIONS.get(last)
    return (others[-1] if compression else last), compression


def files(location: str | Path) -> list[Path]:
    """The table's files, sorted by path; raises UserError if there are none.

    In a folder and its sub-folders, files and folders whose name begins with a dot or an
    underscore are passed over, and so are files that are no tables.
    """
    path = Path(location)
    if path.is_dir():
        tables = sorted(file for file in path.rglob("*") if _is_table(file, path))
        if not tables:
            raise UserError(
                f"data {str(path)!r} is a folder without a table; allowed: {_endings()}"
            )
        return tables
    if not path.is_file():
        raise UserError(f"data {str(path)!r} does not exist; give a file or folder")
    if format_of(path) is None:
        raise UserError(
            f"data {str(path)!r}: cannot read {''.join(path.suffixes[-2:])!r}; "
            f"allowed: {_endings()}"
        )
    return [path]


def column_names(location: str | Path) -> list[str]:
    """The names of the table's columns; raises UserError if they are not clear.

    All files have to have the same ones, in whatever order.
    """
    paths = files(location)
    first, *later_columns = [file_columns(path) for path in paths]
    for path, names in zip(paths[1:], later_columns, strict=True):
        differing = set(names) ^ set(first)
        if differing:
            raise UserError(
                f"data: {path.name} and {paths[0].name} differ in columns "
                f"{', '.join(sorted(differing))}"
            )
    return first


def file_columns(path: Path) -> list[str]:
    """The names of one file's columns; raises UserError if the file cannot be read."""
    if path.stat().st_size == 0:
        raise UserError(f"data {str(path)!r} is empty")
    kind, _ = format_of(path) or (CSV, None)
    with reading(path):
        names = {CSV: csv_header, PARQUET: _parquet, ARROW: _arrow, JSON_LINES: _json}[kind](path)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UserError(f"data {str(path)!r} has more than one column named {', '.join(repeated)}")
    return names


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise UserError for what csv, pandas and pyarrow raise for broken files."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise UserError(
            f"data {str(path)!r} is not UTF-8 (byte {error.start}); save it as UTF-8, such as "
            f"with: iconv -f latin1 -t utf-8 {path.name}"
        ) from None
    except (ValueError, OSError, EOFError, csv.Error) as error:
        raise UserError(f"data {str(path)!r} cannot be read: {error}") from None


def list_names(names: Iterable[str]) -> str:
    """The columns there are, in words for an error."""
    first = list(islice(names, MOST_LISTED + 1))
    return f"there are: {', '.join(first[:MOST_LISTED])}{', ...' * (len(first) > MOST_LISTED)}"


def csv_header(path: Path) -> list[str]:
    """The names in the first line of a CSV file; columns without a name are called ``""``."""
    delimiter = csv_delimiter(path)
    with _text(path) as file:
        return next(csv.reader(file, delimiter=delimiter), [])


def csv_delimiter(path: Path) -> str:
    """The character between a CSV file's columns: comma, semicolon, tab or bar.

    The one that the header has most of, outside of quotes; raises UserError if two are as
    frequent, as then a name may hold one of them.
    """
    ending, _ = _ending(path)
    if ending in (".tsv", ".tab"):
        return "\t"
    line = first_line(path)
    try:
        return delimiter(line)
    except UserError as error:
        raise UserError(f"data {str(path)!r}: {error}") from None


def delimiter(header: str) -> str:
    """The character between the columns of a header line: as `csv_delimiter`."""
    outside = "".join(header.split('"')[::2])
    counts = {character: outside.count(character) for character in DELIMITERS}
    most = max(counts.values())
    leading = [character for character, count in counts.items() if count == most]
    if most == 0:
        return ","
    if len(leading) > 1:
        raise UserError(
            f"the columns of {header[:60]!r} may be parted by "
            f"{' or '.join(map(repr, leading))}; quote the names that hold one of them"
        )
    return leading[0]


def first_line(path: Path) -> str:
    """The header line of a text file, with the line breaks inside of quotes."""
    with _text(path) as file:
        return header_line(file)


def header_line(file: IO[str]) -> str:
    """The first line of a text, with the line breaks inside of quotes."""
    text = ""
    while len(text) < HEADER_BYTES and (line := file.readline(HEADER_BYTES)):
        text += line
        if text.count('"') % 2 == 0:
            break
    return text.rstrip("\r\n")


def encoding_of(path: Path) -> str:
    """The encoding of a text file: UTF-8, or what its byte order mark says."""
    with _bytes(path) as file:
        start = file.read(4)
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            return encoding
    return "utf-8"


def _is_table(file: Path, folder: Path) -> bool:
    is_hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    return not is_hidden and format_of(file) is not None and file.is_file()


def _endings() -> str:
    return f"{', '.join(FORMATS)}; text files also {', '.join(COMPRESSIONS)}"


@contextmanager
def _text(path: Path) -> Iterator[io.TextIOWrapper]:
    encoding = encoding_of(path)
    with _bytes(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        yield text


@contextmanager
def _bytes(path: Path) -> Iterator[IO[bytes]]:
    _, compression = format_of(path) or (CSV, None)
    if compression == "gzip":
        with gzip.open(path, "rb") as file:
            yield file  # type: ignore[misc]
    elif compression == "bz2":
        with bz2.open(path, "rb") as file:
            yield file
    elif compression:
        import pyarrow as pa

        with pa.input_stream(str(path), compression=compression) as stream:
            yield stream
    else:
        with path.open("rb") as file:
            yield file


def _parquet(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    return pq.read_schema(path).names


def _arrow(path: Path) -> list[str]:
    from training.arrow_table import arrow_schema

    return arrow_schema(path).names


def _json(path: Path) -> list[str]:
    """The names in all lines: one of them may lack what it has no value of."""
    import json

    names: dict[str, None] = {}
    with _text(path) as lines:
        for line in lines:
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("a line is not a JSON object")
                names.update(dict.fromkeys(row))
    return list(names)
