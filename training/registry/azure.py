"""The model registry of Azure ML: a model container per model, a version per registered one.

Source: Azure ML's REST API, "Model Versions", api-version 2025-12-01.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from training.clients.azure import list_all, management
from training.errors import UserError
from training.store import Store
from training.versions import Manifest

VERSION = "2025-12-01"
URI = re.compile(r"azureml://(subscriptions/[^/]+/resourceGroups/[^/]+)/workspaces/([^/]+)")
PROVIDER = "Microsoft.MachineLearningServices"
# The datastore that names the artifact store.
STORE = "store"

RUN, DIGEST, CHAMPION = "mlops-run", "mlops-sha256", "champion"


def open_at(uri: str) -> AzureRegistry:
    """The registry at ``azureml://subscriptions/S/resourceGroups/G/workspaces/W``."""
    match = URI.fullmatch(uri)
    if match is None:
        raise UserError(
            f"registry {uri!r}; allowed: azureml://subscriptions/S/resourceGroups/G/workspaces/W"
        )
    return AzureRegistry(*match.groups())


def store_path(workspace: str, path: str) -> str:
    """The address of `path` in the artifact store, as Azure ML writes it."""
    scope = workspace.replace(f"/providers/{PROVIDER}", "").replace(
        "/resourceGroups/", "/resourcegroups/"
    )
    return f"azureml:/{scope}/datastores/{STORE}/paths/{path}"


class AzureRegistry:
    """Models of one workspace; `group` and `workspace` are resource ids."""

    def __init__(self, group: str, workspace: str) -> None:
        self.group = f"/{group}"
        self.workspace = f"{self.group}/providers/{PROVIDER}/workspaces/{workspace}"

    def number(self, description: Manifest) -> int:
        model, run = description["model"], description["run"]
        versions = self._versions(model)
        for version in versions:
            if version["properties"].get("properties", {}).get(RUN) == run:
                return int(version["name"])
        number = max((int(version["name"]) for version in versions), default=0) + 1
        artifact = description["artifact"]
        body = {
            "modelUri": store_path(self.workspace, f"{artifact['key'].rpartition('/')[0]}/"),
            "modelType": "custom_model",
            "description": f"{description['task']} of {description['target']}",
            "properties": {RUN: run, DIGEST: artifact["sha256"]},
            "tags": {},
        }
        self._put(model, number, body)
        return number

    def adopt(self, description: Manifest, package: Path | None, store: Store) -> int:
        return self.number(description)

    def mark_champion(self, model: str, version: int) -> None:
        """The champion has the tag ``champion``, and no other has."""
        for resource in self._versions(model):
            properties, number = resource["properties"], int(resource["name"])
            tags = dict(properties.get("tags", {}))
            if (number == version) == (CHAMPION in tags):
                continue
            tags.pop(CHAMPION, None)
            if number == version:
                tags[CHAMPION] = "true"
            kept_properties = ("modelUri", "modelType", "description", "properties")
            self._put(
                model, number, {**{key: properties[key] for key in kept_properties}, "tags": tags}
            )

    def address(self, model: str, version: int) -> str:
        """The resource id of a version."""
        return f"{self.workspace}/models/{model}/versions/{version}"

    def _put(self, model: str, version: int, properties: dict[str, Any]) -> None:
        management("PUT", self.address(model, version), VERSION, {"properties": properties})

    def _versions(self, model: str) -> list[dict[str, Any]]:
        return list_all(f"{self.workspace}/models/{model}/versions", VERSION)
