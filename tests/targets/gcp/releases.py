"""What releases leave in the simulated cloud: versions deployed to the stack's endpoints."""

from __future__ import annotations

import json

import pytest

from tools.simcloud.harness import SimCloud
from training.clients import gcp
from training.endpoint.gcp_fleet import Fleet


def release(cloud: SimCloud) -> None:
    """Two versions of every model, as a release that was killed leaves them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(gcp.GATEWAY, cloud.environment[gcp.GATEWAY])
        gcp._session.cache_clear()
        for row in cloud.resources("gcp:storage/bucket:Bucket"):
            for key, body in cloud.objects(f"gs/{row.outputs['name']}").items():
                if key.endswith("/endpoint.json"):
                    _deploy(Fleet(json.loads(body)))
    gcp._session.cache_clear()


def _deploy(fleet: Fleet) -> None:
    entry = fleet.part["endpoint"].replace("/endpoints/", "/models/")
    served = fleet.deploy(1, f"{entry}@1", None)
    fleet.deploy(2, f"{entry}@2", served)
