"""Variables that lead the platform's own calls to a simulated cloud, as `SimCloud` takes them."""

from __future__ import annotations

from training.clients import azure, gcp

GATEWAYS = {"azure": azure.GATEWAY, "gcp": gcp.GATEWAY}

__all__ = ["GATEWAYS"]
