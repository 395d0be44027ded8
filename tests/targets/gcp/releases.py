"""What releases leave in the simulated cloud: versions, and what is deployed to the endpoints."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.harness import SimCloud

from training.clients import gcp
from training.endpoint.gcp_fleet import Fleet
from training.registry import gcp_requests
from training.registry.gcp import VertexRegistry


def release(cloud: SimCloud) -> None:
    """Two versions of every model, as a release that was killed leaves them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(gcp.GATEWAY, cloud.environment[gcp.GATEWAY])
        for row in cloud.resources("gcp:storage/bucket:Bucket"):
            for key, body in cloud.objects(f"gs/{row.outputs['name']}").items():
                if key.endswith("/endpoint.json"):
                    _release(row.outputs["name"], key.split("/")[1], json.loads(body))


def _release(bucket: str, model: str, part: dict[str, Any]) -> None:
    fleet, previous = Fleet(part), None
    parent = part["endpoint"].partition("/endpoints/")[0]
    entry = VertexRegistry(parent, bucket).entry(model)
    place = gcp_requests.ModelSources(f"gs://{bucket}", f"gs://{bucket}/code/a.whl")
    for version in (1, 2):
        description = {"model": model, "run": f"run-{version}"}
        body = gcp_requests.upload(entry, description, part, place, first=version == 1)
        gcp.call("POST", gcp.vertex(f"{parent}/models:upload"), body)
        number = f"{version}00"
        split = {"0": 100} if previous is None else {previous: 90, "0": 10}
        fleet.deploy(number, f"{entry}@{version}", split)
        previous = number
