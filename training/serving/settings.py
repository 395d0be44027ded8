"""The endpoint's settings, read again while it runs: `pulumi up` needs no restart."""

from __future__ import annotations

from dataclasses import dataclass

from training.errors import UserError
from training.platform import Platform
from training.serving.endpoint import Endpoint

POLL_SECONDS = 5.0
DOCUMENT = "endpoint.json"


@dataclass(frozen=True)
class BindAddress:
    """The address to listen on; port 0 is any free one."""

    host: str
    port: int


def bind_address(platform: Platform) -> BindAddress:
    """The place all models of the stack name; raises UserError if they name different ones."""
    parts = {model: platform.part(model, DOCUMENT) for model in platform.models}
    for name in ("host", "port"):
        values = {model: part[name] for model, part in parts.items()}
        if len(set(values.values())) > 1:
            differing = ", ".join(f"{model}: {value}" for model, value in values.items())
            raise UserError(
                f"endpoint.{name} differs between the models ({differing}); "
                "one server serves all models of a stack"
            )
    first = next(iter(parts.values()))
    return BindAddress(first["host"], first["port"])


def apply(platform: Platform, endpoint: Endpoint) -> None:
    """Let the endpoint work by its settings as they are now."""
    part = platform.part(endpoint.model, DOCUMENT)
    endpoint.capture_share = part["capture_percent"] / 100
    endpoint.captures.durable = part.get("capture_durable", False)
    endpoint.keep_minutes = part.get("keep_previous_minutes", 0)
