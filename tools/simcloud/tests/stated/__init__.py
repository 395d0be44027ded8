"""Limits that the clouds' references state, from both sides."""

from __future__ import annotations

from stated.aws import AWS
from stated.azure import AZURE
from stated.case import Stated
from stated.gcp import GCP
from stated.gcp_data import DATA
from stated.gcp_events import EVENTS
from stated.gcp_operations import OPERATIONS

STATED: dict[str, list[Stated]] = {
    "aws": AWS,
    "azure-native": AZURE,
    "gcp": [*GCP, *DATA, *EVENTS, *OPERATIONS],
}

__all__ = ["STATED"]
