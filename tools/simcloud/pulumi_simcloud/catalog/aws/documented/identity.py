"""IAM and Budgets: what their API references say of several fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, count, pattern
from pulumi_simcloud.rules.fields import (
    each,
    moment,
    needed_with,
    not_with,
    only_with,
    ordered,
    unique,
)

BUDGET = "aws:budgets/budget:Budget"
ROLE = "aws:iam/role:Role"
# https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"
OF_COST = ("COST", "USAGE")
# CostFilters of the same page and of the Budgets user guide.
FILTERS = (
    "AZ", "BillingEntity", "CostCategory", "DatabaseEngine", "InstanceType", "InstanceTypeFamily",
    "InvoicingEntity", "LegalEntityName", "LinkedAccount", "Operation", "PurchaseType", "Region",
    "ReservationID", "SavingsPlanArn", "SavingsPlansType", "Service", "TagKeyValue", "Tenancy",
    "UsageType", "UsageTypeGroup", "OperatingSystem", "Platform", "CacheEngine", "DeploymentOption",
    "ChargeType", "RecordType", "InstanceFamily",
)  # fmt: skip
LONGEST_ADJUSTMENT = {"DAILY": 60, "MONTHLY": 12, "QUARTERLY": 4, "ANNUALLY": 1}


def _limit(inputs: Inputs) -> Iterator[Failure]:
    """A limit in money for costs, in percent for coverage and utilization (Budget, BudgetLimit)."""
    kind, unit = inputs.get("budgetType"), inputs.get("limitUnit")
    amount = inputs.get("limitAmount")
    # NumericValue of the service model: no exponent.
    if isinstance(amount, str) and not re.fullmatch(r"(\d*\.)?\d+", amount):
        yield Failure("limitAmount", f"{excerpt(amount)} is no number from 0")
    elif isinstance(amount, str) and float(amount) == 0 and kind in OF_COST:
        yield Failure("limitAmount", "has to be more than 0")
    if not isinstance(kind, str) or not isinstance(unit, str):
        return
    if kind == "COST" and not re.fullmatch(r"[A-Z]{3}", unit):
        yield Failure("limitUnit", f"{excerpt(unit)} is no currency such as USD")
    if kind not in OF_COST:
        if unit != "PERCENTAGE":
            yield Failure("limitUnit", f"is PERCENTAGE for {kind}")
        if isinstance(amount, str) and amount not in ("100", "100.0"):
            yield Failure("limitAmount", f"is 100 for {kind}")


def _adjusted(inputs: Inputs) -> Iterator[Failure]:
    path = "autoAdjustData.historicalOptions.budgetAdjustmentPeriod"
    longest = LONGEST_ADJUSTMENT.get(str(inputs.get("timeUnit")))
    for below, value in select(inputs, path):
        if isinstance(value, int) and longest is not None and not 1 <= value <= longest:
            yield Failure(below, f"{value} is not 1 to {longest} for {inputs.get('timeUnit')}")


def _filters(value: Any) -> str | None:
    if not isinstance(value, dict) or value.get("name") in (None, UNKNOWN):
        return None
    if value["name"] not in FILTERS:
        return f"InvalidParameterException: the cost filter {excerpt(value['name'])} does not exist"
    for item in value.get("values") or []:
        if value["name"] == "TagKeyValue" and isinstance(item, str) and "$" not in item:
            return f"{excerpt(item)} is no tag such as user:Team$ml"
        # hashicorp/terraform#24924: one tag in a value.
        if value["name"] == "TagKeyValue" and isinstance(item, str) and item.count("$") > 1:
            return f"InvalidParameterException: {excerpt(item)} is more than one tag"
    return None


def _has_subscriber(value: Any) -> str | None:
    """Somebody is told (NotificationWithSubscribers: 1 to 11 subscribers)."""
    names = ("subscriberEmailAddresses", "subscriberSnsTopicArns")
    return None if any(value.get(name) for name in names) else "a notification needs a subscriber"


def _whole(inputs: Inputs) -> Iterator[Failure]:
    """All policies inside a role together have 10240 characters.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    texts = [text for _, text in select(inputs, "inlinePolicies[*].policy")]
    size = sum(len(re.sub(r"\s", "", text)) for text in texts if isinstance(text, str))
    if len(texts) > 1 and size > 10240:
        yield Failure("inlinePolicies", f"have {size} characters together, allowed are 10240")


def _one_case(value: Any) -> str | None:
    """Tags of IAM differ in more than case (TagRole: "Tag keys are case-insensitive")."""
    keys = [key.lower() for key in value] if isinstance(value, dict) else []
    twice = next((key for key in keys if keys.count(key) > 1), None)
    return f"InvalidInput: Duplicate tag keys found: {twice}" if twice else None


@cache
def _managed() -> frozenset[str]:
    """AWS's own policies that can be attached, with their paths.

    Those of ? are deprecated: "It cannot be attached to any new users, groups, or roles",
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-deprecated.html and
    the answer in github pulumi/pulumi#7419.
    """
    folder = resources.files("pulumi_simcloud.catalog.aws")
    paths: set[str] = set()
    for line in folder.joinpath("managed_policies.txt").read_text().splitlines():
        path, *names = line.split()
        if path not in ("?", "#"):
            paths.update(name if path == "/" else f"{path}/{name}" for name in names)
    return frozenset(paths)


def _is_managed(value: Any) -> str | None:
    """AWS's own policies are known, and those of its own roles are not attached to others."""
    match = re.fullmatch(r"arn:aws:iam::aws:policy/(.+)", str(value))
    if match is None:
        return None
    if match[1].startswith("aws-service-role/"):
        return "PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role."
    if match[1] in _managed():
        return None
    return f"NoSuchEntity: Policy {value} does not exist or is not attachable."


def _of_partition(path: str) -> Demand:
    """Resources of a policy are in the partition of the account, as IAM answers.

    github badmintoncryer/cdk-preflight, pf-iam-policy-resource-partition.
    """

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        account_partition = world.variables["partition"]
        for _, text in select(inputs, path):
            partitions = (
                re.findall(r'(?:^|")arn:(aws[a-z-]*):', text) if isinstance(text, str) else []
            )
            for partition in dict.fromkeys(partitions):
                if partition != account_partition:
                    yield f'Partition "{partition}" is not valid in a policy of {account_partition}'

    return demand


OWN_PATH = pattern("path", r"(?!/aws-service-role/)[\s\S]*", "a path that is not AWS's own")
RULES: dict[str, tuple[Rule, ...]] = {
    BUDGET: (
        # Budget, BudgetName.
        pattern("name", r"(?!.*/action/)[^:\\]{1,100}", "without : and \\ and /action/"),
        PathRule(("limitUnit", "limitAmount", "budgetType"), _limit),
        *(only_with(name, "budgetType", *OF_COST) for name in ("plannedLimits",)),
        only_with("costTypes", "budgetType", "COST"),
        only_with("plannedLimits", "timeUnit", "MONTHLY", "QUARTERLY"),
        # CostTypes: UseAmortized.
        not_with("costTypes.useAmortized", "costTypes.useBlended", True),
        needed_with(
            "autoAdjustData.historicalOptions", "autoAdjustData.autoAdjustType", "HISTORICAL"
        ),
        not_with("autoAdjustData.historicalOptions", "autoAdjustData.autoAdjustType", "FORECAST"),
        PathRule(
            ("autoAdjustData.historicalOptions.budgetAdjustmentPeriod", "timeUnit"), _adjusted
        ),
        check("costFilters[*]", _filters),
        check("notifications[*]", _has_subscriber),
        check(
            "notifications[*].threshold",
            lambda value: None if value > 0 else f"{excerpt(value)} is not more than 0",
        ),
        pattern("notifications[*].subscriberEmailAddresses[*]", EMAIL, "an e-mail address"),
        ordered("timePeriodStart", "timePeriodEnd", moment, strict=True),
        check(
            "timePeriodEnd",
            lambda value: (
                f"{excerpt(value)} is after 2087-06-15" if str(value) > "2087-06-15_00:00" else None
            ),
        ),
    ),
    ROLE: (
        PathRule(("inlinePolicies[*].policy",), _whole),
        unique("inlinePolicies[*].name"),
        # PutRolePolicy: PolicyName and PolicyDocument.
        each("inlinePolicies[*]", needed_with("name", "policy"), needed_with("policy", "name")),
        count("managedPolicyArns", 0, 20),
        check("managedPolicyArns[*]", _is_managed),
        OWN_PATH,
        check("tags", _one_case),
    ),
    "aws:iam/policy:Policy": (check("tags", _one_case), OWN_PATH),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (check("policyArn", _is_managed),),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        pattern("thumbprintLists[*]", r"[0-9a-fA-F]{40}", "40 hexadecimal digits"),
        count("thumbprintLists", 0, 5),
        count("clientIdLists", 1, 100),
        unique("clientIdLists[*]"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    ROLE: (_of_partition("managedPolicyArns[*]"), _of_partition("inlinePolicies[*].policy")),
    "aws:iam/policy:Policy": (_of_partition("policy"),),
    "aws:iam/rolePolicy:RolePolicy": (_of_partition("policy"),),
}
