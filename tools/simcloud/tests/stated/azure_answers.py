"""What services of Azure answered to users, from both sides."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.platforms import SUBSCRIPTION

from stated.case import Stated

LOGGED = {"logs": [{"categoryGroup": "allLogs", "enabled": True}]}
ACTIONS = ["Microsoft.MachineLearningServices/workspaces/jobs/read"]
OTHER = ("other", "account", {"accountName": "simother"})
WEST = ("west", "account", {"accountName": "simwest", "location": "westus"})
NORTH = ("north", "vault", {"vaultName": "sim-north", "location": "northeurope"})


def _lake(sku: str) -> dict[str, Any]:
    closed = {"defaultAction": "Deny"}
    lake = {"isHnsEnabled": True, "enableNfsV3": True, "networkRuleSet": closed}
    return {"sku": {"name": sku}, **lake}


def _kept(monitored: str, account: str) -> dict[str, Any]:
    return {"resourceUri": monitored, "storageAccountId": account, **LOGGED}


def _alert(region: str, *scopes: str) -> dict[str, Any]:
    criterion = {
        "criterionType": "StaticThresholdCriterion", "name": "up", "metricName": "Availability",
        "operator": "LessThan", "threshold": 99, "timeAggregation": "Average",
    }  # fmt: skip
    kind = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"
    return {
        "scopes": list(scopes),
        "targetResourceType": "Microsoft.KeyVault/vaults",
        "targetResourceRegion": region,
        "criteria": {"odataType": kind, "allOf": [criterion]},
    }


def _defaults(text: str) -> dict[str, Any]:
    return {"functionAlias": "drift", "functionParameters": text}


def _ended(target: str) -> dict[str, Any]:
    end = {"serviceResourceId": "${account.id}", "sparkEnabled": False}
    rules = {
        name: {"type": "PrivateEndpoint", "destination": {**end, "subresourceTarget": part}}
        for name, part in (("one", "blob"), ("two", target))
    }
    return {"managedNetwork": {"isolationMode": "AllowInternetOutbound", "outboundRules": rules}}


def _mailed(**settings: Any) -> dict[str, Any]:
    spark = {
        "computeType": "ServerlessSpark", "instanceType": "standard_e4s_v3",
        "runtimeVersion": "3.3", "computeIdentity": {"computeIdentityType": "AmlToken"},
    }  # fmt: skip
    monitor = {
        "computeConfiguration": spark,
        "signals": {},
        "alertNotificationSettings": {"emailNotificationSettings": settings},
    }
    return {"properties.action": {"actionType": "CreateMonitor", "monitorDefinition": monitor}}


def _health(level: str) -> dict[str, Any]:
    leaves = {"category": "ResourceHealth", "level": level}
    condition = [{"field": field, "equals": value} for field, value in leaves.items()]
    return {"scopes": [f"/subscriptions/{SUBSCRIPTION}"], "condition.allOf": condition}


def _reserved(level: int) -> dict[str, Any]:
    return {"sku": {"name": "CapacityReservation", "capacityReservationLevel": level}}


def _turned(**policy: Any) -> dict[str, Any]:
    return {"properties.rotationPolicy": {"attributes": {"expiryTime": "P90D"}, **policy}}


def _begun(count: int) -> dict[str, Any]:
    variables = [{"name": f"v{number}", "type": "string"} for number in range(count)]
    action = {"type": "InitializeVariable", "inputs": {"variables": variables}}
    return {"definition.actions": {"init": action}}


def _chosen(value: Any) -> dict[str, Any]:
    case = {"case": value, "actions": {}}
    switch = {"type": "Switch", "expression": "@utcNow()", "cases": {"one": case}}
    return {"definition.actions": {"choice": switch}}


def _often(frequency: str) -> dict[str, Any]:
    recurrence = {"frequency": frequency, "interval": 1, "schedule": {"minutes": [30]}}
    return {"definition.triggers": {"often": {"type": "Recurrence", "recurrence": recurrence}}}


AZURE_ANSWERS = [
    Stated(sample, reason, bad, good, before)
    for sample, reason, bad, good, before in (
        ("account", "not allowed with Standard_GRS", _lake("Standard_GRS"), _lake("Standard_LRS"),
         ()),
        ("account", "not allowed with Standard_GZRS", _lake("Standard_GZRS"),
         _lake("Standard_ZRS"), ()),
        ("blobs", "no version of the Blob service", {"defaultServiceVersion": "2020-06-13"},
         {"defaultServiceVersion": "2030-01-01"}, ()),
        ("container", "denyEncryptionScopeOverride: missing", {"defaultEncryptionScope": "own"},
         {"defaultEncryptionScope": "own", "denyEncryptionScopeOverride": True}, ()),
        ("key", "Exportable keys must have release policy",
         {"properties.attributes": {"exportable": True}},
         {"properties.attributes": {"exportable": False}}, ()),
        ("role", "is the built-in role 'Contributor'",
         {"roleDefinitionId": "B24988AC-6180-42a0-ab88-20f7382dd24c"},
         {"roleDefinitionId": "b24988ac-6180-42a0-ab88-20f7382dd24d"}, ()),
        ("role", "has 2 entries", {"permissions": [{"actions": ACTIONS}] * 2},
         {"permissions": [{"actions": ACTIONS}]}, ()),
        ("diagnostics", "logs go to another",
         _kept("${account.id}/blobServices/default", "${account.id}"),
         _kept("${account.id}/blobServices/default", "${other.id}"), (OTHER,)),
        ("diagnostics", "the storage account is in westus",
         _kept("${vault.id}", "${west.id}"), _kept("${vault.id}", "${account.id}"), (WEST,)),
        ("alert", "were not found under the region westus", _alert("westus", "${north.id}"),
         _alert("North Europe", "${north.id}"), (NORTH,)),
        ("alert", "were not found under the region westus",
         _alert("westus", "${north.id}", "${vault.id}"),
         _alert("westus", f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim"), (NORTH,)),
        ("search", "no negative default", _defaults("a:string, n:int = -1"),
         _defaults("a:string='x-1', n:int=1"), ()),
        ("workspace", "a rule to it already exists", _ended("blob"), _ended("dfs"), ()),
        ("schedule", "has no emails", _mailed(), _mailed(emails=["a@example.org"]), ()),
        ("activity", "ResourceHealth has no level error", _health("error"),
         _health("Informational"), ()),
        ("logs", "60 is not one of 50, 100", _reserved(60), _reserved(50), ()),
        ("key", "the value of lifetimeActions is null", _turned(), _turned(lifetimeActions=[]),
         ()),
        ("logic", "initializes 21 variables", _begun(21), _begun(20), ()),
        ("logic", "is no text and no number", _chosen({"a": 1}), _chosen(1), ()),
        ("logic", "does not go with the frequency Second", _often("Second"), _often("Day"), ()),
        ("logic", "does not go with the frequency minute", _often("minute"), _often("Week"), ()),
    )
]  # fmt: skip
