"""The endpoint on Vertex AI: a release is a canary by traffic split, watched by the alarms.

The service shifts no traffic by itself, so the release does: deploy beside the old version, watch
the rollback alarms, give all traffic to the new one, take the old one away
(https://cloud.google.com/vertex-ai/docs/general/deployment).
"""

from __future__ import annotations

from typing import Any

from training import versions
from training.endpoint import Say
from training.endpoint.canary import watch
from training.endpoint.gcp_fleet import Fleet
from training.endpoint.gcp_requests import is_current, version_of
from training.errors import UserError
from training.monitoring import gcp as monitoring
from training.platform import Platform
from training.registry.gcp import open_at

DOCUMENT = "endpoint.json"


def health(platform: Platform, model: str) -> dict[str, Any] | None:
    """What the service says of the endpoint; None if there is none."""
    fleet = _fleet(platform, model)
    found = fleet.find()
    if found is None:
        return None
    served = fleet.served(found)
    return {
        "version": None if served is None else version_of(served),
        "url": f"{fleet.url}:rawPredict",
        "in_service": served is None or served in fleet.deployments(found),
        "at": found.get("updateTime"),
    }


def check(platform: Platform, manifest: versions.Manifest) -> None:
    """Raise UserError if the version has no image to be served in."""
    versions.check_image(manifest)


def deploy(platform: Platform, model: str, version: int, say: Say) -> bool:
    """Bring the endpoint to `version` and its present settings; False if there is none.

    Raises UserError if the service refused it or an alarm fired: then what was served before
    still is.
    """
    fleet = _fleet(platform, model)
    found = fleet.find()
    if found is None:
        return False
    before = fleet.served(found)
    kept = fleet.deployments(found).get(before or "")
    if kept and version_of(kept["id"]) == version and is_current(fleet.part, kept):
        fleet.settle(before)
        return True
    registry = open_at(platform.registry_uri)
    # What a release that was killed left behind, and nothing is sent to.
    fleet.settle(before)
    say(f"endpoint {fleet.part['name']}: starting machines for version {version}")
    new = fleet.deploy(version, f"{registry.entry(model)}@{version}", before)
    if before is None:
        monitoring.begin(platform, model)
    else:
        try:
            watch(platform, model, fleet.part, version, say)
        except UserError:
            fleet.settle(before)
            raise
    fleet.settle(new)
    _verify(fleet, new, version)
    registry.mark_champion(model, version)
    return True


def _verify(fleet: Fleet, wanted: str, version: int) -> None:
    found = fleet.find() or {}
    served = fleet.served(found)
    deployed = fleet.deployments(found).get(wanted, {})
    if served != wanted or deployed.get("modelVersionId") != str(version):
        raise UserError(
            f"version {version} is not served: endpoint {fleet.part['name']} has "
            f"{found.get('trafficSplit', 'nothing')}, and deployment {wanted} is of version "
            f"{deployed.get('modelVersionId', 'none')}"
        )


def _fleet(platform: Platform, model: str) -> Fleet:
    return Fleet(platform.part(model, DOCUMENT))
