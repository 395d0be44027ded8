"""The endpoint on this computer: settings of the server process `mlops serve`."""

from __future__ import annotations

import pulumi

from components.capability import NoOutputs
from components.endpoint import EndpointArgs, EndpointModel, release_settings
from components.scope import ModelScope
from components.targets.local.dynamic import Document

# Only this computer: whoever wants more puts a proxy with authentication before it.
HOST = "127.0.0.1"


def create_model(
    scope: ModelScope, args: EndpointArgs, shared: NoOutputs, opts: pulumi.ResourceOptions
) -> EndpointModel:
    """The endpoint's settings."""
    document = Document(
        f"{scope.model.name}-endpoint",
        path=pulumi.Output.concat(args.registry.models[scope.model.name].folder, "/endpoint.json"),
        content={
            "host": HOST,
            "port": scope.model.endpoint.port,
            "workers": scope.model.endpoint.workers,
            "capture_percent": scope.model.endpoint.capture_percent,
            "capture_durable": scope.model.endpoint.capture_durable,
            "alarms": list(scope.model.endpoint.rollback_alarms),
            **release_settings(scope),
        },
        opts=opts,
    )
    return EndpointModel(endpoint=document.path)
