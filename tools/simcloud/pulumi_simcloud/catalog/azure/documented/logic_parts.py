"""Triggers and actions of workflows in Azure Logic Apps, each on its own.

learn.microsoft.com, "Schema reference guide for trigger and action types in Azure Logic Apps":
what each type has to have; "Limits and configuration reference": how often, how long, how many;
"Handle errors and exceptions in Azure Logic Apps": policies of retries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.platforms import table
from pulumi_simcloud.rules.fields import iso_seconds

# The most of an interval, by frequency ("Limits and configuration reference"; recurrences).
INTERVALS = {
    "second": 9_999_999, "minute": 72_000, "hour": 12_000, "day": 500, "week": 71, "month": 16,
    "year": 1,
}  # fmt: skip
RECURRENCE = {"frequency", "interval", "starttime", "endtime", "timezone", "schedule", "count"}
SCHEDULE = {"hours", "minutes", "weekdays", "monthdays", "monthlyoccurrences"}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DATE = re.compile(r"\d{4}-\d\d?-\d\d?([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?")
METHODS = ("get", "put", "post", "patch", "delete", "head", "options", "trace")
UNITS = ("second", "minute", "hour", "day", "week", "month")
# Types that begin a workflow and are no step of it.
BEGINNINGS = ("recurrence", "slidingwindow", "request")
# What an action of a type has among its inputs.
INPUTS = {
    "http": ("method", "uri"),
    "apiconnection": ("host", "method"),
    "parsejson": ("content", "schema"),
    "select": ("from", "select"),
    "query": ("from", "where"),
    "join": ("from", "joinWith"),
    "table": ("from", "format"),
    "response": ("statusCode",),
    "javascriptcode": ("code",),
    "terminate": ("runStatus",),
    "setvariable": ("name", "value"),
    "appendtoarrayvariable": ("name", "value"),
    "appendtostringvariable": ("name", "value"),
}
# "Authentication types for connectors that support authentication".
AUTHENTICATION = {
    "none": (),
    "basic": ("username", "password"),
    "clientcertificate": ("pfx",),
    "activedirectoryoauth": ("tenant", "audience", "clientId"),
    "raw": ("value",),
    "managedserviceidentity": (),
}


def is_plain(value: Any) -> bool:
    """True for a text that is no expression, neither of a workflow nor of a template."""
    return isinstance(value, str) and "@" not in value and not value.startswith("[")


def recurrence_errors(name: str, recurrence: Any) -> Iterator[str]:
    """What is wrong with when a trigger recurs."""
    if not isinstance(recurrence, dict):
        return
    for field in recurrence:
        if field.lower() not in RECURRENCE:
            yield f"trigger {name!r}: Could not find member {field!r} on 'FlowRecurrence'"
    frequency, interval = recurrence.get("frequency"), recurrence.get("interval")
    if isinstance(frequency, str) and is_plain(frequency) and frequency.lower() not in INTERVALS:
        yield f"frequency {frequency!r}: {', '.join(INTERVALS)}"
    most = INTERVALS.get(str(frequency).lower())
    if isinstance(interval, int) and interval < 1:
        yield f"interval {interval} is less than 1"
    if isinstance(interval, int) and most is not None and interval > most:
        yield f"interval {interval} is more than {most}, the most for {frequency}"
    if is_plain(interval) and not str(interval).isdigit():
        yield f"interval {interval!r} is no number"
    for field in ("startTime", "endTime"):
        if is_plain(recurrence.get(field)) and not DATE.fullmatch(recurrence[field]):
            yield f"{field} {recurrence[field]!r} is no time such as 2030-01-31T08:00:00"
    zone = recurrence.get("timeZone")
    if is_plain(zone) and zone not in table("windows_zones") and zone != "UTC":
        yield f"timeZone {zone!r} is no Windows time zone"
    yield from _schedule(name, recurrence.get("schedule"), str(frequency))


def _schedule(name: str, schedule: Any, frequency: str) -> Iterator[str]:
    if not isinstance(schedule, dict):
        return
    for field in schedule:
        if field.lower() not in SCHEDULE:
            yield f"trigger {name!r}: Could not find member {field!r} on 'RecurrenceSchedule'"
    for field, lowest, highest in (("hours", 0, 23), ("minutes", 0, 59), ("monthDays", -31, 31)):
        for number in _items(schedule.get(field)):
            digits = int(number) if re.fullmatch(r"-?\d+", str(number)) else None
            if digits is not None and not lowest <= digits <= highest:
                yield f"{field} {number} is not {lowest} to {highest}"
    # "Schedules for recurring triggers": hours and minutes of a day, not of shorter times.
    if schedule and frequency.lower() in ("second", "minute"):
        yield f"trigger {name!r}: a schedule does not go with the frequency {frequency}"
    days = _items(schedule.get("weekDays"))
    for day in days:
        if is_plain(day) and day.lower() not in DAYS:
            yield f"weekDays {day!r}: {', '.join(DAYS)}"
    if days and frequency.lower() != "week" and is_plain(frequency):
        yield f"weekDays are for the frequency Week, not {frequency}"


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def trigger_errors(name: str, item: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a trigger."""
    recurrence, inputs = item.get("recurrence"), item.get("inputs")
    if item.get("type") == "Recurrence" and not (
        isinstance(recurrence, dict) and {"frequency", "interval"} <= set(recurrence)
    ):
        yield f"trigger {name!r} needs a frequency and an interval"
    yield from recurrence_errors(name, recurrence)
    inputs = inputs if isinstance(inputs, dict) else {}
    asked = str(item.get("type")).lower() == "request"
    if asked and inputs.get("relativePath") and not inputs.get("method"):
        yield f"trigger {name!r}: a relativePath needs a method"
    method = inputs.get("method")
    if is_plain(method) and str(method).lower() not in METHODS:
        yield f"trigger {name!r}: method {method!r} is none of {', '.join(METHODS)}"
    yield from _misplaced(f"trigger {name!r}", item)
    runs = _within(item, "runs")
    if isinstance(runs, int) and not 1 <= runs <= 100:
        yield f"trigger {name!r}: concurrency {runs} is not 1 to 100"


def _misplaced(what: str, item: dict[str, Any]) -> Iterator[str]:
    """Members of `concurrency` beside it (https://github.com/Azure/LogicAppsUX/issues/5059)."""
    configuration = item.get("runtimeConfiguration")
    for member in ("runs", "repetitions", "maximumWaitingRuns"):
        if isinstance(configuration, dict) and member in configuration:
            kind = "FlowTemplateOperationRuntimeConfiguration"
            yield f"{what}: Could not find member {member!r} on object of type {kind!r}"


def _within(item: dict[str, Any], key: str) -> Any:
    configuration = item.get("runtimeConfiguration")
    concurrency = configuration.get("concurrency") if isinstance(configuration, dict) else None
    return concurrency.get(key) if isinstance(concurrency, dict) else None


def action_errors(name: str, item: dict[str, Any]) -> Iterator[str]:
    """What is wrong with an action, apart from its place among others."""
    kind, inputs = str(item.get("type")).lower(), item.get("inputs")
    if kind in BEGINNINGS:
        yield f"{item['type']} is a trigger, and {name!r} an action"
    for field in ("recurrence", "splitOn"):
        if field in item:
            yield f"action {name!r}: Could not find member {field!r} on 'FlowTemplateAction'"
    needed = {"foreach": "foreach", "if": "expression", "switch": "expression"}
    for part in filter(None, (needed.get(kind), "expression" if kind == "until" else None)):
        if item.get(part) in (None, "", {}):
            yield f"action {name!r} of type {item.get('type')} needs {part}"
    if kind == "compose" and "inputs" not in item:
        yield f"action {name!r} of type Compose needs inputs"
    for key in INPUTS.get(kind, ()) if not isinstance(inputs, str) else ():
        own = inputs if isinstance(inputs, dict) else {}
        if own.get(key) in (None, "") and not (key == "value" and key in own):
            yield f"action {name!r} of type {item.get('type')} needs inputs.{key}"
    yield from _misplaced(f"action {name!r}", item)
    repetitions = _within(item, "repetitions")
    if isinstance(repetitions, int) and not 1 <= repetitions <= 50:
        yield f"action {name!r}: concurrency {repetitions} is not 1 to 50"
    timeout = (item.get("limit") or {}).get("timeout") if isinstance(item.get("limit"), dict) else 0
    if is_plain(timeout) and iso_seconds(timeout) is None:
        yield f"action {name!r}: timeout {timeout!r} is no duration such as PT1H"
    variables = _items(inputs.get("variables")) if isinstance(inputs, dict) else []
    # https://github.com/Azure/LogicAppsUX/issues/8232
    if kind == "initializevariable" and len(variables) > 20:
        yield f"action {name!r} initializes {len(variables)} variables, allowed are 20"
    if isinstance(inputs, dict):
        yield from _inputs(name, kind, inputs)
    yield from _cases(name, item)


def _inputs(name: str, kind: str, inputs: dict[str, Any]) -> Iterator[str]:
    method, status, code = (inputs.get(key) for key in ("method", "runStatus", "statusCode"))
    if (
        kind in ("http", "apiconnection")
        and is_plain(method)
        and str(method).lower() not in METHODS
    ):
        yield f"action {name!r}: method {method!r} is none of {', '.join(METHODS)}"
    ends = kind == "terminate" and is_plain(status)
    if ends and str(status).lower() not in ("failed", "cancelled", "succeeded"):
        yield f"action {name!r}: runStatus {status!r} is none of Failed, Cancelled, Succeeded"
    if kind == "response" and isinstance(code, int) and not 100 <= code <= 599:
        yield f"action {name!r}: statusCode {code} is not 100 to 599"
    shape = inputs.get("format") if kind == "table" else None
    if is_plain(shape) and str(shape).lower() not in ("csv", "html"):
        yield f"action {name!r}: format {shape!r} is neither CSV nor HTML"
    if kind == "wait":
        yield from _wait(name, inputs)
    if kind == "workflow" and not (inputs.get("host") or {}).get("workflow"):
        yield f"action {name!r} of type Workflow needs inputs.host.workflow"
    if kind == "function" and not inputs.get("function"):
        yield f"action {name!r} of type Function needs inputs.function"
    if kind in ("http", "httpwebhook"):
        yield from _authentication(name, inputs.get("authentication"))
    yield from _retries(name, inputs.get("retryPolicy"))


def _wait(name: str, inputs: dict[str, Any]) -> Iterator[str]:
    interval, until = inputs.get("interval"), inputs.get("until")
    if not interval and not until:
        yield f"action {name!r} of type Wait needs an interval or until"
    unit = interval.get("unit") if isinstance(interval, dict) else None
    if is_plain(unit) and str(unit).lower() not in UNITS:
        yield f"action {name!r}: unit {unit!r} is none of {', '.join(UNITS)}"
    if isinstance(until, dict) and not until.get("timestamp"):
        yield f"action {name!r}: until needs a timestamp"


def _authentication(name: str, value: Any) -> Iterator[str]:
    kind = value.get("type") if isinstance(value, dict) else None
    if not is_plain(kind):
        return
    needed = AUTHENTICATION.get(str(kind).lower())
    if needed is None:
        yield f"action {name!r}: authentication {kind!r} is none of {', '.join(AUTHENTICATION)}"
    for key in needed or ():
        if value.get(key) in (None, ""):
            yield f"action {name!r}: authentication of type {kind} needs {key}"


def _retries(name: str, policy: Any) -> Iterator[str]:
    kind = policy.get("type") if isinstance(policy, dict) else None
    if not is_plain(kind):
        return
    if str(kind).lower() not in ("none", "fixed", "exponential", "default"):
        yield f"action {name!r}: retryPolicy {kind!r} is none of none, fixed, exponential"
    if str(kind).lower() not in ("fixed", "exponential"):
        return
    count, interval = policy.get("count"), policy.get("interval")
    if count is None or interval is None:
        yield f"action {name!r}: a {kind} retryPolicy needs a count and an interval"
    if isinstance(count, int) and not 1 <= count <= 90:
        yield f"action {name!r}: retryPolicy.count {count} is not 1 to 90"
    seconds = iso_seconds(interval)
    if is_plain(interval) and (seconds is None or not 5 <= seconds <= 86_400):
        yield f"action {name!r}: retryPolicy.interval {interval!r} is not PT5S to P1D"


def _cases(name: str, item: dict[str, Any]) -> Iterator[str]:
    cases = item.get("cases")
    if not isinstance(cases, dict):
        return
    if len(cases) > 25:
        yield f"action {name!r} has {len(cases)} cases, allowed are 25"
    values = [str(case.get("case")) for case in cases.values() if isinstance(case, dict)]
    for case in cases.values():
        # https://github.com/Azure/LogicAppsUX/issues/4934
        if isinstance(case, dict) and isinstance(case.get("case"), list | dict):
            yield f"action {name!r}: the case {excerpt(case['case'])} is no text and no number"
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice:
        yield f"action {name!r} has the case {excerpt(twice)} more than once"
