"""Policies of AWS, rule by rule: what IAM and other services take, and what is next to it.

The sources are those that the modules name.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.rules.policies import policy, unlike_service
from pulumi_simcloud.rules.policy_texts import repeated_key
from pulumi_simcloud.rules.trust_policies import claims, trusted

ACCOUNT = "123456789012"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
IDENTITY = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
RESOURCE = {**IDENTITY, "Principal": ROOT}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": ROOT}
STATEMENTS = {"identity": IDENTITY, "resource": RESOURCE, "trust": TRUST}


def without(statement: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key not in keys}


def document(*statements: Any, **parts: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **parts})


def reasons(rule: Any, inputs: dict[str, Any]) -> list[str]:
    return [failure.reason for failure in rule(inputs)]


def told(text: Any, use: str = "identity", longest: int = 6144, **more: Any) -> list[str]:
    return reasons(policy("policy", use, longest, **more), {"policy": text})


# Documents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", STATEMENTS)
def test_a_document_that_is_right(use: str) -> None:
    statement = STATEMENTS[use]
    for text in (
        document(statement), document({**statement, "Sid": "A1"}, {**statement, "Sid": "B"}),
        json.dumps({"Statement": statement}), document(statement, Version="2008-10-17", Id="i"),
        json.loads(document(statement)), document({**statement, "Effect": "Deny"}),
    ):  # fmt: skip
        assert told(text, use) == []


MALFORMED = "MalformedPolicyDocument: "
SIMPLE = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no JSON", '"no JSON" is not a JSON object'), ("[]", '"[]" is not a JSON object'),
        (" " + document(SIMPLE), "leading space characters are not allowed"),
        (document(SIMPLE, Version="2012-10-18"), 'Version "2012-10-18" does not exist'),
        (document(SIMPLE, Note="x"), "unknown element 'Note'"),
        (document(SIMPLE, Id=1), "Syntax errors in policy: Id is no text."),
        (document(), "no Statement"), (json.dumps({"Version": "2012-10-17"}), "no Statement"),
        (document(Statement="x"), "no Statement"),
        (document(SIMPLE, "x"), "Syntax errors in policy: "),
        (f'{document(SIMPLE)[:-1]}, "Id": "a", "Id": "b"}}', "the element Id is there twice"),
        (document({**SIMPLE, "Sid": "a b"}), 'Sid "a b" has more than letters and digits'),
        (document({**SIMPLE, "Sid": "a"}, {**SIMPLE, "Sid": "a"}), 'Sid "a" is not the only one'),
        (document({**SIMPLE, "Sid": 1}), "Syntax errors in policy: Sid is no text."),
        (document({**SIMPLE, "Note": 1}), "unknown element 'Note' in a statement"),
        (document({**SIMPLE, "Effect": "allow"}), 'Effect "allow" is neither Allow nor Deny'),
        (document(without(SIMPLE, "Effect")), "Effect null is neither Allow nor Deny"),
        (document(without(SIMPLE, "Action")), "a statement needs either Action or NotAction"),
        (document({**SIMPLE, "NotAction": "*"}), "a statement needs either Action or NotAction"),
        (document({**SIMPLE, "Action": []}), "a policy statement must contain actions"),
        (document({**SIMPLE, "Action": "s3"}), '"s3" is not an action (service:Action)'),
        (document({**SIMPLE, "Action": ["*", "s3:Get Object"]}), "is not an action"),
        (document({**SIMPLE, "Action": [1]}), "Syntax errors in policy: Action is no text."),
        (document({**SIMPLE, "Principal": ROOT}), "a policy of a role names no Principal"),
        (document({**SIMPLE, "NotPrincipal": ROOT}), "a policy of a role names no Principal"),
        (document(without(SIMPLE, "Resource")), "a statement needs either Resource or NotResource"),
        (document({**SIMPLE, "Resource": []}), "a statement needs either Resource or NotResource"),
        (document({**SIMPLE, "NotResource": "*"}), "needs either Resource or NotResource"),
        (document({**SIMPLE, "Resource": "b"}), 'Resource "b" must be in ARN format or "*".'),
        (document({**without(SIMPLE, "Resource"), "NotResource": ["b"]}), 'must be in ARN format'),
        (document({**SIMPLE, "Condition": "x"}), 'Condition "x" is no object'),
        (document({**SIMPLE, "Condition": {"Equals": {}}}), "Invalid Condition type : Equals"),
        (document({**SIMPLE, "Condition": {"Bool": "x"}}), 'Bool "x" is no object of keys'),
        (document({**SIMPLE, "Condition": {"Bool": {"a": []}}}), "Condition Bool a has no value"),
        (document({**SIMPLE, "Condition": {"Bool": {"a": None}}}), "Condition Bool a has no value"),
        (document({**SIMPLE, "Condition": {"Bool": {"a": [{}]}}}), "Condition Bool a has no value"),
        (document({**SIMPLE, "Condition": {"NumericEquals": {"a": ["1", "x"]}}}),
         'The policy failed legacy parsing: "x" for NumericEquals'),
        (document({**SIMPLE, "Action": "s3:GetObjekt"}), "action 's3:GetObjekt' does not exist"),
        (document({**SIMPLE, "Condition": {"StringEquals": {"s3:prefixx": "a"}}}),
         "the condition key 's3:prefixx' does not exist"),
    ],
)  # fmt: skip
def test_a_document_of_iam_that_is_wrong(text: str, expected: str) -> None:
    reasons = told(text)
    assert any(reason.startswith(MALFORMED) and expected in reason for reason in reasons), reasons


@pytest.mark.parametrize(
    "operator",
    [
        "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
        "StringLike", "StringNotLike", "Bool", "Null", "ForAnyValue:StringLike", "stringequals",
        "ForAllValues:StringEqualsIfExists", "ArnEqualsIfExists", "ArnNotLike",
    ],
)  # fmt: skip
def test_operators_of_conditions(operator: str) -> None:
    value = "arn:aws:iam::1:role/a" if "Arn" in operator else "true"
    condition = {operator: {"aws:PrincipalTag/a": value}}
    assert told(document({**SIMPLE, "Condition": condition})) == []
    assert told(document({**SIMPLE, "Condition": {f"{operator}s": {"a:b": value}}})) != []


def test_how_long_and_which_version() -> None:
    text = document(SIMPLE)
    length = len(text) - text.count(" ")
    assert told(text, longest=length) == []
    assert told(text, longest=length - 1) == [
        f"LimitExceeded: the policy is longer than {length - 1} characters"
    ]
    old = document(SIMPLE, Version="2008-10-17")
    assert told(old) == [] and told(text, versioned=True) == []
    late = f"{MALFORMED}Policy document must be version 2012-10-17 or greater."
    assert told(old, versioned=True) == [late]
    assert told(json.dumps({"Statement": SIMPLE}), versioned=True) == [late]


@pytest.mark.parametrize(
    ("use", "statement", "expected"),
    [
        ("resource", without(RESOURCE, "Principal"), "or trust policy needs a Principal"),
        ("resource", without(RESOURCE, "Resource"), "needs either Resource or NotResource"),
        ("resource", {**RESOURCE, "Principal": {}}, "a statement with no principals"),
        ("resource", {**RESOURCE, "Principal": {"AWS": []}}, "a statement with no principals"),
        ("resource", {**RESOURCE, "Principal": ""}, "a statement with no principals"),
        ("resource", {**RESOURCE, "Principal": "me"}, 'Invalid principal in policy: "me"'),
        ("resource", {**RESOURCE, "Principal": {"Me": "x"}}, '"Me" is not one of'),
        ("resource", {**RESOURCE, "Principal": {"AWS": ["*", 1]}}, 'in policy: "AWS":1'),
        ("trust", without(TRUST, "Principal"), "a resource or trust policy needs a Principal"),
        ("trust", {**TRUST, "Action": "s3:GetObject"}, "may only specify STS AssumeRole actions"),
        ("trust", {**TRUST, "Resource": "*"}, "a trust policy names no Resource"),
        ("trust", {**TRUST, "NotResource": "*"}, "a trust policy names no Resource"),
        ("trust", {**TRUST, "Principal": "*"}, "names the type of its principal"),
    ],
)  # fmt: skip
def test_a_document_of_another_use_that_is_wrong(use: str, statement: Any, expected: str) -> None:
    assert any(expected in reason for reason in told(document(statement), use))


def test_services_with_policies_of_their_own_take_more() -> None:
    first, second = ({**RESOURCE, "Sid": sid} for sid in ("__a", "b c"))
    assert told(document(first, second), "resource") == []
    assert len(told(document(first, first), "resource")) == 1
    text = document(RESOURCE)[:-1] + ', "Version": "2012-10-17"}'
    assert told(text, "resource") == [] and repeated_key(text) == "Version"
    assert told(document({**RESOURCE, "Resource": "b"}), "resource") != told(document(RESOURCE))
    anybody = {**RESOURCE, "Principal": "*"}
    assert told(document(anybody), "resource") == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("AWS", [ACCOUNT, "*", f"arn:aws:iam::{ACCOUNT}:role/a/b", "AIDAABCDEFGHIJKLMNOP",
                 f"arn:aws:sts::{ACCOUNT}:assumed-role/a/s", f"arn:aws-cn:iam::{ACCOUNT}:root",
                 "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"],
         ["1234", f"arn:aws:iam::{ACCOUNT}:role/*", f"arn:aws:iam::{ACCOUNT}:policy/a",
          f"arn:aws:s3::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT[:-1]}:root"]),
        ("Service", ["s3.amazonaws.com", "*", "alexa-connectedhome.amazon.com"],
         ["s3", "S3.amazonaws.com", "s3.example.com", "lamda.amazonaws.com"]),
        ("Federated", ["*", "accounts.google.com", f"arn:aws:iam::{ACCOUNT}:oidc-provider/a.b/c"],
         ["google", f"arn:aws:iam::{ACCOUNT}:role/a"]),
        ("CanonicalUser", ["*", "0" * 64], ["0" * 63, "g" * 64]),
    ],
)  # fmt: skip
def test_principals(kind: str, good: list[str], bad: list[str]) -> None:
    for name in good:
        assert told(document({**RESOURCE, "Principal": {kind: name}}), "resource") == [], name
    for name in bad:
        assert len(told(document({**RESOURCE, "Principal": {kind: [name]}}), "resource")) == 1, name


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("lambda.amazonaws.com", None),
        ("lamda.amazonaws.com", "lambda.amazonaws.com?"),
        ("sagemakr.amazonaws.com", "sagemaker.amazonaws.com?"),
        ("zzz.amazonaws.com", "which is no service"),
        ("alexa-appkit.amazon.com", None),
        ("lambda.amazon.com", "amazonaws.com"),
        ("x", None),
        # Services that look like others.
        ("kinesisanalytics.amazonaws.com", None),
        ("eks-auth.amazonaws.com", None),
    ],
)
def test_a_service_that_is_nearly_one(value: str, expected: str | None) -> None:
    reason = unlike_service(value)
    assert reason is None if expected is None else reason and reason.endswith(expected)


# Principals of services, as roles of their own documentation trust them.
SERVICES = """apigateway application-autoscaling batch budgets cloudformation cloudfront cloudtrail
    cloudwatch codebuild codepipeline config delivery.logs ec2 ecs ecs-tasks edgelambda eks
    elasticmapreduce events firehose glue kinesis lambda logs pipes rds sagemaker scheduler
    secretsmanager ses sns sqs ssm states transfer"""


@pytest.mark.parametrize("name", SERVICES.split())
def test_a_letter_too_much_in_a_service_is_told(name: str) -> None:
    assert unlike_service(f"{name}.amazonaws.com") is None
    told = unlike_service(f"{name}{name[-1]}.amazonaws.com")
    assert told is not None and told.endswith(f", is it {name}.amazonaws.com?")


# Trust policies -----------------------------------------------------------------------------------

GITHUB = "token.actions.githubusercontent.com"
PROVIDER = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"}
WEB = {**TRUST, "Action": "sts:AssumeRoleWithWebIdentity", "Principal": PROVIDER}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (TRUST, []), ({"NotPrincipal": ROOT}, ["Has prohibited field NotPrincipal"]),
        ({"Principal": "*"}, ["Invalid principal in policy: a trust policy names the type of its "
                              "principal"]),
        ({"Principal": {"Service": "*"}}, ["Invalid principal in policy: SERVICE:*"]),
        ({"Principal": {"Service": ["a", "*"]}}, ["Invalid principal in policy: SERVICE:*"]),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, []), ({"Principal": {"AWS": "*"}}, []),
        ({"Principal": {"Federated": "cognito-identity.amazonaws.com"}},
         ["Invalid trust policy: Amazon Cognito principals need a Condition"]),
        ({"Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Condition": {"a": 1}}, []),
        ({"Principal": {"Federated": "accounts.google.com"}}, []),
    ],
)  # fmt: skip
def test_whom_a_trust_policy_can_name(statement: dict[str, Any], expected: list[str]) -> None:
    assert list(trusted(statement)) == expected


def test_an_issuer_of_many_tenants_is_asked_for_a_claim() -> None:
    needed = f"{GITHUB}:sub or {GITHUB}:job_workflow_ref"
    lacking = [f"the trust policy of {GITHUB} has to evaluate {needed}"]
    for condition, expected in [
        (None, lacking), ("x", lacking), ({}, lacking), ({"StringLike": "x"}, lacking),
        ({"StringEquals": {f"{GITHUB}:aud": "a"}}, lacking),
        ({"StringLike": {f"{GITHUB}:sub": "a"}}, []), ({"A": {f"{GITHUB.upper()}:SUB": "a"}}, []),
        ({"A": {"x": 1}, "B": {f"{GITHUB}:job_workflow_ref": "a"}}, []),
    ]:  # fmt: skip
        statement = WEB if condition is None else {**WEB, "Condition": condition}
        assert list(claims(statement)) == expected
        assert list(claims({**statement, "Effect": "Deny"})) == []
    for issuer, claim in (("app.terraform.io", "sub"), ("oidc.circleci.com", "aud")):
        statement = {**WEB, "Principal": {"Federated": [issuer]}}
        assert list(claims(statement)) == [
            f"the trust policy of {issuer} has to evaluate {issuer}:{claim}"
        ]
    assert list(claims({**WEB, "Principal": {"Federated": "accounts.google.com"}})) == []
    assert list(claims({**WEB, "Principal": "*"})) == []
    assert any("has to evaluate" in reason for reason in told(document(WEB), "trust"))
