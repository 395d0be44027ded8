"""Pub/Sub, Eventarc, Workflows, Cloud Scheduler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import (
    BUCKET,
    PROJECT_MEMBER,
    SERVICE_ACCOUNT,
    TOPIC,
    WORKFLOW,
    key,
    key_beside,
    labels,
    location,
    member,
)
from pulumi_simcloud.catalog.gcp.names import grantable
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Api, Existing, Inputs, Kind, Name, Ref, Settle
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import (
    at_most_one,
    between,
    count,
    exactly_one,
    needs,
    one_of,
    pattern,
    time_zone,
)
from pulumi_simcloud.rules.google_texts import seconds, source
from pulumi_simcloud.rules.schedules import cron_expression
from pulumi_simcloud.rules.trust import agent_may_use
from pulumi_simcloud.state import Row

PUBSUB_NAME = r"(?!goog)[A-Za-z][\w.~+%-]{2,254}"
WHAT = "3-255 characters, starts with a letter, not with goog"
PUBSUB_AGENT = "service-{project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
# https://cloud.google.com/eventarc/docs/locations: those of buckets and Firestore beside regions.
MANY = ("us", "eu", "asia", "asia1", "eur3", "eur4", "eur5", "eur7", "eur8", "nam4", "nam5", "nam7")
PUBSUB = "pubsub.googleapis.com"
SCHEDULER = "cloudscheduler.googleapis.com"


def _subscription(inputs: Inputs) -> Iterator[Failure]:
    """Relations between the fields of a subscription.

    https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions
    """
    retry = inputs.get("retryPolicy")
    retry = retry if isinstance(retry, dict) else {}
    lowest, highest = (_number(retry.get(key)) for key in ("minimumBackoff", "maximumBackoff"))
    if lowest is not None and highest is not None and lowest > highest:
        yield Failure("retryPolicy.minimumBackoff", "is more than maximumBackoff")
    kinds = ("pushConfig", "bigqueryConfig", "cloudStorageConfig")
    if inputs.get("enableExactlyOnceDelivery") and any(inputs.get(kind) for kind in kinds):
        yield Failure("enableExactlyOnceDelivery", "only for pull subscriptions")
    expiry = inputs.get("expirationPolicy")
    expiry = _number(expiry.get("ttl")) if isinstance(expiry, dict) else None
    retention = _number(inputs.get("messageRetentionDuration"))
    if expiry is not None and retention is not None and expiry < retention:
        yield Failure("expirationPolicy.ttl", "is less than messageRetentionDuration")
    if expiry is not None and 0 < expiry < 86_400:
        yield Failure("expirationPolicy.ttl", "is less than a day")


def _number(value: Any) -> float | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)s", value) if isinstance(value, str) else None
    return float(match[1]) if match else None


def _trigger(inputs: Inputs) -> Iterator[Failure]:
    """The filters of an event: exactly one type, and what goes with it.

    https://cloud.google.com/eventarc/docs/reference/rest/v1/projects.locations.triggers
    """
    criteria = inputs.get("matchingCriterias")
    if not isinstance(criteria, list) or UNKNOWN in criteria:
        return
    filters = {
        item.get("attribute"): item.get("value") for item in criteria if isinstance(item, dict)
    }
    if "type" not in filters:
        yield Failure("matchingCriterias", "a filter on the attribute type is needed")
    if len(filters) != len(criteria):
        yield Failure("matchingCriterias", "two filters on the same attribute")
    kind = filters.get("type")
    if kind == "google.cloud.audit.log.v1.written":
        for name in ("serviceName", "methodName"):
            if name not in filters:
                yield Failure("matchingCriterias", f"audit logs need a filter on {name}")
    if kind != PUBLISHED and inputs.get("transport") and isinstance(kind, str):
        transport = inputs["transport"]
        if isinstance(transport, dict) and (transport.get("pubsub") or {}).get("topic"):
            yield Failure("transport.pubsub.topic", f"only with the type {PUBLISHED}")
    if isinstance(kind, str) and not re.fullmatch(r"google\.[\w.]+|[\w.-]+", kind):
        yield Failure("matchingCriterias", f"{kind!r} is no event type")


WORKFLOWS_AGENT = "service-{project_number}@gcp-sa-workflows.iam.gserviceaccount.com"
EVENTARC_AGENT = "service-{project_number}@gcp-sa-eventarc.iam.gserviceaccount.com"
EVENTARC_ROLE = "roles/eventarc.serviceAgent"
EVENTARC_DENIED = (
    "Invalid resource state: Permission denied while using the Eventarc Service Agent. If you "
    "recently started to use Eventarc, it may take a few minutes before all necessary permissions "
    "are propagated to the Service Agent."
)


def _workflows_agent(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The first workflow of a project is refused where nothing made the service's agent."""
    if world.empty and WORKFLOWS_AGENT.format(**world.variables) not in world.agents:
        yield "FAILED_PRECONDITION: Workflows service agent does not exist"


def _rights_of_eventarc(inputs: Inputs, world: Existing) -> Iterator[Row]:
    member_ = f"serviceAccount:{EVENTARC_AGENT.format(**world.variables)}"
    for row in world.of(PROJECT_MEMBER):
        if row.inputs.get("member") == member_ and row.inputs.get("role") == EVENTARC_ROLE:
            yield row


def _eventarc_agent(inputs: Inputs, world: Existing) -> Iterator[str]:
    """pulumi/pulumi-gcp#1290, hashicorp/terraform-provider-google#14584, #25294."""
    if world.empty and not any(True for _ in _rights_of_eventarc(inputs, world)):
        yield EVENTARC_DENIED


def _beside_bucket(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A trigger of objects is where their bucket is.

    https://cloud.google.com/eventarc/docs/understand-locations: Cloud Storage triggers.
    """
    items = inputs.get("matchingCriterias") or []
    filters = {item.get("attribute"): item.get("value") for item in items if isinstance(item, dict)}
    if not str(filters.get("type")).startswith("google.cloud.storage.object."):
        return
    bucket = world.find((BUCKET,), filters.get("bucket"), ("name",))
    place = str(bucket.inputs.get("location")).lower() if bucket is not None else None
    if place is not None and place != str(inputs.get("location")).lower():
        yield (
            f"Bucket {filters['bucket']!r} is in location {place!r}, but the trigger location is "
            f"{inputs.get('location')!r}: the trigger must be in the same location as the bucket"
        )


WORKFLOWS = (
    Kind(
        TOPIC,
        id="projects/{project}/topics/{name}",
        name=Name("name", 255),
        api=Api("pubsub.v1:Topic"),
        refs=(key("kmsKeyName"),),
        rules=(
            pattern("name", PUBSUB_NAME, WHAT),
            seconds("messageRetentionDuration", 600, 31 * 86_400),
            one_of("schemaSettings.encoding", "ENCODING_UNSPECIFIED", "JSON", "BINARY"),
            *labels(),
        ),
        demands=(agent_may_use("kmsKeyName", PUBSUB_AGENT),),
        unique="{project}/{name}",
        service=PUBSUB,
    ),
    Kind(
        "gcp:pubsub/subscription:Subscription",
        id="projects/{project}/subscriptions/{name}",
        name=Name("name", 255),
        api=Api("pubsub.v1:Subscription"),
        refs=(
            Ref("topic", (TOPIC,)),
            Ref("deadLetterPolicy.deadLetterTopic", (TOPIC,), ("id",)),
            Ref("pushConfig.oidcToken.serviceAccountEmail", (SERVICE_ACCOUNT,), ("email",)),
        ),
        rules=(
            pattern("name", PUBSUB_NAME, WHAT),
            between("ackDeadlineSeconds", 10, 600),
            between("deadLetterPolicy.maxDeliveryAttempts", 5, 100),
            at_most_one("pushConfig", "bigqueryConfig", "cloudStorageConfig"),
            _subscription,
            seconds("messageRetentionDuration", 600, 31 * 86_400),
            seconds("retryPolicy.minimumBackoff", 0, 600),
            seconds("retryPolicy.maximumBackoff", 0, 600),
            pattern("pushConfig.pushEndpoint", r"https://\S+", "an https URL"),
            pattern("filter", r"[\s\S]{1,256}", "at most 256 characters"),
            *labels(),
        ),
        unique="{project}/{name}",
        service=PUBSUB,
    ),
    member(
        "gcp:pubsub/topicIAMMember:TopicIAMMember",
        Ref("topic", (TOPIC,)),
        "{topic}",
        PUBSUB,
        roles=grantable("pubsub"),
    ),
    Kind(
        WORKFLOW,
        id="projects/{project}/locations/{region}/workflows/{name}",
        name=Name("name", 64),
        api=Api("workflows.v1:Workflow"),
        refs=(
            Ref("serviceAccount", (SERVICE_ACCOUNT,), ("email", "id")),
            key("cryptoKeyName"),
        ),
        rules=(
            source("sourceContents"),
            key_beside("cryptoKeyName", "region"),
            count("userEnvVars", 0, 20),
            pattern("name", r"[A-Za-z][\w-]{0,62}[A-Za-z0-9]", "letters, digits, _ and -"),
            pattern("description", r"[\s\S]{0,1000}", "at most 1000 characters"),
            location("region"),
            *labels(),
        ),
        computed={
            "createTime": "2026-01-01T00:00:00Z",
            "revisionId": lambda context: f"000001-{context.hex(3)}",
            "state": "ACTIVE",
        },
        volatile=("revisionId",),
        unique="{region}/{name}",
        service="workflows.googleapis.com",
        demands=(_workflows_agent,),
        protected=("deletionProtection", True),
        deferred=("sourceContents",),
    ),
    Kind(
        "gcp:eventarc/trigger:Trigger",
        id="projects/{project}/locations/{location}/triggers/{name}",
        name=Name("name", 63),
        api=Api("eventarc.v1:Trigger", {"matchingCriterias": "eventFilters"}),
        refs=(
            Ref("serviceAccount", (SERVICE_ACCOUNT,), ("email", "id", "name")),
            Ref("destination.workflow", (WORKFLOW,), own=True),
            Ref("transport.pubsub.topic", (TOPIC,)),
        ),
        rules=(
            exactly_one(
                "destination.workflow",
                "destination.cloudRunService",
                "destination.gke",
                "destination.httpEndpoint",
                "destination.cloudFunction",
            ),
            needs("destination.workflow", "serviceAccount"),
            _trigger,
            location("location", "global", *MANY),
            pattern("name", r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "lower case, digits and -"),
            *labels(),
        ),
        computed={"uid": "{uuid}", "etag": "{hex:12}", "createTime": "2026-01-01T00:00:00Z"},
        unique="{location}/{name}",
        service="eventarc.googleapis.com",
        demands=(_eventarc_agent, _beside_bucket),
        settles=(
            Settle(
                "destination",
                (PROJECT_MEMBER,),
                EVENTARC_DENIED,
                attempts=3,
                find=_rights_of_eventarc,
            ),
        ),
    ),
    Kind(
        "gcp:cloudscheduler/job:Job",
        id="projects/{project}/locations/{region}/jobs/{name}",
        name=Name("name", 499),
        api=Api("cloudscheduler.v1:Job"),
        refs=(
            Ref("httpTarget.oauthToken.serviceAccountEmail", (SERVICE_ACCOUNT,), ("email",)),
            Ref("httpTarget.oidcToken.serviceAccountEmail", (SERVICE_ACCOUNT,), ("email",)),
            Ref("pubsubTarget.topicName", (TOPIC,), ("id",), own=True),
        ),
        rules=(
            exactly_one("httpTarget", "pubsubTarget", "appEngineHttpTarget"),
            at_most_one("httpTarget.oauthToken", "httpTarget.oidcToken"),
            # cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs: "Required".
            exactly_one("schedule"),
            cron_expression("schedule", english=True),
            time_zone("timeZone"),
            location("region"),
            pattern("name", r"[A-Za-z0-9_-]{1,500}", "letters, digits, _ and -"),
            pattern("httpTarget.uri", r"https?://\S+", "a URL"),
            between("retryConfig.retryCount", 0, 5),
            one_of("httpTarget.httpMethod", "POST", "GET", "HEAD", "PUT", "DELETE", "PATCH"),
        ),
        computed={"state": "ENABLED"},
        unique="{region}/{name}",
        service=SCHEDULER,
    ),
)
