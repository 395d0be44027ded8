"""Rules of Azure over several fields, and over texts: names of operations, metrics and columns.

The sources stand at each rule; the lists of names are those of the tables ``azure_*.json``.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from pulumi_simcloud.failures import Failure, shown
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.rules import kql
from pulumi_simcloud.rules.basic import PathRule
from pulumi_simcloud.values import UNKNOWN, select

DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
INPUT = re.compile(r"\$\{\{\s*(inputs|outputs)\.(\w+)")
BOUND = re.compile(r"\$\{\{\s*parent\.(?:inputs\.(\w+)|jobs\.(\w+)\.outputs\.(\w+))\s*\}\}")
# learn.microsoft.com, "Resolve errors for reserved resource names": part of no name, and at the
# beginning of none.
RESERVED, RESERVED_START = ("microsoft", "windows"), ("login", "xbox")
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
    if not isinstance(identity, str) or "/providers/" not in identity:
        return None
    provider, *parts = identity.rpartition("/providers/")[2].split("/")
    return f"{provider}/{'/'.join(parts[::2])}"


def entries_of(name: str, kind: str) -> Any:
    """What a table such as ``azure_metrics`` says of a type; None if it does not have it."""
    known = {key.lower(): value for key, value in table(name).items() if key[0] != "_"}
    return known.get(kind.lower())


def name_without_reserved_words(path: str) -> Rule:
    """A name with an address of its own: none of Microsoft's trademarks in it."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for where, value in select(inputs, path):
            text = value.lower() if isinstance(value, str) else ""
            word = next((word for word in RESERVED if word in text), None) or next(
                (word for word in RESERVED_START if text.startswith(word)), None
            )
            if word:
                yield Failure(where, f"ReservedResourceName: {shown(value)} has {word!r} in it")

    return PathRule((path,), rule)


def tags(path: str = "tags", most: int = MOST_TAGS) -> Rule:
    """Tags ("Use tags to organize your Azure resources", limitations)."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        found = inputs.get(path)
        if not isinstance(found, dict):
            return
        if len(found) > most:
            yield Failure(path, f"has {len(found)} tags, allowed are {most}")
        for key, value in found.items():
            if not TAG.fullmatch(key):
                yield Failure(path, f"tag {key!r}: 1-512 characters, none of < > % & \\ ? /")
            if isinstance(value, str) and len(value) > 256:
                yield Failure(path, f"tag {key!r} is longer than 256 characters")

    return PathRule((path,), rule)


def operations(path: str, kind: str) -> Rule:
    """Operations (``action``) or data operations (``data``) that exist, or patterns of some.

    Microsoft.Authorization refuses a definition with another one (InvalidActionOrNotAction,
    "Azure custom roles"). Providers whose operations are not listed pass.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for where, value in select(inputs, path):
            if isinstance(value, str) and value != "*" and not _exists(kind, value.lower()):
                yield Failure(
                    where, f"InvalidActionOrNotAction: {value!r} does not match any operation"
                )

    return PathRule((path,), rule)


@cache
def _exists(kind: str, name: str) -> bool:
    provider, _, rest = name.partition("/")
    known = _providers(kind)
    if not any(provider in _providers(each) for each in ("action", "data")):
        return True
    return any(fnmatch.fnmatchcase(operation, rest) for operation in known.get(provider, ()))


@cache
def _providers(kind: str) -> dict[str, list[str]]:
    listed = table("azure_operations")[kind]
    return {name.lower(): [each.lower() for each in found] for name, found in listed.items()}


def lifecycle() -> Rule:
    """The rules of a storage account's lifecycle ("Lifecycle management policies").

    At most 100 rules, 10 prefixes each, a name of its own and an action in each.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        rules = [item for _, item in select(inputs, "policy.rules[*]") if isinstance(item, dict)]
        if len(rules) > 100:
            yield Failure("policy.rules", f"has {len(rules)} rules, allowed are 100")
        for name, times in Counter(str(item.get("name")) for item in rules).items():
            if times > 1:
                yield Failure("policy.rules", f"the name {name!r} is there {times} times")
        for number, item in enumerate(rules):
            where = f"policy.rules[{number}].definition"
            definition = item.get("definition")
            if not isinstance(definition, dict):
                continue
            prefixes = (definition.get("filters") or {}).get("prefixMatch") or []
            if prefixes is not UNKNOWN and len(prefixes) > 10:
                path = f"{where}.filters.prefixMatch"
                yield Failure(path, f"has {len(prefixes)} prefixes, allowed are 10")
            actions = definition.get("actions")
            if isinstance(actions, dict) and not any(actions.values()):
                yield Failure(f"{where}.actions", "a rule needs at least one action")

    return PathRule(("policy.rules",), rule)


def query_alert() -> Rule:
    """A log alert ("Scheduled Query Rules" of the REST API; "Log search alert rules").

    Unless its validation is skipped, the query is run when the rule is made.
    """
    criteria = "criteria.allOf[*]"

    def rule(inputs: Inputs) -> Iterator[Failure]:
        yield from _periods(inputs)
        for where, item in select(inputs, criteria):
            if not isinstance(item, dict):
                continue
            periods = item.get("failingPeriods") or {}
            total = periods.get("numberOfEvaluationPeriods", 1)
            needed = periods.get("minFailingPeriodsToAlert", 1)
            if isinstance(total, int) and isinstance(needed, int) and needed > total:
                path = f"{where}.failingPeriods.minFailingPeriodsToAlert"
                yield Failure(path, f"{needed} is more than numberOfEvaluationPeriods, {total}")
            counts = item.get("timeAggregation") == "Count"
            column = item.get("metricMeasureColumn")
            if counts == (column is not None):
                why = "not with" if counts else "needed without"
                path = f"{where}.metricMeasureColumn"
                yield Failure(path, f"{why} timeAggregation Count")
            query = item.get("query")
            if isinstance(query, str) and not inputs.get("skipQueryValidation"):
                yield from _measured(where, query, column, item.get("dimensions") or [])

    return PathRule((criteria, "evaluationFrequency", "windowSize"), rule)


def _measured(where: str, query: str, column: Any, dimensions: Any) -> Iterator[Failure]:
    reason = kql.wrong(query)
    if reason:
        yield Failure(f"{where}.query", reason)
        return
    found = kql.columns(query)
    if found is None:
        return
    if isinstance(column, str) and not found.get(column):
        why = "is no number" if column in found else f"is not one of {', '.join(found)}"
        yield Failure(f"{where}.metricMeasureColumn", f"{column!r} {why}")
    for dimension in dimensions if isinstance(dimensions, list) else ():
        name = dimension.get("name") if isinstance(dimension, dict) else None
        if isinstance(name, str) and name not in found:
            yield Failure(f"{where}.dimensions", f"{name!r} is not one of {', '.join(found)}")


def _periods(inputs: Inputs) -> Iterator[Failure]:
    """A window is as long as the time between two evaluations, or longer."""
    window, every = (seconds(inputs.get(key)) for key in ("windowSize", "evaluationFrequency"))
    if window is not None and every is not None and window < every:
        got = f"{inputs['windowSize']} is shorter than evaluationFrequency"
        yield Failure("windowSize", f"{got}, {inputs['evaluationFrequency']}")


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
        known = entries_of("azure_metrics", kind) if kind else None
        names = Counter(str(name) for _, name in select(inputs, f"{criteria}.name"))
        for name, times in names.items():
            if times > 1:
                yield Failure("criteria.allOf", f"the name {name!r} is there {times} times")
        for where, item in select(inputs, criteria):
            if isinstance(item, dict) and known is not None and kind is not None:
                yield from _metric(where, item, kind, known)

    return PathRule((criteria, "scopes", "evaluationFrequency", "windowSize"), rule)


def _metric(where: str, item: dict[str, Any], kind: str, known: Any) -> Iterator[Failure]:
    namespace = item.get("metricNamespace") or kind
    if not isinstance(namespace, str) or namespace.lower() != kind.lower():
        if namespace is not UNKNOWN and entries_of("azure_metrics", str(namespace)) is not None:
            yield Failure(f"{where}.metricNamespace", f"{namespace!r} is none of a {kind}")
        return
    name = item.get("metricName")
    if name is UNKNOWN or item.get("skipMetricValidation"):
        return
    if name not in known:
        yield Failure(f"{where}.metricName", f"{name!r} is no metric of a {kind}")
        return
    aggregations, dimensions = known[name]
    aggregation = item.get("timeAggregation")
    if isinstance(aggregation, str) and aggregation not in aggregations:
        allowed = ", ".join(aggregations)
        path = f"{where}.timeAggregation"
        yield Failure(path, f"{aggregation!r} is not supported by {name}, allowed: {allowed}")
    for number, dimension in enumerate(item.get("dimensions") or []):
        path = f"{where}.dimensions[{number}]"
        if not isinstance(dimension, dict):
            continue
        if dimension.get("name") not in (UNKNOWN, *dimensions):
            allowed = ", ".join(dimensions) or "none"
            yield Failure(
                path, f"{dimension.get('name')!r} is no dimension of {name}, there are: {allowed}"
            )
        if dimension.get("operator") not in (UNKNOWN, "Include", "Exclude"):
            yield Failure(path, f"operator {dimension.get('operator')!r}: Include or Exclude")


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
        known = entries_of("azure_log_categories", kind) if kind else None
        for where, item in select(inputs, "logs[*]"):
            if not isinstance(item, dict):
                continue
            category, group = item.get("category"), item.get("categoryGroup")
            if (category is None) == (group is None):
                yield Failure(where, "exactly one of category, categoryGroup is needed")
            if known is not None and category not in (None, UNKNOWN, *known):
                yield Failure(
                    f"{where}.category",
                    f"Category {category!r} is not supported by {kind}: {', '.join(known)}",
                )
            if group not in (None, UNKNOWN, "allLogs", "audit"):
                yield Failure(f"{where}.categoryGroup", f"{group!r}: allLogs or audit")

    return PathRule(("logs", *destinations), rule)


def notifications() -> Rule:
    """What a budget tells whom ("Budgets - Create Or Update"): at most 5 times, each to someone."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        found = inputs.get("notifications")
        if not isinstance(found, dict):
            return
        if len(found) > 5:
            yield Failure("notifications", f"has {len(found)} entries, allowed are 5")
        for name, item in found.items():
            emails, groups = (item.get(key) or [] for key in ("contactEmails", "contactGroups"))
            if UNKNOWN in (emails, groups):
                continue
            if not (emails or groups or item.get("contactRoles")):
                yield Failure(f"notifications.{name}", "has no e-mail, group or role to tell")
            if len(emails) > 50:
                yield Failure(f"notifications.{name}", f"has {len(emails)} e-mails, at most 50")

    return PathRule(("notifications",), rule)


def placeholders(path: str) -> Rule:
    """What a component's texts fill in is an input or output of it, and a node's of its pipeline.

    learn.microsoft.com, "CLI (v2) command component YAML schema", "pipeline component YAML schema".
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for where, spec in select(inputs, path):
            if isinstance(spec, dict):
                own = {key: set(spec.get(key) or {}) for key in ("inputs", "outputs")}
                command = spec.get("command")
                for kind, name in INPUT.findall(command if isinstance(command, str) else ""):
                    if name not in own[kind]:
                        yield Failure(
                            f"{where}.command", f"{kind}.{name} is none of the component's"
                        )
                yield from _bindings(where, spec.get("jobs"), own["inputs"])

    return PathRule((path,), rule)


def _bindings(where: str, jobs: Any, inputs: set[str]) -> Iterator[Failure]:
    if not isinstance(jobs, dict):
        return
    for node, job in jobs.items():
        given = job.get("inputs") if isinstance(job, dict) else None
        for name, bound in (given or {}).items():
            value = bound.get("value") if isinstance(bound, dict) else bound
            match = BOUND.fullmatch(value) if isinstance(value, str) else None
            if match is None:
                continue
            source, other, _ = match.groups()
            missing = source not in inputs if source else other not in jobs or other == node
            if missing:
                path = f"{where}.jobs.{node}.inputs.{name}"
                yield Failure(path, f"{value} names no {'input' if source else 'other job'}")
