"""A fifteenth round on AWS: answers of the services that LocalStack's tests have recorded."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED

from refusals.case import (
    EXCLUSIVE,
    GITHUB,
    PATTERN,
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
]
