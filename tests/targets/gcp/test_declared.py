"""Policies, triggers, identities and the budget of a stack on Google Cloud, as declared.

What the conditions of alarms find is tested in `test_monitoring`; here is whom they tell, what
they start, and who may act as what. Fields are those of the services' REST references.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import unquote

import celpy
import pytest
from celpy.adapter import json_to_cel

from tests.interpreters import gcp_workflow
from tests.targets.declared import Declared, declared

Json = dict[str, Any]
NAME = "mlops-gcp-prod-churn"
PARENT = "projects/my-project-prod/locations/europe-west1"
REPOSITORY = "123456789"


@pytest.fixture(scope="module")
def stack() -> Declared:
    """The production stack of the stack file."""
    return declared("gcp-prod")


def channel(stack: Declared, kind: str) -> str:
    """The name of the one notification channel of a kind."""
    (name,) = [
        resource.outputs["name"]
        for resource in stack.of("NotificationChannel").values()
        if resource.inputs["type"] == kind
    ]
    return name


def account(name: str) -> str:
    return f"mlops-gcp-prod-{name}@my-project-prod.iam.gserviceaccount.com"


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("drift", "WARNING"), ("drift-check-missed", "WARNING"), ("pipeline-failed", "WARNING"),
        ("endpoint-latency", "WARNING"), ("endpoint-down", "CRITICAL"),
        ("endpoint-errors", "CRITICAL"),
    ],
)  # fmt: skip
def test_an_alarm_tells_the_receivers_and_says_what_it_is(
    stack: Declared, name: str, severity: str
) -> None:
    policy = stack.inputs("AlertPolicy", f"churn-{name}")
    assert policy["severity"] == severity
    assert policy["displayName"] == f"{NAME}-{name}" and policy["combiner"] == "OR"
    assert len(policy["conditions"]) == 1
    assert channel(stack, "email") in policy["notificationChannels"]
    assert policy["documentation"]["content"].startswith("churn: ")
    assert policy["documentation"]["mimeType"] == "text/markdown"
    assert policy["userLabels"] == {
        "alarm": name, "model": "churn", "project": "mlops", "stack": "gcp-prod", "team": "churn",
    }  # fmt: skip
    assert policy.get("enabled", True) is True


def test_there_is_an_alarm_for_each_rule_and_its_document_names_it(stack: Declared) -> None:
    policies = stack.of("AlertPolicy")
    assert len(policies) == 6
    (content,) = [
        json.loads(resource.inputs["content"])
        for resource in stack.of("BucketObject").values()
        if resource.inputs["name"] == "models/churn/alarms.json"
    ]
    rules = {rule["name"]: rule for rule in content["rules"]}
    assert {f"churn-{name}" for name in rules} == set(policies)
    for name, rule in rules.items():
        documentation = policies[f"churn-{name}"].inputs["documentation"]["content"]
        assert documentation == f"churn: {rule['says']}"


def test_drift_alone_starts_a_retraining_and_once_a_day_while_it_lasts(stack: Declared) -> None:
    starting = channel(stack, "pubsub")
    for name, policy in stack.of("AlertPolicy").items():
        starts = starting in policy.inputs["notificationChannels"]
        assert starts is (name == "churn-drift"), name
    assert stack.inputs("AlertPolicy", "churn-drift")["alertStrategy"] == {
        "notificationChannelStrategies": [
            {"notificationChannelNames": [starting], "renotifyInterval": "86400s"}
        ]
    }
    topic = f"projects/my-project-prod/topics/{NAME}-drift"
    assert stack.inputs("NotificationChannel", "churn-drift")["labels"] == {"topic": topic}
    trigger = stack.inputs("Trigger", "churn-drift")
    assert trigger["transport"] == {"pubsub": {"topic": topic}}
    assert trigger["destination"] == {"workflow": f"{PARENT}/workflows/{NAME}-retrain"}
    assert trigger["matchingCriterias"] == [
        {"attribute": "type", "value": "google.cloud.pubsub.topic.v1.messagePublished"}
    ]
    assert trigger["serviceAccount"] == account("events")
    # Monitoring's own agent writes to the topic, and nobody else.
    (grant,) = stack.of("TopicIAMMember").values()
    assert grant.inputs["role"] == "roles/pubsub.publisher" and grant.inputs["topic"] == topic
    assert grant.inputs["member"].endswith(
        "@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
    )


def test_a_log_alarm_closes_and_is_told_at_most_once_in_five_minutes(stack: Declared) -> None:
    """Of log-based alerting policies: `notificationRateLimit` is required, `autoClose` 30 min."""
    strategy = stack.inputs("AlertPolicy", "churn-pipeline-failed")["alertStrategy"]
    assert strategy == {"autoClose": "1800s", "notificationRateLimit": {"period": "300s"}}


@pytest.mark.parametrize(
    ("state", "starts"), [("open", True), ("closed", False), ("acknowledged", False)]
)
def test_an_incident_that_opens_starts_a_training_as_drift(
    stack: Declared, state: str, starts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = stack.inputs("Workflow", "churn-retrain")
    read: list[Json] = []
    posts: list[Json] = []

    def get(**args: Any) -> Json:
        read.append(args)
        return {"pipelineInfo": {}}

    def post(**args: Any) -> Json:
        posts.append(args)
        return {"body": {"name": "the-run"}}

    monkeypatch.setitem(gcp_workflow.CALLS, "googleapis.storage.v1.objects.get", get)
    monkeypatch.setitem(gcp_workflow.CALLS, "http.post", post)
    message = json.dumps({"incident": {"state": state}}).encode()
    event = {"data": {"message": {"data": base64.b64encode(message).decode(), "messageId": "77"}}}
    run = gcp_workflow.run(json.loads(workflow["sourceContents"]), event)
    if not starts:
        assert run is None and not read and not posts
        return
    assert run == "the-run"
    (spec,), (args,) = read, posts
    assert spec["alt"] == "media"
    # A name in a path of a URL: RFC 3986, section 2.
    key = unquote(spec["object"])
    assert key.startswith("models/churn/pipelines/specs/") and "/" not in spec["object"]
    assert key in {r.inputs["name"] for r in stack.of("BucketObject").values()}
    assert args["url"] == (
        f"https://europe-west1-aiplatform.googleapis.com/v1/{PARENT}/pipelineJobs"
    )
    # A message that is delivered twice starts one run.
    assert args["query"] == {"pipelineJobId": f"{NAME}-training-77"}
    assert args["auth"] == {"type": "OAuth2"}, "APIs of Google take no other"
    body = args["body"]
    assert body["pipelineSpec"] == {"pipelineInfo": {}}
    assert body["runtimeConfig"]["parameterValues"] == {"trigger": "drift"}
    assert body["serviceAccount"] == account("steps")
    assert body["displayName"] == f"{NAME}-training"
    assert workflow["serviceAccount"].endswith(account("retrain"))


def test_a_schedule_starts_its_pipeline_as_scheduled(stack: Declared) -> None:
    """The admission keeps the cooldown for it, and for nobody who starts it by hand."""
    schedules = {name: resource.inputs for name, resource in stack.of("Schedule").items()}
    assert set(schedules) == {"churn-training", "churn-drift-check"}
    (key,) = [resource.row.id for resource in stack.of("CryptoKey").values() if resource.row]
    for part, cron, parameters in (
        ("training", "0 3 * * 1", {"trigger": "schedule"}),
        ("drift-check", "0 6 * * *", {}),
    ):
        schedule = schedules[f"churn-{part}"]
        assert schedule["cron"] == f"TZ=Europe/Berlin {cron}"
        assert schedule["displayName"] == f"{NAME}-{part}"
        # One run at a time: the next waits or is left out.
        assert schedule["maxConcurrentRunCount"] == "1"
        request = schedule["createPipelineJobRequest"]
        job = request["pipelineJob"]
        assert request["parent"] == PARENT
        assert job["runtimeConfig"].get("parameterValues", {}) == parameters
        assert job["serviceAccount"] == account("steps")
        assert job["displayName"] == f"{NAME}-{part}"
        assert job["encryptionSpec"] == {"kmsKeyName": key}
        spec = json.loads(job["pipelineSpec"])
        assert spec["pipelineInfo"]["name"] == f"{NAME}-{part}"


TOKEN = {
    "sub": "repo:my-company/mlops:ref:refs/heads/main",
    "repository_id": REPOSITORY,
    "event_name": "push",
    "ref": "refs/heads/main",
}


def evaluate(rule: str, token: dict[str, str]) -> Any:
    """A rule of the pool on a token, by the rules of CEL."""
    environment = celpy.Environment()
    program = environment.program(environment.compile(rule))
    return program.evaluate({"assertion": json_to_cel(token)})


@pytest.mark.parametrize(
    ("claims", "jobs"),
    [
        ({}, {"preview"}),
        ({"event_name": "pull_request", "ref": "refs/pull/7/merge"}, {"preview"}),
        ({"environment": "gcp-prod"}, {"deploy", "promote"}),
        ({"environment": "gcp-dev"}, set()),
        ({"ref": "refs/heads/feature"}, set()),
        ({"repository_id": "987654321"}, None),
        ({"repository_id": f"{REPOSITORY}0", "environment": "gcp-prod"}, None),
        ({"repository_id": "", "environment": "gcp-prod"}, None),
    ],
)
def test_the_pool_takes_one_repository_and_its_jobs_act_as_their_accounts(
    stack: Declared, claims: dict[str, str], jobs: set[str] | None
) -> None:
    provider = stack.inputs("WorkloadIdentityPoolProvider", "github")
    token = TOKEN | claims
    is_accepted = bool(evaluate(provider["attributeCondition"], token))
    assert is_accepted is (jobs is not None)
    assert provider["oidc"] == {"issuerUri": "https://token.actions.githubusercontent.com"}
    assert set(provider["attributeMapping"]) == {"google.subject", "attribute.job"}
    job = evaluate(provider["attributeMapping"]["attribute.job"], token)
    pool = stack.inputs("WorkloadIdentityPool", "github")["workloadIdentityPoolId"]
    assert provider["workloadIdentityPoolId"] == pool
    accounts = {
        grant.inputs["serviceAccountId"].rpartition("/")[2]
        for grant in stack.of("IAMMember").values()
        if grant.inputs["role"] == "roles/iam.workloadIdentityUser"
        and grant.inputs["member"].endswith(f"/workloadIdentityPools/{pool}/attribute.job/{job}")
    }
    assert accounts == {account(name) for name in jobs or ()}


def test_nobody_outside_the_pool_acts_as_an_account_of_a_workflow(stack: Declared) -> None:
    for name, grant in stack.of("IAMMember").items():
        if grant.inputs["role"] == "roles/iam.workloadIdentityUser":
            assert grant.inputs["member"].startswith(
                "principalSet://iam.googleapis.com/projects/"
            ), name
            assert "/attribute.job/" in grant.inputs["member"], name
        assert "allUsers" not in grant.inputs["member"], name
        assert "allAuthenticatedUsers" not in grant.inputs["member"], name


def test_who_acts_as_another_account_does_so_for_what_it_starts(stack: Declared) -> None:
    """`actAs` is asked of whoever starts a job that runs as the account, or deploys to it."""
    acts = {
        (grant.inputs["member"].partition(":")[2], grant.inputs["serviceAccountId"])
        for grant in stack.of("IAMMember").values()
        if grant.inputs["role"] == "roles/iam.serviceAccountUser"
    }
    by_name = {
        (actor.removeprefix("mlops-gcp-prod-").partition("@")[0],
         target.rpartition("/")[2].removeprefix("mlops-gcp-prod-").partition("@")[0])
        for actor, target in acts
    }  # fmt: skip
    # Steps and people deploy versions to the endpoint; drift and people start steps.
    assert {("steps", "endpoint"), ("promote", "endpoint"), ("promote", "steps"),
            ("retrain", "steps")} <= by_name  # fmt: skip
    assert all(actor in ("steps", "promote", "retrain", "deploy") for actor, _ in by_name)


def test_steps_read_the_captures_and_the_endpoint_writes_none_itself(stack: Declared) -> None:
    """The service's own agent writes the log of requests; BigQuery's roles are of a dataset."""
    grants = [grant.inputs for grant in stack.of("DatasetIamMember").values()]
    member = f"serviceAccount:{account('steps')}"
    (reading,) = [grant for grant in grants if grant["member"] == member]
    assert reading["role"] == "roles/bigquery.dataViewer"
    assert reading["datasetId"] == "mlops_gcp_prod"
    assert not [grant for grant in grants if account("endpoint") in grant["member"]]


def test_the_budget_counts_this_stack_and_tells_before_it_is_used_up(stack: Declared) -> None:
    budget = stack.inputs("Budget", "budget")
    assert budget["amount"] == {"specifiedAmount": {"units": "800"}}
    assert budget["budgetFilter"]["labels"] == {"stack": "gcp-prod"}
    assert len(budget["budgetFilter"]["projects"]) == 1
    rules = [(rule["spendBasis"], rule["thresholdPercent"]) for rule in budget["thresholdRules"]]
    assert rules == [("CURRENT_SPEND", 0.8), ("CURRENT_SPEND", 1), ("FORECASTED_SPEND", 1)]
    assert budget["allUpdatesRule"]["monitoringNotificationChannels"] == [channel(stack, "email")]


def test_a_budget_tells_by_mail_alone() -> None:
    """The simulated cloud refuses any other channel: "a Cloud Monitoring email notification
    channel" (NotificationsRule, monitoringNotificationChannels)."""
    alerts = {"emails": ["a@example.com"], "webhooks": ["https://example.com/hook"]}
    stack = declared("gcp-prod", json.dumps({"mlops:alerts": alerts}))
    rule = stack.inputs("Budget", "budget")["allUpdatesRule"]
    assert rule["monitoringNotificationChannels"] == [channel(stack, "email")]


def test_a_failed_run_is_counted_once_where_the_log_says_so(stack: Declared) -> None:
    metric = stack.inputs("Metric", "churn-failed-runs")
    assert metric["metricDescriptor"] == {"metricKind": "DELTA", "valueType": "INT64"}
    policy = stack.inputs("AlertPolicy", "churn-pipeline-failed")
    assert metric["filter"] == policy["conditions"][0]["conditionMatchedLog"]["filter"]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("drift_check_completed", ["model"]), ("drifted_features", ["model"]),
        ("drift_effect", ["model", "feature"]), ("champion_version", ["model"]),
        ("model_metric", ["model", "version"]),
    ],
)  # fmt: skip
def test_the_metrics_that_steps_write_are_known_before_the_first(
    stack: Declared, name: str, labels: list[str]
) -> None:
    """The service writes of a metric without a descriptor what the first value is like."""
    metric = stack.inputs("MetricDescriptor", name)
    assert metric["type"] == f"custom.googleapis.com/mlops_gcp_prod/{name}"
    assert (metric["metricKind"], metric["valueType"]) == ("GAUGE", "DOUBLE")
    assert [label["key"] for label in metric["labels"]] == labels
