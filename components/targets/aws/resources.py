"""Resources shared by the AWS modules: roles, and documents in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.scope import ModelScope, StackScope
from components.targets.aws import policies
from components.targets.aws.grants import Grant

# CloudWatch Logs takes these numbers of days only:
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
             2922, 3288, 3653)  # fmt: skip


def retention(scope: StackScope) -> int:
    """Days that logs are kept: the shortest period offered that is not below `retentionDays`."""
    days = scope.settings.retention_days
    return next((period for period in RETENTION if period >= days), RETENTION[-1])


def json_object(
    resource_name: str,
    bucket: pulumi.Input[str],
    key: str,
    content: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> aws.s3.BucketObjectv2:
    """A JSON object in the store, that the command line and the steps read."""
    return aws.s3.BucketObjectv2(
        resource_name,
        aws.s3.BucketObjectv2Args(
            bucket=bucket,
            key=key,
            content=pulumi.Output.json_dumps(content, indent=1),
            content_type="application/json",
        ),
        opts=opts,
    )


def uri(bucket: pulumi.Input[str], key: pulumi.Input[str]) -> pulumi.Output[str]:
    """The address of an object or folder in the store."""
    return pulumi.Output.concat("s3://", bucket, "/", key)


def role(
    actor: str,
    scope: ModelScope,
    arn_parts: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
    more: Sequence[Grant] = (),
) -> pulumi.Output[str]:
    """The role of one of a model's actors, with what it calls; its ARN, once all that is there."""
    resource = aws.iam.Role(
        f"{scope.model.name}-{actor}",
        aws.iam.RoleArgs(
            name=scope.name(actor),
            assume_role_policy=policies.trust(actor, arn_parts),
            tags=scope.tags,
        ),
        opts=opts,
    )
    policy = aws.iam.RolePolicy(
        f"{scope.model.name}-{actor}",
        aws.iam.RolePolicyArgs(
            name=actor, role=resource.name, policy=policies.role_policy(actor, arn_parts, more)
        ),
        opts=opts,
    )
    # A service that gets the ARN before the policy is attached would be refused what it needs.
    return pulumi.Output.all(resource.arn, policy.id).apply(lambda values: values[0])
