"""Alarms, schedules, roles and the budget of a stack on AWS, as the program declares them.

Alarms are held against time series as CloudWatch has them, by the rules of "Using Amazon CloudWatch
alarms" and "Configuring how CloudWatch alarms treat missing data"; which metrics there are, and in
which unit, by "Amazon SageMaker AI metrics in Amazon CloudWatch".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.targets.declared import Declared, declared, workflow_jobs

Json = dict[str, Any]
NAME = "mlops-aws-prod-churn"
ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:mlops-aws-prod-alarms"
QUEUE = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:mlops-aws-prod-dead-letters"
ENDPOINT = {"EndpointName": NAME, "VariantName": "main"}
DIMENSIONS = {"stack": "aws-prod", "model": "churn"}
TOKENS = "token.actions.githubusercontent.com"
LAST = {"OK": False, "ALARM": True}


@pytest.fixture(scope="module")
def stack() -> Declared:
    """The production stack of the stack file."""
    return declared("aws-prod")


def series(namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str) -> tuple:
    """What names a time series."""
    return namespace, metric, tuple(sorted(dimensions.items())), statistic


# A value per period, the newest last; None where there is no datapoint.
Points = Mapping[tuple, Sequence[float | None]]


def values(alarm: Json, points: Points) -> list[float | None]:
    """What an alarm looks at, period by period: a metric, or an expression over some."""
    count = max(map(len, points.values()))

    def of(metric: Json, statistic: str) -> Sequence[float | None]:
        key = series(metric["namespace"], metric["metricName"], metric["dimensions"], statistic)
        return points.get(key, [None] * count)

    if "metricQueries" not in alarm:
        return list(of(alarm, alarm["statistic"]))
    queries = [query for query in alarm["metricQueries"] if "metric" in query]
    (result,) = [query for query in alarm["metricQueries"] if query.get("returnData")]
    columns = {query["id"]: of(query["metric"], query["metric"]["stat"]) for query in queries}
    names = {
        "FILL": lambda value, other: other if value is None else value,
        "IF": lambda condition, value, other: value if condition else other,
    }
    results: list[float | None] = []
    for row in range(count):
        row_values = {name: column[row] for name, column in columns.items()}
        try:
            results.append(
                eval(result["expression"], {"__builtins__": {}}, {**names, **row_values})
            )
        except TypeError:  # arithmetic on nothing
            results.append(None)
    return results


def is_on(alarm: Json, points: Points, before: str = "OK") -> bool:
    """Whether an alarm is on after these datapoints, whose state before is `before`."""
    beyond = {
        "GreaterThanThreshold": lambda value: value > alarm["threshold"],
        "LessThanThreshold": lambda value: value < alarm["threshold"],
    }[alarm["comparisonOperator"]]
    needs = alarm.get("datapointsToAlarm", alarm["evaluationPeriods"])
    window = values(alarm, points)[-alarm["evaluationPeriods"] :]
    assert len(window) == alarm["evaluationPeriods"], "give a value for each period"
    points_beyond = [beyond(value) for value in window if value is not None]
    missing = len(window) - len(points_beyond)
    if not points_beyond and alarm["treatMissingData"] == "ignore":
        return LAST[before]
    filled = missing if alarm["treatMissingData"] == "breaching" else 0
    return sum(points_beyond) + filled >= needs


def alarm(stack: Declared, name: str) -> Json:
    return stack.inputs("MetricAlarm", f"churn-{name}")


ERRORS = series("AWS/SageMaker", "Invocation5XXErrors", ENDPOINT, "Average")


@pytest.mark.parametrize(
    ("share", "on"), [(0.0, False), (0.01, False), (0.0101, True), (1.0, True), (None, False)]
)
def test_more_errors_than_the_setting_s_share_fire(
    stack: Declared, share: float | None, on: bool
) -> None:
    """Invocation5XXErrors is 1 or 0 for each request, so its average is their share."""
    assert is_on(alarm(stack, "endpoint-errors"), {ERRORS: [share]}) is on
    assert alarm(stack, "endpoint-errors")["period"] == 60, "the metric comes each minute"


LATENCY = series("AWS/SageMaker", "ModelLatency", ENDPOINT, "p95")


@pytest.mark.parametrize(
    ("milliseconds", "on"), [(499.0, False), (500.0, False), (500.1, True), (None, False)]
)
def test_a_slow_answer_of_twenty_fires(
    stack: Declared, milliseconds: float | None, on: bool
) -> None:
    """ModelLatency is in microseconds; the setting is half a second unless somebody changes it."""
    microseconds = None if milliseconds is None else milliseconds * 1000
    assert is_on(alarm(stack, "endpoint-latency"), {LATENCY: [microseconds]}) is on


DOWN = series("/aws/sagemaker/Endpoints", "CPUUtilization", ENDPOINT, "SampleCount")


@pytest.mark.parametrize(
    ("reports", "on"),
    [
        ([2.0] * 5, False),
        ([None] * 5, True),
        ([0.0] * 5, True),
        # One instance that reports in one of five minutes is still in service.
        ([None, None, 1.0, None, None], False),
    ],
)
def test_an_endpoint_without_an_instance_is_down(
    stack: Declared, reports: list[float | None], on: bool
) -> None:
    assert is_on(alarm(stack, "endpoint-down"), {DOWN: reports}) is on


DRIFTED = series("mlops", "drifted_features", DIMENSIONS, "Maximum")


@pytest.mark.parametrize(
    ("features", "before", "on"),
    [
        (0.0, "ALARM", False),
        (1.0, "OK", True),
        # Between two checks nothing is known, and the last one counts.
        (None, "ALARM", True),
        (None, "OK", False),
    ],
)
def test_drift_stays_until_a_check_finds_none(
    stack: Declared, features: float | None, before: str, on: bool
) -> None:
    assert is_on(alarm(stack, "drift"), {DRIFTED: [features]}, before) is on


@pytest.mark.parametrize(
    ("minutes", "on"),
    [
        ([0.0] * 5, False),
        ([None] * 5, False),
        ([None, 1.0, None, None, None], True),
        ([None, None, None, None, 3.0], True),
    ],
)
def test_what_asks_for_a_retraining_is_over_after_each_check(
    stack: Declared, minutes: list[float | None], on: bool
) -> None:
    """Only a change of the state is an event: between two checks this alarm has to be off."""
    assert is_on(alarm(stack, "drift-found"), {DRIFTED: minutes}) is on
    assert alarm(stack, "drift-found")["period"] == 60


CHECKED = series("mlops", "drift_check_completed", DIMENSIONS, "Sum")


@pytest.mark.parametrize(
    ("hours", "on"),
    [
        # A check a day, and 26 hours until one is missed: two for it to run.
        ([None] * 26, True),
        ([1.0] + [None] * 25, False),
        ([None] * 25 + [1.0], False),
        ([1.0] + [None] * 26, True),
    ],
)
def test_a_check_is_missed_after_the_hours_of_the_setting(
    stack: Declared, hours: list[float | None], on: bool
) -> None:
    assert is_on(alarm(stack, "drift-check-missed"), {CHECKED: hours}) is on
    assert alarm(stack, "drift-check-missed")["period"] == 3600


FAILED = "AWS/Sagemaker/ModelBuildingPipeline"


@pytest.mark.parametrize(
    ("training", "check", "on"),
    [(None, None, False), (0.0, 0.0, False), (1.0, None, True), (None, 1.0, True)],
)
def test_a_failed_run_of_either_pipeline_fires(
    stack: Declared, training: float | None, check: float | None, on: bool
) -> None:
    points = {
        series(FAILED, "ExecutionFailed", {"PipelineName": f"{NAME}-{part}"}, "Sum"): [value]
        for part, value in (("training", training), ("drift-check", check))
    }
    assert is_on(alarm(stack, "pipeline-failed"), points) is on
    periods = {q["metric"]["period"] for q in alarm(stack, "pipeline-failed")["metricQueries"][:2]}
    assert periods == {300}


@pytest.mark.parametrize(("messages", "on"), [(0.0, False), (1.0, True), (None, False)])
def test_a_start_that_could_not_be_delivered_fires(
    stack: Declared, messages: float | None, on: bool
) -> None:
    """Of SQS, the queue's own metric: "Available CloudWatch metrics for Amazon SQS"."""
    queue = {"QueueName": "mlops-aws-prod-dead-letters"}
    visible = series("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, "Maximum")
    inputs = stack.inputs("MetricAlarm", "dead-letters")
    assert is_on(inputs, {visible: [messages]}) is on
    assert "could not be started by its schedule or by drift" in inputs["alarmDescription"]
    assert inputs["period"] == 300, "SQS publishes every five minutes where nobody asks"
    assert stack.inputs("Queue", "dead-letters")["messageRetentionSeconds"] == 14 * 86400


def test_receivers_hear_that_an_alarm_is_on_and_that_it_is_over(stack: Declared) -> None:
    alarms = {name: a.inputs for name, a in stack.of("MetricAlarm").items()}
    assert set(alarms) == {
        "churn-drift", "churn-pipeline-failed", "churn-endpoint-down", "churn-endpoint-errors",
        "churn-endpoint-latency", "churn-drift-check-missed", "churn-drift-found", "dead-letters",
    }  # fmt: skip
    for name, inputs in alarms.items():
        assert inputs["alarmActions"] == [TOPIC], name
        # The two that ask for an action are over by themselves, and nobody waits for that.
        asks = name in ("churn-drift-found", "dead-letters")
        assert inputs.get("okActions") == (None if asks else [TOPIC]), name
    subscriptions = [s.inputs for s in stack.of("TopicSubscription").values()]
    assert {(s["protocol"], s["endpoint"]) for s in subscriptions} == {
        ("email", "ml-team@example.com"), ("email", "on-call@example.com"),
    }  # fmt: skip
    assert all(s["topic"] == TOPIC for s in subscriptions)


def test_a_schedule_starts_its_pipeline_as_scheduled_and_drift_as_drift(stack: Declared) -> None:
    """The admission keeps the cooldown for both, and for nobody who starts it by hand."""
    pipelines = {
        name.removeprefix("churn-"): p.outputs["arn"] for name, p in stack.of("Pipeline").items()
    }
    schedules = {name: s.inputs for name, s in stack.of("Schedule").items()}
    assert set(schedules) == {"churn-retraining", "churn-drift-check"}
    for part, pipeline, when in (
        ("retraining", "training", "cron(0 3 ? * MON *)"),
        ("drift-check", "drift-check", "cron(0 6 * * ? *)"),
    ):
        schedule = schedules[f"churn-{part}"]
        assert schedule["scheduleExpression"] == when
        assert schedule["scheduleExpressionTimezone"] == "Europe/Berlin"
        assert schedule["flexibleTimeWindow"] == {"mode": "OFF"}
        target = schedule["target"]
        assert target["arn"] == pipelines[pipeline]
        assert target["sagemakerPipelineParameters"] == {
            "pipelineParameters": [{"name": "trigger", "value": "schedule"}]
        }
        assert target["roleArn"].endswith("role/mlops-aws-prod-churn-schedule")
        assert_delivery(target)
    target = stack.inputs("EventTarget", "churn-drift-found")
    assert target["arn"] == pipelines["training"]
    assert target["sagemakerPipelineTarget"] == {
        "pipelineParameterLists": [{"name": "trigger", "value": "drift"}]
    }
    assert target["roleArn"].endswith("role/mlops-aws-prod-churn-events")
    assert_delivery(target)


def assert_delivery(target: Json) -> None:
    """A start is tried for an hour, ten times, and kept where it fails."""
    assert target["deadLetterConfig"] == {"arn": QUEUE}
    assert target["retryPolicy"] == {
        "maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 10,
    }  # fmt: skip


def test_the_event_of_drift_is_the_alarm_that_goes_on(stack: Declared) -> None:
    """The event's form: "Alarm events and EventBridge" of CloudWatch's guide."""
    pattern = json.loads(stack.inputs("EventRule", "churn-drift-found")["eventPattern"])
    arn = f"arn:aws:cloudwatch:eu-central-1:{ACCOUNT}:alarm:{NAME}-drift-found"
    event = {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "resources": [arn],
        "detail": {"state": {"value": "ALARM"}, "previousState": {"value": "OK"}},
    }
    assert matches(pattern, event)
    for changes in (
        {"source": "aws.ec2"},
        {"detail-type": "CloudWatch Alarm Configuration Change"},
        {"resources": [arn.removesuffix("-found")]},
        {"detail": {"state": {"value": "OK"}}},
    ):
        assert not matches(pattern, {**event, **changes}), changes
    assert alarm(stack, "drift-found")["name"] == arn.rpartition(":")[2]


def matches(pattern: Any, event: Any) -> bool:
    """Whether an event has, for each field of a pattern, one of the values that it allows."""
    if isinstance(pattern, dict):
        return isinstance(event, dict) and all(
            matches(part, event.get(key)) for key, part in pattern.items()
        )
    return any(value in pattern for value in (event if isinstance(event, list) else [event]))


def test_without_a_schedule_or_a_trigger_nothing_starts_by_itself() -> None:
    quiet = declared(
        "aws-prod",
        json.dumps({"mlops:retraining": {"onDrift": False}, "mlops:drift": {"minEffect": 0.2}}),
    )
    assert set(quiet.of("EventTarget")) == set(quiet.of("EventRule")) == set()
    assert "churn-drift-found" not in quiet.of("MetricAlarm")
    assert "churn-events" not in quiet.of("Role")


def takes(trust: str, principal: Json, claims: Mapping[str, str]) -> bool:
    """Whether a role lets somebody in: the principal and every condition have to match.

    "IAM JSON policy elements: Condition operators"; a claim that is not there matches nothing.
    """
    (statement,) = json.loads(trust)["Statement"]
    if statement["Effect"] != "Allow" or statement["Principal"] != principal:
        return False
    checks = [
        (operator, claims.get(key), allowed if isinstance(allowed, list) else [allowed])
        for operator, conditions in statement.get("Condition", {}).items()
        for key, allowed in conditions.items()
    ]
    assert all(operator == "StringEquals" for operator, *_ in checks)
    return all(value in allowed for _, value, allowed in checks)


FEDERATED = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{TOKENS}"}


@pytest.mark.parametrize(("subject", "jobs"), workflow_jobs("aws-prod"))
def test_a_workflow_takes_the_roles_of_its_job(
    stack: Declared, subject: str, jobs: set[str]
) -> None:
    claims = {f"{TOKENS}:aud": "sts.amazonaws.com", f"{TOKENS}:sub": subject}
    trusts = {
        job: stack.inputs("Role", f"ci-{job}")["assumeRolePolicy"]
        for job in ("preview", "deploy", "promote")
    }
    assert {job for job, trust in trusts.items() if takes(trust, FEDERATED, claims)} == jobs
    elsewhere = {**claims, f"{TOKENS}:aud": "https://github.com/my-company"}
    assert not any(takes(trust, FEDERATED, elsewhere) for trust in trusts.values())
    for trust in trusts.values():
        assert json.loads(trust)["Statement"][0]["Action"] == "sts:AssumeRoleWithWebIdentity"


def test_the_account_trusts_github_s_tokens_for_aws(stack: Declared) -> None:
    (provider,) = stack.of("OpenIdConnectProvider").values()
    assert provider.inputs["url"] == f"https://{TOKENS}"
    assert provider.inputs["clientIdLists"] == ["sts.amazonaws.com"]
    # A release with a canary of an hour, and its alarms: four hours, of at most twelve.
    assert {stack.inputs("Role", f"ci-{job}")["maxSessionDuration"]
            for job in ("preview", "deploy", "promote")} == {4 * 3600}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "service"),
    [
        ("endpoint", "sagemaker"), ("pipeline", "sagemaker"), ("steps", "sagemaker"),
        ("release", "sagemaker"), ("schedule", "scheduler"), ("events", "events"),
    ],
)  # fmt: skip
def test_a_service_takes_its_role_for_this_account_alone(
    stack: Declared, role: str, service: str
) -> None:
    """The confused deputy: a service that acts for another account is not let in."""
    trust = stack.inputs("Role", f"churn-{role}")["assumeRolePolicy"]
    principal = {"Service": f"{service}.amazonaws.com"}
    assert takes(trust, principal, {"aws:SourceAccount": ACCOUNT})
    assert not takes(trust, principal, {"aws:SourceAccount": "999999999999"})
    assert not takes(trust, principal, {})


def test_who_writes_to_topic_and_queue_is_a_service_for_this_stack(stack: Declared) -> None:
    (topic,) = json.loads(stack.inputs("TopicPolicy", "alarms")["policy"])["Statement"]
    assert topic["Effect"] == "Allow" and topic["Action"] == "sns:Publish"
    assert set(topic["Principal"]["Service"]) == {
        "cloudwatch.amazonaws.com", "budgets.amazonaws.com",
    }  # fmt: skip
    assert topic["Resource"] == TOPIC
    assert topic["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    (queue,) = json.loads(stack.inputs("QueuePolicy", "dead-letters")["policy"])["Statement"]
    assert queue["Effect"] == "Allow" and queue["Action"] == "sqs:SendMessage"
    assert queue["Principal"] == {"Service": "events.amazonaws.com"} and queue["Resource"] == QUEUE
    rules = f"arn:aws:events:eu-central-1:{ACCOUNT}:rule/mlops-aws-prod-*"
    assert queue["Condition"] == {"ArnLike": {"aws:SourceArn": rules}}


def test_the_budget_counts_this_stack_and_tells_before_it_is_used_up(stack: Declared) -> None:
    """Cost allocation tags: "user:" before the tag, and "$" before its value."""
    budget = stack.inputs("Budget", "budget")
    assert (budget["budgetType"], budget["timeUnit"]) == ("COST", "MONTHLY")
    assert (budget["limitAmount"], budget["limitUnit"]) == ("1500", "USD")
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:stack$aws-prod"]}]
    notices = budget["notifications"]
    assert [(n["notificationType"], n["threshold"]) for n in notices] == [
        ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100),
    ]  # fmt: skip
    for notice in notices:
        assert notice["comparisonOperator"] == "GREATER_THAN"
        assert notice["thresholdType"] == "PERCENTAGE"
        assert set(notice["subscriberEmailAddresses"]) == {
            "ml-team@example.com", "on-call@example.com",
        }  # fmt: skip
        assert notice["subscriberSnsTopicArns"] == [TOPIC]


def test_what_the_stack_keeps_is_encrypted_with_its_own_key(stack: Declared) -> None:
    (key,) = (key.outputs["arn"] for key in stack.of("Key").values())
    assert stack.inputs("Topic", "alarms")["kmsMasterKeyId"] == key
    assert stack.inputs("Queue", "dead-letters")["kmsMasterKeyId"] == key
    assert {s.inputs["kmsKeyArn"] for s in stack.of("Schedule").values()} == {key}


def documents(stack: Declared) -> dict[str, Any]:
    """The documents in the store, by their key."""
    return {
        resource.inputs["key"]: json.loads(resource.inputs["content"])
        for resource in stack.resources
        if "content" in resource.inputs and "key" in resource.inputs
    }


def test_the_documents_say_what_was_made(stack: Declared) -> None:
    content = documents(stack)
    assert content["models/churn/schedules.json"] == {
        "retraining": {
            "cron": "0 3 * * 1",
            "timezone": "Europe/Berlin",
            "schedule": f"{NAME}-retraining",
        },
        "drift_check": {
            "cron": "0 6 * * *",
            "timezone": "Europe/Berlin",
            "schedule": f"{NAME}-drift-check",
        },
        "on_drift": True,
    }
    rules = {rule["name"]: rule for rule in content["models/churn/alarms.json"]["rules"]}
    assert set(rules) == {
        "drift", "pipeline-failed", "endpoint-down", "endpoint-errors", "endpoint-latency",
        "drift-check-missed",
    }  # fmt: skip
    for name, rule in rules.items():
        assert rule["alarm"] == alarm(stack, name)["name"] == f"{NAME}-{name}"
        assert alarm(stack, name)["alarmDescription"] == f"churn: {rule['says']}"
        assert alarm(stack, name)["tags"] == {"model": "churn", "project": "mlops",
                                              "stack": "aws-prod"}  # fmt: skip
    assert {name for name, rule in rules.items() if rule["severity"] == "critical"} == {
        "endpoint-down", "endpoint-errors",
    }  # fmt: skip
