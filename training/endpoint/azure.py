"""The endpoint on Azure ML: a release is a deployment that gets the traffic in two steps.

A managed online endpoint shares its traffic among deployments. A release adds one; where the
settings say so, it first gets copies of requests, whose answers nobody gets. It then has the
canary's share, and in the end all; the deployment before is deleted. In between the alarms are
watched (learn.microsoft.com, "Perform safe rollout of new deployments").
"""

from __future__ import annotations

from typing import Any

from training import versions
from training.clients.azure import AzureError, request
from training.endpoint import Say
from training.endpoint.azure_deployments import Deployments, name_of
from training.endpoint.canary import watch
from training.errors import UserError
from training.platform import Platform
from training.registry.azure_shared import publish

DOCUMENT = "endpoint.json"
# The endpoint says in this header which deployment answered ("Invoke online endpoints").
ANSWERED_BY = "azureml-model-deployment"


def health(platform: Platform, model: str) -> dict[str, Any] | None:
    """What the service says of the endpoint; None if there is none."""
    deployments = _deployments(platform, model)
    found = deployments.endpoint()
    if found is None:
        return None
    properties = found["properties"]
    serving = _serving(properties)
    return {
        "version": None if serving is None else int(serving.removeprefix("v")),
        "url": properties["scoringUri"],
        "in_service": properties["provisioningState"] not in ("Failed", "Deleting"),
        "at": found["systemData"].get("lastModifiedAt") or found["systemData"]["createdAt"],
    }


def check(platform: Platform, manifest: versions.Manifest) -> None:
    """Nothing: a version is served in the environment that made it."""


def deploy(platform: Platform, model: str, version: int, say: Say) -> bool:
    """Bring the endpoint to `version` and its present settings; False if there is none.

    Raises UserError, with the version before in service again, if a deployment fails, the canary
    raises an alarm, or another deployment answers in the end.
    """
    deployments = _deployments(platform, model)
    found = deployments.endpoint()
    if found is None:
        return False
    part = deployments.part
    name, before = name_of(version), _serving(found["properties"])
    if before == name and deployments.is_current(name):
        return True
    manifest = versions.manifest(platform.store, model, version)
    say(f"endpoint {deployments.name}: starting instances for version {version}")
    try:
        deployments.create(manifest)
        if before is not None and before != name:
            copies, share = part["mirror_percent"], part["canary_percent"]
            if copies:
                deployments.shift({before: 100}, mirrored={name: copies})
                watch(platform, model, part, version, say, copies)
            deployments.shift({before: 100 - share, name: share})
            watch(platform, model, part, version, say)
        # Before it has all requests: what can't be copied is not released.
        shared = part.get("published")
        if shared and publish(shared, model, version):
            say(f"version {version} is copied to {shared['registry']}")
        deployments.shift({name: 100})
        _verify(found["properties"]["scoringUri"], name)
    except UserError:
        if before is not None and before != name:
            deployments.shift({before: 100})
        if before != name:
            deployments.remove(name)
        raise
    if before is not None and before != name:
        deployments.remove(before)
    deployments.registry.mark_champion(model, version)
    return True


def _verify(address: str, name: str) -> None:
    """Raise UserError unless the deployment `name` answers; an empty request is refused by it."""
    try:
        answer = request("POST", address, body={"instances": []}, accepted=(400,))
    except AzureError as error:
        raise UserError(f"{name} does not answer: {error}") from error
    served = answer.headers.get(ANSWERED_BY)
    if served != name:
        raise UserError(f"{name} is not served: the endpoint's answer is from {served!r}")


def _serving(properties: dict[str, Any]) -> str | None:
    """The deployment that gets most requests; None before the first release."""
    traffic = properties.get("traffic") or {}
    shares = {name: share for name, share in traffic.items() if share > 0}
    return max(shares, key=lambda name: shares[name]) if shares else None


def _deployments(platform: Platform, model: str) -> Deployments:
    return Deployments(platform, model, platform.part(model, DOCUMENT))
