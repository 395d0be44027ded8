"""What releases deploy to an endpoint, owned by the stack: a destroy takes it away.

The service deletes no endpoint that something is deployed to, and deployments are made by
releases. The provider signs in as the command line does, and keeps no credential. Its module
imports little: a process of its own loads it in every preview.
"""

from __future__ import annotations

import pulumi
from pulumi.dynamic import Resource

from components.dynamic import Properties, Provider


class _DeploymentsProvider(Provider):
    identity = ("endpoint",)

    def make(self, props: Properties) -> None:
        """Nothing: what is deployed is the releases' business."""

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
