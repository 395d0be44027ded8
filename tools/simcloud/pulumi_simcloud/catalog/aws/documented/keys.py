"""KMS: policies after which nobody of the account could put another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import KEY
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.rules.basic import parsed
from pulumi_simcloud.rules.policy_arns import items_of
from pulumi_simcloud.rules.resource_policies import changes_policy


def _names(statement: dict[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    names = principal.get("AWS") if isinstance(principal, dict) else principal
    return [str(name) for name in items_of(names)]


def _lockout(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Somebody of the account may put a policy (CreateKey: BypassPolicyLockoutSafetyCheck)."""
    document = parsed(inputs.get("policy"))
    if not isinstance(document, dict) or inputs.get("bypassPolicyLockoutSafetyCheck"):
        return
    account = world.variables["account"]
    statements = [item for item in items_of(document.get("Statement")) if isinstance(item, dict)]
    owners = [
        name
        for item in statements
        if changes_policy(item)
        for name in (_names(item) if "Principal" in item else ["*"])
    ]
    denied = any(
        changes_policy(item, "Deny")
        and not item.get("Condition")
        and {"*", account, f"arn:{world.variables['partition']}:iam::{account}:root"}
        & {*_names(item)}
        for item in statements
    )
    if denied or not any(name == "*" or account in name for name in owners):
        reason = "The new key policy will not allow you to update the key policy in the future."
        yield f"MalformedPolicyDocumentException: {reason}"


RULES: dict[str, tuple[Rule, ...]] = {}
DEMANDS: dict[str, tuple[Demand, ...]] = {KEY: (_lockout,)}
