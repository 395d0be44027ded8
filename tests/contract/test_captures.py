"""Captured requests: on every target the same columns and values, found by time and version."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pandas as pd
import pytest

from tests.installed import has, needs, only
from tests.serving.platforms import COLUMNS, ROW, train
from training import clock
from training.captures import capture_files, captures_of
from training.captures.part import WHOLE, Part
from training.errors import UserError
from training.predictor import Predictor
from training.scoring.scorer import Scorer
from training.serving import requests
from training.serving.answers import Answer
from training.serving.capture import Captured, Captures

if TYPE_CHECKING or has("aws"):
    from tests.clouds import aws
    from training.scoring import aws_capture
    from training.store.aws import S3Store
if TYPE_CHECKING or has("gcp"):
    from tests.clouds import gcp
    from tests.clouds.vertex import Logged

NOON = clock.parse("2026-03-01T12:00:00Z")
DAY_AROUND = (NOON - timedelta(days=1), NOON + timedelta(days=1))
MANIFEST = {"version": 3, "inputs": [{"name": c.name, "kind": c.kind} for c in COLUMNS]}
ROWS = [ROW, {"size": None, "age": 4, "new": False, "color": None}]
BODY = json.dumps({"instances": ROWS}).encode()


class Endpoint(Protocol):
    """An endpoint that captures; `source` is where a drift check finds what it captured."""

    source: str

    def ask(
        self, at: datetime, version: int = 3, body: bytes = BODY, kind: str = requests.JSON
    ) -> None:
        """Answer a request at a moment, and capture it."""
        ...


def predictor(version: int) -> Predictor:
    return Predictor(train(imputes=True), COLUMNS, "classification", version)


class Local:
    """The endpoint on this computer."""

    def __init__(self, folder: Path) -> None:
        self.source = str(folder)
        self.captures = Captures(folder)

    def ask(
        self, at: datetime, version: int = 3, body: bytes = BODY, kind: str = requests.JSON
    ) -> None:
        inputs = requests.parse(kind, body, COLUMNS)
        answer = predictor(version).predict(pd.DataFrame(inputs))
        self.captures.add(Captured(f"{at:%H%M%S}", at, version, inputs, *answer))
        self.captures.flush()


class Aws:
    """SageMaker's data capture of what the scorer answers."""

    def __init__(self) -> None:
        self.bucket = aws.bucket()
        self.source = f"s3://{self.bucket}/models/toys/captures"

    def ask(
        self, at: datetime, version: int = 3, body: bytes = BODY, kind: str = requests.JSON
    ) -> None:
        answer = Scorer("toys", predictor(version)).answer(kind, body)
        answer_body = {**json.loads(answer.body), "request_id": f"{at:%H%M%S}"}
        self.put(at, aws.captured(at, body, kind, json.dumps(answer_body).encode()))

    def put(self, at: datetime, content: bytes) -> None:
        name = f"{at:%M-%S}-{uuid.uuid4()}.jsonl"
        key = f"models/toys/captures/toys/main/{at:%Y/%m/%d/%H}/{name}"
        boto3.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)


class AwsContainer(Aws):
    """The capture that SageMaker's container does itself."""

    def ask(
        self, at: datetime, version: int = 3, body: bytes = BODY, kind: str = requests.JSON
    ) -> None:
        answer = Scorer("toys", predictor(version)).answer(kind, body)
        answer_body = json.dumps({**json.loads(answer.body), "request_id": f"{at:%H%M%S}"}).encode()
        capture = aws_capture.Capture(S3Store(self.bucket), "models/toys/captures/toys/main", 100)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(aws_capture.clock, "now", lambda: at)
            capture.add(kind, body, Answer(answer.status, answer_body))
        capture.flush()


class Gcp:
    """Vertex AI's log of what is asked by `rawPredict` and the scorer answers."""

    source = "bq://my-project.mlops_test.toys"

    def __init__(self) -> None:
        self.rows = gcp.current().rows
        self.rows.clear()

    def ask(
        self, at: datetime, version: int = 3, body: bytes = BODY, kind: str = requests.JSON
    ) -> None:
        answer = Scorer("toys", predictor(version)).answer(kind, body)
        answer_body = json.dumps({**json.loads(answer.body), "request_id": f"{at:%H%M%S}"})
        self.rows.append(Logged(f"{version}00", at, "1", [body.decode()], [answer_body]))


MAKE: dict[str, Callable[[pytest.FixtureRequest], Endpoint]] = {
    "local": lambda request: Local(request.getfixturevalue("tmp_path")),
    "aws": lambda request: request.getfixturevalue("aws_called") or Aws(),
    "aws-container": lambda request: request.getfixturevalue("aws_called") or AwsContainer(),
    "gcp": lambda request: request.getfixturevalue("gcp_called") or Gcp(),
}


@pytest.fixture(params=only(MAKE))
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    return MAKE[request.param](request)


def window(
    endpoint: Endpoint, since: datetime, until: datetime, part: Part = WHOLE
) -> pd.DataFrame:
    target = "aws" if isinstance(endpoint, Aws) else type(endpoint).__name__.lower()
    files = captures_of(target).window(endpoint.source, since, until, MANIFEST, part)
    frames = [pd.read_parquet(file) for file in files]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def whole_window(endpoint: Endpoint) -> pd.DataFrame:
    return window(endpoint, *DAY_AROUND)


def test_inputs_and_answers_are_kept(endpoint: Endpoint) -> None:
    endpoint.ask(NOON)
    frame = whole_window(endpoint)
    labels, scores = predictor(3).predict(
        pd.DataFrame(requests.parse(requests.JSON, BODY, COLUMNS))
    )
    expected = {
        "size": [1.5, float("nan")],
        "age": [3.0, 4.0],
        "new": [1.0, 0.0],
        "color": ["red", None],
        "request_id": ["120000"] * 2,
        "captured_at": [pd.Timestamp(NOON)] * 2,
        "model_version": [3, 3],
        "prediction": labels.tolist(),
        "prediction_score": scores.tolist(),
    }
    pd.testing.assert_frame_equal(frame, pd.DataFrame(expected), check_dtype=False)


def test_csv_is_read_as_json_is(endpoint: Endpoint) -> None:
    endpoint.ask(NOON)
    csv = b"size,age,new,color\n1.5,3,true,red\n,4,false,\n"
    endpoint.ask(NOON + timedelta(minutes=1), body=csv, kind=requests.CSV)
    frame = whole_window(endpoint).drop(columns=["request_id", "captured_at"])
    pd.testing.assert_frame_equal(frame[:2], frame[2:].reset_index(drop=True))


def test_a_window_is_of_a_version_and_half_open(endpoint: Endpoint) -> None:
    for minutes in (-1, 0, 59, 60, 61):
        endpoint.ask(NOON + timedelta(minutes=minutes))
    endpoint.ask(NOON, version=2)
    frame = window(endpoint, NOON, NOON + timedelta(hours=1))
    assert sorted(frame["request_id"]) == ["120000", "120000", "125900", "125900"]
    assert set(frame["model_version"]) == {3}
    assert window(endpoint, NOON + timedelta(days=2), NOON + timedelta(days=3)).empty


class _RefusingStore:
    """A store that answers only the second time."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.refusals = 1

    def write(self, key: str, content: bytes) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OSError("SlowDown")
        self.objects[key] = content


@needs("aws")
def test_what_the_store_refuses_is_captured_later(monkeypatch: pytest.MonkeyPatch) -> None:
    store = _RefusingStore()
    capture = aws_capture.Capture(store, "captures", 100)
    hours = iter([NOON, NOON, NOON + timedelta(hours=1)])
    monkeypatch.setattr(aws_capture.clock, "now", lambda: next(hours))
    for _ in range(3):
        capture.add(requests.JSON, BODY, Answer(200, b"{}"))
    capture.flush()
    assert store.objects == {}
    capture.flush()
    lines = {key.rsplit("/", 1)[0]: body.count(b"\n") for key, body in store.objects.items()}
    assert lines == {"captures/2026/03/01/12": 2, "captures/2026/03/01/13": 1}
    capture.flush()
    assert len(store.objects) == 2


@needs("aws")
def test_what_waits_is_bounded_and_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = _RefusingStore()
    store.refusals = 0
    monkeypatch.setattr(aws_capture, "WAITING_BYTES", 1000)
    capture = aws_capture.Capture(store, "captures", 100)
    for _ in range(50):
        capture.add(requests.JSON, BODY, Answer(200, b"{}"))
    assert 0 < capture.dropped < 50
    dropped = capture.dropped
    capture.flush()
    assert sum(body.count(b"\n") for body in store.objects.values()) == 50 - dropped
    assert f"{dropped} requests were not captured" in caplog.text


@needs("aws")
def test_a_sample_is_the_share_of_the_setting() -> None:
    store = _RefusingStore()
    store.refusals = 0
    capture = aws_capture.Capture(store, "captures", 20)
    for _ in range(2000):
        capture.add(requests.JSON, b"{}", Answer(200, b"{}"))
    capture.flush()
    count = sum(body.count(b"\n") for body in store.objects.values())
    assert 300 < count < 500  # 400, six standard deviations of 18


@needs("aws")
def test_refused_requests_and_other_encodings_on_sagemaker(aws_called: None) -> None:
    endpoint = Aws()
    refused = Scorer("toys", predictor(3)).answer(requests.JSON, b"{}")
    assert refused.status == 400
    endpoint.put(NOON, aws.captured(NOON, b"{}", requests.JSON, refused.body))
    assert whole_window(endpoint).empty
    answer = Scorer("toys", predictor(3)).answer(requests.JSON, BODY)
    endpoint.put(NOON, aws.captured(NOON, BODY, requests.JSON, answer.body, encoded=True))
    assert whole_window(endpoint)["age"].tolist() == [3.0, 4.0]


@needs("aws")
def test_what_is_no_capture_is_named(aws_called: None) -> None:
    endpoint = Aws()
    endpoint.put(NOON, b"{not json}\n")
    with pytest.raises(UserError, match=r"^1 of 1 lines in .* the first: .*/12/00-00-.*\.jsonl: "):
        whole_window(endpoint)


# An error page of a proxy, a body that is no request, text that is not UTF-8, another JSON.
BAD = (b"<html>", b"[1]", b"\xff\xfe", b"{}", b'{"captureData": 3}')


@needs("aws")
@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_among_captures_is_counted_and_does_not_count(
    aws_called: None, line: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = Aws()
    endpoint.ask(NOON)
    endpoint.put(NOON, line + b"\n")
    assert len(whole_window(endpoint)) == len(ROWS)
    assert "1 of 2 lines in s3://" in capsys.readouterr().out


@needs("aws")
def test_everything_of_a_version_is_read_from_its_newest_hours(
    aws_called: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is kept, what labels are joined to is bounded; a drift window is not."""
    endpoint = Aws()
    for hours in range(5):
        endpoint.ask(NOON + timedelta(hours=hours))
    monkeypatch.setattr(captures_of("aws"), "MOST_ROWS", 3)
    manifest = {**MANIFEST, "created": clock.text(NOON - timedelta(days=1))}
    since, until = clock.parse("1970-01-01T00:00:00Z"), NOON + timedelta(days=1)
    files = captures_of("aws").window(endpoint.source, since, until, manifest)
    assert [file.stem[:10] for file in files] == ["2026030115", "2026030116"]
    files = captures_of("aws").window(endpoint.source, NOON, until, manifest)
    assert len(files) == 5


def test_the_parts_of_a_window_have_each_row_once(endpoint: Endpoint) -> None:
    for minutes in range(0, 150, 15):
        endpoint.ask(NOON + timedelta(minutes=minutes))
    all_rows = sorted(whole_window(endpoint)["request_id"])
    count = 3
    shares = [
        sorted(window(endpoint, *DAY_AROUND, part=Part(number, count)).get("request_id", []))
        for number in range(1, count + 1)
    ]
    assert sorted(row for share in shares for row in share) == all_rows and len(
        all_rows
    ) == 10 * len(ROWS)
    if not isinstance(endpoint, (Local, Gcp)):
        assert min(map(len, shares)) > 0, "a part has nothing to do"


@needs("aws")
def test_an_hour_with_many_requests_is_more_than_one_file(
    aws_called: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the requests of an hour."""
    monkeypatch.setattr(capture_files, "FILE_ROWS", 3)
    endpoint = Aws()
    for minutes in range(5):
        endpoint.ask(NOON + timedelta(minutes=minutes))
    files = captures_of("aws").window(endpoint.source, *DAY_AROUND, MANIFEST)
    assert [len(pd.read_parquet(file)) for file in files] == [4, 4, 2]


@needs("aws")
def test_only_the_hours_of_the_window_are_fetched(
    aws_called: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint: Any = Aws()
    for hours in (0, 5, 24):
        endpoint.ask(NOON + timedelta(hours=hours))
    keys: list[str] = []
    read = S3Store.read
    monkeypatch.setattr(S3Store, "read", lambda self, key: keys.append(key) or read(self, key))
    window(endpoint, NOON + timedelta(hours=4), NOON + timedelta(hours=6))
    assert [key.split("/")[-2] for key in keys] == ["17"]
