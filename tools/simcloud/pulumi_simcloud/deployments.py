"""Changes of a Vertex AI endpoint's deployed models: the rules, without any call.

An endpoint is what the service says of it: ``deployedModels`` and ``trafficSplit``.
https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints
"""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.failures import CloudError

Endpoint = dict[str, Any]
# The number of the new deployment in the traffic of the request that makes it.
NEW = "0"


def deploy(endpoint: Endpoint, request: dict[str, Any]) -> None:
    """endpoints.deployModel.

    Raises:
        CloudError: the number is taken, or the traffic is wrong.
    """
    model = request["deployedModel"]
    if any(model["id"] == deployed["id"] for deployed in endpoint["deployedModels"]):
        raise CloudError(f"deployed model {model['id']} exists")
    split = {model["id"] if n == NEW else n: s for n, s in request["trafficSplit"].items()}
    after = {**endpoint, "deployedModels": [*endpoint["deployedModels"], model]}
    share(after, split)
    endpoint.update(after)


def undeploy(endpoint: Endpoint, request: dict[str, Any]) -> None:
    """endpoints.undeployModel: the last one may have traffic.

    Raises:
        CloudError: it is not deployed, or has traffic that others would have to take.
    """
    number = request["deployedModelId"]
    remaining = [deployed for deployed in endpoint["deployedModels"] if deployed["id"] != number]
    if len(remaining) == len(endpoint["deployedModels"]):
        raise CloudError(f"deployed model {number} does not exist")
    if remaining and endpoint["trafficSplit"].get(number):
        raise CloudError(f"deployed model {number} has traffic")
    split = endpoint["trafficSplit"] if remaining else {}
    endpoint.update(deployedModels=remaining, trafficSplit=split)


def share(endpoint: Endpoint, split: dict[str, int]) -> None:
    """endpoints.patch of the traffic.

    Raises:
        CloudError: the shares are not 100 % of what is deployed.
    """
    numbers = {deployed["id"] for deployed in endpoint["deployedModels"]}
    if sum(split.values()) != 100 or not split.keys() <= numbers:
        raise CloudError(f"the traffic {split} is not 100 % of {sorted(numbers)}")
    endpoint["trafficSplit"] = split
