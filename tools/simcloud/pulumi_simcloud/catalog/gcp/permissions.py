"""Permissions on Google Cloud: what the general evaluator does not know by itself."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_simcloud.permissions import Call, Need
from pulumi_simcloud.permissions.gcp import GcpAuthority
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

ACCOUNT = "gcp:serviceaccount/account:Account"
OF_RUNS = (
    "aiplatform.artifacts.create",
    "aiplatform.contexts.create",
    "aiplatform.customJobs.create",
    "aiplatform.executions.create",
    "aiplatform.metadataStores.get",
)


def _pipeline(row: Row, world: World) -> Iterator[tuple[str, Need]]:
    request = row.inputs.get("createPipelineJobRequest") or {}
    account = world.find([ACCOUNT], request.get("pipelineJob", {}).get("serviceAccount"))
    if account is not None:
        for permission in OF_RUNS:
            yield account.outputs["member"], (Call(permission, row.id),)


def _trigger(row: Row, world: World) -> Iterator[tuple[str, Need]]:
    account = world.find([ACCOUNT], row.inputs.get("serviceAccount"))
    workflow = (row.inputs.get("destination") or {}).get("workflow")
    if account is not None and workflow:
        yield account.outputs["member"], (Call("workflows.executions.create", workflow),)


BUCKET_NAME = "projects/_/buckets/{bucket}"

AUTHORITY = GcpAuthority(
    targets={
        "gcp:storage/bucketIAMMember:BucketIAMMember": "bucket",
        "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": "repository",
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": "cryptoKeyId",
        "gcp:bigquery/datasetIamMember:DatasetIamMember": "datasetId",
        "gcp:serviceaccount/iAMMember:IAMMember": "serviceAccountId",
        "gcp:pubsub/topicIAMMember:TopicIAMMember": "topic",
        "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember": "endpoint",
    },
    parents={
        "gcp:storage/bucketObject:BucketObject": ("bucket",),
        "gcp:bigquery/table:Table": ("datasetId",),
        "gcp:kms/cryptoKey:CryptoKey": ("keyRing",),
    },
    # https://cloud.google.com/iam/docs/conditions-resource-attributes#resource-name
    names={
        "gcp:storage/bucket:Bucket": (
            "projects/_/buckets/{name}",
            "storage.googleapis.com/Bucket",
        ),
        "gcp:storage/bucketIAMMember:BucketIAMMember": (
            BUCKET_NAME,
            "storage.googleapis.com/Bucket",
        ),
        "gcp:storage/bucketObject:BucketObject": (
            f"{BUCKET_NAME}/objects/{{name}}",
            "storage.googleapis.com/Object",
        ),
    },
    # cloud.google.com/pubsub/docs/access-control: a subscription needs this on its topic.
    also={
        ("gcp:pubsub/subscription:Subscription", "create"): (
            ("pubsub.topics.attachSubscription", "topic"),
        ),
    },
    # What the service asks of accounts that it runs things as.
    running={
        # https://github.com/googleapis/python-aiplatform/issues/1880; the tasks of a run are custom
        # jobs, which write artifacts: https://cloud.google.com/vertex-ai/docs/pipelines/
        # configure-project#service-account
        "gcp:colab/schedule:Schedule": _pipeline,
        # https://cloud.google.com/eventarc/standard/docs/workflows/roles-permissions
        "gcp:eventarc/trigger:Trigger": _trigger,
    },
    functions={
        # storage.projects.serviceAccount.get, cloudresourcemanager.projects.get
        "gcp:organizations/getProject:getProject": ("resourcemanager.projects.get",),
        "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": (
            "resourcemanager.projects.get",
        ),
    },
)

__all__ = ["AUTHORITY"]
