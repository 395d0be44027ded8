"""The registry on Google Cloud: a bucket with a key of its own, and Vertex AI's model entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_gcp as gcp

from components.capability import INTERNAL, protected
from components.registry import Registry, RegistryArgs, RegistryModel, RegistryShared
from components.registry.gcp_services import services
from components.registry.gcp_store import key_of, store
from components.scope import ModelScope, StackScope
from components.targets.gcp.dynamic import Entry
from components.targets.gcp.resources import after, location, project, region, uri, word


@dataclass(frozen=True)
class Foundation(RegistryShared):
    """What the other capabilities on Google Cloud build on.

    `key` is the name of the stack's key, `dataset` where captures are kept, `number` the project's.
    """

    bucket: pulumi.Output[str] = field(metadata=INTERNAL)
    key: pulumi.Output[str] = field(metadata=INTERNAL)
    dataset: pulumi.Output[str] = field(metadata=INTERNAL)
    number: pulumi.Output[str] = field(metadata=INTERNAL)


def foundation(registry: Registry) -> Foundation:
    """The shared part of a registry on Google Cloud."""
    return cast(Foundation, registry.shared)


def create_shared(
    scope: StackScope, args: RegistryArgs, opts: pulumi.ResourceOptions
) -> Foundation:
    """The APIs, the key, the bucket, and the dataset of captures."""
    ready = after(opts, *services(scope, opts))
    kept = protected(ready, scope.settings.allow_model_deletion)
    number = gcp.organizations.get_project_output(project_id=project()).number
    key, users = key_of(scope, number, ready, kept)
    bucket = store(scope, key, users, kept)
    # Whoever is told the key may use it: nothing is encrypted before that.
    usable = pulumi.Output.all(key.id, *[user.id for user in users]).apply(lambda known: known[0])
    dataset = _captures(scope, usable, ready)
    return Foundation(
        store=pulumi.Output.concat("gs://", bucket.name),
        registry=pulumi.Output.concat("vertex://", location(), "/", bucket.name),
        bucket=bucket.name,
        key=usable,
        dataset=dataset.dataset_id,
        number=number,
    )


def create_model(
    scope: ModelScope, args: RegistryArgs, shared: RegistryShared, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The model's entry, which its first version makes, and its folder."""
    bucket = cast(Foundation, shared).bucket
    kept = protected(opts, scope.settings.allow_model_deletion)
    Entry(f"{scope.model.name}-entry", shared.registry, scope.model.name, kept)
    return RegistryModel(
        # Named by the store: a later stack of this name has another, and entries of its own.
        entry=pulumi.Output.concat(bucket, "-", scope.model.name),
        folder=uri(bucket, f"models/{scope.model.name}"),
    )


def _captures(
    scope: StackScope, key: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> gcp.bigquery.Dataset:
    """Where endpoints log requests and answers."""
    return gcp.bigquery.Dataset(
        "captures",
        gcp.bigquery.DatasetArgs(
            dataset_id=word(scope.prefix),
            location=region(),
            default_encryption_configuration=gcp.bigquery.DatasetDefaultEncryptionConfigurationArgs(
                kms_key_name=key
            ),
            delete_contents_on_destroy=scope.settings.allow_model_deletion,
            labels=scope.tags,
        ),
        opts,
    )
