"""Bad inputs on Google Cloud."""

from __future__ import annotations

from planted.case import (
    DELETE,
    GUARD,
    LIMIT,
    REFERENCE,
    REMOVED,
    RULE,
    SCHEMA,
    Planted,
)
from planted.gcp_texts import TEXTS

MISSING = "does not exist"
NO_ACCOUNT = "nobody@sim-project.iam.gserviceaccount.com"
NO_KEY = "projects/sim-project/locations/europe-west4/keyRings/sim/cryptoKeys/none"
JOB = "createPipelineJobRequest.pipelineJob"
SAMPLING = "predictRequestResponseLoggingConfig.samplingRate"
THRESHOLD = "conditions[0].conditionThreshold"

GCP = [
    *TEXTS,
    Planted(SCHEMA, "bucket", "unknown property", {"versionning": {"enabled": True}}),
    Planted(SCHEMA, "bucket", "missing required", {"location": REMOVED}),
    Planted(SCHEMA, "schedule", "expected a string", {"maxConcurrentRunCount": 1}),
    Planted(
        SCHEMA, "schedule", "expected a string", {f"{JOB}.runtimeConfig.parameterValues": {"a": 1}}
    ),
    Planted(SCHEMA, "endpoint", "expected a number", {SAMPLING: "0.2"}),
    Planted(SCHEMA, "policy", "unknown property", {f"{THRESHOLD}.treshold": 1}),
    Planted(SCHEMA, "policy", "expected a list", {"conditions": {}}),
    Planted(LIMIT, "policy", "is not one of", {"combiner": "XOR"}),
    Planted(LIMIT, "policy", "AND_WITH_MATCHING_RESOURCE", {"combiner": "NOT"}),
    Planted(LIMIT, "key", "is not one of", {"purpose": "SECRET"}),
    Planted(LIMIT, "registry", "is not one of", {"format": "ZIP"}),
    Planted(LIMIT, "descriptor", "is not one of", {"metricKind": "METER"}),
    Planted(LIMIT, "workflow", "is not one of", {"callLogLevel": "LOG"}),
    Planted(RULE, "bucket", "3-63 characters", {"name": "Sim"}),
    Planted(RULE, "bucket", "3-63 characters", {"name": "my-google-bucket"}),
    Planted(RULE, "bucket", "is not a location", {"location": "europe-west99"}),
    Planted(RULE, "bucket", "is not one of", {"publicAccessPrevention": "yes"}),
    Planted(RULE, "bucket", "is not allowed", {"labels": {"team": "ML"}}),
    Planted(RULE, "bucket", "are not allowed", {"labels": {"Team": "ml"}}),
    Planted(RULE, "bucket", "has 65 labels", {"labels": {f"l{n}": "a" for n in range(65)}}),
    Planted(RULE, "bucketmember", "such as serviceAccount", {"member": "a@example.org"}),
    Planted(RULE, "bucketmember", "such as roles/", {"role": "storage.admin"}),
    Planted(RULE, "object", "exactly one of content", {"content": REMOVED}),
    Planted(RULE, "key", "at least a day", {"rotationPeriod": "90d"}),
    Planted(RULE, "dataset", "letters, digits and _", {"datasetId": "a-b"}),
    Planted(
        RULE,
        "table",
        "conflicts with",
        {"rangePartitioning": {"field": "a", "range": {"start": 0, "end": 1, "interval": 1}}},
    ),
    Planted(RULE, "account", "6-30 characters", {"accountId": "sim"}),
    Planted(RULE, "role", "no wildcards", {"permissions": ["aiplatform.*"]}),
    Planted(RULE, "role", "3-64 letters", {"roleId": "sim-steps"}),
    Planted(RULE, "role", "has 0 entries", {"permissions": []}),
    Planted(RULE, "pool", "4-32 characters", {"workloadIdentityPoolId": "gcp-x"}),
    Planted(RULE, "provider", "exactly one of oidc", {"oidc": REMOVED}),
    Planted(RULE, "provider", "missing: needed with", {"attributeMapping": REMOVED}),
    Planted(RULE, "provider", "google.subject", {"attributeMapping": {"attribute.a": "b"}}),
    Planted(RULE, "api-pubsub", "googleapis.com", {"service": "pubsub"}),
    Planted(RULE, "budget", "exactly one of", {"amount.lastPeriodAmount": True}),
    Planted(RULE, "endpoint", "at most 10 digits", {"name": "Flights"}),
    Planted(RULE, "endpoint", "exactly one of name", {"name": REMOVED}),
    Planted(RULE, "endpoint", "is not a location", {"location": "moon-east1"}),
    Planted(RULE, "endpoint", "adds up to 90", {"trafficSplit": '{"0": 90}'}),
    Planted(RULE, "endpoint", "more than 0", {SAMPLING: 1.5}),
    Planted(RULE, "schedule", "needs 5", {"cron": "0 3 * *"}),
    Planted(RULE, "schedule", "IANA time zone", {"cron": "TZ=Berlin 0 3 * * 1"}),
    Planted(RULE, "schedule", "hours '24'", {"cron": "0 24 * * 1"}),
    Planted(RULE, "schedule", "exactly one of", {"createPipelineJobRequest": REMOVED}),
    Planted(RULE, "schedule", "lacks", {f"{JOB}.pipelineSpec": "{}"}),
    Planted(RULE, "schedule", "gs://", {f"{JOB}.runtimeConfig.gcsOutputDirectory": "runs"}),
    Planted(RULE, "topic", "3-255 characters", {"name": "google-topic"}),
    Planted(RULE, "subscription", "out of range", {"ackDeadlineSeconds": 5}),
    Planted(RULE, "workflow", "has no main", {"sourceContents": "steps: []"}),
    Planted(RULE, "workflow", "allowed are 131072", {"sourceContents": "main" * 40000}),
    Planted(RULE, "trigger", "missing: needed with", {"serviceAccount": REMOVED}),
    Planted(RULE, "trigger", "exactly one of", {"destination": {}}),
    Planted(RULE, "job", "exactly one of httpTarget", {"httpTarget": REMOVED}),
    Planted(RULE, "job", "IANA time zone", {"timeZone": "CEST"}),
    Planted(RULE, "policy", "exactly one of", {THRESHOLD: REMOVED}),
    Planted(RULE, "policy", "has 0 entries", {"conditions": []}),
    Planted(RULE, "channel", "needs the label", {"labels": {}}),
    Planted(RULE, "channel", "is not one of", {"type": "pigeon"}),
    Planted(RULE, "dashboard", "unknown field", {"dashboardJson": '{"displayName": "a", "x": 1}'}),
    Planted(RULE, "dashboard", "not a JSON object", {"dashboardJson": "x"}),
    Planted(RULE, "descriptor", "such as custom", {"type": "drift"}),
    Planted(RULE, "logbucket", "out of range", {"retentionDays": 0}),
    Planted(RULE, "sink", "a bucket, dataset", {"destination": "sim-bucket"}),
    Planted(REFERENCE, "bucket", MISSING, {"encryption.defaultKmsKeyName": NO_KEY}),
    Planted(REFERENCE, "bucketmember", MISSING, {"bucket": "nothing"}),
    Planted(REFERENCE, "bucketmember", MISSING, {"member": f"serviceAccount:{NO_ACCOUNT}"}),
    Planted(REFERENCE, "projectmember", MISSING, {"role": "projects/sim-project/roles/none"}),
    Planted(REFERENCE, "object", MISSING, {"bucket": "nothing"}),
    Planted(REFERENCE, "key", MISSING, {"keyRing": "projects/sim-project/locations/us/keyRings/x"}),
    Planted(REFERENCE, "table", MISSING, {"datasetId": "nothing"}),
    Planted(REFERENCE, "provider", MISSING, {"workloadIdentityPoolId": "nothing"}),
    Planted(
        REFERENCE,
        "endpoint",
        MISSING,
        {
            "predictRequestResponseLoggingConfig.bigqueryDestination.outputUri": "bq://sim-project.x.y"
        },
    ),
    Planted(REFERENCE, "schedule", MISSING, {f"{JOB}.serviceAccount": NO_ACCOUNT}),
    Planted(
        REFERENCE,
        "schedule",
        MISSING,
        {f"{JOB}.runtimeConfig.gcsOutputDirectory": "gs://nothing/a"},
    ),
    Planted(REFERENCE, "subscription", MISSING, {"topic": "projects/sim-project/topics/none"}),
    Planted(
        REFERENCE,
        "trigger",
        MISSING,
        {"destination.workflow": "projects/sim-project/locations/europe-west4/workflows/none"},
    ),
    Planted(
        REFERENCE,
        "policy",
        MISSING,
        {"notificationChannels[0]": "projects/sim-project/notificationChannels/1"},
    ),
    Planted(REFERENCE, "channel", MISSING, {"labels.topic": "projects/sim-project/topics/none"}),
    Planted(REFERENCE, "sink", MISSING, {"destination": "storage.googleapis.com/nothing"}),
    *(
        Planted(GUARD, name, "already exists")
        for name in ("bucket", "ring", "key", "dataset", "account", "pool", "endpoint", "topic")
    ),
    Planted(
        GUARD,
        "dataset",
        "needs roles/cloudkms",
        {"datasetId": "b", "defaultEncryptionConfiguration": {"kmsKeyName": "${key.id}"}},
    ),
    *(
        Planted(DELETE, name, "is used by")
        for name in ("ring", "key", "bucket", "account", "dataset", "pool", "topic", "workflow")
    ),
    Planted(DELETE, "channel", "is used by"),
]
