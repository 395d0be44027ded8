"""Accounts, blobs, vaults, registries and identities: what their guides say beside the reference.

The pages are those of https://learn.microsoft.com; TERRAFORM is
github hashicorp/terraform-provider-azurerm 69697b7f (2026-08-21), internal/services.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from pulumi_simcloud.catalog.azure.documented.base import (
    ACCOUNT,
    BLOB,
    BUDGET,
    CONTAINER,
    KEY,
    POLICY,
    REGISTRY,
    ROLE,
    SERVICE,
    VAULT,
)
from pulumi_simcloud.catalog.azure.identity import ACTION
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, count, one_of, pattern
from pulumi_simcloud.rules.fields import moment, needed_with, used

# TERRAFORM, storage_account_resource.go: what a join to a directory names.
DIRECTORY = "azureFilesIdentityBasedAuthentication"
JOINED = ("azureStorageSid", "domainSid", "forestName", "netBiosDomainName", "domainName")
# "Resource provider and resource types"; a budget is for costs of one of these.
BUDGETED = (
    r"(?i)/?(subscriptions/[^/]+(/resourceGroups/[^/]+)?"
    r"|providers/Microsoft\.Management/managementGroups/[^/]+|providers/Microsoft\.Billing/.+)"
)
LASTING = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T\S+)?")
GROUPS = re.compile(r"(?i)/providers/Microsoft\.Management/managementGroups/")


def _keyed(inputs: Inputs) -> Iterator[Failure]:
    """ "Configure customer-managed keys for a new storage account": who asks for the key.

    TERRAFORM, storage_account_resource.go: an identity that a user assigns is named once more.
    """
    if used(inputs, "encryption.keySource") != ["Microsoft.Keyvault"]:
        return
    path = "encryption.encryptionIdentity.encryptionUserAssignedIdentity"
    identity = inputs.get("identity")
    kind = identity.get("type") if isinstance(identity, dict) else None
    assigned = identity.get("userAssignedIdentities") if isinstance(identity, dict) else None
    named = used(inputs, path)
    if kind == "UserAssigned" and not named:
        yield Failure(path, "missing: needed with an identity of type UserAssigned")
    if isinstance(assigned, list | dict) and UNKNOWN not in (*assigned, *named):
        own = {str(item).lower() for item in assigned}
        for name in named:
            if str(name).lower() not in own:
                yield Failure(path, f"{excerpt(name)} is none of the account's identities")


def _unlocked(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A policy begins disabled or unlocked (AccountImmutabilityPolicyProperties, state)."""
    if "Locked" in used(inputs, "immutableStorageWithVersioning.immutabilityPolicy.state"):
        yield "an immutability policy is created Disabled or Unlocked, and locked later"


def _account(inputs: Inputs, world: Existing) -> Any:
    rows = world.of(ACCOUNT)
    return next((r for r in rows if r.inputs.get("accountName") == inputs.get("accountName")), None)


def _restorable(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Point-in-time restore for block blobs", "Blob Storage feature support"."""
    account = _account(inputs, world)
    if account is None:
        return
    sku = str((account.inputs.get("sku") or {}).get("name"))
    flat = account.inputs.get("isHnsEnabled") is not True
    if True in used(inputs, "restorePolicy.enabled") and (
        account.inputs.get("kind") != "StorageV2" or sku.startswith("Premium") or not flat
    ):
        yield "point-in-time restore is for standard general-purpose v2 accounts alone"
    if True in used(inputs, "changeFeed.enabled") and not flat:
        yield "the change feed is not supported with a hierarchical namespace"
    # TERRAFORM, storage_account_resource.go: "restorePolicy is incompatible with partitioned DNS".
    zoned = account.inputs.get("dnsEndpointType") == "AzureDnsZone"
    if zoned and True in used(inputs, "restorePolicy.enabled"):
        yield "Required feature Global Dns is disabled: no restore policy with AzureDnsZone"


NEWER = ("lastAccessTimeTrackingPolicy.enable", "changeFeed.enabled", "isVersioningEnabled")


def _of_kind(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Accounts that have blobs, and what the first kind of them lacks.

    TERRAFORM, storage_account_resource.go and its issue 11772: FeatureNotSupportedForAccount.
    """
    account = _account(inputs, world)
    kind = account.inputs.get("kind") if account is not None else None
    if kind == "FileStorage":
        yield "FeatureNotSupportedForAccount: Blob is not supported for the account"
    for path in NEWER if kind == "Storage" else ():
        if True in used(inputs, path):
            yield f"{path} is not supported by an account of the kind Storage"


def _features(inputs: Inputs) -> Iterator[Failure]:
    """TERRAFORM, storage_account_resource.go: kinds with files, and with keys of the account."""
    kind = inputs.get("kind")
    large = inputs.get("largeFileSharesState") == "Enabled"
    if large and kind in ("BlobStorage", "BlockBlobStorage", "Storage"):
        yield Failure("largeFileSharesState", f"not with kind {kind}")
    for name in ("queue", "table") if kind == "Storage" else ():
        path = f"encryption.services.{name}.keyType"
        if used(inputs, path) == ["Account"]:
            yield Failure(path, f"Account is not for kind {kind}")


def _versioned(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Configure immutability policies for blob versions": versioning has to be on."""
    if True not in used(inputs, "immutableStorageWithVersioning.enabled"):
        return
    for row in world.of(SERVICE):
        own = row.inputs.get("accountName") == inputs.get("accountName")
        if own and row.inputs.get("isVersioningEnabled") is True:
            return
    account = _account(inputs, world)
    if account is not None and not used(account.inputs, "immutableStorageWithVersioning.enabled"):
        yield "version-level immutability needs blob versioning on the account"


def _managed(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Azure Blob Storage lifecycle management overview": kinds of accounts that have policies."""
    account = _account(inputs, world)
    if account is not None and account.inputs.get("kind") in ("Storage", "FileStorage"):
        yield f"a {account.inputs['kind']} account has no lifecycle management"
    # ManagementPolicyBaseBlob, tierToHot: "only ... with Premium Block Blob Storage Accounts".
    hot = used(inputs, "policy.rules[*].definition.actions.baseBlob.tierToHot")
    if account is not None and hot and account.inputs.get("kind") != "BlockBlobStorage":
        yield "tierToHot is for premium block blob accounts alone"
    # The same page, "Rule actions": no tiers in a premium block blob account.
    for name in ("tierToCool", "tierToCold", "tierToArchive"):
        lower = used(inputs, f"policy.rules[*].definition.actions.baseBlob.{name}")
        if account is not None and lower and account.inputs.get("kind") == "BlockBlobStorage":
            yield f"{name} is not supported in a premium block blob account"


def _whole(inputs: Inputs) -> Iterator[Failure]:
    """Days are whole numbers (DateAfterModification: multipleOf 1)."""
    for path, actions in select(inputs, "policy.rules[*].definition.actions"):
        steps = actions.values() if isinstance(actions, dict) else ()
        for step in (item for part in steps if isinstance(part, dict) for item in part.values()):
            for name, days in step.items() if isinstance(step, dict) else ():
                if isinstance(days, float) and not days.is_integer():
                    yield Failure(path, f"{name} {days} is no whole number")


def _in_root(inputs: Inputs) -> Iterator[Failure]:
    """ "Working with the root container": the names of its blobs have no forward slash."""
    if inputs.get("containerName") == "$root" and "/" in str(inputs.get("blobName")):
        yield Failure("blobName", f"{excerpt(inputs['blobName'])} has a / in $root: InvalidUri")


def _version(value: Any) -> str | None:
    """A version of the service (BlobServiceProperties, defaultServiceVersion)."""
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return f"{excerpt(value)} is no version such as 2020-06-12"
    return None if day >= date(2008, 10, 27) else f"{excerpt(value)} is before 2008-10-27"


def _named(value: Any) -> str | None:
    """ "Setting and retrieving properties and metadata for Blob Storage resources"."""
    for key in value:
        if not re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII):
            return f"InvalidMetadata: {excerpt(key)}"
    return None


def _on(value: Any) -> str | None:
    return None if value else "encryption cannot be disabled"


def _access(value: Any) -> str | None:
    allowed = ("enabled", "disabled", "securedbyperimeter")
    return None if str(value).lower() in allowed else f"{excerpt(value)} is none of {allowed}"


def _released(inputs: Inputs) -> Iterator[Failure]:
    """ "Azure Key Vault secure key release": an exportable key in hardware."""
    if not used(inputs, "properties.releasePolicy"):
        return
    kind = next(iter(used(inputs, "properties.kty")), None)
    if isinstance(kind, str) and kind not in ("RSA-HSM", "EC-HSM"):
        yield Failure("properties.releasePolicy", f"needs kty RSA-HSM or EC-HSM, not {kind}")
    if not used(inputs, "properties.attributes.exportable"):
        yield Failure("properties.releasePolicy", "needs attributes.exportable")


def _near_expiry(inputs: Inputs) -> Iterator[Failure]:
    """ "Configure cryptographic key auto-rotation": seven days before the end at least."""
    for path, action in select(inputs, "properties.rotationPolicy.lifetimeActions[*]"):
        kinds, times = used({"a": action}, "a.action.type"), used({"a": action}, "a.trigger")
        trigger = times[0] if times and isinstance(times[0], dict) else {}
        kind = str(next(iter(kinds), "")).lower()
        for name in ("timeBeforeExpiry", "timeAfterCreate"):
            text = trigger.get(name)
            if isinstance(text, str) and not LASTING.fullmatch(text):
                yield Failure(path, f"{name} {excerpt(text)} is no duration such as P30D")
        if kind == "notify" and trigger.get("timeAfterCreate") is not None:
            yield Failure(path, "timeAfterCreate is for rotate alone")
        match = re.fullmatch(r"P(\d+)D", str(trigger.get("timeBeforeExpiry")))
        if match and int(match[1]) < 7 and kind == "rotate":
            yield Failure(path, f"timeBeforeExpiry {match[0]} is less than seven days")


def _scopes(inputs: Inputs) -> Iterator[Failure]:
    """ "Azure custom roles": management groups, one, and without data actions."""
    groups = [text for text in used(inputs, "assignableScopes[*]") if GROUPS.match(str(text))]
    if len(groups) > 1:
        yield Failure("assignableScopes", f"has {len(groups)} management groups, allowed is one")
    data = ("dataActions", "notDataActions")
    if groups and any(used(inputs, f"permissions[*].{name}") for name in data):
        reason = "You cannot add data action permissions with a management group as a scope"
        yield Failure("permissions", reason)


def _day(value: Any) -> str | None:
    return None if moment(value) else f"{excerpt(value)} is no time such as 2030-01-31T00:00:00Z"


RULES: dict[str, tuple[Rule, ...]] = {
    ACCOUNT: (
        PathRule(("encryption.keySource", "identity.type"), _keyed),
        PathRule(("largeFileSharesState", "encryption.services"), _features),
        *(
            needed_with(
                f"{DIRECTORY}.activeDirectoryProperties.{name}",
                f"{DIRECTORY}.directoryServiceOptions",
                "AD",
            )
            for name in JOINED
        ),
        pattern("encryption.keyVaultProperties.keyVaultUri", r"https://\S+", "an https address"),
        needed_with("encryption.keyVaultProperties.keyName", "encryption.keyVaultProperties"),
        pattern("networkRuleSet.resourceAccessRules[*].resourceId", r"/subscriptions/.+", "an id"),
        # EncryptionService, enabled: "cannot be disabled".
        *(
            check(f"encryption.services.{name}.enabled", _on)
            for name in ("blob", "file", "queue", "table")
        ),
        # SasPolicy: the period is DD.HH:MM:SS.
        pattern(
            "sasPolicy.sasExpirationPeriod",
            r"\d+\.([01]\d|2[0-3]):[0-5]\d:[0-5]\d",
            "days.hours:minutes:seconds",
        ),
    ),
    SERVICE: (check("defaultServiceVersion", _version),),
    POLICY: (PathRule(("policy.rules[*].definition.actions",), _whole),),
    BLOB: (check("metadata", _named), PathRule(("blobName", "containerName"), _in_root)),
    VAULT: (
        # "Azure Key Vault service limits" and "Configure Azure Key Vault networking settings".
        count("properties.networkAcls.ipRules", 0, 1000),
        count("properties.networkAcls.virtualNetworkRules", 0, 200),
        check("properties.publicNetworkAccess", _access),
    ),
    KEY: (
        PathRule(("properties.releasePolicy", "properties.kty"), _released),
        PathRule(("properties.rotationPolicy.lifetimeActions",), _near_expiry),
    ),
    # "Azure Container Registry service tiers": Classic is no more.
    REGISTRY: (one_of("sku.name", "Basic", "Standard", "Premium"),),
    ROLE: (
        PathRule(("assignableScopes", "permissions"), _scopes),
        *(
            pattern(f"permissions[*].{name}[*]", ACTION, "such as Microsoft.Storage/*/read")
            for name in ("notActions", "notDataActions")
        ),
    ),
    BUDGET: (
        pattern("scope", BUDGETED, "a subscription, a resource group, a management group"),
        check("timePeriod.endDate", _day),
        count("filter.dimensions.values", 1, 10_000),
        count("filter.tags.values", 1, 10_000),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    ACCOUNT: (_unlocked,),
    CONTAINER: (_versioned, _of_kind),
    SERVICE: (_restorable, _of_kind),
    POLICY: (_managed,),
}
