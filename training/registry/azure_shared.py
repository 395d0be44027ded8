"""The registry that several workspaces share: what is released is copied there.

Source: azure-ai-ml, ``Model.share``: the service of the registry's region imports the asset by its
id in the workspace (api-version 2021-10-01-dataplanepreview).
"""

from __future__ import annotations

import time
import urllib.parse
from typing import Any

from training.clients.azure import find_resource, management, request
from training.errors import UserError
from training.registry.azure import VERSION

IMPORT_VERSION = "2021-10-01-dataplanepreview"
FRONTEND = "mferp/managementfrontend"
POLL_SECONDS = 5.0
PATIENCE_SECONDS = 600.0


def publish(part: dict[str, Any], model: str, version: int) -> bool:
    """Copy a version to the registry; False if it is there already.

    `part` says which ``registry`` by its id, the ``name`` of the model there, and the ``workspace``
    as ids of assets begin. Raises UserError if the copy does not come to be.
    """
    address = f"{part['registry']}/models/{part['name']}/versions/{version}"
    if find_resource(address, VERSION) is not None:
        return False
    registry = management("GET", part["registry"], VERSION).json()["properties"]
    region = request("GET", registry["discoveryUrl"]).json()["primaryRegionResourceProviderUri"]
    query = urllib.parse.urlencode({"api-version": IMPORT_VERSION})
    body = {
        "properties": {
            "referenceType": "Id",
            "destinationName": part["name"],
            "destinationVersion": str(version),
            "sourceAssetId": f"{part['workspace']}/models/{model}/versions/{version}",
        }
    }
    request("POST", f"{region}{FRONTEND}{part['registry']}/import?{query}", body=body)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while find_resource(address, VERSION) is None:
        if time.monotonic() > deadline:
            raise UserError(
                f"version {version} of {model!r} did not arrive in {part['registry']} within "
                f"{PATIENCE_SECONDS:g} s"
            )
        time.sleep(POLL_SECONDS)
    return True
