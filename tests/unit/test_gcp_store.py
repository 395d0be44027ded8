"""The store on Cloud Storage, by requests: cloud.google.com/storage/docs/json_api/v1/objects."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.unit import wire
from tests.unit.wire import Request, Response
from training.clients.gcp import GoogleError
from training.errors import UserError
from training.store import ObjectExistsError, open_store
from training.store.gcp import GcsStore

OBJECTS, UPLOADS = "storage/v1/b/bucket/o", "upload/storage/v1/b/bucket/o"
PAGE = 2
CREATED = {"uploadType": "multipart", "ifGenerationMatch": "0"}


class Bucket:
    """Objects: insert, by media or in two parts, get, delete and list, of the bucket ``bucket``."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.lost = 0

    def answer(self, request: Request) -> Response:
        assert request.host == "storage.googleapis.com"
        if request.path == UPLOADS:
            return self._insert(request)
        if request.path == OBJECTS:
            return self._list(request)
        name = request.path.removeprefix(f"{OBJECTS}/")
        if name not in self.objects:
            return Response({"error": {"code": 404, "message": "No such object"}}, 404)
        if request.method == "DELETE":
            del self.objects[name]
            return Response(status_code=204)
        assert request.method == "GET"
        if request.query.get("alt") == "media":
            return Response(self.objects[name])
        metadata = self.metadata.get(name)
        return Response({"name": name, **({"metadata": metadata} if metadata else {})})

    def _insert(self, request: Request) -> Response:
        assert request.method == "POST"
        if request.query["uploadType"] == "media":
            assert request.headers["content-type"] == "application/octet-stream"
            self.objects[request.query["name"]] = request.body
            return Response({})
        assert request.query == CREATED
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser().parsebytes(head + request.body)
        assert message.get_content_type() == "multipart/related" and not message.defects
        description, content = message.get_payload()  # type: ignore[misc]
        assert description.get_content_type() == "application/json"  # type: ignore[union-attr]
        assert content.get_content_type() == "application/octet-stream"  # type: ignore[union-attr]
        resource = json.loads(description.get_payload())  # type: ignore[union-attr]
        name = resource["name"]
        if name in self.objects:
            return Response({"error": {"code": 412, "message": "conditionNotMet"}}, 412)
        self.objects[name] = content.get_payload(decode=True)  # type: ignore[union-attr]
        self.metadata[name] = resource["metadata"]
        if self.lost:
            self.lost -= 1
            return Response(b"", 503)
        return Response({})

    def _list(self, request: Request) -> Response:
        """Pages of two, with the fields that were asked for alone."""
        assert request.method == "GET"
        assert set(request.query["fields"].split(",")) == {"items/name", "nextPageToken"}
        prefix = request.query.get("prefix", "")
        names = sorted(name for name in self.objects if name.startswith(prefix))
        first = int(request.query.get("pageToken", 0))
        page = {"items": [{"name": name} for name in names[first : first + PAGE]]} if names else {}
        following = first + PAGE < len(names)
        return Response({**page, **({"nextPageToken": str(first + PAGE)} if following else {})})


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket()
    wire.connect(monkeypatch, bucket.answer)
    return bucket


@pytest.fixture
def store(bucket: Bucket) -> GcsStore:
    opened = open_store("gs://bucket")
    assert isinstance(opened, GcsStore) and opened.uri == "gs://bucket"
    return opened


def test_objects_are_written_read_and_deleted(store: GcsStore, bucket: Bucket) -> None:
    store.write("a/b c%.json", b"1")
    store.write("a/b c%.json", b"22")
    assert bucket.objects == {"a/b c%.json": b"22"} and store.read("a/b c%.json") == b"22"
    store.delete("a/b c%.json")
    store.delete("a/b c%.json")
    with pytest.raises(KeyError, match=r"a/b c%\.json"):
        store.read("a/b c%.json")


def test_a_name_is_one_part_of_the_address(
    store: GcsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As "Request endpoints" says, a slash in an object's name is encoded."""
    urls: list[str] = []
    monkeypatch.setattr(
        "training.clients.gcp.call", lambda method, url, **query: urls.append(url) or b""
    )
    store.read("a/b")
    assert urls == ["https://storage.googleapis.com/storage/v1/b/bucket/o/a%2Fb"]


def test_an_object_that_is_there_is_not_replaced(store: GcsStore, bucket: Bucket) -> None:
    store.create("a/1", b"first\r\n--")
    with pytest.raises(ObjectExistsError, match="a/1"):
        store.create("a/1", b"second")
    assert bucket.objects == {"a/1": b"first\r\n--"}
    # One that `write` has made has no writer at all.
    store.write("b", b"plain")
    with pytest.raises(ObjectExistsError):
        store.create("b", b"second")


def test_a_write_whose_answer_was_lost_is_ours(store: GcsStore, bucket: Bucket) -> None:
    bucket.lost = 1
    store.create("a", b"mine")
    assert bucket.objects == {"a": b"mine"}
    with pytest.raises(ObjectExistsError):
        store.create("a", b"mine")


def test_keys_are_those_of_all_pages_of_the_folder(store: GcsStore) -> None:
    for name in ("a/5", "a/3", "a/b/1", "ab/1", "a/1", "a/4", "a"):
        store.write(name, b"")
    inside = ["a/1", "a/3", "a/4", "a/5", "a/b/1"]
    assert store.keys("a") == inside and store.keys("none") == []
    assert store.keys("") == ["a", *inside, "ab/1"]


def test_a_fetched_object_is_a_file_of_its_path(store: GcsStore, tmp_path: Path) -> None:
    store.write("models/a/model.joblib", b"bytes")
    path = store.fetch("models/a/model.joblib", tmp_path)
    assert path == tmp_path / "models/a/model.joblib" and path.read_bytes() == b"bytes"


VERBS: dict[str, Callable[[GcsStore], object]] = {
    "read": lambda store: store.read("a"),
    "write": lambda store: store.write("a", b""),
    "create": lambda store: store.create("a", b""),
    "keys": lambda store: store.keys("a"),
    "delete": lambda store: store.delete("a"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_the_service_refuses_is_an_error(
    verb: str, store: GcsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = {"error": {"code": 403, "message": "no access", "status": "FORBIDDEN"}}
    wire.connect(monkeypatch, lambda request: Response(refusal, 403))
    with pytest.raises(GoogleError, match="403 FORBIDDEN: no access"):
        VERBS[verb](store)


def test_a_path_in_a_bucket_is_no_store() -> None:
    with pytest.raises(
        UserError, match="'gs://bucket/path' names a path in a bucket; allowed: gs:"
    ):
        open_store("gs://bucket/path")
