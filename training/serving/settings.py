"""The endpoint's settings, read again while it runs: `pulumi up` needs no restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    return BindAddress(_of_server(platform, "host"), _of_server(platform, "port"))


def workers(platform: Platform) -> int:
    """The number of processes that answer; raises UserError if the models name different ones."""
    return _of_server(platform, "workers", 1)


def _of_server(platform: Platform, name: str, default: Any = None) -> Any:
    """A setting that all models of the stack have in common."""
    parts = {model: platform.part(model, DOCUMENT) for model in platform.models}
    values = {model: part.get(name, default) for model, part in parts.items()}
    if len(set(values.values())) > 1:
        differing = ", ".join(f"{model}: {value}" for model, value in values.items())
        raise UserError(
            f"endpoint.{name} differs between the models ({differing}); "
            "one server serves all models of a stack"
        )
    return next(iter(values.values()))


def apply(platform: Platform, endpoint: Endpoint) -> None:
    """Let the endpoint work by its settings as they are now."""
    part = platform.part(endpoint.model, DOCUMENT)
    endpoint.capture_share = part["capture_percent"] / 100
    endpoint.captures.durable = part.get("capture_durable", False)
    endpoint.keep_minutes = part.get("keep_previous_minutes", 0)
