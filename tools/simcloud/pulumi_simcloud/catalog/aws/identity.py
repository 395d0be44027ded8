"""IAM and budgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import ROLE
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Api, Inputs, Kind, Name, Ref
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import at_most_one, check, exactly_one, needs, one_of, pattern
from pulumi_simcloud.rules.policies import IDENTITY as IDENTITY_USE
from pulumi_simcloud.rules.policies import TRUST, policy

POLICY = "aws:iam/policy:Policy"


def _notifications(value: Any) -> str | None:
    """At most ten of a budget, each with ten e-mails and one topic, and each of its own.

    https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html
    """
    if len(value) > 10:
        return f"{len(value)} notifications; a budget has 10 at most"
    kinds = []
    for notification in value:
        if not isinstance(notification, dict):
            continue
        emails, topics = (
            notification.get("subscriberEmailAddresses"),
            notification.get("subscriberSnsTopicArns"),
        )
        if len(emails or []) > 10:
            return f"{len(emails or [])} e-mail addresses; a notification has 10 at most"
        if len(topics or []) > 1:
            return f"{len(topics or [])} topics; a notification has one at most"
        names = ("notificationType", "comparisonOperator", "threshold", "thresholdType")
        kinds.append(tuple(notification.get(name) for name in names))
    twice = [kind for kind in kinds if kinds.count(kind) > 1]
    return f"DuplicateRecordException: two notifications are {twice[0]}" if twice else None


def _forecast(inputs: Inputs) -> Iterator[Failure]:
    """A daily budget has no forecast.

    https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create.html
    """
    if inputs.get("timeUnit") != "DAILY":
        return
    for path, value in select(inputs, "notifications[*].notificationType"):
        if value == "FORECASTED":
            yield Failure(path, "InvalidParameterException: a DAILY budget has no forecast")


IDENTITY = (
    Kind(
        ROLE,
        name=Name("name", 64, prefix="namePrefix"),
        api=Api("iam:CreateRole", {"name": "RoleName"}, optional=("name", "assumeRolePolicy")),
        rules=(
            at_most_one("name", "namePrefix"),
            policy("assumeRolePolicy", TRUST, 2048),
            policy("inlinePolicies[*].policy", IDENTITY_USE, 10240),
        ),
        computed={
            "arn": "arn:{partition}:iam::{account}:role/{name}",
            "uniqueId": lambda context: f"AROA{context.hex(17).upper()}",
            "createDate": "2026-01-01T00:00:00Z",
        },
        deferred=("inlinePolicies", "assumeRolePolicy"),
        unique="{name|lower}",
    ),
    Kind(
        "aws:iam/rolePolicy:RolePolicy",
        id="{role}:{name}",
        name=Name("name", 128, prefix="namePrefix"),
        api=Api(
            "iam:PutRolePolicy", {"name": "PolicyName", "role": "RoleName"}, optional=("name",)
        ),
        refs=(Ref("role", (ROLE,), ("name",)),),
        rules=(at_most_one("name", "namePrefix"), policy("policy", IDENTITY_USE, 10240)),
        deferred=("policy",),
        handles=("id",),
    ),
    Kind(
        POLICY,
        id="{arn}",
        name=Name("name", 128, prefix="namePrefix"),
        api=Api("iam:CreatePolicy", {"name": "PolicyName"}, optional=("name",)),
        rules=(
            at_most_one("name", "namePrefix"),
            policy("policy", IDENTITY_USE, 6144, versioned=True),
        ),
        computed={
            "arn": "arn:{partition}:iam::{account}:policy/{name}",
            "policyId": lambda context: f"ANPA{context.hex(17).upper()}",
        },
        deferred=("policy",),
        handles=("arn",),
        unique="{name|lower}",
    ),
    Kind(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        id="{role}-{policyArn}",
        api=Api("iam:AttachRolePolicy", {"role": "RoleName"}),
        refs=(
            Ref("role", (ROLE,), ("name",)),
            Ref(
                "policyArn",
                (POLICY,),
                ("arn",),
                allow=r"arn:aws[\w-]*:iam::aws:policy/.+",
                own=True,
            ),
        ),
        handles=("id",),
    ),
    Kind(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        id="{arn}",
        api=Api("iam:CreateOpenIDConnectProvider"),
        rules=(
            pattern("url", r"https://[^?#]+[^/?#]", "an https address without a slash at the end"),
        ),
        computed={
            "arn": "arn:{partition}:iam::{account}:oidc-provider/{url|bare}",
        },
        handles=("arn",),
        unique="{url}",
    ),
    Kind(
        "aws:budgets/budget:Budget",
        id="{account}:{name}",
        name=Name("name", 100, prefix="namePrefix"),
        api=Api(
            "budgets:CreateBudget",
            {
                "name": "BudgetName",
                "limitAmount": "BudgetLimit.Amount",
                "limitUnit": "BudgetLimit.Unit",
            },
            at="Budget",
            optional=("name",),
        ),
        rules=(
            at_most_one("name", "namePrefix"),
            needs("limitAmount", "limitUnit"),
            exactly_one("limitAmount", "plannedLimits", "autoAdjustData"),
            check("notifications", _notifications),
            _forecast,
            one_of("notifications[*].notificationType", "ACTUAL", "FORECASTED"),
            one_of("notifications[*].thresholdType", "PERCENTAGE", "ABSOLUTE_VALUE"),
            one_of("notifications[*].comparisonOperator", "GREATER_THAN", "LESS_THAN", "EQUAL_TO"),
        ),
        computed={"arn": "arn:{partition}:budgets::{account}:budget/{name}"},
        unique="{name}",
    ),
)
