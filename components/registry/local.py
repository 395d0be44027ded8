"""The registry on this computer: a folder, and MLflow on SQLite."""

from __future__ import annotations

import pulumi

from components.local_resources import Folder, RegisteredModel
from components.registry import RegistryArgs, RegistryModel, RegistryShared
from components.settings import Model
from training.platform import STACKS


def shared(args: RegistryArgs, opts: pulumi.ResourceOptions) -> RegistryShared:
    """The stack's folder."""
    folder = Folder(
        "store",
        path=f"{STACKS}/{pulumi.get_stack()}",
        allow_model_deletion=args.settings.allow_model_deletion,
        opts=opts,
    )
    return RegistryShared(
        store=folder.path, registry=pulumi.Output.concat("sqlite:///", folder.path, "/registry.db")
    )


def model(
    args: RegistryArgs, settings: Model, shared: RegistryShared, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The model's folder in the store, and its entry in MLflow."""
    folder = Folder(
        f"{settings.name}-folder",
        path=pulumi.Output.concat(shared.store, "/models/", settings.name),
        allow_model_deletion=args.settings.allow_model_deletion,
        opts=opts,
    )
    entry = RegisteredModel(
        f"{settings.name}-entry",
        registry=shared.registry,
        model=settings.name,
        tags=args.settings.tags,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[folder])),
    )
    return RegistryModel(entry=entry.model, folder=folder.path)
