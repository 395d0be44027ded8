"""Azure: places that there are, and smaller rules that hold for the names of assets.

Unless another page is named, each rule stands at the field of the type's REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.azure import entries_of, type_of
from pulumi_simcloud.rules.basic import PathRule, check, count, pattern

PREFIX = "azure-native:"
ML = f"{PREFIX}machinelearningservices:"
# Types that live in no region, and whose location says so ("global").
GLOBAL = ("ActionGroup", "MetricAlert", "ActivityLogAlert", "Dashboard", "SystemTopic", "Budget")
# github hashicorp/terraform-provider-azurerm, consumption budgets: names of dimensions.
DIMENSIONS = (
    "chargetype", "frequency", "invoiceid", "meter", "metercategory", "metersubcategory",
    "partnumber", "pricingmodel", "product", "productorderid", "productordername", "publishertype",
    "reservationid", "reservationname", "resourcegroupname", "resourceguid", "resourceid",
    "resourcelocation", "resourcetype", "servicefamily", "servicename", "servicetier",
    "subscriptionid", "subscriptionname", "unitofmeasure", "billingperiod", "consumedservice",
    "benefitid", "benefitname", "resourcegroup", "meterid", "invoicesectionid",
)  # fmt: skip


def located(kind: str) -> Rule:
    """A location that exists (LocationNotAvailableForResourceType)."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        value = inputs.get("location")
        if not isinstance(value, str):
            return
        name = value.lower().replace(" ", "")
        known = kind in GLOBAL if name == "global" else name in table("places")["azure"]
        if not known:
            reason = f"the location {excerpt(value)} is not available"
            yield Failure("location", f"LocationNotAvailableForResourceType: {reason}")

    return PathRule(("location",), rule)


def _reserved(value: Any) -> str | None:
    """Names of curated environments ("What are Azure Machine Learning environments?")."""
    if str(value).lower().startswith(("azureml", "microsoft")):
        return f"{excerpt(value)}: AzureML and Microsoft are reserved for curated environments"
    return None


def _mirror(inputs: Inputs) -> Iterator[Failure]:
    """A deployment has live traffic or mirrored one ("Safe rollout for online endpoints")."""
    properties = inputs.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    live, mirrored = (properties.get(name) for name in ("traffic", "mirrorTraffic"))
    for name, share in mirrored.items() if isinstance(mirrored, dict) else ():
        if share and isinstance(live, dict) and live.get(name):
            yield Failure("properties.mirrorTraffic", f"{name!r} has live traffic already")


def _typed(inputs: Inputs, world: Existing) -> Iterator[str]:
    """All versions of a data asset have its type (DataContainer, dataType)."""
    kind = (inputs.get("properties") or {}).get("dataType")
    for row in world.of(f"{ML}DataContainer"):
        same = all(row.inputs.get(key) == inputs.get(key) for key in ("name", "workspaceName"))
        own = (row.inputs.get("properties") or {}).get("dataType")
        if same and isinstance(kind, str) and isinstance(own, str) and kind != own:
            yield f"UserError: the data asset {row.inputs['name']!r} is a {own}, not a {kind}"


def _measured(inputs: Inputs) -> Iterator[Failure]:
    """A metric that scales is one of its resource (MetricTrigger, metricName)."""
    for path, trigger in select(inputs, "profiles[*].rules[*].metricTrigger"):
        if not isinstance(trigger, dict):
            continue
        name, kind = trigger.get("metricName"), type_of(trigger.get("metricResourceUri"))
        known = entries_of("azure_metrics", kind) if kind else None
        if known and isinstance(name, str) and name not in known:
            yield Failure(f"{path}.metricName", f"{excerpt(name)} is no metric of a {kind}")


def _custom(inputs: Inputs) -> Iterator[Failure]:
    """A table that is not Azure Monitor's own is a custom one ("Create a custom table")."""
    from pulumi_simcloud.rules import kql

    name = inputs.get("tableName")
    if not isinstance(name, str) or name in kql.tables() or name in kql.other_tables():
        return
    if not re.search(r"_(CL|SRCH|RST)$", name):
        yield Failure("tableName", f"{name!r}: a custom table's name ends in _CL")


def _purged(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A key of the customer's is in a vault that keeps what is purged.

    learn.microsoft.com, "Customer-managed keys for Azure Storage encryption", and those of Azure
    Machine Learning and of container registries: "purge protection must be enabled".
    """
    encryption = inputs.get("encryption")
    keyed = (encryption or {}).get("keyVaultProperties") if isinstance(encryption, dict) else None
    for value in keyed.values() if isinstance(keyed, dict) else ():
        text = str(value).lower()
        host = re.match(r"https://([^.]+)\.vault\.", text)
        for row in world.of(f"{PREFIX}keyvault:Vault"):
            name = str(row.inputs.get("vaultName")).lower()
            named = text == row.id.lower() or (host is not None and host[1] == name)
            if named and not (row.inputs.get("properties") or {}).get("enablePurgeProtection"):
                yield f"the vault {name!r} of the key must have purge protection enabled"
                return


RULES: dict[str, tuple[Rule, ...]] = {
    **{
        f"{PREFIX}{token}": (located(token.rpartition(":")[2]),)
        for token in (
            "resources:ResourceGroup", "managedidentity:UserAssignedIdentity",
            "storage:StorageAccount", "keyvault:Vault", "containerregistry:Registry",
            "operationalinsights:Workspace", "applicationinsights:Component",
            "machinelearningservices:Workspace", "machinelearningservices:Registry",
            "machinelearningservices:OnlineEndpoint", "machinelearningservices:OnlineDeployment",
            "monitor:ScheduledQueryRule", "monitor:AutoscaleSetting", "logic:Workflow",
            "network:VirtualNetwork", "applicationinsights:Workbook", "eventgrid:SystemTopic",
        )
    },
}  # fmt: skip


def _add(token: str, *rules: Rule) -> None:
    RULES[f"{PREFIX}{token}"] = (*RULES.get(f"{PREFIX}{token}", ()), *rules)


_add("machinelearningservices:EnvironmentContainer", check("name", _reserved))
_add("machinelearningservices:EnvironmentVersion", check("name", _reserved))
_add(
    "machinelearningservices:OnlineEndpoint",
    PathRule(("properties.mirrorTraffic", "properties.traffic"), _mirror),
)
_add(
    "monitor:AutoscaleSetting",
    PathRule(("profiles[*].rules[*].metricTrigger.metricName",), _measured),
)
_add("operationalinsights:Table", PathRule(("tableName",), _custom))
_add("monitor:MetricAlert", count("criteria.allOf", 1, 100))
_add("storage:Blob", pattern("blobName", r"[\s\S]{1,1024}", "1 to 1024 characters"))
_add(
    "consumption:Budget",
    *(
        check(
            path,
            lambda value: (
                None
                if value is UNKNOWN or str(value).lower() in DIMENSIONS
                else f"{excerpt(value)} is no dimension of costs"
            ),
        )
        for path in ("filter.dimensions.name", "filter.and[*].dimensions.name")
    ),
)

DEMANDS: dict[str, tuple[Demand, ...]] = {
    f"{ML}DataVersion": (_typed,),
    **dict.fromkeys(
        (
            f"{ML}Workspace",
            f"{PREFIX}storage:StorageAccount",
            f"{PREFIX}containerregistry:Registry",
        ),
        (_purged,),
    ),
}
