"""SageMaker: endpoints, their configurations and how an update goes.

Unless another page is named, each rule stands at the field of the operation's page in
https://docs.aws.amazon.com/sagemaker/latest/APIReference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import ENDPOINT, ENDPOINT_CONFIG, MODEL
from pulumi_simcloud.catalog.aws.documented.models import CONTAINERS
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.platforms import ACCOUNT
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, check
from pulumi_simcloud.rules.fields import each, not_with, ordered, unique

PROD = "productionVariants[*]"
DEPLOYMENT = "deploymentConfig"
BLUE_GREEN = f"{DEPLOYMENT}.blueGreenUpdatePolicy"
ROUTING = f"{BLUE_GREEN}.trafficRoutingConfiguration"
ROLLING = f"{DEPLOYMENT}.rollingUpdatePolicy"
WITH_DISK = re.compile(
    r"ml\.(g4dn|g5|g6|g6e|p3dn|p4d|p4de|p5|p5e|p5en|gr6|trn1n?|trn2|[cmr]5a?dn?|[cmr]6idn?|[cmr][678]gd)\."
)


def _local_disk(value: Any) -> str | None:
    """Instances that bring their storage take none (ProductionVariant, VolumeSizeInGB)."""
    kind = value.get("instanceType")
    if value.get("volumeSizeInGb") is not None and WITH_DISK.match(str(kind)):
        return f"VolumeSizeInGB is not allowed for {kind}, which has storage of its own"
    return None


def _counted(value: Any) -> str | None:
    """A variant of instances says how many there are at first (InitialInstanceCount)."""
    scaled = value.get("managedInstanceScaling") or value.get("instancePools")
    if value.get("modelName") is None or value.get("serverlessConfig") is not None or scaled:
        return None
    return None if value.get("initialInstanceCount") else "missing: initialInstanceCount"


def _no_key(inputs: Inputs) -> Iterator[Failure]:
    """Nor a key for it (CreateEndpointConfig, KmsKeyId)."""
    for _, kind in select(inputs, f"{PROD}.instanceType"):
        if inputs.get("kmsKeyArn") and WITH_DISK.match(str(kind)):
            yield Failure("kmsKeyArn", f"the call fails with {kind}, which has storage of its own")


SERVERLESS_ALONE = (
    "instanceType",
    "initialInstanceCount",
    "acceleratorType",
    "volumeSizeInGb",
    "managedInstanceScaling",
    "coreDumpConfig",
    "containerStartupHealthCheckTimeoutInSeconds",
    "modelDataDownloadTimeoutInSeconds",
    "inferenceAmiVersion",
    "routingConfigs",
    "enableSsmAccess",
)


def _variants(inputs: Inputs) -> Iterator[Failure]:
    """Shadows stand alone beside one variant; serverless variants stand alone.

    ShadowProductionVariants; https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    """
    prod = inputs.get("productionVariants")
    shadow = inputs.get("shadowProductionVariants")
    count = len(prod) if isinstance(prod, list) else 1
    if isinstance(shadow, list) and shadow and (len(shadow) > 1 or count > 1):
        yield Failure("shadowProductionVariants", "only one, beside one production variant")
    serverless = any(True for _ in select(inputs, f"{PROD}.serverlessConfig"))
    if serverless and count > 1:
        yield Failure("productionVariants", "a serverless variant is the only one")


def _needs_role(inputs: Inputs) -> Iterator[Failure]:
    """Without a model the instances are for inference components, which need the role."""
    for path, variant in select(inputs, PROD):
        if not isinstance(variant, dict):
            continue
        if variant.get("modelName") is None and inputs.get("executionRoleArn") is None:
            yield Failure(f"{path}.modelName", "missing: needed without executionRoleArn")


def _waits(inputs: Inputs) -> Iterator[Failure]:
    """The longest time is longer than the waits (MaximumExecutionTimeoutInSeconds)."""
    policy = next((item for _, item in select(inputs, BLUE_GREEN)), None)
    if not isinstance(policy, dict):
        return
    routing = policy.get("trafficRoutingConfiguration")
    routing = routing if isinstance(routing, dict) else {}
    longest = policy.get("maximumExecutionTimeoutInSeconds")
    waits = [policy.get("terminationWaitInSeconds"), routing.get("waitIntervalInSeconds")]
    total = sum(item for item in waits if isinstance(item, int))
    if isinstance(longest, int) and longest <= total:
        path = f"{BLUE_GREEN}.maximumExecutionTimeoutInSeconds"
        yield Failure(path, f"{longest} is not more than the waits, {total} seconds")


def _share(lowest: int, highest: int = 50) -> Any:
    def test(value: Any) -> str | None:
        share = value.get("value")
        if value.get("type") != "CAPACITY_PERCENT" or not isinstance(share, int):
            return None
        inside = lowest <= share <= highest
        return None if inside else f"{share} percent is not {lowest} to {highest}"

    return test


# How repositories of prebuilt images begin:
# https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
PREBUILT = re.compile(
    r"(sagemaker-|huggingface-|djl|stabilityai-|autogluon-|pytorch-|tensorflow-|mxnet-|xgboost|"
    r"linear-learner|kmeans|knn|pca|lda|ntm|blazingtext|image-classification|object-detection|"
    r"semantic-segmentation|forecasting-deepar|factorization-machines|ipinsights|object2vec|"
    r"randomcutforest|seq2seq|tritonserver|sagemaker|tei|vllm|sglang)"
)


def _foreign(image: Any) -> Iterator[str]:
    """An image of another account: github aws/amazon-sagemaker-feedback#181."""
    match = re.fullmatch(r"(\d{12})\.dkr\.ecr\.[\w-]+\.amazonaws\.com(?:\.cn)?/(.+)", str(image))
    if match and match[1] != ACCOUNT and not PREBUILT.match(match[2]):
        yield "the image is neither prebuilt by SageMaker nor in ECR of the endpoint's account"


def _serverless(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html, exclusions."""
    variants = [item for _, item in select(inputs, PROD) if isinstance(item, dict)]
    for variant in variants:
        row = world.find([MODEL], variant.get("modelName"), ("name",))
        if row is None or not variant.get("serverlessConfig"):
            continue
        if row.inputs.get("vpcConfig"):
            yield f"VPC config is not supported with serverless inference: {row.id!r}"
        if row.inputs.get("enableNetworkIsolation") is True:
            yield f"network isolation is not supported with serverless inference: {row.id!r}"
        modes = [mode for path in CONTAINERS for _, mode in select(row.inputs, f"{path}.mode")]
        images = [image for path in CONTAINERS for _, image in select(row.inputs, f"{path}.image")]
        yield from (f"{reason}: {image!r}" for image in images for reason in _foreign(image))
        if len(row.inputs.get("containers") or []) > 1 or "MultiModel" in modes:
            yield f"more than one model is not supported with serverless inference: {row.id!r}"


def _half(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A canary, a step or a batch has at most half of the instances (CanarySize and its like)."""
    config = world.find([ENDPOINT_CONFIG], inputs.get("endpointConfigName"), ("name",))
    counts = [n for _, n in select(config.inputs, f"{PROD}.initialInstanceCount")] if config else []
    paths = (f"{ROUTING}.canarySize", f"{ROUTING}.linearStepSize", f"{ROLLING}.maximumBatchSize")
    for path in paths:
        name = path.rpartition(".")[2]
        for _, size in select(inputs, path):
            size = size if isinstance(size, dict) else {}
            value, total = size.get("value"), sum(n for n in counts if isinstance(n, int))
            if (
                size.get("type") == "INSTANCE_COUNT"
                and isinstance(value, int)
                and value * 2 > total
            ):
                yield f"{name} of {value} instances is more than 50% of {total}"


RULES: dict[str, tuple[Rule, ...]] = {
    ENDPOINT_CONFIG: (
        each(
            PROD,
            *(not_with(name, "serverlessConfig") for name in SERVERLESS_ALONE),
            ordered("serverlessConfig.provisionedConcurrency", "serverlessConfig.maxConcurrency"),
            ordered(
                "managedInstanceScaling.minInstanceCount",
                "managedInstanceScaling.maxInstanceCount",
            ),
        ),
        check(PROD, _local_disk),
        check(PROD, _counted),
        check("shadowProductionVariants[*]", _counted),
        PathRule((f"{PROD}.instanceType", "kmsKeyArn"), _no_key),
        PathRule(("productionVariants", "shadowProductionVariants"), _variants),
        PathRule((f"{PROD}.modelName",), _needs_role),
        not_with("asyncInferenceConfig", f"{PROD}.serverlessConfig"),
        not_with("dataCaptureConfig", f"{PROD}.serverlessConfig"),
        check(
            "dataCaptureConfig.captureContentTypeHeader",
            lambda value: (
                None
                if value.get("csvContentTypes") or value.get("jsonContentTypes")
                else "needs csvContentTypes or jsonContentTypes"
            ),
        ),
        unique("dataCaptureConfig.captureOptions[*].captureMode"),
    ),
    ENDPOINT: (
        not_with(f"{ROUTING}.canarySize", f"{ROUTING}.type", "ALL_AT_ONCE", "LINEAR"),
        not_with(f"{ROUTING}.linearStepSize", f"{ROUTING}.type", "ALL_AT_ONCE", "CANARY"),
        PathRule((BLUE_GREEN,), _waits),
        check(f"{ROLLING}.maximumBatchSize", _share(5)),
        check(f"{ROLLING}.rollbackMaximumBatchSize", _share(1, 100)),
        unique(f"{DEPLOYMENT}.autoRollbackConfiguration.alarms[*].alarmName"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    ENDPOINT_CONFIG: (_serverless,),
    ENDPOINT: (_half,),
}
