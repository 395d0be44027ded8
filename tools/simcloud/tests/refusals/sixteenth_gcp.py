"""A sixteenth round on Google Cloud: notes of public repositories, after the types were swept."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.gcp import PROJECT

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    ORDERING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.fifteenth_gcp import code_with

THRESHOLD = "conditions[0].conditionThreshold"
RESTRICTED = 'metric.type="custom.googleapis.com/drift" AND resource.type="global"'
OTHER = (("other", "account", {"accountId": "sim-other"}),)
UNKNOWN_ELSEWHERE = "whether a metric has data, and which projects there are, is not known"


def _columns(*columns: dict[str, Any]) -> dict[str, Any]:
    return {"schema": json.dumps(columns), "timePartitioning": REMOVED}


def _external(*columns: dict[str, Any]) -> dict[str, Any]:
    config = {
        "autodetect": False,
        "sourceFormat": "CSV",
        "sourceUris": ["gs://sim-bucket/a.csv"],
        "schema": json.dumps(columns),
    }
    return {
        "schema": REMOVED,
        "timePartitioning": REMOVED,
        "externalDataConfiguration": config,
    }


def _view(query: str) -> dict[str, Any]:
    view = {"query": query, "useLegacySql": False}
    return {"schema": REMOVED, "timePartitioning": REMOVED, "view": view}


def _audited(**more: Any) -> dict[str, Any]:
    criteria = (
        ("type", "google.cloud.audit.log.v1.written"),
        ("serviceName", "bigquery.googleapis.com"),
        ("methodName", "google.cloud.bigquery.v2.JobService.InsertJob"),
    )
    matching = [{"attribute": name, "value": value} for name, value in criteria]
    return {"matchingCriterias": matching, "transport": REMOVED, **more}


def _told(content: str) -> dict[str, Any]:
    return {"documentation": {"content": content, "mimeType": "text/markdown"}}


def _maven(format_: str) -> dict[str, Any]:
    return {"format": format_, "mavenConfig": {"versionPolicy": "RELEASE"}}


SIXTEENTH_GCP = [
    Refusal(
        code_with("2fair-staging-sa does not match"),
        PATTERN,
        "account",
        "2fair-staging-sa does not match [a-zA-Z][a-zA-Z\\d\\-]*[a-zA-Z\\d]",
        {"accountId": "2fair-staging-sa"},
        {"accountId": "fair-staging-sa"},
    ),
    Refusal(
        code_with('Maven config is not supported for format "DOCKER"'),
        EXCLUSIVE,
        "registry",
        "Maven config is not supported for format DOCKER",
        _maven("DOCKER"),
        _maven("MAVEN"),
    ),
    Refusal(
        code_with("scheduler.jobs.create.http NOT_FOUND oidc-service-account-email"),
        REFERENCE,
        "job",
        "NOT_FOUND: Requested entity was not found",
        {
            "httpTarget": {
                "uri": "https://example.org",
                "oidcToken": {
                    "serviceAccountEmail": f"nobody@{PROJECT}.iam.gserviceaccount.com",
                },
            }
        },
        {
            "httpTarget": {
                "uri": "https://example.org",
                "oidcToken": {"serviceAccountEmail": "${account.email}"},
            }
        },
    ),
    Refusal(
        code_with('notification_channel.type" had an invalid value of "webhook"'),
        ENUM,
        "channel",
        "permissible types are: campfire, email, google_chat, ... webhook_tokenauth",
        {"type": "webhook", "labels": {"url": "https://example.org"}},
        {"type": "webhook_tokenauth", "labels": {"url": "https://example.org"}},
    ),
    Refusal(
        code_with("ledger-new-eu Permission denied on Cloud KMS key"),
        REFERENCE,
        "bucket",
        "Permission denied on Cloud KMS key: it is in a region, the bucket in EU",
        {"location": "EU"},
        {"location": "EU", "encryption": REMOVED},
    ),
    Refusal(
        code_with("A role named cluster.turndown already exists"),
        ORDERING,
        "role",
        "A role named cluster.turndown in projects/[PROJECT_ID] already exists",
        {"roleId": "cluster.turndown"},
        {},
        (("turndown", "role", {"roleId": "cluster.turndown"}),),
    ),
    Refusal(
        code_with("Resource already exists in the project (resource=gcr)"),
        ORDERING,
        "topic",
        "Resource already exists in the project (resource=gcr)",
        {"name": "gcr"},
        {},
        (("gcr", "topic", {"name": "gcr"}),),
    ),
    Refusal(
        code_with("artifacts.repositories.create ALREADY_EXISTS: the repository already exists"),
        ORDERING,
        "registry",
        "ALREADY_EXISTS: the repository already exists",
        {"repositoryId": "taken"},
        {},
        (("taken", "registry", {"repositoryId": "taken"}),),
    ),
    Refusal(
        code_with("primary-key-ring already exists"),
        ORDERING,
        "ring",
        "KeyRing projects/.../keyRings/primary-key-ring already exists",
        {"name": "primary-key-ring"},
        {},
        (("primary", "ring", {"name": "primary-key-ring"}),),
    ),
    Refusal(
        code_with("Error creating WorkloadIdentityPool: googleapi: Error 409"),
        ORDERING,
        "pool",
        "Requested entity already exists",
        {"workloadIdentityPoolId": "sysdigcloud"},
        {},
        (("sysdig", "pool", {"workloadIdentityPoolId": "sysdigcloud"}),),
    ),
    Refusal(
        code_with("Error creating Job: googleapi: Error 409: Job already exists"),
        ORDERING,
        "job",
        "Job projects/.../jobs/... already exists",
        {"name": "taken"},
        {},
        (("taken", "job", {"name": "taken"}),),
    ),
    Refusal(
        code_with("storage.buckets.create HTTPError 409 you already own it"),
        ORDERING,
        "bucket",
        "Your previous request to create the named bucket succeeded and you already own it",
        {"name": "sim-taken"},
        {},
        (("taken", "bucket", {"name": "sim-taken"}),),
    ),
    Refusal(
        code_with("Service account sa-app-backend already exists"),
        ORDERING,
        "account",
        "Service account sa-app-backend already exists",
        {"accountId": "sa-app-backend"},
        {},
        (("backend", "account", {"accountId": "sa-app-backend"}),),
    ),
    Refusal(
        code_with("Dataset 'mumu-431300:sales_data' already exists"),
        ORDERING,
        "dataset",
        "Dataset 'mumu-431300:sales_data' already exists",
        {"datasetId": "sales_data"},
        {},
        (("sales", "dataset", {"datasetId": "sales_data"}),),
    ),
    Refusal(
        code_with('Invalid field name "product_category_name". Fields must contain the allowed'),
        PATTERN,
        "table",
        "Invalid field name: it begins with a byte order mark",
        _columns({"name": "\ufeffproduct_category_name", "type": "STRING"}),
        _columns({"name": "product_category_name", "type": "STRING"}),
    ),
    Refusal(
        code_with("Invalid project ID 'set me up'"),
        PATTERN,
        "dataset",
        "Invalid project ID 'set me up'. Project IDs must contain 6-63 lowercase letters",
        {"project": "set me up"},
        {"project": PROJECT},
    ),
    Refusal(
        code_with("alert_policy.documentation.content exceeds a maximum size of 10240 bytes"),
        RANGE,
        "policy",
        "documentation.content exceeds a maximum size of 10240 bytes with a value of 10834",
        _told("\uac00" * 3611 + "a"),
        _told("\uac00" * 3413),
    ),
    Refusal(
        code_with('resource.type="gce_firewall_rule" AND jsonPayload.disposition="DENIED"'),
        TEXT,
        "policy",
        "The lefthand side of each expression must be prefixed with one of {group, metadata, ...}",
        {f"{THRESHOLD}.filter": f'{RESTRICTED} AND jsonPayload.disposition="DENIED"'},
        {f"{THRESHOLD}.filter": RESTRICTED},
    ),
    Refusal(
        code_with("severity >= ERROR The lefthand side of each expression must be prefixed"),
        TEXT,
        "policy",
        "The lefthand side of each expression must be prefixed with one of {group, metadata, ...}",
        {f"{THRESHOLD}.filter": f"{RESTRICTED} AND severity >= ERROR"},
        {f"{THRESHOLD}.filter": RESTRICTED},
    ),
    Refusal(
        code_with("eventarc.events.receiveAuditLogWritten denied"),
        REFERENCE,
        "trigger",
        "Permission eventarc.events.receiveAuditLogWritten denied",
        _audited(serviceAccount="${other.email}"),
        _audited(),
        OTHER,
    ),
    Refusal(
        code_with("roles/iap.webServiceAdmin Role is not supported for this resource"),
        REFERENCE,
        "projectmember",
        "Role is not supported for this resource",
        {"role": "roles/iap.webServiceAdmin"},
        {"role": "roles/iap.admin"},
    ),
    Refusal(
        code_with("k8_lab_ledger_appender does not exist in the resource's hierarchy"),
        REFERENCE,
        "bucketmember",
        "Role does not exist in the resource's hierarchy",
        {"role": f"projects/{PROJECT}/roles/k8_lab_ledger_appender"},
        {"role": "${role.name}"},
    ),
    Refusal(
        code_with("Role roles/iam.serviceAccountIamAdmin is not supported for"),
        REFERENCE,
        "projectmember",
        "Role roles/iam.serviceAccountIamAdmin is not supported for this resource",
        {"role": "roles/iam.serviceAccountIamAdmin"},
        {"role": "roles/iam.serviceAccountAdmin"},
    ),
    Refusal(
        code_with("contains a '.' but is not under a currently recognized top-level domain"),
        PATTERN,
        "bucket",
        "The bucket contains a '.' but is not under a currently recognized top-level domain",
        {"name": "sim.bucket.uploads-eu"},
        {"name": "sim-bucket-uploads-eu"},
    ),
    Refusal(
        code_with("has type parameters, but it is not allowed in external table"),
        EXCLUSIVE,
        "table",
        "Field amount has type parameters, but it is not allowed in external table",
        _external({"name": "amount", "type": "NUMERIC", "precision": 10, "scale": 2}),
        _external({"name": "amount", "type": "NUMERIC"}),
    ),
    Refusal(
        code_with('Table "t" must be qualified with a dataset (e.g. dataset.table)'),
        TEXT,
        "table",
        'Table "t" must be qualified with a dataset (e.g. dataset.table)',
        _view("SELECT a FROM t"),
        _view("SELECT a FROM sim.t"),
        (("t", "table", {"tableId": "t", **_columns({"name": "a", "type": "STRING"})}),),
    ),
    Refusal(
        code_with("Error creating Topic: Cloud Pub/Sub did not have the necessary permissions"),
        REFERENCE,
        "topic",
        "Cloud Pub/Sub did not have the necessary permissions: Encrypter/Decrypter on the key",
        {"kmsKeyName": "${key.id}"},
        {},
    ),
    Refusal(
        code_with("Invalid user label: project with value My First Project"),
        PATTERN,
        "bucket",
        "Invalid user label: project with value My First Project",
        {"labels": {"project": "My First Project"}},
        {"labels": {"project": "my-first-project"}},
    ),
    Refusal(
        code_with("Not found: Dataset posthog-301601:BatchExports"),
        REFERENCE,
        "table",
        "Not found: Dataset",
        {"datasetId": "BatchExports"},
        {"datasetId": "sim"},
    ),
    Refusal(
        code_with("gke_svc_acct_ingest_node_pool_0 does not exist., badRequest"),
        REFERENCE,
        "projectmember",
        "Service account gke_svc_acct_ingest_node_pool_0@... does not exist",
        {
            "member": "serviceAccount:gke_svc_acct_ingest_node_pool_0"
            f"@{PROJECT}.iam.gserviceaccount.com"
        },
    ),
    Refusal(
        code_with('the referenced service account "projects/-/serviceAccounts/" is invalid'),
        REFERENCE,
        "workflow",
        "the referenced service account projects/-/serviceAccounts/ is invalid",
        {"serviceAccount": "projects/-/serviceAccounts/"},
        {"serviceAccount": "${account.email}"},
    ),
    Refusal(
        code_with("BadRequestException: 400 The combination of locationConstraint"),
        EXCLUSIVE,
        "bucket",
        "The combination of locationConstraint and storageClass you provided is not supported",
        {"location": "US", "storageClass": "REGIONAL", "encryption": REMOVED},
        {"location": "US-EAST1", "storageClass": "REGIONAL", "encryption": REMOVED},
    ),
    Refusal(
        code_with("Error 404: Cannot find metric(s) that match type attempt_count"),
        REFERENCE,
        "policy",
        "Cannot find metric(s) that match type cloudscheduler.googleapis.com/job/attempt_count",
        {
            f"{THRESHOLD}.filter": 'metric.type="cloudscheduler.googleapis.com/job/attempt_count"'
            ' AND resource.type="cloud_scheduler_job"'
        },
        {f"{THRESHOLD}.filter": RESTRICTED},
        accepted=UNKNOWN_ELSEWHERE,
    ),
    Refusal(
        code_with("Error 400: Unknown project id: eduhub-production, invalid"),
        REFERENCE,
        "bucket",
        "Unknown project id: eduhub-production",
        {"project": "eduhub-production"},
        {"project": PROJECT},
        accepted=UNKNOWN_ELSEWHERE,
    ),
    Refusal(
        code_with("Schedule has more than 5 fields"),
        TEXT,
        "job",
        "Schedule has more than 5 fields",
        {"schedule": "* * * * * *"},
        {"schedule": "*/30 * * * *"},
    ),
    Refusal(
        code_with("evaluation_missing_data must have a non-zero duration"),
        EXCLUSIVE,
        "policy",
        "Conditions setting evaluation_missing_data must have a non-zero duration",
        {
            f"{THRESHOLD}.duration": "0s",
            f"{THRESHOLD}.evaluationMissingData": "EVALUATION_MISSING_DATA_INACTIVE",
        },
        {
            f"{THRESHOLD}.duration": "60s",
            f"{THRESHOLD}.evaluationMissingData": "EVALUATION_MISSING_DATA_INACTIVE",
        },
    ),
    Refusal(
        code_with("Cannot find metric(s) that match type prometheus.googleapis.com"),
        REFERENCE,
        "policy",
        "Cannot find metric(s) that match type prometheus.googleapis.com/...",
        {
            f"{THRESHOLD}.filter": 'metric.type="prometheus.googleapis.com/app_requests/counter"'
            ' AND resource.type="prometheus_target"'
        },
        {f"{THRESHOLD}.filter": RESTRICTED},
        accepted=UNKNOWN_ELSEWHERE,
    ),
    Refusal(
        code_with("Policy members must be of the form <type>:<value> class-seven-point"),
        PATTERN,
        "projectmember",
        "Policy members must be of the form <type>:<value>",
        {"member": "${account.email}"},
        {"member": "serviceAccount:${account.email}"},
    ),
    Refusal(
        code_with("Invalid project ID ''. Project IDs must contain 6-63 lowercase letters"),
        PATTERN,
        "table",
        "Invalid project ID ''",
        {"project": ""},
        {"project": PROJECT},
    ),
    Refusal(
        code_with("only log-based alert policies may specify a notification rate limit"),
        EXCLUSIVE,
        "policy",
        "only log-based alert policies may specify a notification rate limit",
        {"alertStrategy": {"notificationRateLimit": {"period": "300s"}}},
        {"alertStrategy": {"autoClose": "1800s"}},
    ),
]
