"""Who may do what on Google Cloud: one table of permissions per actor, by where they are granted.

Each line is what the actor's code calls; a custom role is made of it, so nothing is granted that
is not here. Source of the names: https://cloud.google.com/iam/docs/permissions-reference, and of
what a call of Vertex AI needs: https://cloud.google.com/vertex-ai/docs/general/iam-permissions.
That page says too that to wait for an operation takes ``get`` of the kind that it changes: there is
a right ``aiplatform.operations.list``, and none to get one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grants:
    """What an actor may do in the project, and with the store, the captures, the team's data."""

    project: tuple[str, ...] = ()
    store: tuple[str, ...] = ()
    captures: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


# By its name; whoever looks for objects lists them too.
_GET = ("storage.objects.get",)
_READ = (*_GET, "storage.objects.list")
_ADD = (*_READ, "storage.objects.create")
# Replacing an object deletes the one before.
_WRITE = (*_ADD, "storage.objects.delete")
_DEPLOY = (
    "aiplatform.endpoints.deploy",
    "aiplatform.endpoints.get",
    "aiplatform.endpoints.undeploy",
    "aiplatform.endpoints.update",
    "aiplatform.models.get",
    "aiplatform.models.update",
    "monitoring.alerts.list",
    "monitoring.timeSeries.create",
    "monitoring.timeSeries.list",
)
_RUN = (
    "aiplatform.pipelineJobs.create",
    # A failed run is run again under its name.
    "aiplatform.pipelineJobs.delete",
    "aiplatform.pipelineJobs.get",
    "aiplatform.pipelineJobs.list",
)

GRANTS = {
    # Every step of both pipelines, the release among them.
    "steps": Grants(
        project=(
            *_DEPLOY,
            "aiplatform.models.list",
            "aiplatform.models.upload",
            "aiplatform.pipelineJobs.get",
            "bigquery.jobs.create",
        ),
        store=_WRITE,
        captures=("bigquery.tables.get", "bigquery.tables.getData"),
        data=_READ,
    ),
    # The container that answers requests.
    "endpoint": Grants(store=_GET),
    # The workflow that starts a retraining on drift, and what hands it the alarm.
    "retrain": Grants(project=("aiplatform.pipelineJobs.create",), store=_GET),
    "events": Grants(project=("workflows.executions.create",)),
    # Whoever releases from a pipeline of the code host, or starts a run there.
    "promote": Grants(
        project=(
            *_DEPLOY,
            *_RUN,
            # Registers the version of another stack.
            "aiplatform.models.list",
            "aiplatform.models.upload",
            "logging.logEntries.list",
        ),
        store=_ADD,
    ),
    # What a preview reads, and what bringing the stack up changes: `resources` below.
    "preview": Grants(),
    "deploy": Grants(),
}

# Service and kind of what a stack consists of, with the verbs that its service has. A budget is the
# billing account's, where no role of a project reaches: whoever pays grants `billing.budgets.*`.
_READING, _CHANGING = ("get",), ("create", "update", "delete")
_RESOURCES = {
    "aiplatform.endpoints": _CHANGING,
    "aiplatform.schedules": _CHANGING,
    "bigquery.datasets": _CHANGING,
    "bigquery.tables": _CHANGING,
    "cloudkms.cryptoKeys": ("create", "update"),
    "cloudkms.keyRings": ("create",),
    "eventarc.triggers": _CHANGING,
    "iam.roles": _CHANGING,
    "iam.serviceAccounts": _CHANGING,
    "iam.workloadIdentityPoolProviders": _CHANGING,
    "iam.workloadIdentityPools": _CHANGING,
    "logging.buckets": _CHANGING,
    "logging.logMetrics": _CHANGING,
    "logging.sinks": _CHANGING,
    "monitoring.alertPolicies": _CHANGING,
    "monitoring.dashboards": _CHANGING,
    "monitoring.metricDescriptors": ("create", "delete"),
    "monitoring.notificationChannels": _CHANGING,
    "pubsub.topics": _CHANGING,
    "storage.buckets": _CHANGING,
    "storage.objects": _CHANGING,
    "workflows.workflows": _CHANGING,
}
_POLICIES = (
    "bigquery.datasets.getIamPolicy",
    "cloudkms.cryptoKeys.getIamPolicy",
    "iam.serviceAccounts.getIamPolicy",
    "pubsub.topics.getIamPolicy",
    "resourcemanager.projects.getIamPolicy",
    "storage.buckets.getIamPolicy",
)
_OTHERS = (
    "resourcemanager.projects.get",
    "serviceusage.services.get",
    "serviceusage.services.list",
)


def granted(actor: str) -> Grants:
    """What `actor` may do."""
    if actor == "preview":
        return Grants(project=_reading())
    if actor == "deploy":
        changing = [f"{kind}.{verb}" for kind, verbs in _RESOURCES.items() for verb in verbs]
        setting = [name.replace(".getIam", ".setIam") for name in _POLICIES]
        return Grants(
            project=(
                *_reading(),
                *changing,
                *setting,
                # An endpoint is emptied before it is deleted.
                "aiplatform.endpoints.undeploy",
                # An entry is deleted with the versions that pipelines registered.
                "aiplatform.models.delete",
                "aiplatform.models.get",
                # Scheduled runs act as the account of the steps.
                "aiplatform.pipelineJobs.create",
                # A key stays for ever; its versions are destroyed.
                "cloudkms.cryptoKeyVersions.destroy",
                "cloudkms.cryptoKeyVersions.list",
                "iam.serviceAccounts.actAs",
                "pubsub.topics.attachSubscription",
                "serviceusage.services.enable",
                # Vertex AI's agent may use the key before anything has called for it.
                # https://cloud.google.com/binary-authorization/docs/reference/custom-roles
                "serviceusage.services.generateServiceIdentity",
                # These services answer with operations that the provider waits for.
                "eventarc.operations.get",
                "serviceusage.operations.get",
                "workflows.operations.get",
            )
        )
    return GRANTS[actor]


def _reading() -> tuple[str, ...]:
    read = [f"{kind}.{verb}" for kind in _RESOURCES for verb in _READING]
    return (*read, *_POLICIES, *_OTHERS)
