"""Requests of a release: a deployment, its data collector and autoscaling, the traffic.

`part` is the model's ``endpoint.json``.
Sources: Azure Monitor's REST API, "Autoscale Settings", 2022-10-01; Azure ML's, 2025-12-01.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.scoring import environment
from training.versions import Manifest

SCORE = "score.py"
# Processes of the inference server (azureml-inference-server-http), each of which answers one
# request at a time: with fewer than the machine's cores it never gets as busy as autoscaling wants.
# By itself it has one, and the service lets one request through at a time ("CLI (v2) managed online
# deployment YAML schema", request_settings).
WORKERS = "WORKER_COUNT"
# The default of 5 s is short for a request of many rows.
TIMEOUT = "PT30S"
# Add an instance above 70 % of the processors, take one away below 30 %.
BUSY, IDLE = 70, 30


def deployment(
    part: Mapping[str, Any],
    manifest: Manifest,
    address: str,
    code: str,
    collections: Mapping[str, str],
) -> dict[str, Any]:
    """A version's deployment; `address` is the version's, `code` and `collections` are assets."""
    # Served in the environment that made it.
    image = manifest.get("image") or part["environment"]
    return {
        "location": part["location"],
        "sku": {"name": "Default", "capacity": part["instances"]},
        "tags": part["tags"],
        "properties": {
            "endpointComputeType": "Managed",
            "model": address,
            # A component names an asset of the workspace as azureml:ID, a deployment by its ID.
            "environmentId": image.replace("azureml:/s", "/s", 1),
            "codeConfiguration": {"codeId": code, "scoringScript": SCORE},
            "environmentVariables": {
                **environment(manifest),
                WORKERS: str(part["workers"]),
            },
            "requestSettings": {
                "maxConcurrentRequestsPerInstance": part["workers"],
                "requestTimeout": TIMEOUT,
            },
            **settings(part, collections),
        },
    }


def settings(part: Mapping[str, Any], collections: Mapping[str, str]) -> dict[str, Any]:
    """The properties of a deployment that come from the stack's settings, without its instances."""
    properties: dict[str, Any] = {"instanceType": part["instance_type"]}
    share = part["capture"]["percent"]
    if share:
        properties["dataCollector"] = _collector(collections, share)
    return properties


def endpoint(
    part: Mapping[str, Any],
    current: Mapping[str, Any],
    traffic: Mapping[str, int],
    mirrored: Mapping[str, int],
) -> dict[str, Any]:
    """The endpoint that is `current` with another traffic."""
    assigned = current["identity"]["userAssignedIdentities"]
    return {
        **{key: current[key] for key in ("location", "kind") if key in current},
        "tags": part["tags"],
        "identity": {
            "type": current["identity"]["type"],
            "userAssignedIdentities": {identity: {} for identity in assigned},
        },
        "properties": {
            "authMode": current["properties"]["authMode"],
            "traffic": dict(traffic),
            "mirrorTraffic": dict(mirrored),
        },
    }


def _collector(ids: Mapping[str, str], percent: int) -> dict[str, Any]:
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
