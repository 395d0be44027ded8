"""Permissions on Google Cloud: what the general evaluator does not know by itself."""

from __future__ import annotations

from pulumi_simcloud.permissions.gcp import GcpAuthority

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
    functions={
        # storage.projects.serviceAccount.get, cloudresourcemanager.projects.get
        "gcp:organizations/getProject:getProject": ("resourcemanager.projects.get",),
        "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": (
            "resourcemanager.projects.get",
        ),
    },
)

__all__ = ["AUTHORITY"]
