"""Event Grid, Logic Apps, and what a platform finds in a subscription: networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.common import arm, with_identity
from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Existing, Inputs, Name
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import between, check, exactly_one, needs

TOPIC = "Microsoft.EventGrid/systemTopics/{systemTopicName}"
NETWORK = "Microsoft.Network/virtualNetworks/{virtualNetworkName}"


def _definition(value: Any) -> str | None:
    """The parts of a workflow definition (Workflow Definition Language, 2016-06-01)."""
    if not isinstance(value, dict):
        return "is not an object"
    missing = [key for key in ("$schema", "triggers", "actions") if key not in value]
    if missing:
        return f"the workflow definition lacks {', '.join(missing)}"
    actions = value["actions"]
    if not isinstance(actions, dict):
        return f"actions {excerpt(actions)} is not an object"
    for name, action in actions.items():
        predecessors = action.get("runAfter", {}) if isinstance(action, dict) else None
        if not isinstance(predecessors, dict):
            return f"action {name!r} is no object with an object runAfter: {excerpt(action)}"
        unknown = [predecessor for predecessor in predecessors if predecessor not in actions]
        if unknown:
            return f"action {name!r} runs after {unknown[0]!r}, which does not exist"
    return None


def _event_types(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The events of a topic are its provider's ("System topics in Azure Event Grid")."""
    name = str(inputs.get("systemTopicName")).lower()
    for row in world.of("azure-native:eventgrid:SystemTopic"):
        provider = ".".join(str(row.inputs.get("topicType")).split(".")[:2])
        if str(row.inputs.get("systemTopicName")).lower() != name or "." not in provider:
            continue
        for _, event in select(inputs, "filter.includedEventTypes[*]"):
            is_own = event is UNKNOWN or str(event).lower().startswith(f"{provider}.".lower())
            if not is_own and event != "All":
                yield f"the event type {event!r} is none of {provider}"


EVENTS = (
    arm(
        "eventgrid:SystemTopic",
        TOPIC,
        Name("systemTopicName", 128),
        name_rule=(r"[A-Za-z0-9-]{3,128}", "3-128 letters, digits and -"),
        replace=("source", "topicType"),
        rules=(needs("topicType", "source"), exactly_one("topicType")),
        computed={"identity": with_identity, "provisioningState": "Succeeded"},
        handles=("id", "identity.principalId"),
    ),
    arm(
        "eventgrid:SystemTopicEventSubscription",
        f"{TOPIC}/eventSubscriptions/{{eventSubscriptionName}}",
        Name("eventSubscriptionName", 64),
        name_rule=(r"[A-Za-z0-9-]{3,64}", "3-64 letters, digits and -"),
        rules=(
            exactly_one("destination", "deliveryWithResourceIdentity"),
            between("retryPolicy.maxDeliveryAttempts", 1, 30),
            between("retryPolicy.eventTimeToLiveInMinutes", 1, 1440),
        ),
        demands=(_event_types,),
    ),
    arm(
        "logic:Workflow",
        "Microsoft.Logic/workflows/{workflowName}",
        Name("workflowName", 80),
        name_rule=(r"[\w().-]{1,80}", "1-80 letters, digits, - _ ( ) ."),
        rules=(check("definition", _definition),),
        computed={
            "identity": with_identity,
            "accessEndpoint": "https://prod-01.{location}.logic.azure.com:443/workflows/{hex:32}",
            "provisioningState": "Succeeded",
        },
        handles=("id", "identity.principalId"),
    ),
    arm("network:VirtualNetwork", NETWORK, Name("virtualNetworkName", 64)),
    arm("network:Subnet", f"{NETWORK}/subnets/{{subnetName}}", Name("subnetName", 80)),
)
