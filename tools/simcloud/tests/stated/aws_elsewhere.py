"""What AWS takes of other accounts, of which nothing is known, and what it doesn't."""

from __future__ import annotations

from stated.case import Stated

OWN, OTHER = "123456789012", "210987654321"
KEY = "arn:aws:kms:eu-central-1:{}:key/11111111-2222-4333-8444-555555555555"

ELSEWHERE = [
    # AWS KMS guide, "Allowing users in other accounts to use a KMS key".
    Stated(
        "topic",
        "does not exist",
        {"kmsMasterKeyId": KEY.format(OWN)},
        {"kmsMasterKeyId": KEY.format(OTHER)},
    ),
    # IAM guide, "Grant a user permissions to pass a role": within an account alone.
    Stated(
        "function",
        "does not exist",
        {"role": f"arn:aws:iam::{OTHER}:role/nobody"},
        {"role": "${role.arn}"},
    ),
    # IAM API, AttachRolePolicy: policies of the role's account, and those of AWS.
    Stated(
        "attachment",
        "does not exist",
        {"policyArn": f"arn:aws:iam::{OTHER}:policy/p"},
        {"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
    ),
]
