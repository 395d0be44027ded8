"""The registry on AWS: a bucket with a key of its own, and SageMaker model package groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_aws as aws

from components.capability import INTERNAL, protected
from components.registry import Registry, RegistryArgs, RegistryModel, RegistryShared
from components.registry.aws_store import store
from components.scope import ModelScope, StackScope
from components.targets.aws import policies
from components.targets.aws.resources import uri

# The shortest time in which the deletion of a key, which makes all data unreadable, can be undone.
KEY_DELETION_DAYS = 30


@dataclass(frozen=True)
class Foundation(RegistryShared):
    """The foundation of the other capabilities on AWS; `key` is the ARN of the stack's KMS key."""

    bucket: pulumi.Output[str] = field(metadata=INTERNAL)
    key: pulumi.Output[str] = field(metadata=INTERNAL)
    account: pulumi.Output[str] = field(metadata=INTERNAL)
    region: pulumi.Output[str] = field(metadata=INTERNAL)
    partition: pulumi.Output[str] = field(metadata=INTERNAL)

    def arn_parts(self, scope: StackScope | ModelScope) -> policies.ArnParts:
        """Names that policies are filled with; of a stack's scope, those of all its models."""
        model = scope.model.name if isinstance(scope, ModelScope) else "*"
        return {
            "prefix": scope.prefix,
            "stack": pulumi.get_stack(),
            "name": f"{scope.prefix}-{model}",
            "model": model,
            "bucket": self.bucket,
            "key": self.key,
            "account": self.account,
            "region": self.region,
            "partition": self.partition,
        }


def foundation(registry: Registry) -> Foundation:
    """The shared part of a registry on AWS."""
    return cast(Foundation, registry.shared)


def create_shared(
    scope: StackScope, args: RegistryArgs, opts: pulumi.ResourceOptions
) -> Foundation:
    """The key, and the store that it encrypts."""
    protected_opts = protected(opts, scope.settings.allow_model_deletion)
    account = aws.get_caller_identity_output().account_id
    region = aws.get_region_output().region
    partition = aws.get_partition_output().partition
    key = _key(
        scope, {"account": account, "region": region, "partition": partition}, protected_opts
    )
    safe = store(scope, key, opts, protected_opts)
    return Foundation(
        store=pulumi.Output.concat("s3://", safe),
        registry=pulumi.Output.concat("sagemaker://", region, "/", scope.prefix),
        bucket=safe,
        key=key,
        account=account,
        region=region,
        partition=partition,
    )


def create_model(
    scope: ModelScope, args: RegistryArgs, shared: Foundation, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The model's group of packages, and its folder."""
    group = aws.sagemaker.ModelPackageGroup(
        f"{scope.model.name}-entry",
        aws.sagemaker.ModelPackageGroupArgs(
            model_package_group_name=scope.name(),
            model_package_group_description=f"Versions of {scope.model.name}",
            tags=scope.tags,
        ),
        protected(opts, scope.settings.allow_model_deletion),
    )
    return RegistryModel(
        entry=group.model_package_group_name,
        folder=uri(shared.bucket, f"models/{scope.model.name}"),
    )


def _key(
    scope: StackScope, arn_parts: policies.ArnParts, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    key = aws.kms.Key(
        "key",
        aws.kms.KeyArgs(
            description=f"Everything that {scope.prefix} stores",
            enable_key_rotation=True,
            deletion_window_in_days=KEY_DELETION_DAYS,
            policy=policies.key_policy({"prefix": scope.prefix, **arn_parts}),
            tags=scope.tags,
        ),
        opts=opts,
    )
    aws.kms.Alias(
        "key",
        aws.kms.AliasArgs(name=f"alias/{scope.prefix}", target_key_id=key.key_id),
        opts=opts,
    )
    return key.arn
