"""The one reader of tables: kinds, files and messages, whichever form the same rows come in."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training import model_inputs, table, table_checks, table_csv
from training.drift import compare, profile_table
from training.errors import UserError
from training.model_inputs import BOOLEAN, CATEGORICAL, DATETIME, NUMERIC

DAY = dt.datetime(2026, 1, 31, 10, 30)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def kinds(path: Path, **overrides: str) -> dict[str, str]:
    return table.read(path, overrides).kinds


ROWS = pa.table(
    {
        "whole": pa.array([1, None, 3], pa.int64()),
        "price": pa.array([1.5, 2.0, None]),
        "flag": pa.array([True, None, False]),
        "word": pa.array(["a", "None", None]),
        "when": pa.array([DAY, None, DAY], pa.timestamp("us")),
    }
)
EXPECTED = {
    "whole": NUMERIC,
    "price": NUMERIC,
    "flag": BOOLEAN,
    "word": CATEGORICAL,
    "when": DATETIME,
}
CSV = """whole,price,flag,word,when
1,1.5,true,a,2026-01-31 10:30:00
,2.0,,"None",
3,,false,,2026-01-31T10:30:00Z
"""


def as_csv(folder: Path) -> Path:
    return write(folder / "t.csv", CSV)


def as_semicolons(folder: Path) -> Path:
    text = CSV.replace(",", ";").replace("1.5", "1,5").replace("2.0", "2,0")
    return write(folder / "t.CSV", text)


def as_tabs(folder: Path) -> Path:
    return write(folder / "t.tsv", CSV.replace(",", "\t"))


def as_gzip(folder: Path) -> Path:
    (folder / "t.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    return folder / "t.csv.gz"


def as_zstandard(folder: Path) -> Path:
    with pa.output_stream(str(folder / "t.csv.zst"), compression="zstd") as stream:
        stream.write(CSV.encode())
    return folder / "t.csv.zst"


def as_utf16(folder: Path) -> Path:
    return write(folder / "t.csv", CSV, "utf-16")


def as_windows(folder: Path) -> Path:
    return write(folder / "t.csv", CSV.replace("\n", "\r\n"), "utf-8-sig")


def as_parquet(folder: Path) -> Path:
    pq.write_table(ROWS, folder / "t.parquet")
    return folder / "t.parquet"


def as_pandas(folder: Path) -> Path:
    ROWS.to_pandas().to_parquet(folder / "t.pq")
    return folder / "t.pq"


def as_feather(folder: Path) -> Path:
    feather.write_feather(ROWS, str(folder / "t.feather"), compression="zstd")
    return folder / "t.feather"


def as_json_lines(folder: Path) -> Path:
    lines = [
        json.dumps({**row, "when": row["when"] and row["when"].isoformat(" ")})
        for row in ROWS.to_pylist()
    ]
    return write(folder / "t.jsonl", "\n".join(lines))


def as_sub_folders(folder: Path) -> Path:
    for number in range(3):
        part = folder / "table" / f"day={number}"
        part.mkdir(parents=True)
        pq.write_table(ROWS.slice(number, 1), part / "part.parquet")
    write(folder / "table" / "._part.csv", "rubbish")
    (folder / "table" / "_temporary").mkdir()
    write(folder / "table" / "_temporary" / "t.csv", "rubbish")
    write(folder / "table" / "README.txt", "no table")
    return folder / "table"


FORMS = [
    as_csv, as_semicolons, as_tabs, as_gzip, as_zstandard, as_utf16, as_windows, as_parquet,
    as_pandas, as_feather, as_json_lines, as_sub_folders,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_are_the_same_in_every_form(form: Any, tmp_path: Path) -> None:
    path = form(tmp_path)
    data = table.read(path)
    assert data.kinds == EXPECTED
    frame = data.frame
    assert frame["whole"].tolist()[::2] == [1, 3] and np.isnan(frame["whole"][1])
    assert frame["price"].tolist()[:2] == [1.5, 2.0] and np.isnan(frame["price"][2])
    assert frame["flag"].tolist()[::2] == [1, 0] and np.isnan(frame["flag"][1])
    assert frame["word"].tolist() == ["a", "None", None]
    assert frame["when"].tolist() == [pd.Timestamp(DAY), pd.NaT, pd.Timestamp(DAY)]
    assert table.rows(path) == 3


@pytest.mark.parametrize("form", FORMS)
def test_the_drift_check_reads_as_the_training_does(form: Any, tmp_path: Path) -> None:
    reference = profile_table(ROWS)
    window = profile_table(form(tmp_path), reference=reference)
    assert {name: column.kind for name, column in window.columns.items()} == EXPECTED
    assert not compare(reference, window).findings
    for name, column in reference.columns.items():
        assert window.columns[name].missing == column.missing == 1


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text file is read in blocks of so few bytes that a small one has several."""
    monkeypatch.setattr(table_csv, "TEXT_BLOCK", 8192)


@pytest.mark.usefixtures("small_blocks")
def test_a_kind_is_decided_by_all_values_of_all_files(tmp_path: Path) -> None:
    for name, last in (("a.csv", "7"), ("b.csv", "7a")):
        rows = "\n".join(f"{n},{n}" for n in range(2000))
        write(tmp_path / name, f"code,x\n{rows}\n{last},1\n")
    data = table.read(tmp_path)
    assert data.kinds == {"code": CATEGORICAL, "x": NUMERIC}
    assert data.frame["code"].iloc[0] == "0" and data.frame["code"].iloc[-1] == "7a"
    window = profile_table(tmp_path)
    assert window.columns["code"].kind == CATEGORICAL


def test_one_column_in_files_of_different_types(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2], "b": [1.0, 2.5]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"b": ["x", "2.5"], "a": [1.5, None]}), tmp_path / "2.parquet")
    write(tmp_path / "3.csv", "a,b\n3,3\n")
    data = table.read(tmp_path)
    assert data.kinds == {"a": NUMERIC, "b": CATEGORICAL}
    assert data.frame["b"].tolist() == ["1", "2.5", "x", "2.5", "3"]
    assert profile_table(tmp_path).columns["b"].kind == CATEGORICAL


def test_arrow_types_that_are_numbers_and_times(tmp_path: Path) -> None:
    columns = {
        "decimal": pa.array([Decimal("1.25"), None]),
        "date": pa.array([DAY.date(), None]),
        "clock": pa.array([dt.time(1, 0), None]),
        "length": pa.array([dt.timedelta(minutes=1), None]),
        "zoned": pa.array([DAY, None], pa.timestamp("ms", "America/New_York")),
        "coded": pa.array(["a", None]).dictionary_encode(),
        "small": pa.array([1, None], pa.uint8()),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    data = table.read(tmp_path / "t.parquet")
    assert data.kinds == {
        "decimal": NUMERIC, "date": DATETIME, "clock": NUMERIC, "length": NUMERIC,
        "zoned": DATETIME, "coded": CATEGORICAL, "small": NUMERIC,
    }  # fmt: skip
    first = data.frame.iloc[0]
    assert (first["decimal"], first["clock"], first["length"]) == (1.25, 3600.0, 60.0)
    assert first["zoned"] == pd.Timestamp(DAY)


@pytest.mark.usefixtures("small_blocks")
def test_quoted_newlines_across_blocks(tmp_path: Path) -> None:
    rows = "".join(f'"line one\nline two {n}",{n}\n' for n in range(2000))
    path = write(tmp_path / "t.csv", f"text,n\n{rows}")
    assert table.rows(path) == 2000
    assert profile_table(path).rows == 2000
    frame = table.read(path).frame
    assert frame["n"].tolist() == list(range(2000))
    assert frame["text"].iloc[-1] == "line one\nline two 1999"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1\n2.5\n-3e4\n", NUMERIC),
        ("inf\n-Infinity\n1\n", NUMERIC),
        (" 1\n 2 \n", NUMERIC),
        ("NA\nnan\n1\n", NUMERIC),
        ("+1\n-1\n+2.5\n", NUMERIC),
        ("0.5\n-0\n0e3\n", NUMERIC),
        ("0x1F\n2\n", CATEGORICAL),
        ("007\n012\n", CATEGORICAL),
        ("1_000\n3_9\n", CATEGORICAL),
        ("1;2\n3\n", CATEGORICAL),
        ("TRUE\nFalse\n", BOOLEAN),
        ("yes\nno\n", CATEGORICAL),
        ("2026-01-31\n2026-02-01T10:00:00.5+02:00\n", DATETIME),
        ("2026-02-30\n", CATEGORICAL),
        ("31/12/2026\n", CATEGORICAL),
        ("10:30\n23:59:59\n", NUMERIC),
        ("NA\n\n", "empty"),
    ],
)
def test_the_kind_of_texts(text: str, kind: str, tmp_path: Path) -> None:
    rows = "".join(f"{line},1\n" for line in text.splitlines())
    assert kinds(write(tmp_path / "t.csv", f"x,n\n{rows}"))["x"] == kind


def test_row_numbers_that_a_library_wrote_are_left_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    frame.to_csv(tmp_path / "pandas.csv")
    pd.read_csv(tmp_path / "pandas.csv").to_csv(tmp_path / "twice.csv", index=False)
    frame.set_axis([5, 3]).to_parquet(tmp_path / "index.parquet")
    for path in tmp_path.iterdir():
        data = table.read(path)
        assert list(data.frame) == ["a", "b"], path
        assert len(data.notices) == 1 and "row number" in data.notices[0]


def test_overrides(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv", "id,code,day,tag\n1,12,31/12/2026,x\n2,13,01/12/2026 10:00,y\n"
    )
    data = table.read(path, {"id": "ignore", "code": "text", "day": "time"})
    assert data.kinds == {"code": CATEGORICAL, "day": DATETIME, "tag": CATEGORICAL}
    assert data.frame["code"].tolist() == ["12", "13"]
    assert data.frame["day"].tolist() == [
        pd.Timestamp("2026-12-31"),
        pd.Timestamp("2026-12-01T10:00"),
    ]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"x": "words"}, "data.columns.x: 'words' is not allowed; allowed: text, number, time"),
        ({"z": "text"}, "data.columns.z: no such column; there are: x, y"),
        ({"y": "number"}, "data.columns.y: 'number' is not allowed: the column holds 'a'"),
        ({"y": "time"}, "column 'y' holds 'a'; a time is written 2026-12-31"),
    ],
)
def test_overrides_that_cannot_be(columns: dict[str, str], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        table.read(write(tmp_path / "t.csv", "x,y\n1,a\n2,b\n"), columns)
    assert sentence in str(error.value)


def test_a_date_that_may_be_two_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "day,x\n01/02/2026,1\n03/04/2026,2\n")
    with pytest.raises(UserError, match="'01/02/2026', which may be day/month or month/day"):
        table.read(path, {"day": "time"})


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"a,b\n", "has columns but no rows"),
        ("t.csv", "a,b\né,1\n".encode("latin1"), "is not UTF-8 (byte 4); save it as UTF-8"),
        ("t.csv", b"a,b\n1,2\n1\n", "Expected 2 columns, got 1"),
        ("t.csv", b"a,a\n1,2\n", "more than one column named a"),
        ("t.csv", b"a,b;c\n1,2\n", "may be parted by ',' or ';'"),
        ("t.parquet", b"PAR1", "cannot be read"),
        ("t.csv.gz", b"a,b\n1,2\n", "cannot be read"),
        ("t.jsonl", b'{"a": 1}\n{"a": \n', "cannot be read"),
        ("t.jsonl", b"[1]\n", "not a JSON object"),
        ("t.xlsx", b"x", "cannot read '.xlsx'; allowed: .csv"),
    ],
)
def test_files_that_are_no_tables(name: str, content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        table.read(tmp_path / name)
    assert sentence in str(error.value) and name in str(error.value)


def test_lists_are_refused_by_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({"tags": [["a"], ["b"]], "x": [1, 2], "y": [0, 1]}), tmp_path / "t.pq")
    data = table.read(tmp_path / "t.pq")
    with pytest.raises(UserError, match=r"column 'tags' holds list.*data.columns: \{tags: ignore"):
        table_checks.input_columns(data, None, {"y"})
    without_tags = table.read(tmp_path / "t.pq", {"tags": "ignore"})
    assert [c.name for c in table_checks.input_columns(without_tags, None, {"y"})] == ["x"]


def test_codes_that_are_mostly_digits_are_text_if_a_setting_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "ticket,y\n11,a\n12,b\nA5,a\n14,b\n")
    with pytest.raises(UserError, match=r"'ticket' is numeric but has text in 1 of 4 rows"):
        table_checks.input_columns(table.read(path), None, {"y"})
    (column,) = table_checks.input_columns(table.read(path, {"ticket": "text"}), None, {"y"})
    assert column == model_inputs.Column("ticket", CATEGORICAL)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0, 1] * 30, "classification"),
        (["Yes", "No"] * 30, "classification"),
        ([True, False] * 30, "classification"),
        (list(range(60)), "regression"),
        ([0.5, 1.0] * 30, "regression"),
    ],
)
def test_the_task_is_inferred(values: list[Any], task: str, tmp_path: Path) -> None:
    pq.write_table(pa.table({"y": values}), tmp_path / "t.parquet")
    data = table.read(tmp_path / "t.parquet")
    assert table_checks.infer_task(data.frame["y"], data.kinds["y"])[0] == task


def test_a_thousand_classes_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"y": list(range(1900)) * 2}), tmp_path / "t.parquet")
    data = table.read(tmp_path / "t.parquet")
    with pytest.raises(UserError, match=r"has 1900 classes in 3800 rows.*set data.task to regress"):
        table_checks.check_target(data, "y", "classification")
    table_checks.check_target(data, "y", "regression")


def test_leaks_are_told(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 2000)
    columns = {
        "y": y,
        "copy": np.where(y == 1, "late", "in time"),
        "noise": random.normal(size=2000),
        "row": np.arange(2000),
        "near": y + random.normal(scale=0.01, size=2000),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    data = table.read(tmp_path / "t.parquet")
    inputs = table_checks.input_columns(data, None, {"y"})
    notices = " ".join(table_checks.leaks(data, inputs, "y"))
    assert "'copy' nearly is the target" in notices and "'near' nearly is the target" in notices
    assert "'row' numbers the rows" in notices and "noise" not in notices


# pandas writes a bare carriage return without quotes, and every reader takes it for a line's end.
TEXT = st.characters(codec="utf-8", exclude_characters="\r")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(2**40), 2**40)),
            st.one_of(st.none(), st.booleans()),
            st.one_of(st.none(), st.text(TEXT, min_size=1, max_size=5)),
        ),
        min_size=2,
        max_size=30,
    )
)
def test_csv_and_parquet_give_the_same_values(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("t")
    texts = [f"w{text}" if text is not None else None for *_, text in rows]
    frame = pd.DataFrame(
        {
            "n": pd.array([n for n, *_ in rows], "Int64"),
            "b": pd.array([b for _, b, _ in rows], "boolean"),
            "t": pd.array(texts, "str" if pd.__version__ >= "3" else object),
            "one": 1,
        }
    )
    frame.to_csv(folder / "t.csv", index=False)
    frame.to_parquet(folder / "t.parquet", index=False)
    (a, b) = (table.read(folder / name) for name in ("t.csv", "t.parquet"))
    for name in a.frame:
        if a.kinds[name] != "empty":
            assert a.kinds[name] == b.kinds[name] or b.frame[name].isna().all()
            csv_values, parquet_values = a.frame[name].astype(object), b.frame[name].astype(object)
            assert (
                csv_values.where(csv_values.notna(), None).tolist()
                == parquet_values.where(parquet_values.notna(), None).tolist()
            )


@pytest.mark.parametrize(
    ("header", "is_told"),
    [
        ("18.0,8,307.0,chevrolet", True),
        ("1.0e+00,2.0e-01,x", True),
        ("0,1,2,3,label", False),  # columns that a library numbered
        ("1990,1991,1992,country", False),
        ("a,b,2019", False),
        ("inf,nan,a", False),
    ],
)
def test_a_first_line_that_is_a_row_is_told(header: str, is_told: bool, tmp_path: Path) -> None:
    row = ",".join("1" for _ in header.split(","))
    notices = table.read(write(tmp_path / "t.csv", f"{header}\n{row}\n")).notices
    assert any("put a line of names above it" in notice for notice in notices) == is_told


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('p,q\n"1,234",1\n"2,500",2\n17,3\n', CATEGORICAL),  # thousands, perhaps
        ("p;q\n1,234;1\n2,500;2\n", CATEGORICAL),
        ("p;q\n1,234;1\n2,5;2\n", NUMERIC),  # the second tells
        ("p;q\n1234,567;1\n2,500;2\n", NUMERIC),
        ("p;q\n0,123;1\n0,500;2\n", NUMERIC),
        ('p,q\n"1,5",1\n"2,500",2\n', NUMERIC),
    ],
)
def test_a_comma_that_may_part_thousands_makes_no_number(
    text: str, kind: str, tmp_path: Path
) -> None:
    data = table.read(write(tmp_path / "t.csv", text))
    assert data.kinds["p"] == kind
    if kind == CATEGORICAL:
        with pytest.raises(UserError, match=r"'p' holds '1,234', which may be 1.234 or 1234"):
            table_checks.input_columns(data, ["p"], set())
        with pytest.raises(UserError, match=r"'p' holds '1,234', which may be 1.234 or 1234"):
            table_checks.check_target(data, "p", model_inputs.CLASSIFICATION)


def test_another_file_of_the_folder_tells_what_a_comma_is(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "p;q\n1,5;1\n")
    write(tmp_path / "b.csv", "p;q\n1,234;1\n2,500;2\n")
    data = table.read(tmp_path)
    assert data.kinds["p"] == NUMERIC and data.frame["p"].tolist() == [1.5, 1.234, 2.5]
    # And so does what the version was trained with.
    window = table.open_tables(tmp_path / "b.csv", data.kinds)
    assert str(window[0].types["p"]) == "double"


def test_names_that_the_first_of_the_json_lines_lacks_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", '{"a": 1}\n{"b": "x", "a": 2}\n\n')
    data = table.read(path)
    assert data.kinds == {"a": NUMERIC, "b": CATEGORICAL}
    assert data.frame["b"].tolist() == [None, "x"]


def test_a_code_is_named_that_cannot_be_a_number(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id\n007\n008\n")
    with pytest.raises(UserError, match=r"data.columns.id: 'number' .* the column holds '007'"):
        table.read(path, {"id": "number"})


def test_amounts_are_told_and_codes_and_dates_are_not(tmp_path: Path) -> None:
    text = "price;share;german;day;code;word\n$5.20;5%;1.234,56;31.01.2026;A1;x\n"
    text += "$7;7 %;2.500,00;1.2.2026;B7;y\n$8;9%;1,5;2.2.2026;C8;z\n"
    data = table.read(write(tmp_path / "t.csv", text))
    sentences = table_checks.disguised(data, table_checks.input_columns(data, None, set()))
    assert [sentence.split("'")[1] for sentence in sentences] == ["price", "share", "german"]
