"""Limits that the clouds' references state, from both sides."""

from __future__ import annotations

from stated.aws import AWS
from stated.azure import AZURE
from stated.case import Stated
from stated.gcp import GCP

STATED: dict[str, list[Stated]] = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}

__all__ = ["STATED"]
