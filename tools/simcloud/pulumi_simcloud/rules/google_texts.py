"""Rules on Google Cloud's texts: filters, PromQL, CEL, sources of workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Rule
from pulumi_simcloud.rules.basic import check
from pulumi_simcloud.rules.google_filters import FilterError, log_filter
from pulumi_simcloud.rules.workflows import workflow_source

# https://cloud.google.com/iam/docs/conditions-attribute-reference
# CEL's own, of its extension for strings, and of IAM:
# https://cloud.google.com/iam/docs/conditions-attribute-reference#functions,
# https://cloud.google.com/iam/docs/workload-identity-federation#mapping
FUNCTIONS = (
    "all", "bool", "bytes", "charAt", "contains", "date", "double", "duration", "dyn", "endsWith",
    "exists", "exists_one", "existsOne", "extract", "filter", "format", "getAttribute", "getDate",
    "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours",
    "getMilliseconds", "getMinutes", "getMonth", "getSeconds", "has", "hasOnly", "hasTagKey",
    "hasTagKeyId", "inIpRange", "indexOf", "int", "join", "lastIndexOf", "lowerAscii", "map",
    "matchTag", "matchTagId", "matches", "replace", "size", "split", "startsWith", "string",
    "substring", "timestamp", "trim", "type", "uint", "upperAscii",
)  # fmt: skip
# Macros that bind their first argument: github google/cel-go, parser/macro.go, as AllMacros.
MACROS = ("all", "exists", "exists_one", "existsOne", "filter", "map")
CONDITION_ROOTS = ("request", "resource", "destination", "origin", "api", "principal")


def log_query(path: str) -> Rule:
    """A query of the Logging query language."""

    def test(value: Any) -> str | None:
        try:
            log_filter(value)
        except FilterError as error:
            return f"Unparseable filter: {error}"
        return None

    return check(path, test)


def promql(path: str) -> Rule:
    """A PromQL expression, as Prometheus' own grammar has it."""

    def test(value: Any) -> str | None:
        import promql_parser

        try:
            promql_parser.parse(value)
        except ValueError as error:
            return f"{excerpt(value)} is no PromQL: {error}"
        return None

    return check(path, test)


def cel(path: str, roots: tuple[str, ...]) -> Rule:
    """A CEL expression over the variables `roots`."""
    return check(path, lambda value: cel_reason(value, roots))


def source(path: str) -> Rule:
    """A workflow that deploys."""

    def test(value: Any) -> str | None:
        return "; ".join(workflow_source(value)[:3]) or None

    return check(path, test)


def seconds(path: str, lowest: float, highest: float, step: float = 0) -> Rule:
    """A duration such as ``60s``, in a range, and a multiple of `step` seconds if one is given."""

    def test(value: Any) -> str | None:
        match = re.fullmatch(r"(\d+(?:\.\d{1,9})?)s", str(value))
        if match is None:
            return f"{excerpt(value)} is no duration such as '60s'"
        duration = float(match[1])
        if not lowest <= duration <= highest:
            return f"{excerpt(value)} is out of range, allowed are {lowest:g}s to {highest:g}s"
        if step and duration % step:
            return f"{excerpt(value)} is not a multiple of {step:g}s"
        return None

    return check(path, test)


def cel_reason(text: str, roots: tuple[str, ...]) -> str | None:
    """The reason that a text is no CEL expression over the variables `roots`; None if it is one."""
    from celpy import Environment
    from celpy.celparser import CELParseError

    try:
        tree = Environment().compile(text)
    except CELParseError as error:
        return f"{excerpt(text)} is no CEL expression: {str(error)[:120]}"
    called = sorted(set(_called(tree)) - set(FUNCTIONS))
    if called:
        return f"undeclared reference to {', '.join(map(repr, called))} in {excerpt(text)}"
    if re.search(r"\brequest\.time\s*(?:[<>]=?|[!=]=)\s*[\"']", text):
        return f"no matching overload for timestamp and string in {excerpt(text)}"
    if re.fullmatch(r"\s*(?:'[^']*'|\"[^\"]*\"|\d+)\s*", text) and roots != ("assertion",):
        return f"{excerpt(text)} is not true or false"
    strange = sorted(set(_variables(tree)) - set(roots))
    if strange:
        return f"undeclared reference to {', '.join(map(repr, strange))} in {excerpt(text)}"
    return None


def _variables(tree: Any, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """The variables that an expression reads, without those that its macros bind."""
    bound |= frozenset(_bound(tree))
    for node in tree.find_data("ident"):
        name = str(node.children[0])
        if name not in bound:
            yield name


def _called(tree: Any) -> Iterator[str]:
    """The functions that an expression calls, with and without what they belong to."""
    for node in tree.find_data("member_dot_arg"):
        yield str(node.children[1])
    for node in tree.find_data("ident_arg"):
        yield str(node.children[0])


def _bound(tree: Any) -> Iterator[str]:
    """The first arguments of macros such as ``list.exists(item, ...)``, which are plain names."""
    for node in tree.find_data("member_dot_arg"):
        if str(node.children[1]) in MACROS and node.children[2:]:
            first = node.children[2].children[0]
            names = list(first.find_data("ident"))
            if len(names) == len(list(first.scan_values(lambda _: True))) == 1:
                yield str(names[0].children[0])
