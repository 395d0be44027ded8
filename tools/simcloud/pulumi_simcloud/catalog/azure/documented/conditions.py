"""The language of conditions of role assignments: what the service reads before it stores one.

learn.microsoft.com, "Azure role assignment condition format and syntax" (grammar, operators),
"Actions and attributes for Azure role assignment conditions for Azure Blob Storage" and the same
of queues, "Authorization actions and attributes". It answers "The given role assignment condition
is invalid" or "Resource attribute ... is not valid" ("Troubleshoot Azure role assignment
conditions").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.rules.azure import exists

TOKEN = re.compile(
    r"\s*(?:(?P<matches>(?:Sub)?Operation(?:Matches)|ActionMatches)\s*\{(?P<names>[^}]*)\}"
    r"|@(?P<source>\w+)\s*\[(?P<key>[^\]]*)\]"
    r"|(?P<word>AND\b|OR\b|NOT\b|&&|\|\||!|\(|\))"
    r"|(?P<exists>(?:Not)?Exists\b)"
    r"|(?P<operator>(?:For\w+Values:)?[A-Za-z]\w*)"
    r"|(?P<set>\{[^}]*\})|(?P<text>'[^']*')|(?P<number>-?\d+(?:\.\d+)?))",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"((ForAnyOfAnyValues|ForAllOfAnyValues|ForAnyOfAllValues|ForAllOfAllValues):)?"
    r"(String(Not)?(Equals|StartsWith|Like)(IgnoreCase)?"
    r"|(Numeric|DateTime)(Equals|NotEquals|LessThan(Equals)?|GreaterThan(Equals)?)"
    r"|(Bool|Guid)(Not)?Equals"
    r"|Time(Of\w+)?((Not)?Equals|GreaterThan(Equals)?|LessThan(Equals)?|InRange))",
    re.IGNORECASE,
)
SOURCES = ("resource", "request", "principal", "environment")
CONTAINER = "storageaccounts/blobservices/containers"
# Attributes of providers that list theirs, without the provider in front.
ATTRIBUTES = {
    "microsoft.storage": (
        "storageaccounts:name", "storageaccounts:ishnsenabled",
        "storageaccounts/encryptionscopes:name", f"{CONTAINER}:name", f"{CONTAINER}:metadata",
        f"{CONTAINER}/blobs:path", f"{CONTAINER}/blobs:snapshot", f"{CONTAINER}/blobs:versionid",
        f"{CONTAINER}/blobs:iscurrentversion", f"{CONTAINER}/blobs:prefix",
        f"{CONTAINER}/blobs:include", f"{CONTAINER}/blobs:blobtype",
        f"{CONTAINER}/blobs/tags&$keys$&", "storageaccounts/queueservices/queues:name",
    ),
    "microsoft.authorization": (
        "roleassignments:roledefinitionid", "roleassignments:principalid",
        "roleassignments:principaltype",
    ),
    # It has none (github Azure/azure-cli, issue 15683).
    "microsoft.servicebus": (),
}  # fmt: skip
KEYED = re.compile(
    rf"{re.escape(CONTAINER)}/blobs/tags:[^<>\s]+<\$key_case_(in)?sensitive\$>"
    rf"|{re.escape(CONTAINER)}/metadata:[^<>\s]+(<\$key_case_(in)?sensitive\$>)?"
)
QUOTED = re.compile(r"\s*'[^']*'\s*(,\s*'[^']*'\s*)*")
LISTED = re.compile(r"\s*[^\s,'\"]+\s*(,\s*[^\s,'\"]+\s*)*")


class _Error(Exception):
    """What cannot be read in a condition."""


def condition_error(value: object) -> str | None:
    """What is wrong with a condition; None if nothing is."""
    if not isinstance(value, str):
        return None
    try:
        _Reader(value).read()
    except _Error as error:
        return f"The given role assignment condition is invalid: {error}"
    return None


class _Reader:
    """Reads a condition from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0

    def read(self) -> None:
        self._either()
        rest = self.text[self.position :].strip()
        if rest:
            raise _Error(f"at {excerpt(rest)}")

    def _next(self) -> re.Match[str]:
        match = TOKEN.match(self.text, self.position)
        if match is None:
            rest = self.text[self.position :].strip()
            raise _Error(f"at {excerpt(rest)}" if rest else "it ends too early")
        self.position = match.end()
        return match

    def _is_next(self, *words: str) -> bool:
        match = TOKEN.match(self.text, self.position)
        if match is None or str(match["word"]).upper() not in words:
            return False
        self.position = match.end()
        return True

    def _either(self) -> None:
        self._term()
        while self._is_next("OR", "||", "AND", "&&"):
            self._term()

    def _term(self) -> None:
        while self._is_next("!", "NOT"):
            pass
        if self._is_next("("):
            self._either()
            if not self._is_next(")"):
                raise _Error("a bracket is not closed")
            return
        match = self._next()
        if match["matches"]:
            _check(_matched(match["matches"], match["names"]))
        elif match["exists"]:
            target = self._next()
            if not target["source"]:
                raise _Error(f"{match['exists']} of no attribute")
            _check(_attribute(target["source"], target["key"]))
        elif match["source"]:
            self._compared(match)
        else:
            raise _Error(f"{match.group().strip()!r} is no expression")

    def _compared(self, match: re.Match[str]) -> None:
        _check(_attribute(match["source"], match["key"]))
        operator = self._next()["operator"]
        if operator is None or not COMPARED.fullmatch(operator):
            raise _Error(f"{operator} is no operator of a condition")
        value = self._next()
        if value["source"]:
            _check(_attribute(value["source"], value["key"]))
            return
        plain = operator.lower().rpartition(":")[2]
        _check(_valued(operator, plain, value))


def _check(reasons: Iterator[str]) -> None:
    for reason in reasons:
        raise _Error(reason)


def _matched(kind: str, names: str) -> Iterator[str]:
    if not QUOTED.fullmatch(names):
        yield f"{kind} {{{names}}}: names stand in single quotes"
    for name in re.findall(r"'([^']*)'", names) if kind.lower() == "actionmatches" else ():
        if not any(exists(plane, name.lower()) for plane in ("action", "data")):
            yield f"the action {name!r} is none of its provider's"


def _attribute(source: str, key: str) -> Iterator[str]:
    if source.lower() not in SOURCES:
        yield f"@{source} is none of {', '.join(SOURCES)}"
    provider, _, name = key.lower().partition("/")
    known = ATTRIBUTES.get(provider)
    if known is not None and name not in known and not KEYED.fullmatch(name):
        yield f"{source} attribute {key} is not valid"


def _valued(operator: str, plain: str, value: re.Match[str]) -> Iterator[str]:
    several = ":" in operator
    if value["set"] is not None:
        inside = value["set"][1:-1]
        listed = LISTED if plain.startswith(("guid", "numeric", "bool")) else QUOTED
        if not QUOTED.fullmatch(inside) and not listed.fullmatch(inside):
            yield f"{value['set']} is no set of values"
    elif several:
        yield f"{operator} needs a set such as {{'a', 'b'}}"
    elif plain.startswith("numeric"):
        text = (value["number"] or value["text"] or "").strip("'")
        if not re.fullmatch(r"-?\d+(\.\d+)?", text):
            yield f"{value.group().strip()} is no number"
    elif plain.startswith("bool"):
        text = (value["operator"] or value["text"] or "").strip("'").lower()
        if text not in ("true", "false"):
            yield f"{value.group().strip()} is neither true nor false"
    elif plain.startswith("string") and value["text"] is None:
        yield f"{value.group().strip()} stands in no single quotes"
