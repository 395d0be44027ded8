"""The names in a workflow's expressions: a variable of the (sub)workflow, or what can be called.

https://cloud.google.com/workflows/docs/troubleshooting#deployment-errors: "symbol 'varC' is neither
a variable nor a sub-workflow name". Left out: where in its (sub)workflow a variable is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark import Token, Tree

ROOT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The keys whose text is a variable's name, beside assign and params.
NAMING = ("result", "as", "index")


def variables(routine: Any) -> Iterator[str]:
    """Every name that a (sub)workflow gives a value, anywhere in it."""
    if isinstance(routine, list):
        for item in routine:
            yield from variables(item)
    if not isinstance(routine, dict):
        return
    for key, value in routine.items():
        if key in ("assign", "params", "shared") and isinstance(value, list):
            yield from (_root(item) for item in value)
        elif key in NAMING and isinstance(value, str):
            yield _root(value)
        elif key == "for" and isinstance(value, dict):
            yield _root(value.get("value"))
        yield from variables(value)


def _root(item: Any) -> str:
    name = next(iter(item), "") if isinstance(item, dict) else item
    found = ROOT.match(str(name))
    return found.group() if found else ""


def symbols(tree: Tree[Token]) -> Iterator[str]:
    """The names that an expression reads; what it calls, and members, are not among them."""
    for node in tree.iter_subtrees():
        if node.data == "member":
            continue
        for child, after in zip(node.children, [*node.children[1:], None], strict=True):
            called = isinstance(after, Tree) and after.data == "called"
            if isinstance(child, Token) and child.type == "NAME" and not called:
                yield str(child)
