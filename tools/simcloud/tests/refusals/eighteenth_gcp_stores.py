"""The eighteenth round on Google Cloud: buckets, tables, keys and registries."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    PATTERN,
    RANGE,
    Refusal,
)
from refusals.fifteenth_gcp import code_with

REGISTRY = f"{GITHUB}/GoogleCloudPlatform/terraform-google-artifact-registry"
MODULE = code_with("autoclass cannot be combined with lifecycle rules that use the SetStorageClass")
DOCS = "https://cloud.google.com"
OPEN = (
    (
        "fine",
        "bucket",
        {"name": "sim-fine", "uniformBucketLevelAccess": False, "encryption": REMOVED},
    ),
)
PUBLIC = (
    (
        "public",
        "bucket",
        {"name": "sim-public", "publicAccessPrevention": "inherited", "encryption": REMOVED},
    ),
)


def _mirrored(**docker: Any) -> dict[str, Any]:
    return {
        "format": "DOCKER",
        "mode": "REMOTE_REPOSITORY",
        "remoteRepositoryConfig": {
            "disableUpstreamValidation": True,
            "dockerRepository": docker,
        },
    }


def _classed(action: dict[str, str], **condition: Any) -> dict[str, Any]:
    return {
        "autoclass": {"enabled": True},
        "lifecycleRules": [{"action": action, "condition": {"age": 30, **condition}}],
    }


def _foldered(**more: Any) -> dict[str, Any]:
    return {"hierarchicalNamespace": {"enabled": True}, **more}


def _named(*columns: str) -> dict[str, Any]:
    schema = [{"name": name, "type": "STRING"} for name in columns]
    return {"schema": json.dumps(schema), "timePartitioning": REMOVED}


def _typed(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "schema": json.dumps([{"name": "a", "type": kind}]),
        "timePartitioning": REMOVED,
        **more,
    }


def _conditioned(bucket: str, member: str = "serviceAccount:${account.email}") -> dict[str, Any]:
    expression = "resource.name.startsWith('projects/_/buckets/sim')"
    return {
        "bucket": bucket,
        "member": member,
        "condition": {"title": "prefix", "expression": expression},
    }


STORES_GCP = [
    Refusal(
        f"{REGISTRY}/issues/46",
        PATTERN,
        "registry",
        "the address of a custom upstream is no name of a repository",
        _mirrored(
            customRepository={"uri": "projects/upstream/locations/europe-west4/repositories/images"}
        ),
        _mirrored(customRepository={"uri": "https://mcr.microsoft.com"}),
    ),
    Refusal(
        f"{REGISTRY}/issues/39",
        EXCLUSIVE,
        "registry",
        "custom_repository conflicts with public_repository",
        _mirrored(
            customRepository={"uri": "https://registry.k8s.io"}, publicRepository="DOCKER_HUB"
        ),
        _mirrored(customRepository={"uri": "https://registry.k8s.io"}),
    ),
    Refusal(
        f"{MODULE}#action",
        EXCLUSIVE,
        "bucket",
        "autoclass cannot be combined with lifecycle rules that use the SetStorageClass action",
        _classed({"type": "SetStorageClass", "storageClass": "NEARLINE"}),
        _classed({"type": "Delete"}),
    ),
    Refusal(
        f"{MODULE}#condition",
        EXCLUSIVE,
        "bucket",
        "autoclass cannot be combined with the matches_storage_class condition",
        _classed({"type": "Delete"}, matchesStorageClasses=["NEARLINE"]),
        _classed({"type": "Delete"}, matchesPrefixes=["logs/"]),
    ),
    Refusal(
        f"{MODULE}#class",
        EXCLUSIVE,
        "bucket",
        "storage_class must be STANDARD when autoclass is enabled",
        {"autoclass": {"enabled": True}, "storageClass": "NEARLINE"},
        {"autoclass": {"enabled": True}, "storageClass": "STANDARD"},
    ),
    Refusal(
        f"{MODULE}#versioning",
        EXCLUSIVE,
        "bucket",
        "hierarchical_namespace cannot be combined with versioning",
        _foldered(versioning={"enabled": True}),
        _foldered(versioning={"enabled": False}),
    ),
    Refusal(
        f"{MODULE}#retention",
        EXCLUSIVE,
        "bucket",
        "hierarchical_namespace cannot be combined with enable_object_retention",
        _foldered(enableObjectRetention=True),
        _foldered(),
    ),
    Refusal(
        f"{MODULE}#hold",
        EXCLUSIVE,
        "bucket",
        "hierarchical_namespace cannot be combined with default_event_based_hold",
        _foldered(defaultEventBasedHold=True),
        _foldered(defaultEventBasedHold=False),
    ),
    Refusal(
        f"{MODULE}#upload",
        EXCLUSIVE,
        "bucket",
        "AbortIncompleteMultipartUpload supports only age, matches_prefix and matches_suffix",
        {
            "lifecycleRules": [
                {
                    "action": {"type": "AbortIncompleteMultipartUpload"},
                    "condition": {"age": 1, "createdBefore": "2026-01-01"},
                }
            ]
        },
        {
            "lifecycleRules": [
                {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 1}}
            ]
        },
    ),
    Refusal(
        f"{MODULE}#public",
        EXCLUSIVE,
        "bucketmember",
        "allUsers cannot be granted while public_access_prevention is enforced",
        {"member": "allUsers", "role": "roles/storage.objectViewer"},
        {"member": "allUsers", "role": "roles/storage.objectViewer", "bucket": "sim-public"},
        PUBLIC,
    ),
    Refusal(
        f"{MODULE}#uniform",
        EXCLUSIVE,
        "bucketmember",
        "IAM conditions require uniform_bucket_level_access",
        _conditioned("sim-fine"),
        _conditioned("${bucket.name}"),
        OPEN,
    ),
    Refusal(
        f"{MODULE}#labels",
        RANGE,
        "bucket",
        "at most 64 labels are allowed, got 65",
        {"labels": {f"label{index}": "a" for index in range(65)}},
        {"labels": {f"label{index}": "a" for index in range(64)}},
    ),
    Refusal(
        code_with("Clustering is not supported on non-orderable column of type STRUCT"),
        ENUM,
        "table",
        "Clustering is not supported on non-orderable column 'a' of type 'STRUCT'",
        {
            "schema": json.dumps(
                [{"name": "a", "type": "RECORD", "fields": [{"name": "b", "type": "STRING"}]}]
            ),
            "timePartitioning": REMOVED,
            "clusterings": ["a"],
        },
        _typed("STRING", clusterings=["a"]),
    ),
    Refusal(
        f"{DOCS}/bigquery/docs/schemas#duplicate",
        EXCLUSIVE,
        "table",
        "Duplicate column names are not allowed even if the case differs",
        _named("Column1", "column1"),
        _named("column1", "column2"),
    ),
    Refusal(
        f"{DOCS}/bigquery/docs/schemas#prefix",
        PATTERN,
        "table",
        "Column names can't use the prefixes _TABLE_, _FILE_, _PARTITION, ...",
        _named("_PARTITION_day"),
        _named("PARTITION_day"),
    ),
    Refusal(
        code_with("PARTITION BY expression must be DATE(<timestamp_column>) RANGE_BUCKET STRING"),
        ENUM,
        "table",
        "tables are partitioned by a unit of time or a range of integers",
        _typed(
            "STRING",
            rangePartitioning={"field": "a", "range": {"start": 0, "end": 9, "interval": 1}},
        ),
        _typed(
            "INTEGER",
            rangePartitioning={"field": "a", "range": {"start": 0, "end": 9, "interval": 1}},
        ),
    ),
    Refusal(
        f"{DOCS}/kms/docs/importing-a-key",
        EXCLUSIVE,
        "key",
        "a key for imported versions alone begins without a version",
        {"importOnly": True, "rotationPeriod": REMOVED},
        {"importOnly": True, "rotationPeriod": REMOVED, "skipInitialVersionCreation": True},
    ),
]
