"""A nineteenth round on AWS, taken blind: images, parameters and scaling."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
CDK = f"{GITHUB}/aws/aws-cdk"
LABEL = "app/lb/778d41231b141a0f/targetgroup/tg/943f017f100becff"
TASKS = {
    "serviceNamespace": "ecs",
    "resourceId": "service/cluster/web",
    "scalableDimension": "ecs:service:DesiredCount",
}
COUNTED = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5}
LATEST = {
    "tagStatus": "tagged",
    "tagPatternList": ["latest"],
    "countType": "imageCountMoreThan",
    "countNumber": 10,
}


def _steps(count: int) -> dict[str, Any]:
    """A policy with so many steps, each ten wide."""
    steps: list[dict[str, Any]] = [
        {
            "metricIntervalLowerBound": str(10 * number),
            "metricIntervalUpperBound": str(10 * number + 10),
            "scalingAdjustment": -number - 1,
        }
        for number in range(count)
    ]
    del steps[-1]["metricIntervalUpperBound"]
    return {
        "policyType": "StepScaling",
        "targetTrackingScalingPolicyConfiguration": REMOVED,
        "stepScalingPolicyConfiguration": {
            "adjustmentType": "ChangeInCapacity",
            "stepAdjustments": steps,
        },
    }


def _tracked(metric: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "second",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 100,
            "predefinedMetricSpecification": {"predefinedMetricType": metric, **more},
        },
    }


def _expire(selection: dict[str, Any], **action: Any) -> dict[str, Any]:
    rule = {
        "rulePriority": 1,
        "selection": selection,
        "action": {"type": "expire", **action},
    }
    return {"policy": json.dumps({"rules": [rule]})}


SCALING = [
    Refusal(
        f"{GITHUB}/jenkins-x/jx/issues/1344",
        PATTERN,
        "repository",
        "Invalid parameter at 'repositoryName': capitals",
        {"name": "Organization/repo-name"},
        {"name": "organization/repo-name"},
    ),
    Refusal(
        f"{GITHUB}/aws-controllers-k8s/community/pull/172",
        ENUM,
        "repository",
        "Invalid parameter at 'imageTagMutability'",
        {"imageTagMutability": "true"},
        {"imageTagMutability": "MUTABLE"},
    ),
    Refusal(
        f"{GITHUB}/cloud-custodian/cloud-custodian/issues/5597",
        EXCLUSIVE,
        "expiry",
        "Lifecycle policy validation failure: a unit with a count of images",
        _expire({**COUNTED, "countUnit": "days"}),
        _expire(COUNTED),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-ecr/issues/158",
        TEXT,
        "expiry",
        "Lifecycle policy validation failure: targetStorageClass = null",
        _expire(LATEST, targetStorageClass=None),
        _expire(LATEST),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-ecr/pull/132",
        TEXT,
        "expiry",
        "Lifecycle policy validation failure: countUnit = null",
        _expire({**COUNTED, "tagStatus": "any", "countUnit": None}),
        _expire({**COUNTED, "tagStatus": "any"}),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-php/issues/1952",
        PATTERN,
        "parameter",
        "each sub-path can be formed as a mix of letters, numbers and .-_",
        {"name": "/myPrefix/xmpt/support@gmail.com"},
        {"name": "/myPrefix/xmpt/support-gmail.com"},
    ),
    Refusal(
        f"{GITHUB}/boto/boto3/issues/1499",
        PATTERN,
        "parameter",
        "Spaces in ssm parameters are not allowed",
        {"name": "Dev MySQL DB"},
        {"name": "Dev_MySQL_DB"},
    ),
    Refusal(
        f"{GITHUB}/github-aws-runners/terraform-aws-github-runner/issues/3815",
        RANGE,
        "parameter",
        "Standard tier parameters support a maximum parameter value of 4096 characters",
        {"value": "r" * 4097},
        {"value": "r" * 4096},
    ),
    Refusal(
        f"{CDK}/issues/27020",
        RANGE,
        "scaling",
        "There can be at most 20 step adjustments per scaling policy",
        _steps(22),
        _steps(20),
    ),
    Refusal(
        f"{TERRAFORM}/issues/41179",
        EXCLUSIVE,
        "scaling",
        "Only one TargetTrackingScaling policy for a given metric",
        _tracked("SageMakerVariantInvocationsPerInstance"),
        _tracked("SageMakerVariantConcurrentRequestsPerModelHighResolution"),
        (("first", "scaling", {}),),
    ),
    Refusal(
        f"{TERRAFORM}/pull/25485",
        MISSING,
        "scaling",
        "ALBRequestCountPerTarget: you need the 'resource_label' argument",
        {**TASKS, **_tracked("ALBRequestCountPerTarget")},
        {**TASKS, **_tracked("ALBRequestCountPerTarget", resourceLabel=LABEL)},
        (("tasks", "scaled", TASKS),),
    ),
]
