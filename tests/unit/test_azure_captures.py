"""Captures on Azure ML, read from blobs in memory: CloudEvents as the data collector writes them.

learn.microsoft.com, "Collect production data from models deployed for real-time inferencing": a
request and its answer have one `correlationid`; what is above 4 MB lies in a blob of its own, whose
address is the event's data where `datainblob` is "true".
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from training import clock
from training.captures import azure as captures
from training.captures.part import Part
from training.errors import UserError

NOON = clock.parse("2026-03-01T12:00:00Z")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
URI = "https://account.blob.core.windows.net/store"
MANIFEST: dict[str, Any] = {
    "version": 3,
    "inputs": [{"name": "age", "kind": "numeric"}, {"name": "color", "kind": "categorical"}],
}
BODY = {"instances": [{"age": 4, "color": "red"}]}
ANSWER = {"predictions": ["a"], "scores": [0.25], "version": 3}


class Blobs:
    """Blobs in memory."""

    def __init__(self) -> None:
        self.uri = URI
        self.objects: dict[str, bytes] = {}
        self.reads: list[str] = []

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(f"{prefix}/"))

    def read(self, key: str) -> bytes:
        self.reads.append(key)
        return self.objects[key]

    def event(
        self, kind: str, at: datetime, name: str, data: Any, folder: datetime | None = None,
        **members: Any,
    ) -> str:  # fmt: skip
        """Write an event as a line of the file `name`."""
        event = {"specversion": "1.0", "time": clock.text(at), "data": data,
                 "correlationid": name, **members}  # fmt: skip
        event = {key: value for key, value in event.items() if value != "absent"}
        return self.line(kind, folder or at, name, json.dumps(event))

    def line(self, kind: str, folder: datetime, name: str, text: str) -> str:
        key = f"captures/v000003/{kind}/{folder:%Y/%m/%d/%H}/{name}.jsonl"
        self.objects[key] = self.objects.get(key, b"") + f"{text}\n".encode()
        return key

    def ask(
        self, at: datetime, name: str, data: Any = BODY, answered: datetime | None = None,
        **members: Any,
    ) -> None:  # fmt: skip
        self.event("request", at, name, data, **members)
        self.event("response", answered or at, name, {**ANSWER, "request_id": name})


@pytest.fixture
def blobs(monkeypatch: pytest.MonkeyPatch) -> Blobs:
    blobs = Blobs()
    monkeypatch.setattr(captures, "located", lambda source: (blobs, source))
    return blobs


def files(since: datetime, until: datetime, part: str = "1/1", **manifest: Any) -> list[Path]:
    return captures.window("captures", since, until, {**MANIFEST, **manifest}, Part.parse(part))


def names(since: datetime = NOON, until: datetime = NOON + HOUR, **options: Any) -> list[str]:
    return [
        name for path in files(since, until, **options)
        for name in pq.read_table(path)["request_id"].to_pylist()
    ]  # fmt: skip


def test_an_event_is_a_request_and_another_its_answer(blobs: Blobs) -> None:
    blobs.ask(NOON, "json")
    blobs.ask(NOON, "text", f" {json.dumps(BODY)}")
    blobs.ask(NOON, "table", "age,color\n4,red\n", datacontenttype="text/csv")
    (path,) = files(NOON, NOON + HOUR)
    rows = pq.read_table(path).to_pylist()
    assert sorted(row.pop("request_id") for row in rows) == ["json", "table", "text"]
    expected = {"age": 4.0, "color": "red", "captured_at": NOON, "model_version": 3,
                "prediction": "a", "prediction_score": 0.25}  # fmt: skip
    assert rows == [expected] * 3


def test_a_window_is_half_open_and_of_a_version(blobs: Blobs) -> None:
    for minutes in (-1, 0, 59, 60):
        blobs.ask(NOON + minutes * MINUTE, str(minutes))
    assert names() == ["0", "59"]
    assert names(version=4) == []


def test_an_answer_may_be_in_the_folder_of_the_next_hour(blobs: Blobs) -> None:
    blobs.ask(NOON + 59 * MINUTE, "at the end", answered=NOON + HOUR + MINUTE)
    blobs.event("request", NOON + MINUTE, "late", BODY, folder=NOON + HOUR)
    blobs.event("response", NOON + MINUTE, "late", {**ANSWER, "request_id": "late"},
                folder=NOON + 2 * HOUR)  # fmt: skip
    blobs.ask(NOON, "of its hour")
    assert sorted(names()) == ["at the end", "late", "of its hour"]
    assert names(NOON - HOUR, NOON) == []


def test_only_the_folders_of_the_window_are_read(blobs: Blobs) -> None:
    for hours in range(-48, 48, 4):
        blobs.ask(NOON + hours * HOUR, str(hours))
    blobs.objects["captures/v000003/request/2026/03/01/12/notes.txt"] = b"[]"
    assert names() == ["0"]
    assert {key.rsplit("/", 2)[1] for key in blobs.reads} == {"12"}
    assert len(blobs.reads) == 2


def test_files_are_by_hour_and_rows_by_time(blobs: Blobs) -> None:
    for minutes in (70, 5, 65, 1, 3):
        blobs.ask(NOON + minutes * MINUTE, f"{minutes:02d}")
    assert names(until=NOON + 2 * HOUR) == ["01", "03", "05", "65", "70"]
    paths = files(NOON, NOON + 2 * HOUR)
    assert [path.name[:10] for path in paths] == ["2026030112", "2026030113"]
    parts = [names(part=f"{number}/2") for number in (1, 2)]
    assert parts == [["01", "05"], ["03"]]


def test_of_all_there_is_of_a_version_the_newest_hours_are_enough(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captures, "MOST_ROWS", 2)
    for hours in range(4):
        blobs.ask(NOON + hours * HOUR, str(hours))
    until, created = NOON + 4 * HOUR, clock.text(NOON)
    assert names(until=until, created=created) == ["2", "3"]
    assert names(NOON + MINUTE, until, created=created) == ["1", "2", "3"]


def test_what_was_refused_or_never_answered_is_no_capture_and_no_fault(
    blobs: Blobs, caplog: pytest.LogCaptureFixture
) -> None:
    for name, answer in (("refused", {"error": "no"}), ("failed", None)):
        blobs.event("request", NOON, name, BODY)
        blobs.event("response", NOON, name, answer)
    blobs.event("request", NOON, "unanswered", BODY)
    blobs.event("response", NOON, "unasked", ANSWER)
    assert names() == [] and not caplog.records


def test_a_large_body_lies_in_a_blob_of_its_own(blobs: Blobs) -> None:
    folder = f"captures/v000003/request/{NOON:%Y/%m/%d/%H}"
    for number, (name, flag) in enumerate((("body one.jsonl", "true"), ("0a-1b", "True"))):
        blobs.objects[f"{folder}/{name}"] = json.dumps(BODY).encode()
        blobs.ask(NOON, str(number), f"{URI}/{folder}/{name.replace(' ', '%20')}", datainblob=flag)
    answer = json.dumps({**ANSWER, "request_id": "large answer"})
    blobs.objects["answers/1"] = answer.encode()
    blobs.event("request", NOON, "2", BODY, datainblob="false")
    blobs.event("response", NOON, "2", f"{URI}/answers/1", datainblob="true")
    assert sorted(names()) == ["0", "1", "large answer"]


BAD = {
    "half": ('{"half": ', "Expecting value"),
    "list": ("[]", "a line is no object"),
    "no time": ('{"correlationid": "x"}', "it lacks time"),
    "nothing": ("{}", "it lacks time, correlationid"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("kind", ["request", "response"])
def test_a_line_that_is_no_event_is_told_and_stops_nothing(
    blobs: Blobs, name: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    text, reason = BAD[name]
    key = blobs.line(kind, NOON, "bad", f"{text}\n\n{text}")
    with pytest.raises(UserError, match=f"^{URI}/{key} is not what an endpoint captures: {reason}"):
        names()
    assert names(part="1/2") == []  # another part may have good ones
    blobs.ask(NOON, "good")
    caplog.clear()
    assert names() == ["good"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    expected = f"2 captures are left out, the first: {URI}/{key} is not what"
    assert record.getMessage().startswith(expected) and reason in record.getMessage()


@pytest.mark.parametrize(
    ("data", "members", "reason"),
    [
        ({"instances": [{"nothing": 1}]}, {}, "age"),
        (f"{URI}/gone", {"datainblob": "true"}, "gone"),
        ("https://other/store/a", {"datainblob": "true"}, "outside of the store, at https://other"),
        (None, {}, "n"),
    ],
)
def test_a_request_that_cannot_be_read_is_told_and_stops_nothing(
    blobs: Blobs, data: Any, members: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    blobs.ask(NOON, "bad", data, **members)
    blobs.ask(NOON, "good")
    assert names() == ["good"]
    (record,) = caplog.records
    assert record.getMessage().startswith("1 captures are left out, the first: ")
    assert reason in record.getMessage()
