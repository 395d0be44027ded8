"""The grammar of AWS policy documents, as IAM and the other services check it on arrival."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.permissions.aws_names import idle_actions, wrong_names
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, parsed
from pulumi_simcloud.rules.policy_arns import items_of, wrong_arn, wrong_members, wrong_test
from pulumi_simcloud.rules.policy_texts import repeated_key
from pulumi_simcloud.rules.service_principals import unlike_service
from pulumi_simcloud.rules.trust_policies import claims, trusted

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


def policy(path: str, use: str, longest: int, *, versioned: bool = False) -> Rule:
    """A policy document for one use: `identity`, `resource` or `trust`.

    A managed policy says its version ("Policy document must be version 2012-10-17 or greater").
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for value_path, text in select(inputs, path):
            if isinstance(text, str | dict):
                document = parsed(text) if versioned else None
                if isinstance(document, dict) and document.get("Version") != VERSIONS[0]:
                    reason = f"Policy document must be version {VERSIONS[0]} or greater."
                    yield Failure(value_path, f"MalformedPolicyDocument: {reason}")
                yield from (Failure(value_path, reason) for reason in _document(text, use, longest))

    return PathRule((path,), rule)


def _document(text: Any, use: str, longest: int) -> Iterator[str]:
    document = parsed(text) if isinstance(text, str) else text
    if not isinstance(document, dict):
        yield f"MalformedPolicyDocument: {excerpt(text)} is not a JSON object"
        return
    if isinstance(text, str) and text[:1].isspace():
        # terraform-provider-aws internal/verify/json.go, ValidIAMPolicyJSON.
        yield "MalformedPolicyDocument: leading space characters are not allowed"
    if isinstance(text, str) and len(re.sub(r"\s", "", text)) > longest:
        yield f"LimitExceeded: the policy is longer than {longest} characters"
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        yield f"MalformedPolicyDocument: Version {excerpt(document['Version'])} does not exist"
    for key in document.keys() - {"Version", "Id", "Statement"}:
        yield f"MalformedPolicyDocument: unknown element {key!r}"
    yield from (f"MalformedPolicyDocument: {reason}" for reason in wrong_members(document))
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        yield "MalformedPolicyDocument: no Statement"
        return
    if not all(isinstance(statement, dict) for statement in statements):
        yield f"MalformedPolicyDocument: Syntax errors in policy: {excerpt(statements)}"
        return
    if use != RESOURCE and (key := repeated_key(text)):
        yield f"MalformedPolicyDocument: the element {key} is there twice"
    yield from _sids(statements, use)
    for statement in statements:
        yield from (f"MalformedPolicyDocument: {reason}" for reason in _statement(statement, use))


def _sids(statements: list[dict[str, Any]], use: str) -> Iterator[str]:
    """Letters and digits, and the only one in its policy (IAM JSON policy elements: Sid).

    Services with policies of their own take more: SQS's own begin with underscores.
    """
    sids = [
        str(statement["Sid"])
        for statement in statements
        if isinstance(statement, dict) and statement.get("Sid")
    ]
    for sid in dict.fromkeys(sids):
        if use != RESOURCE and not re.fullmatch(r"[A-Za-z0-9]*", sid):
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
    if actions == []:
        yield "a policy statement must contain actions"
    for action in actions or []:
        if not ACTION.fullmatch(str(action)):
            yield f"{excerpt(action)} is not an action (service:Action)"
        elif use == TRUST and not str(action).lower().startswith("sts:"):
            yield f"AssumeRole policy may only specify STS AssumeRole actions, not {action}"
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
    for element in ("Principal", "NotPrincipal"):
        yield from _principals(statement.get(element))
    if use == TRUST:
        yield from trusted(statement)
    if use == IDENTITY:
        for element in ("Resource", "NotResource"):
            yield from filter(None, map(wrong_arn, items_of(statement.get(element))))
    yield from _conditions(statement.get("Condition"))
    if use == TRUST:
        yield from claims(statement)
    yield from _names(statement, use)


# AWS JSON policy elements: Principal. A wildcard stands for everybody, and within no name.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, names and paths.
OWNED = r"\d{12}:(root|(user|role|assumed-role|federated-user)/([!-)+->@-~]*/)?[\w+=,.@-]+)"
ORIGIN = r"cloudfront:user/CloudFront Origin Access Identity [A-Z0-9]+"
PRINCIPALS = {
    "AWS": re.compile(
        rf"\*|\d{{12}}|A[A-Z]{{3}}[A-Z0-9]{{12,}}|arn:aws[\w-]*:(iam|sts)::({OWNED}|{ORIGIN})"
    ),
    "Service": re.compile(
        r"\*|[a-z0-9][a-z0-9.-]*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal|aws\.com)"
    ),
    "Federated": re.compile(
        r"\*|arn:aws[\w-]*:iam::\d{12}:(oidc|saml)-provider/\S+|[a-z0-9-]+(\.[a-z0-9-]+)+"
    ),
    "CanonicalUser": re.compile(r"\*|[0-9a-f]{64}"),
}


def _principals(element: Any) -> Iterator[str]:
    if not isinstance(element, dict):
        if element not in (None, "*"):
            yield f"Invalid principal in policy: {excerpt(element)}"
        return
    for kind, names in element.items():
        if kind not in PRINCIPALS:
            yield f"Invalid principal in policy: {excerpt(kind)} is not one of {list(PRINCIPALS)}"
            continue
        for name in items_of(names):
            if not isinstance(name, str) or not PRINCIPALS[kind].fullmatch(name):
                yield f"Invalid principal in policy: {excerpt(kind)}:{excerpt(name)}"
            elif kind == "Service" and (reason := unlike_service(name)):
                yield reason


# AWS JSON policy elements: Condition operators.
OPERATORS = re.compile(
    r"(?:(?:ForAllValues|ForAnyValue):)?(?:"
    r"String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)|Numeric(?:(?:Not)?Equals|(?:Less|Greater)Than"
    r"(?:Equals)?)|Date(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?)|Bool|BinaryEquals"
    r"|(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like)"
    r")(?:IfExists)?|Null",
    re.IGNORECASE,
)


def _conditions(element: Any) -> Iterator[str]:
    if element is None:
        return
    if not isinstance(element, dict):
        yield f"Condition {excerpt(element)} is no object"
        return
    for operator, tests in element.items():
        if not OPERATORS.fullmatch(operator):
            yield f"Invalid Condition type : {operator}"
        elif not isinstance(tests, dict):
            yield f"Condition {operator} {excerpt(tests)} is no object of keys and values"
        else:
            for key, value in tests.items():
                if any(isinstance(item, dict | list | None) for item in items_of(value) or [None]):
                    yield f"Condition {operator} {key} has no value that it can be compared with"
                yield from filter(None, (wrong_test(operator, item) for item in items_of(value)))


def _anybody(principal: Any) -> bool:
    """Whether an element names a principal ("AWS JSON policy elements: Principal")."""
    if isinstance(principal, dict):
        return any(items_of(value) for value in principal.values())
    return bool(principal)


def _names(statement: dict[str, Any], use: str) -> Iterator[str]:
    """Names that IAM does not know, and in a resource's policy actions that are not for it.

    IAM itself takes any action on any resource; `dangling` tells of those.
    """
    if all(isinstance(item, str) for item in items_of(statement.get("Resource"))):
        yield from wrong_names(statement)
        if use == RESOURCE:
            yield from idle_actions(statement)


def _only_element(statement: dict[str, Any], first: str, second: str) -> list[Any] | None:
    if (first in statement) == (second in statement):
        return None
    element = statement.get(first, statement.get(second))
    return element if isinstance(element, list) else [element]
