"""Limits that the references of Microsoft Azure state."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from samples.azure import COMMAND, NEXT_MONTH

from stated.case import Stated

PERSON = "11111111-2222-4333-8444-555555555555"
TENANT = "7e4a47aa-0000-4000-8000-00000c10d000"
ACCESS = {"tenantId": TENANT, "objectId": PERSON, "permissions": {"keys": ["get"]}}
SPEC, NETWORK = "properties.componentSpec", "managedNetwork"
SCHEMA = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/"
    "2016-06-01/workflowdefinition.json#"
)
CALL = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}
START = f"{NEXT_MONTH}-01T00:00:00Z"
START_YEAR = int(NEXT_MONTH[:4])
SERVED = {"serviceEndpoints": [{"service": "Microsoft.Storage"}]}
SERVED_BOTH = {
    "serviceEndpoints": [{"service": s} for s in ("Microsoft.Storage", "Microsoft.KeyVault")]
}
BLOBS = {"kind": "BlobStorage", "accessTier": "Hot"}
TWICE = {"requireInfrastructureEncryption": True, "keySource": "Microsoft.Storage"}
PREMIUM = ("premium", "account", {"accountName": "simpremium", "sku": {"name": "Premium_LRS"}})


def _let_in(subnet: str, key: str = "virtualNetworkResourceId") -> dict[str, Any]:
    return {"defaultAction": "Deny", "virtualNetworkRules": [{key: subnet}]}


def _rule(actions: dict[str, Any] | None = None, **filters: Any) -> dict[str, Any]:
    blob = actions or {"delete": {"daysAfterModificationGreaterThan": 1}}
    return {
        "policy.rules[0].definition": {
            "actions": {"baseBlob": blob},
            "filters": {"blobTypes": ["blockBlob"], **filters},
        }
    }


def _versions(**filters: Any) -> dict[str, Any]:
    deleted = {"delete": {"daysAfterCreationGreaterThan": 1}}
    return {
        "policy.rules[0].definition": {
            "actions": {"version": deleted},
            "filters": {"blobTypes": ["blockBlob"], **filters},
        }
    }


def _cors(**more: Any) -> dict[str, Any]:
    rule = {"allowedHeaders": ["*"], "allowedMethods": ["GET"], "allowedOrigins": ["*"]}
    return {
        "cors": {"corsRules": [{**rule, "exposedHeaders": ["*"], "maxAgeInSeconds": 1, **more}]}
    }


def _rotated(trigger: dict[str, str], **attributes: str) -> dict[str, Any]:
    action = {"action": {"type": "rotate"}, "trigger": trigger}
    return {"properties.rotationPolicy": {"attributes": attributes, "lifetimeActions": [action]}}


def _premium(**policies: Any) -> dict[str, Any]:
    return {"sku": {"name": "Premium"}, "policies": policies}


def _columns(*names: str) -> dict[str, Any]:
    columns = [{"name": name, "type": "string"} for name in names]
    time = {"name": "TimeGenerated", "type": "dateTime"}
    return {"schema": {"name": "Drift_CL", "columns": [time, *columns]}}


def _outbound(
    name: str = "a", mode: str = "AllowOnlyApprovedOutbound", **more: Any
) -> dict[str, Any]:
    rule = {"type": "FQDN", "destination": "example.org", **more}
    fields = {key: value for key, value in rule.items() if value is not None}
    return {NETWORK: {"isolationMode": mode, "outboundRules": {name: fields}}}


def _tagged(protocol: str) -> dict[str, Any]:
    place = {"serviceTag": "Storage", "protocol": protocol, "portRanges": "443"}
    return _outbound(type="ServiceTag", destination=place)


def _component(**more: Any) -> dict[str, Any]:
    return {SPEC: {**COMMAND, **more}}


def _input(kind: str, name: str = "a", **more: Any) -> dict[str, Any]:
    return _component(inputs={name: {"type": kind, **more}})


def _routes(path: str = "/live", port: int = 5001) -> dict[str, Any]:
    routes = {f"{name}Route": {"path": path, "port": port} for name in ("liveness", "scoring")}
    return {
        "properties.inferenceConfig": {**routes, "readinessRoute": {"path": path, "port": port}}
    }


def _monthly(day: int) -> dict[str, Any]:
    schedule = {"hours": [1], "minutes": [0], "monthDays": [day]}
    trigger = {"triggerType": "Recurrence", "frequency": "Month", "interval": 1}
    return {"properties.trigger": {**trigger, "schedule": schedule}}


def _collected(*names: str) -> dict[str, Any]:
    collections = {name: {"dataCollectionMode": "Enabled"} for name in names}
    return {"properties.dataCollector": {"collections": collections}}


def _workflow(actions: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    head = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "triggers": {}}
    return {"definition": {**head, "actions": actions or {"run": CALL}, **more}}


def _composed(inputs: Any, **more: Any) -> dict[str, Any]:
    return _workflow({"run": CALL, "a": {"type": "Compose", "inputs": inputs, **more}})


def _recurring(**more: Any) -> dict[str, Any]:
    recurrence = {"frequency": "Day", "interval": 1, **more}
    return _workflow(triggers={"a": {"type": "Recurrence", "recurrence": recurrence}})


def _weekly(zone: str, day: str) -> dict[str, Any]:
    schedule = {"timeZone": zone, "days": [day], "hours": [1], "minutes": [0]}
    return {"profiles[0].recurrence": {"frequency": "Week", "schedule": schedule}}


def _filtered(kind: str = "StringIn", **more: Any) -> dict[str, Any]:
    advanced_filter = {"operatorType": kind, "key": "data.x", **more}
    return {"filter": {"advancedFilters": [advanced_filter]}}


def _happened(field: str, value: str) -> dict[str, Any]:
    conditions = [("category", "Administrative"), (field, value)]
    return {"condition": {"allOf": [{"field": key, "equals": text} for key, text in conditions]}}


def _searched(query: str, window: str = "PT5M") -> dict[str, Any]:
    return {"evaluationFrequency": "PT1M", "windowSize": window, "criteria.allOf[0].query": query}


def _dimension(*values: str) -> dict[str, Any]:
    dimension = {"name": "deployment", "operator": "Include", "values": list(values)}
    return {"criteria.allOf[0].dimensions": [dimension]}


STORAGE = [
    Stated(
        "account",
        "is no id of a Microsoft.Network",
        {"networkRuleSet": _let_in("${network.id}")},
        {"networkRuleSet": _let_in("${served.id}")},
        (("served", "subnet", {"subnetName": "b", "addressPrefix": "10.0.2.0/24", **SERVED}),),
    ),
    Stated(
        "account",
        "SubnetsHaveNoServiceEndpointsConfigured",
        {"networkRuleSet": _let_in("${subnet.id}")},
    ),
    Stated(
        "vault",
        "SubnetsHaveNoServiceEndpointsConfigured",
        {"properties.networkAcls": _let_in("${subnet.id}", "id")},
        {"properties.networkAcls": _let_in("${served.id}", "id")},
        (("served", "subnet", {"subnetName": "b", "addressPrefix": "10.0.2.0/24", **SERVED_BOTH}),),
    ),
    Stated(
        "account",
        "not with kind BlobStorage",
        {**BLOBS, "encryption": TWICE},
        {"encryption": TWICE},
    ),
    Stated(
        "lifecycle",
        "blobIndexMatch is not for versions",
        _versions(blobIndexMatch=[{"name": "a", "op": "==", "value": "b"}]),
        _versions(),
    ),
    Stated("account", "a domain", {"customDomain": {"name": "x y"}}),
    Stated(
        "account", "InvalidTagNameLength", {"tags": {"a" * 129: "b"}}, {"tags": {"a" * 128: "b"}}
    ),
    Stated("container", "InvalidMetadata", {"metadata": {"a-b": "c"}}, {"metadata": {"a_b": "c"}}),
    Stated("container", "NFSv3", {"enableNfsV3RootSquash": True}),
    Stated("blobs", "has 0 entries", _cors(allowedOrigins=[]), _cors()),
    Stated("blobs", "-1 is out of range", _cors(maxAgeInSeconds=-1), _cors(maxAgeInSeconds=0)),
    Stated(
        "blobs",
        "a date",
        {"defaultServiceVersion": "2020"},
        {"defaultServiceVersion": "2020-06-12"},
    ),
    Stated("lifecycle", "has 0 entries", {"policy.rules": []}),
    Stated(
        "lifecycle", "a container's name", _rule(prefixMatch=["/a"]), _rule(prefixMatch=["aaa/b"])
    ),
    Stated(
        "lifecycle",
        "last access time",
        _rule({"tierToCool": {"daysAfterLastAccessTimeGreaterThan": 30}}),
        _rule({"tierToCool": {"daysAfterModificationGreaterThan": 30}}),
    ),
    Stated(
        "vault",
        "two access policies",
        {"properties.accessPolicies": [ACCESS, ACCESS]},
        {"properties.accessPolicies": [ACCESS]},
    ),
    Stated(
        "key",
        "is not 7 days apart",
        _rotated({"timeAfterCreate": "P90D"}, expiryTime="P90D"),
        _rotated({"timeAfterCreate": "P83D"}, expiryTime="P90D"),
    ),
    Stated(
        "key",
        "needs an expiryTime",
        _rotated({"timeBeforeExpiry": "P30D"}),
        _rotated({"timeBeforeExpiry": "P30D"}, expiryTime="P90D"),
    ),
    Stated(
        "registry",
        "only with sku Premium",
        {"zoneRedundancy": "Enabled"},
        {"zoneRedundancy": "Enabled", "sku": {"name": "Premium"}},
    ),
    Stated(
        "registry",
        "publicNetworkAccess Disabled",
        _premium(exportPolicy={"status": "disabled"}),
        {**_premium(exportPolicy={"status": "disabled"}), "publicNetworkAccess": "Disabled"},
    ),
]
LOGS = [
    Stated("logs", "no longer made", {"sku": {"name": "Standard"}}),
    Stated("table", "more than once", _columns("a", "A"), _columns("a", "b")),
    Stated(
        "table",
        "allowed are 500",
        _columns(*[f"c{n}" for n in range(500)]),
        _columns(*[f"c{n}" for n in range(499)]),
    ),
    Stated(
        "search",
        "name:type",
        {"functionAlias": "f", "functionParameters": "a"},
        {"functionAlias": "f", "functionParameters": "a:string"},
    ),
    Stated("search", "a text", {"category": ""}),
    Stated("search", "only with functionAlias", {"functionParameters": "a:string"}),
    Stated("insights", "without a period", {"resourceName": "a."}, {"resourceName": "a.b"}),
    Stated("workbook", "the id of a resource", {"sourceId": "x"}, {"sourceId": "${logs.id}"}),
]
MACHINE_LEARNING = [
    Stated("workspace", "is no id of a", {"storageAccount": "x"}),
    Stated("workspace", "is no id of a", {"keyVault": "${account.id}"}),
    Stated("workspace", "is none of default", {"kind": "X"}, {"kind": "Default"}),
    Stated("workspace", "hubResourceId: missing", {"kind": "Project"}),
    Stated("workspace", "missing: destination", _outbound(destination=None), _outbound()),
    Stated("workspace", "letters, digits, _ and -", _outbound("a b"), _outbound("a-b")),
    Stated("workspace", "FQDN rules are for", _outbound(mode="AllowInternetOutbound"), _outbound()),
    Stated("workspace", "protocol 'foo'", _tagged("foo"), _tagged("TCP")),
    Stated(
        "compute",
        "is no id of a Microsoft.Network",
        {"properties.properties.subnet": {"id": "${network.id}"}},
        {"properties.properties.subnet": {"id": "${subnet.id}"}},
    ),
    Stated(
        "compute",
        "needs a subnet",
        {"properties.properties.enableNodePublicIp": False},
        {
            "properties.properties.enableNodePublicIp": False,
            "properties.properties.subnet": {"id": "${subnet.id}"},
        },
    ),
    Stated("environmentversion", "a path", _routes("live"), _routes()),
    Stated("environmentversion", "70000 is out of range", _routes(port=70000), _routes(port=65535)),
    Stated(
        "environmentversion",
        "an image such as",
        {"properties.image": "mcr.microsoft.com/X:1"},
        {"properties.image": "mcr.microsoft.com/x:1"},
    ),
    Stated("componentversion", "type 'foo'", _input("foo"), _input("string")),
    Stated(
        "componentversion",
        "letters, digits and _",
        _input("string", "a b"),
        _input("string", "a_b"),
    ),
    Stated(
        "componentversion",
        "is no integer",
        _input("integer", default="x"),
        _input("integer", default="1"),
    ),
    Stated(
        "componentversion",
        "is none of ['x']",
        _input("string", enum=["x"], default="y"),
        _input("string", enum=["x"], default="x"),
    ),
    Stated(
        "componentversion",
        "is more than max",
        _input("integer", min=5, max=1),
        _input("integer", min=1, max=5),
    ),
    Stated(
        "componentversion",
        "has no default",
        _input("uri_folder", default="x"),
        _input("uri_folder"),
    ),
    Stated(
        "componentversion",
        "instance_count 0",
        _component(resources={"instance_count": 0}),
        _component(resources={"instance_count": 1}),
    ),
    Stated(
        "componentversion",
        "distribution.type",
        _component(distribution={"type": "foo"}),
        _component(distribution={"type": "pytorch"}),
    ),
    Stated(
        "componentversion",
        "azureml:NAME:VERSION",
        _component(environment="sklearn:1"),
        _component(environment="azureml:${environmentversion.id}"),
    ),
    Stated("store", "properties.containerName: missing", {"properties.containerName": REMOVED}),
    Stated("schedule", "32 is out of range", _monthly(32), _monthly(31)),
    Stated(
        "schedule",
        "such as",
        {"properties.trigger.startTime": "2030-01-01"},
        {"properties.trigger.startTime": "2030-01-01T00:00:00"},
    ),
    Stated(
        "schedule", "the id of a component", {"properties.action.jobDefinition.componentId": "x"}
    ),
    Stated("deployment", "properties.instanceType: missing", {"properties.instanceType": REMOVED}),
    Stated("deployment", "the id of a model", {"properties.model": "none"}),
    Stated(
        "deployment",
        "the id of an environment",
        {"properties.environmentId": "x"},
        {"properties.environmentId": "${environmentversion.id}"},
    ),
    Stated(
        "deployment",
        "a duration",
        {"properties.livenessProbe": {"period": "10"}},
        {"properties.livenessProbe": {"period": "PT10S"}},
    ),
    Stated(
        "deployment",
        "is no name",
        {"properties.environmentVariables": {"a b": "c"}},
        {"properties.environmentVariables": {"a_b": "c"}},
    ),
    Stated(
        "deployment",
        "a size such as",
        {"properties.instanceType": "Standard_Foo"},
        {"properties.instanceType": "Standard_F4s_v2"},
    ),
    Stated("deployment", "has 6 entries", _collected(*"abcdef"), _collected(*"abcde")),
    Stated("registryversion", "such as azureml://", {"properties.modelUri": "x"}),
]
IDENTITY = [
    Stated("role", "is a built-in role", {"roleName": "Reader"}, {"roleName": "Readers"}),
    Stated("role", "has 0 entries", {"permissions": []}),
    Stated(
        "role",
        "InvalidActionOrNotAction",
        {"permissions": [{"actions": ["*/read"], "notActions": ["foo"]}]},
        {"permissions": [{"actions": ["*/read"], "notActions": ["Microsoft.Storage/*/read"]}]},
    ),
    Stated(
        "role",
        "assignableScopes[0]",
        {"assignableScopes": ["/subscriptions"]},
        {"assignableScopes": ["${account.id}"]},
    ),
    Stated(
        "role", "is not one of CustomRole", {"roleType": "BuiltInRole"}, {"roleType": "CustomRole"}
    ),
    Stated(
        "budget",
        "ten years",
        {"timePeriod": {"startDate": START, "endDate": f"{START_YEAR + 11}-01-01T00:00:00Z"}},
        {"timePeriod": {"startDate": START, "endDate": f"{START_YEAR + 9}-01-01T00:00:00Z"}},
    ),
]
MONITORING = [
    Stated("alert", "needs MultipleResource", {"scopes": ["${group.id}"]}),
    Stated("alert", "has no values", _dimension(), _dimension("blue")),
    Stated(
        "alert",
        "is no id of a Microsoft.Insights/actionGroups",
        {"actions": [{"actionGroupId": "x"}]},
    ),
    Stated(
        "query",
        "is not within PT1M to P2D",
        {"overrideQueryTimeRange": "P3D"},
        {"overrideQueryTimeRange": "P2D"},
    ),
    Stated(
        "query",
        "is no id of a Microsoft.Insights/actionGroups",
        {"actions": {"actionGroups": ["x"]}},
    ),
    Stated(
        "query",
        "search is not supported",
        _searched('Drift_CL | search "x"'),
        _searched("Drift_CL | where TimeGenerated > ago(1m)"),
    ),
    Stated(
        "diagnostics",
        "is no id of a",
        {"workspaceId": "${account.id}"},
        {"workspaceId": "${logs.id}"},
    ),
    Stated("diagnostics", "ResourceTypeNotSupported", {"resourceUri": "${group.id}"}),
    Stated(
        "diagnostics",
        "premium storage",
        {"storageAccountId": "${premium.id}"},
        {"storageAccountId": "${account.id}"},
        (PREMIUM,),
    ),
    Stated("autoscale", "UnsupportedResourceType", {"targetResourceUri": "${endpoint.id}"}),
    Stated(
        "autoscale",
        "AlreadyHasAutoscaleSetting",
        {"autoscaleSettingName": "second"},
        {"autoscaleSettingName": "second", "targetResourceUri": "${green.id}"},
        (
            ("green", "deployment", {"deploymentName": "green"}),
            ("first", "autoscale", {"autoscaleSettingName": "first"}),
        ),
    ),
    Stated(
        "autoscale",
        "an e-mail address",
        {"notifications": [{"operation": "Scale", "email": {"customEmails": ["x"]}}]},
        {"notifications": [{"operation": "Scale", "email": {"customEmails": ["a@example.org"]}}]},
    ),
    Stated(
        "autoscale",
        "is no Windows time zone",
        _weekly("Europe/Berlin", "Monday"),
        _weekly("W. Europe Standard Time", "Monday"),
    ),
    Stated("autoscale", "is not one of Monday", _weekly("UTC", "Mon"), _weekly("UTC", "Monday")),
    Stated(
        "autoscale",
        "predictiveAutoscalePolicy",
        {"predictiveAutoscalePolicy": {"scaleMode": "Enabled"}},
        {"predictiveAutoscalePolicy": {"scaleMode": "Disabled"}},
    ),
    Stated(
        "activity", "is none of critical", _happened("level", "Bad"), _happened("level", "Error")
    ),
    Stated(
        "activity",
        "no operation of a provider",
        _happened("operationName", "delete"),
        _happened("operationName", "Microsoft.MachineLearningServices/workspaces/delete"),
    ),
    Stated(
        "activity",
        "is none of started",
        _happened("status", "Bad"),
        _happened("status", "Succeeded"),
    ),
    Stated(
        "topic",
        "a system topic of",
        {},
        {"source": "${account.id}", "topicType": "Microsoft.Storage.StorageAccounts"},
        (("first", "topic", {"systemTopicName": "first"}),),
    ),
    Stated(
        "events",
        "allowed are 25",
        _filtered(values=[f"a{n}" for n in range(26)]),
        _filtered(values=[f"a{n}" for n in range(25)]),
    ),
    Stated("events", "needed with StringIn", _filtered(values=[]), _filtered(values=["a"])),
    Stated(
        "events",
        "needed with NumberGreaterThan",
        _filtered("NumberGreaterThan"),
        _filtered("NumberGreaterThan", value=1),
    ),
    Stated(
        "events",
        "is in the past",
        {"expirationTimeUtc": "2020-01-01T00:00:00Z"},
        {"expirationTimeUtc": "2099-01-01T00:00:00Z"},
    ),
    Stated(
        "events",
        "needed with StorageQueue",
        {"destination": {"endpointType": "StorageQueue", "resourceId": "${account.id}"}},
        {
            "destination": {
                "endpointType": "StorageQueue",
                "resourceId": "${account.id}",
                "queueName": "drift",
            }
        },
    ),
    Stated(
        "actions",
        "an https address",
        {"logicAppReceivers": [{"name": "l", "resourceId": "${logic.id}", "callbackUrl": "x"}]},
        {
            "logicAppReceivers": [
                {"name": "l", "resourceId": "${logic.id}", "callbackUrl": "https://example.org"}
            ]
        },
    ),
]
LOGIC = [
    Stated(
        "logic", "needs inputs.method", _workflow({"a": {"type": "Http"}}), _workflow({"a": CALL})
    ),
    Stated(
        "logic",
        "'none' that an expression names",
        _composed("@body('none')"),
        _composed("@body('run')", runAfter={"run": ["Succeeded"]}),
    ),
    Stated(
        "logic",
        "'x' is not found",
        _composed("@parameters('x')"),
        _workflow(
            {"a": {"type": "Compose", "inputs": "@parameters('x')"}},
            parameters={"x": {"type": "String", "defaultValue": "y"}},
        ),
    ),
    Stated(
        "logic",
        'type "Foo"',
        _workflow(parameters={"x": {"type": "Foo", "defaultValue": 1}}),
        _workflow(parameters={"x": {"type": "Int", "defaultValue": 1}}),
    ),
    Stated("logic", "Unable to parse", _composed("@{triggerBody("), _composed("@{triggerBody()}")),
    Stated(
        "logic",
        "weekDays are for",
        _recurring(schedule={"weekDays": ["Monday"]}),
        _recurring(frequency="Week", schedule={"weekDays": ["Monday"]}),
    ),
    Stated(
        "logic",
        "in a circle",
        _composed(1, runAfter={"a": ["Succeeded"]}),
        _composed(1, runAfter={"run": ["Succeeded"]}),
    ),
    Stated(
        "logic",
        "is no Windows time zone",
        _recurring(timeZone="Europe/Berlin"),
        _recurring(timeZone="W. Europe Standard Time"),
    ),
    Stated("logic", "interval 0", _recurring(interval=0), _recurring(interval=1)),
    Stated("logic", "'foo' is not defined", _composed("@foo('x')"), _composed("@toLower('x')")),
    Stated(
        "logic",
        "variable 'x': type \"number\"",
        _workflow(
            {
                "a": {
                    "type": "InitializeVariable",
                    "inputs": {"variables": [{"name": "x", "type": "number"}]},
                }
            }
        ),
        _workflow(
            {
                "a": {
                    "type": "InitializeVariable",
                    "inputs": {"variables": [{"name": "x", "type": "integer"}]},
                }
            }
        ),
    ),
]
NETWORKS = [
    Stated(
        "network",
        "overlaps with another",
        {"addressSpace": {"addressPrefixes": ["10.0.0.0/16", "10.0.1.0/24"]}},
        {"addressSpace": {"addressPrefixes": ["10.0.0.0/16", "10.1.1.0/24"]}},
    ),
    Stated(
        "network",
        "is reserved",
        {"addressSpace": {"addressPrefixes": ["224.0.0.0/8"]}},
        {"addressSpace": {"addressPrefixes": ["10.0.0.0/8"]}},
    ),
    Stated(
        "network",
        "is no address",
        {"dhcpOptions": {"dnsServers": ["x"]}},
        {"dhcpOptions": {"dnsServers": ["10.0.0.4"]}},
    ),
    Stated(
        "network", "3 is out of range", {"flowTimeoutInMinutes": 3}, {"flowTimeoutInMinutes": 4}
    ),
    Stated(
        "network",
        "ddosProtectionPlan: missing",
        {"enableDdosProtection": True},
        {"enableDdosProtection": False},
    ),
    Stated("subnet", "a subnet needs an address range", {"addressPrefix": REMOVED}),
    Stated(
        "subnet",
        "such as Microsoft.Web/serverFarms",
        {"delegations": [{"name": "a", "serviceName": "Foo"}]},
        {"delegations": [{"name": "a", "serviceName": "Microsoft.Web/serverFarms"}]},
    ),
    Stated(
        "subnet",
        "InvalidServiceNameOnDelegation",
        {"delegations": [{"name": "a", "serviceName": "Microsoft.Web/serverFarm"}]},
        {"delegations": [{"name": "a", "serviceName": "Microsoft.Web/serverFarms"}]},
    ),
    Stated("subnet", "is not one of Microsoft", {"serviceEndpoints": [{"service": "Foo"}]}, SERVED),
    Stated("subnet", "is no id of a Microsoft.Network", {"networkSecurityGroup": {"id": "x"}}),
]
AZURE = [*STORAGE, *LOGS, *MACHINE_LEARNING, *IDENTITY, *MONITORING, *LOGIC, *NETWORKS]
