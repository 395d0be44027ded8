"""What a stack on Azure needs: credentials, permissions, quotas."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator

from tools.doctor.checks import BAD, GOOD, OPEN, Check, Stack, attempt
from tools.doctor.rest import ask

HOST = "https://management.azure.com"
LOGIN = "az login && export ARM_SUBSCRIPTION_ID=..."
ACTIONS = (
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.MachineLearningServices/workspaces/write",
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Insights/metricAlerts/write",
)


def checks(stack: Stack, host: str = HOST) -> Iterator[Check]:
    """Asks Azure, with short timeouts."""
    subscription = stack.config.get("azure-native:subscriptionId") or os.environ.get(
        "ARM_SUBSCRIPTION_ID", ""
    )
    identity = attempt("credentials", LOGIN, lambda: _token(str(subscription)))
    if identity.state != GOOD:
        yield identity
        yield Check("permissions", OPEN, "needs credentials", LOGIN)
        yield Check("quotas", OPEN, "needs credentials", LOGIN)
        return
    yield Check("credentials", GOOD, f"subscription {subscription}")
    scope = f"{host}/subscriptions/{subscription}"
    yield attempt(
        "permissions",
        "ask for Contributor and Role Based Access Control Administrator on the resource group",
        lambda: _allowed(scope, identity.found),
    )
    yield _quota(scope, identity.found, str(stack.config.get("azure-native:location")))


def _token(subscription: str) -> str:
    from azure.identity import DefaultAzureCredential

    if not subscription:
        raise ValueError(
            "no subscription: azure-native:subscriptionId and ARM_SUBSCRIPTION_ID unset"
        )
    return DefaultAzureCredential(process_timeout=10).get_token(f"{HOST}/.default").token


def _allowed(scope: str, token: str) -> str:
    url = f"{scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
    granted = ask(url, token)["value"]
    denied = [action for action in ACTIONS if not any(_grants(one, action) for one in granted)]
    if denied:
        raise PermissionError(f"not allowed: {', '.join(denied)}")
    return f"{len(ACTIONS)} actions allowed"


def _grants(permission: dict, action: str) -> bool:
    def matches(patterns: list[str]) -> bool:
        return any(fnmatch.fnmatch(action.lower(), pattern.lower()) for pattern in patterns)

    return matches(permission["actions"]) and not matches(permission.get("notActions", []))


def _quota(scope: str, token: str, location: str) -> Check:
    """Whether the region has cores of Azure ML left."""
    url = f"{scope}/providers/Microsoft.MachineLearningServices/locations/{location}/usages"
    todo = f"Azure portal, Quotas, Machine learning, {location}: ask for cores"
    try:
        usages = ask(f"{url}?api-version=2025-12-01", token)["value"]
    except OSError as error:
        return Check("quotas", OPEN, str(error), todo)
    left = sum(max(0, one["limit"] - one["currentValue"]) for one in usages)
    return Check(
        "quotas", GOOD if left else BAD, f"{left} cores left in {location}", "" if left else todo
    )
