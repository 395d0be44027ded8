"""Teardown of what a platform made by itself on AWS, unknown to the engine.

The pipelines register versions, and SageMaker deletes no group that has any; releases make models
and endpoint configurations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tools.destroy.exports import STACK, Export, outputs
from training.clients import aws
from training.endpoint.aws_fleet import Fleet
from training.errors import UserError
from training.registry.aws import open_at

GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
# What the stack says of its models, by name.
Models = Mapping[str, Any]


def take(before: Export, after: Export, failed: Collection[str]) -> list[str]:
    """Take away what stands in the way of the rest, or would be left; what that was, in words.

    `before` and `after` are exports of the stack, `failed` the URNs of what the engine tried to
    delete in vain: of what is protected it tries nothing. The versions go last: as long as there
    are any, the stack has their group, and a destroy that AWS refused can go on.
    Raises UserError if AWS refuses it.
    """
    (stack,) = outputs(before, STACK)
    uri, models = stack["registry"], stack["models"]
    try:
        return [*_releases(uri, models, after), *_versions(uri, models, failed)]
    except Exception as error:
        reason = aws.explained(error)
        if reason is None:
            raise
        raise UserError(f"what the platform registered and released is left: {reason}") from error


def _releases(uri: str, models: Models, after: Export) -> Iterator[str]:
    """Of the endpoints that are gone all models, configurations and alarms."""
    region = open_at(uri).region
    client, watch = aws.client("sagemaker", region), aws.client("cloudwatch", region)
    endpoints = {endpoint["name"] for endpoint in outputs(after, ENDPOINT)}
    for name in (model["endpoint"] for model in models.values()):
        if name not in endpoints and Fleet({"endpoint": name}, client, watch).empty():
            yield f"deleted what releases made for endpoint {name}"


def _versions(uri: str, models: Models, failed: Collection[str]) -> Iterator[str]:
    """Of the groups that could not be deleted all versions."""
    groups = [urn for urn in failed if f"{GROUP}::" in urn]
    for model in models:
        entry = f"::{model}-entry"
        if any(urn.endswith(entry) for urn in groups) and open_at(uri).empty(model):
            yield f"deleted all versions of {model}"
