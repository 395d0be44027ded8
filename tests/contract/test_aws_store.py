"""What is S3's own of a store: conditional writes that conflict or whose answer is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from tests.clouds import aws
from training.clients.aws import client
from training.errors import UserError
from training.platform import platform_at
from training.store import ObjectExistsError, open_store
from training.store.aws import CONFLICTS, S3Store, located

BEFORE = "before-send.s3.PutObject"
CONFLICT = b"<Error><Code>ConditionalRequestConflict</Code><Message>m</Message></Error>"


class Raw:
    """The body of an answer that did not come from a server."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self) -> Iterator[bytes]:
        yield self.body


def answer(status: int, body: bytes) -> AWSResponse:
    return AWSResponse("http://s3", status, {}, Raw(body))


@pytest.fixture
def store(aws_called: None) -> S3Store:
    opened = open_store(f"s3://{aws.bucket()}")
    assert isinstance(opened, S3Store)
    return opened


@pytest.fixture
def on_put() -> Iterator[Callable[[Callable[..., Any]], None]]:
    """Lets something happen before each PutObject."""
    registered: list[Callable[..., Any]] = []

    def register(handler: Callable[..., Any]) -> None:
        registered.append(handler)
        client("s3").meta.events.register(BEFORE, handler)

    yield register
    for handler in registered:
        client("s3").meta.events.unregister(BEFORE, handler)


def test_a_conflict_is_tried_again(store: S3Store, on_put: Any) -> None:
    answers = [answer(409, CONFLICT), answer(409, CONFLICT)]
    on_put(lambda **_: answers.pop() if answers else None)
    store.create("a/1", b"mine")
    assert store.read("a/1") == b"mine" and not answers


def test_a_conflict_that_does_not_end_is_an_error(store: S3Store, on_put: Any) -> None:
    calls: list[None] = []

    def conflict(**_: Any) -> AWSResponse:
        calls.append(None)
        return answer(409, CONFLICT)

    on_put(conflict)
    with pytest.raises(client("s3").exceptions.ClientError, match="ConditionalRequestConflict"):
        store.create("a/1", b"mine")
    assert len(calls) == CONFLICTS


def test_a_write_whose_answer_was_lost_is_ours(store: S3Store, on_put: Any) -> None:
    answers_to_lose = [None]

    def lose(request: Any, **_: Any) -> AWSResponse | None:
        if not answers_to_lose:
            return None
        answers_to_lose.pop()
        client("s3").put_object(
            Bucket=store.bucket,
            Key="a/1",
            Body=b"mine",
            Metadata={"writer": request.headers["x-amz-meta-writer"].decode()},
        )
        return answer(500, b"")

    on_put(lose)
    store.create("a/1", b"mine")
    with pytest.raises(ObjectExistsError):
        store.create("a/1", b"mine")


def test_more_objects_than_a_page(store: S3Store) -> None:
    """A page has a thousand of the service's, and here as many as it is asked for."""
    names = [f"a/{number:04d}" for number in range(25)]
    for name in names:
        store.write(name, b"")
    pages: list[str] = []

    def shorten(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        pages.append(params.get("ContinuationToken", ""))
        return {**params, "MaxKeys": 10}

    listing, events = "provide-client-params.s3.ListObjectsV2", client("s3").meta.events
    events.register(listing, shorten)
    try:
        assert store.keys("a") == names
    finally:
        events.unregister(listing, shorten)
    assert len(set(pages)) == 3


def test_objects_are_written_read_fetched_and_deleted(store: S3Store, tmp_path: Path) -> None:
    assert open_store(store.uri).uri == store.uri == f"s3://{store.bucket}"
    for content in (b"1", b"22"):
        store.write("a/m/model", content)
    assert store.read("a/m/model") == b"22"
    path = store.fetch("a/m/model", tmp_path)
    assert path == tmp_path / "a/m/model" and path.read_bytes() == b"22"
    for name in ("a/1", "a/n/2", "ab/3", "a/m/n/4"):
        store.create(name, b"")
    inside = ["a/1", "a/m/model", "a/m/n/4", "a/n/2"]
    assert (store.keys("a"), store.keys("")) == (inside, [*inside, "ab/3"])
    assert (store.folders("a"), store.folders(""), store.folders("none")) == (
        ["m", "n"], ["a", "ab"], [],
    )  # fmt: skip
    for _ in range(2):
        store.delete("a/m/model")
    with pytest.raises(KeyError, match="a/m/model"):
        store.read("a/m/model")


@pytest.mark.parametrize("call", ["GetObject", "PutObject"])
def test_what_the_service_refuses_is_an_error(store: S3Store, call: str) -> None:
    denied = b"<Error><Code>AccessDenied</Code><Message>m</Message></Error>"
    events, name = client("s3").meta.events, f"before-send.s3.{call}"
    events.register(name, handler := lambda **_: answer(403, denied))
    try:
        with pytest.raises(client("s3").exceptions.ClientError, match="AccessDenied"):
            store.read("a") if call == "GetObject" else store.create("a", b"")
    finally:
        events.unregister(name, handler)


def test_an_address_is_of_a_bucket_and_a_key(aws_called: None) -> None:
    store, key = located("s3://bucket/models/box/")
    assert (store.uri, store.bucket, key) == ("s3://bucket", "bucket", "models/box")
    assert located("s3://bucket")[1] == ""


def test_a_path_in_a_bucket_is_no_store(aws_called: None) -> None:
    with pytest.raises(UserError, match=r"'s3://b/path' names a path in a bucket"):
        open_store("s3://b/path")


def test_a_bucket_that_is_gone_has_no_stack(aws_called: None) -> None:
    with pytest.raises(KeyError):
        platform_at("s3://no-such-bucket-anywhere")
