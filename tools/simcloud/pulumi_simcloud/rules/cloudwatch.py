"""The texts of CloudWatch: statistics, rules of composite alarms, dashboards, filter patterns.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

from __future__ import annotations

import re
from typing import Any

from pulumi_simcloud.failures import excerpt

_PERCENT = r"(?:100(?:\.0*)?|\d{1,2}(?:\.\d{1,10})?)"
_RANGE = rf"\((?:{_PERCENT}%)?:(?:{_PERCENT}%)?\)|\((?:\d+(?:\.\d+)?)?:(?:\d+(?:\.\d+)?)?\)"
EXTENDED = re.compile(
    rf"(?:p|tm|wm|tc|ts){_PERCENT}|(?:TM|WM|TC|TS)(?:{_RANGE})|PR(?:{_RANGE})|IQM"
)
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


def statistic_error(value: Any, plain: bool = False) -> str | None:
    """What is wrong with an extended statistic; `plain` ones are right too if asked."""
    if plain and value in STATISTICS:
        return None
    if isinstance(value, str) and EXTENDED.fullmatch(value):
        return None
    return f"{excerpt(value)} is no statistic such as p99, tm90, IQM, TM(10%:90%) or PR(0:100)"


# Composite alarms: the grammar of AlarmRule.
_TOKEN = re.compile(
    r"\s*(?:(?P<word>ALARM|OK|INSUFFICIENT_DATA|AT_LEAST|AND|OR|NOT|TRUE|FALSE)\b"
    r"|(?P<sign>[(),])|\"(?P<quoted>[^\"]+)\"|(?P<name>[^\s\"(),]+))"
)
STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")


class AlarmRule:
    """A rule of a composite alarm, read from its text.

    Attributes:
        names: the alarms that it is about.
        error: what is wrong with the text; None if nothing is.
    """

    def __init__(self, text: str) -> None:
        self.names: list[str] = []
        self.error: str | None = None
        self._tokens = _tokens(text)
        self._at = 0
        try:
            # hashicorp/terraform-provider-aws#19575.
            if text != text.strip():
                raise ValueError("AlarmRule must not contain leading or trailing whitespace")
            if self._tokens is None:
                raise ValueError("it has characters that belong to nothing")
            self._expression()
            if self._peek() is not None:
                raise ValueError(f"{self._peek()!r} is one too many")
        except ValueError as error:
            self.error = f"{excerpt(text)} is no alarm rule: {error}"

    def _peek(self) -> str | None:
        tokens = self._tokens or []
        return tokens[self._at] if self._at < len(tokens) else None

    def _next(self, expected: str | None = None) -> str:
        token = self._peek()
        if token is None or (expected is not None and token != expected):
            raise ValueError(f"{expected or 'more'} is missing")
        self._at += 1
        return token

    def _expression(self) -> None:
        self._term()
        while self._peek() in ("AND", "OR"):
            self._next()
            self._term()

    def _term(self) -> None:
        token = self._next()
        if token == "NOT":
            self._term()
        elif token == "(":
            self._expression()
            self._next(")")
        elif token in ("TRUE", "FALSE"):
            return
        elif token in STATES:
            self._next("(")
            self._alarm()
            self._next(")")
        elif token == "AT_LEAST":
            self._at_least()
        else:
            raise ValueError(f"{token!r} is neither a state nor an operator")

    def _at_least(self) -> None:
        self._next("(")
        if not re.fullmatch(r"=\d+%?", self._next()):
            raise ValueError("AT_LEAST begins with a number")
        self._next(",")
        state = self._next()
        if state == "NOT":
            state = self._next()
        if state not in STATES:
            raise ValueError(f"{state!r} is no state such as ALARM or NOT OK")
        self._next(",")
        self._next("(")
        self._alarm()
        while self._peek() == ",":
            self._next()
            self._alarm()
        self._next(")")
        self._next(")")

    def _alarm(self) -> None:
        token = self._next()
        if not token.startswith("="):
            raise ValueError(f"{token!r} is no name of an alarm")
        self.names.append(token[1:])


def _tokens(text: str) -> list[str] | None:
    """Words and signs as they are, names with = in front; None if a part is neither."""
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        name = match["quoted"] or match["name"]
        tokens.append(f"={name}" if name else match["word"] or match["sign"])
        position = match.end()
    return tokens
