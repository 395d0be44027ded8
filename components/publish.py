"""Outputs of the stack, and the document the command line reads.

A target's module ``platform.py`` has ``create_document(registry, content, opts)``, which makes
``platform.json`` in the artifact store. That document says that the stack is up: it is made last
and deleted first.
"""

from __future__ import annotations

import importlib
from typing import Any

import pulumi

from components import sdk
from components.capability import Capability, as_outputs
from components.registry import RegistryShared
from components.scope import StackScope
from components.settings import Settings


def publish(settings: Settings) -> None:
    """Export the outputs of all capabilities made so far, and write the platform document."""
    capabilities = list(Capability.declared)
    shared = {
        name: value
        for capability in capabilities
        for name, value in as_outputs(capability.shared).items()
    }
    models = {
        model.name: {
            name: value
            for capability in capabilities
            for name, value in as_outputs(capability.models[model.name]).items()
        }
        for model in settings.models
    }
    pulumi.export("target", settings.target)
    pulumi.export("prefix", settings.prefix)
    pulumi.export("models", models)
    for name, value in shared.items():
        pulumi.export(name, value)
    registry = next(
        capability.shared
        for capability in capabilities
        if isinstance(capability.shared, RegistryShared)
    )
    content: dict[str, Any] = {
        "stack": pulumi.get_stack(),
        "target": settings.target,
        "store": registry.store,
        "registry": registry.registry,
        "models": models,
        "allow_model_deletion": settings.allow_model_deletion,
    }
    last = pulumi.ResourceOptions(depends_on=capabilities)
    opts = sdk.with_providers(StackScope(settings, pulumi.get_stack()), last)
    target = importlib.import_module(f"components.targets.{settings.target}.platform")
    target.create_document(registry, content, opts)
