"""The common ground of all resources of Azure Resource Manager."""

from __future__ import annotations

import re
from typing import Any

from pulumi_simcloud.context import Context
from pulumi_simcloud.kinds import Kind, Name, Ref
from pulumi_simcloud.platforms import CLIENT, table
from pulumi_simcloud.rules.azure import tags
from pulumi_simcloud.rules.basic import check, pattern

GROUP_ID = "/subscriptions/{subscription}/resourceGroups/{resourceGroupName}"
DURATION = r"P(?=.)(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?"


def arm(
    token: str,
    path: str,
    name: Name | None = None,
    *,
    name_rule: tuple[str, str] | None = None,
    root: str = GROUP_ID,
    **more: Any,
) -> Kind:
    """A resource of Azure Resource Manager.

    Args:
        token: the type token without `azure-native:`.
        path: the id behind the resource group, such as `Microsoft.Storage/storageAccounts/{a}`.
        name_rule: pattern of the name, and the rule in words
            (learn.microsoft.com, "Naming rules and restrictions for Azure resources").
    """
    identity = f"{root}/providers/{path}"
    rules = [check("location", _location), tags()]
    if name_rule and name:
        rules.append(pattern(name.property, *name_rule))
    computed = {
        "name": (lambda context: context.get(name.property)) if name else "{hex:8}",
        "type": re.sub(r"/(\{\w+\}|default)", "", path),
        **more.pop("computed", {}),
    }
    return Kind(
        f"azure-native:{token}",
        id=identity,
        name=name,
        rules=(*rules, *more.pop("rules", ())),
        computed=computed,
        unique=more.pop("unique", f"{identity.replace('}', '|lower}')}"),
        parent=more.pop("parent", _parent(identity)),
        handles=more.pop("handles", ("id",)),
        **more,
    )


def with_identity(context: Context) -> Any:
    """The `identity` output: a principal for a system-assigned one, a map of user-assigned ones."""
    identity = context.inputs.get("identity")
    if not isinstance(identity, dict):
        return identity
    completed = dict(identity)
    assigned = completed.get("userAssignedIdentities")
    if isinstance(assigned, list):
        completed["userAssignedIdentities"] = {
            resource_id: _assigned(context) for resource_id in assigned
        }
    if "SystemAssigned" in str(identity.get("type")):
        completed |= {"principalId": context.uuid("principal"), "tenantId": context.get("tenant")}
    return completed


def _assigned(context: Context) -> dict[str, str]:
    return {"principalId": context.uuid("assigned"), "clientId": context.uuid("client")}


def duration(path: str) -> Any:
    """A rule: an ISO 8601 duration such as PT5M."""
    return pattern(path, DURATION, "an ISO 8601 duration such as PT5M")


def principal(path: str, *tokens: str) -> Ref:
    """A property that holds the principal id of an identity in this cloud, or of the caller."""
    return Ref(path, tokens, ("principalId", "identity.principalId"), allow=CLIENT)


def _parent(identity: str) -> str:
    above = identity.rsplit("/", 2)[0]
    return re.sub(r"/providers/[^/]+$", "", above)


def _location(value: Any) -> str | None:
    is_known = str(value).lower().replace(" ", "") in table("places")["azure"]
    return None if is_known else f"{value!r} is not an Azure location"
