"""Runs a workflow of Google Cloud: the steps and expressions that the program's own are made of.

Sources: https://cloud.google.com/workflows/docs/reference/syntax and, of functions,
https://cloud.google.com/workflows/docs/reference/stdlib/overview.
"""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from training.clients import gcp

Json = dict[str, Any]

EXPRESSION = re.compile(r"\$\{(.*)\}", re.DOTALL)
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "base64.decode": base64.b64decode,
    "json.decode": json.loads,
    "text.decode": bytes.decode,
    "text.url_encode": lambda text: quote(text, safe=""),
}


def run(source: Json, event: Json) -> Any:
    """What the workflow returns for an event; None if it ends before."""
    (parameter,) = source["main"]["params"]
    values: Json = {parameter: event}
    for part in source["main"]["steps"]:
        ((name, step),) = part.items()
        if "assign" in step:
            for assigned in step["assign"]:
                values |= {key: _filled(value, values) for key, value in assigned.items()}
        elif "switch" in step:
            if any(_filled(case["condition"], values) for case in step["switch"]):
                assert {case["next"] for case in step["switch"]} == {"end"}
                return None
        elif "call" in step:
            values[step["result"]] = CALLS[step["call"]](**_filled(step["args"], values))
        else:
            assert set(step) == {"return"}, f"step {name!r} is of no kind known here"
            return _filled(step["return"], values)
    return None


def _read(bucket: str, object: str, alt: str) -> Any:
    """The connector's: JSON comes as a map."""
    url = f"https://storage.googleapis.com/storage/v1/b/{bucket}/o/{object}"
    return gcp.get(url, alt=alt)


def _post(url: str, auth: Json, body: Json, query: Json) -> Json:
    assert auth == {"type": "OAuth2"}, "APIs of Google take no other"
    return {"body": json.loads(gcp.call("POST", url, body, repeat=False, **query))}


CALLS: dict[str, Callable[..., Any]] = {
    "googleapis.storage.v1.objects.get": _read,
    "http.post": _post,
}


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """`value` with every expression in it answered."""
    if isinstance(value, dict):
        return {key: _filled(part, values) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, values) for part in value]
    match = EXPRESSION.fullmatch(value) if isinstance(value, str) else None
    return _answer(ast.parse(match.group(1), mode="eval").body, values) if match else value


def _answer(node: ast.AST, values: Mapping[str, Any]) -> Any:
    """An expression's value: in what is written here the language reads as Python does."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return values[node.id]
        case ast.Attribute():
            return _answer(node.value, values)[node.attr]
        case ast.Call(args=[argument]):
            return FUNCTIONS[ast.unparse(node.func)](_answer(argument, values))
        case ast.BinOp(op=ast.Add()):
            return _answer(node.left, values) + _answer(node.right, values)
        case ast.Compare(ops=[ast.NotEq()], comparators=[other]):
            return _answer(node.left, values) != _answer(other, values)
    raise AssertionError(f"no expression known here: {ast.unparse(node)}")
