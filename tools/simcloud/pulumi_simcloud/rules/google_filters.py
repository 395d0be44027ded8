"""The filter languages of Cloud Monitoring and Cloud Logging, parsed by their grammars.

Monitoring: https://cloud.google.com/monitoring/api/v3/filters. Selectors of the objects `metric`,
`resource`, `metadata`, `group` and `project` are compared with texts, numbers or one of five
functions; comparisons are joined by AND (or by standing side by side), OR and NOT.

Logging: https://cloud.google.com/logging/docs/view/logging-query-language, "Syntax notation".
Left out: the types of the fields of `protoPayload`, which differ by service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from pulumi_simcloud.constraints.discovery import discovery
from pulumi_simcloud.failures import excerpt

MONITORING = r"""
start: any
any: all ("OR" all)*
all: one ("AND"? one)*
?one: ("NOT" | "-") one -> negated
    | "(" any ")"
    | comparison
comparison: NAME OPERATOR value
?value: function | STRING | NUMBER | BARE
function: FUNCTION "(" _arguments ")"
_arguments: (STRING | NUMBER) ("," (STRING | NUMBER))*
FUNCTION.3: "starts_with" | "ends_with" | "has_substring" | "one_of" | "monitoring.regex.full_match"
NAME.2: /[a-z_]+(\.([A-Za-z_][\w-]*|"[^"]+"))*/
OPERATOR: "!=" | ">=" | "<=" | "=" | ">" | "<" | ":"
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
NUMBER.2: /-?\d+(\.\d+)?/
BARE: /true|false/
%import common.WS
%ignore WS
"""

LOGGING = r"""
start: any?
any: all ("OR" all)*
all: one ("AND"? one)*
?one: ("NOT" | "-") one -> negated
    | "(" any ")"
    | comparison
    | call
    | text
comparison: (field | call) OPERATOR operand
?operand: call | literal | "(" choices ")"
choices: choice (("OR" | "AND") choice)*
?choice: "NOT"? (literal | "(" choices ")")
literal: STRING | WORD
text: STRING | WORD
field: WORD | STRING
call: FUNCTION "(" (argument ("," argument)*)? ")"
argument: STRING | WORD
FUNCTION.4: /(log_id|source|sample|ip_in_net|cast|regexp_extract|SEARCH|search)(?=\s*\()/
OPERATOR: "=~" | "!~" | "!=" | ">=" | "<=" | "=" | ">" | "<" | ":"
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
WORD: /(?!(AND|OR|NOT)\b)[^\s"'()=<>!:~,-]([^\s"'()=<>!:~,]|"[^"]*")*/
COMMENT: /--[^\n]*/
%import common.WS
%ignore WS
%ignore COMMENT
"""
ROOTS = ("metric", "resource", "metadata", "group", "project")
SELECTORS = re.compile(
    r"project|group\.id|(metric|resource)\.type|(metric|resource)\.labels?\.[^.]+"
    r"|metadata\.(system_labels?|user_labels?)\..+|resource\.metadata\..+"
)
# https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#logseverity
SEVERITIES = (
    "DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY",
)  # fmt: skip
REGEX = ("=~", "!~")


@dataclass(frozen=True)
class Comparison:
    """One comparison: `function` is that on the right side, empty for a plain value."""

    selector: str
    operator: str
    values: tuple[str, ...]
    function: str = ""
    negated: bool = False


class FilterError(ValueError):
    """A filter that its service does not take."""


def monitoring_filter(text: str) -> list[Comparison]:
    """The comparisons of a Monitoring filter; FilterError if it is none."""
    tree = _parsed("monitoring", text)
    comparisons = list(_comparisons(tree, False))
    for item in comparisons:
        if not SELECTORS.fullmatch(item.selector):
            raise FilterError(f"{item.selector!r} is no selector of {', '.join(ROOTS)}")
        if item.function == "monitoring.regex.full_match":
            _check_regex(item.values[0])
        if item.function and item.operator not in ("=", "!="):
            raise FilterError(f"{item.function} takes = or !=, not {item.operator!r}")
        if item.selector.endswith(".type") and item.operator in ("<", "<=", ">", ">="):
            raise FilterError(f"{item.selector} is a text: {item.operator!r} does not apply")
    return comparisons


def without_variables(text: str) -> str:
    """A dashboard's filter with some restriction for each of its variables, such as ``${zone}``.

    https://cloud.google.com/monitoring/charts/dashboard-filters-chart
    """
    text = re.sub(r"(?<=[=:])\s*\$\{[\w.]+\}", '"x"', text)
    return re.sub(
        r'"[^"]*"|\$\{[\w.]+\}',
        lambda found: found[0] if found[0][0] == '"' else 'metadata.user_labels.x="x"',
        text,
    )


def series_filter(text: str) -> tuple[str, str]:
    """Metric and resource type of a filter that selects time series of one metric.

    Raises FilterError unless the filter names exactly one metric type by ``=``, and not more than
    one resource type. The resource type is empty where the filter leaves it open.
    """
    comparisons = monitoring_filter(text)
    metrics = [item for item in comparisons if item.selector == "metric.type"]
    if len(metrics) != 1 or metrics[0].operator != "=" or metrics[0].function:
        raise FilterError('exactly one restriction metric.type = "TYPE" is needed')
    if metrics[0].negated:
        raise FilterError("the restriction on metric.type is negated")
    resources = [item for item in comparisons if item.selector == "resource.type"]
    if len(resources) > 1:
        raise FilterError(f"{len(resources)} restrictions on resource.type, allowed is one")
    plain = [item for item in resources if item.operator == "=" and not item.function]
    return metrics[0].values[0], plain[0].values[0] if plain else ""


def log_filter(text: str) -> list[Comparison]:
    """The comparisons of a query of log entries; FilterError if it is none."""
    tree = _parsed("logging", text)
    comparisons = list(_comparisons(tree, False))
    for item in comparisons:
        root = item.selector.split(".")[0].strip('"')
        if root and _camel(root) not in _entry_fields():
            raise FilterError(f"field {item.selector!r}: {root!r} is no field of a log entry")
        check_field(item.selector)
        if item.operator in REGEX:
            for value in item.values:
                _check_regex(value)
        if root in ("timestamp", "receiveTimestamp") and item.operator not in REGEX:
            for value in item.values:
                if not re.match(r"\d{4}-\d\d", value):
                    raise FilterError(f"{value!r} is no time such as 2030-01-31T00:00:00Z")
        if root == "severity" and item.operator not in REGEX:
            for value in item.values:
                if value.upper() not in SEVERITIES and not value.isdigit():
                    raise FilterError(f"{value!r} is no severity: one of {', '.join(SEVERITIES)}")
    return comparisons


def check_field(selector: str) -> None:
    """Raises FilterError for a field that the parts of a log entry lack: "Field not found".

    What has no fields of its own is not looked into, nor are payloads and maps.
    """
    schemas = discovery("logging.v2")["schemas"]
    schema = schemas["LogEntry"]
    for part in re.findall(r'"[^"]*"|[^."]+', selector):
        fields = schema.get("properties")
        if not fields:
            return
        field = fields.get(_camel(part.strip('"')))
        if field is None:
            raise FilterError(f"Field not found: {part!r} in {selector!r}")
        schema = schemas[field["$ref"]] if "$ref" in field else field


def _comparisons(tree: Tree[Token], negated: bool) -> Iterator[Comparison]:
    for child in tree.children:
        if not isinstance(child, Tree):
            continue
        if child.data == "negated":
            yield from _comparisons(child, not negated)
        elif child.data == "comparison":
            yield _comparison(child, negated)
        elif child.data == "call":
            yield Comparison("", "", _values(child), str(child.children[0]), negated)
        else:
            yield from _comparisons(child, negated)


def _comparison(tree: Tree[Token], negated: bool) -> Comparison:
    left, operator, right = tree.children
    function = ""
    if isinstance(right, Tree) and right.data in ("function", "call"):
        function = str(right.children[0])
    if isinstance(left, Tree):
        selector = "" if left.data == "call" else _plain(str(left.children[0]))
    else:
        selector = str(left)
    return Comparison(selector, str(operator), _values(right), function, negated)


def _values(node: Any) -> tuple[str, ...]:
    if isinstance(node, Token):
        return (_plain(str(node)),)
    tokens = node.scan_values(lambda item: isinstance(item, Token))
    return tuple(_plain(str(item)) for item in tokens if item.type != "FUNCTION")


def _plain(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _check_regex(text: str) -> None:
    """RE2's syntax is Python's without references and lookarounds, as far as looked at here."""
    if re.search(r"\(\?(=|!|<=|<!)|\\[1-9]", text):
        raise FilterError(f"the regular expression {excerpt(text)} has what RE2 lacks")
    try:
        re.compile(text)
    except re.error as error:
        raise FilterError(f"{excerpt(text)} is no regular expression: {error}") from None


@cache
def _parsed(language: str, text: str) -> Tree[Token]:
    try:
        return _parser(language).parse(text)
    except UnexpectedEOF:
        raise FilterError("it ends too early") from None
    except (UnexpectedCharacters, UnexpectedToken) as error:
        position = f"line {error.line} column {error.column}"
        raise FilterError(f"it does not parse at {position}: {excerpt(text[:200])}") from None
    except LarkError as error:
        raise FilterError(str(error)[:200]) from None


@cache
def _parser(language: str) -> Lark:
    return Lark({"monitoring": MONITORING, "logging": LOGGING}[language], parser="lalr")


@cache
def _entry_fields() -> frozenset[str]:
    entry = discovery("logging.v2")["schemas"]["LogEntry"]["properties"]
    return frozenset(entry)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
