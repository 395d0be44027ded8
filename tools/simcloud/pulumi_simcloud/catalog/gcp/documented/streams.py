"""Pub/Sub and Cloud Scheduler: where messages and requests go, and who may write there.

Unless another page is named, each rule stands at the field of the type's REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import BUCKET, DATASET, PROJECT_MEMBER, TOPIC
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, at_most_one, check, count, one_of, parsed, pattern
from pulumi_simcloud.rules.fields import google_seconds, unique
from pulumi_simcloud.rules.google_texts import seconds

SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
JOB = "gcp:cloudscheduler/job:Job"
TABLE = "gcp:bigquery/table:Table"
DATASET_MEMBER = "gcp:bigquery/datasetIamMember:DatasetIamMember"
BUCKET_MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"
AGENT = "service-{project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
BIGQUERY, STORAGE = "bigqueryConfig", "cloudStorageConfig"
SOURCES = "ingestionDataSourceSettings"
# https://cloud.google.com/pubsub/docs/bigquery#properties_subscription: columns that are written.
DATA, METADATA = "data", ("subscription_name", "message_id", "publish_time", "attributes")
METHODS = ("POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
BASIC = ("roles/owner", "roles/editor")
# Roles with bigquery.tables.updateData and bigquery.tables.get.
TABLE_WRITERS = (*BASIC, "roles/bigquery.dataEditor", "roles/bigquery.dataOwner",
                 "roles/bigquery.admin")  # fmt: skip
DATASET_WRITERS = ("WRITER", "OWNER", *TABLE_WRITERS)
# Roles with storage.objects.create, and with storage.buckets.get.
OBJECT_WRITERS = (
    *BASIC, "roles/storage.admin", "roles/storage.objectAdmin", "roles/storage.objectCreator",
    "roles/storage.objectUser", "roles/storage.legacyBucketOwner",
    "roles/storage.legacyBucketWriter",
)  # fmt: skip
BUCKET_READERS = (
    *BASIC, "roles/storage.admin", "roles/storage.legacyBucketOwner",
    "roles/storage.legacyBucketReader", "roles/storage.legacyBucketWriter",
    "roles/storage.bucketViewer",
)  # fmt: skip


def _transforms(value: Any) -> str | None:
    """https://cloud.google.com/pubsub/docs/smts/udfs-overview"""
    function = value.get("javascriptUdf") if isinstance(value, dict) else None
    if not isinstance(function, dict):
        return None
    name, code = function.get("functionName"), function.get("code")
    if not isinstance(name, str) or not isinstance(code, str):
        return None
    if len(code.encode()) > 20 * 1024:
        return f"the code has {len(code.encode())} bytes, allowed are 20 KiB"
    if not re.search(rf"\bfunction\s+{re.escape(name)}\b|\b{re.escape(name)}\s*=", code):
        return f"the code has no function {name!r}"
    return None


def _within_deadline(inputs: Inputs) -> Iterator[Failure]:
    """CloudStorageConfig, maxDuration: "May not exceed the acknowledgement deadline"."""
    longest, deadline = None, inputs.get("ackDeadlineSeconds")
    for path, value in select(inputs, f"{STORAGE}.maxDuration"):
        longest = google_seconds(value)
        if longest is not None and isinstance(deadline, int | float) and longest > deadline:
            yield Failure(path, f"{value} is more than ackDeadlineSeconds {deadline:g}")


def _grants(world: Existing, member: str, place: tuple[str, str, str] | None) -> set[str]:
    """The roles of a member on the project, and on one resource: its type, property and value."""
    roles = {
        str(row.inputs.get("role"))
        for row in world.of(PROJECT_MEMBER)
        if row.inputs.get("member") == member
    }
    if place is not None:
        token, name, value = place
        roles |= {
            str(row.inputs.get("role"))
            for row in world.of(token)
            if row.inputs.get("member") == member and row.inputs.get(name) == value
        }
    return roles


def _has(roles: set[str], wanted: tuple[str, ...]) -> bool:
    """Whether one of the roles will do; roles of one's own are taken to."""
    return any(role in wanted or not role.startswith("roles/") for role in roles)


def _writer(inputs: Inputs, world: Existing, config: str) -> str:
    """The account that writes: a subscription's own, or the service's agent."""
    own = next((v for _, v in select(inputs, f"{config}.serviceAccountEmail")), None)
    return f"serviceAccount:{own or AGENT.format(**world.variables)}"


def _table(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/pubsub/docs/create-bigquery-subscription: roles, and columns."""
    config = inputs.get(BIGQUERY)
    if not isinstance(config, dict) or not world.closed:
        return
    match = re.fullmatch(r"([^.:]+)[.:](\w+)\.(.+)", str(config.get("table")))
    if match is None or match[1] != world.variables["project"]:
        return
    row = next(
        (
            item
            for item in world.of(TABLE)
            if item.inputs.get("datasetId") == match[2] and item.inputs.get("tableId") == match[3]
        ),
        None,
    )
    if row is None:
        return
    member = _writer(inputs, world, BIGQUERY)
    roles = _grants(world, member, (DATASET_MEMBER, "datasetId", match[2]))
    dataset = world.find([DATASET], match[2], ("datasetId",))
    for _, access in select(dataset.inputs if dataset else {}, "accesses[*]"):
        if isinstance(access, dict) and f"serviceAccount:{access.get('userByEmail')}" == member:
            roles.add(str(access.get("role")))
    if not _has(roles - set(DATASET_WRITERS), TABLE_WRITERS) and not roles & set(DATASET_WRITERS):
        yield (
            f"Service account {member.removeprefix('serviceAccount:')} is missing permissions "
            "required to write to the BigQuery table: bigquery.tables.get, "
            "bigquery.tables.updateData"
        )
    yield from _columns(config, inputs, row.inputs, world)


def _columns(
    config: dict[str, Any], inputs: Inputs, target: Inputs, world: Existing
) -> Iterator[str]:
    topic = world.find([TOPIC], inputs.get("topic"), ("id", "name"))
    if config.get("useTopicSchema") and topic and not topic.inputs.get("schemaSettings"):
        yield "use_topic_schema is set, and the topic has no schema"
    if target.get("schema") is UNKNOWN or config.get("useTableSchema"):
        return
    fields = parsed(target.get("schema"))
    names = {str(item.get("name")) for item in fields or [] if isinstance(item, dict)}
    wanted = () if config.get("useTopicSchema") else (DATA,)
    wanted = (*wanted, *(METADATA if config.get("writeMetadata") else ()))
    for name in wanted:
        if name not in names:
            yield f"Incompatible schema: the BigQuery table has no column {name!r}"


def _bucket(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/pubsub/docs/create-cloudstorage-subscription"""
    for _, name in select(inputs, f"{STORAGE}.bucket"):
        if not world.closed or not isinstance(name, str):
            continue
        if world.find([BUCKET], name, ("name",)) is None:
            yield f"Cloud Storage bucket {excerpt(name)} does not exist"
            continue
        member = _writer(inputs, world, STORAGE)
        roles = _grants(world, member, (BUCKET_MEMBER, "bucket", name))
        if not (_has(roles, OBJECT_WRITERS) and _has(roles, BUCKET_READERS)):
            yield (
                f"The service account {member.removeprefix('serviceAccount:')} needs "
                f"storage.buckets.get and storage.objects.create on {excerpt(name)}"
            )


def _authorized(inputs: Inputs) -> Iterator[Failure]:
    """Requests with a token go to https (Cloud Tasks and Scheduler, HttpRequest.url)."""
    target = inputs.get("httpTarget")
    uri = target.get("uri") if isinstance(target, dict) else None
    if not isinstance(target, dict) or not isinstance(uri, str):
        return
    if uri.startswith("http://") and (target.get("oidcToken") or target.get("oauthToken")):
        reason = "HttpRequest.url must start with 'https://' for request with a token"
        yield Failure("httpTarget.uri", reason)


def _deadline(inputs: Inputs) -> Iterator[Failure]:
    """15 seconds to 30 minutes; for App Engine to 24 hours and 15 seconds (Job)."""
    longest = 86_415 if inputs.get("appEngineHttpTarget") else 1800
    yield from seconds("attemptDeadline", 15, longest)(inputs)


RULES: dict[str, tuple[Rule, ...]] = {
    TOPIC: (
        count("messageTransforms", 0, 5),
        check("messageTransforms[*]", _transforms),
        unique("messageTransforms[*].javascriptUdf.functionName"),
        at_most_one(
            *(
                f"{SOURCES}.{name}"
                for name in (
                    "awsKinesis",
                    "cloudStorage",
                    "azureEventHubs",
                    "awsMsk",
                    "confluentCloud",
                )
            )
        ),
        pattern(
            f"{SOURCES}.awsKinesis.streamArn",
            r"arn:aws[\w-]*:kinesis:[a-z0-9-]+:\d{12}:stream/.+",
            "the ARN of a stream",
        ),
        pattern(
            f"{SOURCES}.awsKinesis.awsRoleArn",
            r"arn:aws[\w-]*:iam::\d{12}:role/.+",
            "the ARN of a role",
        ),
        pattern(f"{SOURCES}.cloudStorage.textFormat.delimiter", r"[\s\S]", "one character"),
        pattern(f"{SOURCES}.cloudStorage.bucket", r"[a-z0-9._-]+", "a bucket's name without gs://"),
    ),
    SUBSCRIPTION: (
        count("messageTransforms", 0, 5),
        check("messageTransforms[*]", _transforms),
        unique("messageTransforms[*].javascriptUdf.functionName"),
        PathRule((f"{STORAGE}.maxDuration", "ackDeadlineSeconds"), _within_deadline),
    ),
    JOB: (
        _deadline,
        one_of("appEngineHttpTarget.httpMethod", *METHODS),
        PathRule(("httpTarget.uri", "httpTarget.oidcToken"), _authorized),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {SUBSCRIPTION: (_table, _bucket)}
