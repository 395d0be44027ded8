"""Eventarc and budgets: which events there are, and who is told.

The events and their attributes: googleapis/google-cloudevents, proto/google/events/*/events.proto,
at 6fda292a458d of 2026-04-10.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_simcloud.catalog.gcp.common import CHANNEL, PROJECT_MEMBER, TOPIC
from pulumi_simcloud.catalog.gcp.storage import STORAGE_AGENT
from pulumi_simcloud.catalog.gcp.workflows import MANY
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, one_of

TRIGGER = "gcp:eventarc/trigger:Trigger"
BUDGET = "gcp:billing/budget:Budget"
# Those whose attributes are not filters of a trigger under the same name.
PUBLISHERS = ("roles/pubsub.publisher", "roles/pubsub.admin", "roles/pubsub.editor",
              "roles/owner", "roles/editor")  # fmt: skip
RECEIVERS = ("roles/eventarc.eventReceiver", "roles/eventarc.admin", "roles/owner", "roles/editor")
DATABASES = ("google.cloud.firestore.", "google.cloud.datastore.")
DATABASE_PLACES = ("eur3", "nam5", "nam7")
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


def _placed(inputs: Inputs) -> Iterator[Failure]:
    """Which events have triggers outside regions.

    https://cloud.google.com/eventarc/docs/locations: messages of Pub/Sub have them in regions only
    ("you cannot create a global Eventarc trigger"), audit logs in global too; databases have them
    in Firestore's (https://cloud.google.com/firestore/docs/locations), and nothing else has.
    """
    kind, place = _kind(inputs), inputs.get("location")
    if not isinstance(place, str) or not kind or place in table("places")["gcp"]:
        return
    is_data = kind.startswith(DATABASES)
    wrong = (
        kind == OTHER_NAMES[1]
        or (kind == OTHER_NAMES[0] and place != "global")
        or (is_data and place not in DATABASE_PLACES)
        or (not is_data and place in DATABASE_PLACES)
    )
    if wrong and place in (*MANY, "global"):
        yield Failure("location", f"type {kind} is not allowed in {place} location")


def _encoded(inputs: Inputs) -> Iterator[Failure]:
    """Eventarc's answer to a trigger of Firestore without an encoding (pulumi/pulumi-gcp#1270)."""
    if _kind(inputs).startswith(DATABASES) and not inputs.get("eventDataContentType"):
        yield Failure("eventDataContentType", '"" is not supported by this event type')


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


def _kind(inputs: Inputs) -> str:
    items = inputs.get("matchingCriterias") or []
    return next(
        (
            str(item.get("value"))
            for item in items
            if isinstance(item, dict) and item.get("attribute") == "type"
        ),
        "",
    )


def _granted(world: Existing, member: str, wanted: tuple[str, ...]) -> bool:
    """Whether a member has one of the roles in the project, or a role of somebody's own."""
    return any(
        row.inputs.get("member") == member
        and (
            row.inputs.get("role") in wanted or not str(row.inputs.get("role")).startswith("roles/")
        )
        for row in world.of(PROJECT_MEMBER)
    )


def _publishes(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/eventarc/docs/run/create-trigger-storage-gcloud#before-you-begin"""
    agent = STORAGE_AGENT.format(**world.variables)
    is_storage = _kind(inputs).startswith("google.cloud.storage.object.")
    if is_storage and world.closed and not _granted(world, f"serviceAccount:{agent}", PUBLISHERS):
        yield (
            "The Cloud Storage service account for your bucket is unable to publish to Cloud "
            f"Pub/Sub topics in the specified project: {agent} needs roles/pubsub.publisher"
        )


def _receives(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/eventarc/docs/roles-permissions: of events that are no messages."""
    kind, account = _kind(inputs), inputs.get("serviceAccount")
    if not kind.startswith("google.") or kind == OTHER_NAMES[1] or not world.closed:
        return
    email = str(account).rpartition("/")[2]
    if account and email and not _granted(world, f"serviceAccount:{email}", RECEIVERS):
        yield (
            f'Permission "eventarc.events.receiveEvent" denied on "{email}": it needs '
            "roles/eventarc.eventReceiver"
        )


RULES: dict[str, tuple[Rule, ...]] = {
    TRIGGER: (
        PathRule(("matchingCriterias",), _event),
        PathRule(("matchingCriterias", "location"), _placed),
        PathRule(("matchingCriterias", "eventDataContentType"), _encoded),
        # RetryPolicy: "The only valid value is 1".
        one_of("retryPolicy.maxAttempts", 1),
        # Destination: "An error will be returned if the user sets this value".
        check("destination.cloudFunction", lambda _: "is set by Cloud Functions only"),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    BUDGET: (_by_mail, _topic),
    TRIGGER: (_publishes, _receives),
}
