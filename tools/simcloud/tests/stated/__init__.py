"""Limits that the clouds' references state, from both sides."""

from __future__ import annotations

from stated.aws import AWS
from stated.case import Stated

STATED: dict[str, list[Stated]] = {"aws": AWS, "azure-native": [], "gcp": []}

__all__ = ["STATED"]
