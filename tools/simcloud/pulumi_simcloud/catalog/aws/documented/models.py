"""SageMaker: models, their containers, and the policies of their groups.

Unless another page is named, each rule stands at the field of the operation's page in
https://docs.aws.amazon.com/sagemaker/latest/APIReference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import MODEL
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Inputs, Rule
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, check
from pulumi_simcloud.rules.fields import each, not_with, only_with, unique
from pulumi_simcloud.rules.resource_policies import of_service

CONTAINERS = ("primaryContainer", "containers[*]")


def _pipeline(inputs: Inputs) -> Iterator[Failure]:
    """Containers in a row: all have a name or none, and none holds many models.

    https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html; ContainerHostname.
    """
    containers = [item for _, item in select(inputs, "containers[*]") if isinstance(item, dict)]
    names = [item.get("containerHostname") for item in containers]
    modes = [item.get("mode") for item in containers]
    if len(containers) > 1 and "MultiModel" in modes:
        yield Failure("containers", "more than one container in MultiModel mode is not supported")
    direct = (inputs.get("inferenceExecutionConfig") or {}).get("mode") == "Direct"
    if None in names and (direct or any(name is not None for name in names)):
        yield Failure("containers", "containerHostname is needed in every container")


def _environment(inputs: Inputs) -> Iterator[Failure]:
    """All environments together have 32 KB (Environment)."""
    size = 0
    for path in CONTAINERS:
        for _, item in select(inputs, f"{path}.environment"):
            if isinstance(item, dict):
                texts = [text for pair in item.items() for text in pair if isinstance(text, str)]
                size += sum(map(len, texts))
    if size > 32 * 1024:
        yield Failure("containers", f"the environments have {size} bytes, allowed are 32768")


# CreateModel's answer: "Using non-ECR image ... without Vpc repository access mode".
OF_ECR = re.compile(r"\d+\.dkr[.-]ecr(-fips)?\..+")


def _of_ecr(value: Any) -> str | None:
    image = value.get("image")
    mode = (value.get("imageConfig") or {}).get("repositoryAccessMode", "Platform")
    if not isinstance(image, str) or mode != "Platform" or OF_ECR.fullmatch(image):
        return None
    return f"Using non-ECR image {excerpt(image)} without Vpc repository access mode"


def _private_registry(inputs: Inputs) -> Iterator[Failure]:
    """An image of a registry in the VPC needs the VPC (ImageConfig, RepositoryAccessMode)."""
    for path in CONTAINERS:
        for below, mode in select(inputs, f"{path}.imageConfig.repositoryAccessMode"):
            if mode == "Vpc" and inputs.get("vpcConfig") is None:
                yield Failure(below, "Vpc needs vpcConfig")


def _prefixed(value: Any) -> str | None:
    """A prefix ends with a slash, an object does not (S3ModelDataSource, S3DataType)."""
    uri, kind = value.get("s3Uri"), value.get("s3DataType")
    if not isinstance(uri, str) or kind not in ("S3Prefix", "S3Object"):
        return None
    if uri.endswith("/") == (kind == "S3Prefix"):
        return None
    return f"ValidationException: {excerpt(uri)} is no {kind}: a prefix ends with a slash"


def _archived(value: Any) -> str | None:
    """Data that is not that of many models is one archive (ModelDataUrl)."""
    uri = value.get("modelDataUrl")
    if value.get("mode") not in (None, "SingleModel") or not isinstance(uri, str):
        return None
    reason = f"ValidationException: Could not find model data at {uri}: not an archive (.tar.gz)"
    return reason if uri.endswith("/") else None


def _many_models(value: Any) -> str | None:
    """TensorFlow's images for GPUs hold one model: github aws/amazon-sagemaker-examples#3925."""
    image = str(value.get("image"))
    if value.get("mode") != "MultiModel" or not re.search(r"/tensorflow-inference:.*gpu", image):
        return None
    label = "com.amazonaws.sagemaker.capabilities.multi-models=true"
    return f"Your Ecr Image {image} does not contain required {label} Docker label(s)"


def _container(path: str) -> tuple[Rule, ...]:
    return (
        check(path, _archived),
        check(path, _many_models),
        each(
            path,
            not_with("modelDataUrl", "modelDataSource"),
            not_with("modelDataSource", "mode", "MultiModel"),
            only_with("multiModelConfig", "mode", "MultiModel"),
            only_with(
                "imageConfig.repositoryAuthConfig", "imageConfig.repositoryAccessMode", "Vpc"
            ),
        ),
    )


RULES: dict[str, tuple[Rule, ...]] = {
    MODEL: (
        *_container("primaryContainer"),
        *_container("containers[*]"),
        *(check(path, _of_ecr) for path in CONTAINERS),
        *(check(f"{path}.modelDataSource.s3DataSources[*]", _prefixed) for path in CONTAINERS),
        unique("containers[*].containerHostname"),
        PathRule(("containers[*].mode", "containers[*].containerHostname"), _pipeline),
        PathRule(("primaryContainer.environment",), _environment),
        PathRule(("primaryContainer.imageConfig.repositoryAccessMode",), _private_registry),
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": (
        of_service("resourcePolicy", "sagemaker"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {}
