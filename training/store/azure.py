"""The artifact store in a container of Azure Blob Storage.

Source: Blob service REST API, https://learn.microsoft.com/rest/api/storageservices/
"""

from __future__ import annotations

import urllib.parse
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from training.clients.azure import Answer, AzureError, request
from training.errors import UserError
from training.store import ObjectExistsError

VERSION = "2021-12-02"


def open_at(uri: str) -> BlobStore:
    """The store at ``https://ACCOUNT.blob.core.windows.net/CONTAINER``."""
    parts = urllib.parse.urlsplit(uri)
    if not (parts.hostname or "").endswith(".blob.core.windows.net") or not parts.path.strip("/"):
        raise UserError(
            f"store {uri!r}: allowed is https://ACCOUNT.blob.core.windows.net/CONTAINER"
        )
    return BlobStore(uri.rstrip("/"))


def located(address: str) -> tuple[BlobStore, str]:
    """The store of an address, and the key in it."""
    parts = urllib.parse.urlsplit(address)
    container, _, key = parts.path.lstrip("/").partition("/")
    return open_at(f"https://{parts.netloc}/{container}"), key


class BlobStore:
    """Objects are block blobs; a blob appears whole or not at all."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def read(self, key: str) -> bytes:
        try:
            return self._send("GET", key).content
        except AzureError as error:
            if error.status == 404:
                raise KeyError(key) from None
            raise

    def write(self, key: str, content: bytes) -> None:
        self._send("PUT", key, content, {"x-ms-blob-type": "BlockBlob"})

    def create(self, key: str, content: bytes) -> None:
        condition = {"x-ms-blob-type": "BlockBlob", "if-none-match": "*"}
        try:
            self._send("PUT", key, content, condition)
        except AzureError as error:
            # 409 BlobAlreadyExists; 412 where the condition is looked at first.
            if error.status in (409, 412):
                raise ObjectExistsError(key) from None
            raise

    def keys(self, prefix: str) -> list[str]:
        names: list[str] = []
        folder, marker = f"{prefix.rstrip('/')}/" if prefix else "", ""
        while True:
            query = {"restype": "container", "comp": "list", "prefix": folder}
            if marker:
                query["marker"] = marker
            url = f"{self.uri}?{urllib.parse.urlencode(query)}"
            page = ElementTree.fromstring(_send("GET", url, None, {}).content)
            names += [name.text or "" for name in page.iterfind("./Blobs/Blob/Name")]
            marker = page.findtext("NextMarker") or ""
            if not marker:
                return sorted(names)

    def fetch(self, key: str, folder: Path) -> Path:
        path = folder / key.rsplit("/", 1)[-1]
        path.write_bytes(self.read(key))
        return path

    def delete(self, key: str) -> None:
        try:
            self._send("DELETE", key)
        except AzureError as error:
            if error.status != 404:
                raise

    def _send(
        self,
        method: str,
        key: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        return _send(method, f"{self.uri}/{urllib.parse.quote(key)}", body, headers or {})


def _send(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    all_headers = {"x-ms-version": VERSION, "accept": "*/*", **headers}
    if body is not None:
        all_headers["content-type"] = "application/octet-stream"
    return request(method, url, body=body, headers=all_headers)
