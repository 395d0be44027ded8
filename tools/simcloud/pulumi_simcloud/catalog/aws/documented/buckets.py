"""Settings of a bucket in the bucket itself, which the provider deprecates and programs still have.

The service takes and refuses what it does of the resources beside the bucket (`storage`): github
hashicorp/terraform-provider-aws, internal/service/s3/bucket.go, which makes the same calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import BUCKET
from pulumi_simcloud.catalog.aws.documented.lifecycles import LIFECYCLE
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, count, one_of, pattern
from pulumi_simcloud.rules.fields import each, only_with, unique

AGED = "lifecycleRules[*]"
CORS = "corsRules[*]"
INFREQUENT, LEAST_DAYS = ("STANDARD_IA", "ONEZONE_IA"), 30
ACTIONS = (
    "abortIncompleteMultipartUploadDays", "expiration", "noncurrentVersionExpiration",
    "noncurrentVersionTransitions", "transitions",
)  # fmt: skip


def _separate(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as the resource beside the bucket has it."""
    tags = rule.get("tags")
    expiration = rule.get("noncurrentVersionExpiration")
    transitions = rule.get("noncurrentVersionTransitions") or []
    return {
        "filter": {"and": {"tags": tags}} if tags else {},
        "expiration": rule.get("expiration"),
        "transitions": rule.get("transitions"),
        "abortIncompleteMultipartUpload": rule.get("abortIncompleteMultipartUploadDays"),
        "noncurrentVersionExpiration": _noncurrent(expiration),
        "noncurrentVersionTransitions": [_noncurrent(item) for item in transitions],
    }


def _noncurrent(item: Any) -> Any:
    return {**item, "noncurrentDays": item.get("days")} if isinstance(item, dict) else item


def _ages(rule: dict[str, Any]) -> str | None:
    if UNKNOWN in rule.values():
        return None
    separate = _separate(rule)
    return next((reason for test in LIFECYCLE if (reason := test(separate))), None)


def _acts(rule: dict[str, Any]) -> str | None:
    """Something happens to the objects, some day ("At least one action needs to be specified")."""
    if not any(rule.get(action) for action in ACTIONS):
        return f"InvalidRequest: rule {excerpt(rule.get('id'))} has no action"
    expiration = rule.get("expiration")
    if isinstance(expiration, dict) and not any(expiration.values()):
        return "MalformedXML: the expiration has no time"
    return None


def _old_enough(item: Any) -> str | None:
    days, storage_class = item.get("days"), item.get("storageClass")
    if storage_class in INFREQUENT and isinstance(days, int) and days < LEAST_DAYS:
        return f"InvalidArgument: days {days} is less than {LEAST_DAYS} of {storage_class}"
    return None


def _one_length(item: Any) -> str | None:
    """Days or years (DefaultRetention)."""
    units = [name for name in ("days", "years") if item.get(name)]
    return None if len(units) == 1 else f"MalformedXML: {units or 'neither'}, not days or years"


def _grants(inputs: Inputs) -> Iterator[Failure]:
    """Who has a permission: a group by its address, a user by the id (Grantee)."""
    for path, grant in select(inputs, "grants[*]"):
        name = {"Group": "uri", "CanonicalUser": "id"}.get(str(grant.get("type")))
        if name and not grant.get(name):
            yield Failure(
                f"{path}.{name}", f"MalformedACLError: a {grant['type']} needs its {name}"
            )


def _accelerated(inputs: Inputs) -> Iterator[Failure]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html"""
    name = inputs.get("bucket")
    if inputs.get("accelerationStatus") is not None and "." in str(name):
        reason = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their"
        yield Failure("accelerationStatus", f"InvalidRequest: {reason} names")


def _log_bucket(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The bucket of the logs exists (PutBucketLogging's own answer)."""
    for _, name in select(inputs, "logging.targetBucket"):
        missing = world.find([BUCKET], name, ("bucket",)) is None
        if world.closed and missing and name not in (UNKNOWN, inputs.get("bucket")):
            yield f"InvalidTargetBucketForLogging: the target bucket {name!r} does not exist"


VERSIONS = "aws:s3/bucketVersioning:BucketVersioning"


def _has_versions(bucket: Any, inputs: Inputs, world: Existing) -> bool:
    """Whether a bucket keeps versions, by its own settings or by those beside it."""
    if (inputs.get("versioning") or {}).get("enabled"):
        return True
    return any(
        row.inputs.get("bucket") == bucket
        and (row.inputs.get("versioningConfiguration") or {}).get("status") == "Enabled"
        for row in world.of(VERSIONS)
    )


def _replicated(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Both buckets keep versions (PutBucketReplication's own answers, in localstack/localstack)."""
    if not inputs.get("replicationConfiguration"):
        return
    if not _has_versions(inputs.get("bucket"), inputs, world):
        yield "InvalidRequest: Versioning must be 'Enabled' to apply a replication configuration"
    for _, arn in select(inputs, "replicationConfiguration.rules[*].destination.bucket"):
        row = world.find([BUCKET], arn, ("arn",))
        if row and not _has_versions(row.inputs.get("bucket"), row.inputs, world):
            yield "InvalidRequest: Destination bucket must have versioning enabled."


def _locked(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A bucket with locks keeps its versions (PutBucketVersioning's own answer)."""
    status = (inputs.get("versioningConfiguration") or {}).get("status")
    row = world.find([BUCKET], inputs.get("bucket"), ("bucket",))
    if row is not None and row.inputs.get("objectLockEnabled") is True and status == "Suspended":
        reason = "An Object Lock configuration is present on this bucket"
        yield f"InvalidBucketState: {reason}, so the versioning state cannot be changed."


RULES: dict[str, tuple[Rule, ...]] = {
    BUCKET: (
        # bucketCannedACL_Values() of terraform-provider-aws, internal/service/s3/bucket_acl.go.
        one_of(
            "acl",
            "private",
            "public-read",
            "public-read-write",
            "authenticated-read",
            "aws-exec-read",
            "log-delivery-write",
        ),
        one_of(f"{CORS}.allowedMethods[*]", "GET", "PUT", "HEAD", "POST", "DELETE"),
        count(f"{CORS}.allowedMethods", 1, 5),
        pattern(f"{CORS}.allowedOrigins[*]", r"[^*]*\*?[^*]*", "one wildcard at most"),
        pattern(f"{CORS}.allowedHeaders[*]", r"[^*]*\*?[^*]*", "one wildcard at most"),
        pattern(f"{CORS}.exposeHeaders[*]", r"[^*]*", "no wildcard"),
        # "The IndexDocument Suffix is not well formed".
        pattern("website.indexDocument", r"[^/]+", "a name without a slash"),
        check(AGED, _acts),
        check(AGED, _ages),
        check(f"{AGED}.transitions[*]", _old_enough),
        *(
            pattern(f"{AGED}.{name}.date", r"\d{4}-\d\d-\d\d", "a date such as 2030-01-31")
            for name in ("expiration", "transitions[*]")
        ),
        unique(f"{AGED}.id"),
        between(f"{AGED}.noncurrentVersionExpiration.days", 1, 2**31 - 1),
        count("lifecycleRules", 0, 1000),
        each(
            "serverSideEncryptionConfiguration.rule.applyServerSideEncryptionByDefault",
            only_with("kmsMasterKeyId", "sseAlgorithm", "aws:kms", "aws:kms:dsse"),
        ),
        check("objectLockConfiguration.rule.defaultRetention", _one_length),
        PathRule(("grants[*].type",), _grants),
        PathRule(("accelerationStatus", "bucket"), _accelerated),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {BUCKET: (_log_bucket, _replicated), VERSIONS: (_locked,)}
