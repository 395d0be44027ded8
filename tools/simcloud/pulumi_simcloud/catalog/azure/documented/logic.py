"""Definitions of workflows in Azure Logic Apps.

learn.microsoft.com, "Schema reference guide for the Workflow Definition Language", "Schema
reference guide for trigger and action types", "Reference guide to workflow expression functions".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.documented.logic_parts import action_errors, trigger_errors
from pulumi_simcloud.catalog.azure.documented.logic_scopes import (
    REFERENCE,
    all_actions,
    end_errors,
    loop_errors,
    output_errors,
    parameter_errors,
    path_errors,
    structure_errors,
    texts,
    variable_errors,
)
from pulumi_simcloud.failures import excerpt

TYPES = (
    "ApiConnection", "ApiConnectionWebhook", "ApiConnectionNotification", "ApiManagement",
    "AppendToArrayVariable", "AppendToStringVariable", "Batch", "Compose", "DecrementVariable",
    "Expression", "Foreach", "Function", "Http", "HttpWebhook", "If", "IncrementVariable",
    "InitializeVariable", "JavaScriptCode", "Join", "ParseJson", "Query", "Recurrence", "Request",
    "Response", "Scope", "Select", "SendToBatch", "ServiceProvider", "SetVariable",
    "SlidingWindow", "Switch", "Table", "Terminate", "Until", "Wait", "Workflow",
)  # fmt: skip
FUNCTIONS = frozenset(
    "action actionBody actionOutputs actions add addDays addHours addMinutes addProperty addSeconds"
    " addToTime agentParameters and appsetting array assistantMessage base64 base64ToBinary"
    " base64ToString binary body bool channelTriggerBody chunk"
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
PARAMETER = re.compile(r"\bparameters\(\s*'((?:[^']|'')*)'\s*\)")


def definition_error(value: Any) -> str | None:
    """What is wrong with a workflow's definition; None if nothing is."""
    if not isinstance(value, dict):
        return None
    reason = next(_wrong(value), None)
    return f"InvalidTemplate: {reason}" if reason else None


# "Schema reference guide for the Workflow Definition Language", and what the portal adds.
MEMBERS = (
    "$schema", "actions", "contentVersion", "description", "metadata", "outputs", "parameters",
    "staticResults", "triggers",
)  # fmt: skip


def _wrong(value: dict[str, Any]) -> Iterator[str]:
    known = {name.lower() for name in MEMBERS}
    for name in value:
        if name.lower() not in known:
            yield f"Could not find member {name!r} on object of type 'FlowTemplate'"
    triggers, actions = value.get("triggers"), value.get("actions")
    triggers = triggers if isinstance(triggers, dict) else {}
    if len(triggers) > 10:
        yield f"has {len(triggers)} triggers, allowed are 10"
    for name, item in triggers.items():
        yield from _typed("trigger", name, item)
        if isinstance(item, dict):
            yield from trigger_errors(name, item)
    yield from structure_errors(actions, set(triggers))
    named = dict(all_actions(actions))
    kinds = {str(item.get("type")).lower() for item in triggers.values() if isinstance(item, dict)}
    for name, item in named.items():
        yield from _typed("action", name, item)
        yield from action_errors(name, item)
        if str(item.get("type")).lower() == "response" and kinds and not kinds & ASKED:
            yield f"action {name!r} of type Response needs a trigger that is a request"
    yield from variable_errors(value)
    yield from parameter_errors(value.get("parameters"))
    yield from output_errors(value.get("outputs"))
    yield from _expressions(value, set(named))
    yield from loop_errors(actions)
    yield from end_errors(actions)
    yield from path_errors(actions)


ASKED = {"request", "httpwebhook", "apiconnectionwebhook", "manual"}


def _typed(part: str, name: str, item: Any) -> Iterator[str]:
    if not isinstance(item, dict) or not item.get("type"):
        yield f"{part} {name!r} has no type"
        return
    known = {kind.lower(): kind for kind in TYPES}
    text = str(item["type"]).lower()
    near = [] if text in known else difflib.get_close_matches(text, known, 1, 0.85)
    if near:
        yield f"{part} {name!r}: type {item['type']!r}, is it {known[near[0]]}?"


def _expressions(value: dict[str, Any], actions: set[str]) -> Iterator[str]:
    """Texts with @: brackets in pairs, functions that there are, names that are declared."""
    declared = set(value.get("parameters") or {}) | {"$authentication"}
    for text in texts({key: value.get(key) for key in ("triggers", "actions", "outputs")}):
        for expression in _parts(text):
            plain = TEXT.sub("''", expression)
            broken = plain.count("(") != plain.count(")") or plain.count("'") % 2
            if broken or '"' in plain:
                yield f"Unable to parse the template language expression {excerpt(expression)}"
                continue
            for function in CALL.findall(plain):
                if function.lower() not in FUNCTIONS:
                    yield f"The template function {function!r} is not defined or not valid"
            for name in (text.replace("''", "'") for text in PARAMETER.findall(expression)):
                if name not in declared:
                    yield f"the workflow parameter {name!r} is not found"
            for name in (text.replace("''", "'") for _, text in REFERENCE.findall(expression)):
                if name not in actions:
                    yield f"the action {name!r} that an expression names is not in the definition"


def _parts(text: str) -> Iterator[str]:
    """The expressions of a text: all after an @ in front, or what stands in @{}."""
    if text.startswith("@") and not text.startswith(("@@", "@{")):
        yield text[1:]
        return
    for part in text.replace("@@", "").split("@{")[1:]:
        end = TEXT.sub(lambda match: "_" * len(match.group()), part).find("}")
        yield f"{part}(" if end < 0 else part[:end]
