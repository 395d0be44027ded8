"""On Google Cloud: a changed spec has a key of its own, and a schedule is made with its spec."""

from __future__ import annotations

import hashlib

from tests.targets.changes import Changes, created, deleted, replaced, updated

TRAINING, DRIFT_CHECK, SCHEDULES, ALARMS, ENDPOINT = (
    f"BucketObject {{m}}-{document}"
    for document in ("training", "drift-check", "schedules", "alarms", "endpoint")
)
RULES = (
    "drift", "pipeline-failed", "endpoint-down", "endpoint-errors", "endpoint-latency",
    "drift-check-missed",
)  # fmt: skip
trained = replaced(f"{TRAINING}-spec") | updated(
    TRAINING, "Schedule {m}-training", "Workflow {m}-retrain"
)
checked = replaced(f"{DRIFT_CHECK}-spec") | updated(DRIFT_CHECK, "Schedule {m}-drift-check")
pipelines = trained | checked
# Of the endpoint only its document changes: the next release applies it.
endpoint = updated(ENDPOINT)

MODEL = {
    "modelFile": ("flights", trained),
    "data.location": (
        "gs://more-data/other/",
        pipelines | created("BucketIAMMember data-more-data"),
    ),
    "data.target": ("stays", trained),
    "data.task": ("regression", trained),
    "data.columns": ({"age": "text"}, trained),
    "data.key": ("customer", trained),
    "data.timeColumn": ("day", pipelines),
    "split.method": ("time", trained),
    "split.by": ("customer", trained),
    "split.holdout": (0.3, trained),
    "gate.margin": (0.01, trained),
    "approval": ("manual", trained),
    "drift.schedule": ("0 7 * * *", updated("Schedule {m}-drift-check", SCHEDULES)),
    "drift.alpha": (0.01, checked),
    "drift.minEffect": (0.05, checked),
    "drift.minEffects": ({"age": 0.1}, checked),
    "drift.minRows": (700, checked),
    "drift.minMetricLoss": (0.05, checked),
    "drift.block": ("customer", pipelines),
    "drift.maxAgeHours": (30, updated(ALARMS, "AlertPolicy {m}-drift-check-missed")),
    "retraining.schedule": ("0 4 * * 1", updated("Schedule {m}-training", SCHEDULES)),
    "retraining.onDrift": (
        False,
        checked
        | updated("AlertPolicy {m}-drift", SCHEDULES)
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
    "endpoint.instanceType": ("n1-standard-8", endpoint),
    "endpoint.instances": (2, endpoint),
    "endpoint.maxInstances": (4, endpoint),
    "endpoint.rollbackAlarms": (["endpoint-errors"], endpoint),
    "endpoint.canaryPercent": (20, endpoint),
    "endpoint.canaryMinutes": (10, endpoint),
    "endpoint.canaryMinRequests": (50, endpoint),
    "endpoint.canaryWaitMinutes": (10, endpoint),
    "endpoint.keepPreviousMinutes": (10, endpoint),
    "endpoint.capturePercent": (50, updated("AiEndpoint {m}")),
    "endpoint.maxErrorShare": (0.02, endpoint | updated(ALARMS, "AlertPolicy {m}-endpoint-errors")),
    "endpoint.maxLatencyMs": (200, endpoint | updated(ALARMS, "AlertPolicy {m}-endpoint-latency")),
    "compute.instanceType": ("n1-standard-4", pipelines),
    "compute.image": ("europe-docker.pkg.dev/my-project/images/mine:1", pipelines | endpoint),
    "timezone": ("UTC", updated("Schedule {m}-drift-check", "Schedule {m}-training", SCHEDULES)),
}


def channel(kind: str, address: str, stem: str = "receiver") -> str:
    """The channel to an address."""
    digest = hashlib.sha256(f"{kind}:{address}".encode()).hexdigest()[:8]
    return f"NotificationChannel {stem}-{digest}"


def members(job: str, *claims: str) -> list[str]:
    """Who may act as a job: contexts of the repository by their claims."""
    digests = (hashlib.sha256(f"attribute.job/{claim}".encode()).hexdigest() for claim in claims)
    return [f"IAMMember {job}-by-{digest[:8]}" for digest in digests]


policies = updated(*(f"AlertPolicy {{m}}-{rule}" for rule in RULES))
MORE, HOOK = "more@example.com", "https://example.com/hook"
TEAM = "ml-team@example.com"
PROVIDER = "WorkloadIdentityPoolProvider github"
REPOSITORY, OTHER_REPOSITORY = "1234567", "7654321"


def jobs(number: str, branch: str = "main", environment: str = "gcp-dev") -> list[list[str]]:
    """Who may preview, deploy and promote, of the repository called `number`."""
    return [
        members("preview", f"{number}:pull_request", f"{number}:ref:refs/heads/{branch}"),
        members("deploy", f"{number}:environment:{environment}"),
        members("promote", f"{number}:environment:{environment}"),
    ]


def every(*groups: list[str]) -> list[str]:
    """All members of some groups."""
    return [name for group in groups for name in group]


BUCKET, PLATFORM, CAPTURES = "Bucket mlops-gcp-dev", "BucketObject platform", "Table {m}-captures"
STACK = {
    "retentionDays": (60, updated(BUCKET, CAPTURES, SCHEDULES, "ProjectBucketConfig logs")),
    "allowModelDeletion": (False, updated(BUCKET, CAPTURES, PLATFORM, "Dataset captures")),
    "alerts.emails": ([MORE, TEAM], created(channel("email", MORE)) | policies),
    "alerts.webhooks": ([HOOK], created(channel("webhook_tokenauth", HOOK)) | policies),
    "budget": (
        None,
        deleted("Budget budget", "Service api-billingbudgets", "Service api-cloudbilling"),
    ),
    "budget.monthly": (200, updated("Budget budget")),
    "budget.receivers": (
        ["controlling@example.com"],
        created(channel("email", "controlling@example.com", "budget")) | updated("Budget budget"),
    ),
    "ci.github": (
        None,
        deleted(
            "Service api-iamcredentials",
            "Service api-sts",
            "WorkloadIdentityPool github",
            PROVIDER,
            *every(*jobs(REPOSITORY)),
            *(
                f"{kind} {job}{part}"
                for job in ("preview", "deploy", "promote")
                for kind, part in (
                    ("Account", ""),
                    ("IAMCustomRole", "-project"),
                    ("IAMMember", "-project"),
                )
            ),
            "IAMMember preview-workloadIdentityPoolViewer",
            "IAMMember deploy-workloadIdentityPoolAdmin",
            "IAMMember deploy-serviceUsageAdmin",
            "BucketIAMMember promote-store-objectCreator",
            "BucketIAMMember promote-store-objectViewer",
            "IAMMember promote-as-endpoint",
            "IAMMember promote-as-steps",
        ),
    ),
    # A repository goes by its number.
    "ci.github.repository": ("my-company/other", {}),
    "ci.github.ownerId": (7654321, {}),
    "ci.github.repositoryId": (
        7654321,
        updated(PROVIDER)
        | created(*every(*jobs(OTHER_REPOSITORY)))
        | deleted(*every(*jobs(REPOSITORY))),
    ),
    "ci.github.branch": (
        "stable",
        created(jobs(REPOSITORY, branch="stable")[0][1]) | deleted(jobs(REPOSITORY)[0][1]),
    ),
    "ci.github.environment": (
        "live",
        created(*every(*jobs(REPOSITORY, environment="live")[1:]))
        | deleted(*every(*jobs(REPOSITORY)[1:])),
    ),
    "tags": (
        {"team": "risk"},
        updated(
            BUCKET,
            "CryptoKey mlops-gcp-dev",
            "Dataset captures",
            channel("email", TEAM),
            CAPTURES,
            "AiEndpoint {m}",
            "Topic {m}-drift",
            "NotificationChannel {m}-drift",
            "Trigger {m}-drift",
            "Workflow {m}-retrain",
            TRAINING,
            DRIFT_CHECK,
            *(f"AlertPolicy {{m}}-{rule}" for rule in RULES),
        )
        | endpoint
        # The tags are the runs' too.
        | updated("Schedule {m}-training", "Schedule {m}-drift-check"),
    ),
}
CHANGES = Changes(
    MODEL,
    STACK,
    one_more=updated(BUCKET, PLATFORM),
)
