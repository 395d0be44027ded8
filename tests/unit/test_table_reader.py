"""Tables in files, folders and memory: what is opened, and in which parts it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from training import table_reader
from training.arrow_table import Table
from training.errors import UserError
from training.table_reader import as_text, format_number, open_tables

ROWS = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"], "c": [0.5, 1.5, 2.5]})


def values(table: Table, *names: str) -> dict[str, list[Any]]:
    read: dict[str, list[Any]] = {name: [] for name in names}
    for batch in table.batches(names):
        assert table.rows is None or list(batch) == list(names)
        for name in names:
            read[name] += batch[name].to_pylist()
    return read


def types(tables: list[Table], name: str) -> set[str]:
    return {str(table.types[name]) for table in tables}


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_reader, "BATCH_ROWS", 2)


def as_batch() -> Any:
    return ROWS.to_batches()[0]


def as_frame() -> Any:
    return ROWS.to_pandas().set_axis([7, 5, 3])


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("source", [lambda: ROWS, as_batch, as_frame])
def test_data_in_memory_are_a_table(source: Any) -> None:
    (table,) = open_tables(source())
    assert (table.name, table.rows) == ("the table in memory", 3)
    assert {name: str(type_) for name, type_ in table.types.items()} == {
        "a": "int64", "b": table.types["b"], "c": "double",
    }  # fmt: skip
    assert values(table, "c", "a") == {"c": [0.5, 1.5, 2.5], "a": [1, 2, 3]}
    assert [len(batch["a"]) for batch in table.batches(["a"])] == [2, 1]


def test_a_stream_is_read_once_to_its_end() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield from ROWS.to_batches(max_chunksize=1)

    (table,) = open_tables(batches())
    assert (table.name, table.rows) == ("the stream", None)
    assert list(table.types) == ["a", "b", "c"]
    assert values(table, "a", "b", "c") == ROWS.to_pydict()
    (table,) = open_tables(batches())
    (part,) = table.parts(["a", "b"], "c")
    assert part.columns == ("a", "b")
    assert [batch["c"].to_pylist() for batch in part.arrays()] == [[0.5], [1.5], [2.5]]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ([], "no table given: the list of paths is empty"),
        ((), "no table given: the list of paths is empty"),
        (iter([]), "the iterator of record batches is empty, so it has no columns to count"),
        (iter([ROWS]), "the iterator gave a Table; it must give pyarrow record batches"),
        (["a.csv", 1], "the iterator gave a str; it must give pyarrow record batches"),
        ({"a": [1]}, "the iterator gave a str; it must give pyarrow record batches"),
        (7, "cannot read a table from int; give a path, a list of paths, a pyarrow Table"),
        (None, "cannot read a table from NoneType; give a path"),
    ],
)
def test_what_is_no_table_is_told(source: Any, sentence: str) -> None:
    with pytest.raises(UserError) as error:
        open_tables(source)
    assert str(error.value).startswith(sentence)


def test_a_list_of_batches_is_a_stream() -> None:
    (table,) = open_tables(ROWS.to_batches(max_chunksize=2))
    assert table.name == "the stream"
    assert values(table, "a") == {"a": [1, 2, 3]}


@pytest.mark.parametrize("form", [list, tuple])
def test_paths_are_opened_in_their_order_with_the_kinds(form: Any, tmp_path: Path) -> None:
    second = write(tmp_path / "2.csv", "x,y", "5,6")
    first = write(tmp_path / "1.csv", "x,y", "7,8")
    tables = open_tables(form([str(second), first]), {"x": "categorical"})
    assert [table.name for table in tables] == [str(second), str(first)]
    assert types(tables, "x") == {"string"} and types(tables, "y") == {"double"}
    for source in (str(first), first):
        (table,) = open_tables(source, {"x": "categorical"})
        assert str(table.types["x"]) == "string"


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    for name in ("t.csv", "t.parquet", "t.jsonl"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(UserError, match=rf"{name}' is empty"):
            open_tables(tmp_path / name)


def parquet(path: Path) -> Path:
    pq.write_table(ROWS, path, row_group_size=1)
    return path


def arrow(path: Path) -> Path:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, ROWS.schema) as file:
        file.write_table(ROWS, max_chunksize=1)
    return path


def json_lines(path: Path) -> Path:
    return write(path, '{"a": 1, "b": "x", "c": 0.5}', '{"a": 2, "c": 1.5}',
                 '{"a": 3, "b": "z", "c": 2.5}')  # fmt: skip


FILES = [(parquet, "t.parquet"), (arrow, "t.arrow"), (json_lines, "t.jsonl")]


@pytest.mark.parametrize(("form", "name"), FILES)
def test_files_know_their_rows_and_give_them_in_order(form: Any, name: str, tmp_path: Path) -> None:
    path = form(tmp_path / name)
    (table,) = open_tables(path)
    assert (table.name, table.rows) == (str(path), 3)
    assert [str(type_) for type_ in table.types.values()] == ["int64", "string", "double"]
    assert values(table, "c", "b", "a") == {
        "c": [0.5, 1.5, 2.5], "b": ["x", None, "z"], "a": [1, 2, 3],
    }  # fmt: skip


def in_memory(path: Path) -> Any:
    return ROWS


@pytest.mark.parametrize(("form", "name"), [*FILES, (in_memory, "none")])
@pytest.mark.parametrize("convert", [False, True])
def test_each_column_is_a_part_with_another_beside_it(
    form: Any, name: str, convert: bool, tmp_path: Path
) -> None:
    (table,) = open_tables(form(tmp_path / name))
    if convert:
        table = as_text(table, ["a"])
    for columns, beside, read in [
        (["a", "b"], None, [["a"], ["b"]]),
        (["a", "b"], "c", [["a", "c"], ["b", "c"]]),
        (["c", "a"], "c", [["c"], ["a", "c"]]),
    ]:
        parts = table.parts(columns, beside)
        assert [part.columns for part in parts] == [(name,) for name in columns]
        for part, names in zip(parts, read, strict=True):
            batches = list(part.arrays())
            assert all(list(batch) == names for batch in batches)
            for column in names:
                expected = ROWS[column].to_pylist()
                if convert and column == "a":
                    expected = ["1", "2", "3"]
                assert [v for batch in batches for v in batch[column].to_pylist()] == expected


def test_parts_of_a_parquet_file_are_groups_of_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_reader, "_PART_ROWS", 2)
    (table,) = open_tables(parquet(tmp_path / "t.parquet"))
    parts = table.parts(["a", "b"], None)
    assert [part.columns for part in parts] == [("a",), ("b",), ("a",), ("b",)]
    read = [
        [v for batch in part.arrays() for v in next(iter(batch.values())).to_pylist()]
        for part in parts
    ]
    assert read == [[1, 2], ["x", None], [3], ["z"]]


@pytest.mark.parametrize(
    ("rows", "groups"),
    [
        ([], []),
        ([5], [[0]]),
        ([600_000, 400_000, 1], [[0, 1], [2]]),
        ([600_000, 400_001, 1], [[0], [1, 2]]),
        ([2_000_000, 1, 999_999, 1], [[0], [1, 2], [3]]),
        ([1_000_000, 1_000_000], [[0], [1]]),
        ([400_000] * 5, [[0, 1], [2, 3], [4]]),
    ],
)
def test_neighboring_groups_go_together_up_to_a_million_rows(
    rows: list[int], groups: list[list[int]]
) -> None:
    assert table_reader._grouped(rows) == groups


def test_texts_of_a_parquet_file_are_read_as_codes(tmp_path: Path) -> None:
    (table,) = open_tables(parquet(tmp_path / "t.parquet"))
    (batch, *_) = table.batches(["a", "b"])
    assert str(table.types["b"]) == "string"
    assert pa.types.is_dictionary(batch["b"].type) and batch["a"].type == pa.int64()


def test_compressed_arrow_files_are_read(tmp_path: Path) -> None:
    feather.write_feather(ROWS, str(tmp_path / "t.feather"), compression="lz4")
    (table,) = open_tables(tmp_path / "t.feather")
    assert values(table, "a", "b", "c") == ROWS.to_pydict()


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([1.0, 2.5, None, float("nan"), 1e20]), ["1", "2.5", None, None, "1e+20"]),
        (pa.array([1.5, 2.0], pa.float32()), ["1.5", "2"]),
        (pa.array([1, None, -3]), ["1", None, "-3"]),
        (pa.array([True, None]), ["true", None]),
        (pa.array([dt.date(2026, 1, 31)]), ["2026-01-31"]),
    ],
)
def test_values_are_texts_as_they_would_be_written(array: pa.Array, texts: list[Any]) -> None:
    (table,) = open_tables(pa.table({"x": array, "y": array}))
    changed = as_text(table, ["x", "elsewhere"])
    assert str(changed.types["x"]) == "string" and changed.types["y"] == array.type
    (batch,) = changed.batches(["x", "y"])
    assert batch["x"].to_pylist() == texts and batch["x"].type == pa.string()
    assert batch["y"].type == array.type


def test_what_is_text_or_can_be_none_stays_as_it_is() -> None:
    columns = {"word": ["a"], "none": pa.nulls(1), "list": [[1]]}
    (table,) = open_tables(pa.table({**columns, "n": [1]}))
    assert as_text(table, [*columns, "elsewhere"]) is table
    changed = as_text(table, [*columns, "n"])
    assert {name: changed.types[name] for name in columns} == {
        name: table.types[name] for name in columns
    }
    assert values(changed, "list", "n") == {"list": [[1]], "n": ["1"]}


def test_a_number_has_fifteen_digits_as_text() -> None:
    assert format_number(0.1 + 0.2) == "0.3"
    assert format_number(123456789012345) == "123456789012345"
    assert [format_number(v) for v in (3.0, -0.5, 1e15)] == ["3", "-0.5", "1e+15"]


def test_kinds_that_were_given_hold_in_a_folder_whose_files_differ(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "x;code;kept", "1,5;1;7")
    write(tmp_path / "b.csv", "x;code;kept", "1,234;2;8")
    tables = open_tables(tmp_path, {"code": "categorical"})
    assert types(tables, "x") == types(tables, "kept") == {"double"}
    assert types(tables, "code") == {"string"}
    write(tmp_path / "c.csv", "x;code;kept", "2,5;3;word")
    tables = open_tables(tmp_path, {"code": "categorical"})
    assert types(tables, "x") == {"double"}
    assert types(tables, "code") == types(tables, "kept") == {"string"}


def test_numbers_that_become_text_are_kept_as_they_are_written(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "x,n", "1.50,1", "+2,2")
    write(tmp_path / "b.csv", "x,n", "word,3")
    tables = open_tables(tmp_path)
    assert [values(table, "x")["x"] for table in tables] == [["1.50", "+2"], ["word"]]
    assert types(tables, "n") == {"double"}


def test_a_text_that_was_decided_makes_text_of_the_numbers_of_another_file(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "x,y", "1,true")
    pq.write_table(pa.table({"x": [1.0], "y": [True]}), tmp_path / "b.parquet")
    tables = open_tables(tmp_path, {"x": "categorical"})
    assert [values(table, "x", "y") for table in tables] == [{"x": ["1"], "y": [True]}] * 2


def test_a_file_without_values_decides_nothing_for_the_others(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "x,y", ",1")
    write(tmp_path / "b.csv", "x,y", "true,")
    tables = open_tables(tmp_path)
    assert [str(table.types["x"]) for table in tables] == ["null", "bool"]
    assert [str(table.types["y"]) for table in tables] == ["double", "null"]


def test_lists_beside_numbers_stay_lists(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [[1]], "y": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1], "y": ["a"]}), tmp_path / "b.parquet")
    tables = open_tables(tmp_path)
    assert [str(table.types["x"]) for table in tables] == ["list<element: int64>", "int64"]
    assert [values(table, "y")["y"] for table in tables] == [["1"], ["a"]]


def test_a_frame_with_an_index_of_its_own_gives_its_columns_alone() -> None:
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["p", "q"], name="key"))
    (table,) = open_tables(frame)
    assert list(table.types) == ["x"]
