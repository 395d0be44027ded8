"""The rest of the fifteenth round: targets, functions and buckets."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    MISSING,
    ORDERING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.fifteenth_aws import RECORDED

LAMBDA = f"{RECORDED}/lambda_/test_lambda_api.snapshot.json"
S3 = f"{RECORDED}/s3/test_s3.snapshot.json"
MALFORMED = "The XML you provided was not well-formed or did not validate against our schema"


def _aged(**rule: Any) -> dict[str, Any]:
    return {"rules": [{"id": "whole", "status": "Enabled", "filter": {"prefix": ""}, **rule}]}


def _transformed(template: str) -> dict[str, Any]:
    return {
        "arn": "${queue.arn}",
        "roleArn": REMOVED,
        "sagemakerPipelineTarget": REMOVED,
        "inputTransformer": {
            "inputPaths": {"kind": "$.detail-type", "command": "$.detail.command"},
            "inputTemplate": template,
        },
    }


NOTIFIED = {"eventbridge": REMOVED}
INBOX = {**NOTIFIED, "queues": [{"queueArn": "${inbox.arn}", "events": ["s3:ObjectCreated:*"]}]}
SENDER = statement(
    Action="sqs:SendMessage",
    Resource="${inbox.arn}",
    Principal={"Service": "s3.amazonaws.com"},
)
MAY_SEND = (
    ("inbox", "queue", {"name": "inbox"}),
    ("sender", "queuepolicy", {"queueUrl": "${inbox.url}", "policy": policy(SENDER)}),
)
INTERFACES = policy(
    statement(
        Action=[
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
        ],
        Resource="*",
    )
)
BUCKETS = [
    Refusal(
        f"{RECORDED}/events/test_events_inputs.snapshot.json#missing-key-exception-error",
        TEXT,
        "target",
        "InputTemplate for target contains invalid placeholder notdefinedkey.",
        _transformed('"Event of <kind>, with not defined key <notdefinedkey>"'),
        _transformed('"Event of <kind>, with command <command>"'),
    ),
    Refusal(
        f"{RECORDED}/events/test_events_schedule.snapshot.json#put-rule-with-custom-event-bus",
        EXCLUSIVE,
        "rule",
        "ScheduleExpression is supported only on the default event bus.",
        {
            "eventPattern": REMOVED,
            "scheduleExpression": "rate(1 minute)",
            "eventBusName": "${bus.name}",
        },
        {"eventPattern": REMOVED, "scheduleExpression": "rate(1 minute)"},
    ),
    Refusal(
        f"{RECORDED}/scheduler/test_scheduler.snapshot.json#at-with-zone",
        TEXT,
        "schedule",
        "Invalid Schedule Expression at(2021-12-31T23:59:59Z).",
        {"scheduleExpression": "at(2031-12-31T23:59:59Z)"},
        {"scheduleExpression": "at(2031-12-31T23:59:59)"},
    ),
    Refusal(
        f"{RECORDED}/scheduler/test_scheduler.snapshot.json#rate-with-spaces",
        TEXT,
        "schedule",
        "Invalid Schedule Expression rate( 10 minutes ).",
        {"scheduleExpression": "rate( 10 minutes )"},
        {"scheduleExpression": "rate(10 minutes)"},
    ),
    Refusal(
        f"{RECORDED}/scheduler/test_scheduler.snapshot.json#cron-weekday",
        TEXT,
        "schedule",
        "Invalid Schedule Expression cron(0 1 * * * *).",
        {"scheduleExpression": "cron(0 1 * * * *)"},
        {"scheduleExpression": "cron(0 1 * * ? *)"},
    ),
    Refusal(
        f"{RECORDED}/logs/test_logs.snapshot.json#error-invalid-filter-name",
        RANGE,
        "logfilter",
        "Member must have length less than or equal to 512",
        {"name": "X" * 600},
        {"name": "X" * 512},
    ),
    Refusal(
        f"{RECORDED}/cloudwatch/test_cloudwatch.snapshot.json#error-invalid-dashboardname",
        PATTERN,
        "dashboard",
        "The value for field DashboardName contains invalid characters",
        {"dashboardName": "test:invalid"},
        {"dashboardName": "test_in-valid"},
    ),
    Refusal(
        f"{LAMBDA}#add_permission_invalid_statement_id",
        PATTERN,
        "permission",
        "Member must satisfy regular expression pattern",
        {"statementId": "example.com"},
        {"statementId": "example_com"},
    ),
    Refusal(
        f"{LAMBDA}#add_permission_principal_invalid",
        PATTERN,
        "permission",
        "The provided principal was invalid. Please check the principal and try again.",
        {"principal": "invalid.nonaws.com", "sourceArn": REMOVED},
        {"principal": "s3.amazonaws.com", "sourceArn": REMOVED, "sourceAccount": "123456789012"},
    ),
    Refusal(
        f"{LAMBDA}#add_permission_fn_qualifier_latest",
        ENUM,
        "permission",
        "We currently do not support adding policies for $LATEST.",
        {"qualifier": "$LATEST"},
        {},
    ),
    Refusal(
        f"{LAMBDA}#uppercase_runtime_exc",
        ENUM,
        "function",
        "Value PYTHON3.9 at 'runtime' failed to satisfy constraint",
        {"runtime": "PYTHON3.9"},
        {"runtime": "python3.12"},
    ),
    Refusal(
        f"{LAMBDA}#multiple_architectures",
        RANGE,
        "function",
        "Member must have length less than or equal to 1",
        {"architectures": ["x86_64", "arm64"]},
        {"architectures": ["arm64"]},
    ),
    Refusal(
        f"{LAMBDA}#invalid_role_arn_exc",
        PATTERN,
        "function",
        "Value 'r1' at 'role' failed to satisfy constraint",
        {"role": "r1"},
        {"role": "${role.arn}"},
    ),
    Refusal(
        f"{LAMBDA}#large_environment_variables",
        RANGE,
        "function",
        "the environment variables you have provided exceeded the 4KB limit",
        {"environment": {"variables": {"LARGE_VAR": "x" * 4081}}},
        {"environment": {"variables": {"LARGE_VAR": "x" * 4000}}},
    ),
    Refusal(
        f"{LAMBDA}#deprecated-python3.7",
        ENUM,
        "function",
        "The runtime parameter of python3.7 is no longer supported for creating functions",
        {"runtime": "python3.7"},
        {"runtime": "python3.13"},
    ),
    Refusal(
        f"{LAMBDA}#invalid-format-subnet-id",
        PATTERN,
        "function",
        "Value at 'vpcConfig.subnetIds' failed to satisfy constraint",
        {"vpcConfig": {"subnetIds": ["bad-format-1"], "securityGroupIds": ["${security.id}"]}},
        {"vpcConfig": {"subnetIds": ["${subnet.id}"], "securityGroupIds": ["${security.id}"]}},
        before=(("interfaces", "rolepolicy", {"name": "interfaces", "policy": INTERFACES}),),
    ),
    Refusal(
        f"{LAMBDA}#create-error-wrong-key",
        REFERENCE,
        "function",
        "S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
        {"s3Key": "wrong/key.zip"},
        {"s3Key": "${object.key}"},
    ),
    Refusal(
        f"{LAMBDA}#invalid_function_name_exc",
        PATTERN,
        "function",
        "Value 'invalid:function:name' at 'functionName' failed to satisfy constraint",
        {"name": "invalid:function:name"},
        {"name": "valid-function_name"},
    ),
    Refusal(
        f"{S3}#missing-noncurrent-version-expiration-data",
        MISSING,
        "lifecycle",
        MALFORMED,
        _aged(expiration={"days": 7}, noncurrentVersionExpiration={}),
        _aged(expiration={"days": 7}, noncurrentVersionExpiration={"noncurrentDays": 3}),
    ),
    Refusal(
        f"{S3}#wrong-filter-and-and-object-size",
        EXCLUSIVE,
        "lifecycle",
        MALFORMED,
        _aged(expiration={"days": 7}, filter={"objectSizeGreaterThan": 500, "prefix": "a/"}),
        _aged(
            expiration={"days": 7}, filter={"and": {"objectSizeGreaterThan": 500, "prefix": "a/"}}
        ),
    ),
    Refusal(
        f"{S3}#wrong-data-no-midnight",
        PATTERN,
        "lifecycle",
        "'Date' must be at midnight GMT",
        _aged(expiration={"date": "2033-01-01T02:02:00Z"}),
        _aged(expiration={"date": "2033-01-01T00:00:00Z"}),
    ),
    Refusal(
        f"{S3}#expired-delete-marker-and-days",
        EXCLUSIVE,
        "lifecycle",
        MALFORMED,
        _aged(expiration={"days": 7, "expiredObjectDeleteMarker": True}),
        _aged(expiration={"expiredObjectDeleteMarker": True}),
    ),
    Refusal(
        f"{S3}#put-bucket-encryption-kms-with-aes",
        EXCLUSIVE,
        "encryption",
        "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms",
        {"rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": "AES256"},
        {"rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": "aws:kms:dsse"},
    ),
    Refusal(
        f"{S3}#put-bucket-encryption-two-rules",
        RANGE,
        "encryption",
        MALFORMED,
        {
            "rules": [
                {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}},
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                    "bucketKeyEnabled": True,
                },
            ]
        },
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
    ),
    Refusal(
        f"{S3}#put-cors-exc",
        ENUM,
        "cors",
        "Found unsupported HTTP method in CORS config. Unsupported method is MYMETHOD",
        {"corsRules": [{"allowedMethods": ["MYMETHOD"], "allowedOrigins": ["*"]}]},
        {"corsRules": [{"allowedMethods": ["HEAD"], "allowedOrigins": ["*"]}]},
    ),
    Refusal(
        f"{S3}#put-bucket-policy-empty-json",
        POLICY,
        "bucketpolicy",
        "Missing required field Statement",
        {"policy": "{}"},
        {},
    ),
    Refusal(
        f"{S3}#tags-key-aws-prefix",
        PATTERN,
        "bucket",
        'User-defined tag keys can\'t start with "aws:"',
        {"tags": {"aws:prefixed": "a"}},
        {"tags": {"prefixed-aws": "a"}},
    ),
    Refusal(
        f"{S3}#uppercase-bucket",
        PATTERN,
        "bucket",
        "The specified bucket is not valid.",
        {"bucket": "UpperCase-bucket"},
        {"bucket": "lower-case-bucket"},
    ),
    Refusal(
        f"{S3}#put-bucket-logging-non-existent-bucket",
        REFERENCE,
        "logging",
        "The target bucket for logging does not exist",
        {"targetBucket": "no-such-bucket"},
        {"targetBucket": "${bucket.bucket}"},
    ),
    Refusal(
        f"{RECORDED}/s3/test_s3_notifications_lambda.snapshot.json#invalid_not_skip",
        PATTERN,
        "notification",
        "The ARN could not be parsed",
        {**NOTIFIED, "queues": [{"queueArn": "invalid-queue", "events": ["s3:ObjectCreated:*"]}]},
        INBOX,
        before=MAY_SEND,
    ),
    Refusal(
        f"{RECORDED}/s3/test_s3_notifications_lambda.snapshot.json#lambda-not-permitted",
        ORDERING,
        "notification",
        "Unable to validate the following destination configurations",
        {
            **NOTIFIED,
            "lambdaFunctions": [
                {"lambdaFunctionArn": "${function.arn}", "events": ["s3:ObjectCreated:*"]}
            ],
        },
        INBOX,
        before=MAY_SEND,
    ),
]
