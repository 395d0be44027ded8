"""Filters of Pub/Sub subscriptions, parsed by their grammar.

https://cloud.google.com/pubsub/docs/subscription-message-filter#filtering_syntax: AND and OR are
not mixed without parentheses.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lark import Lark
from lark.exceptions import LarkError

from pulumi_simcloud.failures import excerpt

GRAMMAR = r"""
start: one | one ("AND" one)+ | one ("OR" one)+
one: ("NOT" | "-")? term
term: "(" start ")" | call | attribute ("=" | "!=") STRING | "attributes" ":" (STRING | NAME)
call: "hasPrefix" "(" attribute "," STRING ")"
attribute: "attributes" "." (NAME | STRING)
NAME: /[A-Za-z_][\w-]*/
STRING: /"(\\.|[^"\\])*"/
%import common.WS
%ignore WS
"""


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="earley")


def filter_error(text: Any) -> str | None:
    """What is wrong with a filter; None if nothing is."""
    if not isinstance(text, str) or not text:
        return None
    try:
        _parser().parse(text)
    except LarkError:
        return f'{excerpt(text)} is no filter such as attributes.kind = "drift"'
    return None
