"""Bad policies on Amazon Web Services."""

from __future__ import annotations

from typing import Any

from samples.documents import policy, statement

from planted.case import GUARD, RULE, Planted


def _granted(message: str, **more: Any) -> Planted:
    document = policy(statement(**{"Resource": "*", **more}))
    return Planted(RULE, "policy", message, {"policy": document})


def _on(message: str, resource: Any) -> Planted:
    return _granted(message, Action="*", Resource=resource)


def _trusted(message: str, principal: Any) -> Planted:
    document = policy(statement(Action="sts:AssumeRole", Principal=principal))
    return Planted(RULE, "role", message, {"assumeRolePolicy": document})


def _when(message: str, value: Any) -> Planted:
    return _granted(message, Condition={"DateLessThan": {"aws:CurrentTime": value}})


def _tested(operator: str, value: str) -> Planted:
    return _granted(f"for {operator}", Condition={operator: {"aws:SourceArn": value}})


def _topic(sample: str) -> Planted:
    publish = statement(
        Action="sns:Publish", Resource="*", Principal={"Service": "events.amazonaws.com"}
    )
    return Planted(RULE, sample, "must have a unique ID", {"policy": policy(publish, publish)})


POLICIES = [
    _on("must be in ARN format", "bucket/*"),
    _on('Partition "amazon" is not valid', "arn:amazon:s3:::sim/*"),
    _on("cannot contain regexes", "arn:aws:s*:::sim/*"),
    _on("too few parts", "arn:aws:s3:sim"),
    _on("cannot contain region information", "arn:aws:iam:eu-central-1:123456789012:role/a"),
    _on("can not contain region information", "arn:aws:s3:eu-central-1::sim"),
    _on("is no account", "arn:aws:sqs:eu-central-1:1234:sim"),
    _on("IAM resource path must", "arn:aws:iam::123456789012:roles/a"),
    _on("Resource is no text", {"Ref": "bucket"}),
    _when("for DateLessThan", "tomorrow"),
    _when("for DateLessThan", "2030-13-01"),
    _tested("IpAddress", "localhost"),
    _tested("ArnLike", "bucket/*"),
    _tested("NumericEquals", "an hour"),
    _tested("BinaryEquals", "?"),
    Planted(
        GUARD,
        "policy",
        'Partition "aws-cn" is not valid',
        {"policy": policy(statement(Resource="arn:aws-cn:s3:::sim/*"))},
    ),
    _granted("Sid is no text", Sid=1),
    _trusted("names the type of its principal", "*"),
    _trusted("SERVICE:*", {"Service": "*"}),
    _trusted("need a Condition", {"Federated": "cognito-identity.amazonaws.com"}),
    Planted(
        RULE, "policy", "Id is no text", {"policy": policy(statement(Resource="*"), Id=["sim"])}
    ),
    Planted(
        RULE,
        "policy",
        "must be version 2012-10-17",
        {"policy": policy(statement(Resource="*"), Version="2008-10-17")},
    ),
    _topic("topic"),
    _topic("topicpolicy"),
]
