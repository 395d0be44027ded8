"""Refusals that users of the clouds met, from public threads."""

from __future__ import annotations

from refusals.aws import AWS
from refusals.azure import AZURE
from refusals.gcp import GCP

REFUSALS = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}

__all__ = ["REFUSALS"]
