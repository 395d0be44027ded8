"""Files of a table: which there are, what they are called, and what their header lines say."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from training import table, table_files
from training.errors import UserError
from training.table_files import ARROW, CSV, JSON_LINES, PARQUET

TWO_LINES = "a,b\n1,x\n"


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("t.csv", (CSV, None)), ("t.tsv", (CSV, None)), ("t.tab", (CSV, None)),
        ("t.parquet", (PARQUET, None)), ("t.pq", (PARQUET, None)),
        ("t.arrow", (ARROW, None)), ("t.feather", (ARROW, None)), ("t.ipc", (ARROW, None)),
        ("t.jsonl", (JSON_LINES, None)), ("t.ndjson", (JSON_LINES, None)),
        ("t.csv.gz", (CSV, "gzip")), ("t.tsv.zst", (CSV, "zstd")), ("T.CSV.GZ", (CSV, "gzip")),
        ("t.jsonl.bz2", (JSON_LINES, "bz2")), ("T.Parquet", (PARQUET, None)),
        ("year.2026.csv", (CSV, None)), ("t.csv.parquet", (PARQUET, None)),
        ("t.parquet.gz", None), ("t.feather.zst", None), ("t.csv.gz.gz", None),
        ("t.gz", None), ("t.csv.zip", None), ("t", None), (".csv", None), ("t.csv.txt", None),
    ],
)  # fmt: skip
def test_the_name_of_a_file_says_its_format(name: str, form: tuple[str, str | None] | None) -> None:
    assert table_files.format_of(Path("data.parquet", name)) == form


def as_zstandard(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".zst": as_zstandard,
}


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".tab"])
@pytest.mark.parametrize("compression", COMPRESS)
def test_texts_are_read_in_every_compression(ending: str, compression: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{ending}{compression}"
    text = TWO_LINES if ending == ".csv" else TWO_LINES.replace(",", "\t")
    path.write_bytes(COMPRESS[compression](text.encode()))
    assert table_files.column_names(path) == ["a", "b"]
    assert table.read(path).frame.to_dict("list") == {"a": [1.0], "b": ["x"]}
    assert table.rows(path) == 1


@pytest.mark.parametrize("compression", COMPRESS)
def test_names_in_capitals_are_read_as_others(compression: str, tmp_path: Path) -> None:
    for name, text in (("T.CSV", TWO_LINES), ("T.JSONL", '{"a": 1, "b": "x"}\n')):
        path = tmp_path / (name + compression.upper())
        path.write_bytes(COMPRESS[compression](text.encode()))
        assert table.read(path).frame.to_dict("list") == {"a": [1], "b": ["x"]}


@pytest.mark.parametrize("compression", COMPRESS)
def test_json_lines_are_read_to_the_last_one(compression: str, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"text": "x" * 999} for _ in range(1100)]
    rows.append({"text": "y", "late": 1})
    path = tmp_path / f"t.jsonl{compression}"
    path.write_bytes(COMPRESS[compression]("\n".join(map(json.dumps, rows)).encode()))
    assert table_files.column_names(path) == ["text", "late"]
    data = table.read(path)
    assert len(data.frame) == table.rows(path) == 1101
    assert data.frame["late"].iloc[-1] == 1 and data.frame["late"].isna().sum() == 1100


@pytest.mark.parametrize("name", ["sales.table.csv", "a.tsv.csv", "my.tabular.csv.gz"])
def test_only_the_ending_of_a_name_says_that_tabs_part_the_columns(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(COMPRESS[".gz" if name.endswith(".gz") else ""](TWO_LINES.encode()))
    assert table_files.column_names(path) == ["a", "b"]


@pytest.mark.parametrize("name", ["t.TSV", "t.tab"])
def test_a_file_named_for_tabs_may_have_other_delimiters_in_its_names(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text("a,b,c\td\n1\t2\n")
    assert table_files.column_names(path) == ["a,b,c", "d"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_says_the_encoding(encoding: str, tmp_path: Path) -> None:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    path = tmp_path / "t.csv"
    path.write_bytes(marks.get(encoding, b"") + "é,b\n1,x\n".encode(encoding))
    assert table_files.column_names(path) == ["é", "b"]
    if encoding != "utf-16-be":  # which Arrow does not read
        assert table.read(path).frame["é"].tolist() == [1.0]


def test_files_of_a_folder_are_those_of_tables_in_order(tmp_path: Path) -> None:
    for name in (
        "b.csv", "a/z.pq", "a/.hidden.csv", "a/_log.csv", ".git/t.csv", "x/_temporary/0/t.csv",
        "notes.txt", "a/b_.csv", "a/b.c.csv",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(TWO_LINES)
    (tmp_path / "folder.csv").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in table_files.files(str(tmp_path))]
    assert found == ["a/b.c.csv", "a/b_.csv", "a/z.pq", "b.csv"]


def test_a_folder_below_a_hidden_one_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "_data" / ".v1"
    folder.mkdir(parents=True)
    (folder / "t.csv").write_text(TWO_LINES)
    assert table_files.files(folder) == [folder / "t.csv"]


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as error:
        table_files.column_names(path)
    return str(error.value)


def test_what_there_is_no_table_in_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.tar.txt").write_text("x")
    (tmp_path / "notes").write_text("x")
    allowed = (
        "allowed: .csv, .tsv, .tab, .parquet, .pq, .arrow, .feather, .ipc, .jsonl, .ndjson; "
        "text files also .gz, .zst, .bz2"
    )
    assert refusal(tmp_path) == f"data {str(tmp_path)!r} is a folder without a table; {allowed}"
    path = tmp_path / "notes.tar.txt"
    assert refusal(path) == f"data {str(path)!r}: cannot read '.tar.txt'; {allowed}"
    assert "cannot read ''" in refusal(tmp_path / "notes")
    path = tmp_path / "missing.csv"
    assert refusal(path) == f"data {str(path)!r} does not exist; give a file or folder"


def test_files_have_the_same_columns_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("a,b,c\n1,2,3\n")
    (tmp_path / "2.csv").write_text("c,a,b\n3,1,2\n")
    assert table_files.column_names(tmp_path) == ["a", "b", "c"]
    assert table.read(tmp_path).frame["c"].tolist() == [3, 3]
    (tmp_path / "3.csv").write_text("b,e,a\n")
    assert refusal(tmp_path) == "data: 3.csv and 1.csv differ in columns c, e"


def test_a_file_of_one_byte_is_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a")
    assert table_files.file_columns(path) == ["a"]
    with pytest.raises(UserError, match="cannot be read"):
        table.open_tables(path)
    path.write_text("")
    assert refusal(path) == f"data {str(path)!r} is empty"


def test_a_file_of_another_name_is_read_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "downloaded"
    path.write_text("a;b\n1;2\n")
    assert table_files.file_columns(path) == ["a", "b"]
    assert table_files.encoding_of(path) == "utf-8"


def test_names_that_repeat_are_told_in_order(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("b,a,b,a,a,c\n1,2,3,4,5,6\n")
    told = f"data {str(path)!r} has more than one column named a, b"
    assert refusal(path) == told
    with pytest.raises(UserError) as error:
        table.open_tables(path)
    assert str(error.value) == told


def test_names_are_those_of_each_format(tmp_path: Path) -> None:
    rows = pa.table({"b": [1], "a": ["x"]})
    pq.write_table(rows, tmp_path / "t.parquet")
    feather.write_feather(rows, str(tmp_path / "t.arrow"), compression="uncompressed")
    (tmp_path / "t.ndjson").write_text('\n{"b": 1}\n  \n{"a": "x", "b": 2}\n')
    for name in ("t.parquet", "t.arrow", "t.ndjson"):
        assert table_files.column_names(tmp_path / name) == ["b", "a"]


@pytest.mark.parametrize("line", ["[1]", "null", '"a"', "1"])
def test_a_line_that_is_no_object_is_told(line: str, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(f'{{"a": 1}}\n{line}\n')
    assert refusal(path) == f"data {str(path)!r} cannot be read: a line is not a JSON object"


@pytest.mark.parametrize(
    ("header", "character"),
    [
        ("a,b;c,d", ","), ("a;b,c;d", ";"), ("a\tb", "\t"), ("a|b", "|"), ("name", ","), ("", ","),
        ('"a;b;c",d', ","), ('"x;y",a,"u;v;w"', ","), ('"a|b|c|d"', ","), ("a b:c", ","),
        ('a,"in ""quotes;;;"" too",b', ","), ("one;", ";"),
    ],
)  # fmt: skip
def test_the_character_that_a_header_has_most_of_parts_its_columns(
    header: str, character: str
) -> None:
    assert table_files.delimiter(header) == character


@pytest.mark.parametrize("header", ["a,b;c", "a\tb|c"])
def test_two_characters_as_frequent_are_refused(header: str, tmp_path: Path) -> None:
    first, second = (repr(character) for character in header if not character.isalpha())
    told = (
        f"the columns of {header!r} may be parted by {first} or {second}; "
        "quote the names that hold one of them"
    )
    with pytest.raises(UserError) as error:
        table_files.delimiter(header)
    assert str(error.value) == told
    path = tmp_path / "t.csv"
    path.write_text(f"{header}\n1\n")
    assert refusal(path) == f"data {str(path)!r}: {told}"


def test_a_long_header_is_told_by_its_start() -> None:
    with pytest.raises(UserError, match=f"the columns of '{'x' * 60}' may be"):
        table_files.delimiter("x" * 60 + "y,z;")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a,b\n1,2\n", "a,b"),
        ("a,b\r\n1,2\r\n", "a,b"),
        ("a,b", "a,b"),
        ("b,x\n", "b,x"),
        ("", ""),
        ("\na", ""),
        ('"a\nb",c\n1,2\n', '"a\nb",c'),
        ('"a\r\n""b""\r\n",c\r\n1,2\r\n', '"a\r\n""b""\r\n",c'),
        ('"a","b"\n1,2\n', '"a","b"'),
        ('"never closed\n1,2\n', '"never closed\n1,2'),
    ],
)
def test_a_header_goes_on_in_quotes(text: str, line: str, tmp_path: Path) -> None:
    assert table_files.header_line(io.StringIO(text, newline="")) == line
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    assert table_files.first_line(path) == line


def test_a_quote_that_never_closes_is_not_read_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table_files, "HEADER_BYTES", 8)
    file = io.StringIO('"' + "a\n" * 100)
    assert len(table_files.header_line(file)) == 8
    assert file.tell() == 9
    assert table_files.header_line(io.StringIO("x" * 100)) == "x" * 8
    assert table_files.header_line(io.StringIO('"' + "x" * 100)) == '"' + "x" * 7


def test_headers_of_a_megabyte_are_read() -> None:
    names = "name," * 200_000
    assert table_files.header_line(io.StringIO(f'"{names}\nb"\n1\n')) == f'"{names}\nb"'
    assert len(table_files.header_line(io.StringIO("x" * 3_000_000))) == 2**20


def test_names_may_hold_what_parts_columns_and_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'"a;b";"two\r\nlines";"a ""quote"""\r\n1;2;3\r\n')
    assert table_files.column_names(path) == ["a;b", "two\r\nlines", 'a "quote"']
    assert table.read(path).frame.to_numpy().tolist() == [[1, 2, 3]]


def test_a_bad_byte_is_told_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("a,é\n1,2\n".encode("latin1"))
    assert "is not UTF-8 (byte 2); save it as UTF-8, such as with: iconv -f latin1" in refusal(path)


def test_the_first_thirty_columns_are_listed() -> None:
    names = [f"c{number}" for number in range(31)]
    assert table_files.list_names(names[:30]) == f"there are: {', '.join(names[:30])}"
    assert table_files.list_names(names) == f"there are: {', '.join(names[:30])}, ..."
    assert table_files.list_names([]) == "there are: "


# Those of pandas.read_csv, as its documentation of `na_values` lists them.
PANDAS_MISSING = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
]  # fmt: skip


@pytest.mark.parametrize("quote", ["", '"'])
def test_missing_is_what_pandas_takes_for_missing_but_none(quote: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [f"{quote}{word}{quote},1" for word in [*PANDAS_MISSING, "na", "N.A."]]
    path.write_text("\n".join(["x,n", *lines]))
    assert pd.read_csv(path)["x"].dropna().tolist() == ["na", "N.A."]
    assert [v for v in table.read(path).frame["x"] if v is not None] == ["None", "na", "N.A."]
