"""What the references of Monitoring, Logging, IAM and Billing state."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.gcp import PROJECT

from stated.case import Stated

THRESHOLD = "conditions[0].conditionThreshold"
BUILT_IN = f"projects/{PROJECT}/locations/global/buckets/_Default"
NEW_LABEL = {"metricKind": "DELTA", "valueType": "INT64"}
METADATA = "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='a'/>"
FETCHED = "fetch gce_instance | metric 'compute.googleapis.com/instance/cpu/utilization'"


def _aligned(metric: str, resource: str, aligner: str, reducer: str = "") -> dict[str, Any]:
    aggregation = {"alignmentPeriod": "60s", "perSeriesAligner": aligner}
    more = {"crossSeriesReducer": reducer} if reducer else {}
    return {
        f"{THRESHOLD}.filter": f'metric.type="{metric}" AND resource.type="{resource}"',
        f"{THRESHOLD}.aggregations": [{**aggregation, **more}],
    }


def _labelled(name: str) -> dict[str, Any]:
    return {
        "metricDescriptor": {**NEW_LABEL, "labels": [{"key": name}]},
        "labelExtractors": {name: "EXTRACT(jsonPayload.a)"},
    }


def _measured(extractor: str) -> dict[str, Any]:
    descriptor = {"metricKind": "DELTA", "valueType": "DISTRIBUTION"}
    return {"metricDescriptor": descriptor, "valueExtractor": extractor}


def _matched(extractor: str) -> dict[str, Any]:
    condition = {"filter": "severity>=ERROR", "labelExtractors": {"a": extractor}}
    return {
        "conditions": [{"displayName": "a", "conditionMatchedLog": condition}],
        "alertStrategy": {"notificationRateLimit": {"period": "300s"}},
    }


def _asked(query: str, duration: str = "60s") -> dict[str, Any]:
    condition = {"query": query, "duration": duration}
    return {"conditions": [{"displayName": "a", "conditionMonitoringQueryLanguage": condition}]}


def _counted(query: str) -> dict[str, Any]:
    condition = {
        "query": query,
        "minutes": {"periodicity": 5},
        "rowCountTest": {"comparison": "COMPARISON_GT", "threshold": 1},
    }
    return {"conditions": [{"displayName": "a", "conditionSql": condition}]}


def _issued(lifetime: str, window: int) -> dict[str, Any]:
    config = {
        "useDefaultSharedCa": True,
        "lifetime": lifetime,
        "rotationWindowPercentage": window,
    }
    return {"inlineCertificateIssuanceConfig": config}


def _board(**more: Any) -> dict[str, Any]:
    return {"dashboardJson": json.dumps({"displayName": "x", **more})}


def _tile(**place: int) -> dict[str, Any]:
    tile = {"width": 6, "height": 4, "widget": {"text": {"content": "a"}}, **place}
    return _board(mosaicLayout={"columns": 12, "tiles": [tile]})


def _plot(kind: str, shift: str) -> dict[str, Any]:
    query = {"timeSeriesFilter": {"filter": f'metric.type="{UNDELIVERED}"'}}
    sets = [{"plotType": kind, "timeSeriesQuery": query}]
    return _board(
        gridLayout={"widgets": [{"xyChart": {"timeshiftDuration": shift, "dataSets": sets}}]}
    )


def _grouped(**content: Any) -> dict[str, Any]:
    return _board(gridLayout={"widgets": [content]})


def _tiled(**content: Any) -> dict[str, Any]:
    tile = {"width": 6, "height": 4, "widget": content}
    return _board(mosaicLayout={"columns": 12, "tiles": [tile]})


def _kept(uri: str) -> dict[str, Any]:
    kept = {"enabled": True, "samplingRate": 0.5, "bigqueryDestination": {"outputUri": uri}}
    return {"predictRequestResponseLoggingConfig": kept}


def _when(expression: str, **more: str) -> dict[str, Any]:
    condition = {"title": "a", "expression": expression, **more}
    return {"role": "roles/aiplatform.viewer", "condition": condition}


def _told(**more: Any) -> dict[str, Any]:
    return {"allUpdatesRule": more}


UNDELIVERED = "pubsub.googleapis.com/subscription/num_undelivered_messages"
LATENCIES = "run.googleapis.com/request_latencies"
FIELDS = " AND ".join((
    "httpRequest.status>=500", 'labels."a.b"="c"', 'protoPayload.methodName:"x"',
    "operation.first=true", 'source_location.file="x"', "jsonPayload.a.b=1",
    'metadata.userLabels.x="1"', 'timestamp>="2026-01-01"', 'resource.labels.x="a"', '"free text"',
))  # fmt: skip
SAML = {"oidc": REMOVED, "attributeCondition": REMOVED}

OPERATIONS = [
    Stated(
        "budget",
        "services/24E6-581D-38E5",
        {"budgetFilter": {"services": ["services/vertex"]}},
        {"budgetFilter": {"services": ["services/24E6-581D-38E5"]}},
    ),
    Stated(
        "endpoint",
        "bq://PROJECT.DATASET.TABLE",
        _kept(f"bq://{PROJECT}.sim.requests.more"),
        _kept("bq://example.org:another.sim.requests"),
    ),
    Stated(
        "policy",
        "stays of value type DISTRIBUTION",
        _aligned(LATENCIES, "cloud_run_revision", "ALIGN_DELTA"),
        _aligned(LATENCIES, "cloud_run_revision", "ALIGN_DELTA", "REDUCE_PERCENTILE_95"),
    ),
    Stated(
        "policy",
        "is written for pubsub_subscription, not for pubsub_topic",
        _aligned(UNDELIVERED, "pubsub_topic", "ALIGN_MAX"),
        _aligned(UNDELIVERED, "pubsub_subscription", "ALIGN_MAX"),
    ),
    Stated(
        "policy",
        "The aligner ALIGN_RATE cannot be applied",
        _aligned(UNDELIVERED, "pubsub_subscription", "ALIGN_RATE"),
        _aligned(UNDELIVERED, "pubsub_subscription", "ALIGN_MEAN"),
    ),
    Stated(
        "policy",
        "the operation condition",
        _asked(FETCHED),
        _asked(f"{FETCHED} | condition val() > 0.5"),
    ),
    Stated(
        "policy",
        "is not a multiple of 60s",
        _asked(f"{FETCHED} | condition val() > 0.5", "30s"),
        _asked(f"{FETCHED} | condition val() > 0.5", "120s"),
    ),
    Stated(
        "policy",
        "a text that does not end",
        _asked(f"{FETCHED} | filter zone = 'a | condition true()"),
        _asked(f"{FETCHED} | filter zone = 'a' | condition true()"),
    ),
    Stated(
        "policy",
        "( and ) that are not in pairs",
        _asked(f"{FETCHED} | condition val( > 0.5"),
        _asked(f"{FETCHED} | condition val() > 0.5"),
    ),
    Stated(
        "policy",
        "must be qualified with a dataset",
        _counted("SELECT a FROM logs"),
        _counted("SELECT a FROM `p.global._Default._AllLogs`"),
    ),
    Stated(
        "policy",
        "has more than 10240 bytes",
        {"documentation": {"content": "\u00e4" * 5121, "mimeType": "text/markdown"}},
        {"documentation": {"content": "\u00e4" * 5120, "mimeType": "text/markdown"}},
    ),
    *(
        Stated("account", "bytes, allowed are", {name: "\u00e4" * most}, {name: "a" * most})
        for name, most in (("displayName", 100), ("description", 256))
    ),
    Stated(
        "projectmember",
        "Invalid service account (serviceAccount:",
        {"member": "serviceAccount:${account.member}"},
        {"member": "${account.member}"},
    ),
    Stated("pool", "is out of range", _issued("43200s", 60), _issued("86400s", 60)),
    Stated("pool", "is out of range", _issued("86400s", 40), _issued("86400s", 50)),
    Stated(
        "policy",
        "'payload'",
        _matched("EXTRACT(payload.a)"),
        _matched("EXTRACT(protoPayload.methodName)"),
    ),
    Stated("metric", "Field not found: 'label'", {"filter": 'resource.label.x="a"'}),
    Stated(
        "metric", "Field not found: 'code'", {"filter": "httpRequest.code=500"}, {"filter": FIELDS}
    ),
    Stated(
        "sink",
        "Field not found: 'label'",
        {"exclusions": [{"name": "a", "filter": "resource.label.x=1"}]},
        {"exclusions": [{"name": "a", "filter": "resource.labels.x=1"}]},
    ),
    Stated(
        "metric",
        "'yesterday' is no time",
        {"filter": 'timestamp>="yesterday"'},
        {"filter": 'timestamp>="2026-01-01T00:00:00Z"'},
    ),
    Stated("metric", "letters, digits and _", _labelled("my-label"), _labelled("my_label")),
    Stated(
        "metric",
        "Field not found: 'payload'",
        _measured("EXTRACT(payload.a)"),
        _measured("EXTRACT(jsonPayload.a)"),
    ),
    Stated(
        "metric",
        "Field not found: 'payload'",
        {**_labelled("a"), "labelExtractors": {"a": "EXTRACT(payload.a)"}},
        _labelled("a"),
    ),
    Stated(
        "metric",
        "does not exist",
        {"bucketName": BUILT_IN.replace("_Default", "nowhere")},
        {"bucketName": BUILT_IN},
    ),
    Stated(
        "sink",
        "a bucket, dataset, topic or log bucket",
        {"destination": "storage.googleapis.com/gs://sim-bucket"},
        {"destination": f"logging.googleapis.com/{BUILT_IN}"},
    ),
    Stated(
        "sink",
        "a bucket, dataset, topic or log bucket",
        {"destination": f"logging.googleapis.com/projects/{PROJECT}/buckets/sim"},
        {"destination": "logging.googleapis.com/projects/another-project"},
    ),
    Stated(
        "sink",
        "outside the sink's project",
        {"customWriterIdentity": "serviceAccount:${account.email}"},
        {
            "customWriterIdentity": "serviceAccount:${account.email}",
            "destination": "logging.googleapis.com/projects/another-project",
        },
    ),
    Stated("sink", "begins with a letter", {"name": "-errors"}, {"name": "errors.1"}),
    Stated(
        "logbucket",
        "'payload'",
        {"indexConfigs": [{"fieldPath": "payload.a", "type": "INDEX_TYPE_STRING"}]},
        {"indexConfigs": [{"fieldPath": "jsonPayload.a", "type": "INDEX_TYPE_STRING"}]},
    ),
    *(
        Stated(sample, "a project's id", {"project": "My_Project"}, {"project": PROJECT})
        for sample in ("topic", "registry", "policy", "sink", "account", "dataset")
    ),
    Stated(
        "logbucket",
        "at most 8000 characters",
        {"description": "d" * 8001},
        {"description": "d" * 8000},
    ),
    Stated(
        "channel",
        "spaces/ID",
        {"type": "google_chat", "labels": {"space": "my-space"}},
        {"type": "google_chat", "labels": {"space": "spaces/AAAA"}},
    ),
    *(
        Stated(
            "dashboard",
            f"{told} is only allowed in MosaicLayout",
            _grouped(**{name: {}}),
            _tiled(**{name: {}}),
        )
        for name, told in (
            ("singleViewGroup", "dropdownGroup"),
            ("sectionHeader", "sectionHeader"),
            ("collapsibleGroup", "collapsibleGroup"),
        )
    ),
    Stated(
        "dashboard",
        "missing required field mosaicLayout.tiles[0].widget.content",
        _tiled(title="a"),
        _tiled(title="a", blank={}),
    ),
    Stated(
        "dashboard",
        "must be greater than or equal to one minute",
        _plot("LINE", "59s"),
        _plot("LINE", "60s"),
    ),
    Stated(
        "dashboard",
        "plot type is incompatible",
        _plot("STACKED_BAR", "600s"),
        _plot("STACKED_BAR", "0s"),
    ),
    Stated("dashboard", "missing displayName", _board(displayName=""), _board()),
    Stated("dashboard", "width: 0 is less than 1", _tile(width=0), _tile(width=1)),
    Stated("dashboard", "height: 0 is less than 1", _tile(height=0), _tile(height=1)),
    Stated("dashboard", "xPos: -1 is less than 0", _tile(xPos=-1), _tile(xPos=1)),
    Stated(
        "dashboard",
        "is not projects/PROJECT/alertPolicies/ID",
        _board(gridLayout={"widgets": [{"alertChart": {"name": "mine"}}]}),
        _board(gridLayout={"widgets": [{"alertChart": {"name": "projects/p/alertPolicies/1"}}]}),
    ),
    Stated(
        "dashboard",
        "is not a whole number",
        _board(gridLayout={"columns": "two", "widgets": []}),
        _board(gridLayout={"columns": "2", "widgets": []}),
    ),
    Stated(
        "projectmember",
        "undeclared reference to 'startswith'",
        _when("resource.name.startswith('a')"),
        _when("resource.name.startsWith('a')"),
    ),
    Stated(
        "projectmember",
        "undeclared reference to 'now'",
        _when("request.time < now()"),
        _when("request.time < timestamp('2030-01-01T00:00:00Z')"),
    ),
    Stated(
        "projectmember",
        "no matching overload for timestamp and string",
        _when("request.time < '2030-01-01T00:00:00Z'"),
        _when("request.time.getHours('Europe/Berlin') >= 9"),
    ),
    Stated("projectmember", "is not true or false", _when("'yes'"), _when("true")),
    Stated(
        "projectmember",
        "at most 256 characters",
        _when("true", description="d" * 257),
        _when("true", description="d" * 256),
    ),
    Stated(
        "projectmember",
        "it is one of another",
        {"role": "projects/another/roles/mine"},
        {"role": "organizations/123/roles/mine"},
    ),
    Stated(
        "provider",
        "undeclared reference to 'startswith'",
        {"attributeMapping": {"google.subject": "assertion.sub.startswith('a') ? 'b' : 'c'"}},
        {"attributeMapping": {"google.subject": "assertion.sub.startsWith('a') ? 'b' : 'c'"}},
    ),
    Stated(
        "provider",
        "is no XML",
        {**SAML, "saml": {"idpMetadataXml": "nonsense"}},
        {**SAML, "saml": {"idpMetadataXml": METADATA}},
    ),
    Stated("provider", "is no EntityDescriptor", {**SAML, "saml": {"idpMetadataXml": "<html/>"}}),
    Stated(
        "budget",
        "does not exist",
        _told(pubsubTopic=f"projects/{PROJECT}/topics/nowhere"),
        _told(pubsubTopic="${topic.id}"),
    ),
    Stated(
        "budget",
        "is of type pubsub",
        _told(monitoringNotificationChannels=["${channel.name}"]),
        _told(monitoringNotificationChannels=["${mail.name}"]),
        (("mail", "channel", {"type": "email", "labels": {"email_address": "a@example.org"}}),),
    ),
    Stated(
        "key",
        "projects/P/locations/L/ekmConnections/C",
        {
            "cryptoKeyBackend": "mine",
            "skipInitialVersionCreation": True,
            "rotationPeriod": REMOVED,
            "versionTemplate": {
                "algorithm": "EXTERNAL_SYMMETRIC_ENCRYPTION",
                "protectionLevel": "EXTERNAL_VPC",
            },
        },
    ),
]
