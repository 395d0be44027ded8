"""Parts of AWS policies, rule by rule: ARNs, values of conditions, and policies of resources.

The sources are those that the modules name.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.rules.policy_arns import items_of, wrong_arn, wrong_members, wrong_test
from pulumi_simcloud.rules.policy_texts import repeated_key
from pulumi_simcloud.rules.resource_policies import (
    changes_policy,
    conditions_apply,
    not_locked_out,
    of_bucket,
    of_service,
)

ACCOUNT = "123456789012"


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def reasons(rule: Any, **inputs: Any) -> list[str]:
    return [failure.reason for failure in rule(inputs)]


@pytest.mark.parametrize(
    "name",
    [
        "*", "arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:sqs:eu-west-1:123456789012:q",
        "arn:*:s3:::b", "arn:aws-cn:s3:::b", "arn:aws-us-gov:s3:::b", "arn:aws-iso:s3:::b",
        "arn:aws-iso-b:s3:::b", "arn:aws-iso-e:s3:::b", "arn:aws-iso-f:s3:::b",
        "arn:aws-eusc:s3:::b", "arn:aws:iam::123456789012:role/a", "arn:aws:iam::aws:policy/P",
        "arn:aws:iam::*:role/a", "arn:aws:iam::123456789012:root", "arn:aws:iam::1?34*:user/a",
        "arn:aws:iam::123456789012:*", "arn:aws:iam::*", "arn:aws:sns:*", "arn:aws:sns:*:*:*",
        "arn:aws:s3:eu-west-1:123456789012:accesspoint/a", "arn:aws:s3:eu-west-1:1*:job/a",
        "arn:aws:s3:eu-west-1:1*:storage-lens/a", "arn:aws:s3:us-west-2:1*:async-request/a",
        "arn:aws:s3:eu-west-1:1*:access-grants/a", "arn:aws:s3:*:*:*",
        "arn:aws:s3:::${aws:username}", "arn:aws:iam::123456789012:ro*/a",
        *(f"arn:aws:iam::123456789012:{path}/a" for path in (
            "user", "federated-user", "role", "group", "instance-profile", "mfa",
            "server-certificate", "policy", "sms-mfa", "saml-provider", "oidc-provider", "report",
            "access-report",
        )),
        *(f"arn:aws:x::{account}:a" for account in (
            "amazon", "cloudfront", "system", "self", "third-party", "aws-marketplace",
            "amazon-foo", "",
        )),
    ],
)  # fmt: skip
def test_an_arn_that_iam_takes(name: str) -> None:
    assert wrong_arn(name) is None


PARTS = "The policy failed legacy parsing: {} has too few parts"
PATH = 'IAM resource path must either be "*" or start with user/, '


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("b", 'Resource "b" must be in ARN format or "*".'), (7, "Resource 7 must be in ARN"),
        ("arn", 'Resource "arn" must be'), ("a:aws:s3:::b", 'Resource "a:aws:s3:::b" must be'),
        ("arn:${P}:s3:::b", 'Partition "${P}" is not valid for resource "arn:${P}:s3:::b".'),
        ("arn:aw:s3:::b", 'Partition "aw" is not valid for resource "arn:aw:s3:::b".'),
        ("arn:", 'Partition "" is not valid'), ("arn:aws", "Resource vendor must be fully"),
        ("arn:aws:s*:::b", "Resource vendor must be fully qualified and cannot contain regexes."),
        ("arn:aws::::b", "Resource vendor must"), ("arn:aws:s3:b", PARTS.format('"arn:aws:s3:b"')),
        ("arn:aws:s3:::", PARTS.format('"arn:aws:s3:::"')),
        ("arn:aws:s3::b", PARTS.format('"arn:aws:s3::b"')),
        ("arn:aws:iam:eu:1*:role/a", "IAM resource arn:aws:iam:eu:1*:role/a cannot contain region"),
        ("arn:aws:s3:eu::b", "Resource arn:aws:s3:eu::b can not contain region information."),
        ("arn:aws:s3:::b:c", None), ("arn:aws:sqs:eu:1234:q", 'parsing: "1234" is no account'),
        ("arn:aws:sqs:eu:aws2:q", 'parsing: "aws2" is no account'),
        ("arn:aws:iam::123456789012:rolex", PATH), ("arn:aws:iam::123456789012:rolex/a", PATH),
        ("arn:aws:iam::123456789012:rolex/*", PATH), ("arn:aws:iam::123456789012:x?/a*", PATH),
        ("arn:aws:sns::123456789012:rolex", None),
    ],
)  # fmt: skip
def test_an_arn_that_iam_does_not_take(name: Any, expected: str | None) -> None:
    reason = wrong_arn(name)
    assert reason is None if expected is None else reason is not None and expected in reason


DATES = ("2030", "2030-1", "2030-12-31", "2030-01-01T00:00Z", "2030-01-01T23:59:59.999+01:00",
         "1700000000", "2030-01-01t", "-1-01")  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "good", "bad"),
    [
        ("DateLessThan", DATES, ("tomorrow", "2030-13", "2030-01-32", "2030-01-01T24:00Z",
                                 "2030-01-01T00:60Z", "01.01.2030", "")),
        ("NumericEquals", ("1", "-1.5", "+.5", "1e3", "1.", 7), ("x", "", "1,5", "0x1", "1e")),
        ("ArnLike", ("*", "arn:aws:s3:::b", "${aws:PrincipalArn}", "arn:::::"),
         ("b", "arn:aws:s3", "")),
        ("IpAddress", ("10.0.0.0/8", "10.0.0.1", "::1", "2001:db8::/32", "${aws:x}", "10.0.0.1/8"),
         ("10.0.0", "x", "10.0.0.0/33", "")),
        ("NotIpAddress", ("10.0.0.1",), ("10.0.0.256",)),
        ("BinaryEquals", ("QQ==", "AAAA"), ("QQ=", "", "?")),
        ("StringEquals", ("anything", "", 1), ()), ("Bool", ("true", "x"), ()),
    ],
)  # fmt: skip
def test_values_of_conditions(operator: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    for form in (operator, operator.upper(), f"ForAnyValue:{operator}IfExists"):
        for value in (*good, True):
            assert wrong_test(form, value) is None, value
        for value in bad:
            shown = json.dumps(value)
            assert wrong_test(form, value) == (
                f"The policy failed legacy parsing: {shown} for {form}"
            )


def test_members_are_texts() -> None:
    assert list(wrong_members({"Id": "a", "Statement": [{"Sid": "a", "Action": ["a", "b"]}]})) == []
    assert list(wrong_members({"Statement": "x"})) == list(wrong_members({})) == []
    assert list(wrong_members({"Id": 1})) == ["Syntax errors in policy: Id is no text."]
    for key in ("Action", "NotAction", "Resource", "NotResource"):
        told = [f"Syntax errors in policy: {key} is no text."]
        for value in (1, ["a", 1], {"a": 1}):
            assert list(wrong_members({"Statement": {key: value}})) == told
            assert list(wrong_members({"Statement": ["x", {key: value}]})) == told
    assert list(wrong_members({"Statement": {"Sid": None}})) == [
        "Syntax errors in policy: Sid is no text."
    ]
    assert [items_of(value) for value in (None, "a", ["a"], 0)] == [[], ["a"], ["a"], [0]]


def test_a_key_that_is_there_twice() -> None:
    assert repeated_key('{"a": 1, "b": {"c": 1, "c": 2}}') == "c"
    for text in ('{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}', "no JSON", "[]", {"a": 1}, None):
        assert repeated_key(text) is None


# Policies of resources ----------------------------------------------------------------------------

ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
KEYS = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (KEYS, True), ({**KEYS, "Action": ["kms:Decrypt", "kms:PutKeyPolicy"]}, True),
        ({**KEYS, "Action": "kms:Put*"}, True), ({**KEYS, "Action": "*"}, True),
        ({**KEYS, "Action": "KMS:putkeypolicy"}, True), ({**KEYS, "Action": "kms:Decrypt"}, False),
        ({**KEYS, "Action": []}, False), ({**KEYS, "Effect": "Deny"}, False), ("x", False),
        ({"Effect": "Allow", "NotAction": "kms:Decrypt"}, True), ({"Effect": "Allow"}, False),
    ],
)  # fmt: skip
def test_who_may_change_the_policy_of_a_key(statement: Any, expected: bool) -> None:
    assert changes_policy(statement) is expected
    assert changes_policy({**KEYS, "Effect": "Deny"}, "Deny") and not changes_policy(KEYS, "Deny")
    rule = not_locked_out("policy", "bypass")
    lasting = "MalformedPolicyDocument: The new key policy will not allow you to update the key"
    if isinstance(statement, dict):
        statement = {"Principal": ROOT, **statement}
        told = reasons(rule, policy=document(statement))
        assert told == [] if expected else told == [f"{lasting} policy in the future"]
        assert reasons(rule, policy=document({**KEYS, "Action": "kms:Decrypt"}, statement)) == told
        assert reasons(rule, policy=document(statement), bypass=True) == []


def test_a_key_without_the_account_s_root() -> None:
    rule = not_locked_out("policy", "bypass")
    text = document({**KEYS, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}})
    out = "MalformedPolicyDocument: the policy locks the account out: no statement for the "
    assert reasons(rule, policy=text) == [f"{out}account's root"]
    assert reasons(rule, policy=text, bypass=True) == reasons(rule, policy=7) == []


@pytest.mark.parametrize(
    ("resource", "is_of"),
    [
        ("arn:aws:s3:::b", True), ("arn:aws:s3:::b/*", True), ("arn:aws-cn:s3:::b/k", True),
        ("arn:aws:s3:::*", True), ("arn:aws:s3:::b?/x", True), ("arn:aws:s3:::${a}/x", True),
        ("arn:aws:s3:::c", False), ("arn:aws:s3:::c/b", False), ("*", False), ("b", False),
        ("arn:aws:s3:::bb/*", False), (7, False),
    ],
)  # fmt: skip
def test_a_policy_of_a_bucket_is_about_the_bucket(resource: Any, is_of: bool) -> None:
    rule = of_bucket("policy", "bucket")
    for resources in (resource, ["arn:aws:s3:::b", resource]):
        text = document("x", {"Resource": resources})
        told = reasons(rule, policy=text, bucket="b")
        shown = json.dumps(resource)
        assert told == ([] if is_of else [
            f"MalformedPolicy: Policy has invalid resource: {shown} is not in b"
        ])  # fmt: skip
        assert reasons(rule, policy=text, bucket=None) == []
    assert reasons(rule, policy="[]", bucket="b") == []


def test_a_policy_of_a_service_has_its_actions() -> None:
    rule = of_service("policy", "sqs")
    good = document({"Action": ["sqs:SendMessage", "SQS:*", "*"]}, {"NotAction": "sns:*"}, "x")
    assert reasons(rule, policy=good) == reasons(rule, policy="[]") == []
    told = ["MalformedPolicy: Policy has invalid action: sns:Publish"]
    for action in ("sns:Publish", ["sqs:*", "sns:Publish"]):
        assert reasons(rule, policy=document({"Action": action})) == told
    assert len(reasons(rule, policy=document({"Action": ["sqsx:A", 1]}))) == 2


def test_a_key_of_a_condition_is_for_all_actions_of_its_statement() -> None:
    rule = conditions_apply("policy")
    reason = "MalformedPolicy: Conditions do not apply to combination of actions and resources"
    for actions, key, wrong in [
        ("s3:ListBucket", "s3:delimiter", None), ("s3:GetObject", "s3:delimiter", "s3:GetObject"),
        (["s3:ListBucket", "s3:GetObject"], "S3:Delimiter", "s3:GetObject"),
        ("s3:List*", "s3:max-keys", None), ("S3:LISTBUCKET", "s3:max-keys", None),
        ("s3:GetObject", "s3:ExistingObjectTag/a", None),
        ("s3:ListBucket", "s3:ExistingObjectTag/a", "s3:ListBucket"),
        ("s3:GetObject", "aws:SourceIp", None), ([], "s3:delimiter", None),
    ]:  # fmt: skip
        statement = {"Action": actions, "Condition": {"StringEquals": {key: "a"}, "Bool": 7}}
        told = [] if wrong is None else [f"{reason} in statement: {key} with {wrong}"]
        assert reasons(rule, policy=document("x", {"Action": "a"}, statement)) == told
    assert reasons(rule, policy="[]") == reasons(rule) == []
