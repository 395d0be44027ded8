"""Needs of a stack on Azure: credentials, permissions, resource providers, quotas."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator

from components.targets.azure.machines import (
    COMPUTE,
    ENDPOINT,
    cores,
    deployment_cores,
    folded,
    quota_family,
)
from components.targets.azure.permissions import PERMISSIONS, TYPES
from tools.doctor.checks import BAD, GOOD, OPEN, Check, Stack, attempt
from tools.doctor.rest import ask

HOST = "https://management.azure.com"
LOGIN = "az login && export ARM_SUBSCRIPTION_ID=..."
ROLES_TODO = (
    "ask for Owner on the subscription, or for Contributor and User Access Administrator: "
    "neither Contributor nor Role Based Access Control Administrator may define roles"
)
# On a registry that is there already, the stack gives roles; a role is defined in each place where
# it can be given.
GIVES_ROLES = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleDefinitions/write",
)
# What the first `up` calls: all that `deploy` does later, and the roles themselves.
ACTIONS = tuple(
    dict.fromkeys(
        (
            *PERMISSIONS["deploy"]["group"].actions,
            *GIVES_ROLES,
        )
    )
)
# Beside those of the stack's own resources, managed endpoints want some that Azure names nowhere
# (github.com/MicrosoftLearning/mslearn-azure-ml/issues/106); a registration costs nothing.
FOR_ENDPOINTS = ("Microsoft.Cdn", "Microsoft.Compute", "Microsoft.ContainerRegistry",
                 "Microsoft.Network", "Microsoft.PolicyInsights")  # fmt: skip
# Where the state of alarms is read.
ALERTS = "Microsoft.AlertsManagement"
# Registered in every subscription ("Azure resource providers and types").
ALWAYS = ("Microsoft.Authorization", "Microsoft.Consumption", "Microsoft.Resources")
PROVIDERS = tuple(
    sorted({kind.partition("/")[0] for kind in TYPES} - {*ALWAYS} | {*FOR_ENDPOINTS, ALERTS})
)


def checks(stack: Stack, host: str = HOST) -> Iterator[Check]:
    """Asks Azure, with short timeouts."""
    subscription = stack.config.get("azure-native:subscriptionId") or os.environ.get(
        "ARM_SUBSCRIPTION_ID", ""
    )
    identity = attempt("credentials", LOGIN, lambda: _token(str(subscription)))
    if identity.state != GOOD:
        yield identity
        for name in ("permissions", "providers", "quotas"):
            yield Check(name, OPEN, "needs credentials", LOGIN)
        return
    yield Check("credentials", GOOD, f"subscription {subscription}")
    scope = f"{host}/subscriptions/{subscription}"
    yield attempt("permissions", ROLES_TODO, lambda: _check_actions(scope, identity.found))
    shared = str((stack.config.get("mlops:registry") or {}).get("shared") or "")
    if shared.startswith("/"):
        group = f"{host}{shared.partition('/providers/')[0]}"
        yield attempt(
            "registry",
            f"ask for Owner, or for User Access Administrator, on the resource group of {shared}",
            lambda: _check_actions(group, identity.found, GIVES_ROLES),
        )
    yield _providers(scope, identity.found)
    yield _quota(stack, scope, identity.found, str(stack.config.get("azure-native:location")))


def _token(subscription: str) -> str:
    from azure.identity import DefaultAzureCredential

    if not subscription:
        raise ValueError(
            "no subscription: azure-native:subscriptionId and ARM_SUBSCRIPTION_ID unset"
        )
    return DefaultAzureCredential(process_timeout=10).get_token(f"{HOST}/.default").token


def _check_actions(scope: str, token: str, actions: tuple[str, ...] = ACTIONS) -> str:
    url = f"{scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
    granted = ask(url, token)["value"]
    denied = [
        action
        for action in actions
        if not any(_grants(permission, action) for permission in granted)
    ]
    if denied:
        raise PermissionError(f"not allowed: {', '.join(denied)}")
    return f"{len(actions)} actions allowed"


def _grants(permission: dict, action: str) -> bool:
    def matches(patterns: list[str]) -> bool:
        return any(fnmatch.fnmatch(action.lower(), pattern.lower()) for pattern in patterns)

    return matches(permission["actions"]) and not matches(permission.get("notActions", []))


def _providers(scope: str, token: str) -> Check:
    """Check that the subscription knows the services: azure-native registers none of them."""
    try:
        answer = ask(f"{scope}/providers?api-version=2021-04-01", token)
        providers = answer["value"]
        while answer.get("nextLink"):
            answer = ask(answer["nextLink"], token)
            providers += answer["value"]
    except OSError as error:
        return Check("providers", OPEN, str(error), "az provider list")
    states = {
        provider["namespace"].lower(): provider["registrationState"] for provider in providers
    }
    missing = [name for name in PROVIDERS if states.get(name.lower()) != "Registered"]
    if missing:
        todo = "; ".join(f"az provider register --wait -n {name}" for name in missing)
        return Check("providers", BAD, f"not registered: {', '.join(missing)}", todo)
    return Check("providers", GOOD, f"{len(PROVIDERS)} resource providers are registered")


def _quota(stack: Stack, scope: str, token: str, location: str) -> Check:
    """Check that the region has enough cores of Azure ML free, in the families of the sizes.

    A release holds two versions' instances for a while.
    """
    url = f"{scope}/providers/Microsoft.MachineLearningServices/locations/{location}/usages"
    todo = (
        f"Azure portal, Quotas, Machine learning, {location}: ask for cores of the family, or set "
        "endpoint.instanceType and compute.instanceType to sizes of another"
    )
    try:
        usages = ask(f"{url}?api-version=2025-12-01", token)["value"]
    except OSError as error:
        return Check("quotas", OPEN, str(error), todo)
    free = {
        folded(usage["name"]["value"]): usage["limit"] - usage["currentValue"] for usage in usages
    }
    short, unknown = [], []
    for family, count in sorted(_cores_by_family(stack).items()):
        if family not in free:
            unknown.append(family)
        elif free[family] < count:
            short.append(f"{family}: {free[family]} cores left, {count} needed")
    if short:
        return Check("quotas", BAD, "; ".join(short), todo)
    if unknown:
        return Check("quotas", OPEN, f"Azure tells nothing of {', '.join(unknown)}", todo)
    return Check("quotas", GOOD, f"cores are left in {', '.join(sorted(_cores_by_family(stack)))}")


def _cores_by_family(stack: Stack) -> dict[str, int]:
    """The cores that a stack's machines need at once, by family.

    Every endpoint needs its own, at its largest, and those of the version that a release brings up
    beside; of jobs one at a time is enough, the others wait.
    """
    served: dict[str, int] = {}
    jobs: dict[str, int] = {}
    for compute, endpoint in stack.sections("compute", "endpoint"):
        size = str(endpoint.get("instanceType") or ENDPOINT)
        instances = int(endpoint.get("instances") or 1)
        most = int(endpoint.get("maxInstances") or instances)
        count = deployment_cores(size, most) + deployment_cores(size, instances)
        family = quota_family(size)
        served[family] = served.get(family, 0) + count
        size = str(compute.get("instanceType") or COMPUTE)
        family = quota_family(size)
        jobs[family] = max(jobs.get(family, 0), cores(size))
    return {family: served.get(family, 0) + jobs.get(family, 0) for family in {**served, **jobs}}
