"""Machines and images of SageMaker: regions, instance types, the scikit-learn container."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from components.settings import Model

COMPUTE, ENDPOINT = "ml.m5.large", "ml.m5.large"
# scikit-learn 1.9, Python 3.12. An endpoint serves a version in the image that made it.
REPOSITORY, TAG = "sagemaker-scikit-learn", "1.9-0-cpu-py3"
ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<name>[a-z0-9][a-z0-9._/-]*)[:@].+"
)
INSTANCE = re.compile(r"ml\.(?P<family>[a-z]+)(?P<generation>\d+)(?P<options>[a-z-]*)\.")
# Of Graviton (the letter g behind the number, as in c7g or m6gd, and g5g), and of Neuron, whose
# models are compiled: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
NEURON = ("inf", "trn")
# Application Auto Scaling "doesn't support automatic scaling for burstable instances such as T2":
# https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html
BURSTABLE = re.compile(r"ml\.t\d\w*\.")
OWN_DISK = re.compile(r"ml\.(\w+dn?|g[4-7]\w*|p[45]\w*|trn\d\w*|inf\d)\.")


@cache
def services() -> dict[str, list[str]]:
    """SageMaker's offer: `regions` that have its scikit-learn image, and instance types for
    `jobs` and `endpoints`. A test compares the file with botocore's service model."""
    return json.loads(Path(__file__).with_name("services.json").read_text())


def compute_type(model: Model) -> str:
    """The instance type that a model's steps run on."""
    return model.compute.instance_type or COMPUTE


def endpoint_type(model: Model) -> str:
    """The instance type that a model is served from."""
    return model.endpoint.instance_type or ENDPOINT


def has_own_disk(instance_type: str) -> bool:
    """True if instances of this type have a disk of their own, which takes no key of the stack.

    Source: VolumeKmsKeyId in
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingClusterConfig.html
    """
    return OWN_DISK.match(instance_type) is not None


def needs_own_image(instance_type: str) -> bool:
    """True if SageMaker's scikit-learn image, which is for x86, does not run on this type."""
    parts = INSTANCE.match(instance_type)
    return parts is not None and (parts["family"] in NEURON or "g" in parts["options"])


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
    return pulumi.Output.all(uri, partition).apply(lambda values: _repository(*values))


def _repository(uri: str, partition: str) -> str:
    match = ECR.fullmatch(uri)
    assert match, f"{uri!r} was checked"
    return f"arn:{partition}:ecr:{match['region']}:{match['account']}:repository/{match['name']}"
