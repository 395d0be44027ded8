"""Conditions of role assignments, in the part of the language that constrains what is assigned.

https://learn.microsoft.com/azure/role-based-access-control/conditions-format: expressions of
``ActionMatches{'...'}`` and of attributes compared with texts or sets, with !, AND, OR and
brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pulumi_simcloud.permissions import NotUnderstoodError
from pulumi_simcloud.permissions.globs import fits

TOKEN = re.compile(
    r"\s*(?:(?P<matches>!?\s*(?:Sub)?(?:Operation|Action)Matches)\s*\{\s*'(?P<action>[^']*)'\s*\}"
    r"|@(?P<source>\w+)\[(?P<key>[^\]]+)\]|(?P<exists>(?:Not)?Exists)\b"
    r"|(?P<word>AND|OR|&&|\|\||NOT|!|\(|\))"
    r"|(?P<operator>(?:For\w+Values:)?\w+)|\{(?P<set>[^}]*)\}|'(?P<text>[^']*)')"
)
TESTS: dict[str, Callable[[str, str], bool]] = {
    "guidequals": lambda value, expected: value.lower() == expected.lower(),
    "stringequals": lambda value, expected: value == expected,
    "stringequalsignorecase": lambda value, expected: value.lower() == expected.lower(),
    "stringlike": fits,
    "stringstartswith": str.startswith,
}
# Attributes of what is assigned, which no other request has.
ASSIGNED = {
    f"microsoft.authorization/roleassignments:{name}"
    for name in ("roledefinitionid", "principalid", "principaltype")
}
QUANTIFIERS = {"foranyofanyvalues", "foranyofallvalues", "forallofanyvalues", "forallofallvalues"}


def holds(condition: str, action: str, context: Mapping[str, Any]) -> bool:
    """True if a condition holds for an action.

    Raises:
        NotUnderstoodError: it says what cannot be read here.
    """
    parser = _Parser(condition, action, context)
    value = parser.disjunction()
    if parser.has_more():
        parser.fail()
    return value


class _Parser:
    def __init__(self, text: str, action: str, context: Mapping[str, Any]) -> None:
        self.text, self.action, self.context = text, action, context
        self.position = 0

    def has_more(self) -> bool:
        return bool(self.text[self.position :].strip())

    def fail(self) -> Any:
        rest = self.text[self.position :].strip()[:60]
        raise NotUnderstoodError(f"NotUnderstood: a condition at {rest!r}")

    def peek(self) -> re.Match[str] | None:
        return TOKEN.match(self.text, self.position)

    def take(self) -> re.Match[str]:
        match = self.peek()
        if match is None:
            self.fail()
        assert match is not None
        self.position = match.end()
        return match

    def _next_is(self, *words: str) -> bool:
        match = self.peek()
        if match is None or match["word"] not in words:
            return False
        self.position = match.end()
        return True

    def disjunction(self) -> bool:
        value = self.conjunction()
        while self._next_is("OR", "||"):
            right = self.conjunction()
            value = value or right
        return value

    def conjunction(self) -> bool:
        value = self.term()
        while self._next_is("AND", "&&"):
            right = self.term()
            value = value and right
        return value

    def term(self) -> bool:
        if self._next_is("!", "NOT"):
            return not self.term()
        if self._next_is("("):
            value = self.disjunction()
            if not self._next_is(")"):
                self.fail()
            return value
        match = self.take()
        if match["matches"]:
            negated = match["matches"].startswith("!")
            if "Sub" in match["matches"]:
                # No call here has a suboperation.
                return negated
            return fits(self.action, match["action"], ignore_case=True) != negated
        if match["exists"]:
            target = self.take()
            exists = self._value(target) is not None
            return exists == (match["exists"] == "Exists")
        if match["source"]:
            return self._compared(match)
        return self.fail()

    def _value(self, match: re.Match[str]) -> Any:
        if not match["source"]:
            self.fail()
        key = f"{match['source']}[{match['key']}]".lower()
        if key not in self.context:
            if match["key"].lower() in ASSIGNED:
                # Of a request that assigns nothing: the comparison is false, not the condition.
                return None
            name = f"@{match['source']}[{match['key']}]"
            raise NotUnderstoodError(f"NotUnderstood: the attribute {name} of a condition")
        return self.context[key]

    def _compared(self, match: re.Match[str]) -> bool:
        value = self._value(match)
        operator = self.take()["operator"] or self.fail()
        operand = self.take()
        if operand["set"] is not None:
            texts = [item.strip().strip("'") for item in operand["set"].split(",")]
        elif operand["text"] is not None:
            texts = [operand["text"]]
        else:
            self.fail()
        quantifier, _, plain = operator.lower().rpartition(":")
        negated = "not" in plain
        test = TESTS.get(plain.replace("not", ""))
        if test is None or (quantifier and quantifier not in QUANTIFIERS):
            raise NotUnderstoodError(f"NotUnderstood: the operator {operator!r} of a condition")
        if value is None:
            return negated
        items = value if isinstance(value, list) else [value]
        # First the values of the attribute, then those that are compared with.
        over = all if quantifier.startswith("forall") else any
        among = all if quantifier.endswith("allvalues") else any
        return over(among(test(item, text) != negated for text in texts) for item in items)
