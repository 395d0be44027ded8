"""What is called of Google Cloud: the permission that each method of its APIs needs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from components.targets.gcp.permissions import granted
from tests.clouds.discovery import find_method

# What each call needs (https://cloud.google.com/vertex-ai/docs/general/iam-permissions and the
# like for the other services); those of the store are granted on the bucket.
NEEDS = {
    "storage.objects.get": "storage.objects.get",
    "storage.objects.insert": "storage.objects.create",
    "storage.objects.list": "storage.objects.list",
    "storage.objects.delete": "storage.objects.delete",
    "aiplatform.projects.locations.models.upload": "aiplatform.models.upload",
    "aiplatform.projects.locations.models.listVersions": "aiplatform.models.list",
    "aiplatform.projects.locations.models.mergeVersionAliases": "aiplatform.models.update",
    "aiplatform.projects.locations.models.delete": "aiplatform.models.delete",
    "aiplatform.projects.locations.endpoints.get": "aiplatform.endpoints.get",
    "aiplatform.projects.locations.endpoints.rawPredict": "aiplatform.endpoints.predict",
    "aiplatform.projects.locations.endpoints.operations.list": "aiplatform.operations.list",
    "aiplatform.projects.locations.endpoints.patch": "aiplatform.endpoints.update",
    "aiplatform.projects.locations.endpoints.deployModel": "aiplatform.endpoints.deploy",
    "aiplatform.projects.locations.endpoints.undeployModel": "aiplatform.endpoints.undeploy",
    "aiplatform.projects.locations.pipelineJobs.create": "aiplatform.pipelineJobs.create",
    "aiplatform.projects.locations.pipelineJobs.delete": "aiplatform.pipelineJobs.delete",
    "aiplatform.projects.locations.pipelineJobs.get": "aiplatform.pipelineJobs.get",
    "aiplatform.projects.locations.pipelineJobs.list": "aiplatform.pipelineJobs.list",
    # There is no right on operations but to list them: waiting takes that of what they change.
    "aiplatform.projects.locations.models.operations.get": "aiplatform.models.get",
    "aiplatform.projects.locations.endpoints.operations.get": "aiplatform.endpoints.get",
    "aiplatform.projects.locations.pipelineJobs.operations.get": "aiplatform.pipelineJobs.get",
    "aiplatform.projects.locations.schedules.get": "aiplatform.schedules.get",
    "monitoring.projects.alerts.list": "monitoring.alerts.list",
    "monitoring.projects.timeSeries.create": "monitoring.timeSeries.create",
    "monitoring.projects.timeSeries.list": "monitoring.timeSeries.list",
    # "For any jobs you create, you automatically have the equivalent of" jobs.get:
    # https://cloud.google.com/bigquery/docs/access-control.
    "bigquery.jobs.query": "bigquery.jobs.create",
    "bigquery.jobs.getQueryResults": "bigquery.jobs.create",
    "bigquery.jobs.get": "bigquery.jobs.create",
    # https://cloud.google.com/bigquery/docs/reference/storage, "Permissions".
    "google.cloud.bigquery.storage.v1.BigQueryRead.CreateReadSession": (
        "bigquery.readsessions.create"
    ),
    "google.cloud.bigquery.storage.v1.BigQueryRead.ReadRows": "bigquery.readsessions.getData",
    "logging.entries.list": "logging.logEntries.list",
}
# What the service reads of a version that is registered, the folder of the artifact and the image:
# "necessary read permissions (to Google Cloud Storage, Artifact Registry, etc.)" of
# UploadModelRequest.serviceAccount in the API's discovery document.
UPLOAD_READS = {
    "artifactregistry.repositories.downloadArtifacts",
    "storage.objects.get",
    "storage.objects.list",
}
# Asked by the service for the caller, of the table that is read.
ON_BEHALF = {"bigquery.tables.get", "bigquery.tables.getData"}


def needs(methods: Iterable[str]) -> set[str]:
    """The permissions that calls need, by the ids of their methods."""
    return {NEEDS[name] for name in methods}


def method(verb: str, url: str) -> str:
    """The id of the method that a request is; ValueError if there is none."""
    parts = urlsplit(url)
    return find_method(verb, parts.netloc, parts.path.lstrip("/"))[1]["id"]


def roles() -> dict[str, list[str]]:
    """The permissions of the predefined roles that stacks grant.

    github iann0036/iam-dataset 2073fa52 gcp/roles (2026-08-22).
    """
    return json.loads(Path(__file__).with_name("gcp_roles.json").read_text())


def all_permissions(actor: str) -> set[str]:
    """All that an actor may do, wherever it is granted."""
    grants, permissions_by_role = granted(actor), roles()
    all_roles = (*grants.roles, *grants.store, *grants.captures, *grants.data)
    return {
        *grants.project,
        *(permission for role in all_roles for permission in permissions_by_role[role]),
    }
