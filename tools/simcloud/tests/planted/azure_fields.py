"""Bad inputs on Microsoft Azure: what several fields, or a text, do not allow together."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED, RULE, Planted

P, IN = "properties", "properties.properties"
CRITERION = "criteria.allOf[0]"
SPACE = (
    "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/sim/providers/"
    "Microsoft.MachineLearningServices/workspaces/sim"
)
LEARNT = {
    "criterionType": "DynamicThresholdCriterion",
    "metricName": "RequestLatency_P95",
    "operator": "GreaterThan",
    "timeAggregation": "Average",
    "alertSensitivity": "High",
    "failingPeriods": {"numberOfEvaluationPeriods": 4, "minFailingPeriodsToAlert": 4},
}
DEFINITION = "policy.rules[0].definition"


def _probed(name: str, **more: Any) -> dict[str, Any]:
    return {f"{P}.{name}": {"timeout": "PT2S", **more}}


def _steps(**steps: Any) -> dict[str, Any]:
    return {f"{DEFINITION}.actions": {"baseBlob": steps}}


def _after(**days: int) -> dict[str, Any]:
    return {f"daysAfter{name}GreaterThan": count for name, count in days.items()}


def _columns(*columns: tuple[str, str]) -> dict[str, Any]:
    return {
        "schema": {
            "name": "Drift_CL",
            "columns": [{"name": name, "type": kind} for name, kind in columns],
        }
    }


def _leaves(*leaves: dict[str, Any]) -> dict[str, Any]:
    return {"condition": {"allOf": list(leaves)}}


def _rule(**trigger: Any) -> dict[str, Any]:
    metric = {
        "metricName": "CpuUtilizationPercentage",
        "metricResourceUri": "${deployment.id}",
        "timeGrain": "PT1M",
        "timeWindow": "PT5M",
        "statistic": "Average",
        "timeAggregation": "Average",
        "operator": "GreaterThan",
        "threshold": 70,
        **trigger,
    }
    action = {"direction": "Increase", "type": "ChangeCount", "value": "1", "cooldown": "PT5M"}
    return {"profiles[0].rules": [{"metricTrigger": metric, "scaleAction": action}]}


CATEGORY = {"field": "category", "equals": "Administrative"}
KEY = {"adminUserName": "a"}

FIELDS = [
    Planted(
        RULE,
        "compute",
        "needed with triggerType Cron",
        {
            P: {
                "computeType": "ComputeInstance",
                "properties": {
                    "vmSize": "Standard_DS3_v2",
                    "schedules": {"computeStartStop": [{"action": "Stop", "triggerType": "Cron"}]},
                },
            }
        },
    ),
    Planted(RULE, "account", "is not supported as the least", {"minimumTlsVersion": "TLS1_3"}),
    Planted(
        RULE, "alert", "has one scope", {"scopes": [f"{SPACE}/onlineEndpoints/{n}" for n in "ab"]}
    ),
    Planted(
        RULE, "alert", "are of several types", {"scopes": [SPACE, f"{SPACE}/onlineEndpoints/a"]}
    ),
    Planted(
        RULE,
        "alert",
        "the only criterion",
        {
            "criteria": {
                "odataType": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria",
                "allOf": [{**LEARNT, "name": name} for name in "ab"],
            }
        },
    ),
    # Storage.
    Planted(
        RULE,
        "account",
        "does not go with kind",
        {"kind": "BlobStorage", "accessTier": "Hot", "sku": {"name": "Standard_ZRS"}},
    ),
    Planted(RULE, "account", "does not go with kind", {"accessTier": "Premium"}),
    Planted(RULE, "account", "only with isHnsEnabled", {"isSftpEnabled": True}),
    Planted(
        RULE,
        "account",
        "is private",
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "10.0.0.0/16"}],
            }
        },
    ),
    Planted(
        RULE,
        "account",
        "/31 and /32",
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "20.1.2.3/32"}],
            }
        },
    ),
    Planted(
        RULE, "account", "needed with type UserAssigned", {"identity": {"type": "UserAssigned"}}
    ),
    Planted(
        RULE,
        "account",
        "not with type SystemAssigned",
        {"identity": {"type": "SystemAssigned", "userAssignedIdentities": ["${identity.id}"]}},
    ),
    Planted(
        RULE, "blobs", "needs changeFeed.enabled", {"restorePolicy": {"enabled": True, "days": 5}}
    ),
    Planted(
        RULE,
        "blobs",
        "has to be less than",
        {"changeFeed": {"enabled": True}, "restorePolicy": {"enabled": True, "days": 7}},
    ),
    Planted(
        RULE, "lifecycle", "has 2 conditions", _steps(delete=_after(Modification=90, Creation=90))
    ),
    Planted(
        RULE,
        "lifecycle",
        "is for tierToArchive",
        _steps(tierToCool=_after(Modification=30, LastTierChange=7)),
    ),
    Planted(
        RULE,
        "lifecycle",
        "delete actions alone",
        {
            **_steps(tierToCool=_after(Modification=30)),
            f"{DEFINITION}.filters.blobTypes": ["appendBlob"],
        },
    ),
    Planted(
        RULE,
        "lifecycle",
        "needs daysAfterLastAccessTime",
        _steps(tierToCool=_after(Modification=30), enableAutoTierToHotFromCool=True),
    ),
    # Key Vault, registries, budgets, identities.
    Planted(RULE, "vault", "needed without roles", {f"{P}.enableRbacAuthorization": False}),
    Planted(
        RULE,
        "vault",
        "is not the vault's",
        {
            f"{P}.accessPolicies": [
                {
                    "tenantId": "11111111-2222-4333-8444-555555555555",
                    "permissions": {"secrets": ["get"]},
                    "objectId": "11111111-2222-4333-8444-555555555555",
                }
            ]
        },
    ),
    Planted(RULE, "vault", "cannot be turned off", {f"{P}.enableSoftDelete": False}),
    Planted(RULE, "key", "not with kty EC", {P: {"kty": "EC", "keySize": 2048}}),
    Planted(RULE, "key", "not with kty RSA", {P: {"kty": "RSA", "curveName": "P-256"}}),
    Planted(RULE, "key", "no operation of a EC key", {P: {"kty": "EC", "keyOps": ["encrypt"]}}),
    Planted(RULE, "registry", "with sku Premium alone", {"publicNetworkAccess": "Disabled"}),
    Planted(
        RULE,
        "registry",
        "only with sku Premium",
        {"policies": {"retentionPolicy": {"status": "enabled", "days": 7}}},
    ),
    Planted(
        RULE,
        "budget",
        "has to be less than",
        {"timePeriod.startDate": "2031-01-01", "timePeriod.endDate": "2030-01-01"},
    ),
    Planted(RULE, "role", "not / for custom roles", {"assignableScopes": ["/"]}),
    Planted(RULE, "assignment", "the id of a role definition", {"roleDefinitionId": "Reader"}),
    Planted(
        RULE,
        "federated",
        "are not taken",
        {"issuer": "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0"},
    ),
    # Machine Learning.
    Planted(
        RULE,
        "workspace",
        "needed with identity UserAssigned",
        {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["${identity.id}"]}},
    ),
    Planted(RULE, "environmentversion", "exactly one of image, build", {f"{P}.image": REMOVED}),
    Planted(RULE, "environmentversion", "is no YAML", {f"{P}.condaFile": "a: [b"}),
    Planted(RULE, "environmentversion", "no list of dependencies", {f"{P}.condaFile": "name: a"}),
    Planted(
        RULE, "compute", "needs a password or a public key", {f"{IN}.userAccountCredentials": KEY}
    ),
    Planted(RULE, "compute", "such as Standard_DS3_v2", {f"{IN}.vmSize": "DS3 v2"}),
    *(
        Planted(RULE, "deployment", "is not 1 to 300 seconds", _probed(name, timeout="PT5M"))
        for name in ("livenessProbe", "readinessProbe")
    ),
    *(
        Planted(RULE, "deployment", "is less than 1", _probed(name, successThreshold=0))
        for name in ("livenessProbe", "readinessProbe")
    ),
    Planted(
        RULE,
        "deployment",
        "is for Kubernetes",
        {f"{P}.scaleSettings": {"scaleType": "TargetUtilization"}},
    ),
    Planted(RULE, "endpoint", "mirrors to 2", {f"{P}.mirrorTraffic": {"blue": 10, "green": 10}}),
    Planted(RULE, "schedule", "has an offset", {f"{P}.trigger.startTime": "2030-01-01T00:00:00Z"}),
    Planted(
        RULE,
        "schedule",
        "is not 0 to 23",
        {
            f"{P}.trigger": {
                "triggerType": "Recurrence",
                "frequency": "Day",
                "interval": 1,
                "schedule": {"hours": [24], "minutes": [0]},
            }
        },
    ),
    # Azure Monitor.
    Planted(RULE, "table", "a column TimeGenerated", _columns(("drift", "real"))),
    Planted(
        RULE,
        "table",
        "is reserved",
        _columns(("TimeGenerated", "dateTime"), ("TenantId", "string")),
    ),
    Planted(RULE, "table", "is fixed for the plan Basic", {"plan": "Basic", "retentionInDays": 30}),
    Planted(RULE, "logs", "neither -1 nor 0.023", {"workspaceCapping": {"dailyQuotaGb": 0.01}}),
    Planted(
        RULE,
        "actions",
        "needed with useAadAuth",
        {
            "webhookReceivers": [
                {"name": "a", "serviceUri": "https://example.org", "useAadAuth": True}
            ]
        },
    ),
    Planted(RULE, "query", "needed with kind LogAlert", {"severity": REMOVED}),
    Planted(
        RULE,
        "query",
        "are more than 2 days",
        {
            "windowSize": "P1D",
            "evaluationFrequency": "PT1H",
            f"{CRITERION}.failingPeriods": {
                "numberOfEvaluationPeriods": 3,
                "minFailingPeriodsToAlert": 1,
            },
        },
    ),
    Planted(
        RULE,
        "diagnostics",
        "exclude each other in one",
        {
            "logs": [
                {"categoryGroup": "allLogs", "enabled": True},
                {"category": "AmlComputeClusterEvent", "enabled": True},
            ]
        },
    ),
    Planted(
        RULE,
        "diagnostics",
        "retention is not supported",
        {"logs[0].retentionPolicy": {"enabled": True, "days": 30}},
    ),
    Planted(
        RULE,
        "autoscale",
        "default 3",
        {"profiles[0].capacity": {"minimum": "1", "default": "3", "maximum": "2"}},
    ),
    Planted(RULE, "autoscale", "is longer than timeWindow", _rule(timeGrain="PT10M")),
    Planted(RULE, "activity", "0 times", _leaves({"field": "status", "equals": "Failed"})),
    Planted(RULE, "activity", "is not one of", _leaves({**CATEGORY, "equals": "Admin"})),
    # Event Grid, Logic Apps, networks.
    Planted(
        RULE,
        "topic",
        "is not the type of the source",
        {"topicType": "Microsoft.Storage.StorageAccounts"},
    ),
    Planted(
        RULE,
        "logic",
        "has no type",
        {"definition": {"$schema": "x", "triggers": {"a": {}}, "actions": {}}},
    ),
    Planted(
        RULE,
        "logic",
        "needs a frequency",
        {"definition": {"$schema": "x", "triggers": {"a": {"type": "Recurrence"}}, "actions": {}}},
    ),
    Planted(RULE, "subnet", "is no network", {"addressPrefix": "10.0.1.0/44"}),
    Planted(
        RULE,
        "assignment",
        "is no operator",
        {"condition": "@Resource[a:b] Equals 'c'", "conditionVersion": "2.0"},
    ),
    Planted(RULE, "actions", "is not available", {"location": "westus"}),
    Planted(RULE, "alert", "is not available", {"location": "West Europe"}),
    Planted(RULE, "activity", "the id of a subscription", {"scopes": ["everything"]}),
    Planted(
        RULE,
        "logic",
        "is it Http",
        {"definition.actions": {"run": {"type": "Htp"}}},
    ),
    Planted(
        RULE,
        "logic",
        "frequency 'Weekly'",
        {
            "definition.triggers": {
                "at": {"type": "Recurrence", "recurrence": {"frequency": "Weekly", "interval": 1}}
            }
        },
    ),
]
