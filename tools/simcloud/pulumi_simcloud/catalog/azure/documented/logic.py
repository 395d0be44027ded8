"""Definitions of workflows in Azure Logic Apps.

learn.microsoft.com, "Schema reference guide for the Workflow Definition Language", "Schema
reference guide for trigger and action types", "Reference guide to workflow expression functions".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.platforms import table

FREQUENCIES = ("second", "minute", "hour", "day", "week", "month", "year")
TYPES = (
    "ApiConnection", "ApiConnectionWebhook", "ApiConnectionNotification", "ApiManagement",
    "AppendToArrayVariable", "AppendToStringVariable", "Batch", "Compose", "DecrementVariable",
    "Expression", "Foreach", "Function", "Http", "HttpWebhook", "If", "IncrementVariable",
    "InitializeVariable", "JavaScriptCode", "Join", "ParseJson", "Query", "Recurrence", "Request",
    "Response", "Scope", "Select", "SendToBatch", "ServiceProvider", "SetVariable",
    "SlidingWindow", "Switch", "Table", "Terminate", "Until", "Wait", "Workflow",
)  # fmt: skip
STATUSES = ("succeeded", "failed", "skipped", "timedout")
PARAMETERS = (
    "array", "bool", "float", "int", "object", "securestring", "secureobject", "string",
)  # fmt: skip
VARIABLES = ("array", "boolean", "float", "integer", "object", "string")
FUNCTIONS = frozenset(
    "action actionBody actionOutputs actions add addDays addHours addMinutes addProperty addSeconds"
    " addToTime and appsetting array base64 base64ToBinary base64ToString binary body bool chunk"
    " coalesce concat contains convertFromUtc convertTimeZone convertToUtc createArray dataUri"
    " dataUriToBinary dataUriToString date dateDifference dayOfMonth dayOfWeek dayOfYear decimal"
    " decodeBase64 decodeDataUri decodeUriComponent div empty encodeUriComponent endsWith equals"
    " first float formatDateTime formatNumber formDataMultiValues formDataValue getFutureTime"
    " getPastTime greater greaterOrEquals guid if indexOf int intersection isFloat isInt item items"
    " iterationIndexes join json last lastIndexOf length less lessOrEquals listCallbackUrl max min"
    " mod mul multipartBody not nthIndexOf null or outputs parameters parseDateTime rand range"
    " removeProperty replace result reverse setProperty skip slice sort split startOfDay"
    " startOfHour"
    " startOfMonth startsWith string sub substring subtractFromTime take ticks toLower toUpper"
    " trigger triggerBody triggerFormDataMultiValues triggerFormDataValue triggerMultipartBody"
    " triggerOutputs trim union uriComponent uriComponentToBinary uriComponentToString uriHost"
    " uriPath uriPathAndQuery uriPort uriQuery uriScheme utcNow variables workflow xml xpath"
    .lower()
    .split()
)  # fmt: skip
TEXT = re.compile(r"'(?:[^']|'')*'")
CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
REFERENCE = re.compile(
    r"\b(body|outputs|actions|actionOutputs|actionBody)\(\s*'((?:[^']|'')*)'\s*\)"
)
PARAMETER = re.compile(r"\bparameters\(\s*'((?:[^']|'')*)'\s*\)")


def definition_error(value: Any) -> str | None:
    """What is wrong with a workflow's definition; None if nothing is."""
    if not isinstance(value, dict):
        return None
    reason = next(_wrong(value), None)
    return f"InvalidTemplate: {reason}" if reason else None


def undeclared(definition: Any, passed: Any) -> Iterator[str]:
    """Parameters that are passed to a definition that does not have them."""
    own = (definition.get("parameters") or {}) if isinstance(definition, dict) else {}
    for name in passed if isinstance(passed, dict) and isinstance(own, dict) else ():
        if name not in own:
            yield f"the workflow parameter {name!r} is not declared in the definition"


def _wrong(value: dict[str, Any]) -> Iterator[str]:
    triggers, actions = value.get("triggers"), value.get("actions")
    if isinstance(triggers, dict) and len(triggers) > 10:
        yield f"has {len(triggers)} triggers, allowed are 10"
    for name, item in (triggers or {}).items() if isinstance(triggers, dict) else ():
        yield from _typed("trigger", name, item)
        yield from _recurrence(name, item)
    named = dict(_all(actions))
    kinds = {str(item.get("type")).lower() for item in (triggers or {}).values()}
    for name, item in named.items():
        yield from _typed("action", name, item)
        yield from _action(name, item)
        if str(item.get("type")).lower() == "response" and kinds and not kinds & ASKED:
            yield f"action {name!r} of type Response needs a trigger that is a request"
    yield from _order(actions)
    yield from _variables(value, named)
    yield from _parameters(value.get("parameters"))
    yield from _expressions(value, set(named))


# "Limits and configuration reference": names of actions.
NAME = re.compile(r"[^<>%&\\?/]{0,79}[^<>%&\\?/.]")
CHANGES = (
    "setvariable", "incrementvariable", "decrementvariable", "appendtoarrayvariable",
    "appendtostringvariable",
)  # fmt: skip
VARIABLE = re.compile(r"\bvariables\(\s*'((?:[^']|'')*)'\s*\)")


def _variables(value: dict[str, Any], named: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Variables are made at the top, and before they are used ("Store and manage variables")."""
    top = value.get("actions")
    made: set[str] = set()
    for name, item in named.items():
        if not NAME.fullmatch(name):
            limit = "80 characters, no <>%&\\?/, no dot at the end"
            yield f"the template action name {name!r} is not valid: {limit}"
        if str(item.get("type")).lower() != "initializevariable":
            continue
        if not isinstance(top, dict) or name not in top:
            yield f"the variable action {name!r} cannot be nested in an action of another type"
        inputs = item.get("inputs")
        for variable in (inputs.get("variables") or []) if isinstance(inputs, dict) else []:
            made.add(str(variable.get("name")).lower())
    for name, item in named.items():
        used = {text for part in _texts(item.get("inputs")) for text in VARIABLE.findall(part)}
        inputs = item.get("inputs")
        if str(item.get("type")).lower() in CHANGES and isinstance(inputs, dict):
            used.add(str(inputs.get("name")))
        for missing in sorted(text for text in used if text.lower() not in made):
            yield f"the action {name!r} uses the variable {missing!r}, which is not initialized"


ASKED = {"request", "httpwebhook", "apiconnectionwebhook", "manual"}


def _all(actions: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """All actions, those inside others too."""
    for name, item in actions.items() if isinstance(actions, dict) else ():
        if not isinstance(item, dict):
            continue
        yield name, item
        cases = item.get("cases")
        inside = [item, item.get("else"), item.get("default")]
        inside += cases.values() if isinstance(cases, dict) else []
        for part in inside:
            yield from _all(part.get("actions") if isinstance(part, dict) else None)


def _typed(part: str, name: str, item: Any) -> Iterator[str]:
    if not isinstance(item, dict) or not item.get("type"):
        yield f"{part} {name!r} has no type"
        return
    known = {kind.lower(): kind for kind in TYPES}
    text = str(item["type"]).lower()
    near = [] if text in known else difflib.get_close_matches(text, known, 1, 0.85)
    if near:
        yield f"{part} {name!r}: type {item['type']!r}, is it {known[near[0]]}?"


def _recurrence(name: str, item: dict[str, Any]) -> Iterator[str]:
    recurrence = item.get("recurrence")
    if item.get("type") == "Recurrence" and not (
        isinstance(recurrence, dict) and {"frequency", "interval"} <= set(recurrence)
    ):
        yield f"trigger {name!r} needs a frequency and an interval"
    if not isinstance(recurrence, dict):
        return
    frequency, interval = recurrence.get("frequency"), recurrence.get("interval")
    if isinstance(frequency, str) and frequency.lower() not in FREQUENCIES:
        yield f"frequency {frequency!r}: {', '.join(FREQUENCIES)}"
    if isinstance(interval, int) and interval < 1:
        yield f"interval {interval} is less than 1"
    zone = recurrence.get("timeZone")
    if isinstance(zone, str) and zone not in table("windows_zones") and zone != "UTC":
        yield f"timeZone {zone!r} is no Windows time zone"
    schedule = recurrence.get("schedule")
    days = isinstance(schedule, dict) and schedule.get("weekDays")
    if days and str(frequency).lower() != "week":
        yield f"weekDays are for the frequency Week, not {frequency}"


def _action(name: str, item: dict[str, Any]) -> Iterator[str]:
    kind, inputs = str(item.get("type")).lower(), item.get("inputs")
    if kind == "http":
        for key in ("method", "uri"):
            if not isinstance(inputs, dict) or not inputs.get(key):
                yield f"action {name!r} of type Http needs inputs.{key}"
    needed = {"foreach": "foreach", "if": "expression", "switch": "expression"}.get(kind)
    if needed and item.get(needed) in (None, "", {}):
        yield f"action {name!r} of type {item.get('type')} needs {needed}"
    if kind == "initializevariable" and isinstance(inputs, dict):
        for variable in inputs.get("variables") or []:
            if str(variable.get("type")).lower() not in VARIABLES:
                yield f"variable {variable.get('name')!r}: type {excerpt(variable.get('type'))}"
    for before, statuses in (item.get("runAfter") or {}).items():
        for status in statuses if isinstance(statuses, list) else ():
            if str(status).lower() not in STATUSES:
                yield f"action {name!r} after {before!r}: {status!r} is none of {STATUSES}"


def _order(actions: Any) -> Iterator[str]:
    """Actions of one scope wait for each other, never in a circle."""
    waits = {
        name: set(item.get("runAfter") or {})
        for name, item in (actions or {}).items()
        if isinstance(item, dict)
    }
    remaining = {name: before & set(waits) for name, before in waits.items()}
    while ready := [name for name, before in remaining.items() if not before]:
        remaining = {
            name: before - set(ready) for name, before in remaining.items() if name not in ready
        }
    if remaining:
        yield f"actions run after each other in a circle: {', '.join(sorted(remaining))}"


def _parameters(parameters: Any) -> Iterator[str]:
    for name, item in parameters.items() if isinstance(parameters, dict) else ():
        kind = item.get("type") if isinstance(item, dict) else None
        if str(kind).lower() not in PARAMETERS:
            yield f"parameter {name!r}: type {excerpt(kind)} is none of {', '.join(PARAMETERS)}"


def _expressions(value: dict[str, Any], actions: set[str]) -> Iterator[str]:
    """Texts with @: brackets in pairs, functions that there are, names that are declared."""
    declared = set(value.get("parameters") or {}) | {"$authentication"}
    for text in _texts({key: value.get(key) for key in ("triggers", "actions", "outputs")}):
        for expression in _parts(text):
            plain = TEXT.sub("''", expression)
            if plain.count("(") != plain.count(")") or plain.count("'") % 2:
                yield f"Unable to parse the template language expression {excerpt(expression)}"
                continue
            for function in CALL.findall(plain):
                if function.lower() not in FUNCTIONS:
                    yield f"The template function {function!r} is not defined or not valid"
            for name in PARAMETER.findall(expression):
                if name not in declared:
                    yield f"the workflow parameter {name!r} is not found"
            for _, name in REFERENCE.findall(expression):
                if name not in actions:
                    yield f"the action {name!r} that an expression names is not in the definition"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _parts(text: str) -> Iterator[str]:
    """The expressions of a text: all after an @ in front, or what stands in @{}."""
    if text.startswith("@") and not text.startswith(("@@", "@{")):
        yield text[1:]
        return
    for part in text.replace("@@", "").split("@{")[1:]:
        end = TEXT.sub(lambda match: "_" * len(match.group()), part).find("}")
        yield part if end < 0 else part[:end]
