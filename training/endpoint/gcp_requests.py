"""Requests of a release to a Vertex AI endpoint, made from ``endpoint.json`` without calls.

A deployment's number is chosen by us: the version, and two digits that tell deployments of one
version apart. So logs, metrics and the container know the version.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# How many deployments of one version a number tells apart.
SERIALS = 100

Request = dict[str, Any]
Split = dict[str, int]


def version_of(deployment: str) -> int:
    """The version that a deployment serves."""
    return int(deployment) // SERIALS


def unused_number(version: int, ids_in_use: Iterable[str]) -> str:
    """A number for one more deployment of `version`."""
    numbers = {int(number) for number in ids_in_use}
    first = version * SERIALS
    return str(next(number for number in range(first, first + SERIALS) if number not in numbers))


def deployed_model(part: Request, deployment: str, model: str) -> Request:
    """The DeployedModel of a version of the registry, such as ``.../models/NAME@3``."""
    return {
        "id": deployment,
        "model": model,
        "displayName": f"{part['name']}-v{version_of(deployment)}",
        "dedicatedResources": {
            "machineSpec": {"machineType": part["instance_type"]},
            "minReplicaCount": part["instances"],
            "maxReplicaCount": part["max_instances"],
        },
        "serviceAccount": part["service_account"],
    }


def deploy_model(part: Request, deployment: str, model: str, split: Split) -> Request:
    """endpoints.deployModel, with the traffic from then on; "0" stands for the new one."""
    return {"deployedModel": deployed_model(part, deployment, model), "trafficSplit": split}


def is_current(part: Request, deployed: Request) -> bool:
    """True if a deployment has the machines of the settings."""
    resources = deployed_model(part, deployed["id"], "")["dedicatedResources"]
    return deployed.get("dedicatedResources") == resources
