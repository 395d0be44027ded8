"""The table that a training reads: its kinds, what settings make of them, and its values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training import model_inputs, table
from training.errors import UserError
from training.model_inputs import BOOLEAN, CATEGORICAL, DATETIME, NUMERIC


def parquet(folder: Path, name: str = "t.parquet", **columns: Any) -> Path:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), folder / name)
    return folder / name


def csv(folder: Path, *lines: str) -> Path:
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    return folder / "t.csv"


def refusal(path: Path, **columns: str) -> str:
    with pytest.raises(UserError) as error:
        table.read(path, columns)
    return str(error.value)


def test_the_words_and_the_kinds_are_those_of_the_settings_and_the_manifests() -> None:
    assert table.OVERRIDES == {
        "text": "categorical", "number": "numeric", "time": "datetime", "boolean": "boolean",
        "ignore": "ignored",
    }  # fmt: skip
    assert model_inputs.TASKS == ("classification", "regression")


def test_values_are_of_the_type_of_their_kind(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        whole=pa.array([1, 2], pa.int32()),
        some=[1, None],
        big=pa.array([2**63 + 2**40, 5], pa.uint64()),
        real=pa.array([0.5, 1.5], pa.float32()),
        exact=[Decimal("0.10"), Decimal("2.50")],
        flag=[True, False],
        flags=[True, None],
        word=pa.array(["a", None], pa.large_string()),
        coded=pa.array(["x", "y"]).dictionary_encode(),
        at=pa.array([dt.datetime(2026, 1, 1, 12), None], pa.timestamp("ns", "Asia/Kolkata")),
        day=pa.array([dt.date(2026, 1, 31), None], pa.date64()),
        clock=pa.array([dt.time(0, 0, 1), None], pa.time32("s")),
        length=pa.array([dt.timedelta(seconds=90), None], pa.duration("ms")),
        none=pa.nulls(2),
    )
    data = table.read(path)
    frame = data.frame
    assert {name: str(frame[name].dtype) for name in frame} == {
        "whole": "int64", "some": "float64", "big": "float64", "real": "float64",
        "exact": "float64", "flag": "bool", "flags": "float64", "word": "object",
        "coded": "object", "at": "datetime64[us]", "day": "datetime64[us]", "clock": "float64",
        "length": "float64", "none": "object",
    }  # fmt: skip
    assert frame["big"].tolist() == [float(2**63 + 2**40), 5]
    assert frame["exact"].tolist() == [0.1, 2.5] and frame["real"].tolist() == [0.5, 1.5]
    assert frame["flags"][0] == 1 and frame["word"].tolist() == ["a", None]
    assert frame["coded"].tolist() == ["x", "y"] and frame["none"].tolist() == [None, None]
    assert frame["at"][0] == pd.Timestamp("2026-01-01T12:00")
    assert frame["day"][0] == pd.Timestamp("2026-01-31")
    assert (frame["clock"][0], frame["length"][0]) == (1, 90)
    assert data.kinds["none"] == "empty" and data.kinds["flags"] == BOOLEAN
    assert not data.notices and not data.other_types and data.overridden == frozenset()


def test_numbers_of_files_of_different_types_are_joined(tmp_path: Path) -> None:
    parquet(tmp_path / "t", "a.parquet", x=[2**53 + 2, 1], y=[1, 2], z=pa.nulls(2), at=pa.nulls(2))
    day = dt.date(2026, 1, 31)
    times = {"at": [day, None]}
    parquet(tmp_path / "t", "b.parquet", x=[0.5, None], y=[3, 4], z=[True, False], **times)
    parquet(tmp_path / "t", "c.parquet", x=pa.nulls(1), y=[5], z=[True], at=[day])
    frame = table.read(tmp_path / "t").frame
    assert frame["x"].tolist()[:3] == [2.0**53 + 2, 1, 0.5] and frame["x"].isna().sum() == 2
    assert frame["y"].dtype == "int64" and frame["y"].tolist() == [1, 2, 3, 4, 5]
    assert frame["z"].tolist()[2:] == [1, 0, 1] and frame["z"].isna().sum() == 2
    assert frame["at"].dropna().to_dict() == {2: pd.Timestamp(day), 4: pd.Timestamp(day)}


def test_whole_numbers_that_no_float_holds_are_rounded_beside_fractions(tmp_path: Path) -> None:
    parquet(tmp_path / "t", "a.parquet", x=[2**53 + 1])
    parquet(tmp_path / "t", "b.parquet", x=[0.5])
    assert table.read(tmp_path / "t").frame["x"].tolist() == [float(2**53 + 1), 0.5]


def test_lists_beside_other_values_are_refused(tmp_path: Path) -> None:
    parquet(tmp_path / "t", "a.parquet", x=[[1]], y=[1])
    parquet(tmp_path / "t", "b.parquet", x=[1.0], y=[1])
    assert refusal(tmp_path / "t").startswith("column 'x' is numeric and other in different files")


def test_the_type_of_lists_is_told_by_the_file_that_has_some(tmp_path: Path) -> None:
    parquet(tmp_path / "t", "a.parquet", x=pa.nulls(1), y=[1])
    parquet(tmp_path / "t", "b.parquet", x=[["a"]], y=[1])
    assert table.read(tmp_path / "t").other_types == {"x": "list<element: string>"}


def test_columns_without_a_row_are_refused(tmp_path: Path) -> None:
    told = f"data {str(tmp_path / 't.csv')!r} has columns but no rows"
    assert refusal(csv(tmp_path, "a,b")) == told
    path = csv(tmp_path, "a,b", "1,2")
    assert len(table.read(path).frame) == 1
    assert refusal(path, a="ignore", b="ignore") == told


def test_rows_are_counted_where_the_columns_are_clear(tmp_path: Path) -> None:
    csv(tmp_path, "a,b", "1,2", "3,4")
    assert table.rows(tmp_path) == 2
    parquet(tmp_path, b=[1, 2, 3], a=[1, 2, 3])
    assert table.rows(str(tmp_path)) == 5
    parquet(tmp_path, "u.parquet", a=[1])
    with pytest.raises(UserError, match="differ in columns b"):
        table.rows(tmp_path)


@pytest.mark.parametrize(
    ("names", "is_told"),
    [
        ("1.5,2,a", True), ("1.5,2,a,b", False), ("2,b,-3", True), ("7", False), ("7,9", True),
        ("7,8", False), ("-1,0,1", False), ("1e3,2.,b", True), ("5,a", False), ("+4,2,a", True),
        ("1_0,2_0,3", False), ("1,2,2.5", True),
    ],
)  # fmt: skip
def test_more_than_half_of_the_names_are_numbers_in_a_row(
    names: str, is_told: bool, tmp_path: Path
) -> None:
    row = ",".join("1" for _ in names.split(","))
    notices = table.read(csv(tmp_path, names, row)).notices
    numbers = [name for name in names.split(",") if name[-1] not in "ab"]
    told = f"the names of columns are numbers, such as {', '.join(map(repr, numbers[:3]))}: "
    assert [notice.startswith(told) for notice in notices] == [True] * is_told


def test_names_that_are_numbers_are_told_by_the_first_three(tmp_path: Path) -> None:
    (notice,) = table.read(csv(tmp_path, "9,7,5,3,1", "1,1,1,1,1")).notices
    assert "such as '9', '7', '5': if the first" in notice


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "Unnamed: 12", "__index_level_0__"])
def test_a_row_number_is_left_out_unless_a_setting_gives_it_a_kind(
    name: str, tmp_path: Path
) -> None:
    path = csv(tmp_path, f"{name},a", "1,2")
    data = table.read(path)
    assert data.kinds == {"a": NUMERIC} and list(data.frame) == ["a"]
    (notice,) = data.notices
    assert notice == f"column {name!r} is left out: it is a row number that a library wrote"
    data = table.read(path, {name: "text"})
    assert data.frame[name].tolist() == ["1"] and not data.notices
    ignored = table.read(path, {name: "ignore"})
    assert list(ignored.frame) == ["a"] and not ignored.notices


@pytest.mark.parametrize("name", ["Unnamed", "Unnamed: x", "my Unnamed: 0", "index", "__index__"])
def test_other_names_are_columns(name: str, tmp_path: Path) -> None:
    assert list(table.read(csv(tmp_path, f"{name},a", "1,2")).frame) == [name, "a"]


def test_a_setting_says_the_kind(tmp_path: Path) -> None:
    path = csv(tmp_path, "code,n,flag,at,skip,y", "12,1.5,true,2026-01-31,[,1", "13,,false,,],2")
    data = table.read(
        path, {"code": "text", "n": "number", "flag": "boolean", "at": "time", "skip": "ignore"}
    )
    assert data.kinds == {
        "code": CATEGORICAL, "n": NUMERIC, "flag": BOOLEAN, "at": DATETIME, "y": NUMERIC,
    }  # fmt: skip
    assert data.overridden == {"code", "n", "flag", "at", "skip"}
    assert data.frame["code"].tolist() == ["12", "13"]
    assert data.frame["flag"].tolist() == [True, False]
    assert "skip" not in data.frame and "skip" not in data.other_types


def test_what_a_setting_makes_text_stays_as_it_is_written(tmp_path: Path) -> None:
    path = csv(tmp_path, "code;amount;y", "1.50;1,234;1", "+2;2,500;2")
    data = table.read(path, {"code": "text", "amount": "number"})
    assert data.frame["code"].tolist() == ["1.50", "+2"]
    assert data.frame["amount"].tolist() == [1.234, 2.5]


def test_settings_make_text_and_numbers_of_other_formats(tmp_path: Path) -> None:
    path = parquet(tmp_path, code=[1.0, None], flag=[True, False], n=[1, 2], tags=[[1], [2]])
    data = table.read(path, {"code": "text", "flag": "number", "tags": "ignore"})
    assert data.kinds == {"code": CATEGORICAL, "flag": NUMERIC, "n": NUMERIC}
    assert data.frame["code"].tolist() == ["1", None] and data.frame["n"].tolist() == [1, 2]
    assert data.frame["flag"].dtype == "float64" and data.frame["flag"].tolist() == [1, 0]
    assert not data.other_types


@pytest.mark.parametrize(
    ("word", "kind", "missing"),
    [("text", CATEGORICAL, None), ("number", NUMERIC, np.nan), ("time", DATETIME, pd.NaT),
     ("boolean", BOOLEAN, np.nan)],
)  # fmt: skip
@pytest.mark.parametrize("type_", [pa.string(), pa.null(), pa.float64()])
def test_a_column_without_a_value_has_any_kind(
    type_: pa.DataType, word: str, kind: str, missing: Any, tmp_path: Path
) -> None:
    path = parquet(tmp_path, x=pa.array([None, None], type_), y=[1, 2])
    data = table.read(path, {"x": word})
    assert data.kinds == {"x": kind, "y": NUMERIC}
    assert [repr(value) for value in data.frame["x"]] == [repr(missing)] * 2
    data = table.read(csv(tmp_path, "x,y", ",1", ",2"), {"x": word})
    assert data.kinds == {"x": kind, "y": NUMERIC}


@pytest.mark.parametrize(
    ("column", "word", "held"),
    [
        (["a", "1"], "number", "'a'"), (["1", "2"], "number", "'1'"), (["1", "a"], "number", "'a'"),
        (["true", "x"], "boolean", "'true'"), ([1, 2], "boolean", "1"), ([1, 2], "time", "1"),
        ([True, False], "time", "True"), ([None, 0.5], "boolean", "0.5"),
        ([[1], [2]], "text", "list<element: int64>"), ([[1], [2]], "time", "list<element: int64>"),
        ([dt.date(2026, 1, 1), None], "number", "datetime.datetime(2026, 1, 1, 0, 0)"),
        ([dt.date(2026, 1, 1), None], "boolean", "datetime.datetime(2026, 1, 1, 0, 0)"),
    ],
)  # fmt: skip
def test_a_kind_that_the_values_cannot_have_is_refused(
    column: list[Any], word: str, held: str, tmp_path: Path
) -> None:
    told = f"data.columns.x: {word!r} is not allowed: the column holds {held}"
    assert refusal(parquet(tmp_path, x=column, y=[1, 2]), x=word) == told


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    told = refusal(csv(tmp_path, "a,b", "1,2"), a="words", c="text", b="text", d="x")
    assert told.split("\n") == [
        "data.columns.a: 'words' is not allowed; allowed: text, number, time, boolean, ignore",
        "data.columns.d: 'x' is not allowed; allowed: text, number, time, boolean, ignore",
        "data.columns.c: no such column; there are: a, b",
        "data.columns.d: no such column; there are: a, b",
    ]


@pytest.mark.parametrize(
    ("value", "is_one"),
    [("1", True), (" -2.5e3 ", True), (3, True), ("inf", True), ("a", False), ("", False),
     (None, False), ([1], False)],
)  # fmt: skip
def test_what_reads_as_a_number(value: Any, is_one: bool) -> None:
    assert table.is_number(value) is is_one
