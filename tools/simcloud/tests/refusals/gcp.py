"""Refusals by Google Cloud."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.gcp import ACCOUNT, NUMBER, PLACE

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

GITHUB = "https://github.com"
PROVIDER = f"{GITHUB}/hashicorp/terraform-provider-google/issues"
CHAINGUARD = f"{GITHUB}/chainguard-dev/terraform-infra-common/pull"
THRESHOLD = "conditions[0].conditionThreshold"
STORAGE_AGENT = f"serviceAccount:service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
LATENCIES = (
    'metric.type="aiplatform.googleapis.com/prediction/online/prediction_latencies"'
    ' AND resource.type="aiplatform.googleapis.com/Endpoint"'
)
DISTRIBUTION = {"metricKind": "DELTA", "valueType": "DISTRIBUTION"}
COUNTER = {"metricKind": "DELTA", "valueType": "INT64"}


def _logs(*filters: str) -> dict[str, Any]:
    conditions = [
        {"displayName": f"log {number}", "conditionMatchedLog": {"filter": text}}
        for number, text in enumerate(filters)
    ]
    limit = {"notificationRateLimit": {"period": "300s"}}
    return {"conditions": conditions, "alertStrategy": limit}


def _aligned(aligner: str) -> dict[str, Any]:
    aggregation = {"alignmentPeriod": "60s", "perSeriesAligner": aligner}
    return {f"{THRESHOLD}.filter": LATENCIES, f"{THRESHOLD}.aggregations": [aggregation]}


def _tiles(**more: Any) -> dict[str, Any]:
    tile = {"width": 6, "height": 4, "widget": {"title": "traffic", "blank": {}}}
    layout = {"columns": 12, "tiles": [tile], **more}
    return {"dashboardJson": json.dumps({"displayName": "flights", "mosaicLayout": layout})}


def _workflow(expression: str) -> dict[str, Any]:
    lines = ("main:", "  steps:", "  - init:", "      assign:", f"      - text: {expression}", "")
    return {"sourceContents": "\n".join(lines)}


def _deleted(**more: Any) -> dict[str, Any]:
    rule = {"action": {"type": "Delete"}, "condition": {"age": 1}}
    return {"lifecycleRules": [{**rule, **more}]}


def _uploads(location: str) -> dict[str, Any]:
    return {
        "location": location,
        "transport": REMOVED,
        "matchingCriterias": [
            {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"},
            {"attribute": "bucket", "value": "${bucket.name}"},
        ],
    }


WORKLOAD = {"type": "workload.googleapis.com/drift"}


def _labelled(number: int) -> dict[str, Any]:
    return {"labels": [{"key": f"k{index}", "valueType": "STRING"} for index in range(number)]}


GCP = [
    Refusal(
        f"{CHAINGUARD}/384",
        EXCLUSIVE,
        "policy",
        "with a condition on logs there is no other condition",
        _logs("severity>=ERROR", "severity>=CRITICAL"),
        _logs("severity>=ERROR"),
    ),
    Refusal(
        f"{CHAINGUARD}/211",
        TEXT,
        "policy",
        "a quote in a log filter is closed",
        _logs('severity=ERROR AND protoPayload.status.message:"Ready condition'),
        _logs('severity=ERROR AND protoPayload.status.message:"Ready condition"'),
    ),
    Refusal(
        f"{CHAINGUARD}/401",
        EXCLUSIVE,
        "policy",
        "what missing data means needs a duration",
        {
            f"{THRESHOLD}.duration": "0s",
            f"{THRESHOLD}.evaluationMissingData": "EVALUATION_MISSING_DATA_INACTIVE",
        },
        {f"{THRESHOLD}.evaluationMissingData": "EVALUATION_MISSING_DATA_INACTIVE"},
    ),
    Refusal(
        f"{CHAINGUARD}/352",
        EXCLUSIVE,
        "policy",
        "a policy on metrics has no limit on notifications",
        {"alertStrategy": {"notificationRateLimit": {"period": "3600s"}}},
        {"alertStrategy": {"autoClose": "3600s"}},
    ),
    Refusal(
        f"{GITHUB}/google/exposure-notifications-verification-server/issues/659",
        REFERENCE,
        "policy",
        "the aligner does not fit the metric's kind and type",
        _aligned("ALIGN_RATE"),
        _aligned("ALIGN_PERCENTILE_99"),
    ),
    Refusal(
        f"{PROVIDER}/7179",
        TEXT,
        "policy",
        "a filter names the type of the resource",
        {f"{THRESHOLD}.filter": 'metric.type="custom.googleapis.com/drift"'},
    ),
    Refusal(
        f"{CHAINGUARD}/470",
        MISSING,
        "metric",
        "each extractor of a label has a label, and the other way round",
        {
            "labelExtractors": {"team": "EXTRACT(jsonPayload.team)"},
            "metricDescriptor": COUNTER,
        },
        {
            "labelExtractors": {"team": "EXTRACT(jsonPayload.team)"},
            "metricDescriptor": {**COUNTER, "labels": [{"key": "team", "valueType": "STRING"}]},
        },
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-google/pull/14332",
        MISSING,
        "metric",
        "a distribution needs an extractor of values",
        {"metricDescriptor": DISTRIBUTION},
        {"metricDescriptor": DISTRIBUTION, "valueExtractor": "EXTRACT(jsonPayload.seconds)"},
    ),
    Refusal(
        f"{GITHUB}/r-dbi/bigrquery/issues/472",
        MISSING,
        "table",
        "a clustered table has a schema",
        {"schema": REMOVED, "timePartitioning": REMOVED, "clusterings": ["gr"]},
        {
            "schema": json.dumps([{"name": "gr", "type": "STRING"}]),
            "timePartitioning": REMOVED,
            "clusterings": ["gr"],
        },
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-cloud-storage/issues/51",
        EXCLUSIVE,
        "bucket",
        "only a change of the storage class names one",
        _deleted(action={"type": "Delete", "storageClass": "STANDARD"}),
        _deleted(),
    ),
    Refusal(
        f"{GITHUB}/crossplane-contrib/provider-gcp/issues/515",
        MISSING,
        "bucket",
        "a lifecycle rule has a condition",
        _deleted(condition={}),
        _deleted(),
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-iam/issues/158",
        ENUM,
        "role",
        "a project's role cannot have this permission",
        {"permissions": ["resourcemanager.projects.list"]},
        {"permissions": ["resourcemanager.projects.get"]},
    ),
    Refusal(
        f"{PROVIDER}/3408",
        ENUM,
        "role",
        "a permission's name has its capital letters",
        {"permissions": ["iam.serviceaccountkeys.get"]},
        {"permissions": ["iam.serviceAccountKeys.get"]},
    ),
    Refusal(
        f"{PROVIDER}/6899",
        PATTERN,
        "role",
        "a role's id has no hyphens",
        {"roleId": "mesh-replicator-tf"},
        {"roleId": "mesh_replicator_tf"},
    ),
    Refusal(
        f"{PROVIDER}/5107",
        REFERENCE,
        "projectmember",
        "a custom role is named with its project",
        {"role": "roles/simSteps"},
        {"role": "${role.name}"},
    ),
    Refusal(
        f"{GITHUB}/kestra-io/plugin-gcp/issues/318",
        PATTERN,
        "bucketmember",
        "a member has a type",
        {"member": "${account.email}"},
        {"member": ACCOUNT},
    ),
    Refusal(
        f"{GITHUB}/pypi/linehaul-cloud-function/pull/166",
        REFERENCE,
        "trigger",
        "a trigger is where its bucket is",
        _uploads("europe-west1"),
        _uploads(PLACE),
        (
            (
                "publisher",
                "projectmember",
                {"role": "roles/pubsub.publisher", "member": STORAGE_AGENT},
            ),
            ("receiver", "projectmember", {"role": "roles/eventarc.eventReceiver"}),
        ),
    ),
    Refusal(
        f"{CHAINGUARD}/672",
        MISSING,
        "provider",
        "GitHub's issuer needs a condition on claims",
        {"attributeCondition": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/cloud-foundation-fabric/issues/1770",
        PATTERN,
        "subscription",
        "a duration ends in s",
        {"retryPolicy": {"minimumBackoff": "10", "maximumBackoff": "600"}},
        {"retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"}},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/monitoring-dashboard-samples/pull/694",
        TEXT,
        "dashboard",
        "the layout has no such field",
        _tiles(legacyRows=3),
        _tiles(),
    ),
    Refusal(
        f"{GITHUB}/cloud-custodian/cloud-custodian/pull/10910",
        EXCLUSIVE,
        "key",
        "only keys that encrypt and decrypt rotate",
        {
            "purpose": "ASYMMETRIC_SIGN",
            "versionTemplate": {"algorithm": "EC_SIGN_P256_SHA256"},
        },
        {
            "purpose": "ASYMMETRIC_SIGN",
            "versionTemplate": {"algorithm": "EC_SIGN_P256_SHA256"},
            "rotationPeriod": REMOVED,
        },
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-dotnet/issues/3178",
        PATTERN,
        "key",
        "a rotation period is a duration in seconds",
        {"rotationPeriod": "7776000"},
        {"rotationPeriod": "7776000s"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/workflows-demos/pull/88",
        TEXT,
        "workflow",
        "an expression with a colon is quoted",
        _workflow('${"state: " + "done"}'),
        _workflow("""'${"state: " + "done"}'"""),
    ),
    # A second round, written after the rules that the first one led to.
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/31571",
        MISSING,
        "job",
        "a job has a schedule",
        {"schedule": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-cpp/issues/9106",
        PATTERN,
        "bucket",
        "a bucket's name has no misspelled google in it",
        {"name": "sim-g00gl3-bucket"},
        {"name": "sim-data-bucket"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/service-broker-plugins/pull/20",
        PATTERN,
        "bucket",
        "a bucket's name has no capital letters",
        {"name": "sapteched_2019_BNC_AMBA"},
        {"name": "sapteched_2019_bnc_amba"},
    ),
    Refusal(
        f"{GITHUB}/ansible-collections/google.cloud/issues/326",
        ENUM,
        "bucket",
        "a region's name has no hyphen before the number",
        {"encryption": REMOVED, "location": "us-central-1"},
        {"encryption": REMOVED, "location": "us-central1"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/cloud-code-intellij/issues/2062",
        PATTERN,
        "account",
        "an account's id does not end in a hyphen",
        {"accountId": "delete-me-spring-initlzr-"},
        {"accountId": "delete-me-spring-initlzr"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/k8s-stackdriver/issues/192",
        RANGE,
        "descriptor",
        "a metric has so many labels at most: ten then, thirty now",
        _labelled(31),
        _labelled(30),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/opentelemetry-operations-java/issues/159",
        ENUM,
        "descriptor",
        "a workload's metric has labels of text",
        {**WORKLOAD, "labels": [{"key": "code", "valueType": "INT64"}]},
        {**WORKLOAD, "labels": [{"key": "code", "valueType": "STRING"}]},
    ),
    # A third round, after the rules of the second.
    Refusal(
        f"{GITHUB}/googleapis/python-bigquery/issues/2085",
        EXCLUSIVE,
        "dataset",
        "an entry of the access is for one of its kinds",
        {"accesses": [{"role": "READER"}]},
        {"accesses": [{"role": "READER", "userByEmail": "${account.email}"}]},
    ),
    Refusal(
        f"{GITHUB}/getredash/website/pull/248",
        ENUM,
        "role",
        "there is no such permission",
        {"permissions": ["bigquery.datasets.list"]},
        {"permissions": ["bigquery.datasets.get"]},
    ),
]
