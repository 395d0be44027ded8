"""The ARNs and the values of conditions in policies that IAM itself keeps.

What IAM answered to right and wrong policies is written down in getmoto/moto,
``moto/iam/policy_validation.py`` and ``tests/test_iam/test_iam_policies.py``, and to values of
conditions in github badmintoncryer/cdk-preflight (pf-iam-policy-condition-...), whose rules have
each been deployed.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import excerpt

PARTITIONS = (
    "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc",
)  # fmt: skip
PATHS = (
    "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/",
    "server-certificate/", "policy/", "sms-mfa/", "saml-provider/", "oidc-provider/", "report/",
    "access-report/",
)  # fmt: skip
# Accounts are numbers; resources of AWS itself stand under a word (arn:aws:iam::aws:policy/...).
ACCOUNT = re.compile(
    r"\d{12}|[\d*?]*[*?][\d*?]*|aws(-[a-z-]+)?|amazon(-[a-z-]+)?|cloudfront|system|self|third-party"
)
VARIABLE = re.compile(r"\$\{[^}]*\}")
S3_WITH_REGION = ("accesspoint", "async-request/", "job/", "storage-lens", "access-grants")


def items_of(value: Any) -> list[Any]:
    """A value that stands alone as a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def wrong_arn(name: Any) -> str | None:
    """What IAM has against a Resource of a policy that it keeps."""
    if name == "*":
        return None
    # A variable may stand for any part ("IAM policy elements: Variables and tags") but the
    # partition: the answer in github cloudera-labs/cloudera.exe#114.
    if variable := re.match(r"arn:(\$\{[^}]*\})", str(name)):
        return f'Partition "{variable[1]}" is not valid for resource {excerpt(name)}.'
    text = VARIABLE.sub("*", name) if isinstance(name, str) else ""
    parts = text.split(":", 5)
    if len(parts) < 2 or parts[0] != "arn":
        return f'Resource {excerpt(name)} must be in ARN format or "*".'
    if len(parts) > 1 and parts[1] not in (*PARTITIONS, "*"):
        return f'Partition "{parts[1]}" is not valid for resource {excerpt(name)}.'
    if len(parts) < 3 or not re.fullmatch(r"[a-z0-9-]+", parts[2]):
        return "Resource vendor must be fully qualified and cannot contain regexes."
    if text.endswith("*"):
        # "If the * wildcard is the last character of a resource ARN segment, it can expand to
        # match beyond the colon boundaries" (IAM JSON policy elements: Resource).
        parts += ["*"] * (6 - len(parts))
    if len(parts) < 6 or not parts[5]:
        return f"The policy failed legacy parsing: {excerpt(name)} has too few parts"
    service, region, account, rest = parts[2:]
    if service == "iam" and region:
        return f"IAM resource {name} cannot contain region information."
    if service == "s3" and region and not rest.startswith((*S3_WITH_REGION, "*")):
        return f"Resource {name} can not contain region information."
    if account and not ACCOUNT.fullmatch(account):
        return f"The policy failed legacy parsing: {excerpt(account)} is no account"
    if service == "iam" and not rest.startswith((*PATHS, "*", "root")) and "*" not in _first(rest):
        return f'IAM resource path must either be "*" or start with {", ".join(PATHS)}.'
    return None


def _first(path: str) -> str:
    return re.split(r"[/?]", path)[0] if "/" in path else path


DATE = re.compile(
    r"-?\d{1,9}(-(0?[1-9]|1[0-2])(-(0?[1-9]|[12]\d|3[01]))?)?"
    r"(t(([01]?\d|2[0-3])(:[0-5]?\d(:[0-5]?\d(\.\d{1,9})?)?)?)?(z|[+-]\d{2}(:?\d{2})?)?)?"
)


def wrong_test(operator: str, value: Any) -> str | None:
    """What IAM has against a value of a condition, by the kind of its operator."""
    kind = operator.rpartition(":")[2].lower()
    text = str(value)
    if isinstance(value, bool):
        return None
    if kind.startswith("date"):
        ok = text.isdigit() or DATE.fullmatch(text.lower()) is not None
    elif kind.startswith("numeric"):
        ok = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) is not None
    elif kind.startswith("arn"):
        ok = text == "*" or VARIABLE.search(text) is not None or _is_arn(text)
    elif kind.startswith(("ipaddress", "notipaddress")):
        ok = VARIABLE.search(text) is not None or _is_address(text)
    elif kind.startswith("binary"):
        ok = _is_base64(text)
    else:
        return None
    return None if ok else f"The policy failed legacy parsing: {excerpt(value)} for {operator}"


def _is_arn(text: str) -> bool:
    return text.startswith("arn:") and text.count(":") >= 5


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(text)


def wrong_members(document: dict[str, Any]) -> Iterator[str]:
    """Members of a policy or its statements that are not texts or lists of texts."""
    if not isinstance(document.get("Id", ""), str):
        yield "Syntax errors in policy: Id is no text."
    statements = document.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            continue
        if not isinstance(statement.get("Sid", ""), str):
            yield "Syntax errors in policy: Sid is no text."
        for key in ("Action", "NotAction", "Resource", "NotResource"):
            if any(not isinstance(item, str) for item in items_of(statement.get(key))):
                yield f"Syntax errors in policy: {key} is no text."
