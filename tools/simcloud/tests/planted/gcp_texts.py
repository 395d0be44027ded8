"""Bad inputs on Google Cloud: texts that do not parse, names that nobody publishes, relations.

What the words of a public report are about is named beside it.
"""

from __future__ import annotations

import json

from pulumi_simcloud.platforms import project_number

from planted.case import GUARD, REMOVED, RULE, Planted

NUMBER = project_number("sim-project")
KEY_ELSEWHERE = "projects/sim-project/locations/us-east1/keyRings/sim/cryptoKeys/sim"
THRESHOLD = "conditions[0].conditionThreshold"
ALIGNED = {"alignmentPeriod": "300s", "perSeriesAligner": "ALIGN_DELTA"}
ONLINE = "aiplatform.googleapis.com/prediction/online"
ENDPOINT = 'resource.type="aiplatform.googleapis.com/Endpoint"'
DRIFT = 'metric.type="custom.googleapis.com/drift"'
GLOBAL = 'resource.type="global"'
JOB = "createPipelineJobRequest.pipelineJob"
LOGGING = "predictRequestResponseLoggingConfig"
CONDITIONS = "conditions[0]"
ANY_CHANNEL = "projects/sim-project/notificationChannels/1"


def alert(text: str, reason: str, **aggregation: str) -> Planted:
    """A filter of a threshold, perhaps aggregated, that is refused before anything is looked up."""
    change = {f"{THRESHOLD}.filter": text}
    if aggregation:
        change[f"{THRESHOLD}.aggregations"] = [aggregation]  # type: ignore[assignment]
    return Planted(RULE, "policy", reason, change)


def condition(**part: object) -> dict[str, object]:
    """The only condition of a policy, in place of the sample's."""
    return {CONDITIONS: {"displayName": "drift", **part}}


def promql(reason: str, **part: str) -> Planted:
    """A condition in PromQL."""
    language = {"query": "vector(1)", **part}
    return Planted(RULE, "policy", reason, condition(conditionPrometheusQueryLanguage=language))


FILTERS = [
    # terraform-provider-google#7179, #4165
    alert(DRIFT, 'must specify a restriction on "resource.type"'),
    alert('resource.type="global"', "exactly one restriction"),
    alert(f'{DRIFT} AND resource.type="global" AND resource.type="gce_instance"', "allowed is one"),
    alert(f'{DRIFT} AND resource.type=="global"', "does not parse"),
    alert(f'{DRIFT} AND (resource.type="global"', "does not parse"),
    alert(f'{DRIFT} && resource.type="global"', "does not parse"),
    alert(f'{DRIFT} AND resource.type="global" AND labels.model="a"', "is no selector"),
    alert(f'{DRIFT} AND resource.type="vertex_endpoint"', "is no monitored resource type"),
    alert('metric.type="drift" AND resource.type="global"', "is no metric type"),
    alert(
        f'{DRIFT} AND resource.type="global" AND metric.labels.a=monitoring.regex.full_match("(")',
        "is no regular expression",
    ),
    alert(
        f'{DRIFT} AND resource.type="global"',
        "needed with REDUCE_MAX",
        crossSeriesReducer="REDUCE_MAX",
    ),
    alert(
        f'{DRIFT} AND resource.type="global"', "needed with ALIGN_MAX", perSeriesAligner="ALIGN_MAX"
    ),
    alert(
        f'{DRIFT} AND resource.type="global"',
        "is not 60s to",
        perSeriesAligner="ALIGN_MAX",
        alignmentPeriod="30s",
    ),
    alert(f'{DRIFT} AND resource.type="global" AND metric.labels.a="{"x" * 2048}"', "allowed are"),
    Planted(RULE, "policy", "not a multiple of 60s", {f"{THRESHOLD}.duration": "70s"}),
    Planted(RULE, "policy", "is no duration", {f"{THRESHOLD}.duration": "1m"}),
    Planted(
        RULE,
        "policy",
        "is not the numerator's",
        {
            f"{THRESHOLD}.aggregations": [ALIGNED],
            f"{THRESHOLD}.denominatorFilter": f'{DRIFT} AND resource.type="global"',
            f"{THRESHOLD}.denominatorAggregations": [{**ALIGNED, "alignmentPeriod": "60s"}],
        },
    ),
    Planted(
        RULE, "policy", "COMPARISON_GT, COMPARISON_LT", {f"{THRESHOLD}.comparison": "COMPARISON_EQ"}
    ),
    promql("is no PromQL", query="sum(rate(x[5m])"),
    promql("is no PromQL", query="x{a=b}"),
    promql("not a multiple of 30s", evaluationInterval="45s"),
    promql("is no duration", duration="5m"),
    Planted(
        RULE,
        "policy",
        "Unparseable filter",
        {
            **condition(conditionMatchedLog={"filter": "severity>=NOTHING"}),
            "alertStrategy": {"notificationRateLimit": {"period": "300s"}},
        },
    ),
    Planted(
        RULE,
        "policy",
        "needed with conditionMatchedLog",
        condition(conditionMatchedLog={"filter": "severity>=ERROR"}),
    ),
    Planted(
        RULE,
        "policy",
        "only policies on log entries",
        {"alertStrategy": {"notificationRateLimit": {"period": "300s"}}},
    ),
    Planted(
        RULE,
        "policy",
        "has to be the only condition",
        {
            "conditions": [
                {"displayName": name, "conditionMatchedLog": {"filter": "severity>=ERROR"}}
                for name in ("a", "b")
            ],
            "alertStrategy": {"notificationRateLimit": {"period": "300s"}},
        },
    ),
    Planted(
        RULE,
        "policy",
        "neither EXTRACT",
        {
            **condition(
                conditionMatchedLog={
                    "filter": "severity>=ERROR",
                    "labelExtractors": {"a": "jsonPayload.a"},
                }
            ),
            "alertStrategy": {"notificationRateLimit": {"period": "300s"}},
        },
    ),
    Planted(
        RULE,
        "policy",
        "out of range",
        {"alertStrategy": {"notificationChannelStrategies": [{"renotifyInterval": "60s"}]}},
    ),
    Planted(
        RULE,
        "policy",
        "is not among notificationChannels",
        {
            "alertStrategy": {
                "notificationChannelStrategies": [
                    {"renotifyInterval": "3600s", "notificationChannelNames": [ANY_CHANNEL]}
                ]
            }
        },
    ),
    Planted(RULE, "policy", "out of range", {"alertStrategy": {"autoClose": "60s"}}),
    Planted(RULE, "policy", "at most 8192", {"documentation": {"content": "x" * 8193}}),
    Planted(
        RULE,
        "policy",
        "out of range",
        condition(
            conditionAbsent={"filter": f'{DRIFT} AND resource.type="global"', "duration": "60s"}
        ),
    ),
    Planted(RULE, "metric", "Unparseable filter", {"filter": "severity>=ERROR AND"}),
    Planted(RULE, "metric", "Unparseable filter", {"filter": 'resource_kind="a"'}),
    Planted(RULE, "metric", "Unparseable filter", {"filter": 'textPayload=~"a("'}),
    Planted(RULE, "metric", "goes with valueType DISTRIBUTION", {"valueExtractor": "EXTRACT(a)"}),
    Planted(
        RULE,
        "metric",
        "neither EXTRACT",
        {
            "valueExtractor": "a",
            "metricDescriptor": {"metricKind": "DELTA", "valueType": "DISTRIBUTION"},
        },
    ),
    Planted(RULE, "metric", "extracts", {"labelExtractors": {"a": "EXTRACT(jsonPayload.a)"}}),
    Planted(
        RULE,
        "metric",
        "neither EXTRACT",
        {
            "labelExtractors": {"a": "jsonPayload.a"},
            "metricDescriptor": {
                "metricKind": "DELTA",
                "valueType": "INT64",
                "labels": [{"key": "a"}],
            },
        },
    ),
    Planted(
        RULE,
        "metric",
        "metrics of logs are DELTA",
        {"metricDescriptor": {"metricKind": "GAUGE", "valueType": "INT64"}},
    ),
    Planted(RULE, "sink", "Unparseable filter", {"filter": 'resource.type=("a" OR'}),
    Planted(
        RULE,
        "sink",
        "Unparseable filter",
        {"exclusions": [{"name": "a", "filter": "severity=="}]},
    ),
    Planted(
        RULE,
        "dashboard",
        "invalid filter",
        {
            "dashboardJson": json.dumps(
                {
                    "displayName": "a",
                    "gridLayout": {
                        "widgets": [
                            {
                                "xyChart": {
                                    "dataSets": [
                                        {
                                            "timeSeriesQuery": {
                                                "timeSeriesFilter": {"filter": "metric.type="}
                                            }
                                        }
                                    ]
                                }
                            }
                        ]
                    },
                }
            )
        },
    ),
    Planted(
        RULE,
        "dashboard",
        "has 2 layouts",
        {"dashboardJson": '{"displayName": "a", "gridLayout": {}, "mosaicLayout": {}}'},
    ),
]
WORKFLOWS = [
    Planted(RULE, "workflow", reason, {"sourceContents": text})
    for reason, text in (
        ("is no YAML", "main: ["),
        ("neither steps", "a"),
        ("is no step here", "main: {steps: [{a: {next: b}}]}"),
        ("neither a subworkflow", "main: {steps: [{a: {call: nothing}}]}"),
        ("http has", "main: {steps: [{a: {call: http.fetch, args: {url: a}}}]}"),
        ("does not parse", "main: {steps: [{a: {return: '${a +}'}}]}"),
        ("does not end", "main: {steps: [{a: {return: '${a'}}]}"),
        ("stands twice", "main: {steps: [{a: {return: 1}}, {a: {return: 2}}]}"),
        ("does not go with", "main: {steps: [{a: {return: 1, result: b}}]}"),
        ("nothing that is known", "main: {steps: [{a: {asign: [{b: 1}]}}]}"),
        ("has no condition", "main: {steps: [{a: {switch: [{next: end}]}}]}"),
        ("try needs", "main: {steps: [{a: {try: {call: sys.log}}}]}"),
        ("takes one parameter", "main: {params: [a, b], steps: [{c: {return: 1}}]}"),
        ("unknown key", "main: {steps: [], onError: []}"),
        ("symbol 'b' is neither", "main: {steps: [{a: {return: '${b + 1}'}}]}"),
        (
            "symbol 'c' is neither",
            "main: {steps: [{a: {assign: [{b: 1}]}}, {d: {return: '${b + c}'}}]}",
        ),
    )
]
CEL = [
    Planted(RULE, "provider", "is no CEL", {"attributeCondition": "assertion.sub = 'a'"}),
    Planted(RULE, "provider", "undeclared reference", {"attributeCondition": "claims.sub == 'a'"}),
    Planted(RULE, "provider", "is not mapped", {"attributeCondition": "attribute.a == 'a'"}),
    # hashicorp/terraform-provider-google issues on "must reference one of the provider's claims"
    Planted(RULE, "provider", "provider's claims", {"attributeCondition": REMOVED}),
    Planted(
        RULE,
        "provider",
        "is no CEL",
        {"attributeMapping": {"google.subject": "assertion.sub +"}},
    ),
    Planted(
        RULE,
        "provider",
        "neither google.subject",
        {"attributeMapping": {"google.subject": "assertion.sub", "job": "assertion.ref"}},
    ),
    Planted(
        RULE,
        "bucketmember",
        "is no CEL",
        {"condition": {"title": "a", "expression": "resource.name = 'a'"}},
    ),
    Planted(
        RULE,
        "projectmember",
        "undeclared reference",
        {"condition": {"title": "a", "expression": "bucket.name == 'a'"}},
    ),
]
NAMES = [
    Planted(RULE, "role", "is not valid", {"permissions": ["aiplatform.operations.get"]}),
    Planted(
        RULE, "role", "project's custom role", {"permissions": ["resourcemanager.projects.list"]}
    ),
    Planted(RULE, "projectmember", "does not exist", {"role": "roles/aiplatform.runner"}),
    Planted(RULE, "projectmember", "not supported", {"role": "roles/storage.legacyBucketReader"}),
    Planted(RULE, "projectmember", "can't be a member", {"member": "allUsers"}),
    Planted(RULE, "bucketmember", "not supported", {"role": "roles/aiplatform.user"}),
    Planted(RULE, "bucketmember", "does not exist", {"role": "roles/storage.reader"}),
    Planted(RULE, "datasetmember", "not supported", {"role": "roles/bigquery.jobUser"}),
    Planted(RULE, "accountmember", "not supported", {"role": "roles/storage.admin"}),
    Planted(RULE, "topicmember", "not supported", {"role": "roles/storage.admin"}),
    Planted(RULE, "registrymember", "not supported", {"role": "roles/storage.admin"}),
    Planted(RULE, "endpointmember", "not supported", {"role": "roles/storage.admin"}),
    Planted(RULE, "storageagent", "not supported", {"role": "roles/storage.admin"}),
    Planted(RULE, "api-pubsub", "is no API", {"service": "vertexai.googleapis.com"}),
    Planted(RULE, "agent", "is no API", {"service": "vertexai.googleapis.com"}),
]
RELATIONS = [
    Planted(
        RULE, "bucket", "the key is in us-east1", {"encryption.defaultKmsKeyName": KEY_ELSEWHERE}
    ),
    Planted(
        RULE,
        "dataset",
        "the key is in",
        {"defaultEncryptionConfiguration": {"kmsKeyName": KEY_ELSEWHERE}},
    ),
    Planted(RULE, "endpoint", "the key is in", {"encryptionSpec.kmsKeyName": KEY_ELSEWHERE}),
    Planted(RULE, "registry", "the key is in", {"kmsKeyName": KEY_ELSEWHERE}),
    Planted(RULE, "workflow", "the key is in", {"cryptoKeyName": KEY_ELSEWHERE}),
    Planted(RULE, "logbucket", "the key is in", {"cmekSettings": {"kmsKeyName": KEY_ELSEWHERE}}),
    Planted(RULE, "metadata", "the key is in", {"encryptionSpec": {"kmsKeyName": KEY_ELSEWHERE}}),
    Planted(
        RULE, "schedule", "the key is in", {f"{JOB}.encryptionSpec": {"kmsKeyName": KEY_ELSEWHERE}}
    ),
    Planted(
        RULE,
        "bucket",
        "needs it",
        {"lifecycleRules": [{"action": {"type": "SetStorageClass"}, "condition": {"age": 1}}]},
    ),
    Planted(
        RULE,
        "bucket",
        "at least one condition",
        {"lifecycleRules": [{"action": {"type": "Delete"}, "condition": {}}]},
    ),
    Planted(
        RULE,
        "bucket",
        "do not go with",
        {
            "lifecycleRules": [
                {
                    "action": {"type": "AbortIncompleteMultipartUpload"},
                    "condition": {"daysSinceNoncurrentTime": 1},
                }
            ]
        },
    ),
    Planted(RULE, "bucket", "IP address", {"name": "192.168.5.4"}),
    Planted(
        RULE, "bucket", "not 0 or 7-90 days", {"softDeletePolicy": {"retentionDurationSeconds": 60}}
    ),
    Planted(RULE, "object", "no line ends", {"name": "a\nb"}),
    Planted(RULE, "key", "does not rotate", {"purpose": "ASYMMETRIC_SIGN"}),
    Planted(
        RULE,
        "key",
        "is not of purpose",
        {"versionTemplate": {"algorithm": "RSA_SIGN_PSS_2048_SHA256"}},
    ),
    Planted(RULE, "table", "is not in the schema", {"timePartitioning.field": "at"}),
    Planted(
        RULE,
        "table",
        "is not DATE",
        {"timePartitioning.field": "id", "schema": json.dumps([{"name": "id", "type": "STRING"}])},
    ),
    Planted(
        RULE,
        "table",
        "is no type",
        {"schema": json.dumps([{"name": "logging_time", "type": "TIME STAMP"}])},
    ),
    Planted(
        RULE,
        "table",
        "stands twice",
        {"schema": json.dumps([{"name": "logging_time", "type": "TIMESTAMP"}] * 2)},
    ),
    Planted(RULE, "table", "not in the schema", {"clusterings": ["version"]}),
    Planted(
        RULE,
        "table",
        "has no fields",
        {
            "schema": json.dumps(
                [{"name": "logging_time", "type": "TIMESTAMP"}, {"name": "a", "type": "RECORD"}]
            )
        },
    ),
    Planted(RULE, "budget", "needs pubsubTopic", {"allUpdatesRule": {"schemaVersion": "1.0"}}),
    Planted(
        RULE,
        "budget",
        "needs it",
        {"budgetFilter": {"creditTypesTreatment": "INCLUDE_SPECIFIED_CREDITS"}},
    ),
    Planted(
        RULE,
        "budget",
        "has 6 entries",
        {"allUpdatesRule": {"monitoringNotificationChannels": [ANY_CHANNEL] * 6}},
    ),
    Planted(RULE, "budget", "has 2 entries", {"budgetFilter": {"labels": {"a": "b", "c": "d"}}}),
    Planted(
        RULE, "endpoint", "missing: it is enabled", {f"{LOGGING}.bigqueryDestination": REMOVED}
    ),
    Planted(
        RULE,
        "schedule",
        "is no input of the pipeline",
        {f"{JOB}.runtimeConfig.parameterValues": {"trigger": "a"}},
    ),
    Planted(
        RULE,
        "schedule",
        "is not after",
        {"startTime": "2026-02-01T00:00:00Z", "endTime": "2026-01-01T00:00:00Z"},
    ),
    Planted(
        RULE,
        "subscription",
        "only for pull",
        {"enableExactlyOnceDelivery": True, "pushConfig": {"pushEndpoint": "https://example.org"}},
    ),
    Planted(
        RULE,
        "subscription",
        "more than maximumBackoff",
        {"retryPolicy": {"minimumBackoff": "60s", "maximumBackoff": "10s"}},
    ),
    Planted(
        RULE,
        "trigger",
        "on the attribute type",
        {"matchingCriterias": [{"attribute": "serviceName", "value": "a"}]},
    ),
    Planted(
        RULE,
        "trigger",
        "only with the type",
        {
            "matchingCriterias": [
                {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"}
            ]
        },
    ),
    Planted(
        RULE, "descriptor", "has no value type", {"metricKind": "CUMULATIVE", "valueType": "BOOL"}
    ),
    Planted(RULE, "descriptor", "label key", {"labels": [{"key": "a-b"}]}),
    Planted(
        RULE, "channel", "an address", {"type": "email", "labels": {"email_address": "a at b"}}
    ),
    Planted(RULE, "channel", "a URL", {"type": "webhook_tokenauth", "labels": {"url": "example"}}),
    Planted(RULE, "channel", "projects/PROJECT/topics", {"labels": {"topic": "drift"}}),
    Planted(
        RULE, "channel", "needs 'authToken'", {"type": "slack", "labels": {"channel_name": "a"}}
    ),
]
# What only the world can tell.
WORLD = [
    Planted(
        GUARD,
        "storageagent",
        "does not exist",
        {"member": f"serviceAccount:bq-{NUMBER}@bigquery-encryption.iam.gserviceaccount.com"},
    ),
    Planted(
        GUARD,
        "projectmember",
        "does not exist",
        {
            "role": "roles/dataflow.worker",
            "member": f"serviceAccount:service-{NUMBER}"
            "@dataflow-service-producer-prod.iam.gserviceaccount.com",
        },
    ),
    Planted(
        GUARD,
        "policy",
        "Cannot find metric",
        {f"{THRESHOLD}.filter": 'metric.type="custom.googleapis.com/none" AND ' + GLOBAL},
    ),
    Planted(
        GUARD,
        "policy",
        "Cannot find metric",
        {f"{THRESHOLD}.filter": 'metric.type="logging.googleapis.com/user/none" AND ' + GLOBAL},
    ),
    Planted(
        GUARD,
        "policy",
        "Cannot find metric",
        {f"{THRESHOLD}.filter": f'metric.type="{ONLINE}/replica_count" AND {ENDPOINT}'},
    ),
    Planted(
        GUARD,
        "policy",
        "is written for",
        {f"{THRESHOLD}.filter": f'metric.type="{ONLINE}/replicas" AND resource.type="global"'},
    ),
    Planted(
        GUARD,
        "policy",
        "has no label",
        {
            f"{THRESHOLD}.filter": f'metric.type="{ONLINE}/replicas" AND {ENDPOINT} '
            'AND metric.labels.version="1"'
        },
    ),
    # google/exposure-notifications-verification-server#659
    Planted(
        GUARD,
        "policy",
        "The aligner ALIGN_RATE cannot be applied to metrics with kind DELTA",
        {
            f"{THRESHOLD}.filter": f'metric.type="{ONLINE}/prediction_latencies" AND {ENDPOINT}',
            f"{THRESHOLD}.aggregations": [{**ALIGNED, "perSeriesAligner": "ALIGN_RATE"}],
        },
    ),
    Planted(GUARD, "bucketmember", "public access prevention", {"member": "allUsers"}),
    Planted(GUARD, "logbucket", "already exists"),
]
TEXTS = [*FILTERS, *WORKFLOWS, *CEL, *NAMES, *RELATIONS, *WORLD]
