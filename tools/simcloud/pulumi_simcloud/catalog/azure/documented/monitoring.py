"""Azure Monitor, Event Grid, Logic Apps, networks: what the REST reference says of fields.

Unless another page is named, each rule stands at the field of the operation "Create Or Update" in
https://learn.microsoft.com/rest/api.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from pulumi_simcloud.catalog.azure.documented.logic import definition_error
from pulumi_simcloud.catalog.azure.documented.logic_scopes import passed_errors
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules import kql
from pulumi_simcloud.rules.azure import seconds, type_of
from pulumi_simcloud.rules.basic import PathRule, between, check, count, one_of, pattern
from pulumi_simcloud.rules.fields import (
    each,
    lasts,
    moment,
    needed_with,
    not_with,
    only_with,
    ordered,
    unique,
)
from pulumi_simcloud.state import Row

PREFIX = "azure-native:"
GROUP = f"{PREFIX}resources:ResourceGroup"
LOGS = f"{PREFIX}operationalinsights:Workspace"
TABLE = f"{PREFIX}operationalinsights:Table"
SEARCH = f"{PREFIX}operationalinsights:SavedSearch"
COMPONENT = f"{PREFIX}applicationinsights:Component"
WORKBOOK = f"{PREFIX}applicationinsights:Workbook"
ACTIONS = f"{PREFIX}monitor:ActionGroup"
ALERT, QUERY = f"{PREFIX}monitor:MetricAlert", f"{PREFIX}monitor:ScheduledQueryRule"
DIAGNOSTICS = f"{PREFIX}monitor:DiagnosticSetting"
AUTOSCALE = f"{PREFIX}monitor:AutoscaleSetting"
ACTIVITY = f"{PREFIX}monitor:ActivityLogAlert"
TOPIC = f"{PREFIX}eventgrid:SystemTopic"
EVENTS = f"{PREFIX}eventgrid:SystemTopicEventSubscription"
LOGIC, SUBNET = f"{PREFIX}logic:Workflow", f"{PREFIX}network:Subnet"
NETWORK = f"{PREFIX}network:VirtualNetwork"
CRITERIA = "criteria.allOf[*]"
STATIC, DYNAMIC = "StaticThresholdCriterion", "DynamicThresholdCriterion"
# WorkspaceSku, capacityReservationLevel; 50: terraform-provider-azurerm, issue 32262.
LEVELS = (50, 100, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 25000, 50000)
# learn.microsoft.com, "Manage data retention in a Log Analytics workspace".
TOTALS = (*range(4, 731), 1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018, 4383)
# learn.microsoft.com, "Create a custom table": columns that there are.
RESERVED_COLUMNS = ("_ResourceId", "id", "_SubscriptionId", "TenantId", "Type", "UniqueId", "Title")


def _is_table(name: str) -> bool:
    return name in kql.tables() or name in kql.other_tables() - kql.CLASSIC


def _table(inputs: Inputs) -> Iterator[Failure]:
    """Columns and retention of a table (TableProperties; "Create a custom table")."""
    schema, name = inputs.get("schema"), inputs.get("tableName")
    schema = schema if isinstance(schema, dict) else {}
    custom = isinstance(name, str) and name.endswith("_CL")
    if isinstance(schema.get("name"), str) and isinstance(name, str) and schema["name"] != name:
        yield Failure("schema.name", f"{schema['name']!r} is not {name!r}")
    columns = [item for item in schema.get("columns") or [] if isinstance(item, dict)]
    ends = isinstance(name, str) and name.endswith(("_CL", "_SRCH", "_RST"))
    if columns and isinstance(name, str) and not ends and not _is_table(name):
        yield Failure("tableName", f"{name!r}: a custom table's name ends in _CL")
    names = [str(item.get("name")) for item in columns]
    if columns and custom and UNKNOWN not in [item.get("name") for item in columns]:
        times = [item for item in columns if item.get("name") == "TimeGenerated"]
        if not times or str(times[0].get("type")).lower() != "datetime":
            yield Failure("schema.columns", "a custom table has a column TimeGenerated, a dateTime")
    # "Add or delete tables and columns": columns of one's own in a table of Azure's.
    fields = kql.tables().get(str(name)) or {}
    for column in names if fields else ():
        if column not in fields and not column.endswith("_CF"):
            yield Failure("schema.columns", f"{column!r}: a custom column's name ends in _CF")
    # "Service limits for Azure Monitor Logs": 500 columns.
    if len(columns) > 500:
        yield Failure("schema.columns", f"has {len(columns)} columns, allowed are 500")
    folded = [column.lower() for column in names]
    twice = next((column for column in folded if folded.count(column) > 1), None)
    if twice and UNKNOWN not in [item.get("name") for item in columns]:
        yield Failure("schema.columns", f"{twice!r} is there more than once")
    for column in names:
        if column in RESERVED_COLUMNS:
            yield Failure("schema.columns", f"{column!r} is reserved")
        elif not re.fullmatch(r"[A-Za-z]\w{0,44}", column):
            yield Failure("schema.columns", f"{column!r}: a letter, then letters, digits, _, 45")
    if inputs.get("plan") == "Basic" and inputs.get("retentionInDays") is not None:
        yield Failure("retentionInDays", "is fixed for the plan Basic")
    total = inputs.get("totalRetentionInDays")
    if isinstance(total, int) and total not in (*TOTALS, -1):
        yield Failure("totalRetentionInDays", f"{total} is none of 4 to 730, 1095, ... 4383")


def _query(value: Any) -> str | None:
    return kql.wrong(value) if isinstance(value, str) else None


def _metric_alert(inputs: Inputs) -> Iterator[Failure]:
    """What each kind of criteria takes (MetricAlertCriteria; "Create metric alerts")."""
    criteria = inputs.get("criteria")
    criteria = criteria if isinstance(criteria, dict) else {}
    kind = str(criteria.get("odataType")).rpartition(".")[2]
    items = [item for item in criteria.get("allOf") or [] if isinstance(item, dict)]
    scopes = inputs.get("scopes")
    several = isinstance(scopes, list) and len(scopes) > 1
    dynamic = [item for item in items if item.get("criterionType") == DYNAMIC]
    if kind == "SingleResourceMultipleMetricCriteria" and several:
        yield Failure("scopes", f"{kind} has one scope")
    if kind == "MultipleResourceMultipleMetricCriteria" and several:
        for name in ("targetResourceType", "targetResourceRegion"):
            if inputs.get(name) is None:
                yield Failure(name, "missing: needed with several scopes")
    wide = [
        scope
        for scope in (scopes if isinstance(scopes, list) else [])
        if isinstance(scope, str)
        and re.fullmatch(r"(?i)/subscriptions/[^/]+(/resourceGroups/[^/]+)?/?", scope)
    ]
    if wide and kind == "SingleResourceMultipleMetricCriteria":
        yield Failure("scopes", f"{wide[0]} needs MultipleResourceMultipleMetricCriteria")
    for name in ("targetResourceType", "targetResourceRegion") if wide else ():
        if inputs.get(name) is None:
            yield Failure(name, f"missing: needed with the scope {wide[0]}")
    for item in items:
        for dimension in item.get("dimensions") or []:
            if isinstance(dimension, dict) and dimension.get("values") == []:
                yield Failure(
                    "criteria.allOf", f"dimension {dimension.get('name')!r} has no values"
                )
    for item in dynamic:
        if item.get("failingPeriods") is None:
            yield Failure("criteria.allOf", "a dynamic threshold needs failingPeriods")
    if len(items) > 5:
        yield Failure("criteria.allOf", f"has {len(items)} criteria, allowed are 5")
    if dynamic and len(items) > 1:
        yield Failure("criteria.allOf", "a dynamic threshold is the only criterion")
    # Every minute is right with a window of five (github Azure/azure-monitor-baseline-alerts).
    if dynamic and inputs.get("windowSize") == "PT1M":
        yield Failure("windowSize", "PT1M is not supported by dynamic thresholds")


def _alike(inputs: Inputs) -> Iterator[Failure]:
    """The scopes of a rule are of one type (MetricAlertProperties, scopes)."""
    kinds = {type_of(scope) for _, scope in select(inputs, "scopes[*]")} - {None}
    if len({kind.lower() for kind in kinds if kind}) > 1 and not any(
        kind in ("Microsoft.Insights/webtests", "microsoft.insights/components") for kind in kinds
    ):
        kind = (inputs.get("criteria") or {}).get("odataType")
        if "Webtest" not in str(kind):
            yield Failure("scopes", f"are of several types: {', '.join(map(str, kinds))}")


def _query_rule(inputs: Inputs) -> Iterator[Failure]:
    """What each kind of rule on logs takes (ScheduledQueryRuleProperties)."""
    kind = inputs.get("kind") or "LogAlert"
    if kind == "LogAlert":
        for name in ("severity", "evaluationFrequency", "windowSize"):
            if inputs.get(name) is None:
                yield Failure(name, f"missing: needed with kind {kind}")
    if kind == "LogToMetric":
        for name in ("muteActionsDuration", "resolveConfiguration", "severity"):
            if inputs.get(name) is not None:
                yield Failure(name, f"not with kind {kind}")
    window = seconds(inputs.get("windowSize"))
    looks_back = seconds(inputs.get("overrideQueryTimeRange"))
    for path, item in select(inputs, CRITERIA):
        if not isinstance(item, dict) or kind != "LogAlert":
            continue
        yield from _log_criterion(path, item)
        periods = (item.get("failingPeriods") or {}).get("numberOfEvaluationPeriods", 1)
        if window is None or not isinstance(periods, int):
            continue
        if window * periods > 172_800:
            yield Failure(path, f"{periods} windows of {inputs['windowSize']} are more than 2 days")
        if looks_back is not None and looks_back < window * periods:
            yield Failure("overrideQueryTimeRange", "is shorter than all the windows")


# "Create or edit a log search alert rule": limits of the frequency of one minute.
OFTEN = re.compile(r"(?i)\b(search|union|take|limit|bag_unpack|adx|arg)\b\s*(\(|\w|\"|\*)")


def _every_minute(inputs: Inputs) -> Iterator[Failure]:
    if inputs.get("evaluationFrequency") != "PT1M":
        return
    for path, query in select(inputs, f"{CRITERIA}.query"):
        match = OFTEN.search(re.sub(r"\"[^\"]*\"|'[^']*'", '""', str(query)))
        if query is not UNKNOWN and match:
            yield Failure(path, f"{match[1]} is not supported with a frequency of one minute")


def _log_criterion(path: str, item: dict[str, Any]) -> Iterator[Failure]:
    kind = item.get("criterionType") or STATIC
    for name in ("timeAggregation", "operator", "query"):
        if item.get(name) is None:
            yield Failure(f"{path}.{name}", "missing: needed with kind LogAlert")
    if kind == STATIC and item.get("threshold") is None:
        yield Failure(f"{path}.threshold", f"missing: needed with {STATIC}")
    if kind == DYNAMIC and item.get("alertSensitivity") is None:
        yield Failure(f"{path}.alertSensitivity", f"missing: needed with {DYNAMIC}")
    if kind == STATIC and item.get("alertSensitivity") is not None:
        yield Failure(f"{path}.alertSensitivity", f"only with {DYNAMIC}")
    if kind == STATIC and item.get("operator") == "GreaterOrLessThan":
        yield Failure(f"{path}.operator", f"GreaterOrLessThan is for {DYNAMIC}")
    if len(item.get("dimensions") or []) > 6:
        yield Failure(f"{path}.dimensions", "has more than 6 dimensions")


def _diagnostics(inputs: Inputs) -> Iterator[Failure]:
    """ "Diagnostic settings in Azure Monitor": something is collected, in one way, and not kept."""
    logs = [item for _, item in select(inputs, "logs[*]") if isinstance(item, dict)]
    metrics = [item for _, item in select(inputs, "metrics[*]") if isinstance(item, dict)]
    if not logs and not metrics:
        yield Failure("logs", "at least one category of logs or metrics is needed")
    if any(item.get("category") for item in logs) and any(
        item.get("categoryGroup") for item in logs
    ):
        yield Failure("logs", "category and categoryGroup exclude each other in one setting")
    for path in ("logs[*]", "metrics[*]"):
        for below, policy in select(inputs, f"{path}.retentionPolicy"):
            if isinstance(policy, dict) and (policy.get("enabled") is True or policy.get("days")):
                reason = "retention is not supported by new settings: use a lifecycle policy"
                yield Failure(below, reason)


# Types without resource logs and metrics ("Supported resource logs for Azure Monitor").
SILENT = (
    "microsoft.resources/resourcegroups", "microsoft.insights/actiongroups",
    "microsoft.insights/metricalerts", "microsoft.insights/scheduledqueryrules",
    "microsoft.managedidentity/userassignedidentities", "microsoft.authorization/roleassignments",
    "microsoft.insights/workbooks", "microsoft.portal/dashboards",
)  # fmt: skip


def _monitored(value: Any) -> str | None:
    kind = str(type_of(value)).lower()
    group = re.fullmatch(r"(?i)/subscriptions/[^/]+/resourceGroups/[^/]+", str(value))
    if kind in SILENT or group:
        return f"ResourceTypeNotSupported: {value!r} does not support diagnostic settings"
    return None


def _kept_near(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Diagnostic settings in Azure Monitor", destinations: not premium, in the same region."""
    account = world.find(
        ["azure-native:storage:StorageAccount"], inputs.get("storageAccountId"), ("id",)
    )
    if account is None:
        return
    if str((account.inputs.get("sku") or {}).get("name")).startswith("Premium"):
        yield "premium storage accounts are not supported for logs"
    monitored = f"{inputs.get('resourceUri')}/".lower()
    own = max(
        (row for row in world.rows if monitored.startswith(f"{row.id}/".lower())),
        key=lambda row: len(row.id),
        default=None,
    )
    places = [located(row, world) for row in (account, own) if row is not None]
    texts = [
        plain_place(place)
        for place in places
        if isinstance(place, str) and place.lower() != "global"
    ]
    if len(set(texts)) > 1:
        yield f"the storage account is in {places[0]}, the resource in {places[1]}"


def _capacity(value: Any) -> str | None:
    """Least, default and most instances, as texts (ScaleCapacity)."""
    texts = [value.get(name) for name in ("minimum", "default", "maximum")]
    if any(text is UNKNOWN or text is None for text in texts):
        return None
    if not all(re.fullmatch(r"\d+", str(text)) for text in texts):
        return f"{excerpt(texts)} are no numbers"
    least, usual, most = map(int, texts)
    return None if least <= usual <= most else f"minimum {least}, default {usual}, maximum {most}"


def _step(rule: dict[str, Any], capacity: Any) -> str | None:
    """A step is at most what there is between the least and the most."""
    action = rule.get("scaleAction")
    if not isinstance(action, dict) or action.get("type") != "ChangeCount":
        return None
    texts = [action.get("value"), *map((capacity or {}).get, ("minimum", "maximum"))]
    if not all(re.fullmatch(r"\d+", str(text)) for text in texts):
        return None
    value, least, most = map(int, texts)
    return None if value <= most - least else f"{value} is more than maximum - minimum"


# learn.microsoft.com, "Overview of autoscale": supported services.
SCALABLE = (
    "microsoft.compute/virtualmachinescalesets", "microsoft.web/serverfarms",
    "microsoft.apimanagement/service", "microsoft.kusto/clusters",
    "microsoft.logic/integrationserviceenvironments",
    "microsoft.appplatform/spring/apps/deployments",
    "microsoft.eventhub/namespaces", "microsoft.servicebus/namespaces",
    "microsoft.signalrservice/signalr", "microsoft.signalrservice/webpubsub",
    "microsoft.media/mediaservices/streamingendpoints", "microsoft.streamanalytics/streamingjobs",
    "microsoft.machinelearningservices/workspaces/onlineendpoints/deployments",
    "microsoft.classiccompute/domainnames/slots/roles", "microsoft.compute/cloudservices",
    "microsoft.network/dnsresolvers", "microsoft.apimanagement/gateways",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _scalable(value: Any) -> str | None:
    kind = type_of(value)
    if kind is None or kind.lower() in SCALABLE:
        return None
    return f"UnsupportedResourceType: a {kind} does not scale by autoscale settings"


def _one_setting(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A resource has one setting ("Understand autoscale settings")."""
    for row in world.of(AUTOSCALE):
        target = str(row.inputs.get("targetResourceUri")).lower()
        same = row.inputs.get("autoscaleSettingName") == inputs.get("autoscaleSettingName")
        if target == str(inputs.get("targetResourceUri")).lower() and not same:
            yield f"ResourceAlreadyHasAutoscaleSetting: {row.id!r}"


def _zone(value: Any) -> str | None:
    known = value in table("windows_zones") or value == "UTC"
    return None if known else f"{excerpt(value)} is no Windows time zone"


def _predictive(inputs: Inputs) -> Iterator[Failure]:
    """Only scale sets are predicted ("Use predictive autoscale")."""
    mode = (inputs.get("predictiveAutoscalePolicy") or {}).get("scaleMode", "Disabled")
    kind = type_of(inputs.get("targetResourceUri"))
    if mode != "Disabled" and kind and not kind.lower().endswith("virtualmachinescalesets"):
        yield Failure("predictiveAutoscalePolicy.scaleMode", f"not for a {kind}")


def _profiles(inputs: Inputs) -> Iterator[Failure]:
    for path, profile in select(inputs, "profiles[*]"):
        if not isinstance(profile, dict):
            continue
        if profile.get("fixedDate") and profile.get("recurrence"):
            yield Failure(path, "fixedDate and recurrence exclude each other")
        for number_of, rule in enumerate(profile.get("rules") or []):
            trigger = rule.get("metricTrigger") if isinstance(rule, dict) else None
            if not isinstance(trigger, dict):
                continue
            step = _step(rule, profile.get("capacity"))
            if step:
                yield Failure(f"{path}.rules[{number_of}].scaleAction.value", step)
            grain, window = (seconds(trigger.get(key)) for key in ("timeGrain", "timeWindow"))
            if grain is not None and window is not None and grain > window:
                below = f"{path}.rules[{number_of}].metricTrigger.timeGrain"
                yield Failure(below, "is longer than timeWindow")


CATEGORIES = (
    "Administrative", "ServiceHealth", "ResourceHealth", "Alert", "Autoscale", "Recommendation",
    "Security", "Policy",
)  # fmt: skip


# AlertRuleAnyOfOrLeafCondition, field.
EVENT_FIELDS = (
    r"(?i)resourceId|category|caller|level|operationName|resourceGroup|resourceProvider|status"
    r"|subStatus|resourceType|properties(\..+)?|authorization(\..+)?|recommendation\w+"
)


def _global(inputs: Inputs) -> Iterator[Failure]:
    """Metric alerts and action groups are global, or in one of the regions that keep theirs."""
    location = inputs.get("location")
    if isinstance(location, str) and location.lower().replace(" ", "") not in REGIONAL:
        yield Failure("location", f"{location!r} is not available: {', '.join(REGIONAL)}")


REGIONAL = (
    "global", "eastus2", "germanywestcentral", "northcentralus", "southcentralus", "swedencentral",
)  # fmt: skip


# "Azure activity log event schema": severity level, status.
LEVELS_OF_EVENTS = ("critical", "error", "warning", "informational", "verbose")
STATUSES = (
    "started", "in progress", "succeeded", "failed", "active", "resolved", "accepted", "start",
    "updated", "updating", "created", "inprogress",
)  # fmt: skip


def _activity(inputs: Inputs) -> Iterator[Failure]:
    """A condition has the category, once ("Activity Log Alerts": allOf)."""
    leaves = [item for _, item in select(inputs, "condition.allOf[*]") if isinstance(item, dict)]
    own = [item for item in leaves if str(item.get("field")).lower() == "category"]
    if len(own) != 1 and UNKNOWN not in [item.get("field") for item in leaves]:
        yield Failure("condition.allOf", f"has the field category {len(own)} times, needs it once")
    for item in leaves:
        field = item.get("field")
        if isinstance(field, str) and not re.fullmatch(EVENT_FIELDS, field):
            yield Failure("condition.allOf", f"{field!r} is no field of an event")
    for item in own:
        if isinstance(item.get("equals"), str) and item["equals"] not in CATEGORIES:
            yield Failure("condition.allOf", f"{item['equals']!r} is not one of {CATEGORIES}")
    for item in leaves:
        ways = [key for key in ("equals", "containsAny", "anyOf") if item.get(key) is not None]
        if len(ways) != 1:
            yield Failure("condition.allOf", f"{excerpt(item)} has not one of equals, containsAny")
        lists = {"level": LEVELS_OF_EVENTS, "status": STATUSES}
        allowed = lists.get(str(item.get("field")).lower())
        text = item.get("equals")
        if allowed and isinstance(text, str) and text.lower() not in allowed:
            yield Failure("condition.allOf", f"{text!r} is none of {', '.join(allowed)}")
        operation = str(item.get("field")).lower() == "operationname"
        if operation and isinstance(text, str) and "/" not in text:
            yield Failure("condition.allOf", f"{text!r} is no operation of a provider")
    categories = {str(item.get("equals")).lower() for item in own}
    health = "servicehealth" in categories
    levels = [item for item in leaves if str(item.get("field")).lower() == "level"]
    # github hashicorp/terraform-provider-azurerm, issues 10397, 29540, 29613
    if "resourcehealth" in categories:
        for text in (item.get("equals") for item in levels):
            if isinstance(text, str) and text.lower() not in ("informational", "critical"):
                yield Failure("condition.allOf", f"ResourceHealth has no level {text}")
    for path, scope in select(inputs, "scopes[*]"):
        if health and str(scope).strip("/").count("/") > 1:
            yield Failure(path, "ServiceHealth is about subscriptions alone")
    location = inputs.get("location")
    if isinstance(location, str) and location.lower() not in (
        "global",
        "westeurope",
        "northeurope",
    ):
        yield Failure("location", f"{location!r} is not Global")


def _source(inputs: Inputs) -> Iterator[Failure]:
    """The type of a topic is that of its source ("System topics in Azure Event Grid")."""
    kind, source = inputs.get("topicType"), type_of(inputs.get("source"))
    if not isinstance(kind, str) or source is None or "/" not in source:
        return
    if kind.lower() != source.replace("/", ".").lower():
        yield Failure("topicType", f"{kind} is not the type of the source, {source}")


def _delivered(inputs: Inputs, world: Existing) -> Iterator[str]:
    """An identity that delivers is the topic's (DeliveryWithResourceIdentity)."""
    if not inputs.get("deliveryWithResourceIdentity"):
        return
    for row in world.of(TOPIC):
        own = row.inputs.get("systemTopicName") == inputs.get("systemTopicName")
        if own and not row.inputs.get("identity"):
            yield "the system topic has no identity to deliver with"


def _past(value: Any) -> str | None:
    time = moment(value)
    return f"{value} is in the past" if time and time < datetime.now(timezone.utc) else None


def _filters(inputs: Inputs) -> Iterator[Failure]:
    """learn.microsoft.com, "Understand event filtering for Event Grid subscriptions": limits."""
    total = 0
    for path, item in select(inputs, "filter.advancedFilters[*]"):
        if not isinstance(item, dict):
            continue
        kind, values = str(item.get("operatorType")), item.get("values")
        several = kind.endswith(("In", "With", "Contains", "Range"))
        if not item.get("key") and item.get("key") is not UNKNOWN:
            yield Failure(f"{path}.key", "missing: a filter has a key")
        if several and not values and values is not UNKNOWN:
            yield Failure(f"{path}.values", f"missing: needed with {kind}")
        if kind.startswith(("NumberLess", "NumberGreater", "Bool")) and item.get("value") is None:
            yield Failure(f"{path}.value", f"missing: needed with {kind}")
        for text in values if isinstance(values, list) else ():
            if isinstance(text, str) and len(text) > 512:
                yield Failure(f"{path}.values", "has more than 512 characters")
        total += len(values) if isinstance(values, list) else 1
    if total > 25:
        yield Failure("filter.advancedFilters", f"have {total} values, allowed are 25")


def _ends(inputs: Inputs) -> Iterator[Failure]:
    """What a destination of each kind names (EventSubscriptionDestination)."""
    needed = {
        "StorageQueue": ("resourceId", "queueName"),
        "EventHub": ("resourceId",),
        "AzureFunction": ("resourceId",),
        "ServiceBusQueue": ("resourceId",),
        "ServiceBusTopic": ("resourceId",),
        "HybridConnection": ("resourceId",),
        "WebHook": ("endpointUrl",),
    }
    shapes = {
        "AzureFunction": "microsoft.web/sites/functions",
        "StorageQueue": "microsoft.storage/storageaccounts",
        "EventHub": "microsoft.eventhub/namespaces/eventhubs",
        "ServiceBusQueue": "microsoft.servicebus/namespaces/queues",
        "ServiceBusTopic": "microsoft.servicebus/namespaces/topics",
    }
    for path in ("destination", "deliveryWithResourceIdentity.destination"):
        for _, end in select(inputs, path):
            end = end if isinstance(end, dict) else {}
            kind, identity = str(end.get("endpointType")), end.get("resourceId")
            for name in needed.get(kind, ()):
                if end.get(name) is None:
                    yield Failure(f"{path}.{name}", f"missing: needed with {kind}")
            shape = shapes.get(kind)
            if isinstance(identity, str) and shape and str(type_of(identity)).lower() != shape:
                yield Failure(f"{path}.resourceId", f"{excerpt(identity)} is no {kind}")
    for _, dead in select(inputs, "deadLetterDestination"):
        if isinstance(dead, dict) and dead.get("blobContainerName") is None:
            yield Failure("deadLetterDestination.blobContainerName", "missing")


def located(row: Row, world: Existing) -> Any:
    """Where a resource is: where its group is, if it does not say."""
    group = row.inputs.get("resourceGroupName")
    groups = {item.inputs.get("resourceGroupName"): item for item in world.of(GROUP)}
    outputs = groups[group].outputs if group in groups else {}
    return row.inputs.get("location") or outputs.get("location")


def _one_topic(inputs: Inputs, world: Existing) -> Iterator[str]:
    """One system topic per source, where the source is ("System topics in Azure Event Grid")."""
    for row in world.of(TOPIC):
        same = str(row.inputs.get("source")).lower() == str(inputs.get("source")).lower()
        if same and row.inputs.get("systemTopicName") != inputs.get("systemTopicName"):
            yield f"a system topic of {inputs.get('source')!r} already exists"
    source = next((row for row in world.rows if row.id == inputs.get("source")), None)
    place, own = (source and located(source, world)), inputs.get("location")
    if isinstance(place, str) and isinstance(own, str) and plain_place(place) != plain_place(own):
        yield f"the system topic is in {own}, its source in {place}"


def plain_place(place: str) -> str:
    return place.lower().replace(" ", "")


OPERATORS = (
    "NumberIn", "NumberNotIn", "NumberLessThan", "NumberGreaterThan", "NumberLessThanOrEquals",
    "NumberGreaterThanOrEquals", "BoolEquals", "StringIn", "StringNotIn", "StringBeginsWith",
    "StringEndsWith", "StringContains", "NumberInRange", "NumberNotInRange",
    "StringNotBeginsWith", "StringNotEndsWith", "StringNotContains", "IsNullOrUndefined",
    "IsNotNull",
)  # fmt: skip


def _passed(inputs: Inputs) -> Iterator[Failure]:
    """Parameters of a workflow are ones that its definition declares."""
    definition = inputs.get("definition")
    if isinstance(definition, dict):
        for reason in passed_errors(definition, inputs.get("parameters")):
            yield Failure("parameters", f"InvalidTemplate: {reason}")


# learn.microsoft.com, "Virtual network FAQ": ranges that a network cannot have.
FORBIDDEN = tuple(
    map(
        ipaddress.ip_network,
        ("224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32"),
    )
)
# learn.microsoft.com, "Virtual Network service endpoints".
ENDPOINTS = (
    "Microsoft.AzureActiveDirectory", "Microsoft.AzureCosmosDB", "Microsoft.CognitiveServices",
    "Microsoft.ContainerRegistry", "Microsoft.EventHub", "Microsoft.KeyVault",
    "Microsoft.ServiceBus", "Microsoft.Sql", "Microsoft.Storage", "Microsoft.Storage.Global",
    "Microsoft.Web",
)  # fmt: skip


def _space(value: Any) -> str | None:
    """Ranges of a network overlap with none of each other, and are none of Azure's own."""
    networks = [net for text in value if (net := _network(text))]
    for number, net in enumerate(networks):
        if any(net.version == bad.version and net.overlaps(bad) for bad in FORBIDDEN):
            return f"{net} overlaps with a range that is reserved"
        others = networks[number + 1 :]
        if any(net.version == other.version and net.overlaps(other) for other in others):
            return f"{net} overlaps with another range of the network"
    return None


def _addressed(inputs: Inputs) -> Iterator[Failure]:
    names = ("addressPrefix", "addressPrefixes", "ipamPoolPrefixAllocations")
    if not any(inputs.get(name) for name in names):
        yield Failure("addressPrefix", "missing: a subnet needs an address range")


def _address(value: Any) -> str | None:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return f"{excerpt(value)} is no address"
    return None


def _range(value: Any) -> str | None:
    """Ranges in CIDR notation: https://github.com/Azure/azure-service-operator/issues/997"""
    try:
        network = ipaddress.ip_network(str(value) if "/" in str(value) else "")
    except ValueError:
        return f"InvalidAddressPrefixFormat: {excerpt(value)} is no network such as 10.0.0.0/24"
    return None if network.prefixlen <= 29 or network.version == 6 else f"{network} is too small"


def _subnet_range(value: Any) -> str | None:
    """ "What is IPv6 for Azure Virtual Network?", limitations: a subnet of IPv6 is a /64."""
    text = str(value)
    reason = _range(value)
    long = reason is None and ":" in text and not text.endswith("/64")
    return f"{excerpt(value)}: subnets of IPv6 have the size /64" if long else reason


def _within(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A subnet is in its network and in no other subnet ("Subnets - Create Or Update")."""
    own = _networks(inputs)
    for row in world.of(NETWORK):
        if row.inputs.get("virtualNetworkName") != inputs.get("virtualNetworkName"):
            continue
        space = (row.inputs.get("addressSpace") or {}).get("addressPrefixes") or []
        whole = [net for text in space if (net := _network(text))]
        for net in own:
            if whole and not any(_is_in(net, outer) for outer in whole):
                yield f"NetcfgInvalidSubnet: {net} is not in the network's address space"
    for row in world.of(SUBNET):
        if row.inputs.get("virtualNetworkName") != inputs.get("virtualNetworkName"):
            continue
        if row.inputs.get("subnetName") == inputs.get("subnetName"):
            continue
        for net in own:
            if any(net.overlaps(other) for other in _networks(row.inputs)):
                yield f"NetcfgSubnetRangesOverlap: {net} is in another subnet"


def _networks(inputs: Inputs) -> list[Any]:
    texts = [inputs.get("addressPrefix"), *(inputs.get("addressPrefixes") or [])]
    return [net for text in texts if (net := _network(text))]


def _network(text: Any) -> Any:
    try:
        return ipaddress.ip_network(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _is_in(inner: Any, outer: Any) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)


def _named_runbook(value: Any) -> str | None:
    """https://github.com/MicrosoftDocs/azure-docs/issues/37405"""
    return None if value.get("name") else "AutomationRunbookReceiverNameIsNullOrEmpty"


# Services that take subnets: terraform-provider-azurerm 69697b7f (2026-08-21), subnet_resource.go.
TAKING = (
    "Microsoft.ApiManagement/service Microsoft.Apollo/npu Microsoft.App/environments "
    "Microsoft.App/testClients Microsoft.AVS/PrivateClouds "
    "Microsoft.AzureCosmosDB/clusters Microsoft.BareMetal/AzureHostedService "
    "Microsoft.BareMetal/AzureHPC Microsoft.BareMetal/AzurePaymentHSM "
    "Microsoft.BareMetal/AzureVMware Microsoft.BareMetal/CrayServers "
    "Microsoft.BareMetal/MonitoringServers Microsoft.Batch/batchAccounts "
    "Microsoft.CloudTest/hostedpools Microsoft.CloudTest/images Microsoft.CloudTest/pools "
    "Microsoft.Codespaces/plans Microsoft.ContainerInstance/containerGroups "
    "Microsoft.ContainerService/managedClusters Microsoft.ContainerService/TestClients "
    "Microsoft.Databricks/workspaces Microsoft.DBforMySQL/flexibleServers "
    "Microsoft.DBforMySQL/servers Microsoft.DBforPostgreSQL/flexibleServers "
    "Microsoft.DBforPostgreSQL/serversv2 Microsoft.DBforPostgreSQL/singleServers "
    "Microsoft.Kusto/clusters Microsoft.Logic/integrationServiceEnvironments "
    "Microsoft.MachineLearningServices/workspaces "
    "Microsoft.MachineLearningServices/workspaceComputes Microsoft.NetApp/volumes "
    "Microsoft.Network/applicationGateways Microsoft.Network/dnsResolvers "
    "Microsoft.Network/fpgaNetworkInterfaces Microsoft.Network/managedResolvers "
    "Microsoft.Network/networkWatchers Microsoft.Network/virtualNetworkGateways "
    "Microsoft.PowerPlatform/enterprisePolicies Microsoft.PowerPlatform/vnetaccesslinks "
    "Microsoft.Sql/managedInstances Microsoft.Sql/managedInstancesOnebox "
    "Microsoft.Sql/managedInstancesStage Microsoft.Sql/managedInstancesTest "
    "Microsoft.Sql/servers Microsoft.StreamAnalytics/streamingJobs "
    "Microsoft.Synapse/workspaces Microsoft.Web/hostingEnvironments "
    "Microsoft.Web/serverFarms"
)
DELEGATIONS = set(TAKING.lower().split())


def _delegated(value: Any) -> str | None:
    """A provider whose services are known delegates to these; others may be newer than the list."""
    provider = str(value).lower().partition("/")[0]
    own = {name for name in DELEGATIONS if name.startswith(f"{provider}/")}
    if not own or str(value).lower() in own:
        return None
    return f"InvalidServiceNameOnDelegation: {excerpt(value)} is none of {', '.join(sorted(own))}"


# Of a subnet, by itself or in its network.
IN_SUBNET: tuple[Rule, ...] = (
    check("addressPrefix", _subnet_range),
    check("addressPrefixes[*]", _subnet_range),
    one_of("serviceEndpoints[*].service", *ENDPOINTS),
    unique("serviceEndpoints[*].service"),
    count("delegations", 0, 1),
    pattern("delegations[*].serviceName", r"[\w.]+/[\w/]+", "such as Microsoft.Web/serverFarms"),
    check("delegations[*].serviceName", _delegated),
    not_with("addressPrefix", "addressPrefixes"),
)
RULES: dict[str, tuple[Rule, ...]] = {
    LOGS: (
        only_with("sku.capacityReservationLevel", "sku.name", "CapacityReservation", "LACluster"),
        needed_with("sku.capacityReservationLevel", "sku.name", "CapacityReservation"),
        one_of("sku.capacityReservationLevel", *LEVELS),
        # "Azure Monitor Logs cost calculations and options": legacy; LACluster comes with a link.
        check(
            "sku.name",
            lambda value: (
                f"workspaces of sku {value} are no longer made"
                if str(value).lower() in ("free", "standard", "premium", "lacluster")
                else None
            ),
        ),
        check(
            "workspaceCapping.dailyQuotaGb",
            lambda value: (
                None
                if value == -1 or value >= 0.023
                else f"{value} is neither -1 nor 0.023 or more"
            ),
        ),
    ),
    TABLE: (
        PathRule(("schema.columns", "totalRetentionInDays"), _table),
        ordered("retentionInDays", "totalRetentionInDays"),
    ),
    SEARCH: (
        check("query", _query),
        pattern("functionAlias", r"[A-Za-z_]\w*", "letters, digits and _"),
        only_with("functionParameters", "functionAlias"),
        pattern(
            "functionParameters",
            r"\s*\w+\s*:[^,]+(,\s*\w+\s*:[^,]+)*",
            "name:type, name:type = default",
        ),
        pattern("displayName", r"[\s\S]+", "a text"),
        pattern("category", r"[\s\S]+", "a text"),
        pattern("savedSearchId", r"[^/?#%&\\]+", "a name without / ? # % & and \\"),
    ),
    COMPONENT: (
        between("samplingPercentage", 0, 100),
        # "Naming rules and restrictions for Azure resources": Microsoft.Insights/components.
        pattern("resourceName", r"[\s\S]*[^. ]", "a name without a period or space at the end"),
        needed_with("workspaceResourceId", "ingestionMode", "LogAnalytics"),
        pattern(
            "workspaceResourceId",
            r"(?i)/subscriptions/[^/]+/resourceGroups/[^/]+/providers/"
            r"Microsoft\.OperationalInsights/workspaces/[^/]+",
            "the id of a workspace",
        ),
    ),
    ACTIONS: (
        check("automationRunbookReceivers[*]", _named_runbook),
        PathRule(("location",), _global),
        pattern("smsReceivers[*].countryCode", r"\d{1,3}", "digits"),
        pattern("smsReceivers[*].phoneNumber", r"[\d-]{4,15}", "digits"),
        pattern("voiceReceivers[*].countryCode", r"\d{1,3}", "digits"),
        pattern("voiceReceivers[*].phoneNumber", r"[\d-]{4,15}", "digits"),
        pattern("logicAppReceivers[*].callbackUrl", r"https://\S+", "an https address"),
        pattern("azureFunctionReceivers[*].httpTriggerUrl", r"https?://\S+", "an address"),
        pattern("eventHubReceivers[*].subscriptionId", r"[0-9a-fA-F-]{36}", "a GUID"),
        pattern("armRoleReceivers[*].roleId", r"[0-9a-fA-F-]{36}", "a GUID"),
        each(
            "webhookReceivers[*]",
            needed_with("objectId", "useAadAuth", True),
        ),
        count("smsReceivers", 0, 10),
        count("voiceReceivers", 0, 10),
        count("emailReceivers", 0, 1000),
    ),
    ALERT: (
        # Answers of the service: LocationNotAvailableForResourceType.
        PathRule(("location",), _global),
        PathRule(("criteria.allOf", "criteria.odataType"), _metric_alert),
        PathRule(("scopes",), _alike),
        each(
            f"{CRITERIA}.failingPeriods",
            ordered("minFailingPeriodsToAlert", "numberOfEvaluationPeriods"),
        ),
        count("actions", 0, 5),
    ),
    QUERY: (
        PathRule(("kind", "windowSize", "evaluationFrequency"), _query_rule),
        PathRule((f"{CRITERIA}.query", "evaluationFrequency"), _every_minute),
        lasts("overrideQueryTimeRange", "PT1M", "P2D"),
        count("actions.actionGroups", 0, 5),
        only_with("resolveConfiguration", "autoMitigate", True, default=True),
    ),
    DIAGNOSTICS: (
        PathRule(("logs", "metrics"), _diagnostics),
        check("resourceUri", _monitored),
        only_with("eventHubName", "eventHubAuthorizationRuleId"),
        pattern(
            "eventHubAuthorizationRuleId",
            r"(?i:/subscriptions/.+/namespaces/[^/]+/authorizationRules/[^/]+)",
            "a rule of a namespace, not of an event hub",
        ),
        only_with("logAnalyticsDestinationType", "workspaceId"),
        one_of("logAnalyticsDestinationType", "Dedicated", "AzureDiagnostics"),
        unique("logs[*].category"),
        unique("logs[*].categoryGroup"),
        unique("metrics[*].category"),
    ),
    AUTOSCALE: (
        check("profiles[*].capacity", _capacity),
        check("targetResourceUri", _scalable),
        check("profiles[*].recurrence.schedule.timeZone", _zone),
        check("profiles[*].fixedDate.timeZone", _zone),
        one_of("profiles[*].recurrence.schedule.days[*]", *DAYS),
        PathRule(("predictiveAutoscalePolicy.scaleMode", "targetResourceUri"), _predictive),
        pattern(
            "notifications[*].email.customEmails[*]",
            r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+",
            "an e-mail address",
        ),
        PathRule(("profiles[*].fixedDate", "profiles[*].recurrence"), _profiles),
        lasts("profiles[*].rules[*].metricTrigger.timeGrain", "PT1M", "PT12H"),
        lasts("profiles[*].rules[*].metricTrigger.timeWindow", "PT5M", "PT12H"),
        lasts("profiles[*].rules[*].scaleAction.cooldown", "PT1M", "P7D"),
        pattern("profiles[*].rules[*].scaleAction.value", r"[1-9]\d*", "a number from 1 as text"),
        one_of("profiles[*].recurrence.frequency", "Week"),
        unique("profiles[*].name"),
        lasts("predictiveAutoscalePolicy.scaleLookAheadTime", "PT1M", "PT60M"),
        count("profiles[*].recurrence.schedule.hours", 1, 1),
        count("profiles[*].recurrence.schedule.minutes", 1, 1),
        between("profiles[*].recurrence.schedule.hours[*]", 0, 23),
        between("profiles[*].recurrence.schedule.minutes[*]", 0, 59),
        ordered("profiles[*].fixedDate.start", "profiles[*].fixedDate.end", moment, strict=True),
    ),
    ACTIVITY: (
        PathRule(("condition.allOf", "location"), _activity),
        count("scopes", 1, 1000),
        pattern("scopes[*]", r"(?i)/subscriptions/.+", "the id of a subscription or below"),
    ),
    WORKBOOK: (
        pattern("displayName", r"[\s\S]+", "a text"),
        pattern("category", r"[\s\S]+", "a text"),
        pattern("sourceId", r"(?i)azure monitor|/\S+", "the id of a resource, or azure monitor"),
    ),
    TOPIC: (PathRule(("topicType", "source"), _source),),
    EVENTS: (
        one_of("filter.advancedFilters[*].operatorType", *OPERATORS),
        PathRule(("filter.advancedFilters",), _filters),
        PathRule(("destination", "deadLetterDestination"), _ends),
        check("expirationTimeUtc", _past),
        count("filter.advancedFilters", 0, 25),
        pattern("filter.subjectBeginsWith", r"[^*]*", "no wildcards"),
        pattern("filter.subjectEndsWith", r"[^*]*", "no wildcards"),
        pattern("destination.endpointUrl", r"https://\S+", "an https address"),
        between("destination.maxEventsPerBatch", 1, 5000),
        between("destination.preferredBatchSizeInKilobytes", 1, 1024),
        unique("filter.includedEventTypes[*]", ignore_case=True),
    ),
    LOGIC: (
        check("definition", definition_error),
        PathRule(("parameters", "definition"), _passed),
    ),
    SUBNET: (
        PathRule(("addressPrefix", "addressPrefixes"), _addressed),
        *IN_SUBNET,
    ),
    NETWORK: (
        each("subnets[*]", *IN_SUBNET),
        check("addressSpace.addressPrefixes[*]", _range),
        check("addressSpace.addressPrefixes", _space),
        count("addressSpace.addressPrefixes", 1, 1000),
        check("dhcpOptions.dnsServers[*]", _address),
        between("flowTimeoutInMinutes", 4, 30),
        needed_with("ddosProtectionPlan", "enableDdosProtection", True),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    EVENTS: (_delivered,),
    SUBNET: (_within,),
    TOPIC: (_one_topic,),
    AUTOSCALE: (_one_setting,),
    DIAGNOSTICS: (_kept_near,),
}
