"""Vertex AI on the simulated cloud: what releases and a destroy do with endpoints and models.

Deployed models stand in the state of the cloud, in the endpoint that a program made there, so the
cloud refuses to delete the endpoint while there are any. Requests come as
``/REGION-aiplatform.googleapis.com/v1/NAME``, as a client sends them that
puts the gateway in front.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

from pulumi_simcloud import deployments, entries
from pulumi_simcloud.constraints.discovery import check_json
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.planes import Handler, Plane
from pulumi_simcloud.state import State, Transaction

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
API = r"/[\w-]+-aiplatform\.googleapis\.com/v1/"
NAME = r"projects/[^/]+/locations/([^/]+)/endpoints/(\d+)"
PATH = re.compile(rf"{API}({NAME})(?::(\w+))?")
MODELS = re.compile(rf"{API}(projects/[^/]+/locations/[^/]+)/models(?:/([a-z0-9_-]+)|:upload)")

STORES = re.compile(rf"{API}(projects/[^/]+/locations/[^/]+)/metadataStores(?:/([a-z0-9-]+))?")

Change = Callable[[deployments.Endpoint, dict[str, Any]], None]
# Schema of a request's body, and what it does.
CHANGES: dict[tuple[str, str | None], tuple[str, Change]] = {
    ("POST", "deployModel"): ("DeployModelRequest", deployments.deploy),
    ("POST", "undeployModel"): ("UndeployModelRequest", deployments.undeploy),
    ("PATCH", None): (
        "Endpoint",
        lambda endpoint, body: deployments.share(endpoint, body["trafficSplit"]),
    ),
}


class Vertex(Plane):
    """Serves the endpoints and models of one simulated cloud."""

    def __init__(self, state: State) -> None:
        super().__init__(state, _Handler)


class _Handler(Handler):
    server: Vertex

    def _handle(self) -> None:
        content = self.content()
        with self.server.state.transaction() as transaction:
            status, answer = self._response(transaction, content)
        if status != 200:
            answer = {"error": {"code": status, "message": answer}}
        self.answer(status, json.dumps(answer).encode())

    do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 names of the base class

    def _response(self, transaction: Transaction, content: bytes) -> tuple[int, Any]:
        path = urllib.parse.urlsplit(self.path).path
        try:
            if match := MODELS.fullmatch(path):
                return self._of_model(transaction, match, content)
            if match := PATH.fullmatch(path):
                return self._of_endpoint(transaction, match, content)
            if match := STORES.fullmatch(path):
                return self._of_metadata(transaction, match, content)
        except CloudError as refused:
            return 400, str(refused)
        return 404, f"the simulated cloud has no {self.command} {self.path}"

    def _of_model(
        self, transaction: Transaction, match: re.Match[str], content: bytes
    ) -> tuple[int, Any]:
        parent, entry = match.groups()
        if self.command == "POST" and entry is None:
            body = _checked("UploadModelRequest", content)
            return 200, _finished_operation(parent, entries.upload(transaction, parent, body))
        if self.command == "DELETE" and entry is not None:
            if not entries.versions(transaction, parent, entry):
                return 404, f"{parent}/models/{entry} is not found"
            entries.delete(transaction, parent, entry, _deployed(transaction))
            return 200, _finished_operation(parent, {})
        return 404, f"the simulated cloud has no {self.command} {self.path}"

    def _of_metadata(
        self, transaction: Transaction, match: re.Match[str], content: bytes
    ) -> tuple[int, Any]:
        """Stores of metadata, each an object of the location: its key the id, its content itself.

        https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.metadataStores
        """
        parent, store = match.groups()
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        container, stored = f"metadata-stores/{parent}", None
        store = store or query.get("metadataStoreId", [""])[0]
        if store:
            stored = transaction.read_object(container, store)
        if self.command == "GET":
            return (200, json.loads(stored)) if stored else (404, f"{parent}/{store} is not found")
        if self.command != "POST":
            return 404, f"the simulated cloud has no {self.command} {self.path}"
        if stored is not None:
            return 409, f"{parent}/metadataStores/{store} already exists"
        document = {
            "name": f"{parent}/metadataStores/{store}",
            **_checked("MetadataStore", content),
        }
        transaction.write_object(container, store, json.dumps(document).encode())
        return 200, _finished_operation(parent, document)

    def _of_endpoint(
        self, transaction: Transaction, match: re.Match[str], content: bytes
    ) -> tuple[int, Any]:
        name, location, number, action = match.groups()
        endpoint = read(transaction, name, location, number)
        if endpoint is None:
            return 404, f"{name} is not found"
        if self.command == "GET":
            return 200, endpoint
        if (self.command, action) not in CHANGES:
            return 404, f"the simulated cloud has no {self.command} {self.path}"
        schema, change = CHANGES[self.command, action]
        body = _checked(schema, content)
        if action == "deployModel":
            entries.refuse_missing(transaction, body["deployedModel"]["model"])
        change(endpoint, body)
        write(transaction, location, number, endpoint)
        return 200, endpoint if action is None else _finished_operation(name, {})


def _checked(schema: str, content: bytes) -> dict[str, Any]:
    """The body of a request; CloudError if the service's model of it says no."""
    body = json.loads(content)
    wrong = [*check_json("aiplatform.v1", f"GoogleCloudAiplatformV1{schema}", body, "body")]
    if wrong:
        raise CloudError("; ".join(f"{item.path}: {item.reason}" for item in wrong))
    return body


def _finished_operation(name: str, response: dict[str, Any]) -> dict[str, Any]:
    """A long operation on `name` that took no time."""
    return {"name": f"{name}/operations/1", "done": True, "response": response}


def _deployed(transaction: Transaction) -> Iterator[dict[str, Any]]:
    """The models deployed to all endpoints."""
    for row in transaction.rows(ENDPOINT):
        match = re.fullmatch(NAME, row.id)
        if match is not None:
            yield from (read(transaction, row.id, *match.groups()) or {})["deployedModels"]


def read(
    transaction: Transaction, name: str, location: str, number: str
) -> deployments.Endpoint | None:
    """An endpoint with what is deployed to it; None if nobody made it."""
    row = transaction.row(ENDPOINT, name)
    if row is None:
        return None
    store = _store(location, number)
    bodies = (transaction.read_object(store, key) for key in transaction.objects(store))
    deployed = [json.loads(body) for body in bodies if body is not None]
    return {
        "name": name,
        "displayName": row.outputs["displayName"],
        "deployedModels": [item["model"] for item in deployed],
        "trafficSplit": {item["model"]["id"]: item["share"] for item in deployed if item["share"]},
    }


def write(
    transaction: Transaction, location: str, number: str, endpoint: deployments.Endpoint
) -> None:
    """Keep what is deployed to an endpoint, and its shares of the traffic, as a refresh sees it."""
    store, split = _store(location, number), endpoint["trafficSplit"]
    row = transaction.row(ENDPOINT, endpoint["name"])
    assert row is not None, "it was read"
    for values in (row.inputs, row.outputs):
        values["trafficSplit"] = json.dumps(split)
    transaction.put(row)
    transaction.drop_objects(store)
    for model in endpoint["deployedModels"]:
        document = {"model": model, "share": split.get(model["id"], 0)}
        transaction.write_object(store, model["id"], json.dumps(document).encode())


def _store(location: str, number: str) -> str:
    """The catalog's name for the content of an endpoint."""
    return f"deployed-models/{location}/{number}"
