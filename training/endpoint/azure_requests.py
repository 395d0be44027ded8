"""What a release sends beside a deployment itself: its autoscaling, and its data collector.

Sources: Azure Monitor's REST API, "Autoscale Settings", 2022-10-01; Azure ML's, 2025-12-01.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Add an instance above 70 % of the processors, take one away below 30 %.
BUSY, IDLE = 70, 30


def collector(ids: Mapping[str, str], percent: int) -> dict[str, Any]:
    """The data collector; `ids` are the assets that name the folders, by the collection."""
    return {
        "rollingRate": "Hour",
        "collections": {
            name: {
                "dataCollectionMode": "Enabled",
                "samplingRate": percent / 100,
                "dataId": asset,
            }
            for name, asset in ids.items()
        },
    }


def autoscaling(deployment: str, location: str, least: int, most: int) -> dict[str, Any]:
    """The autoscaling of a deployment, a resource id, between so many instances."""
    capacity = {"minimum": str(least), "maximum": str(most), "default": str(least)}
    rules = [
        _rule(deployment, "GreaterThan", BUSY, "Increase"),
        _rule(deployment, "LessThan", IDLE, "Decrease"),
    ]
    return {
        "location": location,
        "properties": {
            "enabled": True,
            "targetResourceUri": deployment,
            "profiles": [{"name": "load", "capacity": capacity, "rules": rules}],
        },
    }


def _rule(target: str, operator: str, threshold: int, direction: str) -> dict[str, Any]:
    return {
        "metricTrigger": {
            "metricName": "CpuUtilizationPercentage",
            "metricResourceUri": target,
            "timeGrain": "PT1M",
            "statistic": "Average",
            "timeWindow": "PT5M",
            "timeAggregation": "Average",
            "operator": operator,
            "threshold": threshold,
        },
        "scaleAction": {
            "direction": direction,
            "type": "ChangeCount",
            "value": "1",
            "cooldown": "PT5M",
        },
    }
