"""Alerts, schedules, identities and the budget of a stack on Azure, as the program declares them.

What the queries of alerts find is tested in `test_alarms`; here is what is made of the number. How
often a rule may be evaluated over which window: "Create or edit a log search alert rule".
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.targets.declared import Declared, declared, workflow_jobs

Json = dict[str, Any]
GROUP = "/subscriptions/5ca1ab1e-0000-4000-8000-00000c10d000/resourceGroups/mlops-azure-prod"
ACTIONS = f"{GROUP}/providers/Microsoft.Insights/actionGroups/mlops-azure-prod"
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces"
BEYOND = {"GreaterThan": lambda value, bar: value > bar, "LessThan": lambda value, bar: value < bar}


@pytest.fixture(scope="module")
def stack() -> Declared:
    """The production stack of the stack file."""
    return declared("azure-prod")


def output(stack: Declared, token: str, key: str) -> Any:
    (resource,) = stack.of(token).values()
    return resource.outputs[key]


def logs_of(stack: Declared) -> str:
    """The resource id of the workspace of Log Analytics."""
    (workspace,) = (r for r in stack.of("Workspace").values() if "retentionInDays" in r.inputs)
    return f"{LOGS}/{workspace.outputs['name']}"


def duration(text: str) -> timedelta:
    """A duration of ISO 8601, of one unit."""
    amount, unit = int(text.strip("PTDHM")), text[-1]
    return timedelta(**{{"M": "minutes", "H": "hours", "D": "days"}[unit]: amount})


@pytest.mark.parametrize(
    ("name", "fires", "quiet", "least", "severity"),
    [
        # The share of failed answers, of the setting; logs come some minutes late.
        ("endpoint-errors", 0.0101, 0.01, timedelta(minutes=10), 0),
        ("endpoint-down", 1, 0, timedelta(minutes=15), 0),
        # A check a day: the newest is found for two days.
        ("drift", 1, 0, timedelta(days=2), 2),
        # The number of checks in the last 26 hours.
        ("drift-check-missed", 0, 1, timedelta(hours=26), 2),
    ],
)
def test_a_log_alert_fires_beyond_its_limit(
    stack: Declared, name: str, fires: float, quiet: float, least: timedelta, severity: int
) -> None:
    rule = stack.inputs("ScheduledQueryRule", f"churn-{name}")
    (condition,) = rule["criteria"]["allOf"]
    beyond = BEYOND[condition["operator"]]
    assert beyond(fires, condition["threshold"]) and not beyond(quiet, condition["threshold"])
    # One row, of which the rule reads the column that the query makes.
    assert condition["timeAggregation"] == "Maximum"
    query = condition["query"]
    assert f" {condition['metricMeasureColumn']} = " in query
    assert condition["failingPeriods"] == {
        "numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1,
    }  # fmt: skip
    assert duration(rule["windowSize"]) >= least
    assert duration(rule["evaluationFrequency"]) <= duration(rule["windowSize"])
    # "One-minute alert rules" take no window of more than a day, and no more than an hour of delay.
    assert duration(rule["evaluationFrequency"]) <= timedelta(hours=1)
    assert rule["severity"] == severity
    assert rule["scopes"] == [logs_of(stack)]
    check_rule(rule, [*rule["actions"]["actionGroups"]])
    # Of a table that no request has written yet the service knows no columns.
    assert rule["skipQueryValidation"] is True


def check_rule(rule: Json, groups: list[str]) -> None:
    """The rule is on, ends by itself, and tells the stack's receivers."""
    assert rule["enabled"] is True and rule["autoMitigate"] is True
    assert groups == [ACTIONS]
    assert rule["tags"] == {"model": "churn", "project": "mlops", "stack": "azure-prod"}
    assert rule["resourceGroupName"] == "mlops-azure-prod"


def test_queries_are_about_this_stack_s_model_and_its_endpoint(stack: Declared) -> None:
    queries = {
        name: rule.inputs["criteria"]["allOf"][0]["query"]
        for name, rule in stack.of("ScheduledQueryRule").items()
    }
    endpoint = output(stack, "OnlineEndpoint", "name")
    assert f'"{endpoint}"' in queries["churn-endpoint-errors"]
    assert f'/onlineendpoints/{endpoint}"' in queries["churn-endpoint-down"]
    for name in ("churn-drift", "churn-drift-check-missed"):
        assert 'Properties.stack == "azure-prod" and Properties.model == "churn"' in queries[name]
    assert "ago(26h)" in queries["churn-drift-check-missed"]
    assert all("$" not in query for query in queries.values())


def test_a_slow_endpoint_fires_by_the_service_s_own_percentile(stack: Declared) -> None:
    """RequestLatency_P95 is in milliseconds: "Monitor online endpoints", metrics of an endpoint."""
    rule = stack.inputs("MetricAlert", "churn-endpoint-latency")
    (criterion,) = rule["criteria"]["allOf"]
    assert criterion["metricName"] == "RequestLatency_P95"
    assert criterion["metricNamespace"] == (
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
    )
    assert criterion["timeAggregation"] == "Average" and criterion["operator"] == "GreaterThan"
    assert criterion["threshold"] == 500 and rule["windowSize"] == "PT5M"
    assert rule["evaluationFrequency"] == "PT1M" and rule["severity"] == 2
    name = output(stack, "OnlineEndpoint", "name")
    (scope,) = rule["scopes"]
    assert scope.endswith(f"/onlineEndpoints/{name}")
    check_rule(rule, [action["actionGroupId"] for action in rule["actions"]])


def test_a_failed_run_of_the_model_fires(stack: Declared) -> None:
    """ "Failed Runs" counts them, with the experiment as a dimension: "Monitor Azure ML"."""
    rule = stack.inputs("MetricAlert", "churn-pipeline-failed")
    (criterion,) = rule["criteria"]["allOf"]
    assert (criterion["metricName"], criterion["timeAggregation"]) == ("Failed Runs", "Total")
    assert criterion["metricNamespace"] == "Microsoft.MachineLearningServices/workspaces"
    assert criterion["operator"] == "GreaterThan" and criterion["threshold"] == 0
    assert criterion["dimensions"] == [
        {"name": "ExperimentName", "operator": "Include", "values": ["mlops-azure-prod-churn"]}
    ]
    assert rule["windowSize"] == "PT1H" and rule["evaluationFrequency"] == "PT5M"
    for schedule in stack.of("Schedule").values():
        job = schedule.inputs["properties"]["action"]["jobDefinition"]
        assert job["experimentName"] == "mlops-azure-prod-churn"
    check_rule(rule, [action["actionGroupId"] for action in rule["actions"]])


def test_there_is_an_alert_for_each_rule_and_its_document_names_it(stack: Declared) -> None:
    alerts = {**stack.of("MetricAlert"), **stack.of("ScheduledQueryRule")}
    names = {
        "drift", "drift-check-missed", "pipeline-failed", "endpoint-down", "endpoint-errors",
        "endpoint-latency",
    }  # fmt: skip
    assert set(alerts) == {f"churn-{name}" for name in names}
    rules = {rule["name"]: rule for rule in document(stack, "alarms")["rules"]}
    assert set(rules) == names
    for name, rule in rules.items():
        inputs = alerts[f"churn-{name}"].inputs
        assert inputs["ruleName"] == f"mlops-azure-prod-churn-{name}"
        assert inputs["description"] == rule["says"]


def document(stack: Declared, name: str) -> Json:
    """A document of the model in the store."""
    (content,) = [
        resource.inputs["content"]
        for resource in stack.of("Document").values()
        if resource.inputs["key"] == f"models/churn/{name}.json"
    ]
    return content


def test_receivers_get_the_common_schema(stack: Declared) -> None:
    group = stack.inputs("ActionGroup", "alarms")
    assert [r["emailAddress"] for r in group["emailReceivers"]] == [
        "ml-team@example.com", "on-call@example.com",
    ]  # fmt: skip
    assert all(receiver["useCommonAlertSchema"] is True for receiver in group["emailReceivers"])
    assert group["enabled"] is True and group["location"] == "global"
    # "groupShortName": at most 12 characters.
    assert 1 <= len(group["groupShortName"]) <= 12


def test_a_schedule_starts_the_training_as_scheduled(stack: Declared) -> None:
    """The admission keeps the cooldown for it, and for nobody who starts it by hand."""
    components = {
        name: resource.row.id
        for name, resource in stack.of("ComponentVersion").items()
        if resource.row
    }
    schedules = {name: s.inputs["properties"] for name, s in stack.of("Schedule").items()}
    assert set(schedules) == {"churn-retraining", "churn-drift-check"}
    for name, pipeline, cron, trigger in (
        ("retraining", "churn_training", "0 3 * * 1",
         {"jobInputType": "literal", "value": "schedule"}),
        ("drift-check", "churn_drift_check", "0 6 * * *", None),
    ):  # fmt: skip
        properties = schedules[f"churn-{name}"]
        assert properties["isEnabled"] is True
        assert properties["trigger"] == {
            "triggerType": "Cron", "expression": cron,
            # Windows' name of Berlin's time: unicode.org, windowsZones.
            "timeZone": "W. Europe Standard Time",
        }  # fmt: skip
        action = properties["action"]
        job = action["jobDefinition"]
        assert (action["actionType"], job["jobType"]) == ("CreateJob", "Pipeline")
        assert job["componentId"] in components.values()
        assert f"/components/mlops_azure_prod_{pipeline}/versions/" in job["componentId"]
        assert job["inputs"].get("trigger") == trigger
        assert job["inputs"]["data"] == {
            "jobInputType": "uri_folder", "mode": "ReadOnlyMount",
            "uri": "https://mycompanydata.blob.core.windows.net/churn/",
        }  # fmt: skip
        assert job["identity"]["identityType"] == "Managed"
    content = document(stack, "schedules")
    assert content == {
        "retraining": {"cron": "0 3 * * 1", "timezone": "Europe/Berlin",
                       "schedule": "mlops-azure-prod-churn-retraining"},
        "drift_check": {"cron": "0 6 * * *", "timezone": "Europe/Berlin",
                        "schedule": "mlops-azure-prod-churn-drift-check"},
        "on_drift": True,
    }  # fmt: skip
    switches = {
        resource.inputs["schedule"].rpartition("/")[2]
        for resource in stack.of("ScheduleSwitch").values()
    }
    assert switches == {f"mlops-azure-prod-churn-{p}" for p in ("retraining", "drift-check")}


@pytest.mark.parametrize(("subject", "jobs"), workflow_jobs("azure-prod"))
def test_a_workflow_acts_as_the_identity_of_its_job(
    stack: Declared, subject: str, jobs: set[str]
) -> None:
    """Entra compares issuer, subject and audience exactly: "Workload identity federation"."""
    credentials = [resource.inputs for resource in stack.of("FederatedIdentityCredential").values()]
    assert len(credentials) == 8
    assert {c["issuer"] for c in credentials} == {"https://token.actions.githubusercontent.com"}
    assert all(c["audiences"] == ["api://AzureADTokenExchange"] for c in credentials)
    assert {
        c["resourceName"].removeprefix("mlops-azure-prod-")
        for c in credentials
        if c["subject"] == subject
    } == jobs


def test_every_role_is_one_of_the_stack_s_own_and_has_no_wildcard(stack: Declared) -> None:
    """A role of the stack's own names its actions; Owner and its like are given to nobody."""
    definitions = {r.row.id: r.inputs for r in stack.of("RoleDefinition").values() if r.row}
    for name, assignment in stack.of("RoleAssignment").items():
        assert assignment.inputs["roleDefinitionId"] in definitions, name
        assert assignment.inputs["scope"].startswith(GROUP), name
    for inputs in definitions.values():
        for permission in inputs["permissions"]:
            for action in [*permission.get("actions", []), *permission.get("dataActions", [])]:
                assert "*" not in action.split("/")[0] and action != "*", action


def test_whoever_deploys_gives_no_role_but_those_of_the_stack_s_jobs(stack: Declared) -> None:
    """ "Delegate role assignment management with conditions": the role, whom, and not oneself."""
    deploy = stack.inputs("RoleAssignment", "deploy-group")
    condition = deploy["condition"]
    assert deploy["conditionVersion"] == "2.0"
    assert "ActionMatches{'Microsoft.Authorization/roleAssignments/write'}" in condition
    roles = condition.split("GuidEquals {")[1].split("}")[0].split(", ")
    roles_of_model = {
        assignment.inputs["roleDefinitionId"].rpartition("/")[2]
        for name, assignment in stack.of("RoleAssignment").items()
        if name.startswith("churn-")
    }
    assert roles_of_model and roles_of_model <= set(roles)
    assert deploy["roleDefinitionId"].rpartition("/")[2] not in roles
    assert f"ForAnyOfAllValues:GuidNotEquals {{{deploy['principalId']}}}" in condition
    assert "ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}" in condition


def test_the_budget_tells_before_it_is_used_up(stack: Declared) -> None:
    budget = stack.inputs("Budget", "budget")
    assert (budget["category"], budget["timeGrain"], budget["amount"]) == ("Cost", "Monthly", 1500)
    assert budget["scope"] == GROUP
    # "The start date must be first of the month".
    assert budget["timePeriod"]["startDate"].endswith("-01T00:00:00Z")
    # It is the month of the first up: a later one would be another budget.
    assert stack.of("Budget")["budget"].ignored == ("timePeriod",)
    notices = sorted((n["thresholdType"], n["threshold"]) for n in budget["notifications"].values())
    assert notices == [("Actual", 80), ("Actual", 100), ("Forecasted", 100)]
    for notice in budget["notifications"].values():
        assert notice["enabled"] is True and notice["operator"] == "GreaterThanOrEqualTo"
        assert notice["contactGroups"] == [ACTIONS]
        assert set(notice["contactEmails"]) == {"ml-team@example.com", "on-call@example.com"}


def test_logs_take_no_key_and_are_kept_as_long_as_the_setting_says(stack: Declared) -> None:
    (logs,) = [r.inputs for r in stack.of("Workspace").values() if "retentionInDays" in r.inputs]
    assert logs["retentionInDays"] == 365
    assert logs["features"]["disableLocalAuth"] is True
    insights = stack.inputs("Component", "insights")
    assert insights["disableLocalAuth"] is True and insights["workspaceResourceId"] == logs_of(
        stack
    )


def test_the_workbook_and_the_endpoint_s_logs_are_of_the_stack_s_workspace(
    stack: Declared,
) -> None:
    book = stack.inputs("Workbook", "churn-workbook")
    logs = logs_of(stack)
    assert book["sourceId"] == logs
    items = json.loads(book["serializedData"])["items"]
    assert items
    for item in items:
        assert item["content"]["crossComponentResources"] == [logs], item["name"]
        # Whole queries, of tables that the workspace has.
        assert "$" not in item["content"]["query"]
    endpoint = output(stack, "OnlineEndpoint", "name")
    sources = {r.inputs["resourceUri"] for r in stack.of("DiagnosticSetting").values()}
    assert len(sources) == 2
    assert any(source.endswith(f"/onlineEndpoints/{endpoint}") for source in sources)
    assert {r.inputs["workspaceId"] for r in stack.of("DiagnosticSetting").values()} == {logs}
