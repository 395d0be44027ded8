"""What a stack on AWS needs: credentials, permissions, quotas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
        lambda: _allowed(_client("iam", region), identity.found),
    )
    for instance in stack.instance_types():
        yield _quota(_client("service-quotas", region), instance)


def _client(service: str, region: str) -> Any:
    import boto3
    from botocore.config import Config

    limits = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    return boto3.client(service, region_name=region, config=limits)


def _allowed(iam: Any, caller: str) -> str:
    # A session of a role is simulated as the role.
    source = caller.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/")
    source = source.rsplit("/", 1)[0] if ":role/" in source else source
    found = iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=list(ACTIONS))
    denied = [
        one["EvalActionName"]
        for one in found["EvaluationResults"]
        if one["EvalDecision"] != "allowed"
    ]
    if denied:
        raise PermissionError(f"not allowed: {', '.join(denied)}")
    return f"{len(ACTIONS)} actions allowed"


def _quota(quotas: Any, instance: str) -> Check:
    """Whether one more endpoint instance of a type is within the account's quota."""
    name = f"{instance} for endpoint usage"
    todo = f"Service Quotas, Amazon SageMaker: ask for more of {name!r}"
    try:
        pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
        values = {one["QuotaName"]: one["Value"] for page in pages for one in page["Quotas"]}
    except Exception as error:
        return Check("quotas", OPEN, " ".join(str(error).split())[:200], todo)
    value = values.get(name, 0)
    return Check("quotas", GOOD if value >= 1 else BAD, f"{name}: {value:g}", "" if value else todo)
