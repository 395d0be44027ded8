"""What acts in a stack, and workflows that preview and deploy, may do what they need and no more.

What a stack consists of is taken from docs/targets.md, which the tests of a stack's life hold to
what comes up. The calls of steps and releases are recorded in tests/contract/test_gcp.py, those of
the endpoint's container in tests/contract/test_gcp_serving.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from pulumi_simcloud.catalog.gcp.names import permissions

from components.retraining.gcp_workflow import workflow
from components.targets.gcp.permissions import GRANTS, granted
from tests.clouds.gcp_calls import UPLOAD_READS, all_permissions, method, needs
from tests.project import REPOSITORY
from tools.targets.page import PAGE
from training.registry import gcp_requests

IAM = "iam.googleapis.com/"
ALL = ("create", "get", "update", "delete")
POLICY = ("getIamPolicy", "setIamPolicy")
ROW = re.compile(r"\| gcp \| (.*) \|.*\|")

# What the provider calls for a resource of each type, by the Terraform provider's sources and
# https://cloud.google.com/iam/docs/permissions-reference. A budget needs a role of the billing
# account, which no project can grant.
NEEDS: dict[str, dict[str, tuple[str, ...]]] = {
    "bigquery.Dataset": {"bigquery.datasets": ALL},
    "bigquery.DatasetIamMember": {"bigquery.datasets": POLICY},
    "bigquery.Table": {"bigquery.tables": ALL},
    "billing.Budget": {"serviceusage.services": ("use",)},
    # The service checks that whoever schedules a job may start it.
    "colab.Schedule": {
        "aiplatform.schedules": ALL,
        "aiplatform.pipelineJobs": ("create",),
        "iam.serviceAccounts": ("actAs",),
    },
    "eventarc.Trigger": {
        "eventarc.triggers": ALL,
        "eventarc.operations": ("get",),
        "pubsub.topics": ("attachSubscription",),
        "iam.serviceAccounts": ("actAs",),
    },
    "gcp.Deployments": {"aiplatform.endpoints": ("get", "undeploy", "update")},
    # To wait for a deletion takes `get`.
    "gcp.Entry": {"aiplatform.models": ("delete", "get")},
    # Runs are written to it; whoever schedules one is asked for it.
    "gcp.MetadataStore": {"aiplatform.metadataStores": ("create", "get")},
    "iam.WorkloadIdentityPool": {f"{IAM}workloadIdentityPools": ALL},
    "iam.WorkloadIdentityPoolProvider": {f"{IAM}workloadIdentityPoolProviders": ALL},
    "kms.CryptoKey": {
        "cloudkms.cryptoKeys": ("create", "get", "update"),
        "cloudkms.cryptoKeyVersions": ("destroy", "list"),
    },
    "kms.CryptoKeyIAMMember": {"cloudkms.cryptoKeys": POLICY},
    "kms.KeyRing": {"cloudkms.keyRings": ("create", "get")},
    "logging.Metric": {"logging.logMetrics": ALL},
    # Made by an operation that is polled: resource_logging_project_bucket_config.go.
    "logging.ProjectBucketConfig": {"logging.buckets": ALL, "logging.operations": ("get",)},
    "logging.ProjectSink": {"logging.sinks": ALL},
    "monitoring.AlertPolicy": {"monitoring.alertPolicies": ALL},
    "monitoring.Dashboard": {"monitoring.dashboards": ALL},
    "monitoring.MetricDescriptor": {"monitoring.metricDescriptors": ("create", "get", "delete")},
    "monitoring.NotificationChannel": {"monitoring.notificationChannels": ALL},
    "projects.IAMCustomRole": {"iam.roles": ALL},
    "projects.IAMMember": {"resourcemanager.projects": ("get", *POLICY)},
    "projects.Service": {
        "serviceusage.services": ("enable", "get", "list"),
        "serviceusage.operations": ("get",),
    },
    # By the role Service Usage Admin: https://cloud.google.com/iam/docs/create-service-agents.
    "projects.ServiceIdentity": {"serviceusage.operations": ("get",)},
    "pubsub.Topic": {"pubsub.topics": ALL},
    "pubsub.TopicIAMMember": {"pubsub.topics": POLICY},
    "serviceaccount.Account": {"iam.serviceAccounts": ALL},
    "serviceaccount.IAMMember": {"iam.serviceAccounts": POLICY},
    # A look at what is in it comes before it is deleted: resource_storage_bucket.go.
    "storage.Bucket": {
        "storage.buckets": ALL,
        "storage.objects": ("list",),
        "storage.anywhereCaches": ("list",),
    },
    "storage.BucketIAMMember": {"storage.buckets": POLICY},
    "storage.BucketObject": {"storage.objects": ALL},
    "vertex.AiEndpoint": {"aiplatform.endpoints": ALL},
    "workflows.Workflow": {
        "workflows.workflows": ALL,
        "workflows.operations": ("get",),
        "iam.serviceAccounts": ("actAs",),
    },
}
# A preview reads; what the owners of deployments and versions look at is not asked for.
READING = ("get", "list", "getIamPolicy")
NOT_READ = {
    "aiplatform.metadataStores.get",
    "logging.operations.get",
    "storage.anywhereCaches.list",
    "storage.objects.list",
    "aiplatform.models.get",
    "cloudkms.cryptoKeyVersions.list",
    "eventarc.operations.get",
    "serviceusage.operations.get",
    "workflows.operations.get",
}


@pytest.fixture(scope="module")
def types() -> set[str]:
    """The types of a production stack."""
    text = (REPOSITORY / PAGE).read_text()
    cells = [match[1] for match in map(ROW.fullmatch, text.splitlines()) if match]
    assert len(cells) == 6, "a row for each capability"
    return {item.split()[-1] for cell in cells for item in cell.split(", ")}


def test_every_type_is_known_and_none_is_left_over(types: set[str]) -> None:
    assert types == NEEDS.keys()


def test_who_deploys_may_do_what_the_resources_need(types: set[str]) -> None:
    assert all_permissions("deploy") >= of_types(types)
    # All that the role of the stack's own has is needed, and is no part of a predefined one.
    assert set(granted("deploy").project) <= of_types(types)


def test_who_previews_may_read_that_and_change_nothing(types: set[str]) -> None:
    reading = {name for name in of_types(types) if name.rpartition(".")[2] in READING}
    assert all_permissions("preview") >= reading - NOT_READ
    assert set(granted("preview").project) <= reading | {"serviceusage.services.use"}
    assert all(name.endswith("Viewer") for name in granted("preview").roles)


@pytest.mark.parametrize("actor", GRANTS)
def test_every_permission_of_a_custom_role_exists(actor: str) -> None:
    """As Google publishes them: there is no ``aiplatform.operations.get``."""
    assert set(granted(actor).project) <= permissions()


def test_an_account_that_runs_pipelines_may_write_to_the_metadata_store() -> None:
    """https://github.com/googleapis/python-aiplatform/issues/1880."""
    assert {
        "aiplatform.metadataStores.get",
        "aiplatform.customJobs.create",
        "aiplatform.contexts.create",
        "aiplatform.executions.create",
        "aiplatform.artifacts.create",
    } <= all_permissions("steps")
    for actor in ("retrain", "promote", "deploy"):
        assert {
            "aiplatform.metadataStores.get",
            "aiplatform.pipelineJobs.create",
        } <= all_permissions(actor)


def test_the_workflow_may_do_what_its_steps_call_and_no_more() -> None:
    parent = "projects/my-project/locations/europe-west1"
    job = {"displayName": "training", "runtimeConfig": {}}
    definition = workflow(parent, "bucket", "models/churn/spec.json", job)
    steps = [step for part in definition["main"]["steps"] for step in part.values()]
    methods = {_method(step) for step in steps if "call" in step}
    logs = {"logging.logEntries.create"}
    assert needs(methods) | logs | {"aiplatform.metadataStores.get"} == all_permissions("retrain")


def test_what_hands_over_alarms_may_call_where_it_hands_them_and_no_more(types: set[str]) -> None:
    """https://cloud.google.com/eventarc/standard/docs/workflows/roles-permissions."""
    assert "eventarc.Trigger" in types and "workflows.Workflow" in types
    assert all_permissions("events") == {
        "eventarc.events.receiveEvent",
        "workflows.executions.create",
    }


def _method(step: dict[str, Any]) -> str:
    """The method that a step calls: a request, or a connector, which has the method's name.

    https://cloud.google.com/workflows/docs/reference/googleapis
    """
    if step["call"] == "http.post":
        return method("POST", step["args"]["url"])
    return re.sub(r"^googleapis\.(\w+)\.v\d+\.", r"\1.", step["call"])


def of_types(types: set[str]) -> set[str]:
    return {
        f"{kind}.{verb}"
        for name in types
        for kind, verbs in NEEDS[name].items()
        for verb in verbs
    }  # fmt: skip


def test_who_reads_the_files_of_a_version_may() -> None:
    """Without an account the service's own agent reads them, whose role it has for that.

    https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements#permissions:
    "only the service agent needs these permissions".
    """
    part = {"name": "m", "image": "i", "key": "k", "labels": {}, "service_account": "endpoint@p"}
    files = gcp_requests.ModelSources("gs://b", "gs://b/code/a.whl", "gs://b/train")
    body = gcp_requests.upload("models/m", {"model": "m", "run": "r"}, part, files, first=True)
    assert "serviceAccount" not in body or all_permissions("endpoint") >= UPLOAD_READS
