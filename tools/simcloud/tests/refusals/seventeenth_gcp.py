"""A seventeenth round on Google Cloud: threads, notes, emulators and vendors' pages, by type."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from pulumi_simcloud.catalog.gcp.names import permissions
from samples.gcp import ACCOUNT, AGENTS, NUMBER, PROJECT

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
from refusals.fifteenth_gcp import code_with

PROVIDER = f"{GITHUB}/hashicorp/terraform-provider-google"
MAGIC = f"{GITHUB}/GoogleCloudPlatform/magic-modules"
THRESHOLD = "conditions[0].conditionThreshold"
RESTRICTED = 'metric.type="custom.googleapis.com/drift" AND resource.type="global"'
POOLS = "principalSet://iam.googleapis.com"
FINALIZED = {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"}
UPLOADED = {"attribute": "bucket", "value": "${bucket.name}"}
EMPTY = {"versioning": {"enabled": True}, "encryption": REMOVED}
STREAMS = (
    ("streams", "agent", {"service": "pubsub.googleapis.com"}),
    (
        "writer",
        "datasetmember",
        {"role": "roles/bigquery.dataEditor", "member": "serviceAccount:${streams.email}"},
    ),
    *(
        (
            name,
            "table",
            {
                "tableId": name,
                "schema": json.dumps([{"name": column, "type": "STRING"}]),
                "timePartitioning": REMOVED,
            },
        )
        for name, column in (("messages", "data"), ("others", "text"))
    ),
)


def _counted(metric: str) -> dict[str, Any]:
    return {
        f"{THRESHOLD}.filter": f'metric.type="logging.googleapis.com/user/{metric}" '
        'AND resource.type="global"',
        f"{THRESHOLD}.aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_RATE"}],
    }


def _aligned(**aggregation: str) -> dict[str, Any]:
    return {f"{THRESHOLD}.aggregations": [{"perSeriesAligner": "ALIGN_MEAN", **aggregation}]}


def _asked(query: str) -> dict[str, Any]:
    asked = {"query": query, "duration": "60s"}
    return {"conditions": [{"displayName": "d", "conditionMonitoringQueryLanguage": asked}]}


def _clustered(kind: str) -> dict[str, Any]:
    return {
        "schema": json.dumps([{"name": "a", "type": kind}]),
        "timePartitioning": REMOVED,
        "clusterings": ["a"],
    }


def _placed(location: str, **more: Any) -> dict[str, Any]:
    placed = {"dataLocations": ["EUROPE-WEST3", "EUROPE-WEST1"]}
    return {
        "location": location,
        "customPlacementConfig": placed,
        "encryption": REMOVED,
        **more,
    }


def _triggered(*criteria: dict[str, str]) -> dict[str, Any]:
    return {"matchingCriterias": list(criteria), "transport": REMOVED}


def _audited(*attributes: str) -> dict[str, Any]:
    values = {
        "type": "google.cloud.audit.log.v1.written",
        "serviceName": "bigquery.googleapis.com",
        "methodName": "google.cloud.bigquery.v2.JobService.InsertJob",
    }
    return _triggered(*({"attribute": name, "value": values[name]} for name in attributes))


def _within(expression: str) -> dict[str, Any]:
    condition = {"title": "bucket-scoped-access", "expression": expression}
    return {"role": "roles/storage.admin", "condition": condition}


def _federated(principals: str) -> dict[str, Any]:
    return {"role": "roles/iam.workloadIdentityUser", "member": f"{POOLS}/{principals}"}


def _called(**more: Any) -> dict[str, Any]:
    return {"httpTarget": {"uri": "https://example.org", "httpMethod": "POST", **more}}


# Of services whose permissions are none of organizations and folders.
MANY = [name for name in sorted(permissions()) if name[0] in "acdstv"][:3001]
TOKEN = {"serviceAccountEmail": "${account.email}"}

SEVENTEENTH_GCP = [
    Refusal(
        code_with("--destroy-scheduled-duration: value must be less than or equal to 120d"),
        RANGE,
        "key",
        "value must be less than or equal to 120d",
        {"destroyScheduledDuration": "10368001s"},
        {"destroyScheduledDuration": "10368000s"},
    ),
    Refusal(
        code_with("Invalid url for HttpRequest.oauth_token"),
        EXCLUSIVE,
        "job",
        "Invalid url for HttpRequest.oauth_token",
        _called(oauthToken=TOKEN),
        {"httpTarget": {"uri": "https://run.googleapis.com/v2/x:run", "oauthToken": TOKEN}},
        accepted="the reference says that such a token should generally go to Google's APIs",
    ),
    Refusal(
        code_with("INVALID_ARGUMENT: Invalid service account ()."),
        PATTERN,
        "projectmember",
        "Invalid service account ()",
        {"member": "serviceAccount:"},
        {"member": ACCOUNT},
    ),
    Refusal(
        code_with("The number of permissions in the role is greater than the maximum of 3,000"),
        RANGE,
        "role",
        "The number of permissions in the role is greater than the maximum of 3,000",
        {"permissions": MANY},
    ),
    Refusal(
        code_with("gcp-sa-apigee-mp.iam.gserviceaccount.com does not exist"),
        REFERENCE,
        "projectmember",
        "Service account service-<num>@gcp-sa-apigee-mp.iam.gserviceaccount.com does not exist",
        {"member": f"serviceAccount:service-{NUMBER}@gcp-sa-apigee-mp.iam.gserviceaccount.com"},
        {"member": f"serviceAccount:{AGENTS['vertexagent']}"},
    ),
    Refusal(
        code_with("metric logging.googleapis.com/user/%s does not exist"),
        REFERENCE,
        "policy",
        "metric logging.googleapis.com/user/... does not exist",
        _counted("absent"),
        _counted("drift"),
    ),
    Refusal(
        code_with("NOT_FOUND: notification channel %s not found"),
        REFERENCE,
        "policy",
        "notification channel not found",
        {"notificationChannels": [f"projects/{PROJECT}/notificationChannels/4711"]},
        {"notificationChannels": ["${channel.name}"]},
    ),
    Refusal(
        code_with("The metric type must be a URL-formatted string with a domain"),
        PATTERN,
        "descriptor",
        "The metric type must be a URL-formatted string with a domain and non-empty path",
        {"type": "custom.googleapis.com/"},
        {"type": "custom.googleapis.com/stepconnector/v1"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-bigquery/issues/147",
        RANGE,
        "table",
        "Expiration time must be at least 1 seconds in the future",
        {"expirationTime": 360000000},
        {"expirationTime": 4102444800000},
    ),
    Refusal(
        f"{GITHUB}/google-github-actions/deploy-cloud-functions/issues/416",
        MISSING,
        "trigger",
        'missing required attribute "bucket" in trigger.event_filters',
        _triggered(FINALIZED),
        _triggered(FINALIZED, UPLOADED),
    ),
    Refusal(
        f"{GITHUB}/kube-dojo/kube-dojo.github.io/pull/3055",
        ENUM,
        "bucket",
        "the terminal class is Nearline or Archive, not Coldline",
        {"autoclass": {"enabled": True, "terminalStorageClass": "COLDLINE"}},
        {"autoclass": {"enabled": True, "terminalStorageClass": "NEARLINE"}},
    ),
    Refusal(
        f"{GITHUB}/googleapis/python-bigquery/pull/1683",
        RANGE,
        "dataset",
        "the hours are a multiple of 24, from 48 to 168",
        {"maxTimeTravelHours": "50"},
        {"maxTimeTravelHours": "72"},
    ),
    Refusal(
        f"{GITHUB}/firebase/firebase-functions/pull/1772",
        RANGE,
        "job",
        "The deadline must be in the interval [15 seconds, 30 minutes]",
        {"attemptDeadline": "1801s"},
        {"attemptDeadline": "1800s"},
    ),
    Refusal(
        f"{GITHUB}/stackshy/cloudemu/pull/1035#type",
        MISSING,
        "trigger",
        "the filters name the type of the event",
        _triggered(UPLOADED),
        _triggered(FINALIZED, UPLOADED),
    ),
    Refusal(
        f"{GITHUB}/stackshy/cloudemu/pull/1035#method",
        MISSING,
        "trigger",
        "an audit log's filters name the method",
        _audited("type", "serviceName"),
        _audited("type", "serviceName", "methodName"),
    ),
    Refusal(
        f"{GITHUB}/stackshy/cloudemu/pull/1035#destination",
        MISSING,
        "trigger",
        "the destination is not empty",
        {"destination": {}},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-cloud-storage/pull/231",
        EXCLUSIVE,
        "bucket",
        "may not create storageClass MULTI_REGIONAL buckets with ... data_location",
        _placed("EU", storageClass="MULTI_REGIONAL"),
        _placed("EU", storageClass="STANDARD"),
    ),
    Refusal(
        f"{GITHUB}/crossplane-contrib/provider-upjet-gcp/issues/788",
        EXCLUSIVE,
        "bucket",
        "two regions are placed in a location of several",
        _placed("EUROPE-WEST1"),
        _placed("EU"),
    ),
    Refusal(
        f"{MAGIC}/pull/18879",
        MISSING,
        "registry",
        "Virtual repository config is not specified",
        {"format": "DOCKER", "mode": "VIRTUAL_REPOSITORY"},
        {
            "format": "DOCKER",
            "mode": "VIRTUAL_REPOSITORY",
            "virtualRepositoryConfig": {
                "upstreamPolicies": [{"id": "docker", "priority": 1, "repository": "${docker.id}"}]
            },
        },
        (("docker", "registry", {"repositoryId": "docker", "format": "DOCKER"}),),
    ),
    Refusal(
        f"{GITHUB}/broadinstitute/sam/pull/210",
        RANGE,
        "account",
        "The display_name length (111) is longer than the maximum allowed length 100",
        {"displayName": "d" * 111},
        {"displayName": "d" * 100},
    ),
    Refusal(
        f"{GITHUB}/DataDog/stratus-red-team/issues/294",
        RANGE,
        "account",
        "The account ID does not have a length between 6 and 30",
        {"accountId": "stratus-red-team-casa-sa-38w8wx"},
        {"accountId": "stratus-red-team-casa-sa-38w8w"},
    ),
    Refusal(
        f"{PROVIDER}/issues/12672",
        PATTERN,
        "accountmember",
        "The member principalSet://iam.googleapis.com/POOL/... is of an unknown type",
        _federated("sim-github/attribute.repository/my-gh-org/somerepo"),
        _federated("${pool.name}/attribute.repository/my-gh-org/somerepo"),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/k8s-config-connector/issues/648",
        REFERENCE,
        "policy",
        "Could not find a metric named 'custom.googleapis.com/...'",
        _asked("fetch global::custom.googleapis.com/absent | condition val() > 1"),
        _asked("fetch global::custom.googleapis.com/drift | condition val() > 1"),
    ),
    Refusal(
        f"{GITHUB}/google/exposure-notifications-verification-server/issues/1644",
        TEXT,
        "policy",
        "Units need to be given for neither or both of the inputs to '>'",
        _asked(
            "fetch pubsub_topic::pubsub.googleapis.com/topic/send_request_count "
            "| align rate(1m) | condition val() > 1"
        ),
        _asked(
            "fetch pubsub_topic::pubsub.googleapis.com/topic/send_request_count "
            "| align rate(1m) | condition val() > 1 '1/s'"
        ),
        accepted="the units of metrics are not known, and MQL is not calculated",
    ),
    Refusal(
        f"{PROVIDER}/issues/14256",
        PATTERN,
        "channel",
        "invalid_auth: the address of a webhook is no token of Slack's",
        {
            "type": "slack",
            "labels": {"channel_name": "#alerts"},
            "sensitiveLabels": {"authToken": "https://hooks.slack.com/services/T0/B0/X"},
        },
        {
            "type": "slack",
            "labels": {"channel_name": "#alerts"},
            "sensitiveLabels": {"authToken": "xoxb-1"},
        },
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-pubsub/issues/188",
        MISSING,
        "subscription",
        "the table has no field data",
        {"bigqueryConfig": {"table": f"{PROJECT}.sim.others"}},
        {"bigqueryConfig": {"table": f"{PROJECT}.sim.messages"}},
        STREAMS,
    ),
    Refusal(
        f"{PROVIDER}/pull/13922",
        PATTERN,
        "subscription",
        "API expects a dot instead of a colon for a table's name",
        {"bigqueryConfig": {"table": f"{PROJECT}:sim.messages"}},
        {"bigqueryConfig": {"table": f"{PROJECT}.sim.messages"}},
        STREAMS,
        accepted="other pages of the provider have the colon, and users applied it",
    ),
    Refusal(
        f"{PROVIDER}/pull/10893",
        RANGE,
        "policy",
        "alignment period must be in multiples of one minute",
        _aligned(alignmentPeriod="450s"),
        _aligned(alignmentPeriod="480s"),
    ),
    Refusal(
        code_with("Only service accounts can be granted ServiceAgent roles"),
        EXCLUSIVE,
        "projectmember",
        "Only service accounts can be granted ServiceAgent roles",
        {"role": "roles/aiplatform.serviceAgent", "member": f"{POOLS}/${{pool.name}}/*"},
        {"role": "roles/aiplatform.serviceAgent", "member": ACCOUNT},
    ),
    Refusal(
        code_with("Identity Pool does not exist medibox-wif-pool"),
        REFERENCE,
        "accountmember",
        "Identity Pool does not exist (projects/.../workloadIdentityPools/medibox-wif-pool)",
        _federated(f"projects/{NUMBER}/locations/global/workloadIdentityPools/medibox-wif-pool/*"),
        _federated("${pool.name}/*"),
    ),
    Refusal(
        code_with("Invalid service account (service-<project_number>gcp-sa-aiplatform"),
        PATTERN,
        "projectmember",
        "Invalid service account (service-<project_number>gcp-sa-aiplatform.iam...)",
        {"member": f"serviceAccount:service-{NUMBER}gcp-sa-aiplatform.iam.gserviceaccount.com"},
        {"member": f"serviceAccount:{AGENTS['vertexagent']}"},
    ),
    Refusal(
        f"{GITHUB}/PostHog/posthog/pull/82619",
        MISSING,
        "policy",
        "The API rejects an aligner other than ALIGN_NONE without a period to align to",
        _aligned(),
        _aligned(alignmentPeriod="60s"),
    ),
    Refusal(
        f"{GITHUB}/PeerDB-io/peerdb/pull/2002",
        ENUM,
        "table",
        "a column of FLOAT does not cluster",
        _clustered("FLOAT"),
        _clustered("STRING"),
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-example-foundation/pull/898",
        EXCLUSIVE,
        "bucket",
        "object versioning and retention are mutually exclusive",
        {**EMPTY, "retentionPolicy": {"retentionPeriod": "86400"}},
        EMPTY,
        accepted="the page on retention does not say so any more",
    ),
    Refusal(
        "https://tutorials.dodatech.com/quick-fix/gcp-iam-policy-cond/",
        TEXT,
        "projectmember",
        "Condition expression could not be parsed",
        _within("resource.name.startsWith(//storage.googleapis.com/projects/_/buckets/team)"),
        _within("resource.name.startsWith('projects/_/buckets/team/objects/')"),
    ),
    Refusal(
        f"{GITHUB}/stackshy/cloudemu/pull/1031",
        EXCLUSIVE,
        "logbucket",
        "_Required can never be modified",
        {"bucketId": "_Required", "location": "global"},
        {"bucketId": "_Default", "location": "global"},
    ),
    Refusal(
        f"{GITHUB}/stackshy/cloudemu/pull/1202",
        EXCLUSIVE,
        "job",
        "exactly one of httpTarget, pubsubTarget, appEngineHttpTarget",
        {"pubsubTarget": {"topicName": "${topic.id}", "data": "e30="}},
        {"httpTarget": REMOVED, "pubsubTarget": {"topicName": "${topic.id}", "data": "e30="}},
    ),
    Refusal(
        f"{MAGIC}/pull/2161",
        EXCLUSIVE,
        "job",
        "only one of oauth_token or oidc_token can be specified, but not both",
        _called(oauthToken=TOKEN, oidcToken=TOKEN),
        _called(oidcToken=TOKEN),
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/463",
        TEXT,
        "policy",
        "Could not parse filter: syntax error at token '=~'",
        {f"{THRESHOLD}.filter": f'{RESTRICTED} AND metadata.system_labels."name"=~".*-dlq-.*"'},
        {
            f"{THRESHOLD}.filter": f"{RESTRICTED} AND metadata.system_labels."
            '"name"=monitoring.regex.full_match(".*-dlq-.*")'
        },
    ),
    Refusal(
        f"{GITHUB}/floci-io/floci-gcp#sign",
        MISSING,
        "key",
        "Algorithm is required for ASYMMETRIC_SIGN",
        {"purpose": "ASYMMETRIC_SIGN", "rotationPeriod": REMOVED},
        {
            "purpose": "ASYMMETRIC_SIGN",
            "rotationPeriod": REMOVED,
            "versionTemplate": {"algorithm": "EC_SIGN_P256_SHA256"},
        },
    ),
]
