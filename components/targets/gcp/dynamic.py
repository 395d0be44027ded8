"""Resources of a stack on Google Cloud that are the program's own.

The provider signs in as the command line does, and keeps no credential. This module imports
little: a process of its own loads it in every preview.
"""

from __future__ import annotations

import pulumi
from pulumi.dynamic import Resource

from components.dynamic import Properties, Provider


class _EntryProvider(Provider):
    identity = ("registry", "model")

    def make(self, props: Properties) -> None:
        """Do nothing: versions are the pipelines' business."""

    def delete(self, id: str, props: Properties) -> None:
        # A program that only declares resources has no need of a client.
        from training.registry.gcp import open_at

        open_at(props["registry"]).empty(props["model"])


class Entry(Resource, module="gcp", name="Entry"):
    """The entry of `model` in the registry at the address `registry`."""

    def __init__(
        self, name: str, registry: pulumi.Input[str], model: str, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(_EntryProvider(), name, {"registry": registry, "model": model}, opts)


class _DeploymentsProvider(Provider):
    identity = ("endpoint",)

    def make(self, props: Properties) -> None:
        """Do nothing: models are deployed by releases."""

    def delete(self, id: str, props: Properties) -> None:
        # A program that only declares resources has no need of a client.
        from training.endpoint.gcp_fleet import Fleet

        Fleet({"endpoint": props["endpoint"]}).empty()


class Deployments(Resource, module="gcp", name="Deployments"):
    """All that is deployed to `endpoint`, its name in Vertex AI."""

    def __init__(
        self, name: str, endpoint: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(_DeploymentsProvider(), name, {"endpoint": endpoint}, opts)


class _MetadataStoreProvider(Provider):
    identity = ("parent",)

    def make(self, props: Properties) -> None:
        from training.runs.gcp import create_metadata_store

        create_metadata_store(props["parent"])

    def delete(self, id: str, props: Properties) -> None:
        """Leaves it: other stacks' runs are written to it."""


class MetadataStore(Resource, module="gcp", name="MetadataStore"):
    """The store that runs in a location write what they did to: one for all in the project.

    The first run would make it with the key of its stack, and the end of that key would be the end
    of everybody's runs there; so it is made before, without one, unless there is one. It is the
    project's: nothing deletes it (docs/adr/0014-the-metadata-store-has-no-key-of-a-stack.md).
    """

    def __init__(self, name: str, parent: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__(_MetadataStoreProvider(), name, {"parent": parent}, opts)
