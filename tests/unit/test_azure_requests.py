"""Requests of a release to Azure ML, as learn.microsoft.com has them.

"Online Deployments - Create Or Update", "Online Endpoints - Create Or Update" and Azure Monitor's
"Autoscale Settings".
"""

from __future__ import annotations

from typing import Any

from training.endpoint import azure_requests
from training.endpoint.azure_deployments import name_of, version_of

SCORING = "https://dev-toys.west.inference.ml.azure.com/score"
OLD, NEW = "v000002", "v000003"
PART: dict[str, Any] = {
    "endpoint": "dev-toys", "location": "westeurope", "environment": "azureml:/subscriptions/s/env",
    "instance_type": "Standard_DS2_v2", "instances": 2, "max_instances": 5, "workers": 4,
    "tags": {"stack": "dev"}, "capture": {"percent": 30, "folder": "models/toys/captures"},
}  # fmt: skip
MANIFEST: dict[str, Any] = {
    "model": "toys", "version": 3, "artifact": {"sha256": "ab", "key": "models/toys/artifacts/3/m"},
}  # fmt: skip
COLLECTIONS = {"request": "/data/request/3", "response": "/data/response/3"}
COLLECTOR = {
    "rollingRate": "Hour",
    "collections": {
        name: {"dataCollectionMode": "Enabled", "samplingRate": 0.3, "dataId": asset}
        for name, asset in COLLECTIONS.items()
    },
}


def test_a_deployment_has_its_model_its_code_and_its_machines() -> None:
    body = azure_requests.deployment(PART, MANIFEST, "/models/toys/3", "/codes/c", COLLECTIONS)
    variables = body["properties"].pop("environmentVariables")
    assert body == {
        "location": "westeurope", "sku": {"name": "Default", "capacity": 2},
        "tags": {"stack": "dev"},
        "properties": {
            "endpointComputeType": "Managed", "model": "/models/toys/3",
            "environmentId": "/subscriptions/s/env",
            "codeConfiguration": {"codeId": "/codes/c", "scoringScript": "score.py"},
            "requestSettings": {"maxConcurrentRequestsPerInstance": 4, "requestTimeout": "PT30S"},
            "instanceType": "Standard_DS2_v2", "dataCollector": COLLECTOR,
        },
    }  # fmt: skip
    assert variables["WORKER_COUNT"] == "4" and variables["MLOPS_VERSION"] == "3"
    own = {**MANIFEST, "image": "azureml:/subscriptions/s/of-its-own"}
    body = azure_requests.deployment(PART, own, "/models/toys/3", "/codes/c", COLLECTIONS)
    assert body["properties"]["environmentId"] == "/subscriptions/s/of-its-own"


def test_without_captures_nothing_is_collected() -> None:
    part = {**PART, "capture": {"percent": 0}}
    assert azure_requests.settings(part, COLLECTIONS) == {"instanceType": "Standard_DS2_v2"}


def test_of_an_endpoint_the_traffic_alone_is_changed() -> None:
    current = {
        "id": "x", "location": "westeurope", "kind": "Managed", "systemData": {},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/i": {"clientId": "c"}}},
        "properties": {"authMode": "AADToken", "scoringUri": SCORING, "traffic": {OLD: 100}},
    }  # fmt: skip
    assert azure_requests.endpoint(PART, current, {OLD: 90, NEW: 10}, {"x": 5}) == {
        "location": "westeurope", "kind": "Managed", "tags": {"stack": "dev"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/i": {}}},
        "properties": {"authMode": "AADToken", "traffic": {OLD: 90, NEW: 10},
                       "mirrorTraffic": {"x": 5}},
    }  # fmt: skip


def test_autoscaling_goes_by_the_processors() -> None:
    body = azure_requests.autoscaling("/d", "westeurope", 2, 5)
    (profile,) = body["properties"].pop("profiles")
    assert body == {
        "location": "westeurope", "properties": {"enabled": True, "targetResourceUri": "/d"},
    }  # fmt: skip
    assert profile.pop("name")
    up, down = profile.pop("rules")
    assert profile == {"capacity": {"minimum": "2", "maximum": "5", "default": "2"}}
    for rule, operator, threshold, direction in (
        (up, "GreaterThan", 70, "Increase"), (down, "LessThan", 30, "Decrease"),
    ):  # fmt: skip
        assert rule == {
            "metricTrigger": {
                "metricName": "CpuUtilizationPercentage", "metricResourceUri": "/d",
                "timeGrain": "PT1M", "statistic": "Average", "timeWindow": "PT5M",
                "timeAggregation": "Average", "operator": operator, "threshold": threshold,
            },
            "scaleAction": {"direction": direction, "type": "ChangeCount", "value": "1",
                            "cooldown": "PT5M"},
        }  # fmt: skip


def test_a_deployment_is_named_by_its_version() -> None:
    assert name_of(3) == NEW and version_of(NEW) == 3 and version_of(name_of(1234567)) == 1234567
