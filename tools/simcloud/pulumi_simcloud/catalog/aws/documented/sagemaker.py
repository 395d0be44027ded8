"""SageMaker and Application Auto Scaling: what their API references say of several fields.

Unless another page is named, each rule stands at the field of the operation's page in
https://docs.aws.amazon.com/sagemaker/latest/APIReference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pulumi_simcloud.catalog.aws.common import ENDPOINT, ENDPOINT_CONFIG, MODEL
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, count, exactly_one, pattern
from pulumi_simcloud.rules.fields import (
    each,
    needed_with,
    not_with,
    number,
    only_with,
    ordered,
    unique,
)
from pulumi_simcloud.rules.metric_math import expression_error, ids_of
from pulumi_simcloud.rules.resource_policies import of_service

CONTAINERS = ("primaryContainer", "containers[*]")
PROD = "productionVariants[*]"
DEPLOYMENT = "deploymentConfig"
BLUE_GREEN = f"{DEPLOYMENT}.blueGreenUpdatePolicy"
ROUTING = f"{BLUE_GREEN}.trafficRoutingConfiguration"
ROLLING = f"{DEPLOYMENT}.rollingUpdatePolicy"
TRACKING = "targetTrackingScalingPolicyConfiguration"
STEPS = "stepScalingPolicyConfiguration"
WITH_DISK = re.compile(
    r"ml\.(g4dn|g5|g6|g6e|p3dn|p4d|p4de|p5|p5e|p5en|gr6|trn1n?|trn2|[cmr]5a?dn?|[cmr]6idn?|[cmr][678]gd)\."
)


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


# ScheduleConfig, ScheduleExpression: hourly, daily, or every few hours. NOW needs two times that
# the provider has no field for.
HOUR, EVERY = r"([01]?\d|2[0-3])", r"(0?[1-9]|1\d|2[0-4])"
MONITORED = rf"cron\(0 (\*|{HOUR}|{HOUR}/{EVERY}) \? \* \* \*\)"


def _job_definition(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The type of monitoring is that of the definition."""
    config = inputs.get("monitoringScheduleConfig")
    config = config if isinstance(config, dict) else {}
    token = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
    row = world.find([token], config.get("monitoringJobDefinitionName"), ("name",))
    if row is not None and config.get("monitoringType") not in ("DataQuality", UNKNOWN, None):
        yield f"{row.outputs['name']!r} is a definition of type DataQuality"


PREDEFINED = f"{TRACKING}.predefinedMetricSpecification.predefinedMetricType"


def _scaled_by(inputs: Inputs) -> Iterator[Failure]:
    """A predefined metric is one of the service that scales (PredefinedMetricSpecification)."""
    if inputs.get("serviceNamespace") != "sagemaker":
        return
    for path, name in select(inputs, PREDEFINED):
        if isinstance(name, str) and not name.startswith("SageMaker"):
            yield Failure(path, f"{name} is not supported by sagemaker")
        component = isinstance(name, str) and name.startswith("SageMakerInferenceComponent")
        dimension = str(inputs.get("scalableDimension"))
        if component != dimension.startswith("sagemaker:inference-component:"):
            yield Failure(path, f"{name} does not go with {dimension}")


# RegisterScalableTarget, ResourceId.
RESOURCES = {
    "sagemaker:variant:DesiredInstanceCount": r"endpoint/[^/]+/variant/[^/]+",
    "sagemaker:variant:DesiredProvisionedConcurrency": r"endpoint/[^/]+/variant/[^/]+",
    "sagemaker:inference-component:DesiredCopyCount": r"inference-component/[^/]+",
    "lambda:function:ProvisionedConcurrency": r"function:[^:]+:[^:]+",
    "ecs:service:DesiredCount": r"service/[^/]+/[^/]+",
    "ec2:spot-fleet-request:TargetCapacity": r"spot-fleet-request/[^/]+",
    "elasticmapreduce:instancegroup:InstanceCount": r"instancegroup/[^/]+/[^/]+",
    "appstream:fleet:DesiredCapacity": r"fleet/[^/]+",
    "dynamodb:table:ReadCapacityUnits": r"table/[^/]+",
    "dynamodb:table:WriteCapacityUnits": r"table/[^/]+",
    "dynamodb:index:ReadCapacityUnits": r"table/[^/]+/index/[^/]+",
    "dynamodb:index:WriteCapacityUnits": r"table/[^/]+/index/[^/]+",
    "rds:cluster:ReadReplicaCount": r"cluster:[^:]+",
    "cassandra:table:ReadCapacityUnits": r"keyspace/[^/]+/table/[^/]+",
    "cassandra:table:WriteCapacityUnits": r"keyspace/[^/]+/table/[^/]+",
    "elasticache:replication-group:NodeGroups": r"replication-group/[^/]+",
    "elasticache:replication-group:Replicas": r"replication-group/[^/]+",
    "neptune:cluster:ReadReplicaCount": r"cluster:[^:]+",
}


def _dimension(value: Any) -> str | None:
    namespace, dimension = value.get("serviceNamespace"), value.get("scalableDimension")
    if not isinstance(namespace, str) or not isinstance(dimension, str):
        return None
    prefix = "rds" if namespace == "rds" else namespace
    if not dimension.startswith(f"{prefix}:"):
        return f"scalableDimension {dimension} is none of {namespace}"
    resource, shape = value.get("resourceId"), RESOURCES.get(dimension)
    if shape is None or not isinstance(resource, str) or re.fullmatch(shape, resource):
        return None
    return f"ValidationException: {excerpt(resource)} is no resource of {dimension}"


BOUNDS = ("Lower", "Upper")


def _intervals(inputs: Inputs) -> Iterator[Failure]:
    """Steps leave no gap, do not overlap, and only the outer ones are open (StepAdjustment)."""
    path = f"{STEPS}.stepAdjustments"
    steps = [item for _, item in select(inputs, f"{path}[*]") if isinstance(item, dict)]
    if UNKNOWN in [value for item in steps for value in item.values()]:
        return
    texts = [item.get(f"metricInterval{side}Bound") for item in steps for side in BOUNDS]
    bad = next((text for text in texts if text not in (None, "") and number(text) is None), None)
    if bad is not None:
        yield Failure(path, f"{excerpt(bad)} is no number")
        return
    ends = [(_bound(item, "Lower", -1), _bound(item, "Upper", 1)) for item in steps]
    if any(low >= high for low, high in ends):
        yield Failure(path, "an interval's lower bound is not less than its upper bound")
    ends.sort()
    for (_, high), (low, _) in pairwise(ends):
        if high != low:
            yield Failure(path, f"intervals overlap or have a gap at {high} and {low}")
    first, last = min((low for low, _ in ends), default=0), max((up for _, up in ends), default=0)
    if float("-inf") < first < 0:
        yield Failure(path, "There must be a StepAdjustment with an unspecified lower bound")
    if 0 < last < float("inf"):
        yield Failure(path, "There must be a StepAdjustment with an unspecified upper bound")


def _exact(inputs: Inputs) -> Iterator[Failure]:
    """An exact capacity is not negative (StepAdjustment, ScalingAdjustment)."""
    if "ExactCapacity" not in [value for _, value in select(inputs, f"{STEPS}.adjustmentType")]:
        return
    for path, value in select(inputs, f"{STEPS}.stepAdjustments[*].scalingAdjustment"):
        if isinstance(value, int) and value < 0:
            yield Failure(path, f"{value} is negative, which ExactCapacity does not take")


def _bound(item: dict[str, Any], side: str, sign: int) -> float:
    value = item.get(f"metricInterval{side}Bound")
    return float(value) if value not in (None, "") else sign * float("inf")


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


def _burstable(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html"""
    parts = str(inputs.get("resourceId")).split("/")
    if len(parts) != 4 or parts[0] != "endpoint":
        return
    endpoint = world.find([ENDPOINT], parts[1], ("name",))
    config = endpoint and world.find(
        [ENDPOINT_CONFIG], endpoint.inputs["endpointConfigName"], ("name",)
    )
    for variant in config.inputs.get("productionVariants", []) if config else ():
        kind = str(variant.get("instanceType"))
        if variant.get("variantName") == parts[3] and kind.startswith("ml.t"):
            yield f"the variant runs on {kind}: burstable instances are not supported"


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


def _container(path: str) -> tuple[Rule, ...]:
    return (
        check(path, _archived),
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


def _math(value: Any) -> str | None:
    """One query returns data, and expressions read queries that are there (CustomizedMetric)."""
    queries = [query for query in value if isinstance(query, dict)]
    if UNKNOWN in [query.get("id") for query in queries]:
        return None
    returned = [query for query in queries if query.get("returnData", True) is True]
    if len(returned) != 1:
        return f"exactly one of the metrics returns data, {len(returned)} do"
    ids = {query.get("id") for query in queries}
    for query in queries:
        text = query.get("expression")
        reason = expression_error(text, alarm=True) if isinstance(text, str) else None
        missing = sorted(ids_of(text) - ids) if isinstance(text, str) else []
        if reason or missing:
            return reason or f"{excerpt(text)} uses the unknown id {missing[0]!r}"
    return None


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
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": (
        exactly_one("dataQualityJobInput.endpointInput", "dataQualityJobInput.batchTransformInput"),
    ),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": (
        pattern(
            "monitoringScheduleConfig.scheduleConfig.scheduleExpression",
            MONITORED,
            "hourly cron(0 * ? * * *), daily cron(0 14 ? * * *) or cron(0 0/6 ? * * *)",
        ),
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": (
        of_service("resourcePolicy", "sagemaker"),
    ),
    "aws:appautoscaling/target:Target": (check("", _dimension),),
    "aws:appautoscaling/policy:Policy": (
        check("", _dimension),
        PathRule((PREDEFINED, "serviceNamespace"), _scaled_by),
        needed_with(
            f"{TRACKING}.predefinedMetricSpecification.resourceLabel",
            PREDEFINED,
            "ALBRequestCountPerTarget",
        ),
        only_with(
            f"{TRACKING}.predefinedMetricSpecification.resourceLabel",
            PREDEFINED,
            "ALBRequestCountPerTarget",
        ),
        only_with(STEPS, "policyType", "StepScaling", default="StepScaling"),
        needed_with(STEPS, "policyType", "StepScaling", default="StepScaling"),
        only_with(TRACKING, "policyType", "TargetTrackingScaling", default="StepScaling"),
        needed_with(f"{STEPS}.adjustmentType", STEPS),
        needed_with(f"{STEPS}.stepAdjustments", STEPS),
        only_with(
            f"{STEPS}.minAdjustmentMagnitude",
            f"{STEPS}.adjustmentType",
            "PercentChangeInCapacity",
        ),
        PathRule((f"{STEPS}.stepAdjustments",), _intervals),
        count(f"{STEPS}.stepAdjustments", 1, 20),
        # PutScalingPolicy: a time in seconds, and 0 is the least that takes no time.
        *(
            between(path, 0, 2**31 - 1)
            for path in (
                f"{STEPS}.cooldown",
                f"{TRACKING}.scaleInCooldown",
                f"{TRACKING}.scaleOutCooldown",
            )
        ),
        PathRule((f"{STEPS}.adjustmentType", f"{STEPS}.stepAdjustments"), _exact),
        check(
            f"{TRACKING}.targetValue",
            lambda value: None if value > 0 else f"{excerpt(value)} is not more than 0",
        ),
        not_with(
            f"{TRACKING}.customizedMetricSpecification.metrics",
            f"{TRACKING}.customizedMetricSpecification.metricName",
        ),
        each(
            f"{TRACKING}.customizedMetricSpecification",
            needed_with("namespace", "metricName"),
            needed_with("statistic", "metricName"),
        ),
        each(
            f"{TRACKING}.customizedMetricSpecification.metrics[*]",
            exactly_one("expression", "metricStat"),
        ),
        check(f"{TRACKING}.customizedMetricSpecification.metrics", _math),
        # PutScalingPolicy, PolicyType: only ECS is scaled by predictions.
        check(
            "",
            lambda value: (
                "PredictiveScaling is only supported for ecs"
                if value.get("policyType") == "PredictiveScaling"
                and value.get("serviceNamespace") not in ("ecs", UNKNOWN)
                else None
            ),
        ),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": (_job_definition,),
    "aws:appautoscaling/target:Target": (_burstable,),
    ENDPOINT_CONFIG: (_serverless,),
    ENDPOINT: (_half,),
}
