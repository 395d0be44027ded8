"""Captures on Google Cloud: rows of the table that Vertex AI logs to, as BigQuery's Arrow batches.

cloud.google.com, Vertex AI, "Online prediction logging": `deployed_model_id`, `logging_time`,
`request_id`, and the payloads as repeated texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training import clock
from training.captures import gcp as captures
from training.captures.part import Part
from training.errors import UserError

NOON = clock.parse("2026-03-01T12:00:00Z")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = "bq://project.data.toys"
MANIFEST: dict[str, Any] = {
    "version": 3,
    "inputs": [{"name": "age", "kind": "numeric"}, {"name": "color", "kind": "categorical"}],
}
ROW = {"age": 4, "color": "red"}
WINDOW = re.compile(r"logging_time >= TIMESTAMP '(.*)' AND logging_time < TIMESTAMP '(.*)'")


class Table:
    """Rows in memory, which answer the query of a window in batches of three, newest first."""

    def __init__(self) -> None:
        self.rows: list[tuple[datetime, list[str], list[str]]] = []
        self.queries: list[str] = []
        self.projects: list[str] = []

    def ask(self, at: datetime, answer: Any, *asked: Any) -> None:
        """Log a request, of which `asked` are the texts, or what they hold as JSON."""
        texts = [
            t if isinstance(t, str) else json.dumps(t) for t in asked or ({"instances": [ROW]},)
        ]
        self.rows.append((at, texts, [json.dumps(answer)]))

    def query(self, project: str, text: str) -> Iterator[pa.RecordBatch]:
        self.projects.append(project)
        self.queries.append(text)
        match = WINDOW.search(text)
        assert match
        begin, end = (datetime.fromisoformat(stamp) for stamp in match.groups())
        rows = sorted((r for r in self.rows if begin <= r[0] < end), key=lambda r: r[0])[::-1]
        for first in range(0, len(rows), 3):
            part = rows[first : first + 3]
            yield pa.record_batch({
                "logging_time": pa.array([r[0] for r in part], pa.timestamp("us", "UTC")),
                "request_id": pa.array([Decimal(77)] * len(part)),
                "request_payload": pa.array([r[1] for r in part]),
                "response_payload": pa.array([r[2] for r in part]),
            })  # fmt: skip


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    table = Table()
    monkeypatch.setattr(captures.gcp_bigquery, "query", table.query)
    return table


def answer(name: str) -> dict[str, Any]:
    return {"predictions": ["a"], "scores": [0.25], "version": 3, "request_id": name}


def files(since: datetime, until: datetime, part: str = "1/1", **manifest: Any) -> list[Path]:
    return captures.window(SOURCE, since, until, {**MANIFEST, **manifest}, Part.parse(part))


def rows(since: datetime = NOON, until: datetime = NOON + DAY, **options: Any) -> list[Any]:
    return [r for path in files(since, until, **options) for r in pq.read_table(path).to_pylist()]


def names(*window: datetime, **options: Any) -> list[str]:
    return [row["request_id"] for row in rows(*window, **options)]


def spans(table: Table) -> list[tuple[str, ...]]:
    """Begin and end of each query, both at a full hour."""
    return [
        tuple(stamp.removeprefix("2026-").removesuffix(":00:00+00:00") for stamp in match.groups())
        for query in table.queries if (match := WINDOW.search(query))
    ]  # fmt: skip


def test_a_row_is_a_request_and_its_answer(table: Table) -> None:
    table.ask(NOON, answer("r"))
    assert rows() == [{
        "age": 4.0, "color": "red", "request_id": "r", "captured_at": NOON, "model_version": 3,
        "prediction": "a", "prediction_score": 0.25,
    }]  # fmt: skip
    assert set(table.projects) == {"project"}
    assert all("FROM `project.data.toys`" in query for query in table.queries)


def test_the_query_asks_for_the_deployments_of_the_version(table: Table) -> None:
    """Numbered by version: 300 to 399 are those of version 3 (docs/gcp.md)."""
    rows()
    condition = "DIV(CAST(deployed_model_id AS INT64), 100) = 3"
    assert table.queries and all(condition in query for query in table.queries)


def test_of_predict_the_instances_and_predictions_alone_are_logged(table: Table) -> None:
    table.ask(NOON, "dear", ROW)
    table.rows.append((NOON + HOUR, [json.dumps(ROW)] * 2, ['"dear"', '"cheap"']))
    first, second, third = rows()
    assert [r["prediction"] for r in (first, second, third)] == ["dear", "dear", "cheap"]
    assert {r["request_id"] for r in (first, second, third)} == {"77"}
    assert first["prediction_score"] != first["prediction_score"], "no score is not a number"
    assert (first["age"], first["color"]) == (4.0, "red")


@pytest.mark.parametrize(
    "asked",
    [
        {"dataframe_records": [ROW]}, {"columns": ["age", "color"], "data": [[4, "red"]]},
        {"inputs": {"age": [4], "color": ["red"]}}, "age,color\n4,red\n",
        {**ROW, "inputs": "an instance, whatever else it has"},
    ],
)  # fmt: skip
def test_a_request_of_any_shape_is_read(table: Table, asked: Any) -> None:
    table.ask(NOON, answer("r"), asked)
    (row,) = rows()
    assert (row["age"], row["color"]) == (4.0, "red")


def test_what_was_refused_is_no_capture_and_no_fault(
    table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    table.ask(NOON, {"error": "no"})
    table.rows.append((NOON, [json.dumps(ROW)], []))
    assert rows() == [] and not caplog.records


def test_a_row_that_no_endpoint_logs_is_told(
    table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        table.ask(NOON, answer("bad"), {"instances": [{"nothing": 1}]})
    with pytest.raises(UserError, match=f"^{SOURCE} has no row that an endpoint logs: "):
        rows()
    table.rows.append((NOON, ["two", "texts"], [json.dumps(answer("bad"))]))
    table.ask(NOON, answer("good"))
    assert names() == ["good"]
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{SOURCE}: 3 rows left out; the first: ")


def test_rows_are_in_order_however_they_come(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    write = captures._write_run

    def count(batches: list[pa.RecordBatch], path: Path) -> Path:
        written.append(sum(len(batch) for batch in batches))
        return write(batches, path)

    monkeypatch.setattr(captures, "_write_run", count)
    monkeypatch.setattr(captures, "RUN_BYTES", 2 * next(_batches(table)).nbytes)
    expected = [f"{number:02d}" for number in range(11)]
    table.rows.clear()
    for name in expected:
        table.ask(NOON + int(name) * HOUR / 2, answer(name))
    assert names() == expected
    assert written == [6, 5], "runs of two batches, and what is left"


def _batches(table: Table) -> Iterator[pa.RecordBatch]:
    for number in range(3):
        table.ask(NOON + number * HOUR, answer("00"))
    return table.query("p", captures.QUERY.format(
        table="t", since=NOON.isoformat(), until=(NOON + DAY).isoformat(), serials=1, version=1
    ))  # fmt: skip


def test_a_long_window_is_asked_for_in_parts_of_twice_the_days(table: Table) -> None:
    for day in range(-10, 1):
        table.ask(NOON + day * DAY, answer(str(day)))
    assert names(NOON - 8 * DAY, NOON) == [str(day) for day in range(-8, 0)]
    assert spans(table) == [
        ("03-01T00", "03-01T12"), ("02-27T00", "03-01T00"), ("02-23T00", "02-27T00"),
        ("02-21T12", "02-23T00"),
    ]  # fmt: skip


def test_a_window_that_ends_at_midnight_has_no_query_of_the_day_after(table: Table) -> None:
    midnight = clock.parse("2026-03-02T00:00:00Z")
    rows(NOON, midnight)
    assert spans(table) == [("03-01T12", "03-02T00")]
    table.queries.clear()
    zone = timezone(timedelta(hours=5))
    rows(NOON.astimezone(zone), midnight.astimezone(zone))
    assert [query.count("+00:00") for query in table.queries] == [2], "days are UTC's"


def test_files_are_oldest_first_and_shared_by_parts(table: Table) -> None:
    for day in range(-3, 1):
        table.ask(NOON + day * DAY, answer(str(day)))
    paths = files(NOON - 4 * DAY, NOON + HOUR)
    assert [path.name[:10] for path in paths] == ["2026022512", "2026022700", "2026030100"]
    parts = [names(NOON - 4 * DAY, NOON + HOUR, part=f"{n}/2") for n in (1, 2)]
    assert sorted(parts[0] + parts[1]) == ["-1", "-2", "-3", "0"] and all(parts)


def test_of_all_there_is_of_a_version_the_newest_days_are_enough(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captures, "MOST_ROWS", 2)
    for day in range(-6, 0):
        table.ask(NOON + day * DAY, answer(str(day)))
    created = clock.text(NOON - 6 * DAY)
    assert names(NOON - 9 * DAY, NOON, created=created) == ["-2", "-1"]
    assert names(NOON - 5 * DAY, NOON, created=created) == ["-5", "-4", "-3", "-2", "-1"]
