"""Pub/Sub, Eventarc, Workflows, Cloud Scheduler."""

from __future__ import annotations

from pulumi_simcloud.catalog.gcp.common import (
    SERVICE_ACCOUNT,
    TOPIC,
    WORKFLOW,
    key,
    labels,
    location,
    member,
)
from pulumi_simcloud.kinds import Api, Kind, Name, Ref
from pulumi_simcloud.rules.basic import (
    at_most_one,
    between,
    check,
    exactly_one,
    needs,
    one_of,
    pattern,
    time_zone,
)
from pulumi_simcloud.rules.schedules import cron_expression
from pulumi_simcloud.rules.trust import agent_may_use

PUBSUB_NAME = r"(?!goog)[A-Za-z][\w.~+%-]{2,254}"
WHAT = "3-255 characters, starts with a letter, not with goog"
PUBSUB_AGENT = "service-{project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
SOURCE_LIMIT = 131072
PUBSUB = "pubsub.googleapis.com"
SCHEDULER = "cloudscheduler.googleapis.com"


def _source(value: str) -> str | None:
    if len(value) > SOURCE_LIMIT:
        return f"has {len(value)} characters, allowed are {SOURCE_LIMIT}"
    return None if "main" in value else "the workflow has no main"


WORKFLOWS = (
    Kind(
        TOPIC,
        id="projects/{project}/topics/{name}",
        name=Name("name", 255),
        api=Api("pubsub.v1:Topic"),
        refs=(key("kmsKeyName"),),
        rules=(pattern("name", PUBSUB_NAME, WHAT), *labels()),
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
            *labels(),
        ),
        unique="{project}/{name}",
        service=PUBSUB,
    ),
    member("gcp:pubsub/topicIAMMember:TopicIAMMember", Ref("topic", (TOPIC,)), "{topic}", PUBSUB),
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
            check("sourceContents", _source),
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
            Ref("destination.workflow", (WORKFLOW,)),
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
            location("location", "global"),
            pattern("name", r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "lower case, digits and -"),
            *labels(),
        ),
        computed={"uid": "{uuid}", "etag": "{hex:12}", "createTime": "2026-01-01T00:00:00Z"},
        unique="{location}/{name}",
        service="eventarc.googleapis.com",
    ),
    Kind(
        "gcp:cloudscheduler/job:Job",
        id="projects/{project}/locations/{region}/jobs/{name}",
        name=Name("name", 499),
        api=Api("cloudscheduler.v1:Job"),
        refs=(
            Ref("httpTarget.oauthToken.serviceAccountEmail", (SERVICE_ACCOUNT,), ("email",)),
            Ref("httpTarget.oidcToken.serviceAccountEmail", (SERVICE_ACCOUNT,), ("email",)),
            Ref("pubsubTarget.topicName", (TOPIC,), ("id",)),
        ),
        rules=(
            exactly_one("httpTarget", "pubsubTarget", "appEngineHttpTarget"),
            at_most_one("httpTarget.oauthToken", "httpTarget.oidcToken"),
            cron_expression("schedule"),
            time_zone("timeZone"),
            location("region"),
            one_of("httpTarget.httpMethod", "POST", "GET", "HEAD", "PUT", "DELETE", "PATCH"),
        ),
        computed={"state": "ENABLED"},
        unique="{region}/{name}",
        service=SCHEDULER,
    ),
)
