"""A seventeenth round on Azure: alerts, events, workflows, budgets and dashboards."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.platforms import SUBSCRIPTION

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
HERE = f"/subscriptions/{SUBSCRIPTION}"
SYSTEM = {"type": "SystemAssigned"}
MAIL = {"name": "a", "emailAddress": "a@example.org"}
STORED = {"source": "${account.id}", "topicType": "Microsoft.Storage.StorageAccounts"}
POLICIES = {"source": HERE, "topicType": "Microsoft.PolicyInsights.PolicyStates"}
TICK = {"type": "Recurrence", "recurrence": {"frequency": "Day", "interval": 1}}


def _learned(frequency: str) -> dict[str, Any]:
    """An alert on a threshold that is learned."""
    criterion = {
        "criterionType": "DynamicThresholdCriterion",
        "name": "slow",
        "metricName": "RequestLatency_P95",
        "operator": "GreaterThan",
        "alertSensitivity": "Medium",
        "failingPeriods": {"numberOfEvaluationPeriods": 4, "minFailingPeriodsToAlert": 4},
        "timeAggregation": "Average",
    }
    return {
        "evaluationFrequency": frequency,
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria",
            "allOf": [criterion],
        },
    }


def _happened(category: str, **fields: str) -> dict[str, Any]:
    conditions = {"category": category, **fields}
    return {
        "scopes": [HERE],
        "condition.allOf": [
            {"field": field, "equals": value} for field, value in conditions.items()
        ],
    }


def _counted(**more: Any) -> dict[str, Any]:
    criterion = {
        "query": "Drift_CL",
        "timeAggregation": "Count",
        "operator": "GreaterThan",
        "threshold": 0,
        **more,
    }
    return {"criteria": {"allOf": [criterion]}}


def _filtered(values: int) -> dict[str, Any]:
    names = [f"kind{number}" for number in range(values)]
    wanted = {"operatorType": "StringIn", "key": "data.kind", "values": names}
    return {"filter": {"advancedFilters": [wanted]}}


def _limited(**runtime: Any) -> dict[str, Any]:
    return {"definition.triggers": {"start": {**TICK, "runtimeConfiguration": runtime}}}


def _told(**contacts: Any) -> dict[str, Any]:
    note = {"enabled": True, "operator": "GreaterThan", "threshold": 80, "contactEmails": []}
    return {"notifications": {"high": {**note, **contacts}}}


ALERTS = [
    Refusal(
        f"{DOCS}/issues/81625",
        RANGE,
        "alert",
        "a dynamic threshold is evaluated every 5 minutes at most",
        _learned("PT1M"),
        _learned("PT5M"),
        accepted="collections of the vendor have it with a window of five minutes",
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/pull/26655",
        ORDERING,
        "actions",
        "Names must be unique across all receivers within an action group",
        {
            "emailReceivers": [MAIL],
            "webhookReceivers": [{"name": "a", "serviceUri": "https://example.org"}],
        },
        {
            "emailReceivers": [MAIL],
            "webhookReceivers": [{"name": "b", "serviceUri": "https://example.org"}],
        },
    ),
    Refusal(
        f"{DOCS}/pull/63416",
        PATTERN,
        "actions",
        "no ampersand in a name",
        {"actionGroupName": "drift&cost"},
        {"actionGroupName": "drift and cost"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/8732",
        MISSING,
        "activity",
        "UnsupportedCondition: Specify additional conditions for this category: Administrative",
        _happened("Administrative"),
        _happened("Administrative", level="Error"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/21186",
        ENUM,
        "activity",
        "a level is one, not a list in a text",
        _happened("Administrative", level='["warning", "informational", "error"]'),
        _happened("Administrative", level="Warning"),
    ),
    Refusal(
        f"{DOCS}/issues/39297",
        EXCLUSIVE,
        "activity",
        "the only level of recommendations is Informational",
        _happened("Recommendation", level="Warning"),
        _happened("Recommendation", level="Informational"),
    ),
    Refusal(
        f"{TERRAFORM}/pull/23300",
        EXCLUSIVE,
        "query",
        "no column of a measure with a count",
        _counted(metricMeasureColumn="Value"),
        _counted(),
    ),
]
EVENTS = [
    Refusal(
        f"{GITHUB}/cloud-custodian/cloud-custodian/issues/4669",
        RANGE,
        "events",
        "The maximum number of values allowed on an advanced filter (25 by now)",
        _filtered(26),
        _filtered(25),
    ),
    Refusal(
        f"{DOCS}/issues/74338",
        ENUM,
        "topic",
        "the states of policies have a topic in global",
        {**POLICIES, "location": "westeurope"},
        {**POLICIES, "location": "global"},
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/AzureMapsCodeSamples/issues/75",
        REFERENCE,
        "topic",
        "System topic's location must match with location of the source resource",
        {**STORED, "location": "japaneast"},
        {**STORED, "location": "westeurope"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/18002",
        EXCLUSIVE,
        "topic",
        "identity is unavailable for location 'global'",
        {**POLICIES, "location": "global", "identity": SYSTEM},
        {**POLICIES, "location": "global"},
    ),
    Refusal(
        f"{GITHUB}/TaoYang-Cloud/azure.policy.monitor/issues/12",
        ORDERING,
        "topic",
        "Only one system topic is allowed per source",
        {**STORED, "systemTopicName": "second"},
        {"systemTopicName": "second"},
        (("first", "topic", {**STORED, "systemTopicName": "first"}),),
    ),
    Refusal(
        f"{DOCS}/issues/56239",
        ENUM,
        "topic",
        "System topic creation is not enabled for topic type Microsoft.EventGrid.Topics",
        {
            "source": f"{HERE}/resourceGroups/sim/providers/Microsoft.EventGrid/topics/own",
            "topicType": "Microsoft.EventGrid.Topics",
        },
    ),
]
FLOWS = [
    Refusal(
        f"{GITHUB}/Azure/logicapps/issues/1420",
        RANGE,
        "logic",
        "Value should be greater than or equal to 10",
        _limited(concurrency={"runs": 5, "maximumWaitingRuns": 9}),
        _limited(concurrency={"runs": 5, "maximumWaitingRuns": 10}),
        accepted="the thread is about another plan; guides of this one have 1 and 2",
    ),
    Refusal(
        f"{GITHUB}/Azure/LogicAppsUX/issues/5059",
        TEXT,
        "logic",
        "Could not find member 'maximumWaitingRuns' of FlowTemplateOperationRuntimeConfiguration",
        _limited(concurrency={"runs": 5}, maximumWaitingRuns=20),
        _limited(concurrency={"runs": 5, "maximumWaitingRuns": 20}),
    ),
    Refusal(
        f"{GITHUB}/Azure/logicapps/issues/471",
        PATTERN,
        "logic",
        "The provided parameter name ' test' has these invalid characters ' '",
        {"definition.parameters": {" test": {"type": "String", "defaultValue": "x"}}},
        {"definition.parameters": {"test": {"type": "String", "defaultValue": "x"}}},
        accepted="the thread is about another plan, where parameters have a file",
    ),
]
BUDGETS = [
    Refusal(
        f"{DOCS}/issues/97548",
        REFERENCE,
        "budget",
        "a group to contact is an id, not a name",
        _told(contactGroups=["sim"]),
        _told(contactGroups=["${actions.id}"]),
    ),
    Refusal(
        f"{GITHUB}/Azure/ResourceModules/pull/1962",
        MISSING,
        "budget",
        "a notification goes to an address, a role or a group",
        _told(),
        _told(contactRoles=["Owner"]),
    ),
    Refusal(
        f"{TERRAFORM}/issues/9104",
        TEXT,
        "dashboard",
        "properties within the properties",
        {"properties": {"properties": {"lenses": []}}},
        {"properties": {"lenses": []}},
    ),
]
SERVICES = [*ALERTS, *EVENTS, *FLOWS, *BUDGETS]
