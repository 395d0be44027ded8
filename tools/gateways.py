"""Variables that lead the platform's own calls to a simulated cloud, as `SimCloud` takes them."""

from __future__ import annotations

import importlib

from components import targets

# AWS's own SDK reads such a variable itself.
GATEWAYS: dict[str, str] = {
    name: importlib.import_module(f"training.clients.{name}").GATEWAY
    for name in targets.names()
    if name in ("azure", "gcp")
}

__all__ = ["GATEWAYS"]
