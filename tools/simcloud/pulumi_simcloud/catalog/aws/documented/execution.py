"""Lambda and ECR: what a function's role has to allow, and tags that stay.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions,
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import FUNCTION, MODEL, ROLE, SUBNET
from pulumi_simcloud.catalog.aws.common import SECURITY_GROUP as GROUP
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, parsed, pattern
from pulumi_simcloud.rules.fields import not_with
from pulumi_simcloud.rules.policy_arns import items_of
from pulumi_simcloud.state import Row

VPC = "aws:ec2/vpc:Vpc"
PERMISSION = "aws:lambda/permission:Permission"
FAILED = "InvalidParameterValueException"
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
        policy = world.find([POLICY], arn, ("arn",))
        yield _text(policy.inputs.get("policy")) if policy else arn


def _text(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _actions(text: str) -> Iterator[str]:
    document = parsed(text)
    statements = document.get("Statement") if isinstance(document, dict) else []
    for statement in items_of(statements):
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            yield from map(str, items_of(statement.get("Action", "*")))


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
    sending = SENDING.get(target[2]) if len(target) > 5 else None
    if sending and not _allows(role, world, *sending[:2]):
        yield f"InvalidParameterValueException: {failed} {sending[2]}"


def _one_network(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Subnets and groups of a model are of one VPC (CreateModel: VpcConfig)."""
    if len(_networks(inputs.get("vpcConfig") or {}, "subnets", world)) > 1:
        yield "ValidationException: subnets and security groups are of several VPCs"


def _networks(inside: dict[str, Any], subnets: str, world: Existing) -> set[Any]:
    rows = [
        *(world.find([SUBNET], name, ("id",)) for name in inside.get(subnets) or []),
        *(world.find([GROUP], name, ("id",)) for name in inside.get("securityGroupIds") or []),
    ]
    return {row.inputs.get("vpcId") for row in rows if row is not None}


def _in_one(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Subnets and groups are of one VPC, and that is not for dedicated machines."""
    networks = _networks(inputs.get("vpcConfig") or {}, "subnetIds", world)
    if len(networks - {None}) > 1:
        yield f"{FAILED}: subnets and security groups are of several VPCs"
    for name in sorted(map(str, networks)):
        network = world.find([VPC], name, ("id",))
        if network is not None and network.inputs.get("instanceTenancy") == "dedicated":
            yield f"{FAILED}: the VPC {name!r} has dedicated tenancy"


def _nearby(path: str) -> Demand:
    """What is named by an ARN is in the region."""

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        region = inputs.get("region") or world.variables["region"]
        for _, arn in select(inputs, path):
            parts = str(arn).split(":")
            if len(parts) > 5 and parts[3] not in ("", region):
                yield f"{FAILED}: {arn!r} is not in {region}"

    return demand


def _of_account(inputs: Inputs) -> Iterator[Failure]:
    """A source is of a service, not of an account (AddPermission, SourceArn)."""
    principal = inputs.get("principal")
    if inputs.get("sourceArn") is not None and re.fullmatch(r"\d{12}", str(principal)):
        yield Failure("sourceArn", f"only with a service, not with the account {principal}")


def _excluded(inputs: Inputs) -> Iterator[Failure]:
    """Filters go with mutability that has exclusions, and it with them.

    github badmintoncryer/cdk-preflight, pf-ecr-image-tag-mutability-filters.
    """
    kind, filters = inputs.get("imageTagMutability"), "imageTagMutabilityExclusionFilters"
    without = not inputs.get(filters) and inputs.get(filters) is not UNKNOWN
    if isinstance(kind, str) and kind.endswith("_WITH_EXCLUSION") and without:
        yield Failure(filters, f"can't be null when imageTagMutability is set to {kind}")


def _environment_size(value: Any) -> str | None:
    """The variables as JSON have 4 KB.

    github localstack/localstack, test_large_environment_variables_fails: one byte more is refused.
    """
    if not isinstance(value, dict) or UNKNOWN in value.values():
        return None
    size = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
    limit = "the environment variables you have provided exceeded the 4KB limit"
    return f"InvalidParameterValueException: {limit}: {size} bytes" if size > 4096 else None


def _layered_once(value: Any) -> str | None:
    """One version of a layer (CreateFunction's own answer)."""
    names = [arn.rpartition(":")[0] for arn in value if isinstance(arn, str)]
    if len(set(names)) == len(names):
        return None
    reason = "Two different versions of the same layer are not allowed to be referenced"
    return f"InvalidParameterValueException: {reason} in the same function"


def _domain(value: Any) -> str | None:
    """A service has a domain of Amazon's (github localstack/localstack, AddPermission's answer)."""
    text = str(value)
    amazon = r"[\w.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal|aws\.com|api\.aws)"
    if "." not in text or text.startswith("arn:") or re.fullmatch(amazon, text):
        return None
    return f"The provided principal was invalid. Please check the principal: {text}"


def _versioned(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A permission is for a version that was published (AddPermission, Qualifier)."""
    function = world.find([FUNCTION], inputs.get("function"))
    number = str(inputs.get("qualifier"))
    if function is None or not world.closed or not number.isdigit():
        return
    if not function.inputs.get("publish"):
        yield f"ResourceNotFoundException: Function not found: {function.id}:{number}"


# github badmintoncryer/cdk-preflight, rules of Lambda whose deployments were measured.
RULES: dict[str, tuple[Rule, ...]] = {
    FUNCTION: (
        pattern("loggingConfig.logGroup", r"(?!(?i:aws)/)[\w./#-]+", "a log group's name"),
        not_with("codeSigningConfigArn", "packageType", "Image"),
        check("environment.variables", _environment_size),
        check("layers", _layered_once),
    ),
    PERMISSION: (
        PathRule(("sourceArn", "principal"), _of_account),
        check("principal", _domain),
        pattern("qualifier", r"(?!\$LATEST$)\S+", "a version or an alias, not $LATEST"),
        pattern("function", r"(?!.*:\$LATEST$)\S+", "no permission is for $LATEST"),
    ),
    REPOSITORY: (PathRule(("imageTagMutability",), _excluded),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    FUNCTION: (_permitted, _in_one, _nearby("codeSigningConfigArn")),
    PERMISSION: (_nearby("function"), _versioned),
    MODEL: (_one_network,),
}
