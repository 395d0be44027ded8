"""The store on AWS: a bucket that is versioned, encrypted and closed, and forgets what is old."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.scope import StackScope
from components.targets.aws import policies

# Deleted objects and replaced documents can be brought back for so long.
OLD_VERSIONS_DAYS = 30


def store(
    scope: StackScope,
    key: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
    protected_opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """The bucket's name, once all that makes it safe is there; `protected_opts` are its options."""
    bucket = aws.s3.Bucket(
        "store",
        aws.s3.BucketArgs(
            bucket_prefix=f"{scope.prefix}-",
            force_destroy=scope.settings.allow_model_deletion,
            tags=scope.tags,
        ),
        opts=protected_opts,
    )
    ready = _secured(scope, bucket, key, opts)
    # Nothing is written before the bucket is encrypted and closed.
    return pulumi.Output.all(bucket.bucket, *ready).apply(lambda values: values[0])


def _secured(
    scope: StackScope,
    bucket: aws.s3.Bucket,
    key: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Output[str]]:
    """The settings that secure the bucket; their ids."""
    versioning = aws.s3.BucketVersioning(
        "store",
        # What would be the arguments' class of this and of the next is another type in the SDK.
        bucket=bucket.bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
            status="Enabled"
        ),
        opts=opts,
    )
    by_default = (
        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms", kms_master_key_id=key
        )
    )
    encryption = aws.s3.BucketServerSideEncryptionConfiguration(
        "store",
        bucket=bucket.bucket,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True
            )
        ],
        opts=opts,
    )
    closed = aws.s3.BucketPublicAccessBlock(
        "store",
        aws.s3.BucketPublicAccessBlockArgs(
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        ),
        opts=opts,
    )
    owned = aws.s3.BucketOwnershipControls(
        "store",
        aws.s3.BucketOwnershipControlsArgs(
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        ),
        opts=opts,
    )
    policy = aws.s3.BucketPolicy(
        "store",
        aws.s3.BucketPolicyArgs(bucket=bucket.bucket, policy=policies.tls_only(bucket.arn)),
        # S3 refuses two changes of a bucket's access at once.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[closed])),
    )
    _lifecycle(scope, bucket, versioning, opts)
    return [versioning.id, encryption.id, closed.id, owned.id, policy.id]


def _lifecycle(
    scope: StackScope,
    bucket: aws.s3.Bucket,
    versioning: aws.s3.BucketVersioning,
    opts: pulumi.ResourceOptions,
) -> None:
    """Captures and run files go after `retentionDays`, what was replaced after a month."""
    rule, only = (
        aws.s3.BucketLifecycleConfigurationRuleArgs,
        aws.s3.BucketLifecycleConfigurationRuleFilterArgs,
    )
    expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(
        days=scope.settings.retention_days
    )
    aged = [
        rule(
            id=f"{model.name}-{folder}",
            status="Enabled",
            filter=only(prefix=f"models/{model.name}/{folder}/"),
            expiration=expiration,
        )
        for model in scope.settings.models
        for folder in ("captures", "runs")
    ]
    replaced = rule(
        id="replaced",
        status="Enabled",
        filter=only(prefix=""),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=OLD_VERSIONS_DAYS
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=1
        ),
    )
    aws.s3.BucketLifecycleConfiguration(
        "store",
        aws.s3.BucketLifecycleConfigurationArgs(bucket=bucket.bucket, rules=[*aged, replaced]),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[versioning])),
    )
