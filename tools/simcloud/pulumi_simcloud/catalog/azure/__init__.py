"""Microsoft Azure."""

from __future__ import annotations

from pulumi_simcloud.catalog.azure.base import BASE
from pulumi_simcloud.catalog.azure.documented import documented
from pulumi_simcloud.catalog.azure.events import EVENTS
from pulumi_simcloud.catalog.azure.identity import IDENTITY
from pulumi_simcloud.catalog.azure.machinelearning import MACHINE_LEARNING
from pulumi_simcloud.catalog.azure.monitoring import MONITORING

AZURE = tuple(
    documented(kind) for kind in (*BASE, *IDENTITY, *MACHINE_LEARNING, *MONITORING, *EVENTS)
)

__all__ = ["AZURE"]
