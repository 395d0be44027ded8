"""Filter patterns of CloudWatch Logs: terms, JSON and columns.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from typing import Any

from pulumi_simcloud.failures import excerpt

# PutMetricFilter: "a quota of two regular expression patterns within a single filter pattern".
MOST_EXPRESSIONS = 2


def expressions_in(text: Any) -> list[str]:
    """The regular expressions in a filter pattern."""
    return re.findall(r"%([^%]*)%", re.sub(r'"[^"]*"', "", text)) if isinstance(text, str) else []


def filter_error(text: Any) -> str | None:
    """What is wrong with a filter pattern: brackets of its three kinds, quotes, regular ones."""
    if not isinstance(text, str):
        return None
    plain = text.strip()
    expressions = expressions_in(plain)
    if len(expressions) > MOST_EXPRESSIONS:
        return f"{len(expressions)} regular expressions, allowed are {MOST_EXPRESSIONS}"
    for expression in expressions:
        try:
            re.compile(expression)
        except re.error as error:
            return f"Invalid regex {excerpt(expression)}: {error}"
    bare = re.sub(r"\"(?:\\.|[^\"\\])*\"|%[^%]*%", "x", plain)
    if '"' in bare:
        return f"Invalid character(s) in term: {excerpt(text)} has a quote that is not closed"
    for opening, closing in ("{}", "[]", "()"):
        if bare.count(opening) != bare.count(closing):
            return f"{excerpt(text)} has a {opening} or {closing} without its partner"
    if plain.startswith("{"):
        return _json_filter_error(bare)
    if plain.startswith("["):
        return None if plain.endswith("]") else f"{excerpt(text)} does not end with ]"
    word = re.search(r"(?<![\w\"%?-])[-?]?\w*[^\w\s\"%?*.\-\\]\S*", bare)
    return f"Invalid character(s) in term {excerpt(word.group())}" if word else None


def _json_filter_error(text: str) -> str | None:
    if not text.endswith("}"):
        return f"{excerpt(text)} does not end with }}"
    inside = text[1:-1].strip()
    comparison = (
        r"\(?\s*\(*\s*(?:\$(?:\.[\w*-]+|\[[^\]]*\])+|\$)\s*"
        r"(?:(?:=|!=|<=|>=|<|>)\s*\S+|IS\s+(?:NULL|TRUE|FALSE)|NOT\s+EXISTS)\s*\)*"
    )
    parts = re.split(r"&&|\|\|", inside)
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html, "Using
    # wildcards to match terms in JSON": one in a selector, three in a pattern.
    selectors = re.findall(r"\$(?:\.[\w*-]+|\[[^\]]*\])+", inside)
    if any(name.count("*") > 1 for name in selectors) or sum("*" in n for n in selectors) > 3:
        return f"{excerpt(text)} has over one wildcard in a selector, or over three"
    bad = next((part for part in parts if not re.fullmatch(comparison, part.strip())), None)
    if re.search(r"[=<>]\s*'", inside):
        return f"{excerpt(text)}: a text stands in double quotes"
    return f"{excerpt(bad)} is no condition such as $.level = 40" if bad is not None else None
