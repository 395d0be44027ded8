"""A stack on the double of Azure as `pulumi up` leaves it: documents, code, components."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from components import package
from components.pipeline.azure_definition import (
    command_component,
    component_name,
    pipeline_component,
)
from components.targets.azure.machines import IMAGE
from tests.clouds.azure import GROUP, INSIGHTS, REGISTRY, SETTINGS, WORKSPACE, Azure
from tests.project import REPOSITORY
from training.pipeline import PIPELINES, RUN, Pipeline
from training.platform import DOCUMENT, Platform, platform_at

RULES = [
    {"name": "drift", "metric": "drifted_features", "above": 0, "says": "inputs drifted"},
    {"name": "endpoint-errors", "metric": "error_share", "above": 0.05, "says": "answers fail"},
]
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/endpoint"
ENDPOINT = "mlops-test-toys"


def stack(
    double: Azure,
    model: str,
    root: Path,
    data: str,
    settings: Mapping[str, str | None],
    pipelines: tuple[Pipeline, ...] = PIPELINES,
    retrain: bool = False,
) -> Platform:
    """A new stack with one model, whose pipelines' steps have `settings`, and no endpoint."""
    name = f"store-{len(double.resources)}-{root.name.lower().replace('_', '')}"[:60].rstrip("-")
    store = double.container(name)
    digest, wheel = _package(double, name)
    double.put(
        f"{WORKSPACE}/codes/code/versions/{digest}",
        {"properties": {"codeUri": f"{store}/code/{digest}"}},
    )
    parameters = {**settings, "model": model, "store": store, "registry": REGISTRY}
    documents: dict[str, Any] = {
        DOCUMENT: {
            "stack": "test",
            "target": "azure",
            "store": store,
            "registry": REGISTRY,
            "models": {model: {}},
        },
        f"models/{model}/endpoint.json": _endpoint(model),
        f"models/{model}/alarms.json": {
            "rules": [{**rule, "alarm": f"{name}-{rule['name']}"} for rule in RULES],
            "insights": INSIGHTS,
        },
    }
    for pipeline in pipelines:
        documents[f"models/{model}/pipelines/{pipeline.name}.json"] = {
            "component": _components(
                double, name, pipeline, parameters, digest, wheel, store, retrain
            ),
            "package": f"code/{digest}/{wheel}",
            "experiment": name,
            "parameters": {k: v for k, v in pipeline.parameters.items() if k != RUN},
            "steps": [step.name for step in pipeline.steps],
            "inputs": {
                "data": {"jobInputType": "uri_folder", "uri": data, "mode": "ReadOnlyMount"}
            },
            "settings": {"default_compute": f"{WORKSPACE}/computes/cluster"},
            "identity": {"identityType": "Managed"},
        }
    for key, document in documents.items():
        double.cloud.put_object(f"az/mlopstest/{name}", key, json.dumps(document).encode())
    return platform_at(store, root)


def serve(double: Azure) -> None:
    """The endpoint as the stack makes it, before the first release."""
    double.put(
        f"{WORKSPACE}/onlineEndpoints/{ENDPOINT}",
        {
            **SETTINGS,
            "kind": "Managed",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
            "properties": {"authMode": "AADToken"},
            "tags": {},
        },
    )


def _package(double: Azure, container: str) -> tuple[str, str]:
    """Put this checkout's package into the store; its digest and file name."""
    digest, content = _wheel()
    wheel = package.file_name(digest)
    key = f"code/{digest[:16]}/{wheel}"
    double.cloud.put_object(f"az/mlopstest/{container}", key, content)
    return digest[:16], wheel


@cache
def _wheel() -> tuple[str, bytes]:
    """The digest and the content of this checkout's package."""
    contents = package.contents(REPOSITORY)
    return package.digest(contents), package.build(contents)


def _components(
    double: Azure,
    name: str,
    pipeline: Pipeline,
    settings: Mapping[str, str | None],
    digest: str,
    wheel: str,
    store: str,
    retrain: bool,
) -> str:
    """Register the components of a pipeline; the id of the whole."""
    base = component_name("c", name, pipeline.name)
    ids = {}
    for step in pipeline.steps:
        spec = command_component(
            component_name(base, step.name),
            pipeline,
            step,
            {setting: settings.get(setting) for setting in (*step.settings, "store", "model")},
            captures=f"{store}/models/{settings['model']}/captures",
            data="uri_folder",
            wheel=wheel,
            code=f"{WORKSPACE}/codes/code/versions/{digest}",
            environment=IMAGE,
            retrain=retrain and step.name == "drift",
        )
        ids[step.name] = f"{WORKSPACE}/components/{spec['name']}/versions/1"
        double.components[ids[step.name]] = spec
    identifier = f"{WORKSPACE}/components/{base}/versions/1"
    double.components[identifier] = pipeline_component(base, pipeline, ids, "uri_folder")
    return identifier


def _endpoint(model: str) -> dict[str, Any]:
    return {
        "endpoint": ENDPOINT,
        "location": SETTINGS["location"],
        "identity": IDENTITY,
        "instance_type": "Standard_DS3_v2",
        "workers": 4,
        "instances": 2,
        "max_instances": 4,
        "environment": IMAGE,
        "canary_percent": 10,
        "canary_min_requests": 20,
        "max_error_share": 0.01,
        "max_latency_ms": 500,
        "canary_minutes": 0.002,
        "mirror_percent": 0,
        "alarms": ["endpoint-errors"],
        "capture": {
            "percent": 100,
            "datastore": f"{WORKSPACE}/datastores/store",
            "folder": f"models/{model}/captures",
        },
        "tags": {"project": "mlops"},
    }


def schedule(double: Azure, name: str, cron: str, *, on: bool) -> None:
    """A schedule of the workspace, as "Schedules - Get" of the REST API shows it."""
    trigger = {"triggerType": "Cron", "expression": cron, "timeZone": "W. Europe Standard Time"}
    double.put(
        f"{WORKSPACE}/schedules/{name}",
        {"properties": {"isEnabled": on, "trigger": trigger, "provisioningState": "Succeeded"}},
    )
