"""Log Analytics, Application Insights, Azure Monitor, dashboards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.common import arm, duration, with_identity
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Existing, Inputs, Name
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.azure import (
    autoscale_metrics,
    log_categories,
    metric_alert,
    query_alert,
)
from pulumi_simcloud.rules.basic import (
    PathRule,
    between,
    count,
    exactly_one,
    json_text,
    one_of,
    pattern,
)

ALERT_NAME = (
    r"[^<>*%&:\\?+/#|]{1,260}",
    "at most 260 characters, none of < > * % & : \\ ? + / # |",
)
WINDOWS = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"]
FREQUENCIES = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H"]
# "Scheduled Query Rules" (2021-08-01 and later); a window goes up to two days.
LOG_FREQUENCIES = ["PT1M", *(f"PT{n}M" for n in (5, 10, 15, 30, 45, 60)),
                   *(f"PT{n}H" for n in range(1, 7)), "P1D", "PT24H"]  # fmt: skip
LOG_WINDOWS = [*LOG_FREQUENCIES, "PT120M", "P2D", "PT48H"]
# registry.terraform.io, azurerm_monitor_scheduled_query_rules_alert_v2: a mute is 5 minutes to 6
# hours, a day or two.
LOG_MUTES = [name for name in LOG_WINDOWS if name != "PT1M"]


def _insights_key(context: Any) -> str:
    key = context.uuid("instrumentation")
    return (
        f"InstrumentationKey={key};IngestionEndpoint=https://{context.get('location')}-1.in."
        "applicationinsights.azure.com/"
    )


def _plan(inputs: Inputs) -> Iterator[Failure]:
    """What the plan allows: learn.microsoft.com, "Azure Monitor Logs cost calculations".

    The free one keeps logs for 7 days and fixes the daily cap, the others keep them 30 to 730 days.
    """
    sku = inputs.get("sku")
    name = sku.get("name") if isinstance(sku, dict) else None
    days, cap = inputs.get("retentionInDays"), inputs.get("workspaceCapping")
    if name is UNKNOWN:
        return
    if str(name).lower() == "free":
        if isinstance(cap, dict) and cap.get("dailyQuotaGb") is not None:
            yield Failure("workspaceCapping.dailyQuotaGb", "the daily cap of Free is fixed")
    elif isinstance(days, int) and days < 30:
        yield Failure("retentionInDays", f"{days} is out of range, allowed are 30 to 730")


def _receiver_names(inputs: Inputs) -> Iterator[Failure]:
    """A receiver's name is unique in its group ("Action Groups - Create Or Update")."""
    kinds = [key for key in inputs if key.endswith("Receivers")]
    names = Counter(name for kind in kinds for _, name in select(inputs, f"{kind}[*].name"))
    for name, times in names.items():
        if times > 1 and name is not UNKNOWN:
            yield Failure("name", f"{times} receivers are called {name!r}")


SINKS = (
    "workspaceId",
    "storageAccountId",
    "eventHubAuthorizationRuleId",
    "marketplacePartnerId",
)


def _sent(inputs: Inputs) -> set[str]:
    """Categories that are on; `logs` where there is a group of them, which has others in it."""
    logs = [item for _, item in select(inputs, "logs[*]") if isinstance(item, dict)]
    on = [item for item in logs if item.get("enabled") is not False]
    names = {str(item["category"]) for item in on if item.get("category")}
    groups = {"logs"} if any(item.get("categoryGroup") for item in on) else set()
    metrics = [item for _, item in select(inputs, "metrics[*]") if isinstance(item, dict)]
    return (
        {f"log {name}".lower() for name in names}
        | groups
        | {
            f"metric {item.get('category')}".lower()
            for item in metrics
            if item.get("enabled") is not False
        }
    )


def _shared(own: set[str], other: set[str]) -> set[str]:
    logs = [{name for name in names if name.startswith("log")} for names in (own, other)]
    grouped = "logs" in own | other and all(logs)
    return (own & other) | ({"logs"} if grouped else set())


def _one_sink(inputs: Inputs, world: Existing) -> Iterator[str]:
    """At most 5 settings of a resource; no two send one category to one place.

    "Diagnostic settings"; https://github.com/Azure/Community-Policy/issues/188
    """
    others = [
        row.inputs
        for row in world.of("azure-native:monitor:DiagnosticSetting")
        if str(row.inputs.get("resourceUri")).lower() == str(inputs.get("resourceUri")).lower()
        and row.inputs.get("name") != inputs.get("name")
    ]
    if len(others) >= 5:
        yield "the resource has 5 diagnostic settings, and takes no more"
    for sink in (inputs.get(key) for key in SINKS):
        for other in others:
            used = {str(other.get(key)).lower() for key in SINKS}
            twice = _shared(_sent(inputs), _sent(other))
            if sink and str(sink).lower() in used and twice:
                yield (
                    f"Data sink {sink!r} is used by another diagnostic setting of the resource"
                    f" for {', '.join(sorted(twice))}"
                )


MONITORING = (
    arm(
        "operationalinsights:Workspace",
        "Microsoft.OperationalInsights/workspaces/{workspaceName}",
        Name("workspaceName", 63),
        name_rule=(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]", "4-63 letters, digits and -"),
        rules=(between("retentionInDays", 7, 730), _plan),
        computed={"customerId": "{uuid}", "provisioningState": "Succeeded"},
        unique="{resourceGroupName|lower}/{workspaceName|lower}",
        # learn.microsoft.com, "Delete and recover an Azure Log Analytics workspace": for 14 days a
        # new one of that name is refused, or is the deleted one, of which users tell that nothing
        # finds it (github.com/pulumi/pulumi-azure-native/issues/1319).
        keeps_name="This workspace name is already in use: it was deleted in the last 14 days",
    ),
    arm(
        "operationalinsights:Table",
        "Microsoft.OperationalInsights/workspaces/{workspaceName}/tables/{tableName}",
        Name("tableName", 63),
        name_rule=(r"[A-Za-z][\w]{3,62}", "4-63 letters, digits and _"),
    ),
    arm(
        "operationalinsights:SavedSearch",
        "Microsoft.OperationalInsights/workspaces/{workspaceName}/savedSearches/{savedSearchId}",
        Name("savedSearchId", 250),
    ),
    arm(
        "applicationinsights:Component",
        "Microsoft.Insights/components/{resourceName}",
        Name("resourceName", 260),
        name_rule=ALERT_NAME,
        rules=(one_of("retentionInDays", 30, 60, 90, 120, 180, 270, 365, 550, 730),),
        computed={
            "appId": lambda context: context.uuid("application"),
            "instrumentationKey": lambda context: context.uuid("instrumentation"),
            "connectionString": _insights_key,
            "provisioningState": "Succeeded",
        },
    ),
    arm(
        "applicationinsights:Workbook",
        "Microsoft.Insights/workbooks/{resourceName}",
        Name("resourceName", 36, uuid=True),
        name_rule=(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "a GUID"),
        rules=(json_text("serializedData", 1_048_576),),
        deferred=("serializedData",),
    ),
    arm(
        "monitor:ActionGroup",
        "Microsoft.Insights/actionGroups/{actionGroupName}",
        Name("actionGroupName", 260),
        name_rule=ALERT_NAME,
        rules=(
            pattern("groupShortName", r".{1,12}", "at most 12 characters"),
            pattern(
                "emailReceivers[*].emailAddress",
                r"[^@\s]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+",
                "an e-mail address",
            ),
            pattern("webhookReceivers[*].serviceUri", r"https?://\S+", "a URL"),
            PathRule(("emailReceivers[*].name", "webhookReceivers[*].name"), _receiver_names),
        ),
    ),
    arm(
        "monitor:MetricAlert",
        "Microsoft.Insights/metricAlerts/{ruleName}",
        Name("ruleName", 260),
        name_rule=ALERT_NAME,
        rules=(
            between("severity", 0, 4),
            one_of("evaluationFrequency", *FREQUENCIES),
            one_of("windowSize", *WINDOWS),
            count("scopes", 1, 1000),
            metric_alert(),
        ),
    ),
    arm(
        "monitor:ScheduledQueryRule",
        "Microsoft.Insights/scheduledQueryRules/{ruleName}",
        Name("ruleName", 260),
        name_rule=ALERT_NAME,
        rules=(
            between("severity", 0, 4),
            duration("evaluationFrequency"),
            duration("windowSize"),
            one_of("evaluationFrequency", *LOG_FREQUENCIES),
            one_of("windowSize", *LOG_WINDOWS),
            one_of("muteActionsDuration", *LOG_MUTES),
            between("criteria.allOf[*].failingPeriods.numberOfEvaluationPeriods", 1, 6),
            exactly_one("criteria"),
            count("criteria.allOf", 1, 1),
            count("scopes", 1, 1),
            query_alert(),
        ),
        computed={"identity": with_identity},
        handles=("id", "identity.principalId"),
    ),
    arm(
        "monitor:DiagnosticSetting",
        "Microsoft.Insights/diagnosticSettings/{name}",
        Name("name", 260),
        name_rule=ALERT_NAME,
        root="{resourceUri}",
        parent="{resourceUri}",
        rules=(count("logs", 0, 100), log_categories()),
        demands=(_one_sink,),
    ),
    arm(
        "monitor:AutoscaleSetting",
        "Microsoft.Insights/autoscaleSettings/{autoscaleSettingName}",
        Name("autoscaleSettingName", 260),
        name_rule=ALERT_NAME,
        rules=(
            count("profiles", 1, 20),
            count("profiles[*].rules", 0, 10),
            duration("profiles[*].rules[*].scaleAction.cooldown"),
            # https://github.com/Azure/azure-sdk-for-net/issues/43948
            exactly_one("targetResourceUri"),
            autoscale_metrics(),
        ),
    ),
    arm(
        "monitor:ActivityLogAlert",
        "Microsoft.Insights/activityLogAlerts/{activityLogAlertName}",
        Name("activityLogAlertName", 260),
        name_rule=ALERT_NAME,
    ),
    arm(
        "portal:Dashboard",
        "Microsoft.Portal/dashboards/{dashboardName}",
        Name("dashboardName", 160),
        name_rule=(r"[A-Za-z0-9-]{3,160}", "3-160 letters, digits and -"),
        deferred=("properties",),
    ),
)
