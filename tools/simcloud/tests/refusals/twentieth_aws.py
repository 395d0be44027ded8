"""A second independent sample on Amazon Web Services: keys and buckets."""

from __future__ import annotations

from typing import Any

from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    Refusal,
)
from refusals.twentieth_aws_events import EVENTED
from refusals.twentieth_aws_identities import IDENTITIES
from refusals.twentieth_aws_more import MORE
from refusals.twentieth_aws_networks import NETWORKS
from refusals.twentieth_aws_sharing import SHARING
from refusals.twentieth_aws_watch import WATCHED

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
ROOT = statement(Action="kms:*", Resource="*", Principal={"AWS": "arn:aws:iam::123456789012:root"})
SERVICE_ROLE = (
    "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com"
    "/AWSServiceRoleForAutoScaling"
)


def _keyed(**more: Any) -> dict[str, Any]:
    """A policy of a key, one statement of which lets somebody encrypt."""
    return {"policy": policy(ROOT, statement(Action="kms:Encrypt", Resource="*", **more))}


def _lifecycle(**more: Any) -> dict[str, Any]:
    rule = {
        "id": "old",
        "status": "Enabled",
        "filter": {"prefix": "capture/"},
        "expiration": {"days": 90},
    }
    return {"rules": [{**rule, **more}]}


def _encrypted(algorithm: str, **more: Any) -> dict[str, Any]:
    return {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm, **more}}]}


KEYS = [
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-kms/issues/30",
        REFERENCE,
        "key",
        "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid "
        "principals (the role of the service is not there)",
        _keyed(Principal={"AWS": SERVICE_ROLE}),
        _keyed(Principal={"AWS": "${role.arn}"}),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-vpc-flow-logs-s3-bucket/pull/27",
        PATTERN,
        "key",
        "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid "
        "principals (arn:aws::...:root)",
        _keyed(Principal={"AWS": "arn:aws::123456789012:root"}),
        _keyed(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-eks/pull/2163",
        POLICY,
        "key",
        "MalformedPolicyDocumentException: Policy contains a statement with no principal",
        _keyed(),
        _keyed(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
    ),
    Refusal(
        f"{GITHUB}/aws-controllers-k8s/community/issues/1878",
        PATTERN,
        "alias",
        'ValidationException: Alias must start with the prefix "alias/"',
        {"name": "alias-rds-dbserver-8"},
        {"name": "alias/rds-dbserver-8"},
    ),
]

BUCKETS = [
    Refusal(
        f"{GITHUB}/chenr2/AWS-SAM-Tutorial/issues/2",
        PATTERN,
        "bucket",
        "InvalidBucketName: The specified bucket is not valid",
        {"bucket": "SAM-tutorial-test-12345"},
        {"bucket": "sam-tutorial-test-12345"},
    ),
    Refusal(
        f"{GITHUB}/samoconnor/AWSLambda.jl/issues/7",
        PATTERN,
        "bucket",
        "InvalidParameterValue: no underscores in the name of a bucket",
        {"bucket": "com.me.jl_lambda"},
        {"bucket": "com.me.jl-lambda"},
    ),
    Refusal(
        f"{GITHUB}/aws-samples/cicd-lambda-container/issues/1",
        EXCLUSIVE,
        "bucket",
        "InvalidBucketAclWithObjectOwnership: Bucket cannot have ACLs set with ObjectOwnership's "
        "BucketOwnerEnforced setting",
        {"acl": "log-delivery-write"},
        {"acl": "private"},
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-s3-bucket/issues/90",
        EXCLUSIVE,
        "versioning",
        "InvalidBucketState: An Object Lock configuration is present on this bucket, so the "
        "versioning state cannot be changed",
        {"bucket": "${locked.bucket}", "versioningConfiguration": {"status": "Suspended"}},
        {"bucket": "${locked.bucket}", "versioningConfiguration": {"status": "Enabled"}},
        (("locked", "bucket", {"bucket": "sim-locked", "objectLockEnabled": True}),),
    ),
    Refusal(
        f"{GITHUB}/aws-controllers-k8s/community/issues/1505",
        ENUM,
        "encryption",
        "MalformedXML: sseAlgorithm SSE-KMS",
        _encrypted("SSE-KMS", kmsMasterKeyId="${key.arn}"),
        _encrypted("aws:kms", kmsMasterKeyId="${key.arn}"),
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-s3-bucket/pull/5",
        EXCLUSIVE,
        "encryption",
        "the algorithm AES256 cannot be used with the id of a key",
        _encrypted("AES256", kmsMasterKeyId="${key.arn}"),
        _encrypted("aws:kms", kmsMasterKeyId="${key.arn}"),
    ),
    Refusal(
        f"{TERRAFORM}/pull/6201",
        RANGE,
        "lifecycle",
        "InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for "
        "storageClass 'STANDARD_IA'",
        _lifecycle(transitions=[{"days": 15, "storageClass": "STANDARD_IA"}]),
        _lifecycle(transitions=[{"days": 30, "storageClass": "STANDARD_IA"}]),
    ),
    Refusal(
        f"{TERRAFORM}/issues/23882",
        MISSING,
        "lifecycle",
        'MalformedXML: a filter "and" with only one condition',
        _lifecycle(filter={"and": {"prefix": "capture/"}}),
        _lifecycle(filter={"and": {"prefix": "capture/", "tags": {"team": "ml"}}}),
    ),
    Refusal(
        f"{GITHUB}/ceph/ceph/pull/30878",
        RANGE,
        "lifecycle",
        "the days of an expiration cannot be zero (tested against S3)",
        _lifecycle(expiration={"days": 0}),
        _lifecycle(expiration={"days": 1}),
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/modernisation-platform/pull/10762",
        POLICY,
        "bucketpolicy",
        "MalformedPolicy: Action does not apply to any resource(s) in statement",
        {
            "policy": policy(
                statement(
                    Principal={"Service": "cloudtrail.amazonaws.com"},
                    Action="s3:GetBucketAcl",
                    Resource="${bucket.arn}/*",
                )
            )
        },
        {
            "policy": policy(
                statement(
                    Principal={"Service": "cloudtrail.amazonaws.com"},
                    Action="s3:GetBucketAcl",
                    Resource=["${bucket.arn}", "${bucket.arn}/*"],
                )
            )
        },
    ),
    Refusal(
        f"{GITHUB}/noobaa/noobaa-core/issues/10058",
        POLICY,
        "bucketpolicy",
        "MalformedPolicy: Policy has invalid resource",
        {
            "policy": policy(
                statement(Principal={"AWS": ["${role.arn}"]}, Action=["s3:*"], Resource=["*"])
            )
        },
        {
            "policy": policy(
                statement(
                    Principal={"AWS": ["${role.arn}"]},
                    Action=["s3:*"],
                    Resource=["${bucket.arn}", "${bucket.arn}/*"],
                )
            )
        },
    ),
    Refusal(
        f"{GITHUB}/torchbox/buckup/pull/18",
        EXCLUSIVE,
        "bucketpolicy",
        "AccessDenied on PutBucketPolicy: public policies are blocked",
        {"policy": policy(statement(Principal="*", Resource="${bucket.arn}/*"))},
        {"policy": policy(statement(Principal={"AWS": "${role.arn}"}, Resource="${bucket.arn}/*"))},
    ),
    Refusal(
        f"{GITHUB}/aws-samples/amazon-guardduty-for-aws-organizations-with-terraform/issues/4",
        REFERENCE,
        "logging",
        "InvalidTargetBucketForLogging: The owner for the bucket to be logged and the target "
        "bucket must be the same",
        {"targetBucket": "blah-guardduty-logs-354773654783"},
        {"targetBucket": "${logs.bucket}"},
        (("logs", "bucket", {"bucket": "blah-guardduty-logs"}),),
    ),
]

AWS = [
    *KEYS,
    *BUCKETS,
    *SHARING,
    *IDENTITIES,
    *NETWORKS,
    *MORE,
    *WATCHED,
    *EVENTED,
]
