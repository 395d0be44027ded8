"""Dynamic resources of an Azure stack: blobs of its store, and what switches a schedule off.

Blobs are JSON documents and the code package: azure-native's own `storage.Blob` signs in with the
account's key (github.com/pulumi/pulumi-azure-native/pull/3719), and the account of a stack takes
no key.
"""

from __future__ import annotations

import time
from pathlib import Path

import pulumi
from pulumi.dynamic import Resource

from components import package as code
from components.dynamic import JsonProvider, Properties, Provider
from training.clients.azure import AzureError, find_resource, management
from training.registry.azure import VERSION
from training.store.azure import open_at

# A new grant takes effect after some minutes (learn.microsoft.com, "Troubleshoot Azure RBAC").
GRANT_SECONDS = 600.0
RETRY_SECONDS = 10.0
# "It takes dozens of seconds to complete": "Schedule machine learning pipeline jobs".
DISABLE_SECONDS = 300.0


class _BlobProvider(Provider):
    """A blob of the store, identified by its address."""

    identity = ("store", "key")

    def delete(self, id: str, props: Properties) -> None:
        open_at(props["store"]).delete(props["key"])

    def write(self, props: Properties, content: bytes) -> None:
        deadline = time.monotonic() + GRANT_SECONDS
        while True:
            try:
                open_at(props["store"]).write(props["key"], content)
                return
            except AzureError as error:
                if error.status != 403 or time.monotonic() > deadline:
                    raise
                time.sleep(RETRY_SECONDS)


class _DocumentProvider(_BlobProvider, JsonProvider):
    def load(self, props: Properties) -> bytes:
        return open_at(props["store"]).read(props["key"])


class Document(Resource, module="azure", name="Document"):
    """A JSON object in the store; a changed setting shows in the preview under its own name."""

    key: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        store: pulumi.Input[str],
        key: str,
        content: pulumi.Input[Properties],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"store": store, "key": key, "content": content}
        super().__init__(_DocumentProvider(), name, props, opts)


class _CodeProvider(_BlobProvider):
    def make(self, props: Properties) -> None:
        self.write(props, code.unchanged(Path.cwd(), props["digest"]))

    def exists(self, props: Properties) -> bool:
        return props["key"] in open_at(props["store"]).keys(props["key"].rpartition("/")[0])


class CodePackage(Resource, module="azure", name="CodePackage"):
    """The wheel of `training/` in the store."""

    store: pulumi.Output[str]
    key: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        store: pulumi.Input[str],
        key: str,
        digest: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"store": store, "key": key, "digest": digest}
        super().__init__(_CodeProvider(), name, props, opts)


class _SwitchProvider(Provider):
    """A switch of a schedule, identified by the schedule's resource id."""

    identity = ("schedule",)

    def make(self, props: Properties) -> None:
        """Do nothing: the schedule is on as it is made."""

    def delete(self, id: str, props: Properties) -> None:
        schedule = find_resource(props["schedule"], VERSION)
        if schedule is None:
            return
        properties = {**schedule["properties"], "isEnabled": False}
        # The service's own, which no request may have.
        properties.pop("provisioningState", None)
        management("PUT", props["schedule"], VERSION, {"properties": properties})
        deadline = time.monotonic() + DISABLE_SECONDS
        while (
            (find_resource(props["schedule"], VERSION) or {}).get("properties", {}).get("isEnabled")
        ):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{props['schedule']} is still on after {DISABLE_SECONDS:g} s")
            time.sleep(RETRY_SECONDS)


class ScheduleSwitch(Resource, module="azure", name="ScheduleSwitch"):
    """Switches a schedule off before it is deleted, as Azure ML asks for.

    "You must first disable a schedule to delete it" (learn.microsoft.com, "Schedule machine
    learning pipeline jobs"). It is made after the schedule, so it is deleted before it.
    """

    def __init__(
        self, name: str, schedule: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(_SwitchProvider(), name, {"schedule": schedule}, opts)
