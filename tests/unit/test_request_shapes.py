"""Each shape of a JSON or CSV request: the columns that it gives, and its refusals word by word."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from training.model_inputs import Column
from training.serving import batching, requests
from training.serving.input_values import RequestError
from training.serving.requests import CSV, INFERENCE, JSON

COLUMNS = [Column("a", "numeric"), Column("b", "categorical")]
ROWS: list[dict[str, Any]] = [{"a": 1, "b": "x"}, {"a": 2, "b": "yy"}]
TABLE = {"columns": ["b", "a"], "data": [["x", 1], ["yy", 2]]}
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "serving.md"


def parse(body: Any, kind: str = JSON, columns: list[Column] = COLUMNS) -> dict[str, list[Any]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    parsed = requests.parse(kind, content, columns)
    return {name: values.tolist() for name, values in parsed.items()}


def refusal(body: Any, kind: str = JSON, columns: list[Column] = COLUMNS) -> tuple[int, str]:
    with pytest.raises(RequestError) as refused:
        parse(body, kind, columns)
    return refused.value.status, str(refused.value)


# JSON ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"instances": ROWS}, {"dataframe_records": ROWS}, {"inputs": ROWS}, TABLE,
        # What the standard library reads: more than the columns.
        {"instances": [{**row, "late": 1} for row in ROWS]},
        {"dataframe_records": [{**row, "late": 1} for row in ROWS], "note": 1},
        {**TABLE, "note": 1}, {"dataframe_split": TABLE},
        {"dataframe_split": {**TABLE, "index": [3, 4]}},
        {"inputs": {"b": ["x", "yy"], "a": [1, 2], "late": 7}},
        {"inputs": {"a": [[1], [2]], "b": [["x"], ["yy"]]}},
        {"inputs": {"a": [[1], [2]], "b": ["x", "yy"]}},
    ],
)  # fmt: skip
def test_every_shape_gives_the_same_columns(body: Any) -> None:
    assert parse(body) == {"a": [1.0, 2.0], "b": ["x", "yy"]}


def test_one_value_is_a_row() -> None:
    assert parse({"inputs": {"a": 1, "b": "long"}}) == {"a": [1.0], "b": ["long"]}


@pytest.mark.parametrize(
    "body", [[], 7, {}, {"rows": ROWS}, {"columns": ["a", "b"]}, {"data": TABLE["data"]},
             {"instances": ROWS, "inputs": ROWS}, {**TABLE, "instances": ROWS}]
)  # fmt: skip
def test_each_shape_that_a_refusal_names_is_read(body: Any) -> None:
    status, text = refusal(body)
    head, _, shapes = text.partition("; allowed: ")
    assert (status, head) == (400, "the body has the wrong shape")
    for sign, value in {
        "{column: value, ...}, ...": json.dumps(ROWS)[1:-1],
        "[[...], ...]": '[["x", 1], ["yy", 2]]',
        "{column: [value, ...], ...}": '{"a": [1, 2], "b": ["x", "yy"]}', "[...]": '["b", "a"]',
    }.items():  # fmt: skip
        shapes = shapes.replace(sign, value)
    bodies = json.loads(f"[{shapes}]")
    assert len(bodies) == 5
    assert all(parse(example) == {"a": [1.0, 2.0], "b": ["x", "yy"]} for example in bodies)


NO_SPLIT = 'dataframe_split is not {"columns": [...], "data": [[...], ...]}'
NO_NAMES = "columns is not a list of texts; wanted: the names of the columns"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"instances": 7}, "instances is a number; wanted: a list of objects"),
        ({"dataframe_records": "x"}, "dataframe_records is a text; wanted: a list of objects"),
        ({"instances": [ROWS[0], 7]}, "row 2 is a number; wanted: an object of columns"),
        ({"inputs": [ROWS[0], None]}, "row 2 is null; wanted: an object of columns"),
        ({"instances": [*ROWS, {"a": 1}]}, "input column 'b' is missing in row 3; wanted: a, b"),
        ({"inputs": []}, "the request has no rows; send at least one"),
        ({"inputs": 7}, "inputs is a number; wanted: an object of columns"),
        ({"inputs": {"a": [1]}}, "input column 'b' is missing; wanted: a, b"),
        ({"inputs": {"a": [], "b": []}}, "the request has no rows; send at least one"),
        ({"inputs": {"a": [1, 2], "b": ["x"]}},
         "the columns are not of the same length: a has 2, b has 1"),
        ({"inputs": {"a": [[1], 2], "b": ["x", "y"]}},
         "input column 'a' takes one value a row; row 1 has a list"),
        ({"inputs": {"a": [[1], [2, 3]], "b": ["x", "y"]}},
         "input column 'a' takes one value a row; row 1 has a list"),
        ({"dataframe_split": []}, NO_SPLIT), ({"dataframe_split": {"columns": ["a"]}}, NO_SPLIT),
        ({"dataframe_split": {"data": [[1]]}}, NO_SPLIT),
        ({**TABLE, "columns": "ab"}, NO_NAMES), ({**TABLE, "columns": ["a", 1]}, NO_NAMES),
        ({**TABLE, "data": 7}, "data is a number; wanted: a list of rows, each a list of values"),
        ({**TABLE, "data": []}, "the request has no rows; send at least one"),
        ({**TABLE, "data": [["x", 1], 7]}, "row 2 is a number; wanted: a list of values"),
        ({**TABLE, "data": [["x", 1], ["x"]]}, "row 2 has 1 values; wanted: 2"),
        ({**TABLE, "columns": ["a", "b", "b"]}, "column 'b' is given more than once"),
        ({**TABLE, "columns": ["a", "c"]}, "input column 'b' is missing; wanted: a, b"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_shape_is_said(body: Any, text: str) -> None:
    assert refusal(body) == (400, text)


def test_a_body_that_is_none_is_said() -> None:
    assert refusal(b" \n") == (400, "the body is empty; send at least one row")
    assert refusal(b"{")[1].startswith("the body is not JSON: ")
    kinds = [JSON, CSV, "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream"]
    text = f"content type 'text/html' is not supported; allowed: {', '.join(kinds)}"
    assert refusal(b"x", "text/html") == (415, text)


# CSV ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "a", "b"),
    [
        ("a,b\n1,x\n2,yy\n", [1, 2], ["x", "yy"]),
        ("\ufeffb,a\r\nx,1\r\n\r\nyy,2", [1, 2], ["x", "yy"]),
        ("\n\na,b,late\n1,x,\n", [1], ["x"]), ('a,b\n1,"x\r\ny"\n', [1], ["x\r\ny"]),
        ("a;b\n1,5;x,5\n2;yy\n", [1.5, 2], ["x,5", "yy"]), ("a;b\n NA;x\nNA;NA\n", None, None),
        ("a;b\nNA;x\n-2,5;NA\n", [None, -2.5], ["x", None]), ("a;b\n 1,5 ;x\n", [1.5], ["x"]),
        ("a\tb\n1.5\t1,5\n", [1.5], ["1,5"]), ("a,b\n1,\n,1.5\n", [1, None], [None, "1.5"]),
    ],
)  # fmt: skip
def test_csv(body: str, a: list[Any] | None, b: list[Any] | None) -> None:
    if a is None:
        assert refusal(body.encode(), CSV)[1] == "input column 'a' takes numbers; row 1 has ' NA'"
        return
    parsed = parse(body.encode(), CSV)
    assert [None if value != value else value for value in parsed["a"]] == a
    assert parsed["b"] == b


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a,b\n", "the request has no rows; send at least one"),
        ("a,a\n1,2\n", "column 'a' is given more than once"),
        ("a\n1\n", "input column 'b' is missing; wanted: a, b"),
        ("a,b\n1,x\n1\n", "row 2 has 1 values; wanted: 2"),
        # Commas in a table that commas part, or beside points, are no decimal ones.
        ('a,b\n"1,5",x\n', "input column 'a' takes numbers; row 1 has '1,5'"),
        ("a;b\n1,5;x\n2.5;x\n", "input column 'a' takes numbers; row 1 has '1,5'"),
        ("a;b\n2.5;x\n1,5;x\n", "input column 'a' takes numbers; row 2 has '1,5'"),
        ("a;b\n1.000;x\n2.000,5;x\n", "input column 'a' takes numbers; row 2 has '2.000,5'"),
    ],
)
def test_what_is_wrong_with_csv_is_said(body: str, text: str) -> None:
    assert refusal(body.encode(), CSV) == (400, text)


@pytest.mark.parametrize("body", [b"\xff\xfea", b'a,b\n"1"x,y\n'])
def test_what_is_no_csv_is_said(body: bytes) -> None:
    status, text = refusal(body, CSV)
    assert status == 400 and text.startswith("the body is not CSV with a header row in UTF-8: ")


def test_a_truth_value_has_no_decimal_comma() -> None:
    columns = [Column("a", "boolean"), Column("b", "categorical")]
    assert refusal(b"a;b\n1,0;x\n", CSV, columns)[1].endswith("takes numbers; row 1 has '1,0'")


# Open Inference Protocol --------------------------------------------------------------------------


def tensor(name: Any, data: Any, shape: Any = None, datatype: str = "FP64") -> dict[str, Any]:
    shape = [len(data)] if shape is None else shape
    return {"name": name, "shape": shape, "datatype": datatype, "data": data}


A, B = tensor("a", [1, 2]), tensor("b", ["x", "yy"], datatype="BYTES")
# The protocol's inference_rest.md, "Tensor Data Types".
SPECIFIED = [
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
    "FP16", "FP32", "FP64", "BYTES",
]  # fmt: skip


@pytest.mark.parametrize(
    "tensors",
    [
        [A, B], [B, A, tensor("late", [1, 2, 3])], [tensor("a", [1, 2], [2, 1]), B],
        [tensor("a", [[1], [2]], [2, 1]), B], [tensor("a", [[1, 2]], [1, 2]), B],
    ],
)  # fmt: skip
def test_a_tensor_for_each_column(tensors: list[Any]) -> None:
    assert parse({"inputs": tensors}, INFERENCE) == {"a": [1.0, 2.0], "b": ["x", "yy"]}


@pytest.mark.parametrize("datatype", SPECIFIED)
def test_each_datatype_of_the_protocol(datatype: str) -> None:
    assert parse({"inputs": [tensor("a", [1], datatype=datatype)]}, INFERENCE, COLUMNS[:1])


NUMBERS = [Column("a", "numeric"), Column("c", "numeric")]
NO_LIST = 'the body has no "inputs", a list of tensors'
MATRIX = "wanted: a tensor for each of a, c, or one of shape [rows, 2] in this order"


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        (None, NO_LIST), (A, NO_LIST), ([A, 7], NO_LIST), ([7], NO_LIST),
        ([], "input column 'a' is missing; wanted: a, c"),
        ([tensor("a", [1])], "input column 'c' is missing; wanted: a, c"),
        ([tensor("X", [1]), tensor("Y", [1])], "input column 'a' is missing; wanted: a, c"),
        ([tensor("X", [1, 2]), tensor("X", [1, 2])], "input column 'a' is missing; wanted: a, c"),
        ([tensor("X", [1, 2])], f"input 'X' has the shape [2]; {MATRIX}"),
        ([tensor("X", [1, 2], [2, 1])], f"input 'X' has the shape [2, 1]; {MATRIX}"),
        ([tensor("X", [1, 2], [1, 2, 1])], f"input 'X' has the shape [1, 2, 1]; {MATRIX}"),
        ([tensor("X", [], [0, 2])], "the request has no rows; send at least one"),
        ([tensor("a", []), tensor("c", [])], "the request has no rows; send at least one"),
        ([tensor("a", [1]), tensor("c", [1, 2])],
         "the columns are not of the same length: a has 1, c has 2"),
        ([tensor("a", "xy")], "input 'a' has no data; wanted: a list (no binary data)"),
        ([tensor("a", [1, 2], [3])], "input 'a' has 2 values; its shape says [3]"),
        ([tensor("a", [1, 2], [-1, -2])], "input 'a' has 2 values; its shape says [-1, -2]"),
        ([tensor("a", [1, 2], [2.0])], "input 'a' has 2 values; its shape says [2.0]"),
        ([tensor("a", [1, 2], [True, 2])], "input 'a' has 2 values; its shape says [True, 2]"),
        ([tensor("a", [1], 1)], "input 'a' has 1 values; its shape says 1"),
        ([tensor("a", [[1], 2], [2])], "input column 'a' takes one value a row; row 1 has a list"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_tensors_is_said(inputs: Any, text: str) -> None:
    columns = COLUMNS[:1] if text.startswith("input column 'a' takes") else NUMBERS
    assert refusal({"inputs": inputs}, INFERENCE, columns) == (400, text)


@pytest.mark.parametrize(("name", "datatype"), [("a", "FP8"), (7, "FP64"), (["a"], "FP64")])
def test_a_datatype_that_is_none_is_said(name: Any, datatype: str) -> None:
    text = f"input {name!r} has the datatype {datatype!r}; allowed: {', '.join(SPECIFIED)}"
    assert refusal({"inputs": [tensor(name, [1], datatype=datatype)]}, INFERENCE) == (400, text)


@pytest.mark.parametrize("body", [[A, B], 7])
def test_a_body_without_inputs_is_said(body: Any) -> None:
    assert refusal(body, INFERENCE) == (400, NO_LIST)


def test_one_tensor_of_all_columns_is_read_row_by_row() -> None:
    for data in ([1, 2, 3, 4, 5, 6], [[1, 2], [3, 4], [5, 6]]):
        parsed = parse({"inputs": [tensor("X", data, [3, 2])]}, INFERENCE, NUMBERS)
        assert parsed == {"a": [1, 3, 5], "c": [2, 4, 6]}


# How much, and where ------------------------------------------------------------------------------


def test_as_much_is_taken_as_is_documented() -> None:
    text = " ".join(DOCUMENTATION.read_text().split())
    limits = re.search(
        r"CSV take up to ([\d,]+) rows, Parquet and Arrow ([\d,]+); a body up to (\d+) MiB", text
    )
    waiting = re.search(r"Beyond ([\d,]+) waiting requests or ([\d,]+) rows", text)
    assert limits and waiting
    most, columnar, mebibytes = (int(number.replace(",", "")) for number in limits.groups())
    assert columnar == requests.MAX_COLUMNAR_ROWS and mebibytes * 2**20 == requests.MAX_BYTES
    assert [int(number.replace(",", "")) for number in waiting.groups()] == [
        batching.MAX_WAITING_REQUESTS, batching.MAX_WAITING_ROWS
    ]  # fmt: skip
    assert len(parse({"instances": [ROWS[0]] * most})["a"]) == most
    told = (413, f"the request has {most + 1} rows; at most {most} are allowed")
    for body, kind in [
        ({"instances": [ROWS[0]] * (most + 1)}, JSON),
        ({"instances": [{**ROWS[0], "late": 1}] * (most + 1)}, JSON),
        ({**TABLE, "data": [["x", 1]] * (most + 1)}, JSON),
        ({"inputs": {"a": [1] * (most + 1), "b": ["x"] * (most + 1)}}, JSON),
        (b"a,b\n" + b"1,x\n" * (most + 1), CSV),
    ]:
        assert refusal(body, kind) == told


@pytest.mark.parametrize(("size", "thread"), [(1_000, "MainThread"), (1_000_000, "parse_0")])
def test_only_a_large_body_is_parsed_beside_the_loop(
    size: int, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def parse(*arguments: Any) -> None:
        calls.append((threading.current_thread().name, *arguments))

    monkeypatch.setattr(requests, "parse", parse)
    asyncio.run(requests.read(CSV, b"x" * size, COLUMNS))
    assert calls == [(thread, CSV, b"x" * size, COLUMNS)]
