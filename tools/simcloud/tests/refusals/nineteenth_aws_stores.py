"""A nineteenth round on AWS, taken blind: buckets."""

from __future__ import annotations

from typing import Any

from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    REFERENCE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"


def _expiry(**more: Any) -> dict[str, Any]:
    """A lifecycle with one rule."""
    return {"rules": [{"id": "old", "status": "Enabled", "filter": {"prefix": "a/"}, **more}]}


def _later(transition: int, expiration: int) -> dict[str, Any]:
    return _expiry(
        noncurrentVersionTransitions=[{"noncurrentDays": transition, "storageClass": "GLACIER"}],
        noncurrentVersionExpiration={"noncurrentDays": expiration},
    )


def _readers(**more: Any) -> dict[str, Any]:
    """A bucket's policy that lets somebody read."""
    return {"policy": policy(statement(Resource="${bucket.arn}/*", **more))}


def _cors(**rule: Any) -> dict[str, Any]:
    return {"corsRules": [rule]}


INBOX = (
    ("inbox", "queue", {"name": "inbox"}),
    (
        "open",
        "queuepolicy",
        {
            "queueUrl": "${inbox.url}",
            "policy": policy(
                statement(
                    Action="sqs:SendMessage",
                    Resource="${inbox.arn}",
                    Principal={"Service": "s3.amazonaws.com"},
                )
            ),
        },
    ),
)
READER = {"AWS": "${role.arn}"}


def _queues(*queues: dict[str, Any]) -> dict[str, Any]:
    return {
        "queues": [
            {"queueArn": "${inbox.arn}", "events": ["s3:ObjectRemoved:*"], **queue}
            for queue in queues
        ]
    }


STORES = [
    Refusal(
        f"{GITHUB}/chenr2/AWS-SAM-Tutorial/issues/2",
        PATTERN,
        "bucket",
        "InvalidBucketName: capitals",
        {"bucket": "SAM-tutorial-test-12345"},
        {"bucket": "sam-tutorial-test-12345"},
    ),
    Refusal(
        f"{GITHUB}/samoconnor/AWSLambda.jl/issues/7",
        PATTERN,
        "bucket",
        "an underscore in the name of a bucket",
        {"bucket": "com.me.jl_lambda"},
        {"bucket": "com.me.jl-lambda"},
    ),
    Refusal(
        f"{GITHUB}/CenterForOpenScience/osf.io/issues/257",
        PATTERN,
        "bucket",
        "a space in the name of a bucket",
        {"bucket": "my bucket"},
        {"bucket": "my-bucket"},
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-s3-bucket/issues/90",
        EXCLUSIVE,
        "versioning",
        "An Object Lock configuration is present, so the versioning state cannot be changed",
        {"bucket": "${locked.bucket}", "versioningConfiguration": {"status": "Suspended"}},
        {"bucket": "${locked.bucket}"},
        (("locked", "bucket", {"bucket": "locked-bucket", "objectLockEnabled": True}),),
    ),
    Refusal(
        f"{GITHUB}/aws-controllers-k8s/community/issues/1505",
        ENUM,
        "encryption",
        "MalformedXML: sseAlgorithm SSE-KMS",
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "SSE-KMS"}}]},
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]},
    ),
    Refusal(
        f"{TERRAFORM}/pull/6201",
        ORDERING,
        "lifecycle",
        "days = 15 isn't valid, AWS requires at least 30",
        _expiry(transitions=[{"days": 15, "storageClass": "STANDARD_IA"}]),
        _expiry(transitions=[{"days": 30, "storageClass": "STANDARD_IA"}]),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/18924",
        EXCLUSIVE,
        "lifecycle",
        "The XML you provided was not well-formed: days with a marker of deletion",
        _expiry(expiration={"days": 30, "expiredObjectDeleteMarker": True}),
        _expiry(expiration={"days": 30}),
    ),
    Refusal(
        f"{GITHUB}/go-to-k/cdkd/pull/1426",
        ORDERING,
        "lifecycle",
        "'NoncurrentDays' in NoncurrentVersionExpiration must be greater than in the Transition",
        _later(15, 10),
        _later(15, 20),
    ),
    Refusal(
        f"{GITHUB}/aws-samples/aws-modern-application-workshop/issues/89",
        REFERENCE,
        "bucketpolicy",
        "MalformedPolicy: Invalid principal in policy",
        _readers(
            Principal={
                "AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "
                "REPLACE_ME_CLOUDFRONT_ORIGIN_ACCESS_IDENTITY_ID"
            }
        ),
        _readers(Principal=READER),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/28688",
        MISSING,
        "bucketpolicy",
        "MalformedPolicy: Missing required field Principal",
        _readers(),
        _readers(Principal=READER),
    ),
    Refusal(
        f"{TERRAFORM}/issues/31363",
        EXCLUSIVE,
        "bucketpolicy",
        "AccessDenied: the bucket blocks a public policy",
        _readers(Principal="*"),
        _readers(Principal=READER),
    ),
    Refusal(
        f"{TERRAFORM}/issues/23498",
        REFERENCE,
        "logging",
        "InvalidTargetBucketForLogging: The target bucket for logging does not exist",
        {"targetBucket": "arn:aws:s3:::${bucket.bucket}"},
    ),
    Refusal(
        f"{GITHUB}/jamhall/s3rver/issues/383",
        ENUM,
        "cors",
        "AllowedMethod can't be a wildcard",
        _cors(allowedMethods=["*"], allowedOrigins=["*"], maxAgeSeconds=3000),
        _cors(allowedMethods=["GET"], allowedOrigins=["*"], maxAgeSeconds=3000),
    ),
    Refusal(
        f"{GITHUB}/versity/versitygw/issues/1870",
        PATTERN,
        "cors",
        'AllowedOrigin "*example*.com" can not have more than one wildcard',
        _cors(allowedMethods=["GET"], allowedOrigins=["*example*.com"]),
        _cors(allowedMethods=["GET"], allowedOrigins=["*example.com"]),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-js/issues/701",
        MISSING,
        "cors",
        "MalformedXML: a rule without methods",
        _cors(allowedOrigins=["test.com"], maxAgeSeconds=0),
        _cors(allowedOrigins=["test.com"], maxAgeSeconds=0, allowedMethods=["GET"]),
    ),
    Refusal(
        f"{GITHUB}/awslabs/cdk-serverless-clamscan/issues/612",
        EXCLUSIVE,
        "notification",
        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules",
        _queues({"filterPrefix": "logs/"}, {"filterPrefix": "logs/new/"}),
        _queues({"filterPrefix": "logs/"}, {"filterPrefix": "news/"}),
        INBOX,
    ),
    Refusal(
        f"{TERRAFORM}/issues/1582",
        REFERENCE,
        "notification",
        "Permissions on the destination queue do not allow S3 to publish notifications",
        _queues({"queueArn": "${queue.arn}"}),
        _queues({}),
        INBOX,
    ),
    Refusal(
        f"{GITHUB}/minio/minio/issues/2472",
        EXCLUSIVE,
        "notification",
        "Configurations on the same bucket cannot share a common event type",
        _queues({}, {}),
        _queues({}, {"events": ["s3:ObjectCreated:*"]}),
        INBOX,
    ),
    Refusal(
        f"{GITHUB}/anacronw/multer-s3/issues/161",
        EXCLUSIVE,
        "object",
        "AccessControlListNotSupported: The bucket does not allow ACLs",
        {"acl": "public-read"},
    ),
    Refusal(
        f"{GITHUB}/aws-ia/taskcat/issues/492",
        ENUM,
        "object",
        "InvalidArgument: an ACL named public",
        {"acl": "public"},
    ),
]
