"""Vertex AI's model entries on the simulated cloud: made by a first version, deleted with all.

No resource of a program stands for an entry, so it stands in the state as an object: its key is the
entry's id, its content the versions.
https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.models
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.state import Transaction

Json = dict[str, Any]


def upload(transaction: Transaction, parent: str, request: Json) -> Json:
    """models.upload: the response of its operation.

    Raises:
        CloudError: the entry is there, or is not, against what is asked.
    """
    above = request.get("parentModel", "")
    entry = above.rpartition("/")[2] or request["modelId"]
    models = versions(transaction, parent, entry)
    if bool(models) != bool(above):
        raise CloudError(f"{parent}/models/{entry} has {len(models)} versions")
    content = json.dumps([*models, request["model"]]).encode()
    transaction.write_object(_store(parent), entry, content)
    return {"model": f"{parent}/models/{entry}", "modelVersionId": str(len(models) + 1)}


def delete(transaction: Transaction, parent: str, entry: str, deployed: Iterable[Json]) -> None:
    """models.delete; `deployed` is all that is deployed anywhere.

    Raises:
        CloudError: one of its versions is deployed.
    """
    name = f"{parent}/models/{entry}"
    if any(model["model"].partition("@")[0] == name for model in deployed):
        raise CloudError(f"{name} is deployed")
    transaction.drop_objects(_store(parent), entry)


def versions(transaction: Transaction, parent: str, entry: str) -> list[Json]:
    """The versions of an entry, from the first; none if it is not there."""
    body = transaction.read_object(_store(parent), entry)
    return [] if body is None else json.loads(body)


def refuse_missing(transaction: Transaction, name: str) -> None:
    """Refuse a version, such as ``PARENT/models/ENTRY@3``, that nobody registered.

    Raises:
        CloudError: it is none.
    """
    parent, _, version = name.partition("/models/")
    entry, _, number = version.partition("@")
    count = len(versions(transaction, parent, entry))
    if number not in map(str, range(1, count + 1)):
        raise CloudError(f"{name} is not found")


def _store(parent: str) -> str:
    return f"models/{parent}"
