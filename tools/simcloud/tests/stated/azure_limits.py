"""Limits of guides and of the provider of Terraform on Azure, from both sides."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.platforms import SUBSCRIPTION

from stated.case import Stated

NET = ("net", "network", {"virtualNetworkName": "simnet"})
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim/providers"
SECURITY = {"networkSecurityGroup": {"id": f"{GROUP}/Microsoft.Network/networkSecurityGroups/a"}}
FILES = {"kind": "FileStorage", "sku": {"name": "Premium_LRS"}, "accountName": "simfiles"}
OWN = {"accountName": "simfiles"}
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers"
SQL = "Microsoft.Sql/servers"
LOGS = "Microsoft.OperationalInsights/workspaces/query"
COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"
TUNED = "Microsoft.CognitiveServices/accounts/OpenAI/fine-tunes-deployments"


ANOTHER = "11111111-2222-4333-8444-555555555555"
ROOT = ("root", "container", {"containerName": "$root"})
MODEL = ("custom", "modelversion", {"version": "2", "properties.modelType": "custom_model"})
ROUTE = {"path": "/live", "port": 8080}
SERVED = (
    "served",
    "environmentversion",
    {
        "version": "2",
        "properties.inferenceConfig": {
            "livenessRoute": ROUTE,
            "readinessRoute": ROUTE,
            "scoringRoute": ROUTE,
        },
    },
)


def _custom(environment: str) -> dict[str, Any]:
    return {"properties.model": "${custom.id}", "properties.environmentId": environment}


def _into(subscription: str) -> dict[str, Any]:
    group = f"/subscriptions/{subscription}/resourceGroups/central/providers"
    return {"workspaceResourceId": f"{group}/Microsoft.OperationalInsights/workspaces/logs"}


def _capacity(most: str) -> dict[str, Any]:
    capacity = {"default": "1", "minimum": "1", "maximum": most}
    return {"profiles": [{"name": "all", "capacity": capacity, "rules": []}]}


def _inline(name: str, **settings: Any) -> dict[str, Any]:
    return {"subnets": [{"name": name, "addressPrefix": "10.0.0.0/24", **settings}]}


def _health(field: str, text: str) -> dict[str, Any]:
    leaves = {"category": "ResourceHealth", f"properties.{field}": text}
    condition = [{"field": name, "equals": value} for name, value in leaves.items()]
    return {"scopes": [f"/subscriptions/{SUBSCRIPTION}"], "condition.allOf": condition}


def _hooks(count: int) -> dict[str, Any]:
    hook = {"serviceUri": "https://example.org/alert", "useCommonAlertSchema": True}
    return {"webhookReceivers": [{"name": f"w{number}", **hook} for number in range(count)]}


def _turned(before: str) -> dict[str, Any]:
    trigger = {"timeBeforeExpiry": before}
    action = {"trigger": trigger, "action": {"type": "rotate"}}
    policy = {"attributes": {"expiryTime": "P90D"}, "lifetimeActions": [action]}
    return {"properties.rotationPolicy": policy}


def _made(sku: str) -> dict[str, Any]:
    made = {"storageAccountType": sku, "storageAccountHnsEnabled": False}
    details = [{"systemCreatedStorageAccount": made}]
    region = {"location": "westeurope", "storageAccountDetails": details}
    return {"regionDetails": [region]}


def _tags(count: int) -> dict[str, Any]:
    return {"tags": {f"t{number}": "a" for number in range(count)}}


def _kept(name: str, category: str = "AmlComputeClusterEvent") -> dict[str, Any]:
    return {
        "resourceUri": "${workspace.id}", "workspaceId": "${logs.id}", "name": name,
        "logs": [{"category": category, "enabled": True}],
    }  # fmt: skip


def _open(action: str) -> dict[str, Any]:
    return {"isHnsEnabled": True, "enableNfsV3": True, "networkRuleSet": {"defaultAction": action}}


def _rule(**definition: Any) -> dict[str, Any]:
    actions = {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 9}}}
    body = {"actions": actions, **definition}
    return {"policy": {"rules": [{"name": "a", "type": "Lifecycle", "definition": body}]}}


def _data(part: str, action: str) -> dict[str, Any]:
    return {"permissions": [{"actions": ["Microsoft.Insights/metrics/read"], part: [action]}]}


AZURE_LIMITS = [
    Stated(sample, reason, bad, good, before)
    for sample, reason, bad, good, before in (
        ("subnet", "CannotBeAttachedToGatewaySubnet", {"subnetName": "GatewaySubnet", **SECURITY},
         {"subnetName": "GatewaySubnets", **SECURITY}, ()),
        ("network", "CannotBeAttachedToGatewaySubnet", _inline("GatewaySubnet", **SECURITY),
         _inline("jobs", **SECURITY), ()),
        ("network", "1-80 letters", _inline("jobs-"), _inline("jobs_"), ()),
        ("network", "1-80 letters", _inline("a" * 81), _inline("a" * 80), ()),
        ("network", "InvalidAddressPrefixFormat", _inline("jobs", addressPrefix="10.0.0.0"),
         _inline("jobs", addressPrefix="10.0.0.0/29"), ()),
        ("subnet", "NetcfgSubnetRangesOverlap",
         {"addressPrefix": None, "addressPrefixes": ["10.0.0.0/24", "10.0.0.0/25"]},
         {"addressPrefix": None, "addressPrefixes": ["10.0.0.0/24", "10.0.1.0/25"]}, ()),
        ("network", "numbers from 1 to 65534",
         {"bgpCommunities": {"virtualNetworkCommunity": "12076:65535"}},
         {"bgpCommunities": {"virtualNetworkCommunity": "12076:65534"}}, ()),
        ("autoscale", "1001 is more than 1000", _capacity("1001"), _capacity("1000"), ()),
        ("activity", "'Gone' is none of", _health("currentHealthStatus", "Gone"),
         _health("currentHealthStatus", "Degraded"), ()),
        ("activity", "'User' is none of", _health("cause", "User"),
         _health("cause", "UserInitiated"), ()),
        ("actions", "has 11 entries", _hooks(11), _hooks(10), ()),
        ("events", "CustomInputSchema is for custom topics",
         {"eventDeliverySchema": "CustomInputSchema"}, {"eventDeliverySchema": "EventGridSchema"},
         ()),
        ("workspace", "a workspace has an identity", {"identity": {"type": "None"}},
         {"identity": {"type": "SystemAssigned"}}, ()),
        ("mlregistry", "is not one of", _made("Cool_LRS"), _made("Standard_ZRS"), ()),
        ("key", "timeBeforeExpiry P84D", _turned("P84D"), _turned("P83D"), ()),
        ("key", "has 16 tags", _tags(16), _tags(15), ()),
        ("container", "not supported for the account", OWN, {}, (("files", "account", FILES),)),
        ("account", "is Deny where enableNfsV3", _open("Allow"), _open("Deny"), ()),
        ("lifecycle", "filter is required", _rule(), _rule(filters={"blobTypes": ["blockBlob"]}),
         ()),
        ("search", "has 16 entries", {"tags": [{"name": f"t{n}", "value": "a"} for n in range(16)]},
         {"tags": [{"name": f"t{n}", "value": "a"} for n in range(15)]}, ()),
        ("environmentversion", "letters, digits, - and _", {"name": "a.b"}, {"name": "a-b"}, ()),
        ("dataversion", "at most 30", {"version": "1" * 31}, {"version": "1" * 30}, ()),
        ("endpoint", "3-32 letters", {"endpointName": "a" * 16 + "-" + "b" * 16},
         {"endpointName": "a" * 16 + "-" + "b" * 15}, ()),
        ("autoscale", "targetResourceUri is needed", {"targetResourceUri": None}, {}, ()),
        ("diagnostics", "is used by another", _kept("two"),
         _kept("two", category="AmlComputeJobEvent"), (("one", "diagnostics", _kept("one")),)),
        ("role", "does not match any operation", _data("dataActions", f"{BLOBS}/read"),
         _data("dataActions", f"{BLOBS}/blobs/read"), ()),
        ("role", "does not match any operation", _data("actions", f"{LOGS}/Heartbeat/write"),
         _data("actions", f"{LOGS}/Heartbeat/read"), ()),
        ("role", "does not match any operation", _data("notActions", f"{COMPUTES}/*/paint"),
         _data("notActions", f"{COMPUTES}/*/write"), ()),
        ("role", "such as", _data("dataActions", f"{TUNED} /write"),
         _data("dataActions", f"{TUNED}/write"), ()),
        ("role", "such as", _data("notDataActions", f"{TUNED}?"),
         _data("notDataActions", f"{TUNED}/write"), ()),
        ("role", "is of the control plane", _data("dataActions", f"{SQL}/read"),
         _data("actions", f"{SQL}/read"), ()),
        ("role", "is of the control plane", _data("notDataActions", f"{SQL}/write"),
         _data("notActions", f"{SQL}/write"), ()),
        ("blob", "has a / in $root", {"containerName": "$root", "blobName": "a/b"},
         {"containerName": "$root", "blobName": "b"}, (ROOT,)),
        ("container", "does not match", {"containerName": "$top"}, {"containerName": "$web"}, ()),
        ("deployment", "MissingDriverProgram", _custom("${environmentversion.id}"),
         _custom("${served.id}"), (MODEL, SERVED)),
        # Azure Monitor guide, "Workspace-based resources": a workspace of another subscription.
        ("insights", "does not exist", _into(SUBSCRIPTION), _into(ANOTHER), ()),
    )
]  # fmt: skip
