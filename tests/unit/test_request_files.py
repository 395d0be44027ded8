"""Parquet and Arrow requests: the columns that they give, and how much of them is decoded."""

from __future__ import annotations

import datetime as dt
import io
import sys
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.model_inputs import Column
from training.serving import requests
from training.serving.input_values import RequestError
from training.serving.requests import ARROW, PARQUET

COLUMNS = [Column("a", "numeric"), Column("b", "categorical")]


def content(table: pa.Table, kind: str, chunk: int | None = None) -> bytes:
    sink = io.BytesIO()
    if kind == PARQUET:
        pq.write_table(table, sink, row_group_size=chunk)
    else:
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table, max_chunksize=chunk)
    return sink.getvalue()


def parse(table: pa.Table, kind: str, chunk: int | None = None) -> dict[str, list[Any]]:
    parsed = requests.parse(kind, content(table, kind, chunk), COLUMNS)
    return {name: values.tolist() for name, values in parsed.items()}


def refusal(body: bytes, kind: str) -> tuple[int, str]:
    with pytest.raises(RequestError) as refused:
        requests.parse(kind, body, COLUMNS)
    return refused.value.status, str(refused.value)


@pytest.mark.parametrize("kind", [PARQUET, ARROW])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1, 2, 3]), [1, 2, 3]), (pa.array([1.5, 2, 3]).dictionary_encode(), [1.5, 2, 3]),
        (pa.array([Decimal("1.5"), Decimal(2), Decimal(3)]), [1.5, 2, 3]),
        (pa.array([dt.time(1), dt.time(0, 1), dt.time(0, 0, 1)]), [3600, 60, 1]),
        (pa.array([dt.timedelta(hours=1), dt.timedelta(0), dt.timedelta(days=1)]),
         [3600, 0, 86400]),
    ],
)  # fmt: skip
def test_values_of_each_type(kind: str, values: Any, expected: list[float]) -> None:
    table = pa.table({"late": [0, 0, 0], "b": ["x", None, "z"], "a": values})
    for chunk in (None, 2):
        assert parse(table, kind, chunk) == {"a": expected, "b": ["x", None, "z"]}


@pytest.mark.parametrize("kind", [PARQUET, ARROW])
def test_what_is_wrong_with_a_file_is_said(kind: str) -> None:
    table = pa.table({"a": [1], "b": ["x"]})
    assert refusal(content(table.select(["a"]), kind), kind) == (
        400, "input column 'b' is missing; wanted: a, b"
    )  # fmt: skip
    twice = pa.table([[1], ["x"], ["y"]], names=["a", "b", "b"])
    assert refusal(content(twice, kind), kind) == (400, "column 'b' is given more than once")
    no_rows = (400, "the request has no rows; send at least one")
    assert refusal(content(table.slice(0, 0), kind), kind) == no_rows
    status, text = refusal(b"nothing of the kind", kind)
    start = f"the body is not {kind}: "
    assert status == 400 and text.startswith(start) and "\n" not in text
    assert len(start) < len(text) <= len(start) + 200


def test_a_stream_may_begin_with_an_empty_batch() -> None:
    table, sink = pa.table({"a": [1], "b": ["x"]}), io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        for rows in (table.slice(0, 0), table, table.slice(0, 0)):
            stream.write_batch(pa.RecordBatch.from_arrays(
                [column.combine_chunks() for column in rows.columns], schema=table.schema
            ))  # fmt: skip
    assert requests.parse(ARROW, sink.getvalue(), COLUMNS)["a"].tolist() == [1]


@pytest.mark.parametrize("kind", [PARQUET, ARROW])
def test_as_many_rows_are_read_as_may_be(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MAX_COLUMNAR_ROWS", 4)
    table = pa.table({"a": range(5), "b": ["x"] * 5})
    assert len(parse(table.slice(0, 4), kind, 2)["a"]) == 4
    told = (413, "the request has 5 rows; at most 4 are allowed")
    assert refusal(content(table, kind, 2), kind) == told


@pytest.mark.parametrize("kind", [PARQUET, ARROW])
def test_as_much_is_decoded_as_may_be(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"a": [float(n) for n in range(4)], "b": ["x"] * 4})
    body = content(table, kind, 2)
    if kind == PARQUET:
        metadata = pq.ParquetFile(io.BytesIO(body)).metadata
        size = sum(metadata.row_group(group).total_byte_size for group in (0, 1))
    else:
        size = sum(batch.nbytes for batch in table.to_batches(max_chunksize=2))
    monkeypatch.setattr(requests, "MAX_DECODED_BYTES", size)
    assert len(requests.parse(kind, body, COLUMNS)["a"]) == 4
    monkeypatch.setattr(requests, "MAX_DECODED_BYTES", size - 1)
    told = (413, f"the body is {size} bytes when decoded; at most {size - 1}")
    assert refusal(body, kind) == told


@pytest.mark.parametrize("kind", [PARQUET, ARROW])
def test_without_pyarrow_other_formats_are_named(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = content(pa.table({"a": [1], "b": ["x"]}), kind)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert refusal(body, kind) == (
        415, f"content type '{kind}' is not read here, where pyarrow is not installed; "
        "send application/json or text/csv",
    )  # fmt: skip
