"""Eventarc and budgets: which events there are, and who is told.

The events and their attributes: googleapis/google-cloudevents, proto/google/events/*/events.proto,
at 6fda292a458d of 2026-04-10.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_simcloud.catalog.gcp.common import CHANNEL, TOPIC
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule

TRIGGER = "gcp:eventarc/trigger:Trigger"
BUDGET = "gcp:billing/budget:Budget"
# Those whose attributes are not filters of a trigger under the same name.
OTHER_NAMES = ("google.cloud.audit.log.v1.written", "google.cloud.pubsub.topic.v1.messagePublished")


def _event(inputs: Inputs) -> Iterator[Failure]:
    """An event of Google's is one that there is, filtered by attributes that it has."""
    criteria = inputs.get("matchingCriterias")
    if not isinstance(criteria, list) or UNKNOWN in criteria:
        return
    filters = {
        item.get("attribute"): item.get("value") for item in criteria if isinstance(item, dict)
    }
    kind, events = filters.get("type"), table("gcp_events")
    if not isinstance(kind, str) or kind in OTHER_NAMES:
        return
    service = ".".join(kind.split(".")[:3]) + "."
    if kind not in events:
        if any(name.startswith(service) for name in events):
            yield Failure("matchingCriterias", f"event type {kind} not supported")
        return
    for name in filters:
        if isinstance(name, str) and name not in ("type", *events[kind]):
            reason = f"{kind}: attribute {name} not found within event type"
            yield Failure("matchingCriterias", reason)
    # https://cloud.google.com/eventarc/docs/run/route-trigger-cloud-firestore
    if "google.cloud.firestore." in kind and "database" not in filters:
        yield Failure("matchingCriterias", f"{kind} needs a filter on database")


def _by_mail(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Budgets tell by mail (NotificationsRule, monitoringNotificationChannels: "Email targets")."""
    for _, name in select(inputs, "allUpdatesRule.monitoringNotificationChannels[*]"):
        channel = world.find([CHANNEL], name, ("name",))
        kind = channel.inputs.get("type") if channel is not None else "email"
        if kind != "email":
            yield f"Request contains an invalid argument: {excerpt(name)} is of type {kind}"


def _topic(inputs: Inputs, world: Existing) -> Iterator[str]:
    """NotificationsRule, pubsubTopic: the topic has to exist."""
    own = f"projects/{world.variables['project']}/"
    for _, name in select(inputs, "allUpdatesRule.pubsubTopic"):
        is_own = world.closed and str(name).startswith(own)
        if is_own and world.find([TOPIC], name, ("id",)) is None:
            yield f"Request contains an invalid argument: the topic {excerpt(name)} does not exist"


RULES: dict[str, tuple[Rule, ...]] = {TRIGGER: (PathRule(("matchingCriterias",), _event),)}
DEMANDS: dict[str, tuple[Demand, ...]] = {BUDGET: (_by_mail, _topic)}
