"""A fifth round, over what runs by the clock, tells of events and looks at metrics."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
AZURERM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"


def _trusted(principal: str) -> dict[str, Any]:
    by = statement(Action="sts:AssumeRole", Principal={"AWS": principal})
    return {"assumeRolePolicy": policy(by)}


def _environment(name: str) -> dict[str, Any]:
    return {"environment": {"variables": {name: "eu-central-1"}}}


def _timed(expression: str) -> dict[str, Any]:
    return {"eventPattern": REMOVED, "scheduleExpression": expression}


def _delivered(**more: Any) -> dict[str, Any]:
    policy = {"healthyRetryPolicy": more}
    return {
        "protocol": "https",
        "endpoint": "https://example.org/a",
        "deliveryPolicy": json.dumps(policy),
    }


DELAYS = {"minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3}


def _old(**more: Any) -> dict[str, Any]:
    rule = {"id": "old", "status": "Enabled", "filter": {}, "noncurrentVersionExpiration": more}
    return {"rules": [rule]}


AWS = [
    Refusal(
        f"{GITHUB}/aws-actions/configure-aws-credentials/issues/332",
        PATTERN,
        "role",
        "an account has twelve digits",
        _trusted("arn:aws:iam::12345678901:root"),
        _trusted("arn:aws:iam::123456789012:root"),
    ),
    Refusal(
        f"{GITHUB}/cds-snc/notification-terraform/pull/419",
        EXCLUSIVE,
        "function",
        "the names of Lambda's own variables are reserved",
        _environment("AWS_REGION"),
        _environment("THE_REGION"),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-aws/issues/2159",
        PATTERN,
        "function",
        "a variable begins with a letter",
        _environment("1X"),
        _environment("X1"),
    ),
    Refusal(
        f"{GITHUB}/aws-solutions/instance-scheduler-on-aws/issues/205",
        TEXT,
        "rule",
        "a cron expression has six fields",
        _timed("cron(0/1 * * ? *)"),
        _timed("cron(0 0/1 * * ? *)"),
    ),
    Refusal(
        f"{GITHUB}/yaalalabs/agent-kernel/pull/584",
        TEXT,
        "schedule",
        "a rate is in minutes, hours or days",
        {"scheduleExpression": "rate(60 seconds)"},
        {"scheduleExpression": "rate(1 minutes)"},
    ),
    Refusal(
        f"{TERRAFORM}/pull/3289",
        MISSING,
        "subscription",
        "a policy of retries has the least delay",
        _delivered(maxDelayTarget=20, numRetries=3),
        _delivered(**DELAYS),
    ),
    Refusal(
        f"{TERRAFORM}/issues/3288",
        EXCLUSIVE,
        "subscription",
        "a delivery policy is for HTTP",
        {"deliveryPolicy": json.dumps({"healthyRetryPolicy": DELAYS})},
    ),
    Refusal(
        f"{TERRAFORM}/issues/32072",
        MISSING,
        "subscription",
        "the scope of a filter needs the filter",
        {"filterPolicyScope": "MessageBody"},
        {"filterPolicyScope": "MessageBody", "filterPolicy": '{"state": ["ALARM"]}'},
    ),
    Refusal(
        f"{GITHUB}/BlackbirdWorks/gopherstack/issues/1840",
        RANGE,
        "schedule",
        "a window is 1440 minutes at most",
        {"flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 1441}},
        {"flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 1440}},
    ),
    Refusal(
        f"{TERRAFORM}/issues/34197",
        MISSING,
        "lifecycle",
        "versions that are kept have days",
        _old(newerNoncurrentVersions=3),
        _old(newerNoncurrentVersions=3, noncurrentDays=1),
    ),
]


def _profile(**more: Any) -> dict[str, Any]:
    return {"profiles[0].rules": [_scale(**more)]}


def _scale(
    window: str = "PT5M",
    cooldown: str = "PT1M",
    value: str = "1",
    metric: str = "CpuUtilizationPercentage",
) -> dict[str, Any]:
    return {
        "metricTrigger": {
            "metricName": metric,
            "metricResourceUri": "${deployment.id}",
            "timeGrain": "PT1M",
            "statistic": "Average",
            "timeWindow": window,
            "timeAggregation": "Average",
            "operator": "GreaterThan",
            "threshold": 70,
        },
        "scaleAction": {
            "direction": "Increase",
            "type": "ChangeCount",
            "value": value,
            "cooldown": cooldown,
        },
    }


def _recurring(*hours: int) -> dict[str, Any]:
    schedule = {"timeZone": "UTC", "days": ["Monday"], "hours": list(hours), "minutes": [0]}
    return {"profiles[0].recurrence": {"frequency": "Week", "schedule": schedule}}


def _criteria(**more: Any) -> dict[str, Any]:
    return {f"criteria.{name}": value for name, value in more.items()}


def _sku(name: str, **more: Any) -> dict[str, Any]:
    return {"sku": {"name": name}, **more}


RETENTION = {"policies": {"retentionPolicy": {"status": "enabled", "days": 7}}}
RULES = {"networkRuleSet": {"defaultAction": "Deny"}}

AZURE = [
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/61549",
        ENUM,
        "alert",
        "the type of the criteria is one of the list",
        _criteria(odataType="Microsoft.Azure.Management.Insights.Models.SingleResource"),
    ),
    Refusal(
        f"{AZURERM}/issues/2985",
        REFERENCE,
        "diagnostics",
        "a category is one of the resource's",
        {"logs": [{"category": "WorkflowRuntime", "enabled": True}]},
        {"logs": [{"category": "AmlComputeClusterEvent", "enabled": True}]},
    ),
    Refusal(
        f"{GITHUB}/Azure/Mission-Critical-Online/issues/1018",
        EXCLUSIVE,
        "diagnostics",
        "a setting has no retention any more",
        {
            "logs[0].retentionPolicy": {"enabled": True, "days": 30},
        },
        {
            "logs[0].retentionPolicy": {"enabled": False, "days": 0},
        },
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/dotNET-Frontend-AB-Testing-on-Azure-Container-Apps/issues/5",
        EXCLUSIVE,
        "registry",
        "access is turned off in Premium alone",
        _sku("Standard", publicNetworkAccess="Disabled"),
        _sku("Premium", publicNetworkAccess="Disabled"),
    ),
    Refusal(
        f"{GITHUB}/Azure/terraform-azurerm-avm-res-containerregistry-registry/pull/108",
        EXCLUSIVE,
        "registry",
        "manifests are deleted in Premium alone",
        _sku("Standard", **RETENTION),
        _sku("Premium", **RETENTION),
    ),
    Refusal(
        f"{AZURERM}/issues/24838",
        EXCLUSIVE,
        "registry",
        "rules of networks are for Premium",
        _sku("Basic", **RULES),
        _sku("Premium", **RULES),
    ),
    Refusal(
        f"{AZURERM}/pull/135",
        RANGE,
        "autoscale",
        "a window is 5 minutes to 12 hours",
        _profile(window="PT13H"),
        _profile(window="PT12H"),
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/42655",
        RANGE,
        "autoscale",
        "a recurrence has one hour",
        _recurring(8, 9),
        _recurring(8),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-net/issues/43948",
        RANGE,
        "autoscale",
        "a step is no more than there is room for",
        _profile(value="2"),
        _profile(value="1"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/8474",
        REFERENCE,
        "autoscale",
        "a metric is one of the resource's",
        _profile(metric="Percentage CPU"),
        _profile(metric="CpuUtilizationPercentage"),
    ),
    Refusal(
        f"{AZURERM}/issues/8275",
        REFERENCE,
        "diagnostics",
        "the logs of blobs are of the blob service",
        {
            "resourceUri": "${account.id}",
            "logs": [{"category": "StorageRead", "enabled": True}],
        },
        {
            "resourceUri": "${account.id}/blobServices/default",
            "logs": [{"category": "StorageRead", "enabled": True}],
        },
    ),
]


def _matched(text: str) -> dict[str, Any]:
    condition = {"displayName": "log", "conditionMatchedLog": {"filter": text}}
    return {
        "conditions": [condition],
        "alertStrategy": {"notificationRateLimit": {"period": "300s"}},
    }


def _absent(count: int) -> dict[str, Any]:
    absent = {
        "filter": 'metric.type="custom.googleapis.com/drift" AND resource.type="global"',
        "duration": "300s",
        "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_MEAN"}],
    }
    return {
        "conditions": [{"displayName": f"c{n}", "conditionAbsent": absent} for n in range(count)]
    }


def _remote(uri: str, kind: str = "dockerRepository") -> dict[str, Any]:
    return {
        "format": "DOCKER",
        "mode": "REMOTE_REPOSITORY",
        "remoteRepositoryConfig": {kind: {"customRepository": {"uri": uri}}},
    }


GCP = [
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-node/issues/4361",
        TEXT,
        "policy",
        "the text of a filter has its closing quote",
        _matched('severity>=ERROR AND textPayload:"drift'),
        _matched('severity>=ERROR AND textPayload:"drift"'),
    ),
    Refusal(
        f"{GITHUB}/superplanehq/superplane/pull/5173",
        RANGE,
        "policy",
        "a policy has six conditions at most",
        _absent(7),
        _absent(6),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/php-docs-samples/issues/1231",
        MISSING,
        "policy",
        "a condition is of a kind",
        {"conditions": [{"displayName": "drift"}]},
        _absent(1),
    ),
    Refusal(
        f"{GITHUB}/kushin77/self-hosted-runner/issues/1900",
        RANGE,
        "pool",
        "a pool's name for people has 32 characters at most",
        {"displayName": "p" * 33},
        {"displayName": "p" * 32},
    ),
    Refusal(
        f"{GITHUB}/kushin77/self-hosted-runner/issues/1900",
        PATTERN,
        "provider",
        "attributes are Google's or one's own",
        {"attributeMapping": {"google.subject": "assertion.sub", "assertion.aud": "assertion.aud"}},
        {"attributeMapping": {"google.subject": "assertion.sub", "attribute.aud": "assertion.aud"}},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-google/issues/20803",
        ENUM,
        "registry",
        "another repository is not one of Artifact Registry",
        _remote("https://europe-west4-docker.pkg.dev/sim-project/sim"),
        _remote("https://registry-1.docker.io"),
    ),
    Refusal(
        f"{GITHUB}/stackshy/cloudemu/pull/1190",
        ENUM,
        "registry",
        "a format is one of the list",
        {"format": "OCI"},
        {"format": "DOCKER"},
    ),
]
FIFTH = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
