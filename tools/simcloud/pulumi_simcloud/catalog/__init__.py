"""The catalog: one entry per resource type, by cloud."""

from __future__ import annotations

from functools import cache

from pulumi_simcloud.catalog.aws import AWS
from pulumi_simcloud.catalog.azure import AZURE
from pulumi_simcloud.catalog.gcp import GCP
from pulumi_simcloud.kinds import Kind


@cache
def catalog() -> dict[str, Kind]:
    """Every resource type that the simulated cloud knows, by type token."""
    return {kind.token: kind for kind in (*AWS, *AZURE, *GCP)}


__all__ = ["catalog"]
