"""Alerts of Azure Monitor by their references: the last right value, and the first wrong one.

Each rule is called by itself, so that no cloud has to be filled.
"""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules import azure, kql
from rule_failures import Told, told

PROVIDERS = "/subscriptions/1/resourceGroups/g/providers"
VAULT = f"{PROVIDERS}/Microsoft.KeyVault/vaults/v"
ACCOUNT = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/a"
WORKSPACE = f"{PROVIDERS}/Microsoft.OperationalInsights/workspaces/w"
COMPONENT = f"{PROVIDERS}/microsoft.insights/components/c"
VAULTS = "Microsoft.KeyVault/vaults"
COUNT = {"timeAggregation": "Count"}
ITEM = "criteria.allOf[0]"
SHORT = "{} is shorter than evaluationFrequency, {}"


def test_each_rule_says_what_it_reads() -> None:
    paths = {"criteria.allOf[*]", "evaluationFrequency", "windowSize", "scopes"}
    assert set(azure.query_alert().paths) == set(azure.metric_alert().paths) == paths
    assert azure.autoscale_metrics().paths == ("profiles[*].rules[*].metricTrigger",)


# terraform-provider-azurerm, monitor_scheduled_query_rules_alert_v2 (evaluation_frequency,
# mute_actions_after_alert_duration, failing_periods, metric_measure_column); "Scheduled Query
# Rules" of the REST API: kind LogAlert, and 1 of both periods, are the defaults.
def query_alert(criterion: Any = None, **inputs: Any) -> Told:
    return told(azure.query_alert(), criteria={"allOf": [criterion or COUNT]}, **inputs)


@pytest.mark.parametrize(
    ("window", "every", "periods", "is_short"),
    [
        ("PT5M", "PT5M", None, False), ("PT10M", "PT5M", {}, False), ("PT5M", "PT10M", None, True),
        ("PT5M", "PT10M", {}, True), ("PT5M", "PT10M", {"numberOfEvaluationPeriods": 2}, False),
        ("PT5M", "PT15M", {"numberOfEvaluationPeriods": 2}, True), ("PT5M", None, None, False),
        (None, "PT5M", None, False), ("PT5M", "PT10M", UNKNOWN, False),
        ("PT5M", "PT10M", {"numberOfEvaluationPeriods": UNKNOWN}, False),
    ],
)  # fmt: skip
def test_a_log_alert_looks_back_as_long_as_it_waits(
    window: Any, every: Any, periods: Any, is_short: bool
) -> None:
    expected = [("windowSize", SHORT.format(window, every))] if is_short else []
    criterion = {**COUNT, "failingPeriods": periods}
    assert query_alert(criterion, windowSize=window, evaluationFrequency=every) == expected


def test_muted_actions_of_a_log_alert() -> None:
    for mitigated in (False, None, UNKNOWN):
        muted = {"muteActionsDuration": "PT5M", "autoMitigate": mitigated}
        assert query_alert(**muted) == query_alert(**muted, evaluationFrequency="PT5M") == []
        reason = SHORT.format("PT5M", "PT10M")
        assert query_alert(**muted, evaluationFrequency="PT10M") == [
            ("muteActionsDuration", reason)
        ]
    assert query_alert(autoMitigate=True, evaluationFrequency="PT10M") == []
    assert query_alert(autoMitigate=True, muteActionsDuration="PT10M") == [
        ("muteActionsDuration", "only with autoMitigate false")
    ]


def test_failing_periods_of_a_log_alert() -> None:
    names = "numberOfEvaluationPeriods", "minFailingPeriodsToAlert"
    path = f"{ITEM}.failingPeriods.minFailingPeriodsToAlert"
    for values, problem in (((1, 1), None), ((2, 1), None), ((2, 2), None), ((2, 3), "3 {} 2"),
                            ((None, 1), None), ((None, 2), "2 {} 1"), ((2, None), None),
                            ((UNKNOWN, 2), None), ((2, UNKNOWN), None)):  # fmt: skip
        periods = {n: value for n, value in zip(names, values, strict=True) if value is not None}
        words = "is more than numberOfEvaluationPeriods,"
        expected = [(path, problem.format(words))] if problem else []
        assert query_alert({**COUNT, "failingPeriods": periods}) == expected, values
    assert told(azure.query_alert(), criteria={"allOf": UNKNOWN}) == []


@pytest.mark.parametrize(
    ("aggregation", "column", "kind", "problem"),
    [
        ("Count", None, None, None), ("Average", "n", None, None), ("Count", "n", None, "not with"),
        ("Average", None, None, "needed without"), ("Total", None, "LogAlert", "needed without"),
        ("Average", None, "LogToMetric", None), ("Count", "n", "LogToMetric", None),
        (UNKNOWN, None, None, None), (UNKNOWN, "n", None, None),
    ],
)  # fmt: skip
def test_the_measure_of_a_log_alert(
    aggregation: Any, column: Any, kind: Any, problem: str | None
) -> None:
    criterion = {"timeAggregation": aggregation, "metricMeasureColumn": column}
    path = f"{ITEM}.metricMeasureColumn"
    expected = [(path, f"{problem} timeAggregation Count")] if problem else []
    assert query_alert(criterion, kind=kind) == expected


# "Create or edit a log search alert rule": what an alert's query leaves out.
@pytest.mark.parametrize(
    ("query", "every", "problem"),
    [
        ("Heartbeat", "PT1M", ""), ("Heartbeat | take 1", "PT5M", ""), (UNKNOWN, "PT1M", ""),
        ("Heartbeat | take 1", "PT1M", "'take' is not for the query of an alert asked each minute"),
        ("Heartbeat | evaluate narrow()", "PT5M", "'narrow(' is not for the query of an alert"),
    ],
)  # fmt: skip
def test_what_the_query_of_an_alert_leaves_out(query: Any, every: str, problem: str) -> None:
    inputs = {"evaluationFrequency": every, "windowSize": "PT5M", "scopes": [WORKSPACE]}
    criterion = {**COUNT, "query": query}
    assert query_alert(criterion, **inputs) == ([(f"{ITEM}.query", problem)] if problem else [])
    assert query_alert(criterion, skipQueryValidation=True, **inputs) == []


needs_kql = pytest.mark.skipif(not kql.AVAILABLE, reason="duckdb-kql needs Python 3.11")


# "Azure Monitor table reference": a component's tables, and a workspace's.
@needs_kql
@pytest.mark.parametrize(
    ("query", "scopes", "is_right"),
    [
        ("Heartbeat | where Computer == 'a'", [WORKSPACE], True), ("requests", [COMPONENT], True),
        ("requests", [COMPONENT.upper()], True), ("AppRequests", [WORKSPACE], True),
        ("Heartbeat | wher true", [WORKSPACE], False), ("requests", [WORKSPACE], False),
        ("Heartbeat", [COMPONENT], False), ("requests", None, False), ("Heartbeat", None, True),
        ("Heartbeat | where Nowhere == 1", [WORKSPACE], False), ("requests", [UNKNOWN], True),
        ("requests", UNKNOWN, True), ("Heartbeat", UNKNOWN, True), ("Heartbeats |", UNKNOWN, False),
    ],
)  # fmt: skip
def test_the_query_of_an_alert(query: str, scopes: Any, is_right: bool) -> None:
    failures = query_alert({**COUNT, "query": query}, scopes=scopes)
    assert [path for path, _ in failures] == ([] if is_right else [f"{ITEM}.query"])
    assert all(reason.startswith(("SyntaxError: ", "SemanticError: ")) for _, reason in failures)


@needs_kql
@pytest.mark.parametrize(
    ("column", "dimensions", "key", "problem"),
    [
        ("n", None, "", ""), ("n", UNKNOWN, "", ""), ("n", [UNKNOWN, {"name": UNKNOWN}], "", ""),
        (UNKNOWN, [{"name": "Computer"}], "", ""), ("n", [{"name": "Computer"}], "", ""),
        ("Computer", None, "metricMeasureColumn", "'Computer' is no number"),
        ("m", None, "metricMeasureColumn", "'m' is not one of Computer, n"),
        ("n", [{"name": "computer"}], "dimensions", "'computer' is not one of Computer, n"),
    ],
)  # fmt: skip
def test_the_columns_of_an_alert(column: Any, dimensions: Any, key: str, problem: str) -> None:
    criterion = {"timeAggregation": "Total", "metricMeasureColumn": column,
                 "dimensions": dimensions,
                 "query": "Heartbeat | summarize n = count() by Computer"}  # fmt: skip
    assert query_alert(criterion) == ([(f"{ITEM}.{key}", problem)] if problem else [])
    # Of a custom table nothing is known.
    assert query_alert({**criterion, "query": "Orders_CL"}) == []


# "Supported metrics with Azure Monitor"; "Metric Alerts - Create Or Update" of the REST API.
def metric_alert(*criteria: Any, of: Any = VAULT, **inputs: Any) -> Told:
    return told(azure.metric_alert(), scopes=[of], criteria={"allOf": list(criteria)}, **inputs)


def metric(**changes: Any) -> dict[str, Any]:
    return {"name": "a", "metricName": "Availability", "timeAggregation": "Average", **changes}


def dimension(label: Any = "ActivityName", operator: Any = "Include", *values: Any) -> Any:
    return {"name": label, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("of", "good"),
    [
        (VAULT, metric()), (VAULT, metric(metricName=UNKNOWN)), (UNKNOWN, metric(metricName="x")),
        (VAULT, metric(metricName="ServiceApiHit", timeAggregation="Count")), (VAULT, UNKNOWN),
        (VAULT, metric(timeAggregation=UNKNOWN)), (VAULT, metric(metricNamespace=VAULTS.lower())),
        (VAULT, metric(metricName="x", skipMetricValidation=True)),
        (VAULT, metric(metricNamespace=UNKNOWN, metricName="x")),
        # A namespace of the resource's own, or one without a provider.
        (VAULT, metric(metricNamespace=f"{VAULTS}/secrets", metricName="x")),
        (VAULT, metric(metricNamespace="azure.applicationinsights", metricName="x")),
        (VAULT, metric(metricNamespace="Microsoft.Storage", metricName="x")),
        (f"{PROVIDERS}/Contoso.Things/things/t", metric(metricName="x")),
        # A counter of a machine.
        (WORKSPACE, metric(metricName="Average_% Free Space")),
        (VAULT, metric(dimensions=None)), (VAULT, metric(dimensions=UNKNOWN)),
        (VAULT, metric(dimensions=[dimension()])),
        (VAULT, metric(dimensions=[dimension("activityname", "exclude")])),
        (VAULT, metric(dimensions=[UNKNOWN, dimension(UNKNOWN, UNKNOWN)])),
        (VAULT, metric(dimensions=[dimension("StatusCode", "Include", "200", "404")])),
    ],
)  # fmt: skip
def test_a_metric_that_there_is(of: Any, good: Any) -> None:
    assert metric_alert(good, of=of) == []


@pytest.mark.parametrize(
    ("of", "changes", "key", "problem"),
    [
        (VAULT, {"metricName": "Availabilities"}, "metricName",
         f"'Availabilities' is no metric of a {VAULTS}"),
        (VAULT, {"metricName": "Average_% Free Space"}, "metricName",
         f"'Average_% Free Space' is no metric of a {VAULTS}"),
        (WORKSPACE, {"metricName": "Free Space"}, "metricName",
         "'Free Space' is no metric of a Microsoft.OperationalInsights/workspaces"),
        (VAULT, {"metricName": "x", "metricNamespace": VAULTS}, "metricName",
         f"'x' is no metric of a {VAULTS}"),
        (VAULT, {"metricNamespace": "Microsoft.Storage/storageAccounts"}, "metricNamespace",
         f"'Microsoft.Storage/storageAccounts' is none of a {VAULTS}"),
        (VAULT, {"timeAggregation": "Total"}, "timeAggregation",
         "'Total' is not supported by Availability, allowed: Average"),
        (VAULT, {"metricName": "ServiceApiHit", "timeAggregation": "Total"}, "timeAggregation",
         "'Total' is not supported by ServiceApiHit, allowed: Count, Average"),
        (VAULT, {"dimensions": [UNKNOWN, dimension("Tier")]}, "dimensions[1]",
         "'Tier' is no dimension of Availability, there are: "
         "ActivityType, ActivityName, StatusCode, StatusCodeClass"),
        (ACCOUNT, {"metricName": "UsedCapacity", "dimensions": [dimension("Tier")]},
         "dimensions[0]", "'Tier' is no dimension of UsedCapacity, there are: none"),
        (VAULT, {"dimensions": [dimension(operator="Equals")]}, "dimensions[0]",
         "operator 'Equals': Include or Exclude"),
    ],
)  # fmt: skip
def test_a_metric_that_there_is_not(of: str, changes: Any, key: str, problem: str) -> None:
    assert metric_alert(metric(**changes), of=of) == [(f"{ITEM}.{key}", problem)]


def test_a_metric_alert_of_several_resources() -> None:
    """Their type is that of the first: all are of one ("Metric alerts", multiple resources)."""
    criteria = {"allOf": [metric(metricName="x")]}
    rule = azure.metric_alert()
    assert len(told(rule, criteria=criteria, scopes=[VAULT, UNKNOWN])) == 1
    for scopes in ([UNKNOWN, VAULT], [], None, UNKNOWN):
        assert told(rule, criteria=criteria, scopes=scopes) == [], scopes


# "Metric alerts", multiple conditions: names of their own, one value of a dimension each.
def test_a_metric_alert_of_several_criteria() -> None:
    many = metric(dimensions=[dimension("StatusCode", "Include", "200", "404")])
    one = metric(dimensions=[dimension("StatusCode", "Include", "200")])
    assert metric_alert(many) == metric_alert(one, metric(name="b")) == []
    assert (
        metric_alert(metric(dimensions=[{**dimension(), "values": UNKNOWN}]), metric(name="b"))
        == []
    )
    path = f"{ITEM}.dimensions[0].values"
    refused = [(path, "has 2 values, allowed with several criteria is one")]
    assert metric_alert(many, metric(name="b")) == refused
    assert metric_alert(many, metric(name="b"), metric(name="c")) == refused
    twice = [("criteria.allOf", "the name 'a' is there 2 times")]
    assert metric_alert(metric(), metric()) == twice
    assert metric_alert(metric(), metric(name="A")) == []
    assert metric_alert(metric(name=UNKNOWN), metric(name=UNKNOWN)) == []


def test_a_metric_alert_looks_back_as_long_as_it_waits() -> None:
    for window, every, is_short in (("PT5M", "PT5M", False), ("PT5M", "PT1M", False),
                                    ("PT30M", "PT1H", True), (None, "PT5M", False)):  # fmt: skip
        expected = [("windowSize", SHORT.format(window, every))] if is_short else []
        assert metric_alert(metric(), windowSize=window, evaluationFrequency=every) == expected


# "Supported metrics with Azure Monitor": of a namespace that is named nothing is known.
@pytest.mark.parametrize(
    ("changes", "is_right"),
    [
        ({}, True), ({"metricName": UNKNOWN}, True), ({"metricName": "Availabilities"}, False),
        ({"metricName": "x", "metricNamespace": "Contoso"}, True),
        ({"metricName": "x", "metricResourceUri": UNKNOWN}, True),
        ({"metricName": "x", "metricResourceUri": f"{PROVIDERS}/Contoso.Things/things/t"}, True),
        ({"metricName": "UsedCapacity", "metricResourceUri": ACCOUNT}, True),
    ],
)  # fmt: skip
def test_a_metric_of_an_autoscale_setting(changes: Any, is_right: bool) -> None:
    trigger = {"metricName": "Availability", "metricResourceUri": VAULT, **changes}
    profiles = [{"rules": [{"metricTrigger": UNKNOWN}, {"metricTrigger": trigger}]}]
    reason = f"'Availabilities' is no metric of a {VAULTS}"
    path = "profiles[0].rules[1].metricTrigger.metricName"
    assert told(azure.autoscale_metrics(), profiles=profiles) == (
        [] if is_right else [(path, reason)]
    )
