"""The endpoint on SageMaker: a release is a blue/green deployment with automatic rollback.

A release makes a model of the version's model package and an endpoint configuration of its own,
and updates the endpoint; the service shifts traffic and watches the rollback alarms meanwhile
(https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green-canary.html).
"""

from __future__ import annotations

from typing import Any

from training import clock, versions
from training.clients import aws
from training.endpoint import Say
from training.endpoint.aws_fleet import IN_SERVICE, SETTLED, Fleet
from training.errors import UserError
from training.platform import Platform
from training.registry.aws import open_at

DOCUMENT = "endpoint.json"


def health(platform: Platform, model: str) -> dict[str, Any] | None:
    """What the service says of the endpoint; None if there is none."""
    fleet = _fleet(platform, model)
    found = fleet.describe()
    if found is None:
        return None
    region = open_at(platform.registry_uri).region
    return {
        "version": fleet.version(found["EndpointConfigName"]),
        "url": f"https://runtime.sagemaker.{region}.amazonaws.com"
        f"/endpoints/{fleet.name}/invocations",
        "in_service": found["EndpointStatus"] == IN_SERVICE
        or found["EndpointStatus"] not in SETTLED,
        "at": clock.text(found["LastModifiedTime"]),
    }


def check(platform: Platform, manifest: versions.Manifest) -> None:
    """Raise UserError if the version has no image to be served in."""
    versions.check_image(manifest)


def deploy(platform: Platform, model: str, version: int, say: Say) -> bool:
    """Bring the endpoint to `version` and its present settings; False if there is none.

    Raises UserError if the service refused it or rolled it back: then what was served before
    still is.
    """
    fleet = _fleet(platform, model)
    found = fleet.describe()
    if found is None:
        return False
    if found["EndpointStatus"] not in SETTLED:
        say(f"endpoint {fleet.name} is being changed already; waiting for it")
        found = fleet.settled(say)
    before = found["EndpointConfigName"]
    if fleet.version(before) == version and fleet.is_current(before):
        return True
    manifest = versions.manifest(platform.store, model, version)
    registry = open_at(platform.registry_uri)
    name = fleet.release_name(version)
    with fleet.removing_on_error(name):
        fleet.create(name, registry.approve(model, version), manifest)
        say(f"endpoint {fleet.name}: starting instances for version {version}")
        fleet.update(name, found)
        _verify(fleet.settled(say), name, version)
    registry.mark_champion(model, version)
    fleet.remove(before)
    return True


def _fleet(platform: Platform, model: str) -> Fleet:
    region = open_at(platform.registry_uri).region
    return Fleet(platform.part(model, DOCUMENT), aws.client("sagemaker", region))


def _verify(found: dict[str, Any], name: str, version: int) -> None:
    if found["EndpointConfigName"] == name and found["EndpointStatus"] == IN_SERVICE:
        return
    reason = found.get("FailureReason", "a rollback alarm fired, or the new instances failed")
    raise UserError(
        f"version {version} is not served: endpoint {found['EndpointName']} is "
        f"{found['EndpointStatus']} with {found['EndpointConfigName']}; {reason}"
    )
