"""The artifact store in a bucket of Cloud Storage.

`create` rests on ``ifGenerationMatch=0``: refused with 412 where there is an object
(https://cloud.google.com/storage/docs/request-preconditions).
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from urllib.parse import quote

from training.clients import gcp
from training.clients.gcp import GoogleError
from training.errors import UserError
from training.store import ObjectExistsError

SCHEME = "gs://"
API = "https://storage.googleapis.com"
MISSING, EXISTS = 404, 412
WRITER = "writer"
BOUNDARY = "mlops-part"


def open_at(uri: str) -> GcsStore:
    """The store in the bucket ``gs://BUCKET``; raises UserError for a path in a bucket."""
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    if key:
        raise UserError(f"store {uri!r} names a path in a bucket; allowed: gs://BUCKET")
    return GcsStore(bucket)


class GcsStore:
    """Objects of one bucket, encrypted as the bucket says."""

    def __init__(self, bucket: str) -> None:
        self.uri = f"{SCHEME}{bucket}"
        self._objects = f"{API}/storage/v1/b/{bucket}/o"
        self._uploads = f"{API}/upload/storage/v1/b/{bucket}/o"

    def read(self, key: str) -> bytes:
        try:
            return gcp.call("GET", self._at(key), alt="media")
        except GoogleError as error:
            if error.status == MISSING:
                raise KeyError(key) from None
            raise

    def write(self, key: str, content: bytes) -> None:
        kind = {"content-type": "application/octet-stream"}
        gcp.call("POST", self._uploads, content, headers=kind, uploadType="media", name=key)

    def create(self, key: str, content: bytes) -> None:
        writer = uuid.uuid4().hex
        kind = {"content-type": f"multipart/related; boundary={BOUNDARY}"}
        body = _multipart({"name": key, "metadata": {WRITER: writer}}, content)
        try:
            gcp.call(
                "POST",
                self._uploads,
                body,
                headers=kind,
                uploadType="multipart",
                ifGenerationMatch="0",
            )
        except GoogleError as error:
            if error.status != EXISTS:
                raise
            # After an answer that was lost, the repetition finds the object.
            if self._writer(key) != writer:
                raise ObjectExistsError(key) from None

    def keys(self, prefix: str) -> list[str]:
        folder = {"prefix": f"{prefix}/"} if prefix else {}
        fields = "items/name,nextPageToken"
        return sorted(
            item["name"] for item in gcp.pages(self._objects, "items", fields=fields, **folder)
        )

    def fetch(self, key: str, folder: Path) -> Path:
        content = self.read(key)
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def delete(self, key: str) -> None:
        try:
            gcp.call("DELETE", self._at(key))
        except GoogleError as error:
            if error.status != MISSING:
                raise

    def _at(self, key: str) -> str:
        return f"{self._objects}/{quote(key, safe='')}"

    def _writer(self, key: str) -> str | None:
        return gcp.get(self._at(key)).get("metadata", {}).get(WRITER)


def _multipart(description: dict[str, object], content: bytes) -> bytes:
    """A body of two parts (https://cloud.google.com/storage/docs/uploading-objects)."""
    parts = (
        (b"application/json", json.dumps(description).encode()),
        (b"application/octet-stream", content),
    )
    mark = BOUNDARY.encode()
    head = b"".join(
        b"--" + mark + b"\r\nContent-Type: " + kind + b"\r\n\r\n" + body + b"\r\n"
        for kind, body in parts
    )
    return head + b"--" + mark + b"--"
