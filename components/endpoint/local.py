"""The endpoint on this computer: settings of the server process `mlops serve`."""

from __future__ import annotations

import pulumi

from components.endpoint import EndpointArgs, EndpointModel, EndpointShared, release_settings
from components.local_resources import Document
from components.settings import Model

# Only this computer: whoever wants more puts a proxy with authentication before it.
HOST = "127.0.0.1"


def shared(args: EndpointArgs, opts: pulumi.ResourceOptions) -> EndpointShared:
    """Nothing."""
    return EndpointShared()


def model(
    args: EndpointArgs, settings: Model, shared: EndpointShared, opts: pulumi.ResourceOptions
) -> EndpointModel:
    """The endpoint's settings."""
    document = Document(
        f"{settings.name}-endpoint",
        path=pulumi.Output.concat(args.registry.models[settings.name].folder, "/endpoint.json"),
        content={
            "host": HOST,
            "port": settings.endpoint.port,
            "capture_percent": settings.endpoint.capture_percent,
            "alarms": list(settings.endpoint.rollback_alarms),
            **release_settings(args.settings, settings),
        },
        opts=opts,
    )
    return EndpointModel(endpoint=document.path)
