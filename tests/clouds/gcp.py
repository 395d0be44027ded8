"""Google Cloud on this computer: a checked double, and stacks on it as `pulumi up` leaves them."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.clouds import gcp_bigquery, http_transport
from tests.clouds.discovery import Server
from tests.clouds.gcp_bigquery import Reads
from tests.clouds.vertex import Vertex
from training.clients import gcp
from training.clients.gcp_bigquery import STORAGE_GATEWAY
from training.pipeline import PIPELINES, RUN
from training.platform import DOCUMENT, Platform, platform_at
from training.registry.gcp import open_at

PARENT = "projects/my-project/locations/europe-west1"
IMAGE = "europe-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-6:latest"
KEY = f"{PARENT}/keyRings/r/cryptoKeys/k"
POLICIES = "projects/my-project/alertPolicies"
METRICS = ("drifted_features", "drift_check_completed", "drift_effect", "champion_version")
RULES = [
    {"name": "drift", "metric": "drifted_features", "above": 0, "says": "inputs drifted"},
    {"name": "endpoint-errors", "metric": "error_share", "above": 0.05, "says": "answers fail"},
]
ERRORS = 'metric.type="aiplatform.googleapis.com/prediction/online/response_count"'

_doubles: list[tuple[Vertex, Reads]] = []


@contextmanager
def environment(vertex: Vertex) -> Iterator[Server]:
    """A double that keeps what `vertex` keeps; every client calls it meanwhile."""
    server = Server(vertex.service)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    reads = Reads(vertex.queries, server.calls)
    with (
        http_transport.connected(server) as address,
        gcp_bigquery.serving(reads) as storage,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(gcp.GATEWAY, address)
        patch.setenv(STORAGE_GATEWAY, storage)
        # A double does not need time between two looks.
        patch.setattr(gcp, "OPERATION_SECONDS", 0)
        _doubles.append((vertex, reads))
        yield server
        _doubles.remove((vertex, reads))
    server.shutdown()
    server.server_close()
    assert not server.wrong


def current() -> Vertex:
    """What is kept by the double that is called now."""
    return _doubles[-1][0]


def reads() -> Reads:
    """The reads from BigQuery's storage of the double that is called now."""
    return _doubles[-1][1]


def bucket(vertex: Vertex) -> str:
    """A new bucket's name."""
    name = f"store-{uuid.uuid4().hex[:12]}"
    (vertex.root / name).mkdir(parents=True)
    return name


def registry(vertex: Vertex, model: str) -> str:
    """The address of a new registry, in a stack with `model`."""
    return stack(vertex, model, Path()).registry_uri


def stack(vertex: Vertex, model: str, root: Path) -> Platform:
    """A new stack: bucket, pipelines and documents, and no endpoint."""
    name, prefix = bucket(vertex), f"mlops-{uuid.uuid4().hex[:8]}"
    documents = {
        DOCUMENT: {
            "stack": "test",
            "target": "gcp",
            "store": f"gs://{name}",
            "registry": f"vertex://{PARENT}/{name}",
            "models": {model: {}},
        },
        f"models/{model}/endpoint.json": _endpoint(f"{prefix}-{model}"),
        f"models/{model}/alarms.json": _alarms(prefix),
        **_pipelines(prefix, name, model),
    }
    for key, document in documents.items():
        _write(vertex, name, key, json.dumps(document).encode())
    _write(vertex, name, f"code/mlops_training-0.1.0+{'0' * 12}-py3-none-any.whl", b"")
    return platform_at(f"gs://{name}", root)


def enter(platform: Platform, model: str, run: str) -> int:
    """Enter a version into the registry, as the step `register` does."""
    description = {"model": model, "run": run, "image": IMAGE, "code": "0" * 64}
    return open_at(platform.registry_uri).number(description)


def serve(vertex: Vertex, platform: Platform, model: str) -> None:
    """The endpoint as the stack makes it, before the first release."""
    part = platform.part(model, "endpoint.json")
    vertex.endpoints[part["endpoint"]] = dedicated_endpoint(part["endpoint"], part["name"])


def dedicated_endpoint(name: str, display_name: str) -> dict[str, Any]:
    """A dedicated endpoint as the service describes it while nothing is deployed to it."""
    number = name.rpartition("/")[2]
    return {
        "name": name,
        "dedicatedEndpointEnabled": True,
        "dedicatedEndpointDns": f"{number}.europe-west1-1234.prediction.vertexai.goog",
        "displayName": display_name,
        "deployedModels": [],
        "trafficSplit": {},
    }


def evaluate(vertex: Vertex, platform: Platform, model: str) -> None:
    """Hold the model's alarms on the stack's own metrics against the newest points."""
    for rule in platform.part(model, "alarms.json")["rules"]:
        points = [
            series["points"][0]["value"]["doubleValue"]
            for series in vertex.series
            if f'metric.type="{series["metric"]["type"]}"' == rule["filter"]
        ]
        if points and points[-1] > rule["above"]:
            vertex.open_alerts.append(rule["policy"])


def _write(vertex: Vertex, store: str, key: str, content: bytes) -> None:
    path = vertex.root / store / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _endpoint(name: str) -> dict[str, Any]:
    return {
        "endpoint": f"{PARENT}/endpoints/{uuid.uuid4().int % 10**10}",
        "name": name,
        "instance_type": "n1-standard-2",
        "instances": 1,
        "max_instances": 2,
        "image": IMAGE,
        "service_account": "endpoint@my-project.iam.gserviceaccount.com",
        "key": KEY,
        "labels": {"stack": "test"},
        "canary_percent": 10,
        "canary_min_requests": 20,
        "max_error_share": 0.01,
        "max_latency_ms": 500,
        "canary_minutes": 0.0005,
        "alarms": ["endpoint-errors"],
        "captures": "bq://my-project.mlops_test.toys",
    }


def _alarms(prefix: str) -> dict[str, Any]:
    types = {name: f"custom.googleapis.com/{prefix.replace('-', '_')}/{name}" for name in METRICS}
    series = {"error_share": ERRORS, **{n: f'metric.type="{kind}"' for n, kind in types.items()}}
    rules = [
        {**rule, "policy": f"{POLICIES}/{prefix}-{rule['name']}", "filter": series[rule["metric"]]}
        for rule in RULES
    ]
    return {"rules": rules, "metrics": types}


def _pipelines(prefix: str, store: str, model: str) -> dict[str, Any]:
    documents: dict[str, Any] = {}
    for pipeline in PIPELINES:
        folder = f"models/{model}/pipelines"
        # The double needs the names of the tasks only.
        tasks = {step.name: {} for step in pipeline.steps}
        documents[f"{folder}/specs/{pipeline.name}.json"] = {"root": {"dag": {"tasks": tasks}}}
        documents[f"{folder}/{pipeline.name}.json"] = {
            "parent": PARENT,
            "name": f"{prefix}-{model}-{pipeline.name}",
            "spec": f"{folder}/specs/{pipeline.name}.json",
            "job": {
                "displayName": f"{prefix}-{model}-{pipeline.name}",
                "labels": {"stack": "test", "model": model},
                "runtimeConfig": {"gcsOutputDirectory": f"gs://{store}/pipeline-root"},
            },
            "parameters": {k: v for k, v in pipeline.parameters.items() if k != RUN},
            "steps": [step.name for step in pipeline.steps],
        }
    return documents


def schedule(vertex: Vertex, cron: str, zone: str, *, on: bool) -> str:
    """A schedule that fires each morning, or is paused; its name.

    The service's reference: cloud.google.com/vertex-ai/docs/reference/rest/v1, resource
    projects.locations.schedules; a paused one has no next time.
    """
    name = f"{PARENT}/schedules/17"
    now = datetime.now(ZoneInfo(zone))
    minute, hour, *_ = map(int, cron.split()[:2])
    today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    following = today if today > now else today + timedelta(days=1)
    vertex.schedules[name] = {
        "name": name,
        "cron": f"TZ={zone} {cron}",
        "state": "ACTIVE" if on else "PAUSED",
        **({"nextRunTime": following.astimezone(timezone.utc).isoformat()} if on else {}),
    }
    return name
