"""The source of a workflow of Google's Workflows, parsed as the service parses it on deployment.

Syntax: https://cloud.google.com/workflows/docs/reference/syntax, of expressions
https://cloud.google.com/workflows/docs/reference/syntax/expressions. Left out: the arguments that
each connector takes, and the types of what expressions yield.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml
from lark import Lark, Token, Tree
from lark.exceptions import LarkError

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.rules.basic import parsed_yaml
from pulumi_simcloud.rules.workflow_library import (
    LONGEST_EXPRESSION,
    MEMBERS,
    loop_errors,
    parallel_errors,
    retry_errors,
    unknown_functions,
)
from pulumi_simcloud.rules.workflow_symbols import symbols, variables

# Terms, strongest binding last. "Data types": operators are in small or in capital letters.
EXPRESSION = r"""
start: either
?either: both (_OR both)*
?both: inverse (_AND inverse)*
?inverse: _NOT inverse | relation
?relation: sum ((RELATION | _IN | _NOT _IN) sum)*
?sum: product (("+" | "-") product)*
?product: sign (("*" | "/" | "%" | "//") sign)*
?sign: "-" sign | "+" sign | postfix
?postfix: atom (part)*
part: "." NAME -> member | "[" either "]" -> item | "(" [either ("," either)*] ")" -> called
?atom: NAME | NUMBER | STRING | WORD | "(" either ")" | list | map
list: "[" [either ("," either)* ","?] "]"
map: "{" [pair ("," pair)* ","?] "}"
pair: either ":" either
_OR: /(or|OR)\b/
_AND: /(and|AND)\b/
_NOT: /(not|NOT)\b/
_IN: /in\b/i
RELATION: "==" | "!=" | ">=" | "<=" | ">" | "<"
WORD.3: /\b(true|True|TRUE|false|False|FALSE|null|Null|NULL)\b/
NAME: /(?!(?i:and|or|not|in|true|false|null)\b)[A-Za-z_][A-Za-z0-9_]*/
NUMBER: /\d+(\.\d+)?([eE][+-]?\d+)?/
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
%import common.WS
%ignore WS
"""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SOURCE_LIMIT = 131_072
ENDS = ("end", "break", "continue")
# What one step may do, a jump last; the rest of its keys go with one of these.
ACTIONS = ("assign", "call", "switch", "for", "parallel", "try", "raise", "return", "steps", "next")
WITH = {
    "assign": {"next"},
    "call": {"args", "result", "next"},
    "switch": {"next"},
    "for": set(),
    "parallel": set(),
    "try": {"retry", "except", "next"},
    "raise": {"next"},
    "return": {"next"},
    "steps": {"next"},
    "next": set(),
}
# https://cloud.google.com/workflows/docs/reference/stdlib/overview
MODULES = (
    "base64", "events", "experimental", "gke", "googleapis", "hash", "http", "json", "list",
    "map", "math", "retry", "shell", "sys", "text", "time", "uuid",
)  # fmt: skip
HTTP = ("delete", "get", "patch", "post", "put", "request")
MOST_ASSIGNED, MOST_CONDITIONS = 50, 50


def workflow_source(text: str) -> list[str]:
    """Errors in a source in YAML or JSON; none for one that the service deploys."""
    if len(text.encode()) > SOURCE_LIMIT:
        return [f"has {len(text.encode())} bytes, allowed are {SOURCE_LIMIT}"]
    try:
        source = parsed_yaml(text)
    except yaml.YAMLError as error:
        return [f"is no YAML: {' '.join(str(error).split())[:200]}"]
    if isinstance(source, list):
        source = {"main": {"steps": source}}
    if not isinstance(source, dict) or not source:
        return [f"{excerpt(text[:80])} is neither steps nor subworkflows"]
    if "main" not in source:
        return ["the workflow has no main"]
    return [reason for name in source for reason in _routine(name, source)]


def _routine(name: str, source: dict[str, Any]) -> Iterator[str]:
    """One (sub)workflow."""
    routine = source[name]
    if not NAME.fullmatch(str(name)):
        yield f"subworkflow name {excerpt(name)} is not allowed"
    if isinstance(routine, list):
        routine = {"steps": routine}
    if not isinstance(routine, dict) or not isinstance(routine.get("steps"), list):
        yield f"{name} has no list of steps"
        return
    for key in routine.keys() - {"params", "steps"}:
        yield f"{name} has the unknown key {key!r}"
    parameters = routine.get("params", [])
    if not isinstance(parameters, list):
        yield f"{name}: params are a list of names"
    elif name == "main" and len(parameters) > 1:
        yield f"main takes one parameter, not {len(parameters)}"
    if not routine["steps"]:
        # An empty list is deployed, and ends at once.
        return
    yield from _steps(routine["steps"], set(source), set())
    for function in _unknown(routine["steps"], {*map(str, source), *variables(routine)}):
        yield f"symbol {function!r} is no function of the standard library, nor a sub-workflow"
    known = {*variables(routine), *map(str, source), *MODULES}
    for symbol in _read(routine["steps"]) - known:
        yield f"symbol {symbol!r} is neither a variable nor a sub-workflow name"


def _read(value: Any) -> set[str]:
    """The names that the expressions in a value read."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return {name for part in parts for name in _read(part)}
    if not (isinstance(value, str) and value.startswith("${") and value.endswith("}")):
        return set()
    try:
        return set(symbols(_parse(value[2:-1])))
    except LarkError:
        return set()


def _unknown(value: Any, routines: set[str]) -> set[str]:
    """The functions that the expressions in a value call and nothing has."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return {name for part in parts for name in _unknown(part, routines)}
    if not (isinstance(value, str) and value.startswith("${") and value.endswith("}")):
        return set()
    try:
        return set(unknown_functions(_parse(value[2:-1]), routines))
    except LarkError:
        return set()


def _steps(steps: Any, routines: set[str], outer: set[str]) -> Iterator[str]:
    if not isinstance(steps, list):
        yield f"{excerpt(steps)} is no list of steps"
        return
    names = []
    for step in steps:
        if not isinstance(step, dict) or len(step) != 1:
            yield f"a step is one name with what it does, not {excerpt(step)}"
            continue
        names.append(str(next(iter(step))))
    yield from (f"step {name!r} stands twice" for name in set(names) if names.count(name) > 1)
    reachable = {*names, *outer}
    for step in steps:
        if isinstance(step, dict) and len(step) == 1:
            ((name, body),) = step.items()
            yield from (f"step {name!r}: {reason}" for reason in _step(body, routines, reachable))


def _step(body: Any, routines: set[str], names: set[str]) -> Iterator[str]:
    if not isinstance(body, dict) or not body:
        yield "does nothing"
        return
    first = next((key for key in ACTIONS if key in body), None)
    if first is None:
        yield f"does nothing that is known: {', '.join(map(str, body))}"
        return
    strange = body.keys() - {first} - WITH[first]
    if strange:
        yield f"{', '.join(sorted(map(str, strange)))} does not go with {first}"
    if "next" in body and str(body["next"]) not in {*names, *ENDS}:
        yield f"next is {excerpt(body['next'])}, which is no step here"
    yield from _action(first, body, routines, names)


def _action(first: str, body: dict[str, Any], routines: set[str], names: set[str]) -> Iterator[str]:
    value = body[first]
    if first == "steps":
        yield from _steps(value, routines, names)
    elif first == "assign":
        yield from _assigned(value)
    elif first == "call":
        yield from _call(value, routines)
        yield from _expressions(body.get("args"))
        if "result" in body and not VARIABLE.fullmatch(str(body["result"])):
            yield f"result {excerpt(body['result'])} is no variable"
    elif first == "switch":
        yield from _switch(value, routines, names)
    elif first == "for":
        yield from _for(value, routines, names)
    elif first == "parallel":
        yield from _parallel(value, routines, names)
    elif first == "try":
        yield from _try(body, routines, names)
    else:
        yield from _expressions(value)


def _assigned(value: Any) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(i, dict) and len(i) == 1 for i in value):
        yield "assign is a list of single variables"
        return
    if len(value) > MOST_ASSIGNED:
        yield f"assigns {len(value)} variables, allowed are {MOST_ASSIGNED}"
    for item in value:
        name = str(next(iter(item)))
        if not VARIABLE.match(name):
            yield f"{excerpt(name)} is no variable"
    yield from _expressions(value)


def _call(value: Any, routines: set[str]) -> Iterator[str]:
    module, _, rest = str(value).partition(".")
    if str(value) in routines:
        return
    if module not in MODULES or not rest:
        yield f"calls {excerpt(value)}, which is neither a subworkflow nor of the standard library"
    elif rest not in MEMBERS.get(module, (rest,)):
        yield f"calls {excerpt(value)}; {module} has {', '.join(MEMBERS[module])}"
    elif module == "http" and rest not in HTTP:
        yield f"calls {excerpt(value)}; http has {', '.join(HTTP)}"
    elif module == "googleapis" and len(rest.split(".")) < 3:
        yield f"calls {excerpt(value)}; a connector is googleapis.SERVICE.VERSION.METHOD"


def _switch(value: Any, routines: set[str], names: set[str]) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield "switch is a list of conditions"
        return
    if len(value) > MOST_CONDITIONS:
        yield f"has {len(value)} conditions, allowed are {MOST_CONDITIONS}"
    for item in value:
        if not isinstance(item, dict) or "condition" not in item:
            yield f"{excerpt(item)} has no condition"
            continue
        yield from _expressions(item["condition"])
        rest = {key: part for key, part in item.items() if key != "condition"}
        if rest:
            yield from _step(rest, routines, names)


def _for(value: Any, routines: set[str], names: set[str]) -> Iterator[str]:
    if not isinstance(value, dict) or "value" not in value or "steps" not in value:
        yield "for needs value and steps"
        return
    if ("in" in value) == ("range" in value):
        yield "for needs either in or range"
    yield from loop_errors(value)
    yield from _expressions([value.get("in"), value.get("range")])
    yield from _steps(value["steps"], routines, names)


def _parallel(value: Any, routines: set[str], names: set[str]) -> Iterator[str]:
    if not isinstance(value, dict) or ("branches" in value) == ("for" in value):
        yield "parallel needs either branches or for"
        return
    if not isinstance(value.get("branches", []), list):
        yield f"branches {excerpt(value['branches'])} is no list"
        return
    yield from parallel_errors(value)
    if "for" in value:
        yield from _for(value["for"], routines, names)
        return
    for branch in value["branches"]:
        body = next(iter(branch.values())) if isinstance(branch, dict) and branch else None
        if not isinstance(body, dict):
            yield f"{excerpt(branch)} is no branch"
        else:
            yield from _steps(body.get("steps"), routines, names)


def _try(body: dict[str, Any], routines: set[str], names: set[str]) -> Iterator[str]:
    if "retry" not in body and "except" not in body:
        yield "try needs retry or except"
    yield from retry_errors(body.get("retry"))
    yield from _step(body["try"], routines, names)
    handler = body.get("except")
    if handler is not None:
        if not isinstance(handler, dict) or "as" not in handler or "steps" not in handler:
            yield "except needs as and steps"
        else:
            yield from _steps(handler["steps"], routines, names)


def _expressions(value: Any) -> Iterator[str]:
    """Errors in the expressions, ``${...}``, in a value at any depth."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)
    elif isinstance(value, str) and value.startswith("${"):
        if not value.endswith("}"):
            yield f"the expression {excerpt(value)} does not end"
            return
        if len(value) > LONGEST_EXPRESSION:
            yield f"an expression has {len(value)} characters, allowed are {LONGEST_EXPRESSION}"
        try:
            tree = _parse(value[2:-1])
        except LarkError:
            yield f"the expression {excerpt(value)} does not parse"
            return
        for part in tree.scan_values(lambda item: isinstance(item, Token) and item.type == "NAME"):
            if len(part) > 1024:
                yield f"the name {excerpt(str(part))} is too long"


@cache
def _parse(text: str) -> Tree[Token]:
    return _parser().parse(text)


@cache
def _parser() -> Lark:
    return Lark(EXPRESSION, parser="lalr")
