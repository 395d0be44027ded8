"""Vertex AI's endpoints on the simulated cloud: what releases and a destroy do with them.

Deployed models stand in the state of the cloud, in the endpoint that a program made there, so the
cloud refuses to delete the endpoint while there are any. Requests come as
``/REGION-aiplatform.googleapis.com/v1/NAME``, as `training.clients.gcp` sends them to a gateway.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

from tools.simcloud import deployments
from tools.simcloud.constraints.discovery import check_json
from tools.simcloud.failures import CloudError
from tools.simcloud.planes import Handler, Plane
from tools.simcloud.state import State, Transaction

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
NAME = r"projects/[^/]+/locations/([^/]+)/endpoints/(\d+)"
PATH = re.compile(rf"/[\w-]+-aiplatform\.googleapis\.com/v1/({NAME})(?::(\w+))?")

Change = Callable[[deployments.Endpoint, dict[str, Any]], None]
# Schema of a request's body, and what it does.
CHANGES: dict[tuple[str, str | None], tuple[str, Change]] = {
    ("POST", "deployModel"): ("DeployModelRequest", deployments.deploy),
    ("POST", "undeployModel"): ("UndeployModelRequest", deployments.undeploy),
    ("PATCH", None): (
        "Endpoint",
        lambda found, body: deployments.share(found, body["trafficSplit"]),
    ),
}


class Endpoints(Plane):
    """Serves the endpoints of one simulated cloud."""

    def __init__(self, state: State) -> None:
        super().__init__(state, _Handler)


class _Handler(Handler):
    server: Endpoints

    def _handle(self) -> None:
        content = self.content()
        with self.server.state.transaction() as transaction:
            status, answer = self._answered(transaction, content)
        if status != 200:
            answer = {"error": {"code": status, "message": answer}}
        self.answer(status, json.dumps(answer).encode())

    do_GET = do_POST = do_PATCH = _handle  # noqa: N815 names of the base class

    def _answered(self, transaction: Transaction, content: bytes) -> tuple[int, Any]:
        match = PATH.fullmatch(urllib.parse.urlsplit(self.path).path)
        if match is None:
            return 404, f"the simulated cloud has no {self.command} {self.path}"
        name, location, number, action = match.groups()
        found = read(transaction, name, location, number)
        if found is None:
            return 404, f"{name} is not found"
        if self.command == "GET":
            return 200, found
        if (self.command, action) not in CHANGES:
            return 404, f"the simulated cloud has no {self.command} {self.path}"
        schema, change = CHANGES[self.command, action]
        body = json.loads(content)
        schema = f"GoogleCloudAiplatformV1{schema}"
        wrong = [*check_json("aiplatform.v1", schema, body, "body")]
        if wrong:
            return 400, "; ".join(f"{item.path}: {item.reason}" for item in wrong)
        try:
            change(found, body)
        except CloudError as refused:
            return 400, str(refused)
        write(transaction, location, number, found)
        done = {"name": f"{name}/operations/1", "done": True, "response": {}}
        return 200, found if action is None else done


def read(
    transaction: Transaction, name: str, location: str, number: str
) -> deployments.Endpoint | None:
    """An endpoint with what is deployed to it; None if nobody made it."""
    row = transaction.row(ENDPOINT, name)
    if row is None:
        return None
    store = _store(location, number)
    bodies = (transaction.read_object(store, key) for key in transaction.objects(store))
    kept = [json.loads(body) for body in bodies if body is not None]
    return {
        "name": name,
        "displayName": row.outputs["displayName"],
        "deployedModels": [each["model"] for each in kept],
        "trafficSplit": {each["model"]["id"]: each["share"] for each in kept if each["share"]},
    }


def write(
    transaction: Transaction, location: str, number: str, endpoint: deployments.Endpoint
) -> None:
    """Keep what is deployed to an endpoint, and its shares of the traffic."""
    store, split = _store(location, number), endpoint["trafficSplit"]
    transaction.drop_objects(store)
    for model in endpoint["deployedModels"]:
        kept = {"model": model, "share": split.get(model["id"], 0)}
        transaction.write_object(store, model["id"], json.dumps(kept).encode())


def _store(location: str, number: str) -> str:
    """What the catalog calls the content of an endpoint."""
    return f"deployed-models/{location}/{number}"
