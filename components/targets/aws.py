"""Settings that AWS takes: regions, instance types, names, schedules, images."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from components.names import prefix
from components.targets.aws_schedule import expression
from components.targets.refusals import (
    check_age,
    check_instances,
    check_names,
    check_webhooks,
    refused,
)
from training.errors import UserError

if TYPE_CHECKING:
    from components.settings import Model, Settings

COMPUTE, ENDPOINT = "ml.m5.large", "ml.m5.large"
# scikit-learn 1.9, Python 3.12. An endpoint serves a version in the image that made it.
REPOSITORY, TAG = "sagemaker-scikit-learn", "1.9-0-cpu-py3"
ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<name>[a-z0-9][a-z0-9._/-]*)[:@].+"
)
OWN_DISK = re.compile(r"ml\.(\w+dn?|g[4-7]\w*|p[45]\w*|trn\d\w*|inf\d)\.")
# S3 takes 63 characters, of which Pulumi adds 26 that make the name the only one in the world.
LONGEST_PREFIX = 36
# Endpoints, and models and configurations of releases, take 63; roles 64 with the actor's name.
LONGEST_NAME = 63
LONGEST_PART = "-v99999-1a2b3c"
# A container's argument is at most 256 characters, of which its name takes some.
LONGEST_TEXT = 240
# Alarms look back a week at most.
LONGEST_AGE_HOURS = 167


def check(settings: Settings, given: Mapping[str, str]) -> None:
    """Raise UserError for what AWS would refuse, before anything is touched."""
    region = given.get("aws:region")
    if region not in services()["regions"]:
        raise UserError(
            f"aws:region: {region!r} is not allowed: give one where SageMaker is, such as "
            f"eu-central-1; there are {', '.join(services()['regions'])}"
        )
    start = prefix(settings)
    _check_length("prefix", settings.prefix, start, LONGEST_PREFIX)
    check_webhooks(settings, "SNS posts to https URLs that confirm a subscription")
    for model in settings.models:
        _check_model(model, f"{start}-{model.name}{LONGEST_PART}")


@cache
def services() -> dict[str, list[str]]:
    """What SageMaker offers: `regions` that have its scikit-learn image, and instance types for
    `jobs` and `endpoints`. A test compares the file with botocore's service model."""
    return json.loads(Path(__file__).with_name("aws_services.json").read_text())


def compute_type(model: Model) -> str:
    """The instance type that a model's steps run on."""
    return model.compute.instance_type or COMPUTE


def endpoint_type(model: Model) -> str:
    """The instance type that a model is served from."""
    return model.endpoint.instance_type or ENDPOINT


def has_own_disk(instance_type: str) -> bool:
    """Whether instances of this type have a disk of their own, which takes no key of the stack.

    Source: VolumeKmsKeyId in
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingClusterConfig.html
    """
    return OWN_DISK.match(instance_type) is not None


def image(model: Model) -> pulumi.Output[str]:
    """The image that a model is trained and served in."""
    import pulumi_aws as aws

    if model.compute.image:
        return pulumi.Output.from_input(model.compute.image)
    return aws.sagemaker.get_prebuilt_ecr_image_output(
        repository_name=REPOSITORY, image_tag=TAG
    ).registry_path


def repository(uri: pulumi.Input[str], partition: pulumi.Input[str]) -> pulumi.Output[str]:
    """The ARN of an image's repository."""
    return pulumi.Output.all(uri, partition).apply(lambda known: _repository(*known))


def _repository(uri: str, partition: str) -> str:
    found = ECR.fullmatch(uri)
    assert found, f"{uri!r} was checked"
    return f"arn:{partition}:ecr:{found['region']}:{found['account']}:repository/{found['name']}"


def _check_model(model: Model, longest: str) -> None:
    _check_length("model", model.name, longest, LONGEST_NAME)
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/.*)?", model.data.location):
        why = "give an address in S3, such as s3://BUCKET/FOLDER/"
        raise refused("data.location", model.data.location, why, model)
    if model.compute.image and not ECR.fullmatch(model.compute.image):
        why = "SageMaker pulls from ECR, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG"
        raise refused("compute.image", model.compute.image, why, model)
    _check_type("compute.instanceType", compute_type(model), "jobs", model)
    _check_type("endpoint.instanceType", endpoint_type(model), "endpoints", model)
    for key, cron in (
        ("drift.schedule", model.drift.schedule),
        ("retraining.schedule", model.retraining.schedule),
    ):
        if cron is not None:
            try:
                expression(cron)
            except ValueError as error:
                raise refused(key, cron, str(error), model) from None
    _check_texts(model)
    check_instances(model)
    check_age(model, LONGEST_AGE_HOURS)


def _check_length(key: str, given: str, made: str, most: int) -> None:
    check_names(key, given, made, rf".{{1,{most}}}", f"allowed are {most}")


def _check_type(key: str, given: str, use: str, model: Model) -> None:
    types = services()[use]
    if given in types:
        return
    family = given.rpartition(".")[0]
    near = [one for one in types if one.rpartition(".")[0] == family] or types
    why = f"SageMaker has no such type for {use}; there are {', '.join(near)}"
    raise refused(key, given, why, model)


def _check_texts(model: Model) -> None:
    """What a job is told as an argument must not be longer than one may be."""
    texts = {
        "data.target": model.data.target,
        "data.timeColumn": model.data.time_column or "",
        "split.by": model.split.by or "",
        "drift.block": model.drift.block or "",
        "drift.minEffects": json.dumps(model.drift.min_effects),
    }
    for key, text in texts.items():
        if len(text) > LONGEST_TEXT:
            why = f"{len(text)} characters; an argument of a SageMaker job allows {LONGEST_TEXT}"
            raise refused(key, f"{text[:40]}...", why, model)
