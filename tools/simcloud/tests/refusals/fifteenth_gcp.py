"""A fifteenth round on Google Cloud, found by the text of the answer.

From deployment notes of public repositories, a recorded emulator, and the provider's acceptance
tests.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from planted.case import REMOVED
from samples.gcp import PROJECT

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

RECORDED = f"{GITHUB}/t-k/fireemu"
ACCEPTANCE = f"{GITHUB}/hashicorp/terraform-provider-google/blob/main/google/services"
OIDC = "pushConfig.oidcToken.serviceAccountEmail"
THRESHOLD = "conditions[0].conditionThreshold"


def code_with(answer: str) -> str:
    """The search for public code that quotes an answer."""
    return f"{GITHUB}/search?type=code&q={quote(answer)}"


def _aligned(metric: str, resource: str, aligner: str) -> dict[str, Any]:
    return {
        f"{THRESHOLD}.filter": f'metric.type="{metric}" AND resource.type="{resource}"',
        f"{THRESHOLD}.aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": aligner}],
    }


def _absent(duration: str) -> dict[str, Any]:
    absent = {
        "filter": 'metric.type="custom.googleapis.com/drift" AND resource.type="global"',
        "duration": duration,
    }
    return {"conditions": [{"displayName": "drift", "conditionAbsent": absent}]}


def _mosaic(columns: int) -> dict[str, Any]:
    tile = {"width": 6, "height": 4, "widget": {"text": {"content": "a"}}}
    board = {"displayName": "x", "mosaicLayout": {"columns": columns, "tiles": [tile]}}
    return {"dashboardJson": json.dumps(board)}


def _extracted(kind: str) -> dict[str, Any]:
    return {
        "metricDescriptor": {"metricKind": "DELTA", "valueType": kind, "unit": "1"},
        "valueExtractor": "EXTRACT(jsonPayload.cost_usd)",
    }


def _said(text: str) -> dict[str, Any]:
    step = f"- say:\n    call: sys.log\n    args:\n      text: {text}\n"
    return {"sourceContents": f"- init:\n    assign:\n    - name: a\n{step}"}


def _uploaded(*attributes: tuple[str, str]) -> dict[str, Any]:
    criteria = [
        ("type", "google.cloud.storage.object.v1.finalized"),
        ("bucket", "${bucket.name}"),
        *attributes,
    ]
    matching = [{"attribute": name, "value": value} for name, value in criteria]
    return {"matchingCriterias": matching, "transport": REMOVED}


def _signing(level: str) -> dict[str, Any]:
    return {
        "purpose": "ASYMMETRIC_SIGN",
        "rotationPeriod": REMOVED,
        "versionTemplate": {"algorithm": "EC_SIGN_ED25519", "protectionLevel": level},
    }


def _conditional(role: str, expression: str) -> dict[str, Any]:
    return {"role": role, "condition": {"title": "until", "expression": expression}}


def _view(mode: str) -> dict[str, Any]:
    return {
        "schema": json.dumps([{"name": "requiredField", "type": "STRING", "mode": mode}]),
        "timePartitioning": REMOVED,
        "view": {"query": "SELECT 'a' AS requiredField", "useLegacySql": False},
    }


UNTIL = "request.time < timestamp('2099-01-01T00:00:00Z')"
VIEWER = "roles/aiplatform.viewer"
CHAT = (
    (
        "chat",
        "channel",
        {"type": "google_chat", "labels": {"space": "spaces/AAAAAAAAAAA"}},
    ),
    ("mail", "channel", {"type": "email", "labels": {"email_address": "a@example.org"}}),
)

FIFTEENTH_GCP = [
    Refusal(
        code_with("argument=PushConfig::oidc_token::service_account_email"),
        REFERENCE,
        "subscription",
        "You have passed an invalid argument to the service",
        {"pushConfig": {"pushEndpoint": "https://example.com"}, OIDC: "sa@example.com"},
        {"pushConfig": {"pushEndpoint": "https://example.com"}, OIDC: "${account.email}"},
    ),
    Refusal(
        f"{RECORDED}#expiration",
        RANGE,
        "subscription",
        "The value for expiration duration is too small: 1h, the minimum value is 24h",
        {"expirationPolicy": {"ttl": "3600s"}, "messageRetentionDuration": "600s"},
        {"expirationPolicy": {"ttl": "86400s"}, "messageRetentionDuration": "600s"},
    ),
    Refusal(
        f"{RECORDED}#version",
        ENUM,
        "subscription",
        "Invalid push endpoint version given in push config",
        {
            "pushConfig": {
                "pushEndpoint": "https://example.com/probe",
                "attributes": {"x-goog-version": "v9"},
            }
        },
        {
            "pushConfig": {
                "pushEndpoint": "https://example.com/probe",
                "attributes": {"x-goog-version": "v1"},
            }
        },
    ),
    Refusal(
        f"{RECORDED}#deadline",
        RANGE,
        "subscription",
        "The ack deadline must be between 10 and 600 seconds",
        {"ackDeadlineSeconds": 9},
        {"ackDeadlineSeconds": 600},
    ),
    Refusal(
        f"{RECORDED}#endpoint",
        PATTERN,
        "subscription",
        "Invalid push endpoint given",
        {"pushConfig": {"pushEndpoint": "http://example.com/probe"}},
        {"pushConfig": {"pushEndpoint": "https://example.com/probe"}},
    ),
    Refusal(
        f"{RECORDED}#short",
        PATTERN,
        "topic",
        "Invalid resource name given",
        {"name": "ab"},
        {"name": "abc"},
    ),
    Refusal(
        f"{RECORDED}#character",
        PATTERN,
        "topic",
        "Invalid resource name given",
        {"name": "bad$character"},
        {"name": "good%character~+.x"},
    ),
    Refusal(
        f"{RECORDED}#label",
        PATTERN,
        "topic",
        "first character U is not a non-uppercased letter",
        {"labels": {"Upper": "x"}},
        {"labels": {"upper": "x"}},
    ),
    Refusal(
        f"{RECORDED}#retention",
        RANGE,
        "topic",
        "The value must be between 10m and 744h",
        {"messageRetentionDuration": "599s"},
        {"messageRetentionDuration": "600.500s"},
    ),
    Refusal(
        code_with("Error creating Metric: googleapi: Error 400: Field not found: 'label'"),
        TEXT,
        "metric",
        "Field not found: 'label'",
        {"filter": 'resource.type="k8s_container" AND resource.label.namespace_name="triage"'},
        {"filter": 'resource.type="k8s_container" AND resource.labels.namespace_name="triage"'},
    ),
    Refusal(
        code_with("A value extractor can only be specified for a DISTRIBUTION value type"),
        EXCLUSIVE,
        "metric",
        "A value extractor can only be specified for a DISTRIBUTION value type",
        _extracted("DOUBLE"),
        _extracted("DISTRIBUTION"),
    ),
    Refusal(
        code_with("Received unexpected value parsing name audit-logs"),
        PATTERN,
        "metric",
        "Expected the form projects/[PROJECT_ID]/locations/[ID]/buckets/[ID]",
        {"bucketName": "$log_buckets:log-0/audit-logs"},
        {"bucketName": f"projects/{PROJECT}/locations/global/buckets/_Default"},
    ),
    Refusal(
        code_with("Error 400: invalid project: projects/debate-map-prod/locations/US-WEST1"),
        PATTERN,
        "registry",
        "invalid project: the location has small letters",
        {"location": "US-WEST1"},
        {"location": "us-west1"},
    ),
    Refusal(
        code_with("crypto_key_id does not match pattern"),
        PATTERN,
        "key",
        "crypto_key_id: does not match pattern '.*([a-zA-Z0-9-_]{1,63})'",
        {"name": "pubsub-cryto-key-txns-historical-moneytracker-regs-preprod-K-15c547"},
        {"name": "pubsub-cryto-key-txns-historical-moneytracker-regs-preprod-K"},
    ),
    Refusal(
        code_with("Algorithm EC_SIGN_ED25519 is not supported for protection level: HSM"),
        EXCLUSIVE,
        "key",
        "Algorithm EC_SIGN_ED25519 is not supported for protection level: HSM",
        _signing("HSM"),
        _signing("SOFTWARE"),
    ),
    Refusal(
        code_with("Schedule or time zone is invalid */30 * * * * *"),
        TEXT,
        "job",
        "Schedule or time zone is invalid",
        {"schedule": "*/30 * * * * *"},
        {"schedule": "* * * * *"},
    ),
    Refusal(
        "https://taourl.com/read-2475185.html",
        TEXT,
        "workflow",
        "token recognition error at: '\u201c'",
        _said("${\u201cHello, \u201d + name}"),
        _said('${"Hello, " + name}'),
    ),
    Refusal(
        code_with("is not allowed in global location google.cloud.storage.object.v1.finalized"),
        EXCLUSIVE,
        "trigger",
        "type google.cloud.storage.object.v1.finalized is not allowed in global location",
        {**_uploaded(), "location": "global"},
        _uploaded(),
    ),
    Refusal(
        code_with("attribute name not found within event type"),
        ENUM,
        "trigger",
        "attribute name not found within event type",
        _uploaded(("name", "incoming/*")),
        _uploaded(),
    ),
    Refusal(
        code_with("Durations longer than 23h30m are not supported"),
        RANGE,
        "policy",
        "Durations longer than 23h30m are not supported",
        _absent("86400s"),
        _absent("84600s"),
    ),
    Refusal(
        code_with("Name must begin with 'projects/{project_id}/notificationChannels/{channel_id}'"),
        PATTERN,
        "policy",
        "Name must begin with 'projects/{project_id}/notificationChannels/{channel_id}'",
        {"notificationChannels": ["<paste-the-full-channel-name-from-step-1>"]},
    ),
    Refusal(
        code_with("in the channel name does not match the request's project of"),
        REFERENCE,
        "policy",
        "Project in the channel name does not match the request's project",
        {
            "notificationChannels": [
                "projects/prj-se-pankaj-54e7/notificationChannels/9151909956153220215"
            ]
        },
    ),
    Refusal(
        code_with("cannot be applied to metrics with kind DELTA and value type DISTRIBUTION"),
        EXCLUSIVE,
        "policy",
        "ALIGN_COUNT cannot be applied to kind DELTA and value type DISTRIBUTION",
        _aligned("run.googleapis.com/request_latencies", "cloud_run_revision", "ALIGN_COUNT"),
        _aligned(
            "run.googleapis.com/request_latencies", "cloud_run_revision", "ALIGN_PERCENTILE_99"
        ),
    ),
    Refusal(
        code_with("bigquery.googleapis.com/query/count ALIGN_RATE GAUGE"),
        EXCLUSIVE,
        "policy",
        "ALIGN_RATE cannot be applied to kind GAUGE and value type INT64",
        _aligned("bigquery.googleapis.com/query/count", "bigquery_project", "ALIGN_RATE"),
        _aligned("bigquery.googleapis.com/query/count", "bigquery_project", "ALIGN_MEAN"),
    ),
    Refusal(
        code_with("Field mosaicLayout.columns has an invalid value of 0"),
        RANGE,
        "dashboard",
        "Field mosaicLayout.columns has an invalid value of 0: must be in the range (1,48)",
        _mosaic(0),
        _mosaic(48),
    ),
    Refusal(
        code_with("the DELTA metric kind is not supported for custom metrics"),
        ENUM,
        "descriptor",
        "the DELTA metric kind is not supported for custom metrics",
        {"metricKind": "DELTA", "valueType": "INT64"},
        {"metricKind": "CUMULATIVE", "valueType": "INT64"},
    ),
    Refusal(
        code_with("metricDescriptor.valueType had an invalid value of STRING"),
        ENUM,
        "descriptor",
        "the value type is not supported for custom metrics",
        {"valueType": "STRING"},
        {"valueType": "BOOL"},
    ),
    Refusal(
        code_with("budget alerts do not support Google Chat notification channels"),
        REFERENCE,
        "budget",
        "Request contains an invalid argument",
        {"allUpdatesRule": {"monitoringNotificationChannels": ["${chat.name}"]}},
        {"allUpdatesRule": {"monitoringNotificationChannels": ["${mail.name}"]}},
        CHAT,
    ),
    Refusal(
        code_with("Role roles/resourcemanager.projectViewer is not supported for this resource"),
        REFERENCE,
        "projectmember",
        "Role roles/resourcemanager.projectViewer is not supported for this resource",
        {"role": "roles/resourcemanager.projectViewer"},
        {"role": "roles/viewer"},
    ),
    Refusal(
        code_with("compute@developer.gserviceaccout.com does not exist"),
        REFERENCE,
        "projectmember",
        "Service account 769114015587-compute@developer.gserviceaccout.com does not exist",
        {
            "member": "serviceAccount:769114015587-compute@developer.gserviceaccout.com",
        },
    ),
    Refusal(
        code_with(
            "BindingRoleAllowConditionCheck Error: Conditions can't be set on primitive roles"
        ),
        POLICY,
        "projectmember",
        "Conditions can't be set on primitive roles",
        _conditional("roles/viewer", UNTIL),
        _conditional(VIEWER, UNTIL),
    ),
    Refusal(
        code_with("LintValidationUnits/ConditionCompileCheck mismatched input '<EOF>'"),
        POLICY,
        "projectmember",
        "Parse expression: mismatched input '<EOF>'",
        _conditional(VIEWER, "request.time <"),
        _conditional(VIEWER, UNTIL),
    ),
    Refusal(
        code_with("mongodb-atlas-imp5rvz7j954uq2w does not exist., invalid"),
        REFERENCE,
        "bucketmember",
        "Service account mongodb-atlas-... does not exist",
        {
            "member": "serviceAccount:mongodb-atlas-imp5rvz7j954uq2w"
            "@p-u1ilwbjwu76o8athpasegwig.iam.gserviceaccount.com"
        },
        accepted="accounts of other projects are not looked up",
    ),
    Refusal(
        code_with('Invalid dataset ID "example-dataset"'),
        PATTERN,
        "dataset",
        "Dataset IDs must be alphanumeric (plus underscores)",
        {"datasetId": "example-dataset"},
        {"datasetId": "example_dataset"},
    ),
    Refusal(
        code_with("HNS also requires uniform bucket-level access to be enabled"),
        MISSING,
        "bucket",
        "a hierarchical namespace requires uniform bucket-level access",
        {"hierarchicalNamespace": {"enabled": True}, "uniformBucketLevelAccess": False},
        {"hierarchicalNamespace": {"enabled": True}},
    ),
    Refusal(
        f"{ACCEPTANCE}/storage/resource_storage_bucket_test.go",
        MISSING,
        "bucket",
        "one of website.0.main_page_suffix,website.0.not_found_page must be specified",
        {"website": {}},
        {"website": {"mainPageSuffix": "index.html"}},
    ),
    Refusal(
        f"{ACCEPTANCE}/bigquery/resource_bigquery_table_test.go#view",
        EXCLUSIVE,
        "table",
        "Schema cannot contain required fields when creating a view",
        _view("REQUIRED"),
        _view("NULLABLE"),
    ),
    Refusal(
        f"{ACCEPTANCE}/bigquery/resource_bigquery_table_test.go#replication",
        EXCLUSIVE,
        "table",
        "Schema, view, or materialized view cannot be specified with replication",
        {
            "timePartitioning": REMOVED,
            "tableReplicationInfo": {
                "sourceProjectId": "source_project_id",
                "sourceDatasetId": "source_dataset_id",
                "sourceTableId": "source_table_id",
            },
        },
        {
            "schema": REMOVED,
            "timePartitioning": REMOVED,
            "tableReplicationInfo": {
                "sourceProjectId": "source_project_id",
                "sourceDatasetId": "source_dataset_id",
                "sourceTableId": "source_table_id",
            },
        },
    ),
    Refusal(
        f"{ACCEPTANCE}/bigquery/resource_bigquery_table_test.go#nil",
        TEXT,
        "table",
        '"schema" contains a nil element',
        {"schema": '[{"name": "logging_time", "type": "TIMESTAMP"}, null]'},
        {"schema": '[{"name": "logging_time", "type": "TIMESTAMP"}]'},
    ),
    Refusal(
        f"{ACCEPTANCE}/bigquery/resource_bigquery_dataset_iam_member_test.go",
        REFERENCE,
        "datasetmember",
        "Service account does not exist",
        {"member": f"serviceAccount:not-there@{PROJECT}.iam.gserviceaccount.com"},
    ),
    Refusal(
        f"{ACCEPTANCE}/iambeta/resource_iam_workload_identity_pool_id_test.go",
        PATTERN,
        "pool",
        "a pool's id does not start with gcp-",
        {"workloadIdentityPoolId": "gcp-foobar"},
        {"workloadIdentityPoolId": "foobar"},
    ),
    Refusal(
        f"{ACCEPTANCE}/iambeta/resource_iam_workload_identity_pool_provider_id_test.go",
        PATTERN,
        "provider",
        "a provider's id has small letters",
        {"workloadIdentityPoolProviderId": "fooBar"},
        {"workloadIdentityPoolProviderId": "foobar"},
    ),
]
