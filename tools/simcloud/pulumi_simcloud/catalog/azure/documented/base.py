"""Storage, Key Vault, registries, budgets, identities: what the REST reference says of fields.

Unless another page is named, each rule stands at the field of the operation "Create Or Update" in
https://learn.microsoft.com/rest/api.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.documented.conditions import condition_error
from pulumi_simcloud.catalog.azure.identity import GUID
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, count, one_of, pattern
from pulumi_simcloud.rules.fields import (
    lasts,
    moment,
    needed_with,
    not_with,
    only_with,
    ordered,
)

PREFIX = "azure-native:"
ACCOUNT = f"{PREFIX}storage:StorageAccount"
CONTAINER = f"{PREFIX}storage:BlobContainer"
SERVICE = f"{PREFIX}storage:BlobServiceProperties"
POLICY = f"{PREFIX}storage:ManagementPolicy"
BLOB = f"{PREFIX}storage:Blob"
VAULT, KEY = f"{PREFIX}keyvault:Vault", f"{PREFIX}keyvault:Key"
REGISTRY = f"{PREFIX}containerregistry:Registry"
BUDGET = f"{PREFIX}consumption:Budget"
ROLE = f"{PREFIX}authorization:RoleDefinition"
ASSIGNMENT = f"{PREFIX}authorization:RoleAssignment"
FEDERATED = f"{PREFIX}managedidentity:FederatedIdentityCredential"
SUBNET = f"{PREFIX}network:Subnet"
EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"
# learn.microsoft.com, "Storage account overview", types of storage accounts.
LOCAL, GEO = (
    ("Standard_LRS", "Standard_GRS", "Standard_RAGRS"),
    ("Standard_GZRS", "Standard_RAGZRS"),
)
SKUS = {
    "Storage": (*LOCAL, "Premium_LRS"),
    "StorageV2": (*LOCAL, *GEO, "Standard_ZRS", "Premium_LRS"),
    "BlobStorage": LOCAL,
    "BlockBlobStorage": ("Premium_LRS", "Premium_ZRS"),
    "FileStorage": (
        "Premium_LRS",
        "Premium_ZRS",
        "StandardV2_LRS",
        "StandardV2_GRS",
        "StandardV2_ZRS",
        "StandardV2_GZRS",
        "PremiumV2_LRS",
        "PremiumV2_ZRS",
    ),
}


def _kind(inputs: Inputs) -> Iterator[Failure]:
    """Replication and tier are among those of the kind."""
    kind, sku = inputs.get("kind"), (inputs.get("sku") or {}).get("name")
    tier = inputs.get("accessTier")
    if not isinstance(kind, str):
        return
    allowed = SKUS.get(kind)
    if allowed and isinstance(sku, str) and sku not in allowed:
        yield Failure("sku.name", f"{sku} does not go with kind {kind}: {', '.join(allowed)}")
    if kind == "Storage" and tier is not None:
        yield Failure("accessTier", "not with kind Storage")
    if isinstance(tier, str) and (tier == "Premium") != (kind == "BlockBlobStorage"):
        yield Failure("accessTier", f"{tier} does not go with kind {kind}")


def _public_network(value: Any) -> str | None:
    """Public addresses, a whole network or a single one (ipRules; "Configure firewalls").

    Bits of a host are taken: 23.45.0.1/30 is right in github hashicorp/terraform-provider-azurerm,
    internal/services/storage/validate/storage_account_ip_rule_test.go.
    """
    text = str(value)
    try:
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return f"{excerpt(value)} is no IPv4 address or range"
    return f"{excerpt(value)} is private" if network.is_private else None


def _address(value: Any) -> str | None:
    """As above; a storage account takes no range of one or two addresses."""
    if re.search(r"/3[12]$", str(value)):
        return f"{excerpt(value)}: ranges of /31 and /32 are not supported, addresses are"
    return _public_network(value)


def _public(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A public container is in an account that allows them."""
    if inputs.get("publicAccess") not in ("Blob", "Container"):
        return
    for row in world.of(ACCOUNT):
        own = row.inputs.get("accountName") == inputs.get("accountName")
        if own and row.inputs.get("allowBlobPublicAccess") is not True:
            yield "PublicAccessNotPermitted: public access is not permitted on this storage account"


def _restores(inputs: Inputs) -> Iterator[Failure]:
    """A restore needs deleted blobs, versions and the change feed (RestorePolicyProperties)."""
    restore = inputs.get("restorePolicy")
    if not isinstance(restore, dict) or restore.get("enabled") is not True:
        return
    for path in ("deleteRetentionPolicy.enabled", "changeFeed.enabled", "isVersioningEnabled"):
        if not any(value in (True, UNKNOWN) for _, value in select(inputs, path)):
            yield Failure("restorePolicy", f"needs {path}")


def _flat(inputs: Inputs, world: Existing) -> Iterator[str]:
    """learn.microsoft.com, "Blob Storage feature support": not with a hierarchical namespace."""
    for row in world.of(ACCOUNT):
        if row.inputs.get("accountName") != inputs.get("accountName"):
            continue
        if row.inputs.get("isHnsEnabled") is True and inputs.get("isVersioningEnabled") is True:
            yield "versioning is not supported with a hierarchical namespace"


def _lifecycle(inputs: Inputs) -> Iterator[Failure]:
    """ManagementPolicyDefinition: conditions of each action, and what a type of blob takes."""
    for path, definition in select(inputs, "policy.rules[*].definition"):
        if not isinstance(definition, dict):
            continue
        filters = definition.get("filters")
        types = filters.get("blobTypes") if isinstance(filters, dict) else None
        actions = definition.get("actions")
        actions = actions if isinstance(actions, dict) else {}
        for part, steps in actions.items():
            if not isinstance(steps, dict):
                continue
            tiers = [name for name in steps if name.startswith("tierTo")]
            if isinstance(types, list) and "appendBlob" in types and tiers:
                yield Failure(f"{path}.actions.{part}", "appendBlob has delete actions alone")
            yield from _steps(f"{path}.actions.{part}", steps)


def _steps(path: str, steps: dict[str, Any]) -> Iterator[Failure]:
    for name, step in steps.items():
        if not isinstance(step, dict):
            continue
        conditions = [key for key in step if key != "daysAfterLastTierChangeGreaterThan"]
        if len(conditions) != 1:
            yield Failure(f"{path}.{name}", f"has {len(conditions)} conditions, needs one")
        if "daysAfterLastTierChangeGreaterThan" in step and name != "tierToArchive":
            yield Failure(f"{path}.{name}", "daysAfterLastTierChange is for tierToArchive")
    automatic = steps.get("enableAutoTierToHotFromCool")
    cool = steps.get("tierToCool")
    by_access = isinstance(cool, dict) and "daysAfterLastAccessTimeGreaterThan" in cool
    if automatic is True and not by_access:
        yield Failure(
            path, "enableAutoTierToHotFromCool needs daysAfterLastAccessTime of tierToCool"
        )


def _policies(inputs: Inputs) -> Iterator[Failure]:
    """Who may do what: roles, or policies of the vault's own directory (VaultProperties)."""
    properties = inputs.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    policies = properties.get("accessPolicies")
    roles = properties.get("enableRbacAuthorization") in (True, UNKNOWN)
    if policies is None and not roles and properties.get("createMode") != "recover":
        yield Failure("properties.accessPolicies", "missing: needed without roles")
    tenant = properties.get("tenantId")
    for number, policy in enumerate(policies if isinstance(policies, list) else ()):
        own = policy.get("tenantId") if isinstance(policy, dict) else None
        if isinstance(own, str) and isinstance(tenant, str) and own.lower() != tenant.lower():
            yield Failure(f"properties.accessPolicies[{number}].tenantId", "is not the vault's")


OPERATIONS_OF_CURVES = ("sign", "verify", "import")


def _key(inputs: Inputs) -> Iterator[Failure]:
    """Sizes are RSA's, curves EC's, and so are operations (KeyProperties)."""
    properties = inputs.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    kind = properties.get("kty")
    if not isinstance(kind, str):
        return
    curve = kind.startswith("EC")
    if curve and properties.get("keySize") is not None:
        yield Failure("properties.keySize", f"not with kty {kind}")
    if not curve and properties.get("curveName") is not None:
        yield Failure("properties.curveName", f"not with kty {kind}")
    for operation in properties.get("keyOps") or []:
        if curve and isinstance(operation, str) and operation not in OPERATIONS_OF_CURVES:
            yield Failure("properties.keyOps", f"{operation} is no operation of a {kind} key")


def _hardware(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Keys in hardware are in premium vaults ("About keys")."""
    if not str((inputs.get("properties") or {}).get("kty")).endswith("-HSM"):
        return
    for row in world.of(VAULT):
        sku = (row.inputs.get("properties") or {}).get("sku") or {}
        own = row.inputs.get("vaultName") == inputs.get("vaultName")
        if own and str(sku.get("name")).lower() == "standard":
            yield "keys in hardware need a vault of sku premium"


# learn.microsoft.com, "Azure Container Registry service tiers".
PREMIUM_ONLY = (
    "networkRuleSet.ipRules",
    "dataEndpointEnabled",
    "encryption.keyVaultProperties",
    "policies.quarantinePolicy",
    "policies.retentionPolicy",
    "policies.trustPolicy",
    "zoneRedundancy",
)


def _premium(inputs: Inputs) -> Iterator[Failure]:
    sku = (inputs.get("sku") or {}).get("name")
    if not isinstance(sku, str) or sku.lower() == "premium":
        return
    for path in PREMIUM_ONLY:
        values = [value for _, value in select(inputs, path)]
        if any(_is_on(value) for value in values):
            yield Failure(path, f"only with sku Premium, not {sku}")
    rules = inputs.get("networkRuleSet")
    if isinstance(rules, dict) and (rules.get("ipRules") or rules.get("defaultAction") == "Deny"):
        yield Failure("networkRuleSet", f"only with sku Premium, not {sku}")
    if inputs.get("publicNetworkAccess") == "Disabled":
        yield Failure("publicNetworkAccess", f"is disabled with sku Premium alone, not {sku}")
    if inputs.get("anonymousPullEnabled") is True and sku.lower() == "basic":
        yield Failure("anonymousPullEnabled", "not with sku Basic")


def _is_on(value: Any) -> bool:
    if isinstance(value, str):
        return value.lower() == "enabled"
    if isinstance(value, dict):
        return str(value.get("status", "enabled")).lower() == "enabled"
    return bool(value)


def _groups(inputs: Inputs) -> Iterator[Failure]:
    """Action groups are told of subscriptions and resource groups (Notification, contactGroups)."""
    scope = str(inputs.get("scope"))
    simple = re.fullmatch(r"/subscriptions/[^/]+(/resourceGroups/[^/]+)?", scope, re.IGNORECASE)
    for path, groups in select(inputs, "notifications[*].contactGroups"):
        if groups and not simple and inputs.get("scope") is not UNKNOWN:
            yield Failure(path, "only for subscriptions and resource groups")


def _actions(value: Any) -> str | None:
    """Operations have a provider and a path (RoleDefinition, Permission)."""
    if not isinstance(value, str) or value == "*" or "/" in value:
        return None
    return f"InvalidActionOrNotAction: {excerpt(value)} matches none of the actions of providers"


def _named_once(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Names of custom roles are none of built-in ones ("Azure custom roles", Name)."""
    if inputs.get("roleName") in table("azure_roles").values():
        yield f"RoleDefinitionWithSameNameExists: {inputs['roleName']!r} is a built-in role"


def _endpoints(path: str, service: str) -> Demand:
    """Subnets that a firewall lets in have the service's endpoint.

    learn.microsoft.com, "Virtual Network service endpoints";
    SubnetsHaveNoServiceEndpointsConfigured is what the service answers.
    """

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        for _, item in select(inputs, path):
            item = item if isinstance(item, dict) else {}
            name = item.get("id") or item.get("virtualNetworkResourceId")
            row = world.find([SUBNET], name, ("id",))
            if row is None or item.get("ignoreMissingVnetServiceEndpoint") is True:
                continue
            found = [text for _, text in select(row.inputs, "serviceEndpoints[*].service")]
            if not any(str(text).lower().startswith(service.lower()) for text in found):
                yield f"SubnetsHaveNoServiceEndpointsConfigured: {name!r} lacks {service}"

    return demand


def _accessed(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Rules on the last access need its tracking (Management Policies)."""
    if "daysAfterLastAccessTimeGreaterThan" not in str(inputs.get("policy")):
        return
    for row in world.of(SERVICE):
        tracking = row.inputs.get("lastAccessTimeTrackingPolicy") or {}
        own = row.inputs.get("accountName") == inputs.get("accountName")
        if own and tracking.get("enable") is True:
            return
    yield "last access time based tracking policy must be enabled before its use in a rule"


def _archived(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Accounts with zones have no archive tier.

    learn.microsoft.com, "Access tiers for blob data", archive tier: LRS, GRS and RA-GRS alone.
    """
    if "tierToArchive" not in str(inputs.get("policy")):
        return
    for row in world.of(ACCOUNT):
        sku = str((row.inputs.get("sku") or {}).get("name"))
        if row.inputs.get("accountName") == inputs.get("accountName") and "ZRS" in sku:
            yield f"InvalidLifecyclePolicy: tierToArchive is not supported with {sku}"


def _squashed(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Root is squashed where NFS is (enableNfsV3RootSquash, enableNfsV3AllSquash)."""
    if not any(inputs.get(f"enableNfsV3{kind}Squash") for kind in ("Root", "All")):
        return
    for row in world.of(ACCOUNT):
        own = row.inputs.get("accountName") == inputs.get("accountName")
        if own and row.inputs.get("enableNfsV3") is not True:
            yield "NFSv3 is not enabled on the storage account"


def _account_features(inputs: Inputs) -> Iterator[Failure]:
    """Tiers and kinds of NFS and of a second encryption.

    github hashicorp/terraform-provider-azurerm 69697b7f, storage_account_resource.go.
    """
    kind, sku = inputs.get("kind"), (inputs.get("sku") or {}).get("name")
    if not isinstance(kind, str) or not isinstance(sku, str):
        return
    premium = sku.startswith("Premium")
    if inputs.get("enableNfsV3") is True and kind != (
        "BlockBlobStorage" if premium else "StorageV2"
    ):
        yield Failure("enableNfsV3", f"not with kind {kind} and {sku}")
    twice = (inputs.get("encryption") or {}).get("requireInfrastructureEncryption")
    fitting = ("BlockBlobStorage", "FileStorage", "StorageV2") if premium else ("StorageV2",)
    if twice is True and kind not in fitting:
        yield Failure("encryption.requireInfrastructureEncryption", f"not with kind {kind}")


def _own_tags(value: Any) -> str | None:
    long = [key for key in value if len(key) > 128] if isinstance(value, dict) else []
    return f"InvalidTagNameLength: {long[0][:40]!r} has over 128 characters" if long else None


def _duplicates(value: Any) -> str | None:
    """One policy for each who (VaultProperties, accessPolicies)."""
    keys = [
        (item.get("tenantId"), item.get("objectId"), item.get("applicationId"))
        for item in value
        if isinstance(item, dict) and UNKNOWN not in item.values()
    ]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    return f"BadRequest: two access policies for {twice[1]}" if twice else None


def _days(value: Any) -> float | None:
    match = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?", str(value))
    if match is None or not any(match.groups()):
        return None
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    return years * 365 + months * 30 + weeks * 7 + days


def _rotated(inputs: Inputs) -> Iterator[Failure]:
    """learn.microsoft.com, "Configure cryptographic key auto-rotation": seven days each.

    Of timeBeforeExpiry so github hashicorp/terraform-provider-azurerm, key_vault_key_resource.go.
    """
    path = "properties.rotationPolicy"
    policy = next((item for _, item in select(inputs, path)), None)
    if not isinstance(policy, dict):
        return
    # https://github.com/Azure/bicep-registry-modules/issues/2760
    if policy.get("lifetimeActions") is None:
        yield Failure(path, "InvalidKeyRotationPolicy: the value of lifetimeActions is null")
    ends = _days((policy.get("attributes") or {}).get("expiryTime"))
    for item in policy.get("lifetimeActions") or []:
        trigger = item.get("trigger") if isinstance(item, dict) else None
        trigger = trigger if isinstance(trigger, dict) else {}
        after, before = (_days(trigger.get(k)) for k in ("timeAfterCreate", "timeBeforeExpiry"))
        if before is not None and ends is None:
            yield Failure(path, "timeBeforeExpiry needs an expiryTime")
        if before is not None and (before < 7 or (ends is not None and before > ends - 7)):
            yield Failure(path, f"timeBeforeExpiry {trigger['timeBeforeExpiry']}: 7 days or more")
        if after is not None and (after < 7 or (ends is not None and after > ends - 7)):
            yield Failure(path, f"timeAfterCreate {trigger['timeAfterCreate']} is not 7 days apart")


def _registry(inputs: Inputs) -> Iterator[Failure]:
    """What policies of a registry ask of each other.

    "Disable export of artifacts", "Enable soft delete policy" (limits), and
    container_registry_resource.go of terraform-provider-azurerm.
    """
    policies = inputs.get("policies")
    policies = policies if isinstance(policies, dict) else {}
    on = {name: str((policies.get(name) or {}).get("status")).lower() for name in policies}
    if on.get("exportPolicy") == "disabled" and inputs.get("publicNetworkAccess") != "Disabled":
        yield Failure("policies.exportPolicy", "disabled only with publicNetworkAccess Disabled")
    if on.get("softDeletePolicy") == on.get("retentionPolicy") == "enabled":
        yield Failure("policies.softDeletePolicy", "excludes the retentionPolicy")


def _within_years(inputs: Inputs) -> Iterator[Failure]:
    """A budget ends within ten years (BudgetTimePeriod: "Budgets")."""
    ends = [moment((inputs.get("timePeriod") or {}).get(k)) for k in ("startDate", "endDate")]
    if ends[0] and ends[1] and ends[1].year > ends[0].year + 10:
        yield Failure("timePeriod.endDate", "is more than ten years after startDate")


RULES: dict[str, tuple[Rule, ...]] = {
    ACCOUNT: (
        PathRule(("sku.name", "kind"), _kind),
        PathRule(("enableNfsV3", "kind"), _account_features),
        check("tags", _own_tags),
        not_with("immutableStorageWithVersioning", "isHnsEnabled", True),
        needed_with(
            "immutableStorageWithVersioning.immutabilityPolicy.immutabilityPeriodSinceCreationInDays",
            "immutableStorageWithVersioning.immutabilityPolicy",
        ),
        pattern("customDomain.name", r"([\w-]+\.)+[A-Za-z]{2,}", "a domain"),
        pattern("networkRuleSet.resourceAccessRules[*].tenantId", GUID, "a GUID"),
        *(only_with(name, "isHnsEnabled", True) for name in ("isSftpEnabled", "enableNfsV3")),
        check(
            "minimumTlsVersion",
            lambda value: "TLS 1.3 is not supported as the least" if value == "TLS1_3" else None,
        ),
        check("networkRuleSet.ipRules[*].iPAddressOrRange", _address),
        count("networkRuleSet.ipRules", 0, 400),
        count("identity.userAssignedIdentities", 0, 1),
        needed_with("encryption.keyVaultProperties", "encryption.keySource", "Microsoft.Keyvault"),
        needed_with("identity", "encryption.keySource", "Microsoft.Keyvault"),
        needed_with(
            "azureFilesIdentityBasedAuthentication.activeDirectoryProperties",
            "azureFilesIdentityBasedAuthentication.directoryServiceOptions",
            "AD",
        ),
        pattern("sasPolicy.sasExpirationPeriod", r"\d+\.\d\d:\d\d:\d\d", "D.HH:MM:SS"),
        between("keyPolicy.keyExpirationPeriodInDays", 1, 2**31 - 1),
    ),
    CONTAINER: (
        only_with("denyEncryptionScopeOverride", "defaultEncryptionScope"),
        # "Setting and retrieving properties and metadata for Blob Storage resources".
        check(
            "metadata",
            lambda value: next(
                (
                    f"InvalidMetadata: {excerpt(key)} {excerpt(item)}"
                    for key, item in value.items()
                    if not re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) or not str(item).isascii()
                ),
                None,
            ),
        ),
    ),
    SERVICE: (
        PathRule(("restorePolicy.enabled",), _restores),
        ordered("restorePolicy.days", "deleteRetentionPolicy.days", strict=True),
        needed_with("restorePolicy.days", "restorePolicy.enabled", True),
        needed_with("deleteRetentionPolicy.days", "deleteRetentionPolicy.enabled", True),
        needed_with(
            "containerDeleteRetentionPolicy.days", "containerDeleteRetentionPolicy.enabled", True
        ),
        between("changeFeed.retentionInDays", 1, 146_000),
        not_with("deleteRetentionPolicy.allowPermanentDelete", "restorePolicy.enabled", True),
        count("cors.corsRules", 0, 5),
        one_of("lastAccessTimeTrackingPolicy.name", "AccessTimeTracking"),
        one_of("lastAccessTimeTrackingPolicy.trackingGranularityInDays", 1),
        one_of("lastAccessTimeTrackingPolicy.blobType[*]", "blockBlob"),
        pattern("defaultServiceVersion", r"\d{4}-\d\d-\d\d", "a date"),
        # CorsRule and "Cross-Origin Resource Sharing (CORS) support".
        count("cors.corsRules[*].allowedOrigins", 1, 64),
        count("cors.corsRules[*].allowedMethods", 1, 10),
        count("cors.corsRules[*].allowedHeaders", 0, 66),
        between("cors.corsRules[*].maxAgeInSeconds", 0, 2**31 - 1),
    ),
    POLICY: (
        count("policy.rules", 1, 100),
        pattern(
            "policy.rules[*].definition.filters.prefixMatch[*]",
            r"[a-z0-9$][a-z0-9$-]*(/[\s\S]*)?",
            "begins with a container's name",
        ),
        check(
            "policy.rules[*].definition",
            lambda value: (
                "blobIndexMatch is not for versions and snapshots"
                if (value.get("filters") or {}).get("blobIndexMatch")
                and {"version", "snapshot"} & set(value.get("actions") or {})
                else None
            ),
        ),
        PathRule(("policy.rules[*].definition.actions",), _lifecycle),
        check(
            "policy.rules[*].definition.filters.blobTypes",
            lambda value: None if value else "needs a type of blobs",
        ),
        one_of(
            "policy.rules[*].definition.filters.blobTypes[*]",
            "blockBlob",
            "appendBlob",
        ),
        count("policy.rules[*].definition.filters.blobIndexMatch", 0, 10),
        one_of("policy.rules[*].definition.filters.blobIndexMatch[*].op", "=="),
    ),
    BLOB: (
        *(not_with(name, "type", "Append") for name in ("source", "contentMd5")),
        only_with("accessTier", "type", "Block", default="Block"),
    ),
    VAULT: (
        PathRule(("properties.accessPolicies", "properties.tenantId"), _policies),
        check(
            "properties.enableSoftDelete",
            lambda value: None if value else "soft delete cannot be turned off",
        ),
        check("properties.networkAcls.ipRules[*].value", _public_network),
        pattern("properties.tenantId", GUID, "a GUID"),
        pattern("properties.accessPolicies[*].objectId", r"[0-9a-fA-F-]{36}", "a GUID"),
        count("properties.accessPolicies", 0, 1024),
        check("properties.accessPolicies", _duplicates),
    ),
    KEY: (
        PathRule(("properties.kty", "properties.keySize"), _key),
        PathRule(("properties.rotationPolicy.lifetimeActions",), _rotated),
        ordered("properties.attributes.notBefore", "properties.attributes.expires", strict=True),
        lasts("properties.rotationPolicy.attributes.expiryTime", "P28D", "P36500D"),
    ),
    REGISTRY: (
        PathRule(("sku.name", *PREMIUM_ONLY), _premium),
        PathRule(("policies.exportPolicy.status", "publicNetworkAccess"), _registry),
        check("networkRuleSet.ipRules[*].iPAddressOrRange", _public_network),
        needed_with("encryption.keyVaultProperties", "encryption.status", "enabled"),
        needed_with("identity", "encryption.status", "enabled"),
        between("policies.retentionPolicy.days", 0, 365),
        between("policies.softDeletePolicy.retentionDays", 1, 90),
    ),
    BUDGET: (
        ordered("timePeriod.startDate", "timePeriod.endDate", moment, strict=True),
        PathRule(("timePeriod.startDate", "timePeriod.endDate"), _within_years),
        check(
            "filter.and",
            lambda value: None if len(value) > 1 else f"has {len(value)} items, needs two",
        ),
        PathRule(("notifications[*].contactGroups", "scope"), _groups),
        pattern("notifications[*].contactEmails[*]", EMAIL, "an e-mail address"),
        pattern("notifications[*].contactGroups[*]", r"/subscriptions/.+", "a resource id"),
    ),
    ROLE: (
        # learn.microsoft.com, "Azure custom roles": AssignableScopes; resources are possible there.
        pattern(
            "assignableScopes[*]",
            r"(?i)/subscriptions/[^/\s*]+(/resourceGroups/[^/\s*]+(/providers/[^\s*]+)?)?"
            r"|/providers/Microsoft\.Management/managementGroups/[^/\s*]+",
            "a subscription, a resource group or a management group, not / for custom roles",
        ),
        check(
            "permissions[*]",
            lambda value: (
                None
                if any(value.get(name) for name in ("actions", "dataActions"))
                else "a permission has actions or dataActions"
            ),
        ),
        pattern("description", r"[\s\S]{0,2048}", "at most 2048 characters"),
        *(
            check(f"permissions[*].{name}[*]", _actions)
            for name in ("actions", "notActions", "dataActions", "notDataActions")
        ),
        one_of("roleType", "CustomRole"),
    ),
    ASSIGNMENT: (
        # RoleAssignmentProperties, conditionVersion.
        one_of("conditionVersion", "2.0"),
        only_with("conditionVersion", "condition"),
        pattern("condition", r"[\s\S]{1,8192}", "at most 8 KB"),
        check("condition", condition_error),
        pattern(
            "roleDefinitionId",
            rf"(?i).*/providers/Microsoft\.Authorization/roleDefinitions/{GUID}",
            "the id of a role definition",
        ),
        pattern("principalId", GUID, "a GUID"),
    ),
    FEDERATED: (
        *(
            pattern(path, r"[\s\S]{1,600}", "at most 600 characters")
            for path in ("issuer", "subject", "audiences[*]")
        ),
        # "Important considerations and restrictions for federated identity credentials".
        check(
            "issuer",
            lambda value: (
                "tokens of Microsoft Entra are not taken"
                if re.match(r"https://(login\.microsoftonline\.com|sts\.windows\.net)/", str(value))
                else None
            ),
        ),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    CONTAINER: (_public, _squashed),
    ROLE: (_named_once,),
    POLICY: (_accessed, _archived),
    ACCOUNT: (_endpoints("networkRuleSet.virtualNetworkRules[*]", "Microsoft.Storage"),),
    VAULT: (_endpoints("properties.networkAcls.virtualNetworkRules[*]", "Microsoft.KeyVault"),),
    SERVICE: (_flat,),
    KEY: (_hardware,),
}
