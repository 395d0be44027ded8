"""A second independent sample on Amazon Web Services: who reads and hears of a bucket."""

from __future__ import annotations

from typing import Any

from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    POLICY,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
# A queue that takes messages of the bucket.
INBOX = (
    ("inbox", "queue", {"name": "inbox"}),
    (
        "inboxpolicy",
        "queuepolicy",
        {
            "queueUrl": "${inbox.url}",
            "policy": policy(
                statement(
                    Action="sqs:SendMessage",
                    Resource="${inbox.arn}",
                    Principal={"Service": "s3.amazonaws.com"},
                )
            ),
        },
    ),
)


def _queued(queue: str, *filters: dict[str, str]) -> dict[str, Any]:
    """Messages for every object that is made, in one configuration a filter."""
    return {
        "queues": [
            {"queueArn": f"${{{queue}.arn}}", "events": ["s3:ObjectCreated:*"], **one}
            for one in filters
        ]
    }


def _cors(**more: Any) -> dict[str, Any]:
    return {"corsRules": [{"allowedMethods": ["GET"], "allowedOrigins": ["*"], **more}]}


SHARING = [
    Refusal(
        f"{GITHUB}/jamhall/s3rver/issues/383",
        ENUM,
        "cors",
        "AllowedMethod cannot be a wildcard: Found unsupported HTTP method in CORS config",
        _cors(allowedMethods=["*"], allowedHeaders=["*"], maxAgeSeconds=3000),
        _cors(allowedMethods=["GET"], allowedHeaders=["*"], maxAgeSeconds=3000),
    ),
    Refusal(
        f"{GITHUB}/versity/versitygw/issues/1870",
        PATTERN,
        "cors",
        'InvalidRequest: AllowedOrigin "*example*.com" can not have more than one wildcard',
        _cors(allowedOrigins=["*example*.com"]),
        _cors(allowedOrigins=["*example.com"]),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-js/issues/701",
        MISSING,
        "cors",
        "MalformedXML: a rule of CORS without methods",
        {"corsRules": [{"allowedOrigins": ["test.com", "testing2.com"]}]},
        {
            "corsRules": [
                {"allowedOrigins": ["test.com", "testing2.com"], "allowedMethods": ["GET"]}
            ]
        },
    ),
    Refusal(
        f"{GITHUB}/aws-solutions/aws-waf-security-automations/issues/49",
        ORDERING,
        "notification",
        "InvalidArgument: Configuration is ambiguously defined. Cannot have overlapping suffixes "
        "in two rules if the prefixes are overlapping for the same event type",
        _queued("inbox", {}, {"filterPrefix": "logs/"}),
        _queued("inbox", {"filterPrefix": "data/"}, {"filterPrefix": "logs/"}),
        INBOX,
    ),
    Refusal(
        f"{TERRAFORM}/issues/1582",
        POLICY,
        "notification",
        "InvalidArgument: Unable to validate the following destination configurations. "
        "Permissions on the destination queue do not allow S3",
        _queued("queue", {"filterSuffix": ".log.gz"}),
        _queued("inbox", {"filterSuffix": ".log.gz"}),
        INBOX,
    ),
    Refusal(
        f"{GITHUB}/iterate-ch/cyberduck/issues/14300",
        EXCLUSIVE,
        "object",
        "AccessControlListNotSupported: The bucket does not allow ACLs",
        {"acl": "public-read"},
    ),
]
