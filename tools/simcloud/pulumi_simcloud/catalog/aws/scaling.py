"""Application Auto Scaling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import ENDPOINT, ENDPOINT_CONFIG, role
from pulumi_simcloud.kinds import Api, Existing, Inputs, Kind, Name, Ref
from pulumi_simcloud.rules.basic import between, check, each_exactly_one, needs, one_of

SCALED = r"endpoint/([^/]+)/variant/.+"
SCALED_VARIANT = r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>.+)"


def _capacity(value: Any) -> str | None:
    lowest, highest = value.get("minCapacity"), value.get("maxCapacity")
    if isinstance(lowest, int) and isinstance(highest, int) and lowest > highest:
        return f"minCapacity {lowest} is more than maxCapacity {highest}"
    return None


def _has_variant(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The endpoint's configuration has the variant: a ValidationException of the service else."""
    match = re.fullmatch(SCALED_VARIANT, str(inputs.get("resourceId")))
    endpoint = match and world.find([ENDPOINT], match["endpoint"], ("name",))
    if not match or endpoint is None:
        return
    config = world.find([ENDPOINT_CONFIG], endpoint.inputs["endpointConfigName"], ("name",))
    if config is None:
        return
    names = [variant.get("variantName") for variant in config.inputs.get("productionVariants", [])]
    if match["variant"] not in names:
        yield f"no variant {match['variant']!r} of endpoint {match['endpoint']!r}; it has {names}"


def _tracked_once(inputs: Inputs, world: Existing) -> Iterator[str]:
    """One policy for a predefined metric of a target.

    github hashicorp/terraform-provider-aws issue 41179, the service's answer.
    """
    tracking = inputs.get("targetTrackingScalingPolicyConfiguration") or {}
    metric = tracking.get("predefinedMetricSpecification")
    same = ("serviceNamespace", "resourceId", "scalableDimension")
    for row in world.of(SCALING_POLICY):
        other = row.inputs.get("targetTrackingScalingPolicyConfiguration") or {}
        if row.inputs.get("name") == inputs.get("name") or not metric:
            continue
        of_target = all(row.inputs.get(name) == inputs.get(name) for name in same)
        if of_target and other.get("predefinedMetricSpecification") == metric:
            reason = "Only one TargetTrackingScaling policy for a given metric specification is"
            yield f"{reason} allowed: {row.inputs.get('name')!r} tracks {metric}"


def _registered(inputs: Inputs, world: Existing) -> Iterator[str]:
    """What scales is registered for the dimension (PutScalingPolicy: ObjectNotFoundException)."""
    same = ("serviceNamespace", "resourceId", "scalableDimension")
    targets = [
        row for row in world.of(TARGET) if row.inputs.get("resourceId") == inputs.get("resourceId")
    ]
    if targets and not any(
        all(row.inputs.get(name) == inputs.get(name) for name in same) for row in targets
    ):
        reason = f"No scalable target registered for {inputs.get('resourceId')}"
        yield f"ObjectNotFoundException: {reason} and {inputs.get('scalableDimension')}"


TARGET = "aws:appautoscaling/target:Target"
SCALING_POLICY = "aws:appautoscaling/policy:Policy"
SCALING = (
    Kind(
        TARGET,
        id="{resourceId}",
        api=Api("application-autoscaling:RegisterScalableTarget"),
        refs=(Ref("resourceId", (ENDPOINT,), ("name",), pick=SCALED), role("roleArn")),
        demands=(_has_variant,),
        rules=(between("minCapacity", 0, 2**31), check("", _capacity)),
        computed={
            "arn": "arn:{partition}:application-autoscaling:{region}:{account}:"
            "scalable-target/{hex:32}"
        },
        unique="{region}/{serviceNamespace}/{resourceId}/{scalableDimension}",
    ),
    Kind(
        SCALING_POLICY,
        name=Name("name", 255),
        api=Api(
            "application-autoscaling:PutScalingPolicy", {"name": "PolicyName"}, optional=("name",)
        ),
        refs=(Ref("resourceId", (TARGET,), ("id",)),),
        rules=(
            one_of("policyType", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"),
            needs(
                "policyType",
                "targetTrackingScalingPolicyConfiguration",
                value="TargetTrackingScaling",
            ),
            each_exactly_one(
                "targetTrackingScalingPolicyConfiguration",
                "predefinedMetricSpecification",
                "customizedMetricSpecification",
            ),
        ),
        demands=(_tracked_once, _registered),
        computed={
            "arn": "arn:{partition}:autoscaling:{region}:{account}:scalingPolicy:{uuid}:"
            "resource/{serviceNamespace}/{resourceId}:policyName/{name}"
        },
        unique="{region}/{serviceNamespace}/{resourceId}/{name}",
    ),
)
