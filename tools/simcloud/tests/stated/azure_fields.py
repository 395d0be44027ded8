"""Single fields of Azure's services, as their reference describes them, from both sides."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from pulumi_simcloud.platforms import SUBSCRIPTION

from stated.azure import SCHEMA
from stated.azure_places import CODE, attached, sent
from stated.azure_services import DYNAMIC, PERSON, profile
from stated.case import Stated

BLOCKS = ("blocks", "account", {
    "accountName": "simblocks", "kind": "BlockBlobStorage", "sku": {"name": "Premium_LRS"},
})  # fmt: skip
KEPT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/o/providers/Microsoft.Insights"


def _turned(kind: str, **trigger: str) -> dict[str, Any]:
    action = {"action": {"type": kind}, "trigger": trigger}
    policy = {"attributes": {"expiryTime": "P90D"}, "lifetimeActions": [action]}
    return {"properties.rotationPolicy": policy}


def _served(enabled: bool) -> dict[str, Any]:
    services = {"blob": {"enabled": enabled}}
    return {"encryption": {"keySource": "Microsoft.Storage", "services": services}}


def _heated(**more: Any) -> dict[str, Any]:
    steps = {"tierToHot": {"daysAfterModificationGreaterThan": 1}}
    own = {"actions": {"baseBlob": steps}, "filters": {"blobTypes": ["blockBlob"]}}
    return {"policy.rules[0].definition": own, **more}


def _sized(window: str) -> dict[str, Any]:
    criterion = {
        "criterionType": "StaticThresholdCriterion",
        "name": "s",
        "metricName": "UsedCapacity",
        "operator": "GreaterThan",
        "threshold": 1,
        "timeAggregation": "Average",
    }
    return {"scopes": ["${account.id}"], "criteria.allOf": [criterion], "windowSize": window}


def _mailed(name: str) -> dict[str, Any]:
    return {"emailReceivers": [{"name": name, "emailAddress": "a@example.org"}]}


def _spaced(space: str) -> dict[str, Any]:
    hub = {"name": "e", "eventHubName": "h", "eventHubNameSpace": space, "subscriptionId": PERSON}
    return {"eventHubReceivers": [hub]}


def _given(role: str) -> dict[str, Any]:
    return {"armRoleReceivers": [{"name": "r", "roleId": role}]}


def _called(name: str) -> dict[str, Any]:
    kind = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"
    return {"criteria": {"odataType": kind, "allOf": [{**DYNAMIC, "name": name}]}}


def _code(**more: Any) -> dict[str, Any]:
    return {
        "properties.codeConfiguration": {**CODE, **more},
        "properties.environmentId": "${environmentversion.id}",
    }


def _permitted(name: str, action: str) -> dict[str, Any]:
    own = {"actions": ["Microsoft.Storage/*/read"], name: [action]}
    return {"permissions": [own]}


def _delegated(name: str) -> dict[str, Any]:
    return {"delegations": [{"name": name, "serviceName": "Microsoft.Web/serverFarms"}]}


def _columns(name: str) -> dict[str, Any]:
    columns = [{"name": name, "type": "string"}]
    return {"tableName": "AppRequests", "schema": {"name": "AppRequests", "columns": columns}}


def _steps(**job: Any) -> dict[str, Any]:
    spec = {"type": "pipeline", "name": "train", "version": "1", "jobs": {"a": job}}
    return {"properties.componentSpec": spec}


def _built(context: str) -> dict[str, Any]:
    return {"properties.build": {"contextUri": context}, "properties.image": REMOVED}


def _connected(**connections: Any) -> dict[str, Any]:
    host = {"connection": {"name": "@parameters('$connections')['mail']['connectionId']"}}
    call = {"type": "ApiConnection", "inputs": {"host": host, "method": "post", "path": "/a"}}
    definition = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
        "triggers": {},
        "actions": {"a": call},
    }
    return {"definition": definition, "parameters": {"$connections": {"value": connections}}}


OTHER = "44444444-2222-4333-8444-555555555555"


def _judged(scope: str, metric: str, *dimensions: str, **more: Any) -> dict[str, Any]:
    window = more.pop("windowSize", "PT5M")
    criterion = {
        "criterionType": "DynamicThresholdCriterion",
        "name": "c",
        "metricName": metric,
        "operator": "GreaterOrLessThan",
        "alertSensitivity": "Low",
        "failingPeriods": {"numberOfEvaluationPeriods": 4, "minFailingPeriodsToAlert": 4},
        "timeAggregation": "Average",
        "dimensions": [
            {"name": name, "operator": "include", "values": ["*"]} for name in dimensions
        ],
        **more,
    }
    kind = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"
    return {
        "scopes": [scope],
        "evaluationFrequency": "PT1M",
        "windowSize": window,
        "criteria": {"odataType": kind, "allOf": [criterion]},
    }


# Right in github Azure/azure-monitor-baseline-alerts, services/*/*/alerts.yaml.
ALERTS = [
    Stated("alert", reason, bad, good)
    for reason, bad, good in (
        (
            "is not supported by ServiceApiHit",
            _judged("${vault.id}", "ServiceApiHit", timeAggregation="Maximum"),
            _judged("${vault.id}", "ServiceApiHit"),
        ),
        (
            "PT1M is not supported by dynamic thresholds",
            _judged("${vault.id}", "ServiceApiResult", windowSize="PT1M"),
            _judged("${vault.id}", "ServiceApiResult", windowSize="PT5M"),
        ),
        (
            "is no metric of",
            _judged("${logs.id}", "% Free Space"),
            _judged("${logs.id}", "Average_% Free Space"),
        ),
        (
            "is no dimension of",
            _judged("${vault.id}", "ServiceApiLatency", "activity"),
            _judged("${vault.id}", "ServiceApiLatency", "activityname"),
        ),
    )
]
FIELDS = [
    Stated(sample, reason, bad, good, before)
    for sample, reason, bad, good, before in (
        ("account", "ReservedResourceName", {"accountName": "office365"},
         {"accountName": "office366"}, ()),
        ("key", "is for rotate alone", _turned("notify", timeAfterCreate="P30D"),
         _turned("notify", timeBeforeExpiry="P30D"), ()),
        ("key", "is no duration", _turned("rotate", timeBeforeExpiry="30 days"),
         _turned("rotate", timeBeforeExpiry="P30D"), ()),
        ("account", "encryption cannot be disabled", _served(False), _served(True), ()),
        ("lifecycle", "for premium block blob accounts", _heated(),
         _heated(accountName="${blocks.name}"), (BLOCKS,)),
        ("role", "notActions", _permitted("notActions", "read it"),
         _permitted("notActions", "Microsoft.Storage/storageAccounts/read"), ()),
        ("role", "notDataActions", _permitted("notDataActions", "read it"),
         _permitted("notDataActions", "Microsoft.KeyVault/vaults/secrets/*"), ()),
        ("budget", "is no time", {"timePeriod.endDate": "later"},
         {"timePeriod.endDate": "2031-01-01T00:00:00Z"}, ()),
        ("topic", "is no id of a resource", {"source": "workspace"}, {}, ()),
        ("alert", "is no id of a resource", {"scopes": ["endpoint"]}, {}, ()),
        ("query", "is no id of a resource", {"scopes": ["sim-logs"]}, {}, ()),
        ("autoscale", "is no id of a resource", {"targetResourceUri": "blue"}, {}, ()),
        ("deployment", "is no id of a resource", _code(codeId="code"), _code(), ()),
        ("deployment", "a .py file", _code(scoringScript="score"), _code(), ()),
        ("deployment", "such as Default", {"sku.name": ""}, {}, ()),
        ("logs", "is no id of a resource", {"defaultDataCollectionRuleResourceId": "rule"},
         {"defaultDataCollectionRuleResourceId": f"{KEPT}/dataCollectionRules/r"}, ()),
        ("alert", "is measured each hour", _sized("PT30M"), _sized("PT1H"), ()),
        ("alert", "a name", _called(""), _called("d"), ()),
        ("actions", "emailReceivers[0].name", _mailed(""), _mailed("a"), ()),
        ("actions", "eventHubNameSpace", _spaced(""), _spaced("n"), ()),
        ("actions", "none of the built-in ones", _given(OTHER),
         _given("acdd72a7-3385-48ef-bd42-f606fba81ae7"),
         (("own", "role", {"roleDefinitionId": OTHER, "roleName": "own"}),)),
        ("autoscale", "profiles[0].name", {"profiles": [profile("")]},
         {"profiles": [profile("a")]}, ()),
        ("autoscale", "allowed are 50", {"tags": {f"a{n}": "b" for n in range(51)}},
         {"tags": {f"a{n}": "b" for n in range(15)}}, ()),
        ("query", "metricName: missing",
         {"kind": "LogToMetric", "severity": REMOVED, "criteria.allOf": [{"query": "Drift_CL"}]},
         {"kind": "LogToMetric", "severity": REMOVED,
          "criteria.allOf": [{"query": "Drift_CL", "metricName": "m"}]}, ()),
        ("table", "ends in _CF", _columns("Extra"), _columns("Extra_CF"), ()),
        ("account", "InvalidIdentityIds",
         {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["steps"]}},
         {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["${identity.id}"]}}, ()),
        ("componentversion", "jobs.a has no component", _steps(type="command"),
         _steps(type="command", component="azureml:b:1"), ()),
        ("componentversion", "is no azureml:NAME:VERSION", _steps(component="b"),
         _steps(component="azureml:b:1"), ()),
        ("environmentversion", "an address such as", _built("./docker"),
         _built("https://e.org/docker"), ()),
        ("network", "a network needs an address range", {"addressSpace": REMOVED}, {}, ()),
        ("query", "exactly one of scopes", {"scopes": REMOVED}, {}, ()),
        ("logic", "'mail' doesn't exist", _connected(), _connected(mail={"connectionId": "x"}), ()),
        ("subnet", "only with defaultOutboundAccess false", {"sharingScope": "Tenant"},
         {"sharingScope": "Tenant", "defaultOutboundAccess": False}, ()),
        ("subnet", "delegations[0].name", _delegated(""), _delegated("d"), ()),
        ("events", "a GUID",
         sent(azureActiveDirectoryApplicationIdOrUri="a", azureActiveDirectoryTenantId="e.org"),
         sent(azureActiveDirectoryApplicationIdOrUri="a", azureActiveDirectoryTenantId=PERSON),
         ()),
        ("compute", "a label",
         attached(resourceId=f"{KEPT}/c/c", properties={"namespace": "A b"}),
         attached(resourceId=f"{KEPT}/c/c", properties={"namespace": "a-b"}), ()),
        ("codeversion", "letters, digits", {"name": "a b"}, {"name": "a-b"}, ()),
        ("registryversion", "letters, digits", {"version": "a b"}, {"version": "2"}, ()),
        ("registryversion", "is not one of custom_model", {"properties.modelType": "sklearn"},
         {"properties.modelType": "mlflow_model"}, ()),
    )
]  # fmt: skip
AZURE_FIELDS = [*ALERTS, *FIELDS]
