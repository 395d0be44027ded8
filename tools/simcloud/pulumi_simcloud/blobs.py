"""Azure Blob Storage's data plane on the simulated cloud: the calls a program makes.

Blobs stand in the state of the cloud, in the containers that a program made there. Requests come
as ``/ACCOUNT.blob.core.windows.net/CONTAINER/BLOB``, as a client sends them that puts
the gateway in front.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from xml.sax.saxutils import escape

from pulumi_simcloud import arm
from pulumi_simcloud.planes import Handler, Plane
from pulumi_simcloud.state import State

CONTAINER = "azure-native:storage:BlobContainer"
PATH = re.compile(r"/(\w+)\.blob\.core\.windows\.net/([^/]+)(?:/(.+))?")
PAGE = 5000
PROPERTIES = "<Properties><BlobType>BlockBlob</BlobType></Properties>"
XML = {"content-type": "application/xml"}


class Blobs(Plane):
    """Serves the blobs of one simulated cloud."""

    def __init__(self, state: State, handler: type[BlobHandler] | None = None) -> None:
        super().__init__(state, handler or BlobHandler)


class BlobHandler(Handler):
    """Answers what is asked of blobs."""

    server: Blobs

    def do_GET(self) -> None:  # noqa: N802
        if arm.is_asked(self.path):
            self._answer_json(*arm.read(self.server.state, self.path))
            return
        store, key = self._address()
        if store is None:
            return
        if key is None:
            self._list(store)
            return
        with self.server.state.transaction() as transaction:
            body = transaction.read_object(store, key)
        if body is None:
            self._refuse(404, "BlobNotFound")
        else:
            self.answer(200, body, {})

    def do_PUT(self) -> None:  # noqa: N802
        body = self.content()
        if arm.is_asked(self.path):
            self._answer_json(*arm.write(self.server.state, self.path, body))
            return
        store, key = self._address()
        if store is None or key is None:
            return
        if self.headers.get("x-ms-blob-type") != "BlockBlob":
            self._refuse(400, "MissingRequiredHeader")
            return
        with self.server.state.transaction() as transaction:
            exists = transaction.read_object(store, key) is not None
            is_refused = exists and self.headers.get("if-none-match") == "*"
            if not is_refused:
                transaction.write_object(store, key, body)
        if is_refused:
            self._refuse(409, "BlobAlreadyExists")
        else:
            self.answer(201, b"", {})

    def do_DELETE(self) -> None:  # noqa: N802
        store, key = self._address()
        if store is None or key is None:
            return
        with self.server.state.transaction() as transaction:
            exists = transaction.read_object(store, key) is not None
            if exists:
                transaction.drop_objects(store, key)
        if exists:
            self.answer(202, b"", {})
        else:
            self._refuse(404, "BlobNotFound")

    def _answer_json(self, status: int, body: arm.Json) -> None:
        self.answer(status, json.dumps(body).encode())

    def _list(self, store: str) -> None:
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        prefix, after = query.get("prefix", ""), query.get("marker", "")
        with self.server.state.transaction() as transaction:
            keys = [k for k in transaction.objects(store) if k.startswith(prefix) and k > after]
        page, rest = keys[:PAGE], keys[PAGE:]
        blobs = "".join(f"<Blob><Name>{escape(key)}</Name>{PROPERTIES}</Blob>" for key in page)
        marker = escape(page[-1]) if rest else ""
        self.answer(
            200,
            f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>{blobs}</Blobs>'
            f"<NextMarker>{marker}</NextMarker></EnumerationResults>".encode(),
            XML,
        )

    def _address(self) -> tuple[str | None, str | None]:
        """The store and the key that are asked for; a container that is not there is refused."""
        match = PATH.fullmatch(urllib.parse.urlsplit(self.path).path)
        if match is None:
            self._refuse(400, "InvalidUri")
            return None, None
        account, container, key = match.groups()
        with self.server.state.transaction() as transaction:
            container_exists = any(
                (row.outputs.get("name"), row.inputs.get("accountName")) == (container, account)
                for row in transaction.rows(CONTAINER)
            )
        if not container_exists:
            self._refuse(404, "ContainerNotFound")
            return None, None
        return f"az/{account}/{container}", urllib.parse.unquote(key) if key else None

    def _refuse(self, status: int, code: str) -> None:
        content = (
            '<?xml version="1.0" encoding="utf-8"?>'
            f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
        )
        self.answer(status, content.encode(), {**XML, "x-ms-error-code": code})
