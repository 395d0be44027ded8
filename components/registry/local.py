"""The registry on this computer: a folder, and MLflow on SQLite."""

from __future__ import annotations

import pulumi

from components.registry import RegistryArgs, RegistryModel, RegistryShared
from components.scope import ModelScope, StackScope
from components.targets.local.dynamic import Folder, RegisteredModel
from training.platform import STACKS


def create_shared(
    scope: StackScope, args: RegistryArgs, opts: pulumi.ResourceOptions
) -> RegistryShared:
    """The stack's folder."""
    folder = Folder(
        "store",
        path=f"{STACKS}/{pulumi.get_stack()}",
        allow_model_deletion=scope.settings.allow_model_deletion,
        opts=opts,
    )
    return RegistryShared(
        store=folder.path, registry=pulumi.Output.concat("sqlite:///", folder.path, "/registry.db")
    )


def create_model(
    scope: ModelScope, args: RegistryArgs, shared: RegistryShared, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The model's folder in the store, and its entry in MLflow."""
    folder = Folder(
        f"{scope.model.name}-folder",
        path=pulumi.Output.concat(shared.store, "/models/", scope.model.name),
        allow_model_deletion=scope.settings.allow_model_deletion,
        opts=opts,
    )
    entry = RegisteredModel(
        f"{scope.model.name}-entry",
        registry=shared.registry,
        model=scope.model.name,
        tags=scope.settings.tags,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[folder])),
    )
    return RegistryModel(entry=entry.model, folder=folder.path)
