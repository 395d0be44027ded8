"""The deployments of one model's endpoint: what a release asks of Azure ML, call by call.

Source: Azure ML's REST API, api-version 2025-12-01.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from training import clients, compiled
from training.captures import azure as captures
from training.clients import http
from training.clients.azure import AzureError, find_resource, list_all, management, request
from training.endpoint import RefusedError, azure_requests
from training.pipeline import RESULT, TRAINING
from training.platform import Platform
from training.registry.azure import VERSION, AzureRegistry, open_at, store_path
from training.versions import Manifest

POLL_SECONDS = 10.0
# A deployment is there in 10 to 15 minutes, and deleted in some; traffic moves in one or two. The
# service itself gives up later than any of these.
UP_SECONDS, GONE_SECONDS, SHIFT_SECONDS = 3600.0, 1800.0, 1200.0
SUCCEEDED = "Succeeded"
SETTLED = (SUCCEEDED, "Failed", "Canceled")
GONE, DELETING = "gone", "Deleting"
# The header of an answer that names the operation under way, which a resource that failed does not
# tell of (learn.microsoft.com, "Track asynchronous Azure operations").
OPERATION = "azure-asyncoperation"
AUTOSCALE = "2022-10-01"
# The wheel beside it is put on the path: the container installs nothing.
SCORE_PY = b"""\
import sys
from pathlib import Path

sys.path[:0] = [str(wheel) for wheel in Path(__file__).resolve().parent.glob("*.whl")]

from training.scoring.azure import init, run

__all__ = ["init", "run"]
"""


def name_of(version: int) -> str:
    """The name of a version's deployment."""
    return f"v{version:06d}"


def version_of(name: str) -> int:
    """The version that a deployment of this name serves."""
    return int(name.removeprefix("v"))


@dataclass(frozen=True)
class Deployments:
    """`part` is the model's ``endpoint.json``."""

    platform: Platform
    model: str
    part: dict[str, Any]

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.part["endpoint"]

    @cached_property
    def registry(self) -> AzureRegistry:
        """The registry that the versions are in."""
        return open_at(self.platform.registry_uri)

    def endpoint(self) -> dict[str, Any] | None:
        """Description of the endpoint by the service; None if there is none."""
        return find_resource(self.address, VERSION)

    def able(self) -> list[str]:
        """The deployments that can answer."""
        return [
            deployment["name"]
            for deployment in list_all(f"{self.address}/deployments", VERSION)
            if deployment["properties"]["provisioningState"] == SUCCEEDED
        ]

    def is_current(self, name: str) -> bool:
        """True if a deployment has the instances and the capture of the settings."""
        deployment = find_resource(self._deployment(name), VERSION)
        if deployment is None or deployment["properties"]["provisioningState"] != SUCCEEDED:
            return False
        collections = self._collections(version_of(name))
        settings = azure_requests.settings(self.part, collections)
        properties = deployment["properties"]
        return deployment["sku"]["capacity"] >= self.part["instances"] and all(
            properties.get(key) == value for key, value in settings.items()
        )

    def create(self, manifest: Manifest) -> bool:
        """Make a version's deployment, and wait until it is there; it gets no traffic yet.

        One with the present settings is left alone: False. One that is being made is waited for,
        and so is one that is being deleted. Raises RefusedError if the service cannot make it.
        """
        version, name = manifest["version"], name_of(manifest["version"])
        path = self._deployment(name)
        if self._state(path) == DELETING:
            self._await(lambda: self._state(path) == GONE, f"deleting {name}", GONE_SECONDS)
        if self._state(path) not in (*SETTLED, GONE):
            self._await_success(path, f"deployment {name}", UP_SECONDS)
        if self.is_current(name):
            return False
        folder = manifest["artifact"]["key"].rpartition("/")[0]
        # Beside the model file, for the scoring code.
        store = self.platform.store
        store.write(f"{folder}/{RESULT}", json.dumps(manifest).encode())
        compiled_key = (manifest.get("compiled") or {}).get("key")
        if compiled_key:
            store.write(f"{folder}/{compiled.FILE}", store.read(compiled_key))
        body = azure_requests.deployment(
            self.part,
            manifest,
            self.registry.address(self.model, version),
            self._code(),
            self._collections(version),
        )
        self._name_capture_folders(version)
        operation = self._put(path, body, UP_SECONDS)
        self._await_success(path, f"deployment {name}", UP_SECONDS, operation)
        self._scale(name)
        return True

    def settle(self) -> None:
        """Wait until no change of the endpoint is under way."""
        self._await(
            lambda: self._state(self.address) in (*SETTLED, GONE),
            f"a change of endpoint {self.name} that was under way",
            SHIFT_SECONDS,
        )

    def shift(self, traffic: dict[str, int], mirrored: dict[str, int] | None = None) -> None:
        """Share the traffic among deployments, and wait until it is so.

        A deployment in `mirrored` gets copies of so many percent; without it none does.
        """
        description = self.endpoint()
        if description is None:
            raise RefusedError(f"endpoint {self.name} is gone")
        properties = description["properties"]
        is_settled = properties["provisioningState"] == SUCCEEDED
        if is_settled and _shared(properties, traffic, mirrored or {}):
            return
        body = azure_requests.endpoint(self.part, description, traffic, mirrored or {})
        operation = self._put(self.address, body, SHIFT_SECONDS)
        subject = f"the traffic of endpoint {self.name}"
        self._await_success(self.address, subject, SHIFT_SECONDS, operation)

    def remove(self, name: str) -> None:
        """Delete a deployment and its autoscaling; one that is not there is no error."""
        for path, version in (
            (self._autoscale(name), AUTOSCALE),
            (self._deployment(name), VERSION),
        ):
            try:
                management("DELETE", path, version)
            except AzureError as error:
                if error.status != 404:
                    raise

    def _name_capture_folders(self, version: int) -> None:
        """Name the folders that the version's requests and answers are collected in."""
        if not self.part["capture"]["percent"]:
            return
        for collection, asset in self._collections(version).items():
            path = f"{self.part['capture']['folder']}/{captures.folder(version)}/{collection}"
            body = {
                "dataType": "uri_folder",
                "dataUri": store_path(self.registry.workspace, path),
            }
            management("PUT", asset, VERSION, {"properties": body})

    def _collections(self, version: int) -> dict[str, str]:
        """The assets that name those folders, by the collection."""
        data = f"{self.registry.workspace}/data/{self.name}"
        return {
            collection: f"{data}-{collection}/versions/{version}"
            for collection in captures.COLLECTIONS
        }

    def _code(self) -> str:
        """The scoring code: the stack's package, in a folder that no later `up` deletes."""
        store = self.platform.store
        package = self.platform.part(self.model, f"pipelines/{TRAINING.name}.json")["package"]
        digest, wheel = package.split("/")[-2:]
        folder = f"models/{self.model}/scoring/{digest}"
        store.write(f"{folder}/{wheel}", store.read(package))
        store.write(f"{folder}/{azure_requests.SCORE}", SCORE_PY)
        path = f"{self.registry.workspace}/codes/{self.name}/versions/{digest}"
        body = {"properties": {"codeUri": f"{store.uri}/{folder}"}}
        management("PUT", path, VERSION, body)
        return path

    def _put(self, path: str, body: dict[str, Any], seconds: float) -> str | None:
        """Make or change a resource, once nothing else changes it or what it is part of.

        Returns the address at which the service tells how that went, if it names one.
        """
        operation = None

        def is_accepted() -> bool:
            nonlocal operation
            try:
                operation = management("PUT", path, VERSION, body).headers.get(OPERATION)
            except AzureError as error:
                if error.status not in (http.CONFLICT, http.LOCKED):
                    raise
                return False
            return True

        self._await(is_accepted, f"another change of {path.rpartition('/')[2]}", seconds)
        return operation

    def _await_success(
        self, path: str, subject: str, seconds: float, operation: str | None = None
    ) -> None:
        self._await(lambda: self._state(path) in (*SETTLED, GONE), subject, seconds)
        state = self._state(path)
        if state != SUCCEEDED:
            reason = f", {_reason(operation)}" if operation else ""
            raise RefusedError(f"Azure ML did not bring up {subject}: it is {state}{reason}")

    def _state(self, path: str) -> str:
        resource = find_resource(path, VERSION)
        return resource["properties"]["provisioningState"] if resource else GONE

    def _await(self, is_done: Callable[[], bool], operation: str, seconds: float) -> None:
        http.wait(is_done, operation, seconds, lambda: POLL_SECONDS)

    def _scale(self, name: str) -> None:
        """Let the deployment have more instances under load, if the settings allow it."""
        least, most = self.part["instances"], self.part["max_instances"]
        if most <= least:
            return
        region = self.part["location"]
        body = azure_requests.autoscaling(self._deployment(name), region, least, most)
        management("PUT", self._autoscale(name), AUTOSCALE, body)

    def _autoscale(self, name: str) -> str:
        kind = "Microsoft.Insights/autoscaleSettings"
        return f"{self.registry.group}/providers/{kind}/{self.name}-{name}"

    def _deployment(self, name: str) -> str:
        return f"{self.address}/deployments/{name}"

    @property
    def address(self) -> str:
        """The endpoint's resource id."""
        return f"{self.registry.workspace}/onlineEndpoints/{self.name}"


def _reason(operation: str) -> str:
    """The error that an operation ended with, as the service tells it: such as a missing quota."""
    try:
        error = (request("GET", operation).json() or {}).get("error") or {}
    except Exception as problem:
        explanation = clients.explained(problem)
        if explanation is None:
            raise
        return f"and why cannot be read: {explanation}"
    return f"{error.get('code', 'UnknownError')}: {error.get('message', '')}"


def _shared(properties: dict[str, Any], traffic: dict[str, int], mirrored: dict[str, int]) -> bool:
    """True if the endpoint's traffic is shared so already; shares of zero do not count."""
    pairs = ((properties.get("traffic"), traffic), (properties.get("mirrorTraffic"), mirrored))
    return all(
        {name: share for name, share in (shares or {}).items() if share} == target_shares
        for shares, target_shares in pairs
    )
