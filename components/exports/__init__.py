"""What a stack says of itself: Pulumi's outputs, and the document the command line reads.

A target's module has ``platform(registry, content, opts)``, which makes ``platform.json`` in the
artifact store. That document says that the stack is up: it is made last and deleted first.
"""

from __future__ import annotations

import importlib
from typing import Any

import pulumi

from components.capability import Capability, as_outputs
from components.registry import Registry
from components.settings import Settings


def publish(
    settings: Settings,
    registry: Registry,
    others: list[Capability[Any, Any]],
    opts: pulumi.ResourceOptions,
) -> None:
    """Export the outputs of all capabilities, and write the platform document."""
    capabilities = [registry, *others]
    shared = {
        name: value for part in capabilities for name, value in as_outputs(part.shared).items()
    }
    models = {
        model.name: {
            name: value
            for part in capabilities
            for name, value in as_outputs(part.models[model.name]).items()
        }
        for model in settings.models
    }
    pulumi.export("target", settings.target)
    pulumi.export("prefix", settings.prefix)
    pulumi.export("models", models)
    for name, value in shared.items():
        pulumi.export(name, value)
    target = importlib.import_module(f"components.exports.{settings.target}")
    target.platform(
        registry.shared,
        {
            "stack": pulumi.get_stack(),
            "target": settings.target,
            "store": registry.shared.store,
            "registry": registry.shared.registry,
            "models": models,
            "allow_model_deletion": settings.allow_model_deletion,
        },
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=capabilities)),
    )
