"""What the parts of a workflow in Azure Logic Apps say of each other: order, variables, parameters.

learn.microsoft.com, "Schema reference guide for the Workflow Definition Language", "Schema
reference guide for trigger and action types", "Store and manage values by using variables",
"Limits and configuration reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.documented.logic_parts import is_plain
from pulumi_simcloud.failures import excerpt

STATUSES = ("succeeded", "failed", "skipped", "timedout")
PARAMETERS = (
    "array", "bool", "float", "int", "object", "securestring", "secureobject", "string",
)  # fmt: skip
VARIABLES = ("array", "boolean", "float", "integer", "object", "string")
# Limits of a workflow's definition.
MOST_ACTIONS, MOST_VARIABLES, MOST_PARAMETERS, DEEPEST = 500, 250, 50, 8
NAME = re.compile(r"[^<>%&\\?/]{0,79}[^<>%&\\?/.]")
VARIABLE = re.compile(r"\bvariables\(\s*'((?:[^']|'')*)'\s*\)")
REFERENCE = re.compile(
    r"\b(body|outputs|actions|actionOutputs|actionBody)\(\s*'((?:[^']|'')*)'\s*\)"
)
CONNECTION = re.compile(r"parameters\('\$connections'\)\['([^']+)'\]")
ITEMS = re.compile(r"\b(?:items|iterationIndexes)\(\s*'((?:[^']|'')*)'\s*\)")
# What changes a variable, and the types that it changes.
CHANGES = {
    "setvariable": VARIABLES,
    "incrementvariable": ("integer", "float"),
    "decrementvariable": ("integer", "float"),
    "appendtoarrayvariable": ("array",),
    "appendtostringvariable": ("string",),
}
TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "bool": (bool,),
    "boolean": (bool,),
    "float": (int, float),
    "int": (int,),
    "integer": (int,),
    "object": (dict,),
}
Action = dict[str, Any]


def texts(value: Any) -> Iterator[str]:
    """All texts within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def scopes(actions: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Action]]:
    """Each group of actions that run after each other, and the actions that it is in."""
    if not isinstance(actions, dict):
        return
    yield path, actions
    for name, item in actions.items():
        if not isinstance(item, dict):
            continue
        for part in _inside(item):
            yield from scopes(part, (*path, name))


def _inside(item: Action) -> list[Any]:
    """The groups of actions within an action: those of its branches, and of an agent's tools."""
    parts = [item, item.get("else"), item.get("default")]
    for several in (item.get("cases"), item.get("tools")):
        parts += several.values() if isinstance(several, dict) else []
    return [part.get("actions") for part in parts if isinstance(part, dict)]


def all_actions(actions: Any) -> list[tuple[str, Action]]:
    """All actions, those inside others too."""
    return [
        (name, item)
        for _, group in scopes(actions)
        for name, item in group.items()
        if isinstance(item, dict)
    ]


def structure_errors(actions: Any, triggers: set[str]) -> Iterator[str]:
    """Names, depth and order of actions; those of an agent run after its trigger."""
    # Each agent has a tool of its own to hand over to another one.
    named = [
        name.lower()
        for name, item in all_actions(actions)
        if str(item.get("type")).lower() not in ("handoff", "agenthandoff")
    ]
    if len(named) > MOST_ACTIONS:
        yield f"has {len(named)} actions, allowed are {MOST_ACTIONS}"
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice and len(named) <= MOST_ACTIONS:
        yield f"the action name {twice!r} is there more than once"
    for path, group in scopes(actions):
        if len(path) > DEEPEST:
            yield f"actions are nested {len(path)} deep, allowed are {DEEPEST}"
            return
        yield from _order(group, triggers)


def _order(group: Action, triggers: set[str]) -> Iterator[str]:
    """Actions of one scope wait for each other, never in a circle."""
    waits: dict[str, set[str]] = {}
    for name, item in group.items():
        if not NAME.fullmatch(name):
            limit = "80 characters, no <>%&\\?/, no dot at the end"
            yield f"the template action name {name!r} is not valid: {limit}"
        before = item.get("runAfter") if isinstance(item, dict) else None
        if before is not None and not isinstance(before, dict):
            yield f"action {name!r}: runAfter {excerpt(before)} is no object"
            return
        waits[name] = set(before or {})
        for other, statuses in (before or {}).items():
            if other not in group and other not in triggers:
                yield f"action {name!r} runs after {other!r}, which is not beside it"
            for status in statuses if isinstance(statuses, list) else ():
                if str(status).lower() not in STATUSES:
                    yield f"action {name!r} after {other!r}: {status!r} is none of {STATUSES}"
    remaining = {name: before & set(waits) for name, before in waits.items()}
    while ready := [name for name, before in remaining.items() if not before]:
        remaining = {
            name: before - set(ready) for name, before in remaining.items() if name not in ready
        }
    if remaining:
        yield f"actions run after each other in a circle: {', '.join(sorted(remaining))}"


def path_errors(actions: Any) -> Iterator[str]:
    """An action whose result is used ran before ("Action ... must be in the 'runAfter' path")."""
    places: dict[str, list[tuple[int, str]]] = {}
    befores: dict[tuple[int, str], set[str]] = {}
    _place(actions, [], places, befores)
    for name, item in all_actions(actions):
        own = places.get(name) or []
        for text in texts({key: item.get(key) for key in ("inputs", "foreach")}):
            for other in (found.replace("''", "'") for _, found in REFERENCE.findall(text)):
                steps = zip(own, places.get(other) or [], strict=False)
                here, there = next((pair for pair in steps if pair[0] != pair[1]), (None, None))
                if not here or not there or here[0] != there[0]:
                    continue
                if there[1] not in _earlier(here, befores):
                    yield f"action {other!r} must be in the 'runAfter' path of action {name!r}"


def _place(
    actions: Any,
    above: list[tuple[int, str]],
    places: dict[str, list[tuple[int, str]]],
    befores: dict[tuple[int, str], set[str]],
) -> None:
    """The groups that each action is in, from the outside, and what runs before it in its own."""
    for name, item in actions.items() if isinstance(actions, dict) else ():
        if not isinstance(item, dict):
            continue
        step = (id(actions), name)
        places[name] = [*above, step]
        before = item.get("runAfter")
        befores[step] = set(before) if isinstance(before, dict) else set()
        for part in _inside(item):
            _place(part, places[name], places, befores)


def _earlier(step: tuple[int, str], befores: dict[tuple[int, str], set[str]]) -> set[str]:
    earlier: set[str] = set()
    waiting = [step[1]]
    while waiting:
        for name in befores.get((step[0], waiting.pop()), set()) - earlier:
            earlier.add(name)
            waiting.append(name)
    return earlier


def loop_errors(actions: Any) -> Iterator[str]:
    """Items are those of a loop around the action."""
    loops = {
        name for name, item in all_actions(actions) if str(item.get("type")).lower() == "foreach"
    }
    for path, group in scopes(actions):
        for name, item in group.items():
            own = item.get("inputs") if isinstance(item, dict) else None
            for found in (loop for text in texts(own) for loop in ITEMS.findall(text)):
                loop = found.replace("''", "'")
                if loop in loops and loop not in path:
                    yield f"action {loop!r} must be a parent 'foreach' scope of action {name!r}"


LOOPS = ("foreach", "until")


def end_errors(actions: Any) -> Iterator[str]:
    """A run ends outside of loops: the portal refuses to save others.

    github Azure/LogicAppsUX, issue 5666; www.geekfujiwara.com/tech/powerplatform/7006.
    """
    loops = {name for name, item in all_actions(actions) if str(item.get("type")).lower() in LOOPS}
    for path, group in scopes(actions):
        around = next((name for name in path if name in loops), None)
        for name, item in group.items() if around else ():
            if isinstance(item, dict) and str(item.get("type")).lower() == "terminate":
                yield f"the action {name!r} of type Terminate is in the loop {around!r}"


def variable_errors(value: Action) -> Iterator[str]:
    """Variables are made at the top, once, before they are used, and changed as their type is."""
    top = value.get("actions")
    made: dict[str, str] = {}
    actions = all_actions(top)
    for name, item in actions:
        if str(item.get("type")).lower() != "initializevariable":
            continue
        if not isinstance(top, dict) or name not in top:
            yield f"the variable action {name!r} cannot be nested in an action of another type"
        inputs = item.get("inputs")
        for variable in (inputs.get("variables") or []) if isinstance(inputs, dict) else []:
            label, kind = variable.get("name"), str(variable.get("type")).lower()
            if not label:
                yield f"action {name!r} initializes a variable without a name"
            elif str(label).lower() in made:
                yield f"the variable {label!r} is initialized more than once"
            made[str(label).lower()] = kind
            if kind not in VARIABLES:
                yield f"variable {label!r}: type {excerpt(variable.get('type'))}"
            elif not fits(kind, variable.get("value")):
                yield f"variable {label!r} of type {kind} cannot be {excerpt(variable['value'])}"
    if len(made) > MOST_VARIABLES:
        yield f"has {len(made)} variables, allowed are {MOST_VARIABLES}"
    for name, item in actions:
        yield from _changed(name, item, made)


def _changed(name: str, item: Action, made: dict[str, str]) -> Iterator[str]:
    kind, inputs = str(item.get("type")).lower(), item.get("inputs")
    used = {text for part in texts(inputs) for text in VARIABLE.findall(part)}
    label = inputs.get("name") if isinstance(inputs, dict) else None
    if kind in CHANGES and isinstance(label, str):
        if label in used:
            yield f"action {name!r}: self reference is not supported when updating {label!r}"
        own = made.get(label.lower())
        if own in VARIABLES and own not in CHANGES[kind]:
            yield f"action {name!r} of type {item['type']} cannot change {label!r}, a {own}"
        used.add(label)
    for missing in sorted(text for text in used if text.lower() not in made):
        yield f"the action {name!r} uses the variable {missing!r}, which is not initialized"


def fits(kind: str, value: Any) -> bool:
    """True if a value is of a type, or an expression."""
    allowed = TYPES.get(kind)
    if value is None or allowed is None or (isinstance(value, str) and not is_plain(value)):
        return True
    return isinstance(value, allowed) and (isinstance(value, bool) == (allowed == (bool,)))


def parameter_errors(parameters: Any) -> Iterator[str]:
    """Parameters have a type, and defaults of it."""
    declared = parameters if isinstance(parameters, dict) else {}
    if len(declared) > MOST_PARAMETERS:
        yield f"has {len(declared)} parameters, allowed are {MOST_PARAMETERS}"
    for name, item in declared.items():
        kind = item.get("type") if isinstance(item, dict) else None
        if str(kind).lower() not in PARAMETERS:
            yield f"parameter {name!r}: type {excerpt(kind)} is none of {', '.join(PARAMETERS)}"
            continue
        default, allowed = item.get("defaultValue"), item.get("allowedValues")
        if not fits(str(kind).lower(), default):
            yield f"parameter {name!r} of type {kind} cannot be {excerpt(default)}"
        if isinstance(allowed, list) and is_plain(default) and default not in allowed:
            yield f"parameter {name!r}: the default {excerpt(default)} is none of {allowed}"


def passed_errors(definition: Any, passed: Any) -> Iterator[str]:
    """Values are passed for the parameters that a definition has, and for all without a default."""
    own = definition.get("parameters") if isinstance(definition, dict) else None
    own = own if isinstance(own, dict) else {}
    passed = passed if isinstance(passed, dict) else {}
    for name, item in passed.items():
        declared = own.get(name)
        if name not in own:
            yield f"the workflow parameter {name!r} is not declared in the definition"
        elif isinstance(declared, dict) and isinstance(item, dict):
            kind = str(declared.get("type")).lower()
            if not fits(kind, item.get("value")):
                yield f"the workflow parameter {name!r} of type {kind} is {excerpt(item['value'])}"
    connected = passed.get("$connections") or own.get("$connections") or {}
    value = connected.get("value", connected.get("defaultValue"))
    for text in texts(definition):
        for name in CONNECTION.findall(text):
            if isinstance(value, dict) and name not in value:
                yield f"the property {name!r} doesn't exist in parameters('$connections')"
    for name, item in own.items():
        if isinstance(item, dict) and "defaultValue" not in item and name not in passed:
            yield f"the value for the workflow parameter {name!r} is not provided"


def output_errors(outputs: Any) -> Iterator[str]:
    """Outputs have a type."""
    for name, item in outputs.items() if isinstance(outputs, dict) else ():
        kind = item.get("type") if isinstance(item, dict) else None
        if str(kind).lower() not in PARAMETERS:
            yield f"output {name!r}: type {excerpt(kind)} is none of {', '.join(PARAMETERS)}"
