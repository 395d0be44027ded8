"""Pub/Sub, Workflows, Eventarc, Scheduler, Vertex AI: what their references say of several fields.

Unless another page is named, each rule stands at the field of the type's REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import TOPIC, WORKFLOW
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, one_of, pattern
from pulumi_simcloud.rules.fields import (
    each,
    google_seconds,
    needed_with,
    not_with,
    only_with,
    ordered,
)
from pulumi_simcloud.rules.google_texts import seconds
from pulumi_simcloud.rules.pubsub_filters import filter_error

SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
TRIGGER = "gcp:eventarc/trigger:Trigger"
JOB = "gcp:cloudscheduler/job:Job"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
SCHEDULE = "gcp:colab/schedule:Schedule"
RUN = "createPipelineJobRequest"
BIGQUERY, STORAGE = "bigqueryConfig", "cloudStorageConfig"
LINK = r"projects/\d+/global/networks/[^/]+"


def _place(value: Any) -> str | None:
    return None if value in table("places")["gcp"] else f"{excerpt(value)} is no region"


def _public(value: Any) -> str | None:
    """An endpoint that the service can reach (PushConfig, pushEndpoint)."""
    host = re.match(r"https://(\[[^\]]*\]|[^/:?#]+)", str(value))
    if host is None or host[1] == "localhost" or "." not in host[1]:
        return f"{excerpt(value)} is no public https address"
    return None


def _stored(inputs: Inputs) -> Iterator[Failure]:
    for path, config in select(inputs, BIGQUERY):
        if not isinstance(config, dict):
            continue
        schemas = [name for name in ("useTopicSchema", "useTableSchema") if config.get(name)]
        if len(schemas) > 1:
            yield Failure(path, "only one of useTopicSchema and useTableSchema can be set")
        if config.get("dropUnknownFields") and not schemas:
            yield Failure(path, "dropUnknownFields needs useTopicSchema or useTableSchema")


def _user_variables(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    bad = [key for key in value if not key or key.upper().startswith(("GOOGLE", "WORKFLOWS"))]
    return f"{bad} are no names: not GOOGLE, WORKFLOWS or nothing in front" if bad else None


def _filters(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/eventarc/docs/event-types: what each type is filtered by."""
    criteria = inputs.get("matchingCriterias")
    if not isinstance(criteria, list) or UNKNOWN in criteria:
        return
    items = [item for item in criteria if isinstance(item, dict)]
    names = [item.get("attribute") for item in items]
    kind = next((item.get("value") for item in items if item.get("attribute") == "type"), None)
    storage = str(kind).startswith("google.cloud.storage.object.v1.")
    if storage and "bucket" not in names:
        yield Failure("matchingCriterias", f"{kind} needs a filter on bucket")
    ours = {"google.cloud.pubsub.topic.v1.messagePublished": {"type"}}.get(str(kind))
    ours = {"type", "bucket"} if storage else ours
    for name in names:
        if ours is not None and name not in (*ours, UNKNOWN):
            yield Failure("matchingCriterias", f"{kind} has no filter on {name}")
    audit = kind == "google.cloud.audit.log.v1.written"
    if not audit and {"serviceName", "methodName", "resourceName"} & set(names):
        yield Failure("matchingCriterias", f"{kind} has no such filters: audit logs have")
    for number, item in enumerate(items):
        operator = item.get("operator")
        if operator not in (None, "", "match-path-pattern", UNKNOWN):
            yield Failure(f"matchingCriterias[{number}].operator", "is match-path-pattern alone")
        if operator and item.get("attribute") == "type":
            yield Failure(f"matchingCriterias[{number}].operator", "type has no operator")
        value = item.get("value")
        if not operator and isinstance(value, str) and "*" in value:
            path = f"matchingCriterias[{number}].value"
            yield Failure(path, "a pattern needs the operator match-path-pattern")


def _message(inputs: Inputs) -> Iterator[Failure]:
    """A message has data or attributes (PubsubTarget)."""
    target = inputs.get("pubsubTarget")
    if isinstance(target, dict) and not target.get("data") and not target.get("attributes"):
        yield Failure("pubsubTarget", "needs non-empty data, or at least one attribute")


def _template(inputs: Inputs) -> Iterator[Failure]:
    """A run has a pipeline: its text, or where it is (PipelineJob: pipelineSpec, templateUri)."""
    request = inputs.get(RUN)
    job = request.get("pipelineJob") if isinstance(request, dict) else None
    if isinstance(job, dict) and job.get("pipelineSpec") is None and job.get("templateUri") is None:
        yield Failure(f"{RUN}.pipelineJob", "needs a pipelineSpec or a templateUri")


RULES: dict[str, tuple[Rule, ...]] = {
    TOPIC: (
        check("messageStoragePolicy.allowedPersistenceRegions[*]", _place),
        check(
            "messageStoragePolicy.allowedPersistenceRegions",
            lambda value: None if value else "no regions are allowed, which is not valid",
        ),
        pattern("schemaSettings.schema", r"projects/[^/]+/schemas/[^/]+", "projects/P/schemas/S"),
    ),
    SUBSCRIPTION: (
        check("filter", filter_error),
        check("pushConfig.pushEndpoint", _public),
        one_of("pushConfig.attributes.x-goog-version", "v1", "v1beta1", "v1beta2"),
        pattern(
            f"{BIGQUERY}.table",
            r"[\w:.-]+[.:]\w{1,1024}\.[\w$ -]{1,1024}",
            "PROJECT.DATASET.TABLE",
        ),
        PathRule((f"{BIGQUERY}.useTopicSchema", f"{BIGQUERY}.useTableSchema"), _stored),
        pattern(f"{STORAGE}.bucket", r"(?!gs://)[a-z0-9._-]+", "a bucket's name without gs://"),
        pattern(f"{STORAGE}.filenameSuffix", r".*[^/]", "no / at the end"),
        seconds(f"{STORAGE}.maxDuration", 60, 600),
        between(f"{STORAGE}.maxBytes", 1000, 10 * 2**30),
        between(f"{STORAGE}.maxMessages", 1000, 10**12),
        ordered("retryPolicy.minimumBackoff", "retryPolicy.maximumBackoff", google_seconds),
    ),
    WORKFLOW: (
        check("userEnvVars", _user_variables),
        pattern("userEnvVars[*]", r"[\s\S]{0,4096}", "at most 4 KiB"),
        pattern("sourceContents", r"[\s\S]{0,131072}", "at most 128 KB"),
    ),
    TRIGGER: (
        PathRule(("matchingCriterias",), _filters),
        only_with("retryPolicy", "destination.cloudRunService"),
        only_with("destination.networkConfig", "destination.httpEndpoint"),
        one_of("eventDataContentType", "application/json", "application/protobuf"),
        pattern("destination.httpEndpoint.uri", r"https?://\S+", "an http or https address"),
        pattern(
            "channel",
            r"projects/[^/]+/locations/[^/]+/channels/[^/]+",
            "projects/P/locations/L/channels/C",
        ),
    ),
    JOB: (
        check(
            "timeZone",
            lambda value: (
                f"Schedule or time zone is invalid: {value} is the zone of no place"
                if value in ("EST", "MST", "HST")
                else None
            ),
        ),
        only_with(
            "httpTarget.body", "httpTarget.httpMethod", "POST", "PUT", "PATCH", default="POST"
        ),
        pattern("httpTarget.uri", r"\S{1,2083}", "at most 2083 characters, no spaces"),
        pattern("pubsubTarget.topicName", r"projects/[^/]+/topics/[^/]+", "projects/P/topics/T"),
        pattern("description", r"[\s\S]{0,500}", "at most 500 characters"),
        PathRule(("pubsubTarget",), _message),
        ordered("retryConfig.minBackoffDuration", "retryConfig.maxBackoffDuration", google_seconds),
        *(
            seconds(f"retryConfig.{name}", 0, 10**8)
            for name in ("minBackoffDuration", "maxBackoffDuration", "maxRetryDuration")
        ),
        pattern("appEngineHttpTarget.relativeUri", r"/\S*", "begins with /"),
    ),
    ENDPOINT: (
        pattern("displayName", r"[\s\S]{1,128}", "1 to 128 characters"),
        pattern("network", LINK, "projects/NUMBER/global/networks/NETWORK"),
        not_with("dedicatedEndpointEnabled", "network"),
    ),
    SCHEDULE: (
        PathRule((f"{RUN}.pipelineJob",), _template),
        pattern(f"{RUN}.pipelineJobId", r"[a-z][a-z0-9-]{0,127}", "lower case, digits and -"),
        pattern(f"{RUN}.pipelineJob.network", LINK, "projects/NUMBER/global/networks/NETWORK"),
        pattern(f"{RUN}.parent", r"projects/[^/]+/locations/[^/]+", "projects/P/locations/L"),
        one_of(
            f"{RUN}.pipelineJob.runtimeConfig.failurePolicy",
            "PIPELINE_FAILURE_POLICY_UNSPECIFIED",
            "PIPELINE_FAILURE_POLICY_FAIL_SLOW",
            "PIPELINE_FAILURE_POLICY_FAIL_FAST",
        ),
        only_with("maxConcurrentActiveRunCount", RUN),
        each(
            "createNotebookExecutionJobRequest.notebookExecutionJob",
            needed_with("gcsOutputUri", "displayName"),
        ),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {}
