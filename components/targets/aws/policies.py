"""Policy documents on AWS: of roles, from the table of calls; and of key, bucket, topic, queue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.identity.github import ISSUER
from components.targets.aws.grants import Grant, together
from components.targets.aws.permissions import CALLS, SERVICES

AUDIENCE = "sts.amazonaws.com"

# What the templates of `aws_calls` name: partition, region, account, prefix, bucket, key and so on.
ArnParts = Mapping[str, pulumi.Input[str]]
Statement = dict[str, Any]

# What IAM may allow on the key, and what its administration needs: no wildcard.
_KEY_USE = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt")
_KEY_USE_DATA = ("kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
_KEY_CARE = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
# Services that write to the stack's topic, which is encrypted with its key.
_SENDERS = ("cloudwatch.amazonaws.com", "budgets.amazonaws.com")
# Writes to the stack's encrypted queue. Of its calls the key's policy can ask no aws:SourceAccount:
# "not supported for EventBridge-to-encrypted topics" (SNS developer guide, "Server-side
# encryption", of the same calls); the queue's own policy names the rules.
_EVENTS = "events.amazonaws.com"


def role_policy(actor: str, arn_parts: ArnParts, more: Sequence[Grant] = ()) -> pulumi.Output[str]:
    """The policy of an actor's role: what the table says it calls, and `more`."""
    grants = together([*CALLS[actor], *more])
    return _filled(lambda names: statements(grants, names), arn_parts)


def statements(grants: Sequence[Grant], names: Mapping[str, str]) -> list[Statement]:
    """The grants as statements, with the names filled in."""
    return [
        {
            "Effect": "Allow",
            "Action": list(grant.actions),
            "Resource": [template.format(**names) for template in grant.resources],
            **({"Condition": _condition(grant, names)} if grant.when else {}),
        }
        for grant in grants
    ]


def _condition(grant: Grant, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        test: {
            key: value.format(**names) if isinstance(value, str) else value
            for key, value in keys.items()
        }
        for test, keys in grant.when.items()
    }


def trust(actor: str, arn_parts: ArnParts) -> pulumi.Output[str]:
    """The trust policy of a role: its service, in this account only (no confused deputy)."""
    return _filled(
        lambda names: [
            {
                "Effect": "Allow",
                "Principal": {"Service": SERVICES[actor]},
                "Action": "sts:AssumeRole",
                "Condition": _of_account(names),
            }
        ],
        arn_parts,
    )


def web_trust(provider: pulumi.Input[str], subjects: Sequence[str]) -> pulumi.Output[str]:
    """The trust policy of a role of the code host's jobs: tokens of these subjects, and no others.

    AWS looks at audience and subject only:
    https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
    """
    issuer = ISSUER.removeprefix("https://")
    claims = {f"{issuer}:aud": AUDIENCE, f"{issuer}:sub": list(subjects)}
    return _filled(
        lambda names: [
            {
                "Effect": "Allow",
                "Principal": {"Federated": names["provider"]},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": claims},
            }
        ],
        {"provider": provider},
    )


def key_policy(arn_parts: ArnParts) -> pulumi.Output[str]:
    """The stack's key: the account's IAM decides, and some services may use it for the stack.

    CloudWatch Logs names itself by region and binds the key to its log groups:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """

    def key_statements(names: Mapping[str, str]) -> list[Statement]:
        partition, region, account = (names[n] for n in ("partition", "region", "account"))
        root = {"AWS": f"arn:{partition}:iam::{account}:root"}
        use = ["kms:Decrypt", "kms:GenerateDataKey"]
        group = f"arn:{partition}:logs:{region}:{account}:log-group:/aws/sagemaker/Endpoints/"
        of_logs = {"kms:EncryptionContext:aws:logs:arn": f"{group}{names['prefix']}-*"}
        return [
            _allow(root, [*_KEY_USE, *_KEY_USE_DATA, *_KEY_CARE], "*"),
            _allow({"Service": list(_SENDERS)}, use, "*", _of_account(names)),
            _allow({"Service": _EVENTS}, use, "*"),
            _allow(
                {"Service": f"logs.{region}.amazonaws.com"},
                ["kms:DescribeKey", "kms:Encrypt", *use, "kms:ReEncryptFrom", "kms:ReEncryptTo"],
                "*",
                {"ArnLike": of_logs},
            ),
        ]

    return _filled(key_statements, arn_parts)


def tls_only(bucket: pulumi.Input[str]) -> pulumi.Output[str]:
    """The bucket with this ARN answers nobody without TLS."""
    return _filled(
        lambda names: [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [names["bucket"], f"{names['bucket']}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
        {"bucket": bucket},
    )


def topic_policy(topic: pulumi.Input[str], arn_parts: ArnParts) -> pulumi.Output[str]:
    """Alarms and the budget of this account may publish to the topic with this ARN."""
    return _filled(
        lambda names: [
            _allow(
                {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]},
                "sns:Publish",
                names["topic"],
                _of_account(names),
            )
        ],
        {**arn_parts, "topic": topic},
    )


def queue_policy(queue: pulumi.Input[str], arn_parts: ArnParts) -> pulumi.Output[str]:
    """Rules of the stack may leave what they could not deliver in the queue with this ARN."""

    def queue_statements(names: Mapping[str, str]) -> list[Statement]:
        partition, region, account = (names[n] for n in ("partition", "region", "account"))
        rules = f"arn:{partition}:events:{region}:{account}:rule/{names['prefix']}-*"
        return [
            _allow(
                {"Service": "events.amazonaws.com"},
                "sqs:SendMessage",
                names["queue"],
                {"ArnLike": {"aws:SourceArn": rules}},
            )
        ]

    return _filled(queue_statements, {**arn_parts, "queue": queue})


def _allow(
    principal: Mapping[str, Any],
    action: str | list[str],
    resource: str,
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {**statement, **({"Condition": condition} if condition else {})}


def _of_account(names: Mapping[str, str]) -> dict[str, Any]:
    return {"StringEquals": {"aws:SourceAccount": names["account"]}}


def _filled(make: Any, arn_parts: ArnParts) -> pulumi.Output[str]:
    """The document that `make` gives for the names, once they are known."""
    return pulumi.Output.all(**arn_parts).apply(
        lambda names: json.dumps({"Version": "2012-10-17", "Statement": make(names)})
    )
