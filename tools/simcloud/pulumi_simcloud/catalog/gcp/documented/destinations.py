"""Google Cloud: what a resource names in another service has to be there.

https://cloud.google.com/pubsub/docs/create-bigquery-subscription ("the table must exist"),
https://cloud.google.com/eventarc/docs/run/create-trigger-storage-gcloud ("the bucket must exist"),
https://cloud.google.com/artifact-registry/docs/cmek ("grant the service account access").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_simcloud.catalog.gcp.common import BUCKET
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import pattern
from pulumi_simcloud.rules.trust import agent_may_use

TABLE = "gcp:bigquery/table:Table"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
TRIGGER = "gcp:eventarc/trigger:Trigger"
REGISTRY = "gcp:artifactregistry/repository:Repository"
REGISTRY_AGENT = "service-{project_number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"


def _written(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A subscription writes to a table that exists."""
    for _, name in select(inputs, "bigqueryConfig.table"):
        match = re.fullmatch(r"([^.:]+)[.:](\w+)\.(.+)", str(name))
        if match is None or not world.closed or match[1] != world.variables["project"]:
            continue
        same = (
            row.inputs.get("datasetId") == match[2] and row.inputs.get("tableId") == match[3]
            for row in world.of(TABLE)
        )
        if not any(same):
            yield f"NOT_FOUND: BigQuery table {name} doesn't exist"


def _watched(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A trigger on objects has a bucket that exists."""
    items = [item for item in inputs.get("matchingCriterias") or [] if isinstance(item, dict)]
    kind = next((str(item.get("value")) for item in items if item.get("attribute") == "type"), "")
    for item in items:
        name = item.get("value")
        if item.get("attribute") != "bucket" or not kind.startswith("google.cloud.storage."):
            continue
        if world.closed and world.find([BUCKET], name, ("name",)) is None:
            yield f"INVALID_ARGUMENT: Bucket {name!r} does not exist"


RULES: dict[str, tuple[Rule, ...]] = {
    TRIGGER: (
        pattern("transport.pubsub.topic", r"projects/[^/]+/topics/[^/]+", "projects/P/topics/T"),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    SUBSCRIPTION: (_written,),
    TRIGGER: (_watched,),
    REGISTRY: (agent_may_use("kmsKeyName", REGISTRY_AGENT),),
}
