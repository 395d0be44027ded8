"""An eighth round, after the references were gone through once more for every type."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.fourth import PROVIDER, SENDS

ORDERED = {"fifoTopic": True, "name": "told.fifo"}
FIFO = ("line", "queue", {"name": "line.fifo", "fifoQueue": True})


def _to_line(**more: Any) -> dict[str, Any]:
    return {
        "arn": "${line.arn}",
        "roleArn": REMOVED,
        "sagemakerPipelineTarget": REMOVED,
        **more,
    }


AWS = [
    Refusal(
        f"{GITHUB}/grafana/loki/issues/14618",
        REFERENCE,
        "notification",
        "a queue lets the bucket send",
        {
            "eventbridge": False,
            "queues": [{"queueArn": "${told.arn}", "events": ["s3:ObjectCreated:*"]}],
        },
        {"eventbridge": True},
        SENDS[:1],
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/20263",
        MISSING,
        "target",
        "a queue in order needs a group of messages",
        _to_line(),
        _to_line(sqsTarget={"messageGroupId": "test"}),
        (FIFO,),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/28632",
        EXCLUSIVE,
        "subscription",
        "a topic in order calls no function",
        {"topic": "${told.arn}", "protocol": "lambda", "endpoint": "${function.arn}"},
        {"topic": "${told.arn}", "protocol": "sqs", "endpoint": "${line.arn}"},
        (("told", "topic", ORDERED), FIFO),
    ),
]


def _columns(name: str, kind: str = "dateTime") -> dict[str, Any]:
    columns = [{"name": name, "type": kind}, {"name": "drift", "type": "real"}]
    return {"schema": {"name": "Drift_CL", "columns": columns}}


def _counted(column: str) -> dict[str, Any]:
    query = f"AzureActivity | summarize count() by bin({column}, 1h)"
    return {"criteria.allOf[0].query": query}


AZURE = [
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/5156",
        ENUM,
        "actions",
        "an action group is global",
        {"location": "West Europe"},
        {"location": "Global"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/23368",
        MISSING,
        "table",
        "a table has the time in it",
        _columns("time"),
        _columns("TimeGenerated"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/21897",
        ENUM,
        "table",
        "the time is a time",
        _columns("TimeGenerated", "string"),
        _columns("TimeGenerated", "datetime"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli-extensions/issues/3003",
        TEXT,
        "query",
        "a column is one of the table's",
        _counted("timestamp"),
        _counted("TimeGenerated"),
    ),
]

GCP = [
    Refusal(
        f"{PROVIDER}/issues/5499",
        MISSING,
        "channel",
        "a channel of mail has an address",
        {"type": "email", "labels": {}},
        {"type": "email", "labels": {"email_address": "a@example.org"}},
    ),
    Refusal(
        f"{GITHUB}/metro-digital/terraform-google-cf-projectcfg/pull/65",
        MISSING,
        "provider",
        "a provider of many customers has a condition",
        {"attributeCondition": REMOVED},
        {"attributeCondition": "assertion.repository_owner_id == '1'"},
    ),
    Refusal(
        f"{GITHUB}/miraisolutions/spark-bigquery/pull/7",
        PATTERN,
        "table",
        "a table's id has no partition in it",
        {"tableId": "requests$20260101"},
        {"tableId": "requests_20260101"},
    ),
    Refusal(
        f"{GITHUB}/ebiznext/comet-data-pipeline/issues/217",
        MISSING,
        "table",
        "a table with a column of partitions has a schema",
        {"schema": REMOVED},
    ),
]
EIGHTH = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
