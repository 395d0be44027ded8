"""Cloud Storage, Artifact Registry. What replaces: Terraform's `ForceNew`."""

from __future__ import annotations

import base64
import hashlib

from pulumi_simcloud.catalog.gcp.common import (
    BUCKET,
    key,
    labels,
    location,
    member,
)
from pulumi_simcloud.context import Context
from pulumi_simcloud.kinds import Api, Kind, Name, Ref
from pulumi_simcloud.objects import body_of
from pulumi_simcloud.rules.basic import (
    exactly_one,
    one_of,
    pattern,
)
from pulumi_simcloud.rules.trust import agent_may_use

REPOSITORY = "gcp:artifactregistry/repository:Repository"
OBJECTS = "gs/{bucket}"
STORAGE_AGENT = "service-{project_number}@gs-project-accounts.iam.gserviceaccount.com"
REGISTRY = "artifactregistry.googleapis.com"


def _md5(context: Context) -> str:
    found = hashlib.md5(body_of(context.inputs), usedforsecurity=False).digest()
    return base64.b64encode(found).decode()


STORAGE = (
    Kind(
        BUCKET,
        name=Name("name", 63),
        api=Api("storage.v1:Bucket", {"lifecycleRules": "lifecycle.rule"}),
        refs=(key("encryption.defaultKmsKeyName"), Ref("logging.logBucket", (BUCKET,), ("name",))),
        rules=(
            # cloud.google.com/storage/docs/buckets#naming
            pattern(
                "name",
                r"(?!goog)(?!.*google)[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]",
                "3-63 characters: lower case, digits, - _ .",
            ),
            location("location", "us", "eu", "asia", "nam4", "eur4", "eur5", "asia1"),
            one_of("publicAccessPrevention", "enforced", "inherited"),
            one_of(
                "storageClass",
                "STANDARD",
                "MULTI_REGIONAL",
                "REGIONAL",
                "NEARLINE",
                "COLDLINE",
                "ARCHIVE",
            ),
            one_of(
                "lifecycleRules[*].action.type",
                "Delete",
                "SetStorageClass",
                "AbortIncompleteMultipartUpload",
            ),
            *labels(),
        ),
        demands=(agent_may_use("encryption.defaultKmsKeyName", STORAGE_AGENT),),
        computed={
            "url": "gs://{name}",
            "selfLink": "https://www.googleapis.com/storage/v1/b/{name}",
            "projectNumber": lambda context: int(context.get("project_number")),
        },
        handles=("id", "name", "url", "selfLink"),
        unique="{name}",
        contents="gs/{name}",
        force="forceDestroy",
    ),
    member(
        "gcp:storage/bucketIAMMember:BucketIAMMember",
        Ref("bucket", (BUCKET,), ("name",)),
        "b/{bucket}",
    ),
    Kind(
        "gcp:storage/bucketObject:BucketObject",
        id="{bucket}-{name}",
        name=Name("name", 1024),
        refs=(Ref("bucket", (BUCKET,), ("name",)), key("kmsKeyName")),
        rules=(exactly_one("content", "source"),),
        computed={
            "outputName": "{name}",
            "selfLink": "https://www.googleapis.com/storage/v1/b/{bucket}/o/{name}",
            "mediaLink": "https://storage.googleapis.com/download/storage/v1/b/{bucket}/o/{name}",
            "md5hash": _md5,
            "generation": lambda context: int(context.digits(16)),
        },
        volatile=("md5hash", "generation"),
        handles=("id",),
        object_in=OBJECTS,
        overwrites=True,
    ),
    Kind(
        REPOSITORY,
        id="projects/{project}/locations/{location}/repositories/{repositoryId}",
        api=Api("artifactregistry.v1:Repository"),
        refs=(key("kmsKeyName"),),
        rules=(
            pattern(
                "repositoryId",
                r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
                "lower case, digits and -, at most 63",
            ),
            location("location", "us", "europe", "asia"),
            *labels(),
        ),
        computed={"name": "{repositoryId}", "createTime": "2026-01-01T00:00:00Z"},
        handles=("id", "name"),
        unique="{location}/{repositoryId}",
        service=REGISTRY,
    ),
    member(
        "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
        Ref("repository", (REPOSITORY,)),
        "{repository}",
    ),
)
