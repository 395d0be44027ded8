"""A twelfth round: threads read after the rules of the eleventh had been written."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    TEXT,
    Refusal,
)
from refusals.eleventh import SUBSCRIBED
from refusals.fourth import PROVIDER
from refusals.ninth import AZURERM
from refusals.twelfth_aws import AWS

WHOLE = "union Event, Syslog | where TimeGenerated > ago(1h) | where"
CLOSED = "alertStrategy.notificationPrompts"
OUTPUT = "createPipelineJobRequest.pipelineJob.runtimeConfig.gcsOutputDirectory"


def _asked(query: str, scope: str = "${logs.id}") -> dict[str, Any]:
    return {"scopes": [scope], "criteria.allOf[0].query": query}


def _category(name: str) -> dict[str, Any]:
    return {"logs": [{"category": name, "enabled": True}]}


def _scaled(metric: str) -> dict[str, Any]:
    trigger = {
        "metricName": metric,
        "metricResourceUri": "${deployment.id}",
        "timeGrain": "PT1M",
        "statistic": "Average",
        "timeWindow": "PT10M",
        "timeAggregation": "Average",
        "operator": "GreaterThan",
        "threshold": 70,
    }
    action = {"direction": "Increase", "type": "ChangeCount", "value": "1", "cooldown": "PT10M"}
    return {"profiles[0].rules": [{"metricTrigger": trigger, "scaleAction": action}]}


def _old(filters: dict[str, Any], **actions: Any) -> dict[str, Any]:
    base = {"delete": {"daysAfterModificationGreaterThan": 90}, **actions}
    definition = {"actions": {"baseBlob": base}, "filters": filters}
    return {
        "policy": {"rules": [{"name": "old", "type": "Lifecycle", "definition": definition}]},
    }


BLOCKS = {"blobTypes": ["blockBlob"]}
LATER = {"daysAfterModificationGreaterThan": 30}
ZONED = (("zoned", "account", {"accountName": "simzoned", "sku": {"name": "Standard_ZRS"}}),)

AZURE = [
    Refusal(
        f"{AZURERM}/issues/17247",
        EXCLUSIVE,
        "account",
        "accounts of the first kind have no zones",
        {"kind": "Storage", "sku": {"name": "Standard_ZRS"}},
        {"kind": "Storage", "sku": {"name": "Standard_LRS"}},
    ),
    Refusal(
        f"{GITHUB}/ansible/ansible/issues/25931",
        MISSING,
        "account",
        "an account for blobs has a tier of access",
        {"kind": "BlobStorage"},
        {"kind": "BlobStorage", "accessTier": "Hot"},
    ),
    Refusal(
        f"{AZURERM}/issues/21161",
        EXCLUSIVE,
        "diagnostics",
        "a category goes to a workspace once",
        {},
        {"workspaceId": REMOVED, "storageAccountId": "${account.id}"},
        (("first", "diagnostics", {"name": "first"}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli-extensions/issues/3002",
        TEXT,
        "query",
        "a text has quotes",
        _asked(f"{WHOLE} EventLevelName==Error or SeverityLevel==err"),
        _asked(f'{WHOLE} EventLevelName=="Error" or SeverityLevel=="err"'),
    ),
    Refusal(
        f"{GITHUB}/CDCgov/prime-reportstream/issues/11773",
        TEXT,
        "query",
        "a component has no table of other resources",
        _asked("AzureDiagnostics | where Category == 'x'", "${insights.id}"),
        _asked("requests | where success == false", "${insights.id}"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/9863",
        ENUM,
        "diagnostics",
        "a category is one",
        _category("AmlComputeClusterEvent,AmlComputeJobEvent"),
        _category("AmlComputeClusterEvent"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/11627",
        MISSING,
        "events",
        "a webhook has an address",
        {"destination": {"endpointType": "WebHook"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/24727",
        ENUM,
        "autoscale",
        "a metric is one of the resource",
        _scaled("Percentage CPU"),
        _scaled("CpuUtilizationPercentage"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/781",
        PATTERN,
        "assignment",
        "a scope has pairs of segments",
        {"scope": f"{SUBSCRIBED}/resourceGroups"},
        {"scope": SUBSCRIBED},
    ),
    Refusal(
        f"{AZURERM}/issues/9569",
        PATTERN,
        "assignment",
        "an id is no name",
        {"scope": f"{SUBSCRIBED}/resourceGroups/${{group.id}}"},
        {"scope": "${group.id}"},
    ),
    Refusal(
        f"{AZURERM}/issues/16686",
        MISSING,
        "lifecycle",
        "a filter says which blobs",
        _old({"prefixMatch": ["artifacts/old"]}),
        _old({"prefixMatch": ["artifacts/old"], **BLOCKS}),
    ),
    Refusal(
        f"{AZURERM}/issues/6031",
        EXCLUSIVE,
        "lifecycle",
        "an account with zones has no archive",
        {"accountName": "simzoned", **_old(BLOCKS, tierToArchive=LATER)},
        {"accountName": "simzoned", **_old(BLOCKS, tierToCool=LATER)},
        ZONED,
    ),
    Refusal(
        f"{AZURERM}/pull/24341",
        EXCLUSIVE,
        "table",
        "the basic plan has a retention of its own",
        {"plan": "Basic", "retentionInDays": 90},
        {"plan": "Basic"},
    ),
]

GCP = [
    Refusal(
        f"{GITHUB}/e2b-dev/infra/pull/1943",
        RANGE,
        "bucket",
        "what is deleted stays seven days or none",
        {"softDeletePolicy": {"retentionDurationSeconds": 10}},
        {"softDeletePolicy": {"retentionDurationSeconds": 864000}},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-log-export/pull/16",
        ENUM,
        "dataset",
        "a location is one",
        {"location": "US}"},
        {"location": "US"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/magic-modules/pull/12052",
        ENUM,
        "policy",
        "an end is told with a beginning alone",
        {CLOSED: ["CLOSED"]},
        {CLOSED: ["OPENED", "CLOSED"]},
    ),
    Refusal(
        f"{GITHUB}/env0/terratag/issues/175",
        ENUM,
        "channel",
        "a channel has the labels of its type",
        {"type": "email", "labels": {"email_address": "a@example.org", "team": "ml"}},
        {"type": "email", "labels": {"email_address": "a@example.org"}},
    ),
    Refusal(
        f"{PROVIDER}/issues/4385",
        PATTERN,
        "projectmember",
        "a member has a type",
        {"member": "xxx@gmail.com"},
        {"member": "user:xxx@gmail.com"},
    ),
    Refusal(
        f"{PROVIDER}/issues/14193",
        EXCLUSIVE,
        "logbucket",
        "a bucket with analytics has no key of its own",
        {"enableAnalytics": True, "cmekSettings": {"kmsKeyName": "${key.id}"}},
        {"enableAnalytics": True},
        accepted="the service has taken both since, and its reference excludes neither",
    ),
    Refusal(
        f"{GITHUB}/sky-uk/kfp-operator/issues/557",
        MISSING,
        "schedule",
        "a run has a folder for what it makes",
        {OUTPUT: ""},
        {OUTPUT: "gs://sim-bucket/runs"},
    ),
    Refusal(
        f"{GITHUB}/statmike/vertex-ai-mlops/issues/6",
        PATTERN,
        "endpoint",
        "a label has small letters",
        {"labels": {"series": "Series 02"}},
        {"labels": {"series": "02c"}},
    ),
]

TWELFTH: dict[str, list[Refusal]] = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
__all__ = ["TWELFTH"]
