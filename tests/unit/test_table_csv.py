"""What a CSV file's columns hold, by all of their values, and as what it is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from training import table, table_csv
from training.errors import UserError
from training.model_inputs import BOOLEAN, CATEGORICAL, DATETIME, NUMERIC


def column(path: Path, *texts: str, delimiter: str = ",") -> Path:
    """A file with these texts in its column x, as they are, beside one of ones."""
    path.write_text("\n".join([f"x{delimiter}one", *(f"{t}{delimiter}1" for t in texts)]) + "\n")
    return path


def types(path: Path, **kinds: str) -> dict[str, str]:
    (opened,) = table.open_tables(path, kinds)
    return {name: str(type_) for name, type_ in opened.types.items()}


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["0", "-0", "+0", "10"], [0, 0, 0, 10]),
        ([".5", "-.5", "5.", "0.5"], [0.5, -0.5, 5, 0.5]),
        (["1e3", "1E+3", "-1.5e-3", "0e0"], [1000, 1000, -0.0015, 0]),
        (["+1", " 2 ", "3"], [1, 2, 3]),
        (["+1.5e2", "\t2"], [150, 2]),
        (["inf", "+inf", "-Inf", "INF", "+infinity", "-Infinity"],
         [float(t) for t in ("inf", "inf", "-inf", "inf", "inf", "-inf")]),
        (['"1,5"', '"-2,25"', '"+3"', '" 4,5 "'], [1.5, -2.25, 3, 4.5]),
        (["0:00", "9:05", "23:59:59", "01:02:03.25"], [0, 32700, 86399, 3723.25]),
        ([" 10:30 ", "10:30:00.123456"], [37800, 37800.123456]),
    ],
)  # fmt: skip
def test_numbers_are_read_as_their_values(
    texts: list[str], values: list[float], tmp_path: Path
) -> None:
    data = table.read(column(tmp_path / "t.csv", *texts))
    assert data.kinds["x"] == NUMERIC
    assert data.frame["x"].tolist() == pytest.approx(values, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "007", "+07", "-00", "00.5", "01e5", "1e", "e5", ".", "+", "--1", "1_000", "0x1F", "1 000",
        '"01,5"', '"1,5,6"', '"1,"', '"1,000.50"', '",5"', "$5", "5%", "infinite", "+-inf",
        "30:00", "10:60", "10:30:60", "10:3", "10:30:00.1234567", "10:30 am", "1:2:3:4",
    ],
)  # fmt: skip
def test_codes_and_the_like_are_text_as_they_stand(text: str, tmp_path: Path) -> None:
    data = table.read(column(tmp_path / "t.csv", text, "5"))
    assert data.kinds["x"] == CATEGORICAL
    assert data.frame["x"].tolist() == [text.strip('"'), "5"]


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "false", "False", "FALSE", " true "])
def test_each_word_of_truth_is_one(word: str, tmp_path: Path) -> None:
    data = table.read(column(tmp_path / "t.csv", word))
    assert data.kinds["x"] == BOOLEAN
    assert data.frame["x"].tolist() == [word.strip().lower() == "true"]


@pytest.mark.parametrize("word", ["tRUE", "t", "yes", "1", "truex", "on"])
def test_other_words_beside_truth_make_text(word: str, tmp_path: Path) -> None:
    data = table.read(column(tmp_path / "t.csv", "true", "FALSE", word))
    assert data.frame["x"].tolist() == ["true", "FALSE", word]


IN_UTC = {
    "2026-12-31": (2026, 12, 31),
    "2026-12-31T23:59": (2026, 12, 31, 23, 59),
    "2026-12-31 23:59": (2026, 12, 31, 23, 59),
    "2026-12-31T23:59:58": (2026, 12, 31, 23, 59, 58),
    "2026-12-31 23:59:58.5": (2026, 12, 31, 23, 59, 58, 500_000),
    "2026-12-31T23:59:58.123456Z": (2026, 12, 31, 23, 59, 58, 123_456),
    "2026-12-31T23:59:58Z": (2026, 12, 31, 23, 59, 58),
    "2026-12-31T23:59+02:00": (2026, 12, 31, 21, 59),
    "2026-12-31T23:59-05:30": (2027, 1, 1, 5, 29),
    "2026-12-31 23:59:58+0200": (2026, 12, 31, 21, 59, 58),
    "2026-12-31 23:59:58 +02:00": (2026, 12, 31, 21, 59, 58),
    "2024-02-29T00:00:00 -1130": (2024, 2, 29, 11, 30),
}


@pytest.mark.parametrize("texts", [list(IN_UTC), *([text] for text in IN_UTC)])
def test_times_are_in_utc(texts: list[str], tmp_path: Path) -> None:
    data = table.read(column(tmp_path / "t.csv", *texts, "", f" {texts[0]} "))
    assert data.kinds["x"] == DATETIME
    *values, missing, padded = data.frame["x"]
    assert values == [dt.datetime(*IN_UTC[text]) for text in texts]
    assert str(missing) == "NaT" and padded == values[0]


def test_times_are_read_to_the_microsecond() -> None:
    read = table_csv.moments(pa.array(["2026-12-31T23:59:59.123456"]))
    assert read.to_pylist() == [dt.datetime(2026, 12, 31, 23, 59, 59, 123456)]
    assert read.type == pa.timestamp("us")


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30", "2026-13-01", "2026-00-10", "2025-02-29", "2026-12-31T24:00",
        "2026-12-31T23:60", "2026-12-31T23:59:61", "2026-1-1", "26-12-31", "20261231x",
        "2026-12-31T", "2026-12-31T23", "2026-12-31T23:59Zulu", "2026-12-31T23:59:59.",
        "at 2026-12-31", "2026-12-31T23:59+2", "2026-12-31 noon",
    ],
)  # fmt: skip
def test_what_is_no_such_time_is_text(text: str, tmp_path: Path) -> None:
    data = table.read(column(tmp_path / "t.csv", "2026-12-31", text))
    assert data.frame["x"].tolist() == ["2026-12-31", text]


@pytest.mark.parametrize(
    ("content", "texts", "values"),
    [
        (table_csv.NUMBER, ["1", " 2 ", "x", None, "+3", "007", "inf", "1,5"],
         [1, 2, None, None, 3, None, float("inf"), None]),
        (table_csv.NUMBER, ["1", None, "2.5"], [1, None, 2.5]),
        (table_csv.COMMA_NUMBER, ["1,5", "x", "+2", None, " 3,25 "], [1.5, None, 2, None, 3.25]),
        (table_csv.TRUTH, ["true", "FALSE", "yes", None, " True "],
         [True, False, None, None, True]),
        (table_csv.MOMENT, ["2026-01-01", "x", None], [dt.datetime(2026, 1, 1), None, None]),
        (table_csv.TIME_OF_DAY, ["1:00", None], [3600, None]),
        (table_csv.TEXT, [" a ", None], [" a ", None]),
        (None, [None, None], [None, None]),
    ],
)  # fmt: skip
def test_a_text_that_is_no_such_value_is_missing(
    content: str | None, texts: list[str | None], values: list[Any]
) -> None:
    read = table_csv.converted(pa.array(texts, pa.string()), content)
    assert read.to_pylist() == values
    assert read.type == (pa.null() if content is None else table_csv.TYPES[content])


@pytest.mark.parametrize(
    ("kind", "texts", "type_"),
    [
        ("numeric", ["1", "2.5"], "double"),
        ("numeric", ["10:30", "9:00"], "double"),
        ("numeric", ["1", "a"], "string"),
        ("numeric", ["true", "false"], "string"),
        ("boolean", ["true", "FALSE"], "bool"),
        ("boolean", ["1", "0"], "string"),
        ("datetime", ["2026-01-01", ""], "timestamp[us]"),
        ("datetime", ["10:30", "11:00"], "string"),
        ("categorical", ["1", "2"], "string"),
        ("categorical", ["true", "false"], "string"),
        ("numeric", ["", ""], "double"),
        ("boolean", ["", "NA"], "bool"),
        ("datetime", ["", ""], "timestamp[us]"),
        ("categorical", ["", ""], "string"),
        ("empty", ["", ""], "null"),
        ("empty", ["1", ""], "double"),
        ("other", ["true", ""], "bool"),
    ],
)
def test_a_kind_that_was_decided_before_holds_if_the_values_allow_it(
    kind: str, texts: list[str], type_: str, tmp_path: Path
) -> None:
    assert types(column(tmp_path / "t.csv", *texts), x=kind) == {"x": type_, "one": "double"}


@pytest.mark.parametrize(
    ("delimiter", "texts", "kinds", "type_"),
    [
        (";", ["1,234", "2"], {"x": "numeric"}, "double"),
        (";", ["1,234", "2"], {}, "string"),
        (";", ["1,234", "2"], {"one": "numeric"}, "string"),
        (",", ['"1,234"', "2"], {"x": "numeric"}, "string"),
        (",", ['"1,5"', "2"], {"x": "numeric"}, "double"),
        (";", ["+1,234", "-999,999", "0012"], {}, "string"),
        (";", ["1,23", "2"], {}, "double"),
        (";", ["1,2345", "2"], {}, "double"),
        (";", [" 1,234 ", "2"], {}, "string"),
    ],
)
def test_a_comma_is_a_decimal_one_where_the_kind_was_a_number_and_it_parts_no_columns(
    delimiter: str, texts: list[str], kinds: dict[str, str], type_: str, tmp_path: Path
) -> None:
    assert types(column(tmp_path / "t.csv", *texts, delimiter=delimiter), **kinds)["x"] == type_


@pytest.mark.parametrize("is_first", [True, False])
def test_one_clear_comma_tells_for_all_blocks(
    is_first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_csv, "TEXT_BLOCK", 256)
    unclear = ["1,234"] * 200
    texts = ["1,5", *unclear] if is_first else [*unclear, "1,5"]
    data = table.read(column(tmp_path / "t.csv", *texts, delimiter=";"))
    assert data.kinds["x"] == NUMERIC
    assert sorted(set(data.frame["x"])) == [1.234, 1.5]


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        ("5", "10:30", CATEGORICAL),
        ("true", "2026-12-31", CATEGORICAL),
        ("1.5", '"2,5"', CATEGORICAL),
        ("2026-12-31", "10:30", CATEGORICAL),
        ("7", '"2,5"', NUMERIC),
        ('"2,5"', "7", NUMERIC),
        ("1.5", "word", CATEGORICAL),
    ],
)
def test_what_the_last_block_makes_of_a_column_holds_for_the_first(
    first: str, last: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_csv, "TEXT_BLOCK", 256)
    texts = [*[first] * 200, *["NA"] * 200, *[last] * 200]  # no block holds both
    data = table.read(column(tmp_path / "t.csv", *texts))
    values = [text.strip('"') for text in (first, last)]
    if kind == NUMERIC:
        values = [float(text.replace(",", ".")) for text in values]
    assert data.kinds["x"] == kind
    assert data.frame["x"].dropna().tolist() == [values[0]] * 200 + [values[1]] * 200


def test_a_block_without_values_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_csv, "TEXT_BLOCK", 256)
    missing = ["NA"] * 200
    path = column(tmp_path / "t.csv", *missing, "true", *missing)
    assert table.read(path).kinds["x"] == BOOLEAN
    assert table.read(column(tmp_path / "t.csv", *missing)).kinds["x"] == "empty"


def test_a_row_may_be_longer_than_a_block_of_arrow(tmp_path: Path) -> None:
    long = "y" * (3 << 20)
    assert table.read(column(tmp_path / "t.csv", "a", long)).frame["x"].tolist() == ["a", long]
    (tmp_path / "t.jsonl").write_text(f'{{"x": "a"}}\n{{"x": "{long}"}}\n')
    assert table.read(tmp_path / "t.jsonl").frame["x"].tolist() == ["a", long]


def test_quotes_are_read_as_rfc_4180_has_them(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'"a","b ""c"""\r\n"x, ""y""",1\r\n"two\r\nlines",2\r\n"",3\r\n')
    data = table.read(path)
    assert data.frame.to_dict("list") == {
        "a": ['x, "y"', "two\r\nlines", None],
        'b "c"': [1, 2, 3],
    }


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\n1,2\n")
    with pytest.raises(UserError, match=r"t\.csv' has no header line"):
        table.open_tables(path)


def test_columns_are_read_as_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n1,x,true\n2,,false\n")
    (opened,) = table.open_tables(path)
    assert (opened.name, opened.rows) == (str(path), None)
    assert [
        {name: array.to_pylist() for name, array in batch.items()}
        for batch in opened.batches(["c", "a"])
    ] == [{"c": [True, False], "a": [1, 2]}]
    for columns, beside, read in [
        (["b"], None, ["b"]),
        (["b", "a"], "c", ["b", "a", "c"]),
        (["a", "b"], "b", ["a", "b"]),
    ]:
        (part,) = opened.parts(columns, beside)
        assert part.columns == tuple(columns)
        assert [list(batch) for batch in part.arrays()] == [read]
