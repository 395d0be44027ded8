"""Regions and partitions: what a resource names is in its own, but for what is nowhere.

A service looks a name up in the region that it is asked in, and S3 sends who asks elsewhere away
("PermanentRedirect: The bucket you are attempting to access must be addressed using the specified
endpoint"). https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/regional-services.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Kind, Ref
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import parsed
from pulumi_simcloud.rules.policy_arns import items_of
from pulumi_simcloud.state import Row

NOWHERE = ("aws:iam/", "aws:budgets/")
# The ARNs that no reference resolves, and the policies of resources.
ARN_FIELDS = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/role:Role": "permissionsBoundary",
    "aws:lambda/function:Function": "layers[*]",
}
POLICIES = {
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "resourcePolicy",
}


def near(kind: Kind) -> tuple[Demand, ...]:
    """The demand of a regional resource for what it refers to."""
    refs = [ref for ref in kind.refs if ref.key is None and not ref.later]
    if kind.token.startswith(NOWHERE) or not refs:
        return ()

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        region = inputs.get("region") or world.variables["region"]
        for ref in refs:
            for path, value in select(inputs, ref.path):
                row = _find(ref, value, world, region)
                place = row.outputs.get("region") if row else None
                if isinstance(place, str) and place != region:
                    yield f"ResourceNotFound: {path}: {value!r} is in {place}, not in {region}"

    return (demand,)


def within(kind: Kind) -> tuple[Demand, ...]:
    """The demand for ARNs of the account's partition: accounts of others are out of reach.

    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    field, policy = ARN_FIELDS.get(kind.token), POLICIES.get(kind.token)
    if field is None and policy is None:
        return ()

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        home = world.variables["partition"]
        values = [value for _, value in select(inputs, field)] if field else []
        for value in (*values, *_of_policy(parsed(inputs.get(policy)) if policy else None)):
            match = re.match(r"arn:(aws[a-z-]*):", str(value))
            if match and match[1] != home:
                yield f"Partition {match[1]!r} is not valid for {excerpt(value)}, only {home!r} is"

    return (demand,)


def _of_policy(document: object) -> Iterator[object]:
    """The principals and the resources of a policy."""
    statements = items_of(document.get("Statement")) if isinstance(document, dict) else []
    for statement in statements:
        if isinstance(statement, dict):
            principal = statement.get("Principal")
            yield from items_of(principal.get("AWS") if isinstance(principal, dict) else None)
            yield from items_of(statement.get("Resource"))


def _find(ref: Ref, value: object, world: Existing, region: object) -> Row | None:
    """What goes by a name: in the region, if it is there as well."""
    match = re.fullmatch(ref.pick, str(value)) if ref.pick else None
    name = match.group(1) if match else value
    row = world.find(ref.to, name, ref.by)
    if row is None or row.outputs.get("region") == region:
        return row
    same = (
        other
        for token in ref.to
        for other in world.of(token)
        if other.outputs.get("region") == region
        and name in (other.id, *(other.outputs.get(handle) for handle in ref.by or ("name", "arn")))
    )
    return next(same, row)
