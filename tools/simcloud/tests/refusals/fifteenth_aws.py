"""A fifteenth round on AWS: answers of the services that LocalStack's tests have recorded."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

RECORDED = (
    f"{GITHUB}/localstack/localstack/blob/8b9a79f05846835cf4dff63ab7eefdde9df83783"
    "/tests/aws/services"
)
SNS = f"{RECORDED}/sns/test_sns_filter_policy.snapshot.json"
EVENTS = f"{RECORDED}/events/event_pattern_templates"
LAMBDA = f"{RECORDED}/lambda_/test_lambda_api.snapshot.json"
S3 = f"{RECORDED}/s3/test_s3.snapshot.json"
MALFORMED = "The XML you provided was not well-formed or did not validate against our schema"


def _filter(matches: Any, scope: str = "MessageAttributes") -> dict[str, Any]:
    return {"filterPolicy": json.dumps(matches), "filterPolicyScope": scope}


def _filtered(name: str, message: str, bad: Any, good: Any) -> Refusal:
    """A filter policy of a subscription, by the values of one key."""
    return Refusal(
        f"{SNS}#{name}",
        TEXT,
        "subscription",
        message,
        _filter({"key": bad}),
        _filter({"key": good}),
    )


def _pattern(name: str, message: str, bad: Any, good: Any) -> Refusal:
    """An event pattern, by what it says of the event's detail."""
    return Refusal(
        f"{EVENTS}/{name}_EXC.json5",
        TEXT,
        "rule",
        message,
        {"eventPattern": json.dumps({"detail": bad})},
        {"eventPattern": json.dumps({"detail": good})},
    )


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

AWS = [
    _filtered("list", "Match value must be String, number, true, false, or null", [["v"]], ["v"]),
    _filtered("operator", "Unrecognized match type", [{"begins": "a"}], [{"prefix": "a"}]),
    _filtered(
        "two-operators",
        "Only one key allowed in match expression",
        [{"suffix": "value", "prefix": "value2"}],
        [{"suffix": "value"}, {"prefix": "value2"}],
    ),
    _filtered("empty-array", "Empty arrays are not allowed", [], ["a"]),
    _filtered(
        "is-numeric", "suffix match pattern must be a string", [{"suffix": 100}], [{"suffix": "1"}]
    ),
    _filtered(
        "cidr",
        "Malformed CIDR, one '/' required",
        [{"cidr": "10.0.0.0"}],
        [{"cidr": "10.0.0.0/24"}],
    ),
    _filtered(
        "numeric-empty",
        "Invalid member in numeric match",
        [{"numeric": []}],
        [{"numeric": ["=", 1]}],
    ),
    _filtered(
        "numeric-type",
        "Value of equals must be numeric",
        [{"numeric": ["=", "000"]}],
        [{"numeric": ["=", 0]}],
    ),
    _filtered(
        "wrong-value-order",
        "Bottom must be less than top",
        [{"numeric": [">", 3, "<", 1]}],
        [{"numeric": [">", 1, "<", 3]}],
    ),
    _filtered(
        "range-order",
        "Too many elements in numeric expression",
        [{"numeric": ["<", 100, ">", 10]}],
        [{"numeric": [">", 10, "<", 100]}],
    ),
    _filtered(
        "exists",
        "exists match pattern must be either true or false",
        [{"exists": None}],
        [{"exists": True}],
    ),
    _filtered(
        "anything-but",
        "Unsupported anything-but pattern",
        [{"anything-but": {"wrong-operator": "a"}}],
        [{"anything-but": {"prefix": "a"}}],
    ),
    _filtered(
        "complexity",
        "Filter policy is too complex",
        [f"value{number}" for number in range(151)],
        [f"value{number}" for number in range(150)],
    ),
    Refusal(
        f"{SNS}#nested-under-attributes",
        TEXT,
        "subscription",
        "Filter policy scope MessageAttributes does not support nested filter policy",
        _filter({"object": {"key": ["a"]}}),
        _filter({"object": {"key": ["a"]}}, "MessageBody"),
    ),
    Refusal(
        f"{SNS}#combinations",
        TEXT,
        "subscription",
        "Filter policy is too complex: 3 x 4 x 2 x 3 x 1 x 3 = 216",
        _filter(
            {
                "key_a": {"key_b": {"key_c": ["1", "2", "3", "4"]}},
                "key_d": {"key_e": ["1", "2", "3"]},
                "key_f": ["1", "2", "3"],
            },
            "MessageBody",
        ),
        _filter(
            {
                "key_a": {"key_b": {"key_c": ["1", "2"]}},
                "key_d": {"key_e": ["1", "2", "3"]},
                "key_f": ["1", "2", "3"],
            },
            "MessageBody",
        ),
    ),
    Refusal(
        f"{SNS}#max-attr-keys",
        TEXT,
        "subscription",
        "Filter policy can not have more than 5 keys",
        _filter({f"key{number}": ["a"] for number in range(6)}),
        _filter({f"key{number}": ["a"] for number in range(5)}),
    ),
    Refusal(
        f"{SNS}#rule-no-list",
        TEXT,
        "subscription",
        '"key_a" must be an object or an array',
        _filter({"key_a": "value"}),
        _filter({"key_a": ["value"]}),
    ),
    Refusal(
        f"{RECORDED}/sns/test_sns.snapshot.json#fake-arn-redrive-policy",
        PATTERN,
        "subscription",
        "RedrivePolicy: deadLetterTargetArn is an invalid arn",
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": "fake-arn"})},
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": "${queue.arn}"})},
    ),
    Refusal(
        f"{RECORDED}/sns/test_sns.snapshot.json#sub-queue-url",
        PATTERN,
        "subscription",
        "Invalid parameter: SQS endpoint ARN",
        {"endpoint": "${queue.url}"},
        {"endpoint": "${queue.arn}"},
    ),
    Refusal(
        f"{RECORDED}/sns/test_sns.snapshot.json#not-fifo-topic",
        REFERENCE,
        "subscription",
        "FIFO SQS Queues can not be subscribed to standard SNS topics",
        {"endpoint": "${line.arn}"},
        {"endpoint": "${line.arn}", "topic": "${first.arn}"},
        before=(
            ("line", "queue", {"name": "line.fifo", "fifoQueue": True}),
            ("first", "topic", {"name": "first.fifo", "fifoTopic": True}),
        ),
    ),
    Refusal(
        f"{RECORDED}/sns/test_sns.snapshot.json#subscribe-bad-sms",
        PATTERN,
        "subscription",
        "Invalid SMS endpoint: +15--551234567",
        {"protocol": "sms", "endpoint": "+15--551234567"},
        {"protocol": "sms", "endpoint": "+15551234567"},
    ),
    Refusal(
        f"{RECORDED}/sns/test_sns.snapshot.json#name-too-short",
        PATTERN,
        "topic",
        "Invalid parameter: Topic Name",
        {"name": ""},
        {"name": "a"},
    ),
    Refusal(
        f"{RECORDED}/sqs/test_sqs.snapshot.json#content-based-deduplication",
        EXCLUSIVE,
        "queue",
        "Unknown Attribute ContentBasedDeduplication.",
        {"contentBasedDeduplication": True},
        {"contentBasedDeduplication": True, "fifoQueue": True, "name": "dead.fifo"},
    ),
    Refusal(
        f"{RECORDED}/sqs/test_sqs.snapshot.json#throughput-limit",
        EXCLUSIVE,
        "queue",
        "You can specify the FifoThroughputLimit only when FifoQueue is set to true.",
        {"fifoThroughputLimit": "perQueue"},
        {"fifoThroughputLimit": "perQueue", "fifoQueue": True, "name": "dead.fifo"},
    ),
    Refusal(
        f"{RECORDED}/sqs/test_sqs.snapshot.json#sse_kms_and_sqs",
        EXCLUSIVE,
        "queue",
        "You can use one type of server-side encryption (SSE) at one time.",
        {"kmsMasterKeyId": "${key.arn}", "sqsManagedSseEnabled": True},
        {"kmsMasterKeyId": "${key.arn}"},
    ),
    Refusal(
        f"{RECORDED}/kms/test_kms.snapshot.json#create_alias",
        PATTERN,
        "alias",
        'Alias must start with the prefix "alias/"',
        {"name": "test-alias"},
        {"name": "alias/test-alias"},
    ),
    Refusal(
        f"{RECORDED}/kms/test_kms.snapshot.json#hmac-without-usage",
        EXCLUSIVE,
        "key",
        "You must specify a KeyUsage value for all KMS keys except symmetric encryption keys",
        {"customerMasterKeySpec": "HMAC_256", "enableKeyRotation": REMOVED},
        {
            "customerMasterKeySpec": "HMAC_256",
            "keyUsage": "GENERATE_VERIFY_MAC",
            "enableKeyRotation": REMOVED,
        },
    ),
    Refusal(
        f"{RECORDED}/kms/test_kms.snapshot.json#key-agreement-of-rsa",
        EXCLUSIVE,
        "key",
        "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
        {
            "customerMasterKeySpec": "RSA_2048",
            "keyUsage": "KEY_AGREEMENT",
            "enableKeyRotation": REMOVED,
        },
        {
            "customerMasterKeySpec": "ECC_NIST_P256",
            "keyUsage": "KEY_AGREEMENT",
            "enableKeyRotation": REMOVED,
        },
    ),
    Refusal(
        f"{RECORDED}/kms/test_kms.snapshot.json#uppercase_prefix",
        PATTERN,
        "key",
        "Tags beginning with aws: are reserved",
        {"tags": {"AWS:key": "value"}},
        {"tags": {"key-aws": "value"}},
    ),
    Refusal(
        f"{RECORDED}/kms/test_kms.snapshot.json#too-many-tags",
        RANGE,
        "key",
        "Too many tags",
        {"tags": {f"key{number}": "value" for number in range(51)}},
        {"tags": {f"key{number}": "value" for number in range(50)}},
    ),
    Refusal(
        f"{RECORDED}/iam/test_iam.snapshot.json#non_existent_malformed_policy",
        PATTERN,
        "attachment",
        "Invalid ARN: Could not be parsed!",
        {"policyArn": "longpolicynamebutnoarn"},
        {"policyArn": "${policy.arn}"},
    ),
    _pattern(
        "content_anything_but_string_null_type",
        "Value of anything-but",
        {"a": [{"anything-but": None}]},
        {"a": [{"anything-but": "x"}]},
    ),
    _pattern(
        "content_anything_prefix_empty",
        "Null prefix/suffix not allowed",
        {"a": [{"anything-but": {"prefix": ""}}]},
        {"a": [{"anything-but": {"prefix": "x"}}]},
    ),
    _pattern(
        "content_anything_prefix_ignorecase",
        "Value of anything-but must be an array or single string/number value",
        {"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]},
        {"a": [{"prefix": {"equals-ignore-case": "x"}}]},
    ),
    _pattern(
        "content_ignorecase_list",
        "equals-ignore-case match pattern must be a string",
        {"a": [{"equals-ignore-case": ["x"]}]},
        {"a": [{"equals-ignore-case": "x"}]},
    ),
    _pattern(
        "content_ip_address_bad_mask",
        "Malformed CIDR, mask bits must be an integer",
        {"a": [{"cidr": "10.0.0.0/8x"}]},
        {"a": [{"cidr": "10.0.0.0/8"}]},
    ),
    _pattern(
        "content_numeric_syntax",
        "Value of < must be numeric",
        {"a": [{"numeric": [">", 0, "<"]}]},
        {"a": [{"numeric": [">", 0, "<", 5]}]},
    ),
    _pattern(
        "content_wildcard_repeating_star",
        "Consecutive wildcard characters",
        {"a": [{"wildcard": "a:**:b"}]},
        {"a": [{"wildcard": "a:*:b"}]},
    ),
    _pattern(
        "content_wildcard_complex",
        "Rule is too complex - try using fewer wildcard characters",
        {"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]},
        {"a": [{"wildcard": "arn:*:event-bus/*"}]},
    ),
    _pattern(
        "operator_case_sensitive",
        "Unrecognized match type EXISTS",
        {"a": [{"EXISTS": True}]},
        {"a": [{"exists": True}]},
    ),
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
