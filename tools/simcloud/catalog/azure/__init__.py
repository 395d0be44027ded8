"""Microsoft Azure."""

from __future__ import annotations

from tools.simcloud.catalog.azure.base import BASE
from tools.simcloud.catalog.azure.events import EVENTS
from tools.simcloud.catalog.azure.identity import IDENTITY
from tools.simcloud.catalog.azure.machinelearning import MACHINE_LEARNING
from tools.simcloud.catalog.azure.monitoring import MONITORING

AZURE = (*BASE, *IDENTITY, *MACHINE_LEARNING, *MONITORING, *EVENTS)

__all__ = ["AZURE"]
