"""Expressions over metrics of CloudWatch: their grammar, and queries of Metrics Insights.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
"""

from __future__ import annotations

import re
from functools import cache

from pulumi_simcloud.failures import excerpt

# Functions by what they give: "one" a number or a time series, "many" an array of them, "same"
# what they were given, "fold" one from an array.
FUNCTIONS = {
    **dict.fromkeys(("ABS", "CEIL", "FLOOR", "LOG", "LOG10", "DIFF", "DIFF_TIME", "RATE"), "same"),
    **dict.fromkeys(("FILL", "RUNNING_SUM", "IF", "SERVICE_QUOTA"), "same"),
    **dict.fromkeys(("AVG", "MAX", "MIN", "SUM", "STDDEV", "METRIC_COUNT"), "fold"),
    **dict.fromkeys(("DATAPOINT_COUNT",), "same"),
    **dict.fromkeys(("ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "LAMBDA", "PREDICT"), "many"),
    **dict.fromkeys(("METRICS", "REMOVE_EMPTY", "SLICE", "SORT", "SEARCH", "LOOKUP"), "many"),
    **dict.fromkeys(("FIRST", "LAST", "PERIOD", "TIME_SERIES", "INSIGHT_RULE_METRIC"), "one"),
    **dict.fromkeys(("DAY", "DATE", "MONTH", "YEAR", "EPOCH", "HOUR", "MINUTE"), "one"),
}
TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign>&&|\|\||[<>=!]=|[-+*/^<>(),\[\]]))"
)
OPERATORS = ("+", "-", "*", "/", "^", "==", "!=", "<=", ">=", "<", ">", "AND", "OR", "&&", "||")


class _Expression:
    """Reads an expression; `kind` tells whether it gives one time series or many."""

    def __init__(self, text: str) -> None:
        self.ids: set[str] = set()
        self.functions: set[str] = set()
        self._tokens = _tokens(text)
        self._at = 0
        self.kind = self._whole()
        if self._at < len(self._tokens):
            raise ValueError(f"{self._tokens[self._at]!r} is one too many")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self, expected: str = "") -> str:
        token = self._peek()
        if not token or (expected and token != expected):
            raise ValueError(f"{expected or 'an operand'} is missing")
        self._at += 1
        return token

    def _whole(self) -> str:
        kind = self._part()
        while self._peek().upper() in OPERATORS:
            self._next()
            other = self._part()
            kind = "many" if "many" in (kind, other) else kind
        return kind

    def _part(self) -> str:
        token = self._next()
        if token in ("-", "+"):
            return self._part()
        if token == "(":
            kind = self._whole()
            self._next(")")
            return kind
        if token == "[":
            self._listed("]")
            return "many"
        if token[0] in "\"'" or token[0].isdigit() or token[0] == ".":
            return "one"
        if not (token[0].isalpha() or token[0] == "_"):
            raise ValueError(f"{token!r} is no operand")
        if self._peek() == "(":
            self._next()
            return self._call(token.upper())
        # Words such as REPEAT and ASC tell a function how to do its work.
        if not token.isupper():
            self.ids.add(token)
        return "one"

    def _call(self, name: str) -> str:
        if name not in FUNCTIONS:
            raise ValueError(f"Unknown function {name}")
        self.functions.add(name)
        kinds = self._listed(")")
        gives = FUNCTIONS[name]
        if gives == "same":
            return "many" if "many" in kinds else "one"
        return "one" if gives == "fold" else gives

    def _listed(self, end: str) -> list[str]:
        if self._peek() == end:
            self._next()
            return []
        kinds = [self._whole()]
        while self._peek() == ",":
            self._next()
            kinds.append(self._whole())
        self._next(end)
        return kinds


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"{text[position:].strip()[:10]!r} is no part of an expression")
        tokens.append(match[0].strip())
        position = match.end()
    return tokens


# Metrics Insights: clauses in their order.
NAMED = r"(?:[A-Za-z_][\w]*|\"[^\"]+\")"
KEY = rf"{NAMED}(?:\.{NAMED})?"
QUERY = re.compile(
    rf"SELECT\s+(?:AVG|COUNT|MAX|MIN|SUM)\s*\(\s*{NAMED}\s*\)"
    rf"\s+FROM\s+(?:SCHEMA\s*\(\s*{NAMED}\s*(?:,\s*{KEY}\s*)*\)|{NAMED})"
    rf"(?:\s+WHERE\s+(?P<tests>.+?))?"
    rf"(?:\s+GROUP\s+BY\s+{KEY}(?:\s*,\s*{KEY})*)?"
    rf"(?:\s+ORDER\s+BY\s+(?:AVG|COUNT|MAX|MIN|SUM)\s*\(\s*\)(?:\s+(?:ASC|DESC))?)?"
    rf"(?:\s+LIMIT\s+\d+)?\s*",
    re.IGNORECASE | re.DOTALL,
)
TESTS = re.compile(
    rf"\s*{KEY}\s*(?:=|!=)\s*'[^']*'(?:\s+AND\s+{KEY}\s*(?:=|!=)\s*'[^']*')*\s*", re.IGNORECASE
)


@cache
def expression_error(text: str, *, alarm: bool = False, returned: bool = False) -> str | None:
    """What is wrong with an expression; one that an alarm reads has to give one time series."""
    if re.match(r"\s*SELECT\b", text, re.IGNORECASE):
        return _query_error(text)
    try:
        read = _Expression(text)
    except ValueError as error:
        return f"Error in expression {excerpt(text)}: {error}"
    if alarm and "SEARCH" in read.functions:
        return f"{excerpt(text)}: SEARCH is not supported on Metric Alarms"
    single = read.functions.isdisjoint(("ANOMALY_DETECTION_BAND", "LAMBDA", "DB_PERF_INSIGHTS"))
    if alarm and returned and read.kind == "many" and single:
        return f"{excerpt(text)} gives more than one time series"
    return None


def _query_error(text: str) -> str | None:
    match = QUERY.fullmatch(text.strip())
    if match is None or (match["tests"] and not TESTS.fullmatch(match["tests"])):
        return f'{excerpt(text)} is no query such as SELECT AVG(CPUUtilization) FROM "AWS/EC2"'
    return None


@cache
def ids_of(text: str) -> frozenset[str]:
    """The queries that an expression reads; none of an expression that is wrong."""
    if re.match(r"\s*SELECT\b", text, re.IGNORECASE):
        return frozenset()
    try:
        return frozenset(_Expression(text).ids)
    except ValueError:
        return frozenset()
