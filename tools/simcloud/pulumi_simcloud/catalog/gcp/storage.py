"""Cloud Storage, Artifact Registry. What replaces: Terraform's `ForceNew`."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import (
    BUCKET,
    NEW_ROLE,
    key,
    key_beside,
    labels,
    location,
    member,
    new_right_on_key,
)
from pulumi_simcloud.catalog.gcp.names import grantable
from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Api, Existing, Inputs, Kind, Name, Ref
from pulumi_simcloud.objects import body_of
from pulumi_simcloud.rules.basic import between, check, count, exactly_one, one_of, pattern
from pulumi_simcloud.rules.trust import agent_may_use

REPOSITORY = "gcp:artifactregistry/repository:Repository"
OBJECTS = "gs/{bucket}"
# https://cloud.google.com/storage/docs/locations
DUAL, MULTI = ("nam4", "eur4", "eur5", "eur7", "eur8", "asia1"), ("us", "eu", "asia")
DNS_PART = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
# What buckets hold: keys of HMAC, say, are a project's.
IN_BUCKETS = (
    "storage.anywhereCaches", "storage.bucketOperations", "storage.buckets", "storage.folders",
    "storage.managedFolders", "storage.multipartUploads", "storage.objects",
)  # fmt: skip
STORAGE_AGENT = "service-{project_number}@gs-project-accounts.iam.gserviceaccount.com"
REGISTRY = "artifactregistry.googleapis.com"


def _md5(context: Context) -> str:
    digest = hashlib.md5(body_of(context.inputs), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _name(value: Any) -> str | None:
    """Rules of names beside the pattern: https://cloud.google.com/storage/docs/buckets#naming."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        parts = str(value).split(".")
        if any(not 0 < len(part) <= 63 for part in parts):
            return "3-63 characters: each part between dots has 1 to 63"
        # https://cloud.google.com/storage/docs/domain-name-verification
        if len(parts) > 1 and not re.fullmatch(r"[a-z]{2,}|xn--[a-z0-9-]+", parts[-1]):
            return (
                "The bucket contains a '.' but is not under a currently recognized top-level domain"
            )
        if len(parts) > 1 and not all(re.fullmatch(DNS_PART, part) for part in parts):
            return "a bucket that contains a '.' is a syntactically valid DNS name"
        return "close to google" if re.search(r"g[o0]{2}g[l1][e3]", str(value)) else None
    return "a bucket is not called like an IP address"


def _soft_delete(value: Any) -> str | None:
    """https://cloud.google.com/storage/docs/soft-delete: off, or 7 to 90 days."""
    return None if value == 0 or 604_800 <= value <= 7_776_000 else f"{value} is not 0 or 7-90 days"


def _lifecycle(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/storage/docs/lifecycle#actions and #conditions."""
    for number, rule in enumerate(inputs.get("lifecycleRules") or []):
        if not isinstance(rule, dict):
            continue
        action, condition = rule.get("action") or {}, rule.get("condition") or {}
        path = f"lifecycleRules[{number}]"
        kind = action.get("type")
        if (kind == "SetStorageClass") != bool(action.get("storageClass")):
            yield Failure(
                f"{path}.action", "storageClass goes with SetStorageClass, which needs it"
            )
        if not condition:
            yield Failure(f"{path}.condition", "a rule needs at least one condition")
        strange = set(condition) - {"age", "matchesPrefixes", "matchesSuffixes"}
        if kind == "AbortIncompleteMultipartUpload" and strange:
            yield Failure(f"{path}.condition", f"{sorted(strange)} do not go with {kind}")


def not_public(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Nobody and everybody gets no role where public access is prevented."""
    if inputs.get("member") in ("allUsers", "allAuthenticatedUsers"):
        bucket = world.find((BUCKET,), inputs.get("bucket"), ("name",))
        if bucket is not None and bucket.inputs.get("publicAccessPrevention") == "enforced":
            yield (
                "The member bindings allUsers and allAuthenticatedUsers are not allowed since "
                "public access prevention is enforced"
            )


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
                r"(?!goog)(?!.*google)[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]",
                "3-63 characters, with dots 222: lower case, digits, - _ .",
            ),
            location("location", *MULTI, *DUAL, any_case=True),
            one_of("publicAccessPrevention", "enforced", "inherited"),
            one_of(
                "storageClass",
                "STANDARD",
                "MULTI_REGIONAL",
                "REGIONAL",
                "NEARLINE",
                "COLDLINE",
                "ARCHIVE",
                "RAPID",
            ),
            one_of(
                "lifecycleRules[*].action.type",
                "Delete",
                "SetStorageClass",
                "AbortIncompleteMultipartUpload",
            ),
            check("name", _name),
            _lifecycle,
            count("lifecycleRules", 0, 100),
            check("softDeletePolicy.retentionDurationSeconds", _soft_delete),
            key_beside("encryption.defaultKmsKeyName"),
            between("retentionPolicy.retentionPeriod", 1, 3_155_760_000),
            *labels(),
        ),
        demands=(agent_may_use("encryption.defaultKmsKeyName", STORAGE_AGENT),),
        settles=(
            new_right_on_key(
                "encryption.defaultKmsKeyName",
                "Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service "
                "account has been authorized to use this key.",
            ),
        ),
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
        roles=grantable(*IN_BUCKETS, legacy=True, basic=False),
        demands=(not_public,),
        settles=(NEW_ROLE,),
    ),
    Kind(
        "gcp:storage/bucketObject:BucketObject",
        id="{bucket}-{name}",
        name=Name("name", 1024),
        refs=(Ref("bucket", (BUCKET,), ("name",)), key("kmsKeyName")),
        rules=(
            exactly_one("content", "source"),
            pattern(
                "name",
                r"(?!\.{1,2}$)(?!\.well-known/acme-challenge/)[^\r\n]+",
                "no line ends, not . or ..",
            ),
        ),
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
            key_beside("kmsKeyName"),
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
        roles=grantable("artifactregistry"),
    ),
)
