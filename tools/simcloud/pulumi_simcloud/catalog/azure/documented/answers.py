"""What services of Azure answered to users, where neither reference nor guide says it so plainly.

Each rule names the thread or the page; those without an address are of https://learn.microsoft.com.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.documented.base import (
    ACCOUNT,
    CONTAINER,
    KEY,
    POLICY,
    ROLE,
    SERVICE,
)
from pulumi_simcloud.catalog.azure.documented.machinelearning import MODULE
from pulumi_simcloud.catalog.azure.documented.monitoring import (
    ALERT,
    DIAGNOSTICS,
    SEARCH,
    located,
    plain_place,
)
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import PathRule, check, count, pattern
from pulumi_simcloud.rules.fields import needed_with, used

# github hashicorp/terraform-provider-azurerm, internal/services/storage/validate/
# storage_blob_properties_default_service_version.go; those after the last may be newer than it.
VERSIONS = (
    "2008-10-27", "2009-04-14", "2009-07-17", "2009-09-19", "2011-08-18", "2011-08-28",
    "2012-02-12", "2013-08-15", "2014-02-14", "2015-02-21", "2015-04-05", "2015-07-08",
    "2015-12-11", "2016-05-31", "2017-04-17", "2017-07-29", "2017-11-09", "2018-03-28",
    "2018-11-09", "2019-02-02", "2019-07-07", "2019-10-10", "2019-12-12", "2020-02-10",
    "2020-04-08", "2020-06-12", "2020-08-04", "2020-10-02", "2020-12-06", "2021-02-12",
    "2021-04-10", "2021-06-08", "2021-08-06", "2021-10-04", "2021-12-02",
)  # fmt: skip
DISTANT = ("Standard_GRS", "Standard_GZRS", "Standard_RAGZRS")
MAIL = "properties.action.monitorDefinition.alertNotificationSettings.emailNotificationSettings"


def _near(inputs: Inputs) -> Iterator[Failure]:
    """ "Network File System (NFS) 3.0 protocol support", features: without a second region.

    https://github.com/hashicorp/terraform-provider-azurerm/pull/21654, which has RA-GRS work.
    """
    sku = next(iter(used(inputs, "sku.name")), None)
    if inputs.get("enableNfsV3") is True and sku in DISTANT:
        yield Failure("enableNfsV3", f"The value 'True' is not allowed with {sku}")


def _closed(inputs: Inputs) -> Iterator[Failure]:
    """NetworkAclsDefaultActionMisconfigured: an account with NFS is open to no other network.

    https://github.com/hashicorp/terraform-provider-azurerm/issues/15968
    """
    actions = used(inputs, "networkRuleSet.defaultAction")
    closed = actions in (["Deny"], [UNKNOWN]) or inputs.get("networkRuleSet") is UNKNOWN
    if inputs.get("enableNfsV3") is not True or closed:
        return
    if inputs.get("publicNetworkAccess") not in ("Disabled", "SecuredByPerimeter", UNKNOWN):
        yield Failure("networkRuleSet.defaultAction", "is Deny where enableNfsV3 is true")


def _filtered(value: Any) -> str | None:
    """https://github.com/Azure/bicep-registry-modules/issues/6359"""
    return None if value.get("filters") else "Invalid value for parameter : filter is required"


def _version(value: Any) -> str | None:
    text = str(value)
    known = text in VERSIONS or text > VERSIONS[-1]
    return None if known else f"{excerpt(value)} is no version of the Blob service"


def _exported(inputs: Inputs) -> Iterator[Failure]:
    """https://github.com/Azure/azure-sdk-for-python/issues/29945"""
    path = "properties.attributes.exportable"
    if True in used(inputs, path) and not used(inputs, "properties.releasePolicy"):
        yield Failure(path, "Exportable keys must have release policy")


def _built_in(value: Any) -> str | None:
    """RoleDefinitionExists: github Azure/azure-sdk-for-net, negative tests of role definitions."""
    name = table("azure_roles").get(str(value).lower())
    return f"RoleDefinitionExists: {excerpt(value)} is the built-in role {name!r}" if name else None


# Providers whose types stand at the top and have no data actions of their own in any built-in role.
# github iann0036/iam-dataset 2073fa52 (2026-08-22), azure/built-in-roles-raw.json.
MANAGED = re.compile(
    r"(?i)Microsoft\.(AppConfiguration|Cache|CognitiveServices|Compute|ContainerService|DataFactory"
    r"|DBforPostgreSQL|Databricks|DocumentDB|EventHub|Search|ServiceBus|SignalRService|Sql|Web)"
    r"/\w+/(read|write|delete)"
)


def _of_data(value: Any) -> str | None:
    """ "Understand Azure role definitions", control and data actions.

    https://github.com/hashicorp/terraform-provider-azurerm/issues/24576
    """
    if MANAGED.fullmatch(str(value)):
        return f"InvalidDataActionOrNotDataAction: {excerpt(value)} is of the control plane"
    return None


def _mailed(settings: Any) -> str | None:
    """https://github.com/MicrosoftDocs/azure-docs/issues/118136"""
    return None if settings.get("emails") else "has no emails"


def _itself(inputs: Inputs) -> Iterator[Failure]:
    """ "Monitor Azure Blob Storage": not to the account that is monitored."""
    own, account = (str(inputs.get(key)).lower() for key in ("resourceUri", "storageAccountId"))
    if inputs.get("storageAccountId") is not None and f"{own}/".startswith(f"{account}/"):
        yield Failure("storageAccountId", "is the account that is monitored: logs go to another")


def _in_region(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The region of an alert is that of its scopes.

    https://github.com/Azure/azure-cli/issues/16513
    """
    region = inputs.get("targetResourceRegion")
    if not isinstance(region, str):
        return
    scopes = {str(scope).lower() for scope in used(inputs, "scopes[*]")}
    for row in world.rows:
        place = located(row, world)
        if row.id.lower() not in scopes or not isinstance(place, str):
            continue
        group = row.token.endswith(":ResourceGroup")
        if not group and plain_place(place) != plain_place(region):
            yield f"The following resources were not found under the region {region}: {row.id}"


def _reached_once(inputs: Inputs) -> Iterator[Failure]:
    """https://github.com/Azure/azureml-examples/pull/2990"""
    rules = next(iter(used(inputs, "managedNetwork.outboundRules")), None)
    ends: list[tuple[str, ...]] = []
    for name, rule in rules.items() if isinstance(rules, dict) else ():
        end = rule.get("destination") if isinstance(rule, dict) else None
        if not isinstance(end, dict) or UNKNOWN in end.values():
            continue
        keys = (end.get("serviceResourceId"), end.get("subresourceTarget"))
        if None in keys:
            continue
        ends.append(tuple(str(key).lower() for key in keys))
        if ends.count(ends[-1]) > 1:
            yield Failure(f"managedNetwork.outboundRules.{name}", "a rule to it already exists")


RULES: dict[str, tuple[Rule, ...]] = {
    ACCOUNT: (
        PathRule(("enableNfsV3", "sku.name"), _near),
        PathRule(("enableNfsV3", "networkRuleSet.defaultAction"), _closed),
    ),
    POLICY: (check("policy.rules[*].definition", _filtered),),
    SERVICE: (check("defaultServiceVersion", _version),),
    # https://github.com/pulumi/pulumi-azure-nextgen/issues/222
    CONTAINER: (needed_with("denyEncryptionScopeOverride", "defaultEncryptionScope"),),
    KEY: (PathRule(("properties.attributes.exportable",), _exported),),
    ROLE: (
        check("roleDefinitionId", _built_in),
        # https://github.com/Azure/azure-powershell/pull/29060,
        # https://github.com/MicrosoftDocs/azure-docs/issues/61991
        count("permissions", 1, 1),
        *(
            check(f"permissions[*].{name}[*]", _of_data)
            for name in ("dataActions", "notDataActions")
        ),
    ),
    DIAGNOSTICS: (PathRule(("storageAccountId", "resourceUri"), _itself),),
    SEARCH: (
        # https://github.com/Azure/Azure-Sentinel/issues/10058
        pattern("functionParameters", r"(?!.*=\s*-)[\s\S]*", "no negative default such as -1"),
        # https://github.com/Azure/azure-rest-api-specs/issues/21506
        count("tags", 0, 15),
    ),
    f"{MODULE}:Workspace": (PathRule(("managedNetwork.outboundRules",), _reached_once),),
    f"{MODULE}:Schedule": (check(MAIL, _mailed),),
    # https://github.com/MicrosoftDocs/azure-docs/issues/83465
    **{
        f"{MODULE}:Environment{part}": (
            pattern("name", r"[\w-]{1,255}", "letters, digits, - and _"),
        )
        for part in ("Container", "Version")
    },
    # https://github.com/Azure/azureml-assets/issues/295
    f"{MODULE}:DataVersion": (pattern("version", r".{1,30}", "at most 30 characters"),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {ALERT: (_in_region,)}
