"""Bad inputs on Google Cloud: what several fields, or a text, do not allow together."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED, RULE, Planted

MEMBERS = (
    "bucketmember",
    "registrymember",
    "storageagent",
    "datasetmember",
    "accountmember",
    "projectmember",
    "endpointmember",
    "topicmember",
)
TITLED = {"title": "office", "expression": "request.time < timestamp('2030-01-01T00:00:00Z')"}
MANY = " && ".join(["resource.name != 'a'"] * 14)


def _schema(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    columns = ({"name": "logging_time", "type": "TIMESTAMP"}, *columns)
    return {"schema": json.dumps(columns), **more}


def _deep(levels: int) -> dict[str, Any]:
    column: dict[str, Any] = {"name": "a", "type": "STRING"}
    for _ in range(levels):
        column = {"name": "a", "type": "RECORD", "fields": [column]}
    return column


def _uploads(*more: dict[str, Any]) -> dict[str, Any]:
    kind = {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"}
    return {"transport": REMOVED, "matchingCriterias": [kind, *more]}


def _period(start: tuple[int, int, int], end: tuple[int, int, int]) -> dict[str, Any]:
    names = ("year", "month", "day")
    return {
        "budgetFilter": {
            "customPeriod": {
                "startDate": dict(zip(names, start, strict=True)),
                "endDate": dict(zip(names, end, strict=True)),
            }
        }
    }


AUTOCLASS, HNS = {"autoclass": {"enabled": True}}, {"hierarchicalNamespace": {"enabled": True}}
DRIFT = 'metric.type="custom.googleapis.com/drift" AND resource.type="global"'
MQL = {"displayName": "a", "conditionMonitoringQueryLanguage": {"query": "a", "duration": "60s"}}

FIELDS = [
    *(
        Planted(
            RULE,
            name,
            "is of type serviceAccount",
            {"member": "user:a@sim-project.iam.gserviceaccount.com"},
        )
        for name in MEMBERS
    ),
    *(
        Planted(RULE, name, "Invalid service account", {"member": "serviceAccount:a@example.org"})
        for name in MEMBERS
    ),
    *(
        Planted(
            RULE,
            name,
            "more than 12 logical operators",
            {"condition": {**TITLED, "expression": MANY}},
        )
        for name in MEMBERS
    ),
    Planted(RULE, "projectmember", "basic roles", {"role": "roles/editor", "condition": TITLED}),
    Planted(RULE, "projectmember", "and a domain", {"member": "domain:example"}),
    Planted(RULE, "bucket", "for dual-regions alone", {"rpo": "ASYNC_TURBO"}),
    Planted(
        RULE,
        "bucket",
        "has two regions",
        {
            "encryption": REMOVED,
            "location": "EU",
            "customPlacementConfig": {"dataLocations": ["EUROPE-WEST4"]},
        },
    ),
    Planted(
        RULE,
        "bucket",
        "exclude autoclass",
        {
            **AUTOCLASS,
            "lifecycleRules": [
                {
                    "action": {"type": "SetStorageClass", "storageClass": "NEARLINE"},
                    "condition": {"age": 30},
                }
            ],
        },
    ),
    Planted(
        RULE, "bucket", "is STANDARD with autoclass", {**AUTOCLASS, "storageClass": "NEARLINE"}
    ),
    Planted(
        RULE,
        "bucket",
        "needed with hierarchicalNamespace",
        {**HNS, "uniformBucketLevelAccess": False},
    ),
    Planted(
        RULE, "bucket", "not with hierarchicalNamespace", {**HNS, "versioning": {"enabled": True}}
    ),
    Planted(
        RULE,
        "bucket",
        "is no date",
        {
            "lifecycleRules": [
                {"action": {"type": "Delete"}, "condition": {"createdBefore": "31.01.2030"}}
            ]
        },
    ),
    Planted(RULE, "key", "needed with importOnly", {"importOnly": True, "rotationPeriod": REMOVED}),
    Planted(
        RULE,
        "registry",
        "is for the action KEEP",
        {
            "cleanupPolicies": [
                {"id": "a", "action": "DELETE", "mostRecentVersions": {"keepCount": 5}}
            ]
        },
    ),
    Planted(RULE, "table", "reserved prefix", _schema({"name": "_PARTITIONDATE", "type": "DATE"})),
    Planted(
        RULE, "table", "has no precision", _schema({"name": "a", "type": "STRING", "precision": 3})
    ),
    Planted(RULE, "table", "is nested 16 deep", _schema(_deep(15))),
    Planted(
        RULE,
        "table",
        "does not cluster",
        _schema({"name": "a", "type": "FLOAT64"}, clusterings=["a"]),
    ),
    Planted(
        RULE,
        "table",
        "is not partitioned by HOUR",
        _schema({"name": "day", "type": "DATE"}, timePartitioning={"type": "HOUR", "field": "day"}),
    ),
    Planted(
        RULE,
        "table",
        "more than 10000 partitions",
        _schema(
            {"name": "a", "type": "INTEGER"},
            timePartitioning=REMOVED,
            rangePartitioning={"field": "a", "range": {"start": 0, "end": 10**6, "interval": 1}},
        ),
    ),
    Planted(
        RULE,
        "table",
        "only for a table with partitions",
        {"timePartitioning": REMOVED, "requirePartitionFilter": True},
    ),
    Planted(RULE, "table", "is in the past", {"expirationTime": 1_600_000_000_000}),
    Planted(RULE, "budget", "is before startDate", _period((2030, 2, 1), (2030, 1, 1))),
    Planted(RULE, "budget", "is no day after 2016", _period((2016, 2, 1), (2030, 1, 1))),
    Planted(RULE, "budget", "has to be more than 0", {"amount.specifiedAmount.units": "0"}),
    Planted(RULE, "workflow", "are no names", {"userEnvVars": {"GOOGLE_PROJECT": "a"}}),
    Planted(
        RULE,
        "policy",
        "has to be the only condition",
        {
            "conditions": [
                MQL,
                {
                    "displayName": "b",
                    "conditionThreshold": {
                        "filter": DRIFT,
                        "comparison": "COMPARISON_GT",
                        "duration": "60s",
                    },
                },
            ]
        },
    ),
    Planted(
        RULE,
        "channel",
        "in labels and in sensitiveLabels",
        {
            "type": "slack",
            "labels": {"channel_name": "#a", "auth_token": "b"},
            "sensitiveLabels": {"authToken": "b"},
        },
    ),
    Planted(
        RULE,
        "channel",
        "needs the label 'username'",
        {
            "type": "webhook_basicauth",
            "labels": {"url": "https://example.org"},
            "sensitiveLabels": {"password": "b"},
        },
    ),
    Planted(RULE, "descriptor", "not with valueType", {"valueType": "BOOL", "unit": "s"}),
    Planted(
        RULE,
        "metric",
        "capture groups",
        {
            "metricDescriptor": {
                "metricKind": "DELTA",
                "valueType": "INT64",
                "labels": [{"key": "a", "valueType": "STRING"}],
            },
            "labelExtractors": {"a": 'REGEXP_EXTRACT(textPayload, "(a)(b)")'},
        },
    ),
    Planted(
        RULE,
        "metric",
        "capture groups",
        {
            "metricDescriptor": {"metricKind": "DELTA", "valueType": "DISTRIBUTION"},
            "valueExtractor": 'REGEXP_EXTRACT(textPayload, "[0-9]+")',
        },
    ),
    Planted(
        RULE,
        "metric",
        "does not increase",
        {
            "metricDescriptor": {"metricKind": "DELTA", "valueType": "DISTRIBUTION"},
            "valueExtractor": "EXTRACT(jsonPayload.seconds)",
            "bucketOptions": {"explicitBuckets": {"bounds": [1, 5, 3]}},
        },
    ),
    Planted(
        RULE,
        "sink",
        "require uniqueWriterIdentity",
        {
            "uniqueWriterIdentity": False,
            "bigqueryOptions": {"usePartitionedTables": True},
            "destination": "bigquery.googleapis.com/projects/sim-project/datasets/sim",
        },
    ),
    Planted(RULE, "subscription", "is no filter", {"filter": "attributes.kind = drift"}),
    Planted(
        RULE,
        "subscription",
        "is no filter",
        {"filter": 'attributes.a = "b" AND attributes.c = "d" OR attributes:e'},
    ),
    Planted(
        RULE,
        "subscription",
        "is no public https address",
        {"pushConfig": {"pushEndpoint": "https://localhost/push"}},
    ),
    Planted(RULE, "trigger", "needs a filter on bucket", _uploads()),
    Planted(
        RULE, "trigger", "needs the operator", _uploads({"attribute": "bucket", "value": "sim-*"})
    ),
    Planted(
        RULE,
        "job",
        "only with httpTarget.httpMethod",
        {"httpTarget.httpMethod": "GET", "httpTarget.body": "eA=="},
    ),
    Planted(
        RULE,
        "job",
        "at least one attribute",
        {"httpTarget": REMOVED, "pubsubTarget": {"topicName": "${topic.id}"}},
    ),
    Planted(
        RULE,
        "schedule",
        "needs a pipelineSpec or a templateUri",
        {"createPipelineJobRequest.pipelineJob.pipelineSpec": REMOVED},
    ),
]
