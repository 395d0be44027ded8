"""The registry on AWS: a bucket with a key of its own, and SageMaker model package groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_aws as aws

from components import aws_policies
from components.aws_resources import uri
from components.capability import INTERNAL, protected
from components.names import name, prefix, tags
from components.registry import Registry, RegistryArgs, RegistryModel, RegistryShared
from components.registry.aws_store import store
from components.settings import Model, Settings

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
    """The key, and the store that it encrypts."""
    settings = args.settings
    kept = protected(opts, settings.allow_model_deletion)
    account = aws.get_caller_identity_output().account_id
    region = aws.get_region_output().region
    partition = aws.get_partition_output().partition
    key = _key(settings, {"account": account, "region": region, "partition": partition}, kept)
    safe = store(settings, key, opts, kept)
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
    group = aws.sagemaker.ModelPackageGroup(
        f"{settings.name}-entry",
        aws.sagemaker.ModelPackageGroupArgs(
            model_package_group_name=name(args.settings, settings),
            model_package_group_description=f"Versions of {settings.name}",
            tags=tags(args.settings, settings),
        ),
        protected(opts, args.settings.allow_model_deletion),
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
