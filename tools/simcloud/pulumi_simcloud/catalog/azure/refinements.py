"""Exceptions from the table of relations, each with its reason."""

from __future__ import annotations

from pulumi_simcloud.constraints.relations import Refinement, table

_LOCATION = Refinement(
    "the provider fills it in: azure-native:location, or the resource group's place "
    "(pulumi-azure-native provider/pkg/provider/provider.go, getDefaultLocation)",
    drop=("required",),
)
_DEFAULT = Refinement(
    "the provider fills in the SDK's default (pulumi_azure_native: `if ... is None`)",
    drop=("required",),
)

# Type token to property path ("(name)": the rules of the name) to refinement.
REFINEMENTS: dict[str, dict[str, Refinement]] = {
    token: {"location": _LOCATION}
    for token, entry in table("azure-native")["types"].items()
    if entry["properties"].get("location", {}).get("required")
}
for _token, _path in (
    ("azure-native:applicationinsights:Component", "applicationType"),
    ("azure-native:monitor:ActionGroup", "enabled"),
):
    REFINEMENTS.setdefault(_token, {})[_path] = _DEFAULT
REFINEMENTS["azure-native:portal:Dashboard"]["(name)"] = Refinement(
    "the portal itself names dashboards by UUIDs of 36 characters, which {3,24} would refuse; the"
    " same description allows 64 (Microsoft.Portal 2020-09-01-preview, dashboards)",
    drop=("pattern",),
)

_OLDER = Refinement(
    "older kinds of applications are taken too, such as java, and any source of the request "
    "(registry.terraform.io, azurerm_application_insights: application_type)",
    drop=("enum",),
)
for _path in ("flowType", "requestSource"):
    REFINEMENTS["azure-native:applicationinsights:Component"][_path] = _OLDER
REFINEMENTS["azure-native:applicationinsights:Component"]["applicationType"] = Refinement(
    f"{_DEFAULT.reason}; {_OLDER.reason}", drop=("required", "enum")
)
REFINEMENTS.setdefault("azure-native:operationalinsights:Table", {})["plan"] = Refinement(
    "the plan Auxiliary came with a later version of Microsoft.OperationalInsights",
    drop=("enum",),
)
REFINEMENTS["azure-native:monitor:MetricAlert"]["criteria.allOf[*].operator"] = Refinement(
    "one of the variants is of static criteria but does not say so, and would refuse"
    " GreaterOrLessThan; the SDK's own enums hold (MetricCriteriaArgs, DynamicMetricCriteriaArgs)",
    drop=("variants",),
)

_NAMED = Refinement(
    "the SDK calls it otherwise and demands it itself: IPRuleArgs.ip_address_or_range, and what"
    " is in `properties` stands one level higher (pulumi_azure_native, network, SecurityRuleArgs)",
    drop=("required",),
)
REFINEMENTS["azure-native:containerregistry:Registry"]["networkRuleSet.ipRules[*].value"] = _NAMED
for _path in (
    *(
        f"networkSecurityGroup.securityRules[*].properties.{_name}"
        for _name in ("access", "direction", "priority", "protocol")
    ),
    "routeTable.routes[*].properties.nextHopType",
):
    REFINEMENTS.setdefault("azure-native:network:VirtualNetwork", {})[f"subnets[*].{_path}"] = (
        _NAMED
    )

__all__ = ["REFINEMENTS"]
