"""Rules of Azure over several fields, and over texts: names of operations, metrics and columns.

The sources stand at each rule; the lists of names are those of the tables ``azure_*.json``.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN, has_unknown, select
from pulumi_simcloud.rules import kql
from pulumi_simcloud.rules.basic import PathRule

DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
INPUT = re.compile(r"\$\{\{\s*(inputs|outputs)\.(\w+)")
BOUND = re.compile(r"\$\{\{\s*parent\.(?:inputs\.(\w+)|jobs\.(\w+)\.outputs\.(\w+))\s*\}\}")
# learn.microsoft.com, "Resolve errors for reserved resource names": part of no name, at the
# beginning of none, and no name as a whole.
RESERVED, RESERVED_START = ("microsoft", "windows"), "login"
RESERVED_NAMES = (
    "access", "app_browsers", "app_code", "app_data", "app_globalresources",
    "app_localresources", "app_themes", "app_webreferences", "azure", "bing", "bizspark",
    "biztalk", "cortana", "directx", "dotnet", "dynamics", "excel", "exchange", "forefront",
    "groove", "hololens", "hyperv", "kinect", "lync", "msdn", "o365", "office", "office365",
    "onedrive", "onenote", "outlook", "powerpoint", "sharepoint", "skype", "visio",
    "visualstudio", "web.config", "xbox",
)  # fmt: skip
# Counters of machines are metrics of a workspace (github Azure/azure-monitor-baseline-alerts,
# services/OperationalInsights/workspaces/alerts.yaml: Average_% Free Space).
WORKSPACE, COUNTERS = "microsoft.operationalinsights/workspaces", "Average_"
MOST_TAGS = 50
TAG = re.compile(r"[^<>%&\\?/]{1,512}")


def seconds(duration: Any) -> int | None:
    """A duration such as PT5M in seconds; None for what is none, or not known."""
    match = DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def type_of(identity: Any) -> str | None:
    """The type of the resource of an id, such as ``Microsoft.Storage/storageAccounts``."""
    if not isinstance(identity, str):
        return None
    if re.fullmatch(r"/subscriptions/[^/]+/resourceGroups/[^/]+", identity, re.IGNORECASE):
        return "Microsoft.Resources/resourceGroups"
    *scope, own = re.split("/providers/", identity, flags=re.IGNORECASE)
    if not scope:
        return None
    provider, *parts = own.split("/")
    return f"{provider}/{'/'.join(parts[::2])}"


def entries_of(name: str, kind: str | None) -> Any:
    """The entries of a type in a table such as ``azure_metrics``; None if it has none."""
    entries = {key.lower(): value for key, value in table(name).items() if key[0] != "_"}
    return entries.get(kind.lower()) if kind else None


def _mapping(value: Any) -> dict[str, Any]:
    """What is known of a map."""
    return value if isinstance(value, dict) else {}


def name_without_reserved_words(path: str) -> Rule:
    """A name with an address of its own: none of Microsoft's trademarks in it."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for value_path, value in select(inputs, path):
            word = _reserved_word(value.lower()) if isinstance(value, str) else None
            if word:
                yield Failure(
                    value_path, f"ReservedResourceName: {excerpt(value)} has {word!r} in it"
                )

    return PathRule((path,), rule)


def _reserved_word(name: str) -> str | None:
    if name.startswith(RESERVED_START):
        return RESERVED_START
    return name if name in RESERVED_NAMES else next((w for w in RESERVED if w in name), None)


def tags(path: str = "tags") -> Rule:
    """Tags ("Use tags to organize your Azure resources", limitations)."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        values = inputs.get(path)
        if not isinstance(values, dict):
            return
        if len(values) > MOST_TAGS:
            yield Failure(path, f"has {len(values)} tags, allowed are {MOST_TAGS}")
        for key, value in values.items():
            if not TAG.fullmatch(key):
                yield Failure(path, f"tag {key!r}: 1-512 characters, none of < > % & \\ ? /")
            if isinstance(value, str) and len(value) > 256:
                yield Failure(path, f"tag {key!r} is longer than 256 characters")

    return PathRule((path,), rule)


def operations(path: str, kind: str) -> Rule:
    """Operations (``action``) or data operations (``data``) that exist, or patterns of some.

    Microsoft.Authorization refuses a definition with another one (InvalidActionOrNotAction,
    "Azure custom roles"). Providers whose operations are not listed pass, misspelt ones
    do not.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for value_path, value in select(inputs, path):
            if isinstance(value, str) and not exists(kind, value.lower()):
                yield Failure(
                    value_path, f"InvalidActionOrNotAction: {value!r} does not match any operation"
                )

    return PathRule((path,), rule)


@cache
def exists(kind: str, name: str) -> bool:
    """True if an operation, or a pattern of some, is one of its provider's.

    A whole part that is * may stand for none: Managed Identity Operator, a built-in role, may
    userAssignedIdentities/*/assign/action, which there is as userAssignedIdentities/assign/action.
    An operation such as workspaces/query/{table}/read has a name of its own for every table.
    """
    provider, _, rest = name.partition("/")
    operations_by_provider = _providers(kind)
    if not any(provider in _providers(plane) for plane in ("action", "data")):
        return not _misspelt(provider)
    return any(
        fnmatch.fnmatchcase(_filled(operation, text), text)
        for operation in operations_by_provider.get(provider, ())
        for text in {rest, rest.replace("/*/", "/")}
    )


def _filled(operation: str, text: str) -> str:
    """An operation with the name that a text has for it."""
    if "{" not in operation:
        return operation
    names = text.split("/")
    parts = operation.split("/")
    return "/".join(
        names[number] if part[0] == "{" and number < len(names) else part
        for number, part in enumerate(parts)
    )


def _misspelt(provider: str) -> bool:
    """A provider that nobody lists, but for a letter or two."""
    owner, _, name = provider.partition(".")
    names = table("azure_providers")["names"]
    is_known = owner != "microsoft" or name in names
    return not is_known and bool(difflib.get_close_matches(name, names, cutoff=0.9))


@cache
def _providers(kind: str) -> dict[str, list[str]]:
    operations = table("azure_operations")[kind]
    return {
        name.lower(): [operation.lower() for operation in names]
        for name, names in operations.items()
    }


def lifecycle() -> Rule:
    """The rules of a storage account's lifecycle ("Lifecycle management policies").

    At most 100 rules, 10 prefixes each, a name of its own and an action in each.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        rules = [item for _, item in select(inputs, "policy.rules[*]") if isinstance(item, dict)]
        if len(rules) > 100:
            yield Failure("policy.rules", f"has {len(rules)} rules, allowed are 100")
        for name, times in Counter(item.get("name") for item in rules).items():
            if times > 1 and name is not UNKNOWN:
                yield Failure("policy.rules", f"the name {name!r} is there {times} times")
        for number, item in enumerate(rules):
            definition_path = f"policy.rules[{number}].definition"
            definition = _mapping(item.get("definition"))
            prefixes = _mapping(definition.get("filters")).get("prefixMatch")
            if isinstance(prefixes, list) and len(prefixes) > 10:
                path = f"{definition_path}.filters.prefixMatch"
                yield Failure(path, f"has {len(prefixes)} prefixes, allowed are 10")
            actions = definition.get("actions")
            if isinstance(actions, dict) and not any(actions.values()):
                yield Failure(f"{definition_path}.actions", "a rule needs at least one action")

    return PathRule(("policy.rules",), rule)


def query_alert() -> Rule:
    """A log alert ("Scheduled Query Rules" of the REST API; "Log search alert rules").

    Unless its validation is skipped, the query is run when the rule is made.
    """
    criteria = "criteria.allOf[*]"

    def rule(inputs: Inputs) -> Iterator[Failure]:
        yield from _muted(inputs)
        for item_path, item in select(inputs, criteria):
            if not isinstance(item, dict):
                continue
            periods = item.get("failingPeriods")
            default = 1 if periods is not UNKNOWN else UNKNOWN
            total = _mapping(periods).get("numberOfEvaluationPeriods", default)
            least = _mapping(periods).get("minFailingPeriodsToAlert", 1)
            if isinstance(total, int):
                yield from _periods(inputs, total)
            if isinstance(total, int) and isinstance(least, int) and least > total:
                path = f"{item_path}.failingPeriods.minFailingPeriodsToAlert"
                yield Failure(path, f"{least} is more than numberOfEvaluationPeriods, {total}")
            aggregation, column = item.get("timeAggregation"), item.get("metricMeasureColumn")
            counts = aggregation == "Count"
            # Condition: a measure is "relevant only for rules of the kind LogAlert".
            alerts = inputs.get("kind") in (None, "LogAlert") and aggregation is not UNKNOWN
            if alerts and counts == (column is not None):
                problem = "not with" if counts else "needed without"
                path = f"{item_path}.metricMeasureColumn"
                yield Failure(path, f"{problem} timeAggregation Count")
            query = item.get("query")
            if isinstance(query, str) and not inputs.get("skipQueryValidation"):
                each_minute = inputs.get("evaluationFrequency") == "PT1M"
                reason = kql.wrong_alert(query, each_minute)
                reason = reason or _wrong(query, inputs.get("scopes"))
                if reason:
                    yield Failure(f"{item_path}.query", reason)
                else:
                    yield from _measured(item_path, query, column, item.get("dimensions"))

    return PathRule((criteria, "evaluationFrequency", "windowSize", "scopes"), rule)


def _wrong(query: str, scopes: Any) -> str | None:
    """The error in a query; of scopes that are not known yet, one that it has in any."""
    kinds = [str(type_of(scope)).lower() for _, scope in select(scopes, "[*]")]
    sides = [False, True] if has_unknown(scopes) else ["microsoft.insights/components" in kinds]
    reasons = [kql.wrong(query, component=side) for side in sides]
    return reasons[-1] if all(reasons) else None


def _measured(item_path: str, query: str, column: Any, dimensions: Any) -> Iterator[Failure]:
    columns = kql.columns(query)
    if columns is None:
        return
    if isinstance(column, str) and not columns.get(column):
        problem = "is no number" if column in columns else f"is not one of {', '.join(columns)}"
        yield Failure(f"{item_path}.metricMeasureColumn", f"{column!r} {problem}")
    for dimension in dimensions if isinstance(dimensions, list) else ():
        name = dimension.get("name") if isinstance(dimension, dict) else None
        if isinstance(name, str) and name not in columns:
            yield Failure(f"{item_path}.dimensions", f"{name!r} is not one of {', '.join(columns)}")


def _muted(inputs: Inputs) -> Iterator[Failure]:
    """Actions are muted as long as the frequency or longer, and of alerts that stay open."""
    muted, every = (
        seconds(inputs.get(key)) for key in ("muteActionsDuration", "evaluationFrequency")
    )
    if muted is None:
        return
    if inputs.get("autoMitigate") is True:
        yield Failure("muteActionsDuration", "only with autoMitigate false")
    if every is not None and muted < every:
        problem = f"{inputs['muteActionsDuration']} is shorter than evaluationFrequency"
        yield Failure("muteActionsDuration", f"{problem}, {inputs['evaluationFrequency']}")


def _periods(inputs: Inputs, number: int = 1) -> Iterator[Failure]:
    """So many windows are as long as the time between two evaluations, or longer.

    Of a log alert, as terraform-provider-azurerm has it, monitor_scheduled_query_rules_alert_v2:
    evaluation_frequency is not above window_duration * number_of_evaluation_periods.
    """
    window, every = (seconds(inputs.get(key)) for key in ("windowSize", "evaluationFrequency"))
    if window is not None and every is not None and window * number < every:
        problem = f"{inputs['windowSize']} is shorter than evaluationFrequency"
        yield Failure("windowSize", f"{problem}, {inputs['evaluationFrequency']}")


def metric_alert() -> Rule:
    """A metric alert: metrics, aggregations and dimensions that the resource has.

    "Supported metrics with Azure Monitor"; of a namespace that is not the resource's own, or a
    type that is not listed, nothing is known.
    """
    criteria = "criteria.allOf[*]"

    def rule(inputs: Inputs) -> Iterator[Failure]:
        yield from _periods(inputs)
        scopes = [type_of(scope) for _, scope in select(inputs, "scopes[*]")]
        kind = scopes[0] if scopes else None
        metrics = entries_of("azure_metrics", kind)
        names = Counter(name for _, name in select(inputs, f"{criteria}.name"))
        for name, times in names.items():
            if times > 1 and name is not UNKNOWN:
                yield Failure("criteria.allOf", f"the name {name!r} is there {times} times")
        yield from _single_values(inputs, criteria)
        for item_path, item in select(inputs, criteria):
            if isinstance(item, dict) and metrics is not None:
                yield from _metric(item_path, item, str(kind), metrics)

    return PathRule((criteria, "scopes", "evaluationFrequency", "windowSize"), rule)


def _single_values(inputs: Inputs, criteria: str) -> Iterator[Failure]:
    """With several criteria a dimension has one value ("Metric alerts", multiple conditions)."""
    if sum(1 for _ in select(inputs, criteria)) < 2:
        return
    for path, values in select(inputs, f"{criteria}.dimensions[*].values"):
        if isinstance(values, list) and len(values) > 1:
            yield Failure(path, f"has {len(values)} values, allowed with several criteria is one")


def _metric(item_path: str, item: dict[str, Any], kind: str, metrics: Any) -> Iterator[Failure]:
    namespace = str(item.get("metricNamespace") or kind)
    if namespace.lower() != kind.lower():
        # Custom metrics are in namespaces without a provider, such as azure.applicationinsights.
        of_others = rf"(?!{re.escape(kind)}/)microsoft\.[a-z.]+/.+"
        if re.fullmatch(of_others, namespace, re.IGNORECASE):
            yield Failure(f"{item_path}.metricNamespace", f"{namespace!r} is none of a {kind}")
        return
    name = item.get("metricName")
    if name is UNKNOWN or item.get("skipMetricValidation"):
        return
    if name not in metrics:
        if kind.lower() != WORKSPACE or not str(name).startswith(COUNTERS):
            yield Failure(f"{item_path}.metricName", f"{name!r} is no metric of a {kind}")
        return
    aggregations, dimensions = metrics[name]
    aggregation = item.get("timeAggregation")
    if isinstance(aggregation, str) and aggregation not in aggregations:
        choices = ", ".join(aggregations)
        path = f"{item_path}.timeAggregation"
        yield Failure(path, f"{aggregation!r} is not supported by {name}, allowed: {choices}")
    for number, (_, dimension) in enumerate(select(item, "dimensions[*]")):
        path = f"{item_path}.dimensions[{number}]"
        if not isinstance(dimension, dict):
            continue
        label, given = dimension.get("name"), dimension.get("operator")
        known = [name.lower() for name in dimensions]
        if label is not UNKNOWN and str(label).lower() not in known:
            choices = ", ".join(dimensions) or "none"
            yield Failure(path, f"{label!r} is no dimension of {name}, there are: {choices}")
        if given is not UNKNOWN and str(given).lower() not in ("include", "exclude"):
            yield Failure(path, f"operator {given!r}: Include or Exclude")


def autoscale_metrics() -> Rule:
    """Metrics of the resource whose metrics an autoscale setting reads ("Supported metrics")."""
    triggers = "profiles[*].rules[*].metricTrigger"

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for path, trigger in select(inputs, triggers):
            if not isinstance(trigger, dict):
                continue
            kind = type_of(trigger.get("metricResourceUri"))
            metrics = entries_of("azure_metrics", kind)
            name, namespace = trigger.get("metricName"), trigger.get("metricNamespace")
            if metrics is None or namespace is not None or name is UNKNOWN or name in metrics:
                continue
            yield Failure(f"{path}.metricName", f"{name!r} is no metric of a {kind}")

    return PathRule((triggers,), rule)


def log_categories() -> Rule:
    """A diagnostic setting: one destination at least, and log categories that the resource has.

    "Supported resource logs for Azure Monitor".
    """
    destinations = (
        "workspaceId",
        "storageAccountId",
        "eventHubAuthorizationRuleId",
        "marketplacePartnerId",
    )

    def rule(inputs: Inputs) -> Iterator[Failure]:
        if not any(inputs.get(key) for key in destinations):
            yield Failure("workspaceId", f"at least one of {', '.join(destinations)} is needed")
        kind = type_of(inputs.get("resourceUri"))
        categories = entries_of("azure_log_categories", kind)
        for item_path, item in select(inputs, "logs[*]"):
            if not isinstance(item, dict):
                continue
            category, group = item.get("category"), item.get("categoryGroup")
            if (category is None) == (group is None):
                yield Failure(item_path, "exactly one of category, categoryGroup is needed")
            if categories is not None and category not in (None, UNKNOWN, *categories):
                yield Failure(
                    f"{item_path}.category",
                    f"Category {category!r} is not supported by {kind}: {', '.join(categories)}",
                )
            if group is not None and categories == []:
                yield Failure(f"{item_path}.categoryGroup", f"a {kind} has no logs")
            if group not in (None, UNKNOWN, "allLogs", "audit"):
                yield Failure(f"{item_path}.categoryGroup", f"{group!r}: allLogs or audit")
        if categories is None:
            return
        storage = str(kind).lower().startswith("microsoft.storage/")
        names = ("AllMetrics", "Transaction", "Capacity") if storage else ("AllMetrics",)
        for path, category in select(inputs, "metrics[*].category"):
            if category not in (UNKNOWN, *names):
                reason = f"Metric category {category!r} is not supported by {kind}"
                yield Failure(path, f"{reason}: {', '.join(names)}")

    return PathRule(("logs", *destinations), rule)


def notifications() -> Rule:
    """Notifications of a budget ("Budgets - Create Or Update"): at most 5, each to someone."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        entries = inputs.get("notifications")
        if not isinstance(entries, dict):
            return
        if len(entries) > 5:
            yield Failure("notifications", f"has {len(entries)} entries, allowed are 5")
        for name, item in entries.items():
            if item is UNKNOWN:
                continue
            emails, groups = (item.get(key) or [] for key in ("contactEmails", "contactGroups"))
            if UNKNOWN in (emails, groups):
                continue
            if not (emails or groups or item.get("contactRoles")):
                yield Failure(f"notifications.{name}", "has no e-mail, group or role to tell")
            if len(emails) > 50:
                yield Failure(f"notifications.{name}", f"has {len(emails)} e-mails, at most 50")

    return PathRule(("notifications",), rule)


def placeholders(path: str) -> Rule:
    """Placeholders in a component's texts name its inputs or outputs, or a node's of its pipeline.

    learn.microsoft.com, "CLI (v2) command component YAML schema", "pipeline component YAML schema".
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for spec_path, spec in select(inputs, path):
            if isinstance(spec, dict):
                command = spec.get("command")
                for kind, name in INPUT.findall(command) if isinstance(command, str) else ():
                    if _lacks(spec.get(kind), name):
                        yield Failure(
                            f"{spec_path}.command", f"{kind}.{name} is none of the component's"
                        )
                yield from _bindings(spec_path, spec.get("jobs"), spec.get("inputs"))

    return PathRule((path,), rule)


def _lacks(entries: Any, name: str) -> bool:
    return entries is not UNKNOWN and name not in _mapping(entries)


def _bindings(spec_path: str, jobs: Any, inputs: Any) -> Iterator[Failure]:
    for node, job in _mapping(jobs).items():
        for name, bound in _mapping(_mapping(job).get("inputs")).items():
            value = bound.get("value") if isinstance(bound, dict) else bound
            match = BOUND.fullmatch(value) if isinstance(value, str) else None
            if match is None:
                continue
            source, source_job, _ = match.groups()
            others = {other for other in jobs if other != node}
            if _lacks(inputs, source) if source else source_job not in others:
                path = f"{spec_path}.jobs.{node}.inputs.{name}"
                yield Failure(path, f"{value} names no {'input' if source else 'other job'}")
