"""Limits that stand in guides and in the provider of Terraform alone, not in the REST reference.

The pages are those of https://learn.microsoft.com; TERRAFORM is
github hashicorp/terraform-provider-azurerm 69697b7f, internal/services.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from pulumi_simcloud.catalog.azure.documented.base import KEY, SUBNET
from pulumi_simcloud.catalog.azure.documented.machinelearning import MODULE
from pulumi_simcloud.catalog.azure.documented.monitoring import (
    ACTIONS,
    ACTIVITY,
    AUTOSCALE,
    EVENTS,
    NETWORK,
)
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Inputs, Rule
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, check, count, one_of, pattern
from pulumi_simcloud.rules.fields import each

SPACE, REGISTRY = f"{MODULE}:Workspace", f"{MODULE}:Registry"
# TERRAFORM, monitor/monitor_activity_log_alert_resource.go: resource_health.
HEALTH = ("available", "degraded", "unavailable", "unknown")
CAUSES = ("platforminitiated", "userinitiated", "unknown")
FIELDS = {
    "properties.currenthealthstatus": HEALTH,
    "properties.previoushealthstatus": HEALTH,
    "properties.cause": CAUSES,
}
# "Azure Monitor service limits", action groups; the lists of texts and calls have theirs already.
TEN = (
    "armRole", "automationRunbook", "azureAppPush", "eventHub", "itsm", "logicApp", "webhook",
)  # fmt: skip
# "Registries - Create Or Update", SystemCreatedStorageAccount: storageAccountType.
SKUS = (
    "Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS",
    "Standard_RAGZRS", "Premium_LRS", "Premium_ZRS",
)  # fmt: skip
MADE = "regionDetails[*].storageAccountDetails[*].systemCreatedStorageAccount"


def _gateway(inputs: Inputs) -> Iterator[Failure]:
    """NetworkSecurityGroupCannotBeAttachedToGatewaySubnet is what the service answers.

    https://github.com/Azure-Terraform/terraform-azurerm-virtual-network/issues/18
    """
    name = inputs.get("subnetName") or inputs.get("name")
    if name == "GatewaySubnet" and inputs.get("networkSecurityGroup"):
        yield Failure("networkSecurityGroup", "CannotBeAttachedToGatewaySubnet")


def _apart(value: Any) -> str | None:
    """Ranges of one subnet overlap as little as those of two (NetcfgSubnetRangesOverlap)."""
    networks = []
    for text in value:
        try:
            networks.append(ipaddress.ip_network(str(text)))
        except ValueError:
            continue
    for one, other in combinations(networks, 2):
        if one.version == other.version and one.overlaps(other):
            return f"NetcfgSubnetRangesOverlap: {one} and {other}"
    return None


def _community(value: Any) -> str | None:
    """TERRAFORM, network/validate/virtual_network_bgp_community.go."""
    parts = str(value).split(":")
    if len(parts) == 2 and all(part.isdigit() and 0 < int(part) < 65_535 for part in parts):
        return None
    return f"{excerpt(value)} is no pair such as 12076:20000, of numbers from 1 to 65534"


def _instances(value: Any) -> str | None:
    """TERRAFORM, monitor/monitor_autoscale_setting_resource.go: capacity."""
    text = str(value)
    return f"{text} is more than 1000" if text.isdigit() and int(text) > 1000 else None


def _leaves(inputs: Inputs) -> Iterator[Failure]:
    for path in ("condition.allOf[*]", "condition.allOf[*].anyOf[*]"):
        for where, leaf in select(inputs, path):
            field = str(leaf.get("field")).lower() if isinstance(leaf, dict) else ""
            for text in (leaf.get("equals"), *(leaf.get("containsAny") or ())) if field else ():
                if field not in FIELDS or not isinstance(text, str):
                    continue
                if text.lower() not in FIELDS[field]:
                    yield Failure(where, f"{text!r} is none of {', '.join(FIELDS[field])}")


def _tags(value: Any) -> str | None:
    """ "About keys", key tags."""
    return f"has {len(value)} tags, allowed are 15" if len(value) > 15 else None


RULES: dict[str, tuple[Rule, ...]] = {
    SUBNET: (
        PathRule(("networkSecurityGroup", "subnetName"), _gateway),
        check("addressPrefixes", _apart),
    ),
    NETWORK: (
        each(
            "subnets[*]",
            PathRule(("networkSecurityGroup", "name"), _gateway),
            # "Naming rules and restrictions for Azure resources": virtualNetworks/subnets.
            pattern("name", r"(?=.{1,80}$)[A-Za-z0-9]([\w.-]*\w)?", "1-80 letters, digits, _ . -"),
        ),
        check("bgpCommunities.virtualNetworkCommunity", _community),
    ),
    AUTOSCALE: tuple(
        check(f"profiles[*].capacity.{name}", _instances)
        for name in ("minimum", "default", "maximum")
    ),
    ACTIVITY: (PathRule(("condition.allOf",), _leaves),),
    ACTIONS: tuple(count(f"{kind}Receivers", 0, 10) for kind in TEN),
    # "Event Grid event schema": CustomInputSchema is for topics that map fields of their own.
    EVENTS: (
        check(
            "eventDeliverySchema",
            lambda value: (
                "CustomInputSchema is for custom topics" if value == "CustomInputSchema" else None
            ),
        ),
    ),
    # https://github.com/Azure/azure-sdk-for-js/issues/10473
    SPACE: (
        check(
            "identity.type",
            lambda value: "a workspace has an identity" if value == "None" else None,
        ),
    ),
    REGISTRY: (one_of(f"{MADE}.storageAccountType", *SKUS),),
    KEY: (check("tags", _tags),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {}
