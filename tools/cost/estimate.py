"""The estimate: idle per month, per 1,000 predictions, per retraining."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from components import targets
from tools.preview.differences import is_later
from tools.preview.model import Resource
from tools.preview.pipelines import steps_of

# What serves around the clock, by the last part of its type.
SERVING = ("EndpointConfiguration", "OnlineDeployment", "AiEndpoint", "DeployedModel")
TYPES = ("instanceType", "InstanceType", "instance_type", "machineType", "vmSize")
COUNTS = (
    "initialInstanceCount",
    "InstanceCount",
    "instance_count",
    "instances",
    "minReplicaCount",
)
# Where steps run that name no instance of their own.
CLUSTER = "machinelearningservices.Compute"
PIPELINES = ("sagemaker.Pipeline", "machinelearningservices.ComponentVersion")
# Google Cloud keeps a definition as an object, and schedules repeat it.
OBJECT = "storage.BucketObject"
DOCUMENTS = (OBJECT, "azure.Document", "s3.BucketObjectv2")


@dataclass(frozen=True)
class Estimate:
    """US dollars; None if a definition, or what serves, is known only after an up.

    `release` is for the machines of the version before, as long as they are kept. `not_priced`
    names what is left out.
    """

    idle: float | None
    predictions: float
    retraining: float | None
    release: float = 0.0
    not_priced: tuple[str, ...] = ()


def estimate(stack: Sequence[Resource]) -> Estimate:
    """The cost of a stack of these resources, at the list prices of the table."""
    unknown: dict[str, None] = {}
    idle = sum(prices()["monthly"].get(resource.type, 0.0) for resource in stack)
    hours, minutes = (prices()["assumed"][key] for key in ("hoursPerMonth", "minutesPerStep"))
    serving = [(endpoint, _hourly(endpoint, unknown)) for endpoint in _serving(stack)]
    idle += hours * sum(hourly for _, hourly in serving)
    release = sum(hourly * _kept_hours(endpoint) for endpoint, hourly in serving)
    steps = [step for resource in stack for step in _training_steps(resource)]
    cluster = [resource.inputs for resource in stack if resource.type == CLUSTER]
    hourly = (_step_hourly(step, cluster, unknown) for step in steps)
    fee = prices()["perRetraining"].get(_cloud(stack), 0.0) if steps else 0.0
    retraining = sum(hourly) * minutes / 60 + fee
    later = not steps and any(
        _defines_training(resource) and is_later(resource.inputs) for resource in stack
    )
    unclear = not any(hourly for _, hourly in serving) and any(map(_serves_later, stack))
    return Estimate(
        None if unclear else idle,
        _predictions(stack),
        None if later else retraining,
        release,
        (*unknown, *_left_out(stack)),
    )


@cache
def prices() -> dict[str, Any]:
    """The table of prices."""
    return json.loads(resources.files("tools.cost").joinpath("prices.json").read_text())


def _hourly(value: Any, unknown: dict[str, None]) -> float:
    """The instances named anywhere in a value, per hour; those without a price are noted."""
    total = 0.0
    for name, count in _instances(value):
        if name in prices()["hourly"]:
            total += prices()["hourly"][name] * count
        else:
            unknown[f"instances {name}"] = None
    return total


def _step_hourly(step: Any, cluster: Any, unknown: dict[str, None]) -> float:
    """A step on its own instance, in a container of a size, or else on the cluster."""
    size = step.get("container", {}).get("resources") if isinstance(step, dict) else None
    if size:
        rates = prices()["container"]
        memory = size["memoryLimit"] * rates["gigabyteHour"]
        return size["cpuLimit"] * rates["processorHour"] + memory
    return _hourly(step, unknown) or _hourly(cluster, unknown)


def _instances(value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        capacity = (value.get("sku") or {}).get("capacity") if "sku" in value else None
        name = next((value[key] for key in TYPES if isinstance(value.get(key), str)), None)
        count = next((value[key] for key in COUNTS if isinstance(value.get(key), int)), 1)
        if name:
            yield name, count
        for instance, number in _instances(list(value.values())):
            yield instance, number * (capacity if isinstance(capacity, int) else 1)
    elif isinstance(value, list):
        for item in value:
            yield from _instances(item)


def _serving(stack: Sequence[Resource]) -> list[Any]:
    """The endpoints: from the documents that releases read, else from the resources."""
    documents = [
        item for resource in stack for item in resource.inputs.values() if _says_endpoint(item)
    ]
    return documents or [
        resource.inputs for resource in stack if resource.type.rsplit(".", 1)[-1] in SERVING
    ]


def _serves_later(resource: Resource) -> bool:
    """True for the document that releases read, while its content is known only after an up."""
    return (
        resource.type in DOCUMENTS
        and resource.name.endswith("-endpoint")
        and is_later(resource.inputs)
    )


def _kept_hours(endpoint: Any) -> float:
    """The hours that the version before keeps its machines after a release."""
    return endpoint.get("keep_previous_minutes", 0) / 60 if isinstance(endpoint, dict) else 0.0


def _says_endpoint(value: Any) -> bool:
    return isinstance(value, dict) and {"endpoint", "instance_type"} <= value.keys()


def _defines_training(resource: Resource) -> bool:
    """True for a pipeline that trains; drift checks are not retrainings."""
    if resource.type == OBJECT:
        return resource.name.endswith("-training-spec")
    return resource.type in PIPELINES and "drift" not in resource.name


def _training_steps(resource: Resource) -> Iterable[Any]:
    """The steps of a definition that trains, each with what it runs on."""
    if not _defines_training(resource):
        return ()
    if resource.type == OBJECT:
        content = resource.inputs.get("content")
        return content["deploymentSpec"]["executors"].values() if isinstance(content, dict) else ()
    return steps_of(resource.inputs).values()


def _predictions(stack: Sequence[Resource]) -> float:
    """Storing what 1,000 predictions capture, for as long as it is kept."""
    assumed = prices()["assumed"]
    gigabytes = 1000 * assumed["kilobytesCapturedPerPrediction"] / 1024**2
    cloud = _cloud(stack)
    price = prices()["storedGigabyteMonth"][cloud] if cloud else 0.0
    return gigabytes * price * assumed["monthsCapturesAreKept"]


def _cloud(stack: Sequence[Resource]) -> str | None:
    """The target whose artifact store the stack has; None on this computer, which costs nothing."""
    stores = {target.storage_type: target.name for target in targets.every() if target.storage_type}
    return next((stores[resource.type] for resource in stack if resource.type in stores), None)


def _left_out(stack: Sequence[Resource]) -> Sequence[str]:
    return prices()["notPriced"] if _cloud(stack) else ()
