"""Captures on SageMaker, read from objects in memory: folders as S3 has them, lines as documented.

The line is that of docs.aws.amazon.com, SageMaker AI, "Data capture": `captureData` with
`endpointInput` and `endpointOutput`, and `eventMetadata` with `inferenceTime`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from training import clock
from training.captures import aws as captures
from training.captures.part import Part
from training.errors import UserError

NOON = clock.parse("2026-03-01T12:00:00Z")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MANIFEST: dict[str, Any] = {
    "version": 3,
    "inputs": [{"name": "age", "kind": "numeric"}, {"name": "color", "kind": "categorical"}],
}
BODY = json.dumps({"instances": [{"age": 4, "color": "red"}]})


class Bucket:
    """Objects in memory, listed by folders as ListObjectsV2 does with a delimiter."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.reads: list[str] = []
        self.listed: list[str] = []

    def folders(self, prefix: str) -> list[str]:
        self.listed.append(prefix)
        names = (key.removeprefix(f"{prefix}/").split("/") for key in self._within(prefix))
        return sorted({parts[0] for parts in names if len(parts) > 1})

    def keys(self, prefix: str) -> list[str]:
        return sorted(self._within(prefix))

    def read(self, key: str) -> bytes:
        self.reads.append(key)
        return self.objects[key]

    def _within(self, prefix: str) -> list[str]:
        return [key for key in self.objects if key.startswith(f"{prefix}/")]


Put = Callable[..., str]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket()
    monkeypatch.setattr(captures, "located", lambda source: (bucket, source))
    return bucket


def line(
    at: datetime, name: str, body: str = BODY, kind: str = "application/json", version: int = 3,
    encoding: str = "JSON",
) -> bytes:  # fmt: skip
    answer = {"predictions": ["a"], "scores": [0.25], "version": version, "request_id": name}
    texts = {"endpointInput": body, "endpointOutput": json.dumps(answer)}
    if encoding == "BASE64":
        texts = {n: base64.b64encode(text.encode()).decode() for n, text in texts.items()}
    kinds = {"endpointInput": kind, "endpointOutput": "application/json"}
    document = {
        "captureData": {
            part: {"observedContentType": kinds[part], "mode": "INPUT", "data": text,
                   "encoding": encoding}
            for part, text in texts.items()
        },
        "eventMetadata": {"eventId": "e", "inferenceTime": clock.text(at)},
        "eventVersion": "0",
    }  # fmt: skip
    return json.dumps(document).encode() + b"\n"


def put(
    bucket: Bucket, content: bytes, folder: datetime, name: str = "a", ending: str = ".jsonl",
    endpoint: str = "toys", variant: str = "main",
) -> str:  # fmt: skip
    key = f"captures/{endpoint}/{variant}/{folder:%Y/%m/%d/%H}/{name}{ending}"
    bucket.objects[key] = bucket.objects.get(key, b"") + content
    return key


def files(since: datetime, until: datetime, part: str = "1/1", **manifest: Any) -> list[Path]:
    return captures.window("captures", since, until, {**MANIFEST, **manifest}, Part.parse(part))


def names(since: datetime = NOON, until: datetime = NOON + HOUR, **options: Any) -> list[str]:
    return [
        name for path in files(since, until, **options)
        for name in pq.read_table(path)["request_id"].to_pylist()
    ]  # fmt: skip


def test_a_line_is_a_request_and_its_answer(bucket: Bucket) -> None:
    put(bucket, line(NOON, "json"), NOON)
    put(bucket, line(NOON, "csv", "age,color\n4,red\n", "Text/CSV; header=present"), NOON, "b")
    put(bucket, line(NOON, "coded", encoding="BASE64"), NOON, "c")
    (path,) = files(NOON, NOON + HOUR)
    rows = pq.read_table(path).to_pylist()
    assert [row.pop("request_id") for row in rows] == ["json", "csv", "coded"]
    expected = {"age": 4.0, "color": "red", "captured_at": NOON, "model_version": 3,
                "prediction": "a", "prediction_score": 0.25}  # fmt: skip
    assert rows == [expected] * 3


def test_a_window_is_half_open_and_of_a_version(bucket: Bucket) -> None:
    for minutes in (-1, 0, 59, 60):
        moment = NOON + minutes * MINUTE
        put(bucket, line(moment, str(minutes)), moment)
    put(bucket, line(NOON, "other", version=2) + b"\n  \n", NOON, "b")
    assert names() == ["0", "59"]


def test_a_request_at_the_end_of_an_hour_may_be_in_the_next_folder(bucket: Bucket) -> None:
    put(bucket, line(NOON + 59 * MINUTE, "late"), NOON + HOUR)
    put(bucket, line(NOON, "early"), NOON - HOUR)
    assert sorted(names()) == ["early", "late"]


def test_only_the_folders_of_the_window_are_looked_into(bucket: Bucket) -> None:
    for day in range(-40, 40):
        for hour in (0, 6):
            moment = NOON + timedelta(days=day, hours=hour)
            put(bucket, line(moment, f"{day} {hour}"), moment)
    put(bucket, line(NOON, "other"), NOON, "b", endpoint="toys-2", variant="second")
    put(bucket, line(NOON, "none"), NOON, "c", ending=".tmp")
    assert sorted(names()) == ["0 0", "other"]
    assert {key.rsplit("/", 1)[0] for key in bucket.reads} == {
        "captures/toys/main/2026/03/01/12", "captures/toys-2/second/2026/03/01/12",
    }  # fmt: skip
    assert not [prefix for prefix in bucket.listed if "/2026/02" in prefix or "/03/02" in prefix]


def test_files_are_by_hour_oldest_first_and_lines_by_their_objects(bucket: Bucket) -> None:
    for hours in (2, 0, 1):
        moment = NOON + hours * HOUR
        for name in ("b", "a"):
            put(bucket, line(moment, f"{hours}{name}"), moment, name)
    paths = files(NOON, NOON + 3 * HOUR)
    assert [path.name[:10] for path in paths] == ["2026030112", "2026030113", "2026030114"]
    assert names(until=NOON + 3 * HOUR) == ["0a", "0b", "1a", "1b", "2a", "2b"]


def test_very_many_objects_are_read_each_once_in_order(bucket: Bucket) -> None:
    for number in range(3 * captures.THREADS + 1):
        put(bucket, line(NOON, f"{number:03d}"), NOON, f"{number:03d}")
    everything = [f"{number:03d}" for number in range(3 * captures.THREADS + 1)]
    assert names() == everything
    parts = [names(part=f"{number}/2") for number in (1, 2)]
    assert parts == [everything[::2], everything[1::2]]


def test_of_all_there_is_of_a_version_the_newest_hours_are_enough(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captures, "MOST_ROWS", 2)
    for hours in range(4):
        put(bucket, line(NOON + hours * HOUR, str(hours)), NOON + hours * HOUR)
    until, created = NOON + 4 * HOUR, clock.text(NOON)
    assert names(until=until, created=created) == ["2", "3"]
    assert names(NOON + MINUTE, until, created=created) == ["1", "2", "3"]
    assert names(NOON - HOUR, until) == ["0", "1", "2", "3"]


NO_CAPTURES = [b"<html>", b"[1]", b"\xff\xfe", b"{}", b'{"captureData": 3}']


@pytest.mark.parametrize("bad", NO_CAPTURES)
def test_a_line_that_is_no_capture_is_told(
    bucket: Bucket, bad: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    put(bucket, line(NOON, "good") + bad + b"\n", NOON)
    put(bucket, b"{2}\n", NOON, "b")
    assert names() == ["good"]
    out = capsys.readouterr().out
    assert out.startswith("2 of 3 lines in captures are not what an endpoint captures, and do not")
    assert "first: captures/toys/main/2026/03/01/12/a.jsonl: " in out
    bucket.objects.clear()
    put(bucket, bad + b"\n", NOON)
    with pytest.raises(UserError, match=r"^1 of 1 lines in captures .*; the first: captures/toys"):
        names()


def test_a_part_of_bad_lines_may_be_one_of_few(bucket: Bucket) -> None:
    put(bucket, b"bad\n" * 99, NOON)
    assert names(part="1/2") == []
    put(bucket, b"bad\n", NOON)
    with pytest.raises(UserError, match=r"^100 of 100 lines"):
        names(part="1/2")


def test_where_nothing_was_captured_nothing_is_told(
    bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    assert names() == [] and capsys.readouterr().out == ""
