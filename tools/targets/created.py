"""Resources of a stack, from the engine's own export of its state."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from components.capability import folder_of
from tools.preview.differences import plain
from tools.preview.events import COMPONENT, ENGINE, short_type
from tools.preview.model import Resource

# A secret in an export is an object with this key; SDKs take a document in a bucket for one.
SECRET = "plaintext"

State = Mapping[str, Any]
Created = dict[str, Counter[str]]


def created(state: State) -> Created:
    """The number of resources by type that every capability has made, by ``service.Type``.

    `state` is what ``pulumi stack export --show-secrets`` prints. The platform document, which
    stands for the whole stack, is of no capability.
    """
    counts: Created = {}
    for resource in state["deployment"].get("resources", []):
        capability = _capability(resource["urn"])
        if capability is not None:
            counter = counts.setdefault(capability, Counter())
            if not resource["type"].startswith((ENGINE, COMPONENT)):
                counter[short_type(resource["type"])] += 1
    return counts


def resources(state: State) -> list[Resource]:
    """The stack's resources with their inputs, as `tools.cost` takes them."""
    return [
        Resource(
            short_type(resource["type"]),
            resource["urn"].rsplit("::", 1)[-1],
            plain(_revealed(resource.get("inputs", {}))),
        )
        for resource in _cloud_resources(state)
    ]


def _cloud_resources(state: State) -> Iterator[dict[str, Any]]:
    for resource in state["deployment"].get("resources", []):
        if not resource["type"].startswith((ENGINE, COMPONENT)):
            yield resource


def _capability(urn: str) -> str | None:
    """The folder of the capability whose component is the resource's outermost parent."""
    outermost = urn.split("::")[2].split("$")[0]
    is_capability = outermost.startswith(COMPONENT)
    return folder_of(outermost.removeprefix(COMPONENT)) if is_capability else None


def _revealed(value: Any) -> Any:
    if isinstance(value, dict):
        if SECRET in value:
            return json.loads(value[SECRET])
        return {key: _revealed(item) for key, item in value.items()}
    return [_revealed(item) for item in value] if isinstance(value, list) else value
