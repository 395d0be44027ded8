"""What releases deploy to an endpoint, owned by the stack: a destroy takes it away.

The service deletes no endpoint that something is deployed to, and deployments are made by
releases. The provider stands in this importable module, so that the state names it instead of
holding a copy of its code; it signs in as the command line does, and keeps no credential.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

Properties = dict[str, Any]


class _DeploymentsProvider(ResourceProvider):
    # The provider holds no secret; kept readable in the state.
    serialize_as_secret_always = False

    def create(self, props: Properties) -> CreateResult:
        # Nothing is deployed before the first release.
        return CreateResult(props["endpoint"], props)

    def diff(self, id: str, olds: Properties, news: Properties) -> DiffResult:
        moved = ["endpoint"] if olds["endpoint"] != news["endpoint"] else []
        return DiffResult(changes=bool(moved), replaces=moved, delete_before_replace=False)

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
