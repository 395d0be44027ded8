"""The store on Blob Storage, by requests: learn.microsoft.com/rest/api/storageservices/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from tests.unit import wire
from tests.unit.wire import Request, Response
from training.clients.azure import AzureError
from training.errors import UserError
from training.store import ObjectExistsError, open_store
from training.store.azure import BlobStore, located

HOST = "account.blob.core.windows.net"
URI = f"https://{HOST}/store"
PAGE = 2


class Container:
    """ "Put Blob", "Get Blob", "Delete Blob" and "List Blobs" of the container ``store``."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.exists_status = 409

    def answer(self, request: Request) -> Response:
        assert request.host == HOST
        # Required of every authorized request, and of "Put Blob".
        assert request.headers["x-ms-version"] == "2021-12-02"
        container, _, key = request.path.partition("/")
        assert container == "store"
        if not key:
            return self._list(request)
        if request.method == "PUT":
            assert request.headers["x-ms-blob-type"] == "BlockBlob"
            assert request.headers["content-type"] == "application/octet-stream"
            if request.headers.get("if-none-match") == "*" and key in self.blobs:
                return Response(b"", self.exists_status, {"x-ms-error-code": "BlobAlreadyExists"})
            self.blobs[key] = request.body
            return Response(status_code=201)
        if key not in self.blobs:
            return Response(b"", 404, {"x-ms-error-code": "BlobNotFound"})
        if request.method == "DELETE":
            del self.blobs[key]
            return Response(status_code=202)
        assert request.method == "GET"
        return Response(self.blobs[key])

    def _list(self, request: Request) -> Response:
        """In the order of the service, pages of two, the next of which a marker names."""
        query = request.query
        assert (request.method, query["restype"], query["comp"]) == ("GET", "container", "list")
        names = sorted(name for name in self.blobs if name.startswith(query["prefix"]))
        first = int(query.get("marker", 0))
        following = str(first + PAGE) if first + PAGE < len(names) else ""
        blobs = "".join(
            f"<Blob><Name>{escape(n)}</Name></Blob>" for n in names[first : first + PAGE]
        )
        text = f"<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker>{following}</NextMarker>"
        return Response(f"{text}</EnumerationResults>".encode())


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Container:
    container = Container()
    wire.connect(monkeypatch, container.answer)
    return container


@pytest.fixture
def store(container: Container) -> BlobStore:
    opened = open_store(f"{URI}/")
    assert isinstance(opened, BlobStore) and opened.uri == URI
    return opened


def test_objects_are_written_read_and_deleted(store: BlobStore, container: Container) -> None:
    store.write("a/b c%.json", b"1")
    store.write("a/b c%.json", b"22")
    assert container.blobs == {"a/b c%.json": b"22"} and store.read("a/b c%.json") == b"22"
    store.delete("a/b c%.json")
    store.delete("a/b c%.json")
    with pytest.raises(KeyError, match=r"a/b c%\.json"):
        store.read("a/b c%.json")


@pytest.mark.parametrize("status", [409, 412])
def test_an_object_that_is_there_is_not_replaced(
    store: BlobStore, container: Container, status: int
) -> None:
    container.exists_status = status
    store.create("a", b"first")
    with pytest.raises(ObjectExistsError, match="a"):
        store.create("a", b"second")
    assert container.blobs == {"a": b"first"}


def test_keys_are_those_of_all_pages_of_the_folder(store: BlobStore) -> None:
    for name in ("a/5", "a/3", "a/b&c/1", "ab/1", "a/1", "a/4", "a"):
        store.write(name, b"")
    inside = ["a/1", "a/3", "a/4", "a/5", "a/b&c/1"]
    assert store.keys("a") == store.keys("a/") == inside
    assert store.keys("") == ["a", *inside, "ab/1"]
    assert store.keys("none") == []


def test_a_fetched_object_is_a_file_of_its_name(store: BlobStore, tmp_path: Path) -> None:
    store.write("models/a/model.joblib", b"bytes")
    path = store.fetch("models/a/model.joblib", tmp_path)
    assert path.name == "model.joblib" and path.read_bytes() == b"bytes"


VERBS: dict[str, Callable[[BlobStore], object]] = {
    "read": lambda store: store.read("a"),
    "write": lambda store: store.write("a", b""),
    "create": lambda store: store.create("a", b""),
    "keys": lambda store: store.keys("a"),
    "delete": lambda store: store.delete("a"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_the_service_refuses_is_an_error(
    verb: str, store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"x-ms-error-code": "AuthorizationPermissionMismatch"}
    wire.connect(monkeypatch, lambda request: Response(b"no", 403, headers))
    with pytest.raises(AzureError, match="403 AuthorizationPermissionMismatch"):
        VERBS[verb](store)


@pytest.mark.parametrize(
    "uri",
    [
        "https://account.blob.core.windows.net", "https://account.blob.core.windows.net/",
        "https://account.example.net/store", "https:///store",
        "https://account.dfs.core.windows.net/store",
    ],
)  # fmt: skip
def test_what_is_no_container_is_no_store(uri: str) -> None:
    with pytest.raises(UserError, match=r"allowed is https://ACCOUNT\.blob\..*/CONTAINER"):
        open_store(uri)


def test_an_address_is_of_a_container_and_a_key() -> None:
    store, key = located(f"{URI}/models/toys/captures")
    assert (store.uri, key) == (URI, "models/toys/captures")
    assert located(URI)[1] == ""
    assert open_store(f"https://{HOST}/x/").uri == f"https://{HOST}/x"
