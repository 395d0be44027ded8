"""Bad inputs on Microsoft Azure."""

from __future__ import annotations

from pulumi_simcloud.platforms import SUBSCRIPTION

from planted.case import (
    DELETE,
    FROZEN,
    GUARD,
    REFERENCE,
    REMOVED,
    RULE,
    SCHEMA,
    Planted,
)

MISSING = "does not exist"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim"
SPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/sim"
TRIGGER = "properties.trigger"
ACTION = "properties.action"
SPEC = "properties.componentSpec"
NODES = "properties.properties.scaleSettings"
NOWHERE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/a"

FIVE = {"enabled": True, "operator": "EqualTo", "threshold": 1, "contactEmails": ["a@b.example"]}
QUERY = "criteria.allOf[0]"
METRIC = "criteria.allOf[0]"
PREFIXES = "policy.rules[0].definition.filters.prefixMatch"
EXPIRY = "policy.rules[0].definition.actions"
DOWN = 'AmlOnlineEndpointEventLog | where EndpointName == "x" | summarize down = count()'
SHARE = "AmlOnlineEndpointTrafficLog | summarize share = avg(TotalDurationMs) by DeploymentName"
MEASURED = {f"{QUERY}.timeAggregation": "Maximum", f"{QUERY}.metricMeasureColumn": "share"}

AZURE = [
    Planted(SCHEMA, "account", "unknown property", {"acountName": "x"}),
    Planted(SCHEMA, "account", "missing required", {"sku": REMOVED}),
    Planted(SCHEMA, "account", "is not one of", {"kind": "StorageV9"}),
    Planted(SCHEMA, "account", "is not one of", {"minimumTlsVersion": "TLS9"}),
    Planted(SCHEMA, "schedule", "is not one of Cron, Recurrence", {f"{TRIGGER}.triggerType": "X"}),
    Planted(SCHEMA, "schedule", "is not one of", {f"{ACTION}.actionType": "RunJob"}),
    Planted(SCHEMA, "schedule", "is not one of", {f"{ACTION}.jobDefinition.jobType": "Cook"}),
    Planted(SCHEMA, "schedule", "unknown property", {f"{ACTION}.jobDefinition.component": "x"}),
    Planted(SCHEMA, "schedule", "missing required", {f"{TRIGGER}.expression": REMOVED}),
    Planted(SCHEMA, "compute", "is not one of", {"properties.computeType": "Abacus"}),
    Planted(SCHEMA, "deployment", "is not one of", {"properties.endpointComputeType": "Cloudy"}),
    Planted(SCHEMA, "deployment", "expected a whole number", {"sku.capacity": "1"}),
    Planted(SCHEMA, "endpoint", "is not one of", {"properties.authMode": "None"}),
    Planted(SCHEMA, "query", "is not one of", {"criteria.allOf[0].operator": "gt"}),
    Planted(SCHEMA, "assignment", "is not one of", {"principalType": "Robot"}),
    Planted(RULE, "group", "1-90 letters", {"resourceGroupName": "sim."}),
    Planted(RULE, "registry", "ReservedResourceName", {"registryName": "loginsim"}),
    Planted(RULE, "workspace", "ReservedResourceName", {"workspaceName": "my-windows"}),
    Planted(RULE, "endpoint", "ReservedResourceName", {"endpointName": "login-sim"}),
    Planted(
        RULE,
        "role",
        "InvalidActionOrNotAction",
        {"permissions[0].notActions": ["Microsoft.MachineLearningServices/workspaces/jobs/paint"]},
    ),
    Planted(
        RULE,
        "role",
        "InvalidActionOrNotAction",
        {
            "permissions[0].notDataActions": [
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/paint"
            ]
        },
    ),
    Planted(RULE, "account", "3-24 characters", {"accountName": "sim-account"}),
    Planted(RULE, "account", "is not an Azure location", {"location": "westworld"}),
    Planted(RULE, "container", "3-63", {"containerName": "a--b"}),
    Planted(RULE, "blobs", "must be 'default'", {"blobServicesName": "mine"}),
    Planted(RULE, "blobs", "out of range", {"deleteRetentionPolicy.days": 0}),
    Planted(RULE, "vault", "3-24 characters", {"vaultName": "1vault"}),
    Planted(RULE, "vault", "out of range", {"properties.softDeleteRetentionInDays": 1}),
    Planted(RULE, "key", "is not one of", {"properties.keySize": 1024}),
    Planted(RULE, "registry", "5-50", {"registryName": "a-b-c"}),
    Planted(RULE, "federated", "no wildcards", {"subject": "repo:o/r:*"}),
    Planted(RULE, "federated", "has 2 entries", {"audiences": ["a", "b"]}),
    Planted(RULE, "role", "a GUID", {"roleDefinitionId": "steps"}),
    Planted(RULE, "role", "has 0 entries", {"assignableScopes": []}),
    Planted(RULE, "role", "such as", {"permissions[0].actions[0]": "read all"}),
    Planted(RULE, "workspace", "3-33", {"workspaceName": "a"}),
    Planted(RULE, "workspace", "exactly one of storageAccount", {"storageAccount": REMOVED}),
    Planted(RULE, "modelcontainer", "1-255", {"name": "-flights"}),
    Planted(RULE, "componentversion", "is not one of command, pipeline", {f"{SPEC}.type": "x"}),
    Planted(RULE, "componentversion", "needs environment", {f"{SPEC}.environment": ""}),
    Planted(RULE, "compute", "out of range", {f"{NODES}.maxNodeCount": -1}),
    Planted(RULE, "compute", "ISO 8601", {f"{NODES}.nodeIdleTimeBeforeScaleDown": "120"}),
    Planted(RULE, "schedule", "is not a cron expression", {f"{TRIGGER}.expression": "0 3 * * 8"}),
    Planted(RULE, "schedule", "needs 5", {f"{TRIGGER}.expression": "cron(0 3 ? * MON *)"}),
    Planted(RULE, "schedule", "no Windows time zone", {f"{TRIGGER}.timeZone": "Europe/Berlin"}),
    Planted(RULE, "endpoint", "3-32 letters", {"endpointName": "flights_1"}),
    Planted(RULE, "endpoint", "3-32 letters", {"endpointName": "a" * 33}),
    Planted(RULE, "endpoint", "adds up to 90", {"properties.traffic": {"blue": 90}}),
    Planted(RULE, "endpoint", "out of range", {"properties.mirrorTraffic": {"blue": 60}}),
    Planted(
        RULE,
        "deployment",
        "out of range",
        {"properties.dataCollector.collections.model_inputs.samplingRate": 20},
    ),
    Planted(RULE, "logs", "out of range", {"retentionInDays": 1}),
    Planted(RULE, "insights", "is not one of", {"retentionInDays": 31}),
    Planted(RULE, "workbook", "is not a JSON object", {"serializedData": "x"}),
    Planted(RULE, "actions", "at most 12 characters", {"groupShortName": "much-too-long"}),
    Planted(RULE, "actions", "e-mail", {"emailReceivers[0].emailAddress": "me"}),
    Planted(RULE, "alert", "out of range", {"severity": 5}),
    Planted(RULE, "alert", "is not one of", {"windowSize": "PT2M"}),
    Planted(RULE, "query", "ISO 8601", {"windowSize": "1h"}),
    Planted(RULE, "query", "has 0 entries", {"scopes": []}),
    Planted(RULE, "logic", "lacks triggers", {"definition.triggers": REMOVED}),
    Planted(RULE, "logic", "runs after", {"definition.actions.run.runAfter": {"x": []}}),
    Planted(RULE, "events", "out of range", {"retryPolicy": {"maxDeliveryAttempts": 31}}),
    Planted(RULE, "budget", "out of range", {"amount": 0}),
    Planted(RULE, "budget", "has 6 entries", {"notifications": {str(n): FIVE for n in range(6)}}),
    Planted(
        RULE,
        "budget",
        "no e-mail, group or role",
        {"notifications": {"a": {**FIVE, "contactEmails": []}}},
    ),
    Planted(RULE, "account", "ReservedResourceName", {"accountName": "loginstore"}),
    Planted(RULE, "vault", "ReservedResourceName", {"vaultName": "my-microsoft"}),
    Planted(RULE, "account", "tag 'a<b'", {"tags": {"a<b": "x"}}),
    Planted(RULE, "account", "allowed are 50", {"tags": {str(n): "x" for n in range(51)}}),
    Planted(RULE, "lifecycle", "has 11 prefixes", {PREFIXES: [f"a/{n}" for n in range(11)]}),
    Planted(RULE, "lifecycle", "at least one action", {EXPIRY: {}}),
    Planted(RULE, "vault", "cannot be set to false", {"properties.enablePurgeProtection": False}),
    Planted(
        RULE,
        "role",
        "InvalidActionOrNotAction",
        {"permissions[0].actions": ["Microsoft.Storage/storageAccounts/blobServices/delete"]},
    ),
    Planted(
        RULE,
        "role",
        "InvalidActionOrNotAction",
        {"permissions[0].dataActions": ["Microsoft.MachineLearningServices/workspaces/jobs/read"]},
    ),
    Planted(RULE, "assignment", "needed with condition", {"condition": "true"}),
    Planted(
        RULE, "componentversion", "inputs.data is none", {f"{SPEC}.command": "${{inputs.data}}"}
    ),
    Planted(RULE, "componentversion", "is not 'train'", {f"{SPEC}.name": "other"}),
    Planted(
        RULE,
        "componentversion",
        "names no other job",
        {
            "properties.componentSpec": {
                "type": "pipeline",
                "name": "train",
                "version": "1",
                "jobs": {"a": {"inputs": {"x": "${{parent.jobs.b.outputs.out}}"}}},
            }
        },
    ),
    Planted(RULE, "compute", "does not end in - and digits", {"computeName": "cluster-16"}),
    Planted(RULE, "compute", "is more than maxNodeCount", {f"{NODES}.minNodeCount": 3}),
    Planted(RULE, "schedule", "weekdays are 0", {f"{TRIGGER}.expression": "0 3 * * 7"}),
    Planted(RULE, "alert", "is no metric of a", {f"{METRIC}.metricName": "RequestErrors"}),
    Planted(RULE, "alert", "is not supported by", {f"{METRIC}.timeAggregation": "Total"}),
    Planted(
        RULE,
        "alert",
        "is no dimension of",
        {f"{METRIC}.dimensions": [{"name": "Version", "operator": "Include", "values": ["*"]}]},
    ),
    Planted(
        RULE, "alert", "is shorter than", {"evaluationFrequency": "PT1H", "windowSize": "PT5M"}
    ),
    Planted(RULE, "query", "is not one of", {"windowSize": "P7D"}),
    Planted(
        RULE, "query", "is shorter than", {"windowSize": "PT5M", "evaluationFrequency": "PT1H"}
    ),
    Planted(RULE, "query", "SemanticError", {f"{QUERY}.query": DOWN}),
    Planted(RULE, "query", "SyntaxError", {f"{QUERY}.query": "Heartbeat | wherex a"}),
    Planted(RULE, "query", "called 'Computer'", {f"{QUERY}.query": "Heartbeat | take computer"}),
    Planted(
        RULE,
        "query",
        "is no number",
        {f"{QUERY}.query": SHARE, **MEASURED, f"{QUERY}.metricMeasureColumn": "DeploymentName"},
    ),
    Planted(RULE, "query", "needed without", {f"{QUERY}.timeAggregation": "Maximum"}),
    Planted(
        RULE,
        "query",
        "is not one of DeploymentName, share",
        {
            f"{QUERY}.query": SHARE,
            **MEASURED,
            f"{QUERY}.dimensions": [{"name": "Version", "operator": "Include", "values": ["*"]}],
        },
    ),
    Planted(
        RULE,
        "query",
        "is more than numberOfEvaluationPeriods",
        {f"{QUERY}.failingPeriods": {"minFailingPeriodsToAlert": 2}},
    ),
    Planted(RULE, "diagnostics", "at least one of", {"workspaceId": REMOVED}),
    Planted(
        RULE,
        "diagnostics",
        "is not supported by",
        {"logs": [{"category": "AmlOnlineEndpointTrafficLog", "enabled": True}]},
    ),
    Planted(
        RULE,
        "actions",
        "2 receivers are called 'a'",
        {"webhookReceivers": [{"name": "a", "serviceUri": "https://example.org"}]},
    ),
    Planted(RULE, "budget", "a month's first", {"timePeriod.startDate": "2026-11-02"}),
    Planted(
        REFERENCE,
        "workspace",
        MISSING,
        {"keyVault": f"{GROUP}/providers/Microsoft.KeyVault/vaults/x"},
    ),
    Planted(
        REFERENCE,
        "workspace",
        MISSING,
        {"keyVault": f"{NOWHERE}/providers/Microsoft.KeyVault/vaults/x"},
    ),
    Planted(
        REFERENCE, "assignment", MISSING, {"principalId": "11111111-1111-4111-8111-111111111111"}
    ),
    Planted(
        REFERENCE,
        "assignment",
        MISSING,
        {
            "roleDefinitionId": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
            "/roleDefinitions/11111111-1111-4111-8111-111111111111"
        },
    ),
    Planted(
        REFERENCE,
        "codeversion",
        MISSING,
        {"properties.codeUri": "https://x.blob.core.windows.net/a"},
    ),
    Planted(
        REFERENCE, "dataversion", MISSING, {"properties.dataUri": "azureml://datastores/x/paths/"}
    ),
    Planted(
        REFERENCE,
        "schedule",
        MISSING,
        {f"{ACTION}.jobDefinition.componentId": f"{SPACE}/components/x/versions/1"},
    ),
    Planted(
        REFERENCE,
        "deployment",
        MISSING,
        {"properties.model": f"{SPACE}/models/x/versions/1"},
    ),
    Planted(
        REFERENCE,
        "alert",
        MISSING,
        {"actions[0].actionGroupId": f"{GROUP}/providers/Microsoft.Insights/actionGroups/x"},
    ),
    Planted(
        REFERENCE,
        "diagnostics",
        MISSING,
        {"workspaceId": f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/x"},
    ),
    *(
        Planted(GUARD, name, "already exists")
        for name in ("group", "account", "vault", "workspace", "endpoint", "componentversion")
    ),
    Planted(
        GUARD,
        "federated",
        "are those of another",
        {"federatedIdentityCredentialResourceName": "other"},
    ),
    Planted(
        GUARD,
        "role",
        "RoleDefinitionWithSameNameExists",
        {"roleDefinitionId": "22222222-2222-4333-8444-555555555555"},
    ),
    Planted(GUARD, "assignment", "UnmatchedPrincipalType", {"principalType": "User"}),
    Planted(GUARD, "assignment", "UnmatchedPrincipalType", {"principalType": REMOVED}),
    Planted(
        GUARD,
        "endpoint",
        "deployment 'blue' in the traffic",
        {"endpointName": "other", "properties.traffic": {"blue": 100}},
    ),
    Planted(GUARD, "diagnostics", "is used by another", {"name": "other"}),
    Planted(GUARD, "budget", "in the past", {"timePeriod.startDate": "2026-10-01T00:00:00Z"}),
    Planted(GUARD, "workspace", "ParentResourceNotFound", {"resourceGroupName": "nothing"}),
    Planted(GUARD, "deployment", "ParentResourceNotFound", {"endpointName": "nothing"}),
    Planted(GUARD, "container", "ParentResourceNotFound", {"accountName": "nothing"}),
    Planted(FROZEN, "componentversion", "can't be changed", {f"{SPEC}.command": "other"}),
    Planted(FROZEN, "modelversion", "can't be changed", {"properties.modelUri": "azureml://y"}),
    Planted(FROZEN, "workspace", "can't be changed", {"keyVault": f"{GROUP}/other"}),
    Planted(FROZEN, "vault", "can't be changed", {"properties.softDeleteRetentionInDays": 8}),
    Planted(
        FROZEN, "compute", "can't be changed", {"properties.properties.vmSize": "Standard_D4_v2"}
    ),
    *(
        Planted(DELETE, name, "is used by")
        for name in ("account", "vault", "insights", "logs", "identity", "componentversion")
    ),
    Planted(DELETE, "workspace", "is used by"),
    Planted(DELETE, "endpoint", "is used by"),
]
