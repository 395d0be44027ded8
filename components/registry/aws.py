"""The registry on AWS: a bucket with a key of its own, and SageMaker model package groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_aws as aws

from components import aws_policies
from components.aws_resources import uri
from components.capability import INTERNAL
from components.names import name, prefix, tags
from components.registry import Registry, RegistryArgs, RegistryModel, RegistryShared
from components.settings import Model, Settings

# Deleted objects and replaced documents can be brought back for so long.
OLD_VERSIONS_DAYS = 30
# The shortest time in which the deletion of a key, which makes all data unreadable, can be undone.
KEY_DELETION_DAYS = 30


@dataclass(frozen=True)
class Foundation(RegistryShared):
    """What the other capabilities on AWS build on; `key` is the ARN of the stack's KMS key."""

    bucket: pulumi.Output[str] = field(metadata=INTERNAL)
    key: pulumi.Output[str] = field(metadata=INTERNAL)
    account: pulumi.Output[str] = field(metadata=INTERNAL)
    region: pulumi.Output[str] = field(metadata=INTERNAL)
    partition: pulumi.Output[str] = field(metadata=INTERNAL)

    def places(self, settings: Settings, model: Model | None = None) -> aws_policies.Places:
        """What policies name resources by; without a model, those of all models."""
        own = name(settings, model) if model else f"{prefix(settings)}-*"
        return {
            "prefix": prefix(settings),
            "stack": pulumi.get_stack(),
            "name": own,
            "model": model.name if model else "*",
            "bucket": self.bucket,
            "key": self.key,
            "account": self.account,
            "region": self.region,
            "partition": self.partition,
        }


def foundation(registry: Registry) -> Foundation:
    """The shared part of a registry on AWS."""
    return cast(Foundation, registry.shared)


def shared(args: RegistryArgs, opts: pulumi.ResourceOptions) -> Foundation:
    """The key, and the bucket with what makes it safe."""
    settings = args.settings
    kept = pulumi.ResourceOptions.merge(
        opts, pulumi.ResourceOptions(protect=not settings.allow_model_deletion)
    )
    account = aws.get_caller_identity_output().account_id
    region = aws.get_region_output().region
    partition = aws.get_partition_output().partition
    key = _key(settings, {"account": account, "region": region, "partition": partition}, kept)
    bucket = aws.s3.Bucket(
        "store",
        aws.s3.BucketArgs(
            bucket_prefix=f"{prefix(settings)}-",
            force_destroy=settings.allow_model_deletion,
            tags=tags(settings),
        ),
        opts=kept,
    )
    ready = _secured(settings, bucket, key, opts)
    # Nothing is written before the bucket is encrypted and closed.
    safe = pulumi.Output.all(bucket.bucket, *ready).apply(lambda known: known[0])
    return Foundation(
        store=pulumi.Output.concat("s3://", safe),
        registry=pulumi.Output.concat("sagemaker://", region, "/", prefix(settings)),
        bucket=safe,
        key=key,
        account=account,
        region=region,
        partition=partition,
    )


def model(
    args: RegistryArgs, settings: Model, shared: RegistryShared, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The model's group of packages, and its folder."""
    protect = pulumi.ResourceOptions(protect=not args.settings.allow_model_deletion)
    group = aws.sagemaker.ModelPackageGroup(
        f"{settings.name}-entry",
        aws.sagemaker.ModelPackageGroupArgs(
            model_package_group_name=name(args.settings, settings),
            model_package_group_description=f"Versions of {settings.name}",
            tags=tags(args.settings, settings),
        ),
        opts=pulumi.ResourceOptions.merge(opts, protect),
    )
    return RegistryModel(
        entry=group.model_package_group_name,
        folder=uri(cast(Foundation, shared).bucket, f"models/{settings.name}"),
    )


def _key(
    settings: Settings, places: aws_policies.Places, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    key = aws.kms.Key(
        "key",
        aws.kms.KeyArgs(
            description=f"Everything that {prefix(settings)} stores",
            enable_key_rotation=True,
            deletion_window_in_days=KEY_DELETION_DAYS,
            policy=aws_policies.key_policy({"prefix": prefix(settings), **places}),
            tags=tags(settings),
        ),
        opts=opts,
    )
    aws.kms.Alias(
        "key",
        aws.kms.AliasArgs(name=f"alias/{prefix(settings)}", target_key_id=key.key_id),
        opts=opts,
    )
    return key.arn


def _secured(
    settings: Settings,
    bucket: aws.s3.Bucket,
    key: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Output[str]]:
    """What makes the bucket safe; the ids of it all."""
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
        aws.s3.BucketPolicyArgs(bucket=bucket.bucket, policy=aws_policies.tls_only(bucket.arn)),
        # S3 refuses two changes of a bucket's access at once.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[closed])),
    )
    _lifecycle(settings, bucket, versioning, opts)
    return [versioning.id, encryption.id, closed.id, owned.id, policy.id]


def _lifecycle(
    settings: Settings,
    bucket: aws.s3.Bucket,
    versioning: aws.s3.BucketVersioning,
    opts: pulumi.ResourceOptions,
) -> None:
    """Captures and run files go after `retentionDays`, what was replaced after a month."""
    rule, only = (
        aws.s3.BucketLifecycleConfigurationRuleArgs,
        aws.s3.BucketLifecycleConfigurationRuleFilterArgs,
    )
    expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=settings.retention_days)
    aged = [
        rule(
            id=f"{model.name}-{folder}",
            status="Enabled",
            filter=only(prefix=f"models/{model.name}/{folder}/"),
            expiration=expiration,
        )
        for model in settings.models
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
