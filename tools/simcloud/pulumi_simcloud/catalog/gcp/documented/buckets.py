"""Cloud Storage and Artifact Registry: what goes with a place, a mode and a format.

Unless another page is named, each rule stands at the field of the type's REST reference.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import BUCKET, KEY_PLACES
from pulumi_simcloud.catalog.gcp.storage import DUAL, MULTI
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, between, check, one_of, pattern
from pulumi_simcloud.rules.fields import needed_with, unique

OBJECT = "gcp:storage/bucketObject:BucketObject"
MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
REMOTE, VIRTUAL = "remoteRepositoryConfig", "virtualRepositoryConfig"
CONDITION = "lifecycleRules[*].condition"
# https://cloud.google.com/storage/docs/locations#location-dr: regions of configurable ones.
CONTINENTS = {"us": "us-", "eu": "europe-", "asia": "asia-"}
# https://cloud.google.com/artifact-registry/docs/repositories: formats that have one mode.
STANDARD_ALONE = ("KFP", "GENERIC")
NETWORK = r"projects/[^/]+/global/networks/[^/]+"


def _continent(inputs: Inputs) -> Iterator[Failure]:
    prefix = CONTINENTS.get(str(inputs.get("location")).lower())
    for path, region in select(inputs, "customPlacementConfig.dataLocations[*]"):
        if prefix and isinstance(region, str) and not region.lower().startswith(prefix):
            yield Failure(path, f"{region} is not in {inputs['location']}")


def _legacy_class(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/storage/docs/storage-classes#legacy: where old classes are."""
    place, kind = inputs.get("location"), inputs.get("storageClass")
    if not isinstance(place, str):
        return
    many = place.lower() in (*MULTI, *DUAL)
    # terraform-google-modules/terraform-google-cloud-storage#231: nor with regions of one's own.
    placed = isinstance(inputs.get("customPlacementConfig"), dict)
    if (kind == "REGIONAL" and many) or (kind == "MULTI_REGIONAL" and (placed or not many)):
        yield Failure(
            "storageClass",
            f"The combination of locationConstraint and storageClass is not supported: {place} "
            f"and {kind}",
        )


def _key(value: Any) -> str | None:
    """https://cloud.google.com/storage/docs/encryption/customer-supplied-keys: AES-256."""
    try:
        length = len(base64.b64decode(str(value), validate=True))
    except (binascii.Error, ValueError):
        return "is not base64"
    return None if length == 32 else f"has {length} bytes, a key has 32"


def _format(inputs: Inputs) -> Iterator[Failure]:
    kind, mode = str(inputs.get("format")).upper(), inputs.get("mode")
    config = inputs.get(REMOTE)
    for name in config if isinstance(config, dict) else ():
        match = re.fullmatch(r"(apt|docker|maven|npm|python|yum)Repository", name)
        if match and match[1].upper() != kind:
            yield Failure(f"{REMOTE}.{name}", f"does not go with the format {kind}")
    if kind in STANDARD_ALONE and mode in ("REMOTE_REPOSITORY", "VIRTUAL_REPOSITORY"):
        yield Failure("mode", f"{mode} is not supported for the format {kind}")


# https://cloud.google.com/storage/docs/hns-overview#limitations: no bucket locks, no locks of
# objects' retention and no holds of objects where there are folders.
UNLOCKED = ("retentionPolicy", "enableObjectRetention", "defaultEventBasedHold")
HOLDS = ("eventBasedHold", "temporaryHold")


def _has_folders(bucket: Inputs) -> bool:
    space = bucket.get("hierarchicalNamespace")
    return isinstance(space, dict) and space.get("enabled") is True


def _flat(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/storage/docs/hns-overview: what folders do not go with."""
    if not _has_folders(inputs):
        return
    if inputs.get("uniformBucketLevelAccess") is False:
        yield Failure("uniformBucketLevelAccess", "needed with hierarchicalNamespace")
    versions = inputs.get("versioning")
    if isinstance(versions, dict) and versions.get("enabled") is True:
        yield Failure("versioning", "not with hierarchicalNamespace")
    for name in UNLOCKED:
        if inputs.get(name):
            yield Failure(name, "not with hierarchicalNamespace")


def _held(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The holds of an object, in a bucket without folders."""
    bucket = world.find([BUCKET], inputs.get("bucket"), ("name",))
    if bucket and _has_folders(bucket.inputs):
        for name in HOLDS:
            if inputs.get(name) is True:
                yield f"{name}: not in {inputs['bucket']!r}, a bucket with hierarchicalNamespace"


def _conditional(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/storage/docs/access-control/iam#conditions"""
    bucket = world.find([BUCKET], inputs.get("bucket"), ("name",))
    if bucket is None or not inputs.get("condition"):
        return
    if bucket.inputs.get("uniformBucketLevelAccess") in (None, False):
        yield (
            "IAM policies with conditions are only available for buckets with uniform "
            f"bucket-level access, which {inputs['bucket']!r} has not"
        )


def _key_beside(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/storage/docs/encryption/customer-managed-keys#key-locations"""
    bucket = world.find([BUCKET], inputs.get("bucket"), ("name",))
    match = re.match(r"projects/[^/]+/locations/([^/]+)/", str(inputs.get("kmsKeyName")))
    if bucket is None or match is None:
        return
    place = str(bucket.inputs.get("location")).lower()
    if match[1] != KEY_PLACES.get(place, place):
        yield f"The Cloud KMS key is in {match[1]}, the bucket {inputs['bucket']!r} in {place}"


def _upstreams(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/artifact-registry/docs/repositories/virtual-overview"""
    for _, name in select(inputs, f"{VIRTUAL}.upstreamPolicies[*].repository"):
        row = world.find([REPOSITORY], name, ("id",))
        if row is not None and row.inputs.get("format") != inputs.get("format"):
            yield f"the upstream {excerpt(name)} has the format {row.inputs.get('format')}"
        if row is not None and row.inputs.get("location") != inputs.get("location"):
            yield f"the upstream {excerpt(name)} is in {row.inputs.get('location')}"


RULES: dict[str, tuple[Rule, ...]] = {
    BUCKET: (
        PathRule(("hierarchicalNamespace.enabled",), _flat),
        PathRule(("customPlacementConfig.dataLocations[*]",), _continent),
        PathRule(("storageClass", "location", "customPlacementConfig"), _legacy_class),
        *(
            between(f"{CONDITION}.{name}", 0, 2**31 - 1)
            for name in (
                "numNewerVersions",
                "daysSinceCustomTime",
                "daysSinceNoncurrentTime",
            )
        ),
        *(
            check(
                f"{CONDITION}.{name}[*]",
                lambda value: (
                    "has more than 1024 bytes" if len(str(value).encode()) > 1024 else None
                ),
            )
            for name in ("matchesPrefixes", "matchesSuffixes")
        ),
        one_of(
            "cors[*].methods[*]",
            *("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "*"),
        ),
        pattern("ipFilter.vpcNetworkSources[*].network", NETWORK, "projects/P/global/networks/N"),
    ),
    OBJECT: (
        check("customerEncryption.encryptionKey", _key),
        one_of("customerEncryption.encryptionAlgorithm", "AES256"),
    ),
    REPOSITORY: (
        PathRule(("format", "mode", REMOTE), _format),
        pattern("cleanupPolicies[*].id", r"[\s\S]{1,127}", "under 128 characters"),
        # GoogleCloudPlatform/magic-modules#18879: "Virtual repository config is not specified".
        needed_with(VIRTUAL, "mode", "VIRTUAL_REPOSITORY"),
        unique(f"{VIRTUAL}.upstreamPolicies[*].id"),
        pattern(
            f"{VIRTUAL}.upstreamPolicies[*].repository",
            r"projects/[^/]+/locations/[^/]+/repositories/[^/]+",
            "projects/P/locations/L/repositories/R",
        ),
        pattern(
            f"{REMOTE}.upstreamCredentials.usernamePasswordCredentials.passwordSecretVersion",
            r"projects/[^/]+/secrets/[^/]+/versions/[^/]+",
            "projects/P/secrets/S/versions/V",
        ),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    OBJECT: (_key_beside, _held),
    MEMBER: (_conditional,),
    REPOSITORY: (_upstreams,),
}
