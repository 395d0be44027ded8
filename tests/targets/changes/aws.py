"""On AWS: nothing is ever replaced."""

from __future__ import annotations

from tests.targets.changes import Changes, created, deleted, updated

TRAINING, DRIFT_CHECK = "Pipeline {m}-training", "Pipeline {m}-drift-check"
SCHEDULES, ALARMS, ENDPOINT = (
    f"BucketObjectv2 {{m}}-{document}" for document in ("schedules", "alarms", "endpoint")
)
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mine:1"
KEY = "arn:aws:kms:eu-central-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab"
trained, checked = updated(TRAINING), updated(DRIFT_CHECK)
pipelines = trained | checked
# Of the endpoint only its document changes: the next release applies it.
endpoint = updated(ENDPOINT)

MODEL = {
    "modelFile": ("flights", trained),
    "data.location": (
        "s3://my-company-data/other/",
        pipelines | updated("RolePolicy {m}-steps"),
    ),
    "data.target": ("stays", trained),
    "data.task": ("regression", trained),
    "data.columns": ({"age": "text"}, trained),
    "data.key": ("customer", trained),
    "data.timeColumn": ("day", pipelines),
    # Who decrypts is who reads: the steps. No job names the key.
    "data.kmsKey": (KEY, updated("RolePolicy {m}-steps")),
    "split.method": ("time", trained),
    "split.by": ("customer", trained),
    "split.holdout": (0.3, trained),
    "gate.margin": (0.01, trained),
    "approval": ("manual", trained),
    "drift.schedule": ("0 7 * * *", updated(SCHEDULES, "Schedule {m}-drift-check")),
    "drift.alpha": (0.01, checked),
    "drift.minEffect": (0.05, checked),
    "drift.minEffects": ({"age": 0.1}, checked),
    "drift.minRows": (700, checked),
    "drift.minMetricLoss": (0.05, checked),
    "drift.block": ("customer", pipelines),
    "drift.instances": (4, checked),
    "drift.maxAgeHours": (30, updated(ALARMS, "MetricAlarm {m}-drift-check-missed")),
    "retraining.schedule": ("0 4 * * 1", updated(SCHEDULES, "Schedule {m}-retraining")),
    "retraining.onDrift": (
        False,
        checked
        | updated(SCHEDULES)
        | deleted(
            "EventTarget {m}-drift-found",
            "EventRule {m}-drift-found",
            "RolePolicy {m}-events",
            "Role {m}-events",
            "MetricAlarm {m}-drift-found",
        ),
    ),
    "retraining.cooldownHours": (12, trained),
    "retraining.minRows": (5, trained),
    "retraining.maxRunMinutes": (60, pipelines),
    "endpoint.instanceType": ("ml.m5.xlarge", endpoint),
    "endpoint.instances": (2, endpoint),
    "endpoint.maxInstances": (
        4,
        endpoint | created("Target {m}-endpoint", "Policy {m}-endpoint"),
    ),
    "endpoint.rollbackAlarms": (["endpoint-errors"], endpoint),
    "endpoint.canaryPercent": (20, endpoint),
    "endpoint.canaryMinutes": (10, endpoint),
    "endpoint.canaryMinRequests": (50, endpoint),
    "endpoint.capturePercent": (50, endpoint),
    "endpoint.captureBy": ("service", endpoint),
    "endpoint.maxErrorShare": (0.02, endpoint | updated(ALARMS, "MetricAlarm {m}-endpoint-errors")),
    "endpoint.maxLatencyMs": (200, endpoint | updated(ALARMS, "MetricAlarm {m}-endpoint-latency")),
    "compute.instanceType": ("ml.m5.xlarge", pipelines),
    "compute.image": (
        IMAGE,
        pipelines
        | endpoint
        | updated("RolePolicy {m}-release", "RolePolicy {m}-steps", "RolePolicy {m}-endpoint"),
    ),
    "compute.volumeGb": (60, pipelines),
    "timezone": (
        "UTC",
        updated(SCHEDULES, "Schedule {m}-drift-check", "Schedule {m}-retraining"),
    ),
}
JOBS = ("preview", "deploy", "promote")
TRUSTS, RIGHTS = (tuple(f"{kind} ci-{job}" for job in JOBS) for kind in ("Role", "RolePolicy"))
PROVIDER = "OpenIdConnectProvider github"
ACTORS = ("pipeline", "steps", "release", "endpoint", "schedule", "events")
RULES = (
    "drift", "drift-found", "drift-check-missed", "pipeline-failed",
    "endpoint-down", "endpoint-errors", "endpoint-latency",
)  # fmt: skip
STACK = {
    "retentionDays": (
        60,
        updated("BucketLifecycleConfiguration store", "LogGroup {m}-endpoint"),
    ),
    "allowModelDeletion": (False, updated("Bucket store", "BucketObjectv2 platform")),
    "ownsJobLogs": (
        True,
        created("LogGroup job-logs-ProcessingJobs", "LogGroup job-logs-TrainingJobs")
        # Who deploys may change them now, and who previews read them.
        | updated("RolePolicy ci-preview", "RolePolicy ci-deploy"),
    ),
    # Named by the beginning of the address's SHA-256.
    "alerts.emails": (
        ["ml-team@example.com", "more@example.com"],
        created("TopicSubscription alarms-email-9497b365"),
    ),
    "alerts.webhooks": (
        ["https://example.com/hook"],
        created("TopicSubscription alarms-https-19f13522"),
    ),
    "budget": (None, deleted("Budget budget")),
    "budget.monthly": (200, updated("Budget budget")),
    "budget.receivers": (["controlling@example.com"], updated("Budget budget")),
    "ci.github": (None, deleted(PROVIDER, *TRUSTS, *RIGHTS)),
    "ci.github.repository": ("my-company/other", updated(*TRUSTS)),
    "ci.github.ownerId": (7654321, updated(*TRUSTS)),
    "ci.github.repositoryId": (7654321, updated(*TRUSTS)),
    "ci.github.branch": ("stable", updated("Role ci-preview")),
    "ci.github.environment": ("live", updated("Role ci-deploy", "Role ci-promote")),
    "ci.github.provider": (
        "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com",
        deleted(PROVIDER) | updated(*TRUSTS),
    ),
    "tags": (
        {"team": "churn"},
        updated(
            "Bucket store",
            "Key key",
            "Topic alarms",
            "Queue dead-letters",
            "MetricAlarm dead-letters",
            "Budget budget",
            PROVIDER,
            *TRUSTS,
            "ModelPackageGroup {m}-entry",
            "LogGroup {m}-endpoint",
            "EventRule {m}-drift-found",
            "Endpoint {m}-endpoint",
            TRAINING,
            DRIFT_CHECK,
            *(f"Role {{m}}-{actor}" for actor in ACTORS),
            *(f"MetricAlarm {{m}}-{rule}" for rule in RULES),
        )
        | endpoint,
    ),
}
CHANGES = Changes(
    MODEL,
    STACK,
    one_more=updated("BucketLifecycleConfiguration store", "BucketObjectv2 platform"),
)
