"""Parsing: the same columns as the predictor's own frame, and a sentence for all else."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serving.platforms import COLUMNS, ROW
from training import table
from training.model_inputs import Column, model_frame
from training.predictor import Predictor
from training.serving.input_values import RequestError
from training.serving.requests import CSV, JSON, MAX_ROWS, PARQUET, parse, rows

numbers = (
    st.none()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, width=32).filter(lambda value: abs(value) < 1e30)
)
texts = st.none() | st.text(st.characters(codec="utf-8"), max_size=5)
instances = st.lists(
    st.fixed_dictionaries(
        {"size": numbers, "age": numbers, "new": st.none() | st.booleans(), "color": texts}
    ),
    min_size=1,
    max_size=5,
)
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(instances)
def test_columns_are_those_of_the_predictor(given_rows: list[dict]) -> None:
    parsed = parse(JSON, json.dumps({"instances": given_rows}).encode(), COLUMNS)
    # Objects, so that pandas takes no integer for a float on the way.
    frame = Predictor(None, COLUMNS, "classification").frame(pd.DataFrame(given_rows, dtype=object))
    pd.testing.assert_frame_equal(pd.DataFrame(parsed), frame, check_dtype=False)


@given(instances)
def test_both_shapes_of_json_are_one(given_rows: list[dict]) -> None:
    names = list(ROW)
    table = {"columns": names, "data": [[row[n] for n in names] for row in given_rows]}
    as_rows = parse(JSON, json.dumps({"instances": given_rows}).encode(), COLUMNS)
    as_table = parse(JSON, json.dumps(table).encode(), COLUMNS)
    for name in names:
        np.testing.assert_array_equal(as_rows[name], as_table[name])


def test_csv_reads_as_the_training_data_does() -> None:
    body = b'color,size,new,age\nred,1.5,True,3\nNA,,false,\n" a,b",-2e3,1,7\n'
    parsed = parse(CSV, body, COLUMNS)
    assert rows(parsed) == 3
    np.testing.assert_array_equal(parsed["size"], [1.5, np.nan, -2000])
    np.testing.assert_array_equal(parsed["new"], [1, 0, 1])
    assert parsed["color"].tolist() == ["red", None, " a,b"]


WRITINGS = {
    ",": 'at,much,color,flag,n\n23:59,1.5,red,true,1\n7:05:30.5,,"a;b",FALSE,2\n',
    ";": "at;much;color;flag;n\n23:59;1,5;red;true;1\n7:05;-2;a,b;FALSE;2\n",
    "\t": "at\tmuch\tcolor\tflag\tn\n 23:59 \t1,5\tred\ttrue\t1\nNA\t3\ta,b\tFALSE\t2\n",
    "|": '"at"|much|color|flag|n\n23:59:01|1.5|red|true|1\n7:05|-2|"a|b"|FALSE|2\n',
}


@pytest.mark.parametrize("delimiter", WRITINGS)
def test_a_table_s_own_lines_are_read_as_the_table_is(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(WRITINGS[delimiter])
    data = table.read(path)
    columns = [Column(name, kind) for name, kind in data.kinds.items()]
    assert [column.kind for column in columns] == [
        "numeric", "numeric", "categorical", "boolean", "numeric"
    ]  # fmt: skip
    parsed = parse(CSV, path.read_bytes(), columns)
    pd.testing.assert_frame_equal(
        pd.DataFrame(parsed), model_frame(data.frame, columns), check_dtype=False
    )


def test_times_of_day_are_read_from_parquet_as_in_a_table(tmp_path: Path) -> None:
    values = [dt.time(23, 59), None, dt.time(7, 5, 30, 500_000)]
    spans = [dt.timedelta(days=1), dt.timedelta(milliseconds=5), None]
    rows_given = pa.table({
        "coarse": pa.array(values).cast(pa.time32("ms")), "fine": pa.array(values),
        "span": pa.array(spans),
    })  # fmt: skip
    pq.write_table(rows_given, tmp_path / "t.parquet")
    data = table.read(tmp_path / "t.parquet")
    columns = [Column(name, kind) for name, kind in data.kinds.items()]
    parsed = parse(PARQUET, (tmp_path / "t.parquet").read_bytes(), columns)
    pd.testing.assert_frame_equal(pd.DataFrame(parsed), model_frame(data.frame, columns))
    np.testing.assert_array_equal(parsed["coarse"], [86340, np.nan, 25530.5])


def test_a_header_that_may_be_parted_in_two_ways_is_refused() -> None:
    with pytest.raises(RequestError, match="may be parted by ',' or ';'; quote the names"):
        parse(CSV, b"size,age;new\n1,2;3\n", COLUMNS)


@pytest.mark.parametrize("text", ["1,5", "1,000", "24:60", "1_000", "12:5", "\u0661"])
def test_other_texts_are_no_numbers(text: str) -> None:
    body = json.dumps({"instances": [{**ROW, "size": text}]}).encode()
    with pytest.raises(RequestError, match="'size' takes numbers; row 1 has"):
        parse(JSON, body, COLUMNS)


@settings(max_examples=300)
@given(st.sampled_from([JSON, CSV, "", "text/html"]), st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(kind: str, body: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        parse(kind, body, COLUMNS)
    assert 400 <= refused.value.status < 500


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(["instances", "columns", "data"]), values))
def test_any_json_is_read_or_refused(payload: dict) -> None:
    with pytest.raises(RequestError) as refused:
        parse(JSON, json.dumps(payload).encode(), COLUMNS)
    assert str(refused.value)


@settings(max_examples=300)
@given(st.fixed_dictionaries(dict.fromkeys(ROW, values)))
def test_any_values_are_typed_or_refused(row: dict) -> None:
    try:
        parsed = parse(JSON, json.dumps({"instances": [row]}).encode(), COLUMNS)
    except RequestError as refused:
        assert "input column" in str(refused)
    else:
        assert all(len(column) == 1 for column in parsed.values())
        assert not np.isinf([parsed[n][0] for n in ("size", "age", "new")]).any()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"size": "big"}, "'size' takes numbers; row 1 has 'big'"),
        ({"size": [1]}, "'size' takes one value a row; row 1 has a list"),
        ({"age": 1e999}, "'age' takes finite numbers; row 1 has inf"),
        ({"age": 10**400}, "'age' takes finite numbers; row 1 has 1000"),
        ({"new": "maybe"}, "'new' takes numbers; row 1 has 'maybe'"),
        ({"color": "\ud800"}, "'color' has text that is not Unicode"),
        ({"color": {}}, "'color' takes one value a row; row 1 has an object"),
    ],
)
def test_wrong_values_are_named(change: dict, says: str) -> None:
    body = json.dumps({"instances": [{**ROW, **change}]}).encode()
    with pytest.raises(RequestError, match="input column") as refused:
        parse(JSON, body, COLUMNS)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "body", "status", "says"),
    [
        (JSON, b"", 400, "the body is empty"),
        (JSON, b"{", 400, "not JSON"),
        (JSON, b"[" * 100_000, 400, "not JSON"),
        (JSON, b"[]", 400, "wrong shape"),
        (JSON, b'{"instances": []}', 400, "no rows"),
        (JSON, b'{"instances": 7}', 400, "instances is a number"),
        (JSON, b'{"instances": [7]}', 400, "row 1 is a number"),
        (JSON, b'{"instances": [{}]}', 400, "'size' is missing in row 1; wanted: size, age"),
        (JSON, b'{"columns": ["size"], "data": [[1]]}', 400, "'age' is missing; wanted: size"),
        (JSON, b'{"columns": ["a", "a"], "data": [[1, 2]]}', 400, "'a' is given more than once"),
        (JSON, b'{"columns": [1], "data": [[1]]}', 400, "columns is not a list of texts"),
        (CSV, b"size,age,new,color\n", 400, "no rows"),
        (CSV, b"size,age,new,color\n1,2\n", 400, "row 1 has 2 values; wanted: 4"),
        (CSV, b"size,age,new,color\nx,2,1,red\n", 400, "'size' takes numbers; row 1 has 'x'"),
        (CSV, b"\xff\xfe\n1", 400, "not CSV"),
        ("text/plain", b"x", 415, "content type 'text/plain' is not supported; allowed:"),
        (JSON, json.dumps({"instances": [ROW] * (MAX_ROWS + 1)}).encode(), 413, "at most 10000"),
    ],
)
def test_bad_bodies_are_refused(kind: str, body: bytes, status: int, says: str) -> None:
    with pytest.raises(RequestError) as refused:
        parse(kind, body, COLUMNS)
    assert refused.value.status == status
    assert says in str(refused.value)


def test_extra_columns_are_left_aside() -> None:
    parsed = parse(JSON, json.dumps({"instances": [{**ROW, "late": 1}]}).encode(), COLUMNS)
    assert list(parsed) == [column.name for column in COLUMNS]


def test_numbers_in_a_categorical_column_are_text() -> None:
    body = b'{"instances": [{"code": 7}, {"code": NaN}, {"code": null}]}'
    parsed = parse(JSON, body, [Column("code", "categorical")])
    assert parsed["code"].tolist() == ["7", None, None]
