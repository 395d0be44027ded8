"""Application Auto Scaling: what its API reference says of targets and policies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pulumi_simcloud.catalog.aws.common import ENDPOINT, ENDPOINT_CONFIG
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, count, exactly_one
from pulumi_simcloud.rules.fields import each, needed_with, not_with, number, only_with
from pulumi_simcloud.rules.metric_math import expression_error, ids_of

TRACKING = "targetTrackingScalingPolicyConfiguration"
STEPS = "stepScalingPolicyConfiguration"
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
    "aws:appautoscaling/target:Target": (_burstable,),
}
