"""The catalog: one entry per resource type, by cloud."""

from __future__ import annotations

from functools import cache

from tools.simcloud.catalog.aws import AWS
from tools.simcloud.catalog.azure import AZURE
from tools.simcloud.catalog.gcp import GCP
from tools.simcloud.kinds import Kind


@cache
def catalog() -> dict[str, Kind]:
    """Every resource type that the simulated cloud knows, by type token."""
    return {kind.token: kind for kind in (*AWS, *AZURE, *GCP)}


__all__ = ["catalog"]
