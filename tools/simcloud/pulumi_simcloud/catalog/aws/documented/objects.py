"""S3: objects, their events, versions and logs, and who reads them from a browser.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import BUCKET, FUNCTION, QUEUE, TOPIC
from pulumi_simcloud.catalog.aws.documented.encryption import symmetric
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, count, one_of, pattern
from pulumi_simcloud.rules.fields import needed_with, only_with, unique

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
TARGETS = {
    "topics": "topicArn",
    "queues": "queueArn",
    "lambdaFunctions": "lambdaFunctionArn",
}


def _overlap(inputs: Inputs) -> Iterator[Failure]:
    """No event has two configurations: names that both fit have to tell them apart."""
    items: list[tuple[str, dict[str, Any]]] = []
    for kind in TARGETS:
        for path, item in select(inputs, f"{kind}[*]"):
            if not isinstance(item, dict) or UNKNOWN in item.values():
                continue
            for other_path, other in items:
                if _share_event(item, other) and _share_name(item, other):
                    reason = "Configurations on the same bucket cannot share a common event type"
                    yield Failure(path, f"InvalidArgument: {reason}: {other_path}")
            items.append((path, item))


def _share_event(first: dict[str, Any], second: dict[str, Any]) -> bool:
    pairs = [
        (event.rstrip("*"), other.rstrip("*"))
        for event in first.get("events") or []
        for other in second.get("events") or []
        if isinstance(event, str) and isinstance(other, str)
    ]
    return any(event.startswith(other) or other.startswith(event) for event, other in pairs)


def _share_name(first: dict[str, Any], second: dict[str, Any]) -> bool:
    before = [str(item.get("filterPrefix") or "") for item in (first, second)]
    after = [str(item.get("filterSuffix") or "") for item in (first, second)]
    return (before[0].startswith(before[1]) or before[1].startswith(before[0])) and (
        after[0].endswith(after[1]) or after[1].endswith(after[0])
    )


def _may_invoke(inputs: Inputs, world: Existing) -> Iterator[str]:
    """S3 tries each destination: a function lets it invoke, and none is a FIFO one.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    reason = "InvalidArgument: Unable to validate the following destination configurations"
    for _, arn in select(inputs, "lambdaFunctions[*].lambdaFunctionArn"):
        row = world.find([FUNCTION], arn, ("arn",))
        if row is None:
            continue
        names = (row.outputs.get("name"), row.outputs.get("arn"))
        has_permission = any(
            permission.inputs.get("function") in names
            and permission.inputs.get("principal") == "s3.amazonaws.com"
            for permission in world.of("aws:lambda/permission:Permission")
        )
        if not has_permission:
            yield f"{reason}: {arn!r} does not let s3.amazonaws.com invoke it"
    for path, token in (("queues[*].queueArn", QUEUE), ("topics[*].topicArn", TOPIC)):
        for _, arn in select(inputs, path):
            if str(arn).endswith(".fifo") and world.find([token], arn, ("arn",)):
                yield f"{reason}: FIFO destinations are not supported"


PUBLIC = ("public-read", "public-read-write", "authenticated-read")
# What lets others than the owner in.
OPEN = (*PUBLIC, "aws-exec-read", "log-delivery-write")
CONTROLS = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"


def _no_acl(inputs: Inputs, world: Existing) -> Iterator[str]:
    """New buckets take no ACL until their ownership is another.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    if inputs.get("acl") not in OPEN:
        return
    for row in world.of(CONTROLS):
        if row.inputs.get("bucket") == inputs.get("bucket"):
            ownership = (row.inputs.get("rule") or {}).get("objectOwnership")
            if ownership != "BucketOwnerEnforced":
                return
    yield "AccessControlListNotSupported: The bucket does not allow ACLs"


def _no_public_acl(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Nor a public one, until the bucket stops blocking them (create-bucket-faq.html)."""
    if inputs.get("acl") not in PUBLIC:
        return
    blocks = [
        row.inputs.get("blockPublicAcls")
        for row in world.of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
        if row.inputs.get("bucket") == inputs.get("bucket")
    ]
    new = world.find([BUCKET], inputs.get("bucket"), ("bucket",)) is not None
    if any(blocks) or (new and not blocks):
        yield "AccessDenied: public ACLs are blocked by the BlockPublicAcls setting"


def _locked(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Objects are locked in a bucket that has locks (PutObject: ObjectLockMode)."""
    names = ("objectLockMode", "objectLockLegalHoldStatus", "objectLockRetainUntilDate")
    row = world.find([BUCKET], inputs.get("bucket"), ("bucket",))
    if row is None or not any(inputs.get(name) for name in names):
        return
    if row.inputs.get("objectLockEnabled") is not True:
        yield "InvalidRequest: Bucket is missing Object Lock Configuration"


def _no_grants(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Where the owner owns everything there are no grants (LoggingEnabled: TargetGrants)."""
    if inputs.get("targetGrants"):
        yield from _no_acl({"acl": PUBLIC[0], "bucket": inputs.get("targetBucket")}, world)


def _encoded(value: Any) -> str | None:
    try:
        base64.b64decode(str(value), validate=True)
    except ValueError:
        return f"{excerpt(value)} is not base64"
    return None


RULES: dict[str, tuple[Rule, ...]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html and ManageCorsUsing.html
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": (
        count("corsRules", 1, 100),
        one_of("corsRules[*].allowedMethods[*]", "GET", "PUT", "HEAD", "POST", "DELETE"),
        pattern("corsRules[*].allowedOrigins[*]", r"[^*]*\*?[^*]*", "one wildcard at most"),
        pattern("corsRules[*].allowedHeaders[*]", r"[^*]*\*?[^*]*", "one wildcard at most"),
        pattern("corsRules[*].exposeHeaders[*]", r"[^*]*", "no wildcard"),
        unique("corsRules[*].id"),
        count("corsRules[*].allowedMethods", 1, 5),
        count("corsRules[*].allowedOrigins", 1, 1000),
        between("corsRules[*].maxAgeSeconds", 0, 2**31 - 1),
    ),
    "aws:s3/bucketNotification:BucketNotification": (
        PathRule(("queues[*].events", "topics[*].events"), _overlap),
        unique("queues[*].id"),
        # "The ARN could not be parsed".
        pattern(
            "lambdaFunctions[*].lambdaFunctionArn", r"arn:[\w-]+:lambda:.+", "a function's ARN"
        ),
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        only_with("kmsKeyId", "serverSideEncryption", "aws:kms", "aws:kms:dsse", default="aws:kms"),
        needed_with("objectLockRetainUntilDate", "objectLockMode"),
        needed_with("objectLockMode", "objectLockRetainUntilDate"),
        check(
            "key",
            lambda value: (
                f"KeyTooLongError: has {len(str(value).encode())} bytes, allowed are 1024"
                if len(str(value).encode()) > 1024
                else None
            ),
        ),
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
        count("tags", 0, 10),
        pattern("websiteRedirect", r"(/|https?://)[\s\S]*", "a key after / or an address"),
        check("contentBase64", _encoded),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (
        needed_with("mfa", "versioningConfiguration.mfaDelete", "Enabled"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    "aws:s3/bucketNotification:BucketNotification": (_may_invoke,),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        _no_acl,
        _no_public_acl,
        _locked,
        symmetric("kmsKeyId"),
    ),
    "aws:s3/bucketLogging:BucketLogging": (_no_grants,),
    BUCKET: (_no_acl,),
}
