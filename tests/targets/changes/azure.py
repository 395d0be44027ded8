"""On Azure: components have a version of their own for each content; a new one takes the place of
the old one, which stays for the runs under way. A cluster of another size is another cluster.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tests.targets.changes import Changes, Steps, created, deleted, replaced, updated

STEPS = ("admit", "prepare", "train", "evaluate", "register", "release")
SCHEDULES, ALARMS, ENDPOINT = (
    f"Document {{m}}-{document}" for document in ("schedules", "alarms", "endpoint")
)
IMAGE = "myregistry.azurecr.io/mine:1"
# Where a pipeline's jobs run is said when one is started.
STARTS = {
    "training": updated("Document {m}-training", "Schedule {m}-retraining"),
    "drift-check": updated("Document {m}-drift-check", "Schedule {m}-drift-check"),
}
starts = STARTS["training"] | STARTS["drift-check"]


def changed(pipeline: str, *steps: str) -> Steps:
    """New versions of steps' components, and of the pipeline that is made of them."""
    versions = (f"ComponentVersion {{m}}-{step}" for step in (*steps, pipeline))
    return replaced(*versions) | STARTS[pipeline]


def trained(*steps: str) -> Steps:
    """The training pipeline with other settings of these steps."""
    return changed("training", *steps)


checked = changed("drift-check", "drift")
# Of the endpoint only its document changes: the next release applies it.
endpoint = updated(ENDPOINT)

MODEL = {
    "modelFile": ("flights", trained("prepare", "train")),
    "data.location": ("https://mycompanydata.blob.core.windows.net/other/", starts),
    "data.target": ("stays", trained("prepare") | updated("ModelContainer {m}-entry")),
    "data.task": ("regression", trained("prepare") | updated("ModelContainer {m}-entry")),
    "data.columns": ({"age": "text"}, trained("prepare")),
    "data.key": ("customer", trained("prepare")),
    "data.timeColumn": ("day", trained("prepare") | checked),
    "split.method": ("time", trained("prepare")),
    "split.by": ("customer", trained("prepare")),
    "split.holdout": (0.3, trained("prepare")),
    "gate.margin": (0.01, trained("evaluate")),
    "approval": ("manual", trained("register")),
    "drift.schedule": ("0 7 * * *", updated(SCHEDULES, "Schedule {m}-drift-check")),
    "drift.alpha": (0.01, checked),
    "drift.minEffect": (0.05, checked),
    "drift.minEffects": ({"age": 0.1}, checked),
    "drift.minRows": (700, checked),
    "drift.minMetricLoss": (0.05, checked),
    "drift.block": ("customer", trained("train") | checked),
    "drift.maxAgeHours": (30, updated(ALARMS, "ScheduledQueryRule {m}-drift-check-missed")),
    "retraining.schedule": ("0 4 * * 1", updated(SCHEDULES, "Schedule {m}-retraining")),
    "retraining.onDrift": (False, checked | updated(SCHEDULES)),
    "retraining.cooldownHours": (12, trained("admit")),
    "retraining.minRows": (5, trained("admit")),
    "retraining.maxRunMinutes": (60, trained("admit")),
    "endpoint.instanceType": ("Standard_DS4_v2", endpoint),
    "endpoint.instances": (2, endpoint),
    "endpoint.maxInstances": (4, endpoint),
    "endpoint.rollbackAlarms": (["endpoint-errors"], endpoint),
    "endpoint.canaryPercent": (20, endpoint),
    "endpoint.canaryMinutes": (10, endpoint),
    "endpoint.canaryMinRequests": (50, endpoint),
    "endpoint.canaryWaitMinutes": (10, endpoint),
    "endpoint.keepPreviousMinutes": (10, endpoint),
    "endpoint.mirrorPercent": (20, endpoint),
    "endpoint.capturePercent": (50, endpoint),
    "endpoint.maxErrorShare": (
        0.02,
        endpoint | updated(ALARMS, "ScheduledQueryRule {m}-endpoint-errors"),
    ),
    "endpoint.maxLatencyMs": (200, endpoint | updated(ALARMS, "MetricAlert {m}-endpoint-latency")),
    "compute.instanceType": ("Standard_DS4_v2", starts | replaced("Compute {m}-cluster")),
    "compute.image": (
        IMAGE,
        trained(*STEPS) | checked | endpoint | created("EnvironmentVersion {m}-environment"),
    ),
    "compute.serverless": (
        True,
        trained() | changed("drift-check") | deleted("Compute {m}-cluster"),
    ),
    "timezone": (
        "UTC",
        updated(SCHEDULES, "Schedule {m}-drift-check", "Schedule {m}-retraining"),
    ),
}
JOBS = {"preview": ("group", "store"), "deploy": ("group", "workspace", "store"),
        "promote": ("store", "workspace", "group")}  # fmt: skip
PLACES = {
    "preview": ("pull_request", "ref:refs/heads/{branch}"),
    "deploy": ("environment:{environment}",),
    "promote": ("environment:{environment}",),
}


def credentials(
    repository: str = "my-company/churn",
    owner: int = 1234567,
    number: int = 1234567,
    branch: str = "main",
    environment: str = "azure-dev",
) -> set[str]:
    """The credentials of a repository's jobs: each has the name of its subject.

    A subject with names alone and one with numbers too, for each place to run in.
    """
    company, name = repository.split("/")
    subjects = [
        (job, f"repo:{form}:{place.format(branch=branch, environment=environment)}")
        for job, places in PLACES.items()
        for place in places
        for form in (repository, f"{company}@{owner}/{name}@{number}")
    ]
    return {
        f"FederatedIdentityCredential {job}-{sha256(subject.encode()).hexdigest()[:8]}"
        for job, subject in subjects
    }


BEFORE = credentials()


def recredentialed(**change: Any) -> Steps:
    """Credentials of other subjects in the place of those that are no subjects any more."""
    after = credentials(**change)
    return created(*after - BEFORE) | deleted(*BEFORE - after)


ALARMS_BY_QUERY = (
    "drift", "drift-check-missed", "endpoint-down", "endpoint-errors",
)  # fmt: skip
STACK = {
    "retentionDays": (60, updated("Workspace logs", "ManagementPolicy lifecycle")),
    "allowModelDeletion": (False, updated("Document platform")),
    "alerts.emails": (
        ["ml-team@example.com", "more@example.com"],
        updated("ActionGroup alarms"),
    ),
    "alerts.webhooks": (["https://example.com/hook"], updated("ActionGroup alarms")),
    "budget": (None, deleted("Budget budget")),
    "budget.monthly": (200, updated("Budget budget")),
    "budget.receivers": (["controlling@example.com"], updated("Budget budget")),
    "registry.shared": (
        "company-models",
        # Who deploys may then give the steps' new role too.
        updated(ENDPOINT, "RoleAssignment deploy-group")
        | created(
            "Registry shared",
            # Steps release, and so does who promotes.
            "RoleDefinition steps-registry",
            "RoleAssignment {m}-steps-registry",
            "RoleDefinition promote-registry",
            "RoleAssignment promote-registry",
        ),
    ),
    "ci.github": (
        None,
        deleted(
            *BEFORE,
            *(f"UserAssignedIdentity {job}" for job in JOBS),
            *(
                f"{kind} {job}-{scope}"
                for kind in ("RoleDefinition", "RoleAssignment")
                for job, scopes in JOBS.items()
                for scope in scopes
            ),
        ),
    ),
    "ci.github.repository": ("my-company/other", recredentialed(repository="my-company/other")),
    "ci.github.ownerId": (7654321, recredentialed(owner=7654321)),
    "ci.github.repositoryId": (7654321, recredentialed(number=7654321)),
    "ci.github.branch": ("stable", recredentialed(branch="stable")),
    "ci.github.environment": ("live", recredentialed(environment="live")),
    "tags": (
        {"team": "churn"},
        updated(
            "ResourceGroup mlops-azure-dev",
            "StorageAccount mlopsazuredev",
            "Vault mlops-azure-dev",
            "Workspace mlops-azure-dev",
            "Workspace logs",
            "Component insights",
            "ActionGroup alarms",
            *(f"UserAssignedIdentity {job}" for job in JOBS),
            *(f"UserAssignedIdentity {{m}}-{actor}" for actor in ("steps", "endpoint")),
            "ModelContainer {m}-entry",
            "Compute {m}-cluster",
            "MetricAlert {m}-endpoint-latency",
            "MetricAlert {m}-pipeline-failed",
            "Workbook {m}-workbook",
            *(f"ScheduledQueryRule {{m}}-{alarm}" for alarm in ALARMS_BY_QUERY),
        )
        | endpoint,
    ),
}
CHANGES = Changes(
    MODEL,
    STACK,
    # Who promotes may copy to the registry, if there are both.
    alone=frozenset({"registry.shared"}),
    one_more=updated(
        "ManagementPolicy lifecycle", "Workspace mlops-azure-dev", "Document platform"
    ),
)
