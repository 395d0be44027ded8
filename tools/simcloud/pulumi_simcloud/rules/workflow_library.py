"""What the standard library of Workflows has, and what steps may say beside their actions.

https://cloud.google.com/workflows/docs/reference/stdlib/overview,
https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps, .../retrying and
https://cloud.google.com/workflows/quotas.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Token, Tree

from pulumi_simcloud.failures import excerpt

MEMBERS: dict[str, tuple[str, ...]] = {
    "base64": ("decode", "encode"),
    "events": ("await_callback", "create_callback_endpoint"),
    "hash": ("compute_checksum", "compute_hmac"),
    "http": (
        "default_retry", "default_retry_non_idempotent", "default_retry_predicate",
        "default_retry_predicate_non_idempotent", "delete", "get", "patch", "post", "put",
        "request",
    ),
    "json": ("decode", "encode", "encode_to_string"),
    "list": ("concat", "prepend"),
    "map": ("delete", "get", "merge", "merge_nested"),
    "math": ("abs", "ceil", "floor", "max", "min"),
    "retry": ("always", "default_backoff", "never"),
    "sys": ("get_env", "log", "now", "sleep", "sleep_until"),
    "text": (
        "decode", "encode", "find_all", "find_all_regex", "match_regex", "replace_all",
        "replace_all_regex", "split", "substring", "to_lower", "to_upper", "url_decode",
        "url_encode", "url_encode_plus",
    ),
    "time": ("format", "parse"),
    "uuid": ("generate",),
}  # fmt: skip
# https://cloud.google.com/workflows/docs/reference/stdlib/expression-helpers
HELPERS = ("bool", "default", "double", "get_type", "if", "int", "keys", "len", "string")
LONGEST_EXPRESSION = 400
MOST_BRANCHES = 10
LOOP = {"value", "index", "in", "range", "steps"}
PARALLEL = {"branches", "for", "shared", "exception_policy", "concurrency_limit"}
RETRY = {"predicate", "max_retries", "backoff"}
BACKOFF = {"initial_delay", "max_delay", "multiplier"}


def unknown_functions(tree: Tree[Token], routines: set[str]) -> Iterator[str]:
    """The functions that an expression calls and nothing has."""
    for node in tree.iter_subtrees():
        for position, child in enumerate(node.children):
            if not (isinstance(child, Tree) and child.data == "called"):
                continue
            names = _names(node.children[:position])
            if len(names) == 1 and names[0] not in (*HELPERS, *routines):
                yield names[0]
            elif len(names) == 2 and names[1] not in MEMBERS.get(names[0], (names[1],)):
                yield ".".join(names)


def _names(nodes: list[Any]) -> list[str]:
    """``text`` and ``split`` of ``text.split(...)``; nothing for what is not a plain path."""
    names = []
    for node in nodes:
        name = node.children[0] if isinstance(node, Tree) and node.data == "member" else node
        if not (isinstance(name, Token) and name.type == "NAME"):
            return []
        names.append(str(name))
    return names


def loop_errors(value: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of a loop."""
    if set(value) - LOOP:
        yield f"for has no {', '.join(sorted(map(str, set(value) - LOOP)))}"
    limits = value.get("range")
    if isinstance(limits, list) and len(limits) != 2:
        yield f"range is two numbers, not {excerpt(limits)}"


def parallel_errors(value: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of a parallel step."""
    if set(value) - PARALLEL:
        yield f"parallel has no {', '.join(sorted(map(str, set(value) - PARALLEL)))}"
    if value.get("exception_policy", "continueAll") != "continueAll":
        yield f"exception_policy is continueAll, not {excerpt(value['exception_policy'])}"
    branches = value.get("branches")
    if isinstance(branches, list) and len(branches) > MOST_BRANCHES:
        yield f"has {len(branches)} branches, allowed are {MOST_BRANCHES}"


def retry_errors(value: Any) -> Iterator[str]:
    """What is wrong with the policy of a retry."""
    if not isinstance(value, dict):
        return
    if set(value) - RETRY:
        yield f"retry has no {', '.join(sorted(map(str, set(value) - RETRY)))}"
    backoff = value.get("backoff")
    if isinstance(backoff, dict) and set(backoff) != BACKOFF:
        yield f"backoff needs {', '.join(sorted(BACKOFF))}, has {', '.join(sorted(backoff))}"
