"""The grammar of AWS policy documents, as IAM and the other services check it on arrival."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.permissions.aws_names import wrong_names
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, parsed

# "The prefix and the action name are case insensitive" (IAM JSON policy elements: Action).
ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
VERSIONS = ("2012-10-17", "2008-10-17")
KEYS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
IDENTITY, RESOURCE, TRUST = "identity", "resource", "trust"


def policy(path: str, use: str, longest: int) -> Rule:
    """A policy document for one use: `identity`, `resource` or `trust`."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for value_path, text in select(inputs, path):
            if isinstance(text, str | dict):
                yield from (Failure(value_path, reason) for reason in _document(text, use, longest))

    return PathRule((path,), rule)


def not_locked_out(path: str, unless: str) -> Rule:
    """A key policy that leaves the account in charge of the key."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for value_path, text in select(inputs, path):
            if isinstance(text, str) and not inputs.get(unless) and ":root" not in text:
                reason = "the policy locks the account out: no statement for the account's root"
                yield Failure(value_path, f"MalformedPolicyDocument: {reason}")

    return PathRule((path,), rule)


def _document(text: Any, use: str, longest: int) -> Iterator[str]:
    document = parsed(text) if isinstance(text, str) else text
    if not isinstance(document, dict):
        yield f"MalformedPolicyDocument: {excerpt(text)} is not a JSON object"
        return
    if isinstance(text, str) and len(re.sub(r"\s", "", text)) > longest:
        yield f"LimitExceeded: the policy is longer than {longest} characters"
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        yield f"MalformedPolicyDocument: Version {excerpt(document['Version'])} does not exist"
    for key in document.keys() - {"Version", "Id", "Statement"}:
        yield f"MalformedPolicyDocument: unknown element {key!r}"
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not statements:
        yield "MalformedPolicyDocument: no Statement"
        return
    yield from _sids(statements, use)
    for statement in statements:
        yield from (f"MalformedPolicyDocument: {reason}" for reason in _statement(statement, use))


def _sids(statements: list[dict[str, Any]], use: str) -> Iterator[str]:
    """Letters and digits, and the only one in its policy (IAM JSON policy elements: Sid).

    Services with policies of their own may take spaces too; IAM does not.
    """
    letters = r"[A-Za-z0-9]*" if use == IDENTITY else r"[A-Za-z0-9 ]*"
    sids = [
        statement["Sid"]
        for statement in statements
        if isinstance(statement, dict) and statement.get("Sid")
    ]
    for sid in dict.fromkeys(sids):
        if not re.fullmatch(letters, str(sid)):
            yield f"MalformedPolicyDocument: Sid {excerpt(sid)} has more than letters and digits"
        if sids.count(sid) > 1:
            yield f"MalformedPolicyDocument: Sid {excerpt(sid)} is not the only one"


def _statement(statement: dict[str, Any], use: str) -> Iterator[str]:
    for key in statement.keys() - KEYS:
        yield f"unknown element {key!r} in a statement"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"Effect {excerpt(statement.get('Effect'))} is neither Allow nor Deny"
    actions = _only_element(statement, "Action", "NotAction")
    if actions is None:
        yield "a statement needs either Action or NotAction"
    for action in actions or []:
        if not ACTION.fullmatch(str(action)):
            yield f"{excerpt(action)} is not an action (service:Action)"
    has_principal = "Principal" in statement or "NotPrincipal" in statement
    if use == IDENTITY and has_principal:
        yield "a policy of a role names no Principal"
    if use != IDENTITY and not has_principal:
        yield "a resource or trust policy needs a Principal"
    if use != TRUST and not _only_element(statement, "Resource", "NotResource"):
        yield "a statement needs either Resource or NotResource"
    if use == TRUST and ("Resource" in statement or "NotResource" in statement):
        yield "a trust policy names no Resource"
    if has_principal and not _anybody(statement.get("Principal", statement.get("NotPrincipal"))):
        yield "a statement with no principals"
    yield from _names(statement, use)


def _anybody(principal: Any) -> bool:
    """Whether an element names a principal ("AWS JSON policy elements: Principal")."""
    if isinstance(principal, dict):
        return any(_listed(value) for value in principal.values())
    return bool(principal)


def of_bucket(path: str, bucket: str) -> Rule:
    """A policy whose resources are its bucket or objects in it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
    Of a resource with a wildcard before the bucket's name ends, nothing is said.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        name = inputs.get(bucket)
        document = parsed(inputs.get(path))
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in _listed(statements):
            resources = _listed(statement.get("Resource")) if isinstance(statement, dict) else []
            for resource in resources:
                if isinstance(name, str) and not _is_of(str(resource), name):
                    reason = f"Policy has invalid resource: {excerpt(resource)}"
                    yield Failure(path, f"MalformedPolicy: {reason} is not in {name}")

    return PathRule((path, bucket), rule)


def _is_of(resource: str, name: str) -> bool:
    match = re.fullmatch(r"arn:[\w-]+:s3:::([^/]+)(/.*)?", resource)
    return match is not None and (match[1] == name or any(sign in match[1] for sign in "*?$"))


def _names(statement: dict[str, Any], use: str) -> Iterator[str]:
    """Names that IAM does not know, and actions on resources that they are not for."""
    if all(isinstance(item, str) for item in _listed(statement.get("Resource"))):
        yield from wrong_names(statement if use != TRUST else {**statement, "Resource": None})


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _only_element(statement: dict[str, Any], first: str, second: str) -> list[Any] | None:
    if (first in statement) == (second in statement):
        return None
    element = statement.get(first, statement.get(second))
    return element if isinstance(element, list) else [element]
