"""On Google Cloud: a changed spec has a key of its own, and a schedule is made with its spec."""

from __future__ import annotations

from tests.targets.changes import Changes, created, deleted, replaced, updated

TRAINING, DRIFT_CHECK, SCHEDULES, ALARMS, ENDPOINT = (
    f"BucketObject {{m}}-{document}"
    for document in ("training", "drift-check", "schedules", "alarms", "endpoint")
)
RULES = (
    "drift", "pipeline-failed", "endpoint-down", "endpoint-errors", "endpoint-latency",
    "drift-check-missed",
)  # fmt: skip
# Schedules have names that the service gives, so their document follows a replaced one.
trained = replaced(f"{TRAINING}-spec", "Schedule {m}-training") | updated(
    TRAINING, SCHEDULES, "Workflow {m}-retrain"
)
checked = replaced(f"{DRIFT_CHECK}-spec", "Schedule {m}-drift-check") | updated(
    DRIFT_CHECK, SCHEDULES
)
both = trained | checked
# Of the endpoint only its document changes: the next release applies it.
served = updated(ENDPOINT)

MODEL = {
    "modelFile": ("flights", trained),
    "data.location": ("gs://more-data/other/", both | created("BucketIAMMember data-more-data")),
    "data.target": ("stays", trained),
    "data.task": ("regression", trained),
    "data.columns": ({"age": "text"}, trained),
    "data.key": ("customer", trained),
    "data.timeColumn": ("day", both),
    "split.method": ("time", trained),
    "split.by": ("customer", trained),
    "split.holdout": (0.3, trained),
    "gate.margin": (0.01, trained),
    "approval": ("manual", trained),
    "drift.schedule": ("0 7 * * *", updated("Schedule {m}-drift-check")),
    "drift.alpha": (0.01, checked),
    "drift.minEffect": (0.05, checked),
    "drift.minEffects": ({"age": 0.1}, checked),
    "drift.minRows": (700, checked),
    "drift.minMetricLoss": (0.05, checked),
    "drift.block": ("customer", both),
    "drift.maxAgeHours": (30, updated(ALARMS, "AlertPolicy {m}-drift-check-missed")),
    "retraining.schedule": ("0 4 * * 1", updated("Schedule {m}-training")),
    "retraining.onDrift": (
        False,
        checked
        | updated("AlertPolicy {m}-drift")
        | deleted(
            "TopicIAMMember {m}-drift",
            "NotificationChannel {m}-drift",
            "Topic {m}-drift",
            "Trigger {m}-drift",
            "Workflow {m}-retrain",
        ),
    ),
    "retraining.cooldownHours": (12, trained),
    "retraining.minRows": (5, trained),
    "retraining.maxRunMinutes": (60, trained),
    "endpoint.instanceType": ("n1-standard-8", served),
    "endpoint.instances": (2, served),
    "endpoint.maxInstances": (4, served),
    "endpoint.rollbackAlarms": (["endpoint-errors"], served),
    "endpoint.canaryPercent": (20, served),
    "endpoint.canaryMinutes": (10, served),
    "endpoint.canaryMinRequests": (50, served),
    "endpoint.canaryWaitMinutes": (10, served),
    "endpoint.keepPreviousMinutes": (10, served),
    "endpoint.capturePercent": (50, updated("AiEndpoint {m}")),
    "endpoint.maxErrorShare": (0.02, served | updated(ALARMS, "AlertPolicy {m}-endpoint-errors")),
    "endpoint.maxLatencyMs": (200, served | updated(ALARMS, "AlertPolicy {m}-endpoint-latency")),
    "compute.instanceType": ("n1-standard-4", both),
    "compute.image": ("europe-docker.pkg.dev/my-project/images/mine:1", both | served),
    "timezone": ("UTC", updated("Schedule {m}-drift-check", "Schedule {m}-training")),
}
heard = created("NotificationChannel receiver-1") | updated(
    *(f"AlertPolicy {{m}}-{rule}" for rule in RULES)
)
PROVIDER = "WorkloadIdentityPoolProvider github"
MEMBERS = tuple(
    f"IAMMember {job}-by-workflow-{number}"
    for job, number in (("preview", 1), ("preview", 2), ("deploy", 1), ("promote", 1))
)
BUCKET, PLATFORM, CAPTURES = "Bucket mlops-gcp-dev", "BucketObject platform", "Table {m}-captures"
STACK = {
    "retentionDays": (60, updated(BUCKET, CAPTURES, SCHEDULES, "ProjectBucketConfig logs")),
    "allowModelDeletion": (False, updated(BUCKET, CAPTURES, PLATFORM, "Dataset captures")),
    "alerts.emails": (["ml-team@example.com", "more@example.com"], heard),
    "alerts.webhooks": (["https://example.com/hook"], heard),
    "budget": (None, deleted("Budget budget", "Service api-billingbudgets")),
    "budget.monthly": (200, updated("Budget budget")),
    "budget.receivers": (
        ["controlling@example.com"],
        created("NotificationChannel budget-0") | updated("Budget budget"),
    ),
    "ci.github": (
        None,
        deleted(
            "Service api-iamcredentials",
            "Service api-sts",
            "WorkloadIdentityPool github",
            PROVIDER,
            *MEMBERS,
            *(
                f"{kind} {job}{part}"
                for job in ("preview", "deploy", "promote")
                for kind, part in (
                    ("Account", ""),
                    ("IAMCustomRole", "-project"),
                    ("IAMMember", "-project"),
                )
            ),
            "IAMCustomRole promote-store",
            "BucketIAMMember promote-store",
            "IAMMember promote-as-endpoint",
            "IAMMember promote-as-steps",
        ),
    ),
    # A repository goes by its number.
    "ci.github.repository": ("my-company/other", {}),
    "ci.github.ownerId": (7654321, {}),
    "ci.github.repositoryId": (7654321, updated(PROVIDER) | replaced(*MEMBERS)),
    "ci.github.branch": ("stable", replaced(MEMBERS[1])),
    "ci.github.environment": ("live", replaced(*MEMBERS[2:])),
    "tags": (
        {"team": "risk"},
        updated(
            BUCKET,
            "CryptoKey mlops-gcp-dev",
            "Dataset captures",
            "NotificationChannel receiver-0",
            CAPTURES,
            "AiEndpoint {m}",
            "Topic {m}-drift",
            "NotificationChannel {m}-drift",
            "Trigger {m}-drift",
            "Workflow {m}-retrain",
            TRAINING,
            DRIFT_CHECK,
            SCHEDULES,
            *(f"AlertPolicy {{m}}-{rule}" for rule in RULES),
        )
        | served
        # The tags are the runs' too, and a schedule is made with them.
        | replaced("Schedule {m}-training", "Schedule {m}-drift-check"),
    ),
}
CHANGES = Changes(
    MODEL,
    STACK,
    one_more=updated(BUCKET, PLATFORM),
)
