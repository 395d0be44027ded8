"""Action groups, alerts, autoscaling, workbooks: what guides and answers of Azure Monitor say.

The pages are those of https://learn.microsoft.com, "REST" is https://learn.microsoft.com/rest/api/
monitor; TERRAFORM is github hashicorp/terraform-provider-azurerm 69697b7f, internal/services.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pulumi_simcloud.catalog.azure.documented.base import EMAIL
from pulumi_simcloud.catalog.azure.documented.monitoring import (
    ACTIONS,
    ACTIVITY,
    ALERT,
    AUTOSCALE,
    DIAGNOSTICS,
    LEVELS_OF_EVENTS,
    QUERY,
    SILENT,
    STATUSES,
    WORKBOOK,
)
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules import kql
from pulumi_simcloud.rules.azure import type_of
from pulumi_simcloud.rules.basic import PathRule, check, count, exactly_one, one_of, pattern
from pulumi_simcloud.rules.fields import iso_seconds, moment, needed_with, used

ROLE = "azure-native:authorization:RoleDefinition"
GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# North American Numbering Plan (nationalnanpa.com, "NPA" and "CO codes"): the area and the
# exchange begin with 2 to 9; PhoneNumberIsNotValid is what the service answers.
AMERICAN = re.compile(r"[2-9]\d{2}-?[2-9]\d{2}-?\d{4}")
RECEIVERS = tuple(
    f"{kind}Receivers"
    for kind in (
        "armRole", "automationRunbook", "azureAppPush", "azureFunction", "email", "eventHub",
        "itsm", "logicApp", "sms", "voice", "webhook",
    )
)  # fmt: skip
# REST, "Action Groups - Create Or Update", ItsmReceiver: region.
ITSM_REGIONS = (
    "centralindia", "japaneast", "southeastasia", "australiasoutheast", "uksouth",
    "westcentralus", "canadacentral", "eastus", "westeurope",
)  # fmt: skip
# TERRAFORM, monitor_scheduled_query_rules_alert_v2_resource.go: query_time_range_override.
OVERRIDES = (
    "PT5M", "PT10M", "PT15M", "PT20M", "PT30M", "PT45M", "PT60M", "PT1H", "PT2H", "PT120M",
    "PT3H", "PT4H", "PT5H", "PT6H", "P1D", "PT24H", "P2D", "PT48H",
)  # fmt: skip
# "Naming rules and restrictions for Azure resources", Microsoft.Insights.
ENDS = r"[\s\S]*[^. ]"


def _dialled(inputs: Inputs) -> Iterator[Failure]:
    for kind in ("smsReceivers", "voiceReceivers"):
        for path, item in select(inputs, f"{kind}[*]"):
            number = item.get("phoneNumber") if isinstance(item, dict) else None
            if not isinstance(number, str) or item.get("countryCode") != "1":
                continue
            if not AMERICAN.fullmatch(number):
                yield Failure(f"{path}.phoneNumber", f"PhoneNumberIsNotValid: {excerpt(number)}")


def _standard(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Only built-in roles are supported" (ArmRoleReceiver)."""
    own = {row.id.rpartition("/")[2].lower() for row in world.of(ROLE)}
    for role in used(inputs, "armRoleReceivers[*].roleId"):
        if str(role).lower() in own:
            yield f"the role {role} of a receiver is none of the built-in ones"


# "Supported metrics with Azure Monitor", Microsoft.Storage: time grains PT1H.
HOURLY = (
    "UsedCapacity", "BlobCapacity", "BlobCount", "BlobProvisionedSize", "ContainerCount",
    "IndexCapacity", "FileCapacity", "QueueCapacity", "TableCapacity",
)  # fmt: skip


def _hourly(inputs: Inputs) -> Iterator[Failure]:
    """A window is no shorter than what the metric is measured in."""
    window = iso_seconds(inputs.get("windowSize"))
    for _, item in select(inputs, "criteria.allOf[*]"):
        name = item.get("metricName") if isinstance(item, dict) else None
        if name in HOURLY and window is not None and window < 3600:
            yield Failure("windowSize", f"{name} is measured each hour: PT1H or more")


def _called(value: Any) -> str | None:
    """A webhook is reached from outside (WebhookServiceUriBlocked is what the service answers)."""
    host = urlsplit(str(value)).hostname or ""
    try:
        inside = ipaddress.ip_address(host).is_private
    except ValueError:
        inside = host == "localhost" or host.endswith((".local", ".internal"))
    return f"WebhookServiceUriBlocked: {excerpt(value)}" if inside else None


def _ticket(value: Any) -> str | None:
    """TERRAFORM, monitor_action_group_resource.go: JSON with a revision and a type of item."""
    try:
        document = json.loads(str(value))
    except ValueError:
        return f"{excerpt(value)} is no JSON"
    keys = ("PayloadRevision", "WorkItemType")
    missing = [key for key in keys if not isinstance(document, dict) or key not in document]
    return f"lacks {', '.join(missing)}" if missing else None


def _measured(value: Any) -> str | None:
    """Types without metrics of their own ("Supported metrics with Azure Monitor")."""
    kind = str(type_of(value)).lower()
    silent = kind in SILENT and kind != "microsoft.resources/resourcegroups"
    return f"{excerpt(value)} has no metrics" if silent else None


def _asked(value: Any) -> str | None:
    """Types without logs of their own ("Supported resource logs for Azure Monitor")."""
    kind = str(type_of(value)).lower()
    silent = kind in SILENT and kind != "microsoft.resources/resourcegroups"
    return f"{excerpt(value)} has no logs" if silent else None


def _emitted(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Troubleshoot Azure Monitor metric alerts": a custom metric that is not emitted yet.

    A resource of this cloud emits nothing: what measures it says skipMetricValidation.
    """
    scope = next(iter(used(inputs, "scopes[*]")), None)
    if not any(row.id == scope for row in world.rows):
        return
    for _, item in select(inputs, "criteria.allOf[*]"):
        namespace = item.get("metricNamespace") if isinstance(item, dict) else None
        if not isinstance(namespace, str) or item.get("skipMetricValidation"):
            continue
        if not re.match(r"(?i)microsoft\.[a-z.]+/", namespace):
            name = item.get("metricName")
            yield f"the metric {name!r} of {namespace} does not exist: set skipMetricValidation"


def _dimensions(inputs: Inputs) -> Iterator[Failure]:
    for path, dimension in select(inputs, "criteria.allOf[*].dimensions[*]"):
        if isinstance(dimension, dict) and dimension.get("values") == []:
            yield Failure(path, f"dimension {dimension.get('name')!r} has no values")


def _resource_column(inputs: Inputs) -> Iterator[Failure]:
    """The column of resources is one of the query's ("Create a log search alert rule")."""
    for path, item in select(inputs, "criteria.allOf[*]"):
        query = item.get("query") if isinstance(item, dict) else None
        column = item.get("resourceIdColumn") if isinstance(item, dict) else None
        if not isinstance(query, str) or not isinstance(column, str):
            continue
        columns = None if kql.wrong(query) else kql.columns(query)
        if columns is not None and column not in columns:
            yield Failure(f"{path}.resourceIdColumn", f"{column!r} is none of {', '.join(columns)}")


def _collected(inputs: Inputs) -> Iterator[Failure]:
    """TERRAFORM, monitor_diagnostic_setting_resource.go: something is enabled."""
    items = [*used(inputs, "logs[*]"), *used(inputs, "metrics[*]")]
    states = [item.get("enabled") for item in items if isinstance(item, dict)]
    if states and all(state is False for state in states):
        yield Failure("logs", "at least one type of Log or Metric must be enabled")


def _usual(inputs: Inputs) -> Iterator[Failure]:
    """ "Autoscale with multiple profiles": one is the default, which no date or day is for."""
    profiles = [item for _, item in select(inputs, "profiles[*]") if isinstance(item, dict)]
    usual = [
        item
        for item in profiles
        if item.get("fixedDate") is None and item.get("recurrence") is None
    ]
    if len(usual) > 1:
        yield Failure("profiles", f"has {len(usual)} default profiles, allowed is one")


def _any_of(inputs: Inputs) -> Iterator[Failure]:
    """Conditions of which one is enough (AlertRuleAnyOfOrLeafCondition, anyOf)."""
    lists = {"level": LEVELS_OF_EVENTS, "status": STATUSES}
    for path, leaves in select(inputs, "condition.allOf[*].anyOf"):
        if leaves == []:
            yield Failure(path, "has no conditions")
        for leaf in leaves if isinstance(leaves, list) else ():
            field = str(leaf.get("field")).lower() if isinstance(leaf, dict) else ""
            text = leaf.get("equals") if isinstance(leaf, dict) else None
            if field in lists and isinstance(text, str) and text.lower() not in lists[field]:
                yield Failure(path, f"{text!r} is none of {', '.join(lists[field])}")


def _narrowed(inputs: Inputs) -> Iterator[Failure]:
    """What a category asks for or has beside it.

    https://github.com/Azure/azure-cli/issues/8732 (UnsupportedCondition),
    https://github.com/MicrosoftDocs/azure-docs/issues/39297
    """
    leaves = [item for _, item in select(inputs, "condition.allOf[*]")]
    named = [item for item in leaves if isinstance(item, dict)]
    values = {str(item.get("field")).lower(): item.get("equals") for item in named}
    category, level = (str(values.get(name)).lower() for name in ("category", "level"))
    if category == "administrative" and len(leaves) == 1:
        reason = "Specify additional conditions for this category: Administrative"
        yield Failure("condition.allOf", f"UnsupportedCondition: {reason}")
    if category == "recommendation" and level in LEVELS_OF_EVENTS and level != "informational":
        yield Failure("condition.allOf", f"recommendations are Informational, not {level}")


def _one_display(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://github.com/microsoft/ApplicationInsights-Home/issues/476"""
    keys = ("displayName", "resourceGroupName", "sourceId", "category")
    for row in world.of(WORKBOOK):
        if all(row.inputs.get(key) == inputs.get(key) for key in keys):
            yield "Conflict: A Workbook with the same name already exists within this subscription"


def _time(value: Any) -> str | None:
    return None if moment(value) else f"{excerpt(value)} is no time such as 2030-01-31T00:00:00Z"


RULES: dict[str, tuple[Rule, ...]] = {
    ACTIONS: (
        PathRule(("smsReceivers[*].phoneNumber", "voiceReceivers[*].phoneNumber"), _dialled),
        check("webhookReceivers[*].serviceUri", _called),
        check("itsmReceivers[*].ticketConfiguration", _ticket),
        pattern("itsmReceivers[*].workspaceId", rf"{GUID}\|{GUID}", "SUBSCRIPTION_ID|WORKSPACE_ID"),
        one_of("itsmReceivers[*].region", *ITSM_REGIONS),
        pattern("azureAppPushReceivers[*].emailAddress", EMAIL, "an e-mail address"),
        *(pattern(f"{kind}[*].name", r".+", "a name") for kind in RECEIVERS),
        *(
            pattern(f"eventHubReceivers[*].{name}", r".+", "a name")
            for name in ("eventHubName", "eventHubNameSpace")
        ),
        pattern("actionGroupName", ENDS, "no space and no period at the end"),
    ),
    ALERT: (
        check("scopes[*]", _measured),
        PathRule(("criteria.allOf[*].metricName", "windowSize"), _hourly),
        pattern("criteria.allOf[*].name", r".+", "a name"),
        check("criteria.allOf[*].ignoreDataBefore", _time),
        pattern("ruleName", ENDS, "no space and no period at the end"),
    ),
    QUERY: (
        check("scopes[*]", _asked),
        exactly_one("scopes"),
        one_of("overrideQueryTimeRange", *OVERRIDES),
        pattern("targetResourceTypes[*]", r"[\w.]+/[\w/]+", "such as Microsoft.Compute/disks"),
        PathRule(("criteria.allOf[*].dimensions[*].values",), _dimensions),
        # Condition: metricName is "relevant and required only for rules of the kind LogToMetric".
        needed_with("criteria.allOf[*].metricName", "kind", "LogToMetric"),
        PathRule(
            ("criteria.allOf[*].resourceIdColumn", "criteria.allOf[*].query"), _resource_column
        ),
        pattern("ruleName", ENDS, "no space and no period at the end"),
    ),
    DIAGNOSTICS: (PathRule(("logs", "metrics"), _collected),),
    AUTOSCALE: (
        pattern("profiles[*].name", r"[\s\S]+", "a name"),
        PathRule(("profiles",), _usual),
        count("profiles[*].recurrence.schedule.days", 1, 7),
        pattern("notifications[*].webhooks[*].serviceUri", r"https?://\S+", "an address"),
    ),
    ACTIVITY: (
        PathRule(("condition.allOf[*].anyOf",), _any_of),
        PathRule(("condition.allOf",), _narrowed),
        pattern("activityLogAlertName", ENDS, "no space and no period at the end"),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    ACTIONS: (_standard,),
    ALERT: (_emitted,),
    WORKBOOK: (_one_display,),
}
