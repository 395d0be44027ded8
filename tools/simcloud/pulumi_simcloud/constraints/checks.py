"""Functions by which the Terraform providers check a value, by their names in the source.

Each takes the value and the table's entry (regular expressions and lengths that stand in the
function) and returns what is wrong, or None. github.com/hashicorp/terraform-provider-aws
internal/verify and internal/service/*/validate.go, terraform-plugin-sdk helper/validation,
terraform-provider-google google/verify.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Check = Callable[[Any, Mapping[str, Any]], str | None]
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
ACCOUNT = re.compile(r"aws|aws-managed|aws-marketplace|third-party|\d{12}|cw.{10}")
RULE_NAME = r"[.\-_0-9A-Za-z]+"
# ec2/validate.go
SECURITY_RULE = r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*"


def _text(pattern: str, description: str, longest: int | None = None) -> Check:
    def check(value: Any, entry: Mapping[str, Any]) -> str | None:
        limit = entry.get("max_len", longest)
        if limit is not None and len(value) > limit:
            return f"has {len(value)} characters, allowed are {limit}"
        return None if re.fullmatch(pattern, value) else f"is not {description}"

    return check


def _json(value: Any, _: Mapping[str, Any]) -> str | None:
    try:
        json.loads(value)
    except ValueError:
        return "is not JSON"
    return None


def _arn(value: Any, _: Mapping[str, Any]) -> str | None:
    if not value:
        return None
    parts = value.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return "is not an ARN"
    _, partition, service, region, account, resource = parts
    if not re.fullmatch(r"aws(-[a-z]+)*", partition):
        return f"is not an ARN: partition {partition!r}"
    if region and not REGION.fullmatch(region):
        return f"is not an ARN: region {region!r}"
    if account and not ACCOUNT.fullmatch(account):
        return f"is not an ARN: account {account!r}"
    return None if service and resource else "is not an ARN: it names no resource"


def _float(value: Any, _: Mapping[str, Any]) -> str | None:
    try:
        float(value or 0)
    except ValueError:
        return "is not a number"
    return None


def _time(*formats: str) -> Check:
    def check(value: Any, _: Mapping[str, Any]) -> str | None:
        for form in formats:
            try:
                datetime.strptime(value, form)
            except ValueError:
                continue
            return None
        return f"is not a time such as {datetime(2026, 1, 31).strftime(formats[0])}"

    return check


def _rfc3339(value: Any, _: Mapping[str, Any]) -> str | None:
    shape = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
    return None if re.fullmatch(shape, value) else "is not a time such as 2026-01-31T00:00:00Z"


def _network(version: int | None, exact: bool) -> Check:
    def check(value: Any, entry: Mapping[str, Any]) -> str | None:
        try:
            network = ipaddress.ip_network(value, strict=exact)
        except ValueError:
            return "is not a CIDR block"
        if "/" not in value or (version is not None and network.version != version):
            return f"is not a CIDR block of IPv{version or '4 or 6'}"
        lowest, highest = entry.get("args") or (0, 128)
        if not lowest <= network.prefixlen <= highest:
            return f"has a prefix of {network.prefixlen}, allowed are {lowest} to {highest}"
        return None

    return check


def _not_zero(value: Any, _: Mapping[str, Any]) -> str | None:
    return None if value else "must not be empty or zero"


def _not_empty(value: Any, _: Mapping[str, Any]) -> str | None:
    return None if value else "must not be empty"


def _https(value: Any, _: Mapping[str, Any]) -> str | None:
    return None if re.fullmatch(r"https://[^/\s]+.*", value) else "is not an https address"


def _environment(value: Any, _: Mapping[str, Any]) -> str | None:
    """sagemaker/validate.go: validEnvironment."""
    for key, item in value.items():
        if not re.fullmatch(r"[A-Za-z_][0-9A-Za-z_]*", key):
            return f"has the name {key!r}: letters, digits and _, no digit first"
        longest = max(len(key), len(item) if isinstance(item, str) else 0)
        if longest > 1024:
            return f"has {longest} characters at {key!r}, allowed are 1024"
    return None


def _lower_keys(value: Any, _: Mapping[str, Any]) -> str | None:
    wrong = [key for key in value if key != key.lower()]
    return f"has the keys {wrong}, which are not in lower case" if wrong else None


def _no_aws_keys(value: Any, _: Mapping[str, Any]) -> str | None:
    wrong = [key for key in value if key.startswith("AWS")]
    return f"has the keys {wrong}: they must not start with AWS" if wrong else None


def _alias(value: Any, _: Mapping[str, Any]) -> str | None:
    """kms/validate.go: validNameForResource."""
    if value.startswith("alias/aws/"):
        return "must not begin with alias/aws/"
    return None if re.fullmatch(r"alias/[0-9A-Za-z_/-]+", value) else "is not alias/ and a name"


def _utf8(value: Any, entry: Mapping[str, Any]) -> str | None:
    lowest, highest = entry["args"]
    size = len(value)
    fits = lowest <= size <= highest
    return None if fits else f"has {size} characters, allowed are {lowest} to {highest}"


def _at_least(value: Any, entry: Mapping[str, Any]) -> str | None:
    return None if value >= entry["min_len"] else f"is less than {entry['min_len']}"


def _base64(value: Any, _: Mapping[str, Any]) -> str | None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return "is not base64"
    return None


def _pool(value: Any, entry: Mapping[str, Any]) -> str | None:
    """iam_workload_identity_pool: ValidateWorkloadIdentityPoolId."""
    if value.startswith("gcp-"):
        return "must not start with gcp-"
    fits = re.fullmatch(r"[0-9a-z-]+", value) and 4 <= len(value) <= 32
    return None if fits else "is not 4 to 32 characters: lower case, digits and -"


def _headers(value: Any, _: Mapping[str, Any]) -> str | None:
    wrong = [key for key in value if re.match(r"(?i)X-Google-|X-AppEngine-", key)]
    return f"has the headers {wrong}, which the service sets" if wrong else None


def _rfc1035(value: Any, entry: Mapping[str, Any]) -> str | None:
    lowest, highest = entry["args"]
    fits = re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", value) and lowest <= len(value) <= highest
    reason = f"is not {lowest} to {highest} characters: lower case, digits and -, a letter first"
    return None if fits else reason


EVERYONE = (
    "allUsers", "allAuthenticatedUsers", "projectOwners", "projectReaders", "projectWriters",
)  # fmt: skip


def _member(value: Any, _: Mapping[str, Any]) -> str | None:
    """iam: validateIAMMember wants a kind in front and no deleted one."""
    if value.startswith("deleted:"):
        return "is a deleted principal"
    fits = ":" in value or value in EVERYONE
    return None if fits else "has no kind in front, such as serviceAccount:"


def _labels(value: Any, _: Mapping[str, Any]) -> str | None:
    """resource_storage_bucket.go: labelKeyValidator."""
    wrong = [key for key in value if not re.fullmatch(r"[a-z0-9_-]{1,63}", key)]
    return f"has the keys {wrong}: lower case, digits, _ and -, at most 63" if wrong else None


def _service(value: Any, _: Mapping[str, Any]) -> str | None:
    """validateProjectServiceService: no service accounts, and no service that has ended."""
    if "." not in value:
        return "is not an API such as storage.googleapis.com"
    return None


def _bigquery_schema(value: Any, _: Mapping[str, Any]) -> str | None:
    try:
        columns = json.loads(value)
    except ValueError:
        return "is not JSON"
    return None if isinstance(columns, list) else "is not a list of columns"


def _seconds(value: Any, _: Mapping[str, Any]) -> str | None:
    """validateKmsCryptoKeyRotationPeriod: seconds with an s, a day at least."""
    fits = not value or (re.fullmatch(r"\d+(\.\d{1,9})?s", value) and float(value[:-1]) >= 86400)
    return None if fits else "is not at least a day in seconds, such as 86400s"


CHECKS: dict[str, Check] = {
    "IAM policy document": _json,
    "IsCIDR": _network(None, exact=False),
    "IsCIDRNetwork": _network(4, exact=True),
    "IsRFC3339Time": _rfc3339,
    "IsURLWithHTTPS": _https,
    "JSON text": _json,
    "MapKeyNoMatch": _no_aws_keys,
    "NoZeroValues": _not_zero,
    "OrEmpty": _seconds,
    "StringIsJSON": _json,
    "StringIsNotEmpty": _not_empty,
    "StringUTF8LenBetween": _utf8,
    "ValidARNCheck": _arn,
    "ValidateRFC1035Name": _rfc1035,
    "ValidateWorkloadIdentityPoolId": _pool,
    "ValidateWorkloadIdentityPoolProviderId": _pool,
    "labelKeyValidator": _labels,
    "nullable.ValidateTypeStringNullableFloat": _float,
    "validBucketLifecycleTimestamp": _time("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"),
    "validDashboardName": _text(r"[\-_0-9A-Za-z]+", "letters, digits, - and _"),
    "validEC2AutomateARN": _text(
        r"arn:[\w-]+:automate:[\w-]+:ec2:(reboot|recover|stop|terminate)", "an EC2 action"
    ),
    "validEnvironment": _environment,
    "validImage": _text(r"\S+", "an image without spaces"),
    "validLogGroupName": _text(r"[.\-_/#A-Za-z0-9]+", "letters, digits and . - _ / #"),
    "validLogGroupNamePrefix": _text(r"[.\-_/#A-Za-z0-9]+", "letters, digits and . - _ / #"),
    "validLogMetricFilterName": _text(r"[^:*]+", "free of : and *"),
    "validLogMetricFilterTransformationName": _text(r"[^:*$]*", "free of :, * and $"),
    "validName": _text(r"[0-9A-Za-z][0-9A-Za-z-]*", "letters, digits and -, no - first"),
    "validNameForResource": _alias,
    "validPrefix": _text(r"[0-9A-Za-z][0-9A-Za-z-]*", "letters, digits and -, no - first"),
    "validSecurityGroupRuleDescription": _text(SECURITY_RULE, "letters, digits and some signs"),
    "validTimePeriodTimestamp": _time("%Y-%m-%d_%H:%M"),
    "validateBigQueryTableSchema": _bigquery_schema,
    "validateDatasetId": _text(r"[0-9A-Za-z_]{1,1024}", "letters, digits and _"),
    "validateDefaultTableExpirationMs": _at_least,
    "validateEventPatternValue": _json,
    "validateHttpHeaders": _headers,
    "validateIAMMember": _member,
    "validateImageTagMutabilityExclusionFilter": _text(
        r"[a-zA-Z0-9._*-]{1,128}", "letters, digits and . _ * -"
    ),
    "validateMetadataIsLowerCase": _lower_keys,
    "validateProjectServiceService": _service,
    "validateRuleName": _text(RULE_NAME, "letters, digits and . - _"),
    "validateTargetID": _text(RULE_NAME, "letters, digits and . - _"),
    "verify.ValidAccountID": _text(ACCOUNT.pattern, "an account's 12 digits"),
    "verify.ValidIAMPolicyJSON": _json,
    "verify.ValidIPv4CIDRNetworkAddress": _network(4, exact=True),
    "verify.ValidIPv6CIDRNetworkAddress": _network(6, exact=True),
    "verify.ValidateBase64String": _base64,
    "verify.ValidateIAMCustomRoleID": _text(r"[a-zA-Z0-9_.]{3,64}", "letters, digits, _ and ."),
}
# What such a function checks is not in the table, or is checked by the catalog's own rules.
NOT_CHECKED = {
    "MapKeyMatch": "its expression is not in the table",
    "MapValueMatch": "its expression is not in the table",
    "inline": "the function has no name and no body in the table",
    "make": "the function has no name and no body in the table",
}
