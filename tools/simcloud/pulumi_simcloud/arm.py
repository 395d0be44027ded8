"""Azure Resource Manager on the simulated cloud: the calls that a program makes by itself.

A resource that the engine made is read and changed under its id, as
https://learn.microsoft.com/rest/api/azureml/schedules describes it for schedules. Nothing is made
or deleted here.
"""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.state import Row, State

HOST = "/management.azure.com"

Json = dict[str, Any]


def is_asked(path: str) -> bool:
    """True if a request, by its path behind the gateway, is for Azure Resource Manager."""
    return path.startswith(f"{HOST}/")


def read(state: State, path: str) -> tuple[int, Json]:
    """The status and the body of a GET."""
    identity = _identity(path)
    with state.transaction() as transaction:
        row = _row(transaction.rows(), identity)
    return (404, _not_found(identity)) if row is None else (200, _body(row))


def write(state: State, path: str, body: bytes) -> tuple[int, Json]:
    """The status and the body of a PUT of a resource that is there; its properties are replaced."""
    identity, properties = _identity(path), json.loads(body)
    with state.transaction() as transaction:
        row = _row(transaction.rows(), identity)
        if row is None:
            return 404, _not_found(identity)
        row.inputs = {**row.inputs, **properties}
        row.outputs = {**row.outputs, **properties}
        transaction.put(row)
        transaction.log("update", row.token, row.urn.rsplit("::", 1)[-1])
    return 200, _body(row)


def _identity(path: str) -> str:
    return urllib.parse.unquote(urllib.parse.urlsplit(path).path.removeprefix(HOST))


def _row(rows: list[Row], identity: str) -> Row | None:
    azure = (row for row in rows if catalog()[row.token].cloud == "azure-native")
    return next((row for row in azure if row.id.lower() == identity.lower()), None)


def _body(row: Row) -> Json:
    return {"id": row.id, "name": row.id.rpartition("/")[2], **row.inputs}


def _not_found(identity: str) -> Json:
    return {"error": {"code": "ResourceNotFound", "message": f"{identity} was not found"}}
