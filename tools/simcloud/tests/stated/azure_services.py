"""What services of Azure take beside the REST reference, from both sides."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.platforms import SUBSCRIPTION

from stated.case import Stated

PERSON = "11111111-2222-4333-8444-555555555555"
GROUPS = "/providers/Microsoft.Management/managementGroups"
FLAT = ("flat", "account", {"accountName": "simflat", "isHnsEnabled": True})
FIRST = ("first", "account", {"accountName": "simfirst", "kind": "Storage"})
FILES = (
    "files",
    "account",
    {"accountName": "simfiles", "kind": "FileStorage", "sku.name": "Premium_LRS"},
)
FAST = (
    "fast",
    "account",
    {"accountName": "simfast", "kind": "BlockBlobStorage", "sku.name": "Premium_LRS"},
)
OWN_URI = "https://sim-own.vault.azure.net"
HARD = ("hard", "vault", {"vaultName": "sim-hard", "properties.sku.name": "premium"})


def _joined(**more: Any) -> dict[str, Any]:
    names = {
        "azureStorageSid": "S-1", "domainGuid": PERSON, "domainName": "e.org", "domainSid": "S-1",
        "forestName": "e.org", "netBiosDomainName": "E",
    }  # fmt: skip
    kept = {key: value for key, value in {**names, **more}.items() if value is not None}
    shared = {"directoryServiceOptions": "AD", "activeDirectoryProperties": kept}
    return {"azureFilesIdentityBasedAuthentication": shared}


def _keyed(
    kind: str, user: str | None = None, uri: str = "https://sim-own.vault.azure.net", **kv: Any
):
    assigned = {"userAssignedIdentities": ["${identity.id}"]} if "User" in kind else {}
    encryption: dict[str, Any] = {
        "keySource": "Microsoft.Keyvault",
        "keyVaultProperties": {"keyName": "k", "keyVaultUri": uri, **kv},
    }
    if user:
        encryption["encryptionIdentity"] = {"encryptionUserAssignedIdentity": user}
    return {"identity": {"type": kind, **assigned}, "encryption": encryption}


def _let_in(resource: str) -> dict[str, Any]:
    rules = [{"resourceId": resource}]
    return {"networkRuleSet": {"defaultAction": "Deny", "resourceAccessRules": rules}}


def _period(text: str) -> dict[str, Any]:
    return {"sasPolicy": {"sasExpirationPeriod": text, "expirationAction": "Log"}}


def _rotated(before: str) -> dict[str, Any]:
    action = {"action": {"type": "rotate"}, "trigger": {"timeBeforeExpiry": before}}
    policy = {"attributes": {"expiryTime": "P90D"}, "lifetimeActions": [action]}
    return {"properties.rotationPolicy": policy}


def _released(kind: str, exportable: bool) -> dict[str, Any]:
    key = {"kty": kind, "releasePolicy": {"data": "e30"}, "attributes": {"exportable": exportable}}
    return {"vaultName": "${hard.name}", "properties": key}


def _own_keys(kind: str) -> dict[str, Any]:
    services = {"table": {"keyType": kind, "enabled": True}}
    return {"encryption": {"keySource": "Microsoft.Storage", "services": services}}


def _let_out(address: str) -> dict[str, Any]:
    rules = [{"action": "Allow", "iPAddressOrRange": address}]
    return {"networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}


def _guarded(prefix: str) -> dict[str, Any]:
    rule = {
        "name": "in", "access": "Allow", "direction": "Inbound", "priority": 100, "protocol": "Tcp",
        "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
        "destinationPortRange": "443",
    }  # fmt: skip
    group = {"securityRules": [rule]}
    return {"subnets": [{"name": "a", "addressPrefix": prefix, "networkSecurityGroup": group}]}


def _aged(days: float, action: str = "delete") -> dict[str, Any]:
    steps = {action: {"daysAfterModificationGreaterThan": days}}
    return {
        "policy.rules[0].definition": {
            "actions": {"baseBlob": steps},
            "filters": {"blobTypes": ["blockBlob"]},
        }
    }


STORAGE = [
    Stated(sample, reason, bad, good, before)
    for sample, reason, bad, good, before in (
        ("account", "missing: needed with", _joined(domainSid=None), _joined(), ()),
        ("account", "with an identity of type UserAssigned", _keyed("UserAssigned"),
         _keyed("UserAssigned", "${identity.id}"), ()),
        ("account", "is none of the account's identities",
         _keyed("UserAssigned", "${own.id}"), _keyed("UserAssigned", "${identity.id}"),
         (("own", "identity", {"resourceName": "other"}),)),
        ("account", "an https address", _keyed("SystemAssigned", uri="sim-vault"),
         _keyed("SystemAssigned"), ()),
        ("account", "keyName: missing", _keyed("SystemAssigned", keyName=None),
         _keyed("SystemAssigned"), ()),
        ("account", "days.hours:minutes:seconds", _period("1.25:00:00"), _period("1.23:59:59"), ()),
        ("account", "resourceId",
         _let_in("x"), _let_in("${workspace.id}"), ()),
        ("account", "and locked later",
         {"immutableStorageWithVersioning": {"enabled": True, "immutabilityPolicy": {
             "state": "Locked", "immutabilityPeriodSinceCreationInDays": 1}}},
         {"immutableStorageWithVersioning": {"enabled": True, "immutabilityPolicy": {
             "state": "Disabled", "immutabilityPeriodSinceCreationInDays": 1}}}, ()),
        ("container", "needs blob versioning",
         {"accountName": "${first.name}", "immutableStorageWithVersioning": {"enabled": True}},
         {"immutableStorageWithVersioning": {"enabled": True}}, (FIRST,)),
        ("blobs", "is no version", {"defaultServiceVersion": "2020-13-45"},
         {"defaultServiceVersion": "2020-06-12"}, ()),
        ("blobs", "is before 2008-10-27", {"defaultServiceVersion": "2008-10-26"},
         {"defaultServiceVersion": "2008-10-27"}, ()),
        ("blobs", "point-in-time restore is for",
         {"accountName": "${first.name}", "restorePolicy": {"enabled": True, "days": 3},
          "changeFeed": {"enabled": True}},
         {"restorePolicy": {"enabled": True, "days": 3}, "changeFeed": {"enabled": True}},
         (FIRST,)),
        ("blobs", "the change feed is not supported",
         {"accountName": "${flat.name}", "isVersioningEnabled": False,
          "changeFeed": {"enabled": True}},
         {"changeFeed": {"enabled": True}}, (FLAT,)),
        ("blobs", "Blob is not supported", {"accountName": "${files.name}"}, {}, (FILES,)),
        ("blobs", "not supported by an account of the kind Storage",
         {"accountName": "${first.name}"},
         {"accountName": "${first.name}", "isVersioningEnabled": False}, (FIRST,)),
        ("account", "Account is not for kind Storage",
         {"kind": "Storage", **_own_keys("Account")}, {"kind": "Storage", **_own_keys("Service")},
         ()),
        ("registry", "only with sku Premium", {"sku": {"name": "Basic"}, **_let_out("8.8.8.0/24")},
         {"sku": {"name": "Premium"}, **_let_out("8.8.8.0/24")}, ()),
        ("network", "10.9.1.0/24", _guarded("10.9.1.0/24"), _guarded("10.0.1.0/24"), ()),
        ("lifecycle", "has no lifecycle management", {"accountName": "${first.name}"},
         {"accountName": "${flat.name}"}, (FIRST, FLAT)),
        # github onyx-dot-app/onyx, pull request 14100.
        ("lifecycle", "tierToCool is not supported",
         {"accountName": "${fast.name}", **_aged(9, "tierToCool")},
         {"accountName": "${fast.name}", **_aged(9)}, (FAST,)),
        ("lifecycle", "is no whole number", _aged(0.5), _aged(1), ()),
        ("blob", "InvalidMetadata", {"metadata": {"a-b": "x"}}, {"metadata": {"a_b": "x"}}, ()),
        ("vault", "is none of", {"properties.publicNetworkAccess": "Off"},
         {"properties.publicNetworkAccess": "Disabled"}, ()),
        ("vault", "allowed are 0 to 1000",
         {"properties.networkAcls": {"ipRules": [
             {"value": f"52.{n // 250}.{n % 250}.1"} for n in range(1001)]}},
         {"properties.networkAcls": {"ipRules": [{"value": "52.1.1.1"}]}}, ()),
        ("key", "less than seven days", _rotated("P6D"), _rotated("P7D"), ()),
        ("key", "needs kty RSA-HSM or EC-HSM", _released("RSA", True), _released("RSA-HSM", True),
         (HARD,)),
        ("key", "needs attributes.exportable", _released("RSA-HSM", False),
         _released("EC-HSM", True), (HARD,)),
        ("registry", "is not one of Basic, Standard, Premium", {"sku": {"name": "Classic"}},
         {"sku": {"name": "Standard"}}, ()),
        ("role", "allowed is one",
         {"scope": f"{GROUPS}/a", "assignableScopes": [f"{GROUPS}/a", f"{GROUPS}/b"]},
         {"scope": f"{GROUPS}/a", "assignableScopes": [f"{GROUPS}/a"]}, ()),
        ("budget", "a subscription, a resource group", {"scope": "${workspace.id}"},
         {"scope": f"/subscriptions/{SUBSCRIPTION}"}, ()),
        ("budget", "allowed are 1 to",
         {"filter": {"dimensions": {"name": "ResourceId", "operator": "In", "values": []}}},
         {"filter": {"dimensions": {"name": "ResourceId", "operator": "In", "values": ["x"]}}}, ()),
        ("budget", "allowed are 1 to",
         {"filter": {"tags": {"name": "a", "operator": "In", "values": []}}},
         {"filter": {"tags": {"name": "a", "operator": "In", "values": ["x"]}}}, ()),
    )
]  # fmt: skip


def _hooked(uri: str) -> dict[str, Any]:
    return {"webhookReceivers": [{"name": "w", "serviceUri": uri}]}


def _pushed(address: str) -> dict[str, Any]:
    return {"azureAppPushReceivers": [{"name": "p", "emailAddress": address}]}


def _streamed(name: str) -> dict[str, Any]:
    hub = {"name": "e", "eventHubName": name, "eventHubNameSpace": "n", "subscriptionId": PERSON}
    return {"eventHubReceivers": [hub]}


def _ticketed(region: str) -> dict[str, Any]:
    receiver = {
        "name": "i",
        "connectionId": PERSON,
        "region": region,
        "workspaceId": f"{PERSON}|{PERSON}",
        "ticketConfiguration": '{"PayloadRevision": 0, "WorkItemType": "Incident"}',
    }
    return {"itsmReceivers": [receiver]}


def _voiced(number: str) -> dict[str, Any]:
    return {"voiceReceivers": [{"name": "v", "countryCode": "1", "phoneNumber": number}]}


def _noted(uri: str) -> dict[str, Any]:
    return {"notifications": [{"operation": "Scale", "webhooks": [{"serviceUri": uri}]}]}


def profile(name: str, **more: Any) -> dict[str, Any]:
    """A profile that scales from one to two."""
    capacity = {"default": "1", "minimum": "1", "maximum": "2"}
    return {"name": name, "capacity": capacity, "rules": [], **more}


def _weekly(*days: str) -> dict[str, Any]:
    schedule = {"timeZone": "UTC", "days": list(days), "hours": [1], "minutes": [0]}
    return profile("weekly", recurrence={"frequency": "Week", "schedule": schedule})


def _any(*leaves: dict[str, str]) -> dict[str, Any]:
    own = {"field": "category", "equals": "Administrative"}
    return {"condition.allOf": [own, {"anyOf": list(leaves)}]}


def _tested(**more: Any) -> dict[str, Any]:
    test = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/o/providers/Microsoft.Insights/webtests/t"
    kind = "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria"
    own = {"odataType": kind, "componentId": "${insights.id}", "webTestId": test}
    return {"scopes": ["${insights.id}"], "criteria": {**own, "failedLocationCount": 2, **more}}


DYNAMIC = {
    "criterionType": "DynamicThresholdCriterion",
    "name": "d",
    "metricName": "RequestLatency_P95",
    "operator": "GreaterThan",
    "alertSensitivity": "Medium",
    "timeAggregation": "Average",
    "failingPeriods": {"numberOfEvaluationPeriods": 4, "minFailingPeriodsToAlert": 4},
}


def _since(text: str) -> dict[str, Any]:
    kind = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"
    return {"criteria": {"odataType": kind, "allOf": [{**DYNAMIC, "ignoreDataBefore": text}]}}


def _ask(**more: Any) -> dict[str, Any]:
    return {f"criteria.allOf[0].{key}": value for key, value in more.items()}


def _split(*values: str) -> dict[str, Any]:
    dimension = {"name": "Name", "operator": "Include", "values": list(values)}
    return _ask(query="AppRequests", dimensions=[dimension])


MONITOR = [
    Stated(sample, reason, bad, good)
    for sample, reason, bad, good in (
        ("actions", "PhoneNumberIsNotValid", _voiced("1123456789"), _voiced("212-345-6789")),
        ("actions", "WebhookServiceUriBlocked", _hooked("https://10.0.0.4/x"),
         _hooked("https://example.org/x")),
        ("actions", "WebhookServiceUriBlocked", _hooked("http://localhost/x"),
         _hooked("http://example.org/x")),
        ("actions", "an e-mail address", _pushed("nobody"), _pushed("a@example.org")),
        ("actions", "eventHubName", _streamed(""), _streamed("h")),
        ("actions", "is not one of centralindia", _ticketed("nowhere"), _ticketed("eastus")),
        ("actions", "no space and no period", {"actionGroupName": "a."}, {}),
        ("alert", "has no metrics", {"scopes": ["${actions.id}"]}, {}),
        ("alert", "is no time", _since("yesterday"), _since("2030-01-31T00:00:00Z")),
        ("alert", "no space and no period", {"ruleName": "a "}, {"ruleName": "a b"}),
        ("alert", "Microsoft.Insights/webtests", _tested(webTestId="x"), _tested()),
        ("alert", "Microsoft.Insights/components", _tested(componentId="x"), _tested()),
        ("query", "has no logs", {"scopes": ["${actions.id}"]}, {}),
        ("query", "overrideQueryTimeRange", {"overrideQueryTimeRange": "PT70M"},
         {"overrideQueryTimeRange": "PT2H"}),
        ("query", "targetResourceTypes", {"targetResourceTypes": ["disks"]},
         {"targetResourceTypes": ["Microsoft.Compute/disks"]}),
        ("query", "has no values",
         _split(), _split("*")),
        ("query", "'Nope' is none of", _ask(query="AppRequests", resourceIdColumn="Nope"),
         _ask(query="AppRequests", resourceIdColumn="_ResourceId")),
        ("query", "no space and no period", {"ruleName": "a."}, {"ruleName": "a.b"}),
        ("diagnostics", "at least one type of Log or Metric must be enabled",
         {"logs": [{"categoryGroup": "allLogs", "enabled": False}]}, {}),
        ("autoscale", "allowed is one", {"profiles": [profile("a"), profile("b")]},
         {"profiles": [profile("a"), _weekly("Monday")]}),
        ("autoscale", "allowed are 1 to 7", {"profiles": [_weekly()]},
         {"profiles": [_weekly("Monday")]}),
        ("autoscale", "an address", _noted("nowhere"), _noted("https://example.org")),
        ("activity", "has no conditions", _any(), _any({"field": "level", "equals": "Error"})),
        ("activity", "'Nope' is none of", _any({"field": "level", "equals": "Nope"}),
         _any({"field": "level", "equals": "Error"}, {"field": "level", "equals": "Critical"})),
        ("activity", "no space and no period", {"activityLogAlertName": "a."}, {}),
        ("logs", "Microsoft.OperationalInsights/clusters", {"features": {"clusterResourceId": "x"}},
         {}),
        ("logic", "Microsoft.Logic/integrationAccounts", {"integrationAccount": {"id": "x"}}, {}),
    )
]  # fmt: skip
AZURE_SERVICES = [*STORAGE, *MONITOR]
