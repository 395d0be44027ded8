"""Lambda and ECR: what a function's role has to allow, and tags that stay.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions,
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import FUNCTION, ROLE
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, parsed
from pulumi_simcloud.rules.policies import listed
from pulumi_simcloud.state import Row

REPOSITORY = "aws:ecr/repository:Repository"
POLICY = "aws:iam/policy:Policy"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
# What allows an action, and AWS's own policies that do, by parts of their names.
NETWORK = (r"ec2:(\*|Create[\w*?]*)", "VPC|ENI|EC2|Network")
SENDING = {
    "sqs": (r"sqs:(\*|Send[\w*?]*)", "SQS", "SendMessage on SQS"),
    "sns": (r"sns:(\*|Pub[\w*?]*)", "SNS", "Publish on SNS"),
}


def _texts(role: Row, world: Existing) -> Iterator[str]:
    """The policies of a role: their texts, and the ARNs of AWS's own."""
    arns = [str(arn) for arn in role.inputs.get("managedPolicyArns") or []]
    yield from (_text(text) for _, text in select(role.inputs, "inlinePolicies[*].policy"))
    for row in world.of(INLINE):
        if row.inputs.get("role") in (role.inputs.get("name"), role.id):
            yield _text(row.inputs.get("policy"))
    for row in world.of(ATTACHED):
        if row.inputs.get("role") in (role.inputs.get("name"), role.id):
            arns.append(str(row.inputs.get("policyArn")))
    for arn in arns:
        own = world.find([POLICY], arn, ("arn",))
        yield _text(own.inputs.get("policy")) if own else arn


def _text(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _actions(text: str) -> Iterator[str]:
    document = parsed(text)
    statements = document.get("Statement") if isinstance(document, dict) else []
    for statement in listed(statements):
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            yield from map(str, listed(statement.get("Action", "*")))


def _allows(role: Row, world: Existing, actions: str, names: str) -> bool:
    """Whether a role may be able to do something: what is not read is taken to allow it."""
    for text in _texts(role, world):
        if text.startswith("arn:"):
            if ":aws:policy/" not in text or re.search(
                rf"Admin|PowerUser|FullAccess|{names}", text
            ):
                return True
        elif any(re.fullmatch(rf"\*|{actions}", name, re.IGNORECASE) for name in _actions(text)):
            return True
    return False


def _permitted(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The execution role may do what the function's settings ask for (CreateFunction)."""
    role = world.find([ROLE], inputs.get("role"), ("arn",))
    if role is None or not world.closed:
        return
    failed = "The provided execution role does not have permissions to call"
    subnets = (inputs.get("vpcConfig") or {}).get("subnetIds")
    if subnets and not _allows(role, world, *NETWORK):
        yield f"InvalidParameterValueException: {failed} CreateNetworkInterface on EC2"
    target = str((inputs.get("deadLetterConfig") or {}).get("targetArn")).split(":")
    needed = SENDING.get(target[2]) if len(target) > 5 else None
    if needed and not _allows(role, world, *needed[:2]):
        yield f"InvalidParameterValueException: {failed} {needed[2]}"


def _excluded(inputs: Inputs) -> Iterator[Failure]:
    """Filters go with mutability that has exclusions, and it with them.

    github badmintoncryer/cdk-preflight, pf-ecr-image-tag-mutability-filters.
    """
    kind, filters = inputs.get("imageTagMutability"), "imageTagMutabilityExclusionFilters"
    without = not inputs.get(filters) and inputs.get(filters) is not UNKNOWN
    if isinstance(kind, str) and kind.endswith("_WITH_EXCLUSION") and without:
        yield Failure(filters, f"can't be null when imageTagMutability is set to {kind}")


RULES: dict[str, tuple[Rule, ...]] = {
    REPOSITORY: (PathRule(("imageTagMutability",), _excluded),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {FUNCTION: (_permitted,)}
