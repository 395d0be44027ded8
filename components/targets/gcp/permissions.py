"""Permissions by actor on Google Cloud: one table each, by the resource they are granted on.

In the project, an actor gets a custom role of exactly the permissions that stand here, and
predefined roles where Google names one for the purpose: what a service asks for in the name of an
account is more than what our code calls, and it is only said as a role. On a bucket and a dataset
there are predefined roles alone: a custom one is refused there for a while after it was made ("does
not exist in the resource's hierarchy"), and for ever in another project, where the team's data may
be. Sources: https://cloud.google.com/iam/docs/permissions-reference, of what a call of Vertex AI
needs https://cloud.google.com/vertex-ai/docs/general/iam-permissions. That page says too that to
wait for an operation takes ``get`` of the kind that it changes: there is a right
``aiplatform.operations.list``, and none to get one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Grants:
    """Grants of an actor: `project` has permissions, all else names of predefined roles.

    `roles` are those in the project, `store`, `captures` and `data` those on the bucket, on the
    dataset of captures and on the buckets of the team's data.
    """

    project: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    store: tuple[str, ...] = ()
    captures: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


# https://cloud.google.com/storage/docs/access-control/iam-roles. The first has one permission,
# storage.objects.get; whoever replaces an object deletes the one before.
_GET = ("roles/storage.legacyObjectReader",)
_READ = ("roles/storage.objectViewer",)
_ADD = (*_READ, "roles/storage.objectCreator")
_WRITE = ("roles/storage.objectUser",)
_DEPLOY = (
    "aiplatform.endpoints.deploy",
    "aiplatform.endpoints.get",
    # A release is verified by a request.
    "aiplatform.endpoints.predict",
    "aiplatform.endpoints.undeploy",
    "aiplatform.endpoints.update",
    "aiplatform.models.get",
    "aiplatform.models.update",
    # What a release that was killed began is waited for.
    "aiplatform.operations.list",
    "monitoring.alerts.list",
    "monitoring.timeSeries.create",
    "monitoring.timeSeries.list",
)
# The service asks whoever creates a job for the metadata store that the run is written to:
# https://github.com/googleapis/python-aiplatform/issues/1880.
_START = ("aiplatform.metadataStores.get", "aiplatform.pipelineJobs.create")
_RUN = (
    *_START,
    # A failed run is run again under its name.
    "aiplatform.pipelineJobs.delete",
    "aiplatform.pipelineJobs.get",
    "aiplatform.pipelineJobs.list",
)

GRANTS = {
    # Every step of both pipelines, the release among them.
    "steps": Grants(
        project=(
            # Captures are selected by a query, of which whoever starts it may see all there is
            # (https://cloud.google.com/bigquery/docs/access-control), and its answer is read from
            # storage (https://cloud.google.com/bigquery/docs/reference/storage): to read takes no
            # `readsessions.update`, which Vertex AI's own agents have not.
            "bigquery.jobs.create",
            "bigquery.readsessions.create",
            "bigquery.readsessions.getData",
            "monitoring.alerts.list",
            "monitoring.timeSeries.create",
            "monitoring.timeSeries.list",
        ),
        # Runs are written to the metadata store in the account's name, and its tasks are custom
        # jobs: Google names this role for it, and no permissions.
        # https://cloud.google.com/vertex-ai/docs/pipelines/configure-project#service-account
        roles=("roles/aiplatform.user",),
        store=_WRITE,
        captures=("roles/bigquery.dataViewer",),
        data=_READ,
    ),
    # The container that answers requests.
    "endpoint": Grants(store=_GET),
    # The workflow that starts a retraining on drift, and what hands it the alarm.
    "retrain": Grants(project=(*_START, "logging.logEntries.create"), store=_GET),
    # https://cloud.google.com/eventarc/docs/workflows/roles-permissions
    "events": Grants(project=("eventarc.events.receiveEvent", "workflows.executions.create")),
    # Whoever releases from a pipeline of the code host, or starts a run there.
    "promote": Grants(
        project=(
            *_DEPLOY,
            *_RUN,
            # Registers the version of another stack.
            "aiplatform.models.list",
            "aiplatform.models.upload",
            "aiplatform.schedules.get",
            "logging.logEntries.list",
        ),
        store=_ADD,
    ),
    # What a preview reads, and what bringing the stack up changes: `_RESOURCES` below. Pools of
    # identities have permissions of another form, ``iam.googleapis.com/workloadIdentityPools.get``.
    "preview": Grants(roles=("roles/iam.workloadIdentityPoolViewer",)),
    "deploy": Grants(
        roles=(
            "roles/iam.workloadIdentityPoolAdmin",
            # Makes the agents of services: https://cloud.google.com/iam/docs/create-service-agents.
            "roles/serviceusage.serviceUsageAdmin",
        )
    ),
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
_PROJECT_READS = (
    "resourcemanager.projects.get",
    "serviceusage.services.get",
    "serviceusage.services.list",
    # A budget is asked for in the name of the project.
    "serviceusage.services.use",
)


def granted(actor: str) -> Grants:
    """The grants of `actor`."""
    grants = GRANTS[actor]
    if actor == "preview":
        return replace(grants, project=_reading())
    if actor == "deploy":
        changing = [f"{kind}.{verb}" for kind, verbs in _RESOURCES.items() for verb in verbs]
        setting = [name.replace(".getIam", ".setIam") for name in _POLICIES]
        return replace(
            grants,
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
                # These services answer with operations that the provider waits for.
                "eventarc.operations.get",
                "logging.operations.get",
                "serviceusage.operations.get",
                "workflows.operations.get",
                # A bucket is deleted after a look at what is in it.
                "storage.anywhereCaches.list",
                "storage.objects.list",
                # The store of metadata is made before the first run would make it with the stack's
                # key, and whoever schedules a run may read it.
                "aiplatform.metadataStores.create",
                "aiplatform.metadataStores.get",
            ),
        )
    return grants


def _reading() -> tuple[str, ...]:
    read = [f"{kind}.{verb}" for kind in _RESOURCES for verb in _READING]
    return (*read, *_POLICIES, *_PROJECT_READS)
