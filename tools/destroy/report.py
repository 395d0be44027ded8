"""Report of a teardown's leftovers, resource by resource, with the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components import targets
from tools.preview.events import COMPONENT, ENGINE, short_type


@dataclass(frozen=True)
class Leftover:
    """A resource that is still there after a destroy."""

    name: str
    type: str
    why: str


LONGEST = 500
# What takes all that is in it along.
PLACES = ("s3.Bucket", "storage.Bucket", "storage.BlobContainer", "local.Folder")


def leftovers(
    before: dict[str, Any], after: dict[str, Any], reasons: Mapping[str, str]
) -> list[Leftover]:
    """The leftovers: still in the state, kept on purpose, or kept by the service for a while.

    `before` and `after` are exports of the stack; `reasons` what the engine said
    of resources, by URN.
    """
    urns = {resource["urn"] for resource in _resources(after)}
    removed = [resource for resource in _resources(before) if resource["urn"] not in urns]
    containers = {resource["urn"] for resource in removed if short_type(resource["type"]) in PLACES}
    return [
        *(_failed(resource, reasons) for resource in _resources(after)),
        *(leftover for resource in removed for leftover in _retained(resource, containers)),
    ]


def _resources(export: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in export.get("deployment", {}).get("resources") or ():
        if not resource["type"].startswith((ENGINE, COMPONENT)):
            yield resource


def _failed(resource: dict[str, Any], reasons: Mapping[str, str]) -> Leftover:
    if resource.get("protect"):
        reason = f"it is protected; if it may go: pulumi state unprotect '{resource['urn']}'"
    else:
        message = reasons.get(resource["urn"], "it was not reached: the destroy ended before")
        reason = message if len(message) <= LONGEST else f"{message[: LONGEST - 3]}..."
    return Leftover(_name(resource), short_type(resource["type"]), reason)


def _retained(resource: dict[str, Any], containers: set[str]) -> Iterator[Leftover]:
    kind = short_type(resource["type"])
    if resource.get("retainOnDelete"):
        # What a property of it names holds it; what it only waits for does not.
        references = (resource.get("propertyDependencies") or {}).values()
        if any(containers.intersection(urns or ()) for urns in references):
            return
        identifier = resource.get("id", "")
        yield Leftover(_name(resource), kind, f"kept on purpose (retainOnDelete): {identifier}")
    else:
        for target in targets.every():
            if kind in target.lingering:
                yield Leftover(_name(resource), kind, target.lingering[kind])


def _name(resource: dict[str, Any]) -> str:
    return resource["urn"].rsplit("::", 1)[-1]
