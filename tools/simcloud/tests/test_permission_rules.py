"""Wildcards and conditions of permissions, by the pages that the modules name."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_simcloud.permissions import NotUnderstoodError
from pulumi_simcloud.permissions.aws_conditions import holds as aws_holds
from pulumi_simcloud.permissions.azure_conditions import holds as azure_holds
from pulumi_simcloud.permissions.gcp_conditions import holds as gcp_holds
from pulumi_simcloud.permissions.globs import INNER, arn_fits, arns_overlap, fits, overlap

# Wildcards ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("abc", "abc", True), ("abc", "a*", True), ("abc", "*c", True), ("abc", "a?c", True),
        ("ac", "a?c", False), ("abbc", "a?c", False), ("a", "a*", True), ("", "*", True),
        ("", "?", False), ("abcd", "abc", False), ("xabc", "abc", False), ("a\nb", "a*", True),
        ("a.c", "a.c", True), ("abc", "a.c", False), ("ABC", "abc", False), ("a+", "a+", True),
    ],
)  # fmt: skip
def test_a_text_fits_a_pattern(text: str, pattern: str, expected: bool) -> None:
    assert fits(text, pattern) is expected
    assert fits(text.swapcase(), pattern, ignore_case=True) is (expected or text == "ABC")


@pytest.mark.parametrize(
    ("arn", "pattern", "expected"),
    [
        ("arn:aws:s3:::b/k", "*", True), ("arn:aws:s3:::b/k", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/k", "arn:*:s3:::b/k", True), ("arn:aws:s3:::b/k", "arn:*:b/k", False),
        ("arn:aws:s3:::b/k", "arn:aws:s3:::*", True), ("arn:aws:s3:::b/k", "arn:aws:s3:*", False),
        ("arn:aws:sns:eu:1:a:b", "arn:aws:sns:*:1:a:b", True),
        ("arn:aws:sns:eu:1:a:b", "arn:aws:sns:*:*:a:*", True),
        ("arn:aws:sns:eu:1:a:b", "arn:aws:sns:*:2:a:*", False),
    ],
)  # fmt: skip
def test_an_arn_fits_a_pattern_part_by_part(arn: str, pattern: str, expected: bool) -> None:
    assert arn_fits(arn, pattern) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", "", True), ("", "a", False), ("a", "a", True), ("a", "b", False), ("ab", "a", False),
        ("*", "", True), ("*", "anything/at all", True), ("a*", "*b", True), ("a*", "b*", False),
        ("a*c", "ab*", True), ("a?", "ab", True), ("a?", "a", False), ("?", "?", True),
        ("a?c", "a*d", False), ("*x*", "*y*", True), ("a*a", "a", False), ("**", "a", True),
        # A name without a slash is between the angles.
        ("<>", "bucket", True), ("<>", "bucket/key", False), ("<>/*", "bucket/key", True),
        ("<>/*", "bucket", False), ("<>", "*", True), ("<>", "a*b", True), ("<>", "a/*", False),
        ("x<>", "x", True), ("<>", "<>", True),
    ],
)  # fmt: skip
def test_two_patterns_share_a_text(first: str, second: str, expected: bool) -> None:
    first, second = first.replace("<>", INNER), second.replace("<>", INNER)
    assert overlap(first, second) is expected
    assert overlap(second, first) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("*", "arn:aws:s3:::b", True), ("arn:aws:s3:::b", "arn:aws:s3:::*", True),
        ("arn:aws:s3:::b", "arn:aws:s3:::c", False), ("arn:aws:s3:*", "arn:aws:s3:::b", False),
        ("arn:*:s3:::b", "arn:aws:*:::b", True), ("arn:*:s3:::b", "arn:aws:sns:::b", False),
        ("arn:aws:sns:*:1:a:b", "arn:aws:sns:eu:*:a:b", True),
    ],
)  # fmt: skip
def test_two_patterns_share_an_arn(first: str, second: str, expected: bool) -> None:
    assert arns_overlap(first, second) is expected
    assert arns_overlap(second, first) is expected


# IAM: "IAM JSON policy elements: Condition operators", and of "Multivalued context keys" ----------

KEY = "aws:RequestTag/a"


def holds(operator: str, expected: Any, value: Any = None, key: str = KEY) -> bool:
    context = {} if value is None else {key.lower(): value}
    return aws_holds({operator: {key: expected}}, context)


@pytest.mark.parametrize(
    ("operator", "expected", "value", "result"),
    [
        ("StringEquals", "b", "b", True), ("StringEquals", "b", "B", False),
        ("StringEquals", ["a", "b"], "b", True), ("StringEquals", ["a", "c"], "b", False),
        ("stringequals", "b", "b", True), ("StringEqualsIgnoreCase", "b", "B", True),
        ("StringEqualsIgnoreCase", "B", "b", True), ("StringEqualsIgnoreCase", "b", "c", False),
        ("StringLike", "b*", "bcd", True), ("StringLike", "b*", "c", False),
        ("ArnLike", "arn:aws:iam::*:role/c*", "arn:aws:iam::1:role/caller", True),
        ("ArnEquals", "arn:aws:iam::*:role/c", "arn:aws:iam::1:role/c", True),
        ("ArnLike", "arn:*:role/c", "arn:aws:iam::1:role/c", False),
        ("ArnEquals", "arn:*:role/c", "arn:aws:iam::1:role/c", False),
        ("Bool", "true", "true", True), ("Bool", True, "TRUE", True), ("Bool", True, True, True),
        ("Bool", "True", "true", True), ("Bool", "false", "true", False),
        ("Bool", False, True, False),
        ("NumericEquals", "10", "10.0", True), ("NumericEquals", "10", "11", False),
        ("NumericLessThan", "10", "9", True), ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", 10, "10", True), ("NumericLessThanEquals", "10", "11", False),
        ("NumericGreaterThan", "9", "10", True), ("NumericGreaterThan", "10", "10", False),
        ("NumericGreaterThanEquals", "10", 10, True),
        ("NumericGreaterThanEquals", "10", "9", False),
        ("StringNotEquals", "b", "b", False), ("StringNotEquals", "b", "c", True),
        ("StringNotEquals", ["b", "c"], "c", False), ("StringNotEqualsIgnoreCase", "b", "B", False),
        ("StringNotEqualsIgnoreCase", "b", "c", True), ("StringNotLike", "b*", "bc", False),
        ("StringNotLike", "b*", "c", True), ("NumericNotEquals", "1", "1.0", False),
        ("NumericNotEquals", "1", "2", True),
        ("ArnNotLike", "arn:aws:iam::*:role/c*", "arn:aws:iam::1:role/caller", False),
        ("ArnNotLike", "arn:aws:iam::*:role/c*", "arn:aws:iam::1:role/other", True),
        ("ArnNotEquals", "arn:aws:iam::1:role/c", "arn:aws:iam::1:role/c", False),
        ("ArnNotEquals", "arn:aws:iam::1:role/c", "arn:aws:iam::1:role/d", True),
        # A key that is missing.
        ("StringEquals", "b", None, False), ("StringNotEquals", "b", None, True),
        ("StringEqualsIfExists", "b", None, True), ("StringEqualsIfExists", "b", "c", False),
        ("StringEqualsIfExists", "b", "b", True), ("NumericLessThanIfExists", "1", None, True),
        ("StringNotEqualsIfExists", "b", None, True), ("Bool", "true", None, False),
        ("Null", "true", None, True), ("Null", "false", None, False), ("Null", "true", "b", False),
        ("Null", "false", "b", True), ("Null", True, None, True), ("Null", False, "b", True),
        ("Null", "true", [], True),
        # Sets of values.
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("ForAllValues:StringEquals", ["a"], [], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "d"], False),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("ForAnyValue:StringNotEquals", ["a"], None, False),
        ("ForAllValues:StringNotEquals", ["a"], ["a", "b"], False),
        ("forallvalues:stringlike", ["a*"], ["ab", "ac"], True),
        ("ForAllValues:StringEqualsIfExists", ["a"], None, True),
    ],
)  # fmt: skip
def test_an_operator_of_iam(operator: str, expected: Any, value: Any, result: bool) -> None:
    assert holds(operator, expected, value) is result


def test_all_tests_of_a_condition_have_to_hold() -> None:
    condition = {
        "StringEquals": {KEY: "b", "aws:PrincipalArn": "p"},
        "Bool": {"aws:ViaAWSService": "no"},
    }
    context = {KEY.lower(): "b", "aws:principalarn": "p", "aws:viaawsservice": "no"}
    assert aws_holds(condition, context) and aws_holds({}, {})
    for key in context:
        assert not aws_holds(condition, {**context, key: "x"})


@pytest.mark.parametrize(
    "key",
    [
        "aws:RequestTag/x", "aws:ResourceTag/x", "aws:TagKeys", "aws:PrincipalArn",
        "aws:PrincipalAccount", "aws:SecureTransport", "aws:RequestedRegion", "aws:SourceArn",
        "aws:SourceAccount", "aws:CalledVia", "aws:CalledViaFirst", "aws:ViaAWSService",
        "iam:PassedToService", "iam:PolicyARN", "iam:PermissionsBoundary", "kms:ViaService",
        "kms:GrantIsForAWSResource",
    ],
)  # fmt: skip
def test_a_key_that_a_call_may_have_is_missing_in_others(key: str) -> None:
    assert holds("StringEquals", "x", key=key) is False


@pytest.mark.parametrize(
    ("operator", "key"),
    [
        ("StringEquals", "aws:SourceVpc"), ("StringEquals", "aws:PrincipalOrgID"),
        ("IpAddress", KEY), ("DateLessThan", KEY), ("BinaryEquals", KEY), ("StringNot", KEY),
        ("ForSomeValues:StringEquals", KEY), ("StringNotNotEquals", KEY),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told(operator: str, key: str) -> None:
    for value in (None, "x"):
        if key == KEY or value is None:
            with pytest.raises(NotUnderstoodError, match="NotUnderstood: the condition "):
                holds(operator, "x", value, key)
    assert holds("StringEquals", "x", "x", "aws:SourceVpc"), "the call says it"


# Azure: "Azure role assignment condition format and syntax" ---------------------------------------

WRITE = "Microsoft.Authorization/roleAssignments/write"
ROLE = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
CONTEXT = {
    "request[microsoft.authorization/roleassignments:roledefinitionid]": "AAAA",
    "resource[a:name]": "blue", "resource[a:tags]": ["x", "y"],
}  # fmt: skip
MATCHES, NO_MATCH = f"ActionMatches{{'{WRITE}'}}", "ActionMatches{'Other/read'}"
NAME, TAGS = "@Resource[a:name]", "@Resource[a:tags]"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (MATCHES, True), (NO_MATCH, False), (f"!({MATCHES})", False), (f"!{NO_MATCH}", True),
        (f"! {MATCHES}", False), (f"NOT {NO_MATCH}", True), ("ActionMatches{'microsoft.*'}", True),
        (f"SubOperationMatches{{'{WRITE}'}}", False), (f"!SubOperationMatches{{'{WRITE}'}}", True),
        (f"{MATCHES} AND {NO_MATCH}", False), (f"{MATCHES} OR {NO_MATCH}", True),
        (f"{MATCHES} && {MATCHES}", True), (f"{NO_MATCH} || {NO_MATCH}", False),
        (f"{NO_MATCH} OR {MATCHES}", True), (f"{NO_MATCH} AND {MATCHES}", False),
        (f"{MATCHES} OR {MATCHES} AND {NO_MATCH}", True),
        (f"({MATCHES} OR {MATCHES}) AND {NO_MATCH}", False),
        (f"{NO_MATCH} AND {NO_MATCH} OR {MATCHES}", True), (f"(({MATCHES}))", True),
        (f"{ROLE} GuidEquals 'aaaa'", True), (f"{ROLE} GuidEquals 'bbbb'", False),
        (f"{ROLE} GuidNotEquals 'aaaa'", False), (f"{ROLE} GuidNotEquals 'b'", True),
        (f"{ROLE} ForAnyOfAnyValues:GuidEquals {{b, 'aaaa'}}", True),
        (f"{ROLE} ForAnyOfAnyValues:GuidEquals {{b, c}}", False),
        (f"{ROLE} ForAnyOfAllValues:GuidNotEquals {{b, c}}", True),
        (f"{ROLE} ForAnyOfAllValues:GuidNotEquals {{b, aaaa}}", False),
        (f"{NAME} StringEquals 'blue'", True), (f"{NAME} StringEquals 'Blue'", False),
        (f"{NAME} StringEqualsIgnoreCase 'Blue'", True), (f"{NAME} StringLike 'b*e'", True),
        (f"{NAME} StringLike 'b*x'", False), (f"{NAME} StringStartsWith 'bl'", True),
        (f"{NAME} StringStartsWith 'lu'", False), (f"{NAME} StringNotStartsWith 'lu'", True),
        (f"{NAME} StringNotLike 'b*'", False), (f"{NAME} StringNotEquals 'blue'", False),
        (f"{TAGS} ForAnyOfAnyValues:StringEquals {{'x', 'z'}}", True),
        (f"{TAGS} ForAnyOfAnyValues:StringEquals {{'z'}}", False),
        (f"{TAGS} ForAllOfAnyValues:StringEquals {{'x', 'z'}}", False),
        (f"{TAGS} ForAllOfAnyValues:StringEquals {{'x', 'y', 'z'}}", True),
        (f"{TAGS} ForAllOfAllValues:StringNotEquals {{'z', 'w'}}", True),
        (f"{TAGS} ForAllOfAllValues:StringNotEquals {{'z', 'x'}}", False),
        (f"{TAGS} ForAnyOfAllValues:StringLike {{'x*', '*x'}}", True),
        (f"{TAGS} ForAnyOfAllValues:StringLike {{'x', 'y'}}", False),
        (f"Exists {NAME}", True), (f"NotExists {NAME}", False), (f"Exists {ROLE}", True),
        ("Exists @Request[Microsoft.Authorization/roleAssignments:PrincipalId]", False),
        ("NotExists @Request[Microsoft.Authorization/roleAssignments:PrincipalType]", True),
        # Of a request that assigns nothing.
        ("@Request[Microsoft.Authorization/roleAssignments:PrincipalId] GuidEquals 'a'", False),
        ("@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] GuidNotEquals 'a'",
         True),
    ],
)  # fmt: skip
def test_a_condition_of_azure(condition: str, expected: bool) -> None:
    assert azure_holds(condition, WRITE, CONTEXT) is expected
    assert azure_holds(f"\n ({condition})\n", WRITE.upper(), CONTEXT) is expected


@pytest.mark.parametrize(
    "condition",
    [
        "", "(", f"({MATCHES}", f"{MATCHES})", f"{MATCHES} {MATCHES}", "AND", f"{MATCHES} AND",
        "'text'", f"{NAME} 'blue'", f"{NAME} StringEquals", f"{NAME} StringEquals blue",
        f"{NAME} NumericEquals '1'", f"{NAME} ForSomeValues:StringEquals {{'a'}}",
        "@Resource[a:other] StringEquals 'a'", "Exists @Resource[a:other]", "Exists 'a'",
        "@Environment[utcNow] StringEquals 'a'",
    ],
)  # fmt: skip
def test_a_condition_of_azure_that_is_not_understood_is_told(condition: str) -> None:
    with pytest.raises(NotUnderstoodError, match="NotUnderstood: "):
        azure_holds(condition, WRITE, CONTEXT)


# Google: "Attribute reference for IAM Conditions" -------------------------------------------------

OBJECT = {"resource.name": "projects/_/buckets/b/objects/a/c",
          "resource.type": "storage.googleapis.com/Object", "role": "roles/a"}  # fmt: skip
GRANTS = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', [])"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("resource.name == 'projects/_/buckets/b/objects/a/c'", True),
        ("resource.name.endsWith('/b')", False),
        ("resource.service == 'storage.googleapis.com'", True),
        ("resource.type == 'storage.googleapis.com/Object'", True),
        ("resource.type == 'storage.googleapis.com'", False),
        ("request.time > timestamp('2020-01-01T00:00:00Z')", True),
        ("request.time > timestamp('2100-01-01T00:00:00Z')", False),
        ("resource.name.extract('/buckets/{name}/') == 'b'", True),
        ("resource.name.extract('/objects/{name}') == 'a/c'", True),
        ("resource.name.extract('{name}/buckets') == 'projects/_'", True),
        ("resource.name.extract('/folders/{name}/') == ''", True),
        ("resource.name.extract('/a/{name}/') == ''", True),
        (f"{GRANTS}.hasOnly(['roles/a', 'roles/b'])", True),
        (f"{GRANTS}.hasOnly(['roles/b'])", False),
        (f"{GRANTS}.hasOnly([])", False), (f"'roles/a' in {GRANTS}", True),
    ],
)  # fmt: skip
def test_a_condition_of_google(expression: str, expected: bool) -> None:
    assert gcp_holds(expression, OBJECT) is expected


def test_a_call_of_google_that_grants_nothing_has_only_what_is_allowed() -> None:
    assert gcp_holds(f"{GRANTS}.hasOnly(['roles/b'])", {**OBJECT, "role": None})
    other = GRANTS.replace("[]", "['roles/z']")
    assert gcp_holds(f"'roles/z' in {other}", {**OBJECT, "role": None}), "the default"


@pytest.mark.parametrize(
    "expression", ["x +", "resource.owner == 'a'", "api.getAttribute('other', []) == []"]
)
def test_a_condition_of_google_that_is_not_understood_is_told(expression: str) -> None:
    with pytest.raises(NotUnderstoodError, match="NotUnderstood: "):
        gcp_holds(expression, OBJECT)
