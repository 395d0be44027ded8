"""S3 and KMS. What replaces: the `ForceNew` attributes of the Terraform provider's schema."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import BUCKET, KEY, QUEUE, TOPIC, bucket, key
from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Api, Existing, Inputs, Kind, Name, Ref
from pulumi_simcloud.objects import body_of
from pulumi_simcloud.rules.basic import (
    at_most_one,
    between,
    check,
    needs,
    parsed,
    pattern,
)
from pulumi_simcloud.rules.policies import RESOURCE, policy
from pulumi_simcloud.rules.resource_policies import (
    conditions_apply,
    not_locked_out,
    of_bucket,
    of_service,
)
from pulumi_simcloud.rules.trust import may_send

OBJECTS = "s3/{bucket}"
RESERVED = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def _bucket_name(value: Any) -> str | None:
    # docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    ok = re.fullmatch(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value)
    bad = ".." in value or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", value)
    if ok and not bad and not value.endswith(RESERVED):
        return None
    return (
        f"{excerpt(value)} is no bucket name (3-63 characters: lower case, digits, dots, hyphens)"
    )


ACTIONS = (
    "abortIncompleteMultipartUpload",
    "expiration",
    "noncurrentVersionExpiration",
    "noncurrentVersionTransitions",
    "transitions",
)


def _acts(value: Any) -> str | None:
    """A rule does something: "at least one action needs to be specified" (S3's answer)."""
    if any(value.get(action) for action in ACTIONS):
        return None
    return f"InvalidRequest: rule {excerpt(value.get('id'))} has no action"


# docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
INFREQUENT, LEAST_DAYS = ("STANDARD_IA", "ONEZONE_IA"), 30


def _old_enough(days: str) -> Any:
    """A test of a transition: the infrequently read classes take objects of 30 days or older."""

    def test(value: Any) -> str | None:
        number, storage_class = value.get(days), value.get("storageClass")
        if storage_class in INFREQUENT and isinstance(number, int) and number < LEAST_DAYS:
            return f"InvalidArgument: {days} {number} is less than {LEAST_DAYS} of {storage_class}"
        return None

    return test


def _one_time(value: Any) -> str | None:
    """Days, a date or the marker (API_LifecycleExpiration: the marker goes with neither)."""
    times = [name for name in ("days", "date") if value.get(name) is not None]
    times += ["expiredObjectDeleteMarker"] if value.get("expiredObjectDeleteMarker") else []
    return f"MalformedXML: {' and '.join(times)} exclude each other" if len(times) > 1 else None


def _midnight(value: Any) -> str | None:
    """A date is midnight GMT (API_LifecycleExpiration, API_Transition)."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00(\.0+)?(Z|\+00:00)", str(value)):
        return None
    return f"InvalidArgument: {excerpt(value)} is not midnight GMT, such as 2030-01-31T00:00:00Z"


def _is_public(statement: dict[str, Any]) -> bool:
    """An Allow to everybody without a condition that fixes who or from where.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    principal = statement.get("Principal")
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in _texts(principal))
    return statement.get("Effect") == "Allow" and everybody and not statement.get("Condition")


def _texts(principal: dict[str, Any]) -> list[str]:
    values = principal.values()
    return [text for value in values for text in (value if isinstance(value, list) else [value])]


def _not_public(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A bucket that blocks public policies takes none: any that nothing has opened.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html: all settings of
    Block Public Access are on for buckets made since April 2023.
    """
    document = parsed(inputs.get("policy"))
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    statements = statements if isinstance(statements, list) else [statements]
    if not any(_is_public(statement) for statement in statements if isinstance(statement, dict)):
        return
    blocks = [
        row.inputs.get("blockPublicPolicy")
        for row in world.of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
        if row.inputs.get("bucket") == inputs.get("bucket")
    ]
    new = world.find([BUCKET], inputs.get("bucket"), ("bucket",)) is not None
    if any(blocks) or (new and not blocks):
        yield "AccessDenied: public policies are blocked by the BlockPublicPolicy setting"


def _etag(context: Context) -> str:
    return hashlib.md5(body_of(context.inputs), usedforsecurity=False).hexdigest()


def _key_arn(context: Context) -> Any:
    target = context.get("targetKeyId")
    if isinstance(target, str) and not target.startswith("arn:"):
        return context.fill("arn:{partition}:kms:{region}:{account}:key/{targetKeyId}")
    return target


def _part(
    name: str,
    operation: str,
    at: str,
    names: dict[str, str],
    *,
    but: tuple[str, ...] = (),
    **more: Any,
) -> Kind:
    """A setting of a bucket that is a resource of its own."""
    return Kind(
        f"aws:s3/{name[0].lower()}{name[1:]}:{name}",
        id="{bucket}",
        api=Api(f"s3:{operation}", names, at, but=but),
        refs=(bucket(), *more.pop("refs", ())),
        unique="{bucket}",
        **more,
    )


STORAGE = (
    Kind(
        "aws:s3/bucket:Bucket",
        id="{bucket}",
        name=Name("bucket", 63, prefix="bucketPrefix", lower=True),
        rules=(check("bucket", _bucket_name), at_most_one("bucket", "bucketPrefix")),
        computed={
            "arn": "arn:{partition}:s3:::{bucket}",
            "bucketDomainName": "{bucket}.s3.{suffix}",
            "bucketRegionalDomainName": "{bucket}.s3.{region}.{suffix}",
            "bucketRegion": "{region}",
            "hostedZoneId": "Z3AQBSTGFYJSTF",
        },
        handles=("id", "arn", "bucket"),
        unique="{bucket}",
        contents=OBJECTS,
        force="forceDestroy",
    ),
    # "Disabled" is the provider's word for a bucket that never had versions: it calls nothing then
    # (bucket_versioning.go, resourceBucketVersioningCreate).
    _part(
        "BucketVersioning",
        "PutBucketVersioning",
        "",
        {},
        but=("versioningConfiguration",),
    ),
    _part(
        "BucketServerSideEncryptionConfiguration",
        "PutBucketEncryption",
        "ServerSideEncryptionConfiguration",
        {},
        refs=(key("rules[*].applyServerSideEncryptionByDefault.kmsMasterKeyId"),),
        rules=(
            needs(
                "rules[*].applyServerSideEncryptionByDefault.kmsMasterKeyId",
                "rules[*].applyServerSideEncryptionByDefault.sseAlgorithm",
            ),
        ),
    ),
    _part(
        "BucketPublicAccessBlock",
        "PutPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        {},
    ),
    _part(
        "BucketOwnershipControls",
        "PutBucketOwnershipControls",
        "OwnershipControls",
        {"rule": "Rules"},
    ),
    _part(
        "BucketLifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "LifecycleConfiguration",
        {"rules": "Rules"},
        rules=(
            check("rules[*]", _acts),
            check("rules[*].transitions[*]", _old_enough("days")),
            check("rules[*].noncurrentVersionTransitions[*]", _old_enough("noncurrentDays")),
            check("rules[*].expiration", _one_time),
            check("rules[*].transitions[*]", _one_time),
            check("rules[*].expiration.date", _midnight),
            check("rules[*].transitions[*].date", _midnight),
            between("rules[*].expiration.days", 1, 2**31 - 1),
            between("rules[*].noncurrentVersionExpiration.noncurrentDays", 1, 2**31 - 1),
            between("rules[*].abortIncompleteMultipartUpload.daysAfterInitiation", 1, 2**31 - 1),
            pattern("rules[*].id", r".{1,255}", "at most 255 characters"),
        ),
    ),
    _part(
        "BucketCorsConfiguration",
        "PutBucketCors",
        "CORSConfiguration",
        {"corsRules": "CORSRules"},
    ),
    Kind(
        "aws:s3/bucketPolicy:BucketPolicy",
        id="{bucket}",
        refs=(bucket(),),
        rules=(
            policy("policy", RESOURCE, 20480),
            of_bucket("policy", "bucket"),
            conditions_apply("policy"),
            of_service("policy", "s3"),
        ),
        demands=(_not_public,),
        deferred=("policy",),
        unique="{bucket}",
    ),
    _part(
        "BucketLogging",
        "PutBucketLogging",
        "BucketLoggingStatus.LoggingEnabled",
        {},
        refs=(bucket("targetBucket"),),
    ),
    _part(
        "BucketNotification",
        "PutBucketNotificationConfiguration",
        "NotificationConfiguration",
        {
            "topics": "TopicConfigurations",
            "queues": "QueueConfigurations",
            "lambdaFunctions": "LambdaFunctionConfigurations",
            "eventbridge": "EventBridgeConfiguration",
        },
        refs=(
            Ref("topics[*].topicArn", (TOPIC,), ("arn",)),
            Ref("queues[*].queueArn", (QUEUE,), ("arn",)),
        ),
        demands=tuple(
            may_send(path, {QUEUE: "kmsMasterKeyId", TOPIC: "kmsMasterKeyId"}, "s3.amazonaws.com")
            for path in ("queues[*].queueArn", "topics[*].topicArn")
        ),
    ),
    Kind(
        "aws:s3/bucketObjectv2:BucketObjectv2",
        id="{bucket}/{key}",
        name=Name("key", 1024),
        api=Api("s3:PutObject"),
        refs=(bucket(), key("kmsKeyId")),
        rules=(
            at_most_one("source", "content", "contentBase64"),
            at_most_one("kmsKeyId", "etag"),
        ),
        computed={
            "arn": "arn:{partition}:s3:::{bucket}/{key}",
            "etag": _etag,
            "versionId": lambda context: context.hex(32),
        },
        volatile=("etag", "versionId"),
        handles=("id", "arn"),
        object_in=OBJECTS,
        overwrites=True,
    ),
    Kind(
        KEY,
        id="{keyId}",
        # The provider sends the newer member (internal/service/kms/key.go).
        api=Api("kms:CreateKey", {"customerMasterKeySpec": "KeySpec"}),
        rules=(
            policy("policy", RESOURCE, 32768),
            # PutKeyPolicy, Policy.
            pattern("policy", r"[\t\n\r -\u00ff]*", "printable characters up to U+00FF"),
            not_locked_out("policy", "bypassPolicyLockoutSafetyCheck"),
            between("deletionWindowInDays", 7, 30),
            between("rotationPeriodInDays", 90, 2560),
            needs("rotationPeriodInDays", "enableKeyRotation"),
        ),
        computed={
            "keyId": "{uuid}",
            "arn": "arn:{partition}:kms:{region}:{account}:key/{keyId}",
        },
        deferred=("policy",),
        handles=("id", "arn", "keyId"),
    ),
    Kind(
        "aws:kms/alias:Alias",
        name=Name("name", 256, prefix="namePrefix", stem="alias/"),
        api=Api("kms:CreateAlias", {"name": "AliasName"}, optional=("name",)),
        refs=(Ref("targetKeyId", (KEY,)),),
        rules=(
            at_most_one("name", "namePrefix"),
            pattern("name", r"alias/(?!aws/)[\w/-]+", "starts with alias/, not with alias/aws/"),
        ),
        computed={
            "arn": "arn:{partition}:kms:{region}:{account}:{name}",
            "targetKeyArn": _key_arn,
        },
        unique="{region}/{name}",
    ),
)
