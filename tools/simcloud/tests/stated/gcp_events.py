"""What the references of Pub/Sub, Eventarc, Scheduler and Workflows state."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.gcp import NUMBER, PROJECT

from stated.case import Stated

WRITER = f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
TABLE = f"{PROJECT}.sim.data"
STREAM = "arn:aws:kinesis:us-west-2:111111111111:stream/a"
ROLE = "arn:aws:iam::111111111111:role/x"
CALLED = "      call: http.get\n      args: {url: 'https://example.org'}\n"
EDITOR = ("editor", "datasetmember", {"role": "roles/bigquery.dataEditor", "member": WRITER})
STORED = tuple(
    (f"stored{number}", "bucketmember", {"role": role, "member": WRITER})
    for number, role in enumerate(
        ("roles/storage.objectCreator", "roles/storage.legacyBucketReader")
    )
)


def _target(*columns: str) -> tuple[str, str, dict[str, Any]]:
    schema = json.dumps([{"name": name, "type": "STRING"} for name in columns])
    return ("target", "table", {"tableId": "data", "schema": schema, "timePartitioning": REMOVED})


def _written(**more: Any) -> dict[str, Any]:
    return {"bigqueryConfig": {"table": TABLE, **more}}


def _transformed(name: str, code: str) -> dict[str, Any]:
    return {"messageTransforms": [{"javascriptUdf": {"functionName": name, "code": code}}]}


def _many(*numbers: int) -> dict[str, Any]:
    functions = [
        {"functionName": f"f{n}", "code": f"function f{n}(message) {{ return message; }}"}
        for n in numbers
    ]
    return {"messageTransforms": [{"javascriptUdf": function} for function in functions]}


def _ingested(**source: Any) -> dict[str, Any]:
    return {"ingestionDataSourceSettings": source}


def _kinesis(**more: str) -> dict[str, Any]:
    source = {
        "streamArn": STREAM,
        "consumerArn": f"{STREAM}/consumer/c:1",
        "awsRoleArn": ROLE,
        "gcpServiceAccount": "${account.email}",
    }
    return _ingested(awsKinesis={**source, **more})


def _events(kind: str, *filters: tuple[str, str], **more: Any) -> dict[str, Any]:
    criteria = [
        {"attribute": name, "value": value}
        if "{" not in value or value.startswith("$")
        else {"attribute": name, "value": value, "operator": "match-path-pattern"}
        for name, value in (("type", kind), *filters)
    ]
    return {"transport": REMOVED, "matchingCriterias": criteria, **more}


def _steps(*lines: str) -> dict[str, Any]:
    return {"sourceContents": "main:\n  params: [args]\n  steps:\n  - a:\n" + "".join(lines)}


def _value(expression: str) -> dict[str, Any]:
    return _steps(f"      assign:\n      - x: ${{{expression}}}\n")


def _retried(policy: str) -> dict[str, Any]:
    called = "        call: http.get\n        args: {url: 'https://example.org'}\n"
    return _steps("      try:\n", called, f"      retry: {policy}\n")


def _branches(count: int, more: str = "") -> dict[str, Any]:
    branches = [
        f"        - b{n}:\n            steps:\n            - c{n}: {{assign: [{{y: 1}}]}}\n"
        for n in range(count)
    ]
    return _steps("      parallel:\n", more, "        branches:\n", *branches)


def _loop(*lines: str) -> dict[str, Any]:
    steps = "        steps:\n        - c: {assign: [{y: 1}]}\n"
    return _steps("      for:\n        value: v\n", *lines, steps)


def _engine(**more: str) -> dict[str, Any]:
    return {"httpTarget": REMOVED, "appEngineHttpTarget": {"relativeUri": "/tick", **more}}


RUN = {"cloudRunService": {"service": "run", "region": "europe-west4"}}
BACKOFF = "initial_delay: 1, max_delay: 5"
OBJECT = "google.cloud.storage.object.v1"
DOCUMENT = "google.cloud.firestore.document.v1.written"
STORAGE = "cloudStorageConfig"
HTTP = {"oidcToken": {"serviceAccountEmail": "${account.email}"}}

EVENTS = [
    Stated(
        "subscription",
        "missing permissions required to write to the BigQuery table",
        _written(),
        {},
        (_target("data"),),
    ),
    Stated(
        "subscription",
        "the BigQuery table has no column 'data'",
        _written(),
        _written(useTableSchema=True),
        (_target("a"), EDITOR),
    ),
    Stated(
        "subscription",
        "the BigQuery table has no column 'publish_time'",
        _written(writeMetadata=True),
        _written(),
        (_target("data", "subscription_name", "message_id", "attributes"), EDITOR),
    ),
    Stated(
        "subscription",
        "the topic has no schema",
        _written(useTopicSchema=True),
        _written(),
        (_target("data"), EDITOR),
    ),
    Stated(
        "subscription",
        "storage.buckets.get and storage.objects.create",
        {STORAGE: {"bucket": "${bucket.name}"}},
        {},
        STORED[:1],
    ),
    Stated(
        "subscription",
        "does not exist",
        {STORAGE: {"bucket": "sim-nowhere"}},
        {STORAGE: {"bucket": "${bucket.name}"}},
        STORED,
    ),
    Stated(
        "subscription",
        "300s is more than ackDeadlineSeconds 60",
        {STORAGE: {"bucket": "${bucket.name}", "maxDuration": "300s"}, "ackDeadlineSeconds": 60},
        {STORAGE: {"bucket": "${bucket.name}", "maxDuration": "300s"}, "ackDeadlineSeconds": 300},
        STORED,
    ),
    Stated(
        "subscription",
        "is more than ackDeadlineSeconds",
        {STORAGE: {"bucket": "sim-bucket", "maxDuration": "61s"}, "ackDeadlineSeconds": 60},
    ),
    Stated(
        "subscription",
        "only for pull subscriptions",
        {**_written(), "enableExactlyOnceDelivery": True},
        {"enableExactlyOnceDelivery": True},
    ),
    *(
        Stated(
            sample,
            "the code has no function 'only'",
            _transformed("only", "function other(message, metadata) { return message; }"),
            _transformed("other", "function other(message, metadata) { return message; }"),
        )
        for sample in ("topic", "subscription")
    ),
    *(
        Stated(sample, "is there 2 times", _many(1, 1), _many(1, 2))
        for sample in ("topic", "subscription")
    ),
    *(
        Stated(
            sample,
            "has 6 entries, allowed are 0 to 5",
            _many(1, 2, 3, 4, 5, 6),
            _many(1, 2, 3, 4, 5),
        )
        for sample in ("topic", "subscription")
    ),
    Stated(
        "topic",
        "allowed are 20 KiB",
        _transformed("f", f"function f(a) {{ return '{'x' * 20_480}'; }}"),
    ),
    Stated("topic", "the ARN of a stream", _kinesis(streamArn="my-stream"), _kinesis()),
    Stated("topic", "the ARN of a role", _kinesis(awsRoleArn="my-role"), _kinesis()),
    Stated(
        "topic",
        "a bucket's name without gs://",
        _ingested(cloudStorage={"bucket": "gs://sim-bucket", "textFormat": {}}),
        _ingested(cloudStorage={"bucket": "sim-bucket", "textFormat": {}}),
    ),
    Stated(
        "topic",
        "one character",
        _ingested(cloudStorage={"bucket": "sim-bucket", "textFormat": {"delimiter": "ab"}}),
        _ingested(cloudStorage={"bucket": "sim-bucket", "textFormat": {"delimiter": ","}}),
    ),
    Stated(
        "topic",
        "conflicts with",
        _ingested(
            **_kinesis()["ingestionDataSourceSettings"],
            cloudStorage={"bucket": "sim-bucket", "textFormat": {}},
        ),
        _kinesis(),
    ),
    Stated(
        "trigger",
        f"event type {OBJECT}.created not supported",
        _events(f"{OBJECT}.created", ("bucket", "${bucket.name}")),
        _events(f"{OBJECT}.archived", ("bucket", "${bucket.name}")),
    ),
    Stated(
        "trigger",
        "attribute name not found within event type",
        _events("google.cloud.workflows.workflow.v1.created", ("name", "a")),
        _events("google.cloud.workflows.workflow.v1.created", ("workflow", "a")),
    ),
    Stated(
        "trigger",
        "needs a filter on database",
        _events(DOCUMENT, ("document", "users/{user}")),
        _events(
            DOCUMENT,
            ("document", "users/{user}"),
            ("database", "(default)"),
            eventDataContentType="application/protobuf",
        ),
    ),
    Stated(
        "trigger",
        "the trigger must be in the same location",
        _events(f"{OBJECT}.finalized", ("bucket", "sim-eu")),
        _events(f"{OBJECT}.finalized", ("bucket", "sim-eu"), location="eu"),
        (("eu", "bucket", {"name": "sim-eu", "location": "EU", "encryption": REMOVED}),),
    ),
    Stated(
        "trigger",
        'Permission "eventarc.events.receiveEvent" denied',
        _events(
            f"{OBJECT}.finalized", ("bucket", "${bucket.name}"), serviceAccount="${other.email}"
        ),
        _events(f"{OBJECT}.finalized", ("bucket", "${bucket.name}")),
        (("other", "account", {"accountId": "sim-other"}),),
    ),
    Stated(
        "trigger",
        "is set by Cloud Functions only",
        {"destination": {"cloudFunction": "projects/p/locations/europe-west4/functions/f"}},
        {"destination": RUN},
    ),
    Stated(
        "trigger",
        "is not one of 1",
        {"destination": RUN, "retryPolicy": {"maxAttempts": 5}},
        {"destination": RUN, "retryPolicy": {"maxAttempts": 1}},
    ),
    Stated(
        "job",
        "is not one of POST",
        _engine(httpMethod="FETCH"),
        _engine(httpMethod="GET"),
    ),
    Stated(
        "job",
        "must start with 'https://'",
        {"httpTarget": {"uri": "http://example.org", **HTTP}},
        {"httpTarget": {"uri": "https://example.org", **HTTP}},
    ),
    Stated(
        "job",
        "is not base64",
        {"httpTarget.body": '{"a": 1}'},
        {"httpTarget.body": "eyJhIjogMX0="},
    ),
    Stated(
        "job",
        "is out of range, allowed are 15s to 1800s",
        {"attemptDeadline": "3600s"},
        {"attemptDeadline": "3600s", **_engine()},
    ),
    Stated(
        "schedule",
        "a time such as 2030-01-31T00:00:00Z",
        {"startTime": "tomorrow"},
        {"startTime": "2030-01-01T00:00:00+01:00"},
    ),
    Stated(
        "workflow",
        "sys has get_env, log, now",
        _steps("      call: sys.wait\n      args: {seconds: 1}\n"),
        _steps("      call: sys.sleep\n      args: {seconds: 1}\n"),
    ),
    Stated("workflow", "symbol 'concat' is no function", _value("concat(1, 2)"), _value("1 + 2")),
    Stated(
        "workflow",
        "symbol 'text.join' is no function",
        _value("text.join(args, 1)"),
        _value('text.split(string(args), ",")[0]'),
    ),
    Stated(
        "workflow",
        "characters, allowed are 400",
        _value(" + ".join(["1"] * 120)),
        _value(" + ".join(["1"] * 90)),
    ),
    Stated(
        "workflow",
        "retry has no max_retry",
        _retried("{max_retry: 3}"),
        _retried("{max_retries: 3}"),
    ),
    Stated(
        "workflow",
        "backoff needs initial_delay, max_delay, multiplier",
        _retried(f"{{max_retries: 3, backoff: {{{BACKOFF}}}}}"),
        _retried(f"{{max_retries: 3, backoff: {{{BACKOFF}, multiplier: 2}}}}"),
    ),
    Stated("workflow", "has 11 branches, allowed are 10", _branches(11), _branches(10)),
    Stated(
        "workflow",
        "exception_policy is continueAll",
        _branches(2, "        exception_policy: failFast\n"),
        _branches(2, "        exception_policy: continueAll\n"),
    ),
    Stated(
        "workflow",
        "parallel has no limit",
        _branches(2, "        limit: 3\n"),
        _branches(2, "        concurrency_limit: 3\n"),
    ),
    Stated(
        "workflow",
        "for has no concurrency_limit",
        _loop("        in: [1]\n        concurrency_limit: 3\n"),
        _loop("        in: [1]\n        index: i\n"),
    ),
    Stated(
        "workflow",
        "range is two numbers",
        _loop("        range: [1]\n"),
        _loop("        range: [1, 3]\n"),
    ),
]
