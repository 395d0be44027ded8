"""What a stack says of itself: Pulumi's outputs, and the document the command line reads."""

from __future__ import annotations

from typing import Any

import pulumi

from components.capability import Capability, as_outputs
from components.local_resources import PlatformDocument
from components.settings import Settings


def publish(settings: Settings, capabilities: list[Capability[Any, Any]]) -> None:
    """Export the outputs of all capabilities, and write the platform document."""
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
    pulumi.export("models", models)
    for name, value in shared.items():
        pulumi.export(name, value)
    PlatformDocument(
        "platform",
        store=shared["store"],
        content={
            "stack": pulumi.get_stack(),
            "target": settings.target,
            "store": shared["store"],
            "registry": shared["registry"],
            "models": models,
            "allow_model_deletion": settings.allow_model_deletion,
        },
        opts=pulumi.ResourceOptions(depends_on=capabilities),
    )
