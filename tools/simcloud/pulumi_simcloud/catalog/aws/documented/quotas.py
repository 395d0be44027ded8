"""How much a role, a queue, a security group or a log group takes in all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import LOG_GROUP, QUEUE, ROLE, SECURITY_GROUP
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, parsed
from pulumi_simcloud.rules.log_filters import expressions_in
from pulumi_simcloud.rules.policy_arns import items_of

INLINE = "aws:iam/rolePolicy:RolePolicy"
ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
LOG_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, default quotas.
MOST_ATTACHED, LARGEST_INLINE = 10, 10_240
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
MOST_STATEMENTS, MOST_PRINCIPALS, MOST_ACTIONS, MOST_CONDITIONS = 20, 50, 7, 10
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
MOST_GROUP_RULES = 60
# PutMetricFilter.
MOST_FILTERS, MOST_EXPRESSIONS = 100, 5


def _attached(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Managed policies of a role."""
    role = world.find([ROLE], inputs.get("role"))
    if role is None:
        return
    names = (role.inputs.get("name"), role.id)
    arns = {
        row.inputs.get("policyArn") for row in world.of(ATTACHED) if row.inputs["role"] in names
    }
    arns.update(role.inputs.get("managedPolicyArns") or [])
    if len(arns - {inputs.get("policyArn")}) >= MOST_ATTACHED:
        yield f"LimitExceeded: Cannot exceed quota for PoliciesPerRole: {MOST_ATTACHED}"


def _inside(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The policies inside a role, all together."""
    role = world.find([ROLE], inputs.get("role"))
    if role is None:
        return
    names = (role.inputs.get("name"), role.id)
    texts = [text for _, text in select(role.inputs, "inlinePolicies[*].policy")]
    texts += [
        row.inputs.get("policy")
        for row in world.of(INLINE)
        if row.inputs.get("role") in names and row.inputs.get("name") != inputs.get("name")
    ]
    texts.append(inputs.get("policy"))
    size = sum(len(re.sub(r"\s", "", text)) for text in texts if isinstance(text, str))
    if size > LARGEST_INLINE:
        reason = f"Maximum policy size of {LARGEST_INLINE} bytes exceeded for role"
        yield f"LimitExceeded: {reason} {inputs.get('role')}"


def _queue_policy(text: Any) -> str | None:
    document = parsed(text)
    # Warning of the provider's aws_sqs_queue_policy: "AWS will hang indefinitely, leading to a
    # timeout while waiting error"; hashicorp/terraform-provider-aws#29497 and pull request 41249.
    if isinstance(document, dict) and "Version" not in document:
        return "timeout while waiting for the policy: it has no Version"
    statements = items_of(document.get("Statement")) if isinstance(document, dict) else []
    statements = [item for item in statements if isinstance(item, dict)]
    if len(statements) > MOST_STATEMENTS:
        return f"OverLimit: {len(statements)} statements, allowed are {MOST_STATEMENTS}"
    actions = max((len(items_of(item.get("Action"))) for item in statements), default=0)
    if actions > MOST_ACTIONS:
        return f"OverLimit: {actions} actions in a statement, allowed are {MOST_ACTIONS}"
    principals = sum(
        len(items_of(names))
        for item in statements
        if isinstance(item.get("Principal"), dict)
        for names in item["Principal"].values()
    )
    if principals > MOST_PRINCIPALS:
        return f"OverLimit: {principals} principals, allowed are {MOST_PRINCIPALS}"
    conditions = sum(
        len(tests)
        for item in statements
        if isinstance(item.get("Condition"), dict)
        for tests in item["Condition"].values()
        if isinstance(tests, dict)
    )
    if conditions > MOST_CONDITIONS:
        return f"OverLimit: {conditions} conditions, allowed are {MOST_CONDITIONS}"
    return None


def _group_rules(inputs: Inputs) -> Iterator[Failure]:
    """Each source of an entry is a rule, and addresses of both kinds count apart."""
    for way in ("ingress", "egress"):
        counts = dict.fromkeys(("cidrBlocks", "ipv6CidrBlocks"), 0)
        for _, rule in select(inputs, f"{way}[*]"):
            if not isinstance(rule, dict) or UNKNOWN in rule.values():
                continue
            for name in counts:
                counts[name] += len(rule.get(name) or [])
        for name, number in counts.items():
            if number > MOST_GROUP_RULES:
                reason = f"{number} rules with {name}, allowed are {MOST_GROUP_RULES}"
                yield Failure(way, f"RulesPerSecurityGroupLimitExceeded: {reason}")


def _filters(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The metric filters of a log group, and the regular expressions in them."""
    group = world.find([LOG_GROUP], inputs.get("logGroupName"), ("name",))
    if group is None:
        return
    other_filters = [
        row.inputs
        for row in world.of(LOG_FILTER)
        if row.inputs.get("logGroupName") == inputs.get("logGroupName")
        and row.inputs.get("name") != inputs.get("name")
    ]
    if len(other_filters) >= MOST_FILTERS:
        yield f"LimitExceededException: the log group has {MOST_FILTERS} metric filters"
    with_expressions = sum(
        bool(expressions_in(item.get("pattern"))) for item in (*other_filters, inputs)
    )
    if expressions_in(inputs.get("pattern")) and with_expressions > MOST_EXPRESSIONS:
        reason = f"{MOST_EXPRESSIONS} filters of the log group have regular expressions"
        yield f"LimitExceededException: {reason}"


RULES: dict[str, tuple[Rule, ...]] = {
    QUEUE: (check("policy", _queue_policy),),
    QUEUE_POLICY: (check("policy", _queue_policy),),
    SECURITY_GROUP: (PathRule(("ingress", "egress"), _group_rules),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    ATTACHED: (_attached,),
    INLINE: (_inside,),
    LOG_FILTER: (_filters,),
}
