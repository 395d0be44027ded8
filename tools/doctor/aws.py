"""Checks of a stack on AWS: credentials, permissions, quotas, the tag that its budget counts by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.targets.aws.machines import COMPUTE, ENDPOINT
from tools.doctor.checks import BAD, GOOD, OPEN, Check, Stack, attempt

# One action per service that an `up` cannot do without.
ACTIONS = (
    "s3:CreateBucket",
    "kms:CreateKey",
    "iam:CreateRole",
    "iam:PassRole",
    "sagemaker:CreatePipeline",
    "sagemaker:CreateEndpoint",
    "scheduler:CreateSchedule",
    "events:PutRule",
    "cloudwatch:PutMetricAlarm",
    "sns:CreateTopic",
)
# The tag that all resources of a stack have its name in.
TAG = "stack"
LOGIN = "aws sso login, or set AWS_PROFILE"


def checks(stack: Stack) -> Iterator[Check]:
    """Asks AWS, with short timeouts."""
    region = str(stack.config.get("aws:region"))
    identity = attempt(
        "credentials", LOGIN, lambda: _client("sts", region).get_caller_identity()["Arn"]
    )
    yield identity
    if identity.state != GOOD:
        yield Check("permissions", OPEN, "needs credentials", LOGIN)
        yield Check("quotas", OPEN, "needs credentials", LOGIN)
        return
    yield attempt(
        "permissions",
        "the role needs what is refused; see the identity component's deploy role",
        lambda: _check_actions(_client("iam", region), identity.found),
    )
    yield _quotas(_client("service-quotas", region), list(_needs(stack)))
    if (stack.config.get("mlops:budget") or {}).get("monthly") is not None:
        # Cost Explorer answers in one region for all.
        yield _cost_tag(_client("ce", "us-east-1"))


def _client(service: str, region: str) -> Any:
    import boto3
    from botocore.config import Config

    limits = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    return boto3.client(service, region_name=region, config=limits)


def _check_actions(iam: Any, caller: str) -> str:
    # A session of a role is simulated as the role, whose path only IAM tells: of who came by SSO it
    # is aws-reserved/sso.amazonaws.com/REGION/ (serverless/serverless#13652).
    kind, _, role = caller.partition(":assumed-role/")
    source = iam.get_role(RoleName=role.split("/")[0])["Role"]["Arn"] if role else kind
    simulation = iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=list(ACTIONS))
    denied = [
        result["EvalActionName"]
        for result in simulation["EvaluationResults"]
        if result["EvalDecision"] != "allowed"
    ]
    if denied:
        raise PermissionError(f"not allowed: {', '.join(denied)}")
    return f"{len(ACTIONS)} actions allowed"


def _needs(stack: Stack) -> Iterator[tuple[str, int]]:
    """The quotas that the stack's models need, by name, and how much of each."""
    for endpoint, compute, drift in stack.sections("endpoint", "compute", "drift"):
        # A release starts a second fleet beside the one that serves.
        fleet = 2 * int(endpoint.get("maxInstances") or endpoint.get("instances") or 1)
        yield f"{endpoint.get('instanceType') or ENDPOINT} for endpoint usage", fleet
        machines = {"processing": int(drift.get("instances") or 1), "training": 1}
        for job, count in machines.items():
            yield f"{compute.get('instanceType') or COMPUTE} for {job} job usage", count


def _quotas(quotas: Any, needs: list[tuple[str, int]]) -> Check:
    """Check that the account's quotas let the stack's endpoints and jobs start."""
    needed_by_quota: dict[str, int] = {}
    for name, count in needs:
        usage = name.endswith("endpoint usage")
        needed_by_quota[name] = (
            needed_by_quota.get(name, 0) + count
            if usage
            else max(needed_by_quota.get(name, 0), count)
        )
    todo = "Service Quotas, Amazon SageMaker: ask for more, which takes a day"
    try:
        pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
        values = {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}
    except Exception as error:
        return Check("quotas", OPEN, " ".join(str(error).split())[:200], todo)
    short = [
        f"{name}: {values.get(name, 0):g}, needed are {count}"
        for name, count in needed_by_quota.items()
        if values.get(name, 0) < count
    ]
    if short:
        return Check("quotas", BAD, "; ".join(short), todo)
    return Check("quotas", GOOD, ", ".join(f"{name}: {values[name]:g}" for name in needed_by_quota))


def _cost_tag(explorer: Any) -> Check:
    """Check that the tag that the budget counts by is active; until then it counts nothing.

    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """
    todo = (
        f"in the account that pays: Billing, Cost allocation tags, activate {TAG!r} (listed a day "
        "after the first resource that has it); until then the budget shows 0"
    )
    try:
        tags = explorer.list_cost_allocation_tags(TagKeys=[TAG], Status="Active")
    except Exception as error:
        return Check("budget's tag", OPEN, " ".join(str(error).split())[:200], todo)
    if tags["CostAllocationTags"]:
        return Check("budget's tag", GOOD, f"{TAG!r} is active")
    return Check("budget's tag", BAD, f"{TAG!r} is no active cost allocation tag", todo)
