"""A model's entry in Vertex AI, owned by the stack: a destroy takes it away with its versions.

The first version makes it, so there is nothing to make here. The entry goes before the store that
its versions are served from: if the service refuses, the next destroy tries again.
The provider signs in as the command line does, and keeps no credential. Its module imports little:
a process of its own loads it in every preview.
"""

from __future__ import annotations

import pulumi
from pulumi.dynamic import Resource

from components.dynamic import Properties, Provider


class _EntryProvider(Provider):
    identity = ("registry", "model")

    def make(self, props: Properties) -> None:
        """Nothing: versions are the pipelines' business."""

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
