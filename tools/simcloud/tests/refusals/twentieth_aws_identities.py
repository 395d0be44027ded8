"""A second independent sample on Amazon Web Services: roles, policies, providers."""

from __future__ import annotations

from typing import Any

from samples.documents import policy, statement, trust

from refusals.case import (
    ENUM,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
# Fingerprints of certificates.
PRINTS = [f"6938fd4d98bab03faadb97b34396831e3780ae{number:02}" for number in range(6)]


def _allowed(**more: Any) -> dict[str, str]:
    """A policy of one statement."""
    return {"policy": policy(statement(**more))}


ROLES = [
    Refusal(
        f"{GITHUB}/kubernetes-sigs/external-dns/issues/3085",
        POLICY,
        "role",
        "MalformedPolicyDocument: Has prohibited field Resource",
        {
            "assumeRolePolicy": policy(
                statement(
                    Action=["route53:ChangeResourceRecordSets"],
                    Resource=["arn:aws:route53:::hostedzone/*"],
                )
            )
        },
        {"assumeRolePolicy": trust("ec2")},
    ),
    Refusal(
        f"{GITHUB}/aws-actions/configure-aws-credentials/issues/332",
        PATTERN,
        "role",
        'MalformedPolicyDocument: Invalid principal in policy: "AWS":'
        '"arn:aws:iam::12345678910:role/Orchestration_Role"',
        {
            "assumeRolePolicy": policy(
                statement(
                    Action="sts:AssumeRole",
                    Principal={"AWS": "arn:aws:iam::12345678910:role/Orchestration_Role"},
                )
            )
        },
        {
            "assumeRolePolicy": policy(
                statement(
                    Action="sts:AssumeRole", Principal={"AWS": "arn:aws:iam::123456789012:root"}
                )
            )
        },
    ),
    Refusal(
        f"{GITHUB}/serverless/examples/issues/405",
        RANGE,
        "role",
        "ValidationError: 'roleName' failed to satisfy constraint: Member must have length less "
        "than or equal to 64",
        {"name": "aws-node-serve-dynamic-html-via-http-endpoint-dev-us-east-1-lambdaRole"},
        {"name": "aws-node-serve-dynamic-html-via-http-dev-us-east-1-lambdaRole"},
    ),
    Refusal(
        f"{GITHUB}/trussworks/terraform-aws-s3-anti-virus/issues/21",
        PATTERN,
        "rolepolicy",
        'MalformedPolicyDocument: Resource sns-topic-name must be in ARN format or "*"',
        _allowed(Action="sns:Publish", Resource="sns-topic-name"),
        _allowed(Action="sns:Publish", Resource="${topic.arn}"),
    ),
    Refusal(
        f"{GITHUB}/Graylog2/graylog-plugin-aws/issues/172",
        PATTERN,
        "rolepolicy",
        "MalformedPolicyDocument: The policy failed legacy parsing",
        _allowed(Action="iam:PassRole", Resource="arn:aws:iam:123456789012:user/daniel"),
        _allowed(Action="iam:PassRole", Resource="arn:aws:iam::123456789012:user/daniel"),
    ),
    Refusal(
        f"{GITHUB}/cloud-gov/terraform-provision/pull/1838",
        PATTERN,
        "rolepolicy",
        "MalformedPolicyDocument: IAM resource cannot contain region information",
        _allowed(Action="iam:GetRole", Resource="arn:aws:iam:eu-central-1:123456789012:role/a"),
        _allowed(Action="iam:GetRole", Resource="arn:aws:iam::123456789012:role/a"),
    ),
]

POLICIES = [
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-iam/issues/603",
        MISSING,
        "policy",
        "MalformedPolicyDocument: Policy statement must contain resources",
        _allowed(Action=["aps:RemoteWrite", "aps:QueryMetrics"]),
        _allowed(Action=["aps:RemoteWrite", "aps:QueryMetrics"], Resource="*"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/10419",
        POLICY,
        "policy",
        "MalformedPolicyDocument: Policy document should not specify a principal",
        _allowed(
            Action=["s3:*"],
            Resource=["arn:aws:s3:::dummy-bucket/*"],
            Principal={"AWS": "${role.arn}"},
        ),
        _allowed(Action=["s3:*"], Resource=["arn:aws:s3:::dummy-bucket/*"]),
    ),
    Refusal(
        f"{GITHUB}/cloudera-labs/cloudera.exe/issues/114",
        PATTERN,
        "policy",
        'MalformedPolicyDocument: Partition "${ARN_PARTITION}" is not valid for resource '
        '"arn:${ARN_PARTITION}:s3:::sup-rp-uet2"',
        _allowed(Resource="arn:${ARN_PARTITION}:s3:::sup-rp-uet2"),
        _allowed(Resource="arn:aws:s3:::sup-rp-uet2"),
    ),
    Refusal(
        f"{GITHUB}/shashankprasanna/torchserve-examples/issues/7",
        PATTERN,
        "attachment",
        "ValidationError: The specified value for roleName is invalid. It must contain only "
        "alphanumeric characters and/or the following: +=,.@_-",
        {"role": "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole"},
        {"role": "${role.name}"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi/issues/7419",
        REFERENCE,
        "attachment",
        "NoSuchEntity: Policy arn:aws:iam::aws:policy/AWSLambdaFullAccess does not exist or is "
        "not attachable",
        {"policyArn": "arn:aws:iam::aws:policy/AWSLambdaFullAccess"},
        {"policyArn": "arn:aws:iam::aws:policy/AWSLambda_FullAccess"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/1337",
        PATTERN,
        "attachment",
        "InvalidInput: ARN (the text of a policy) is not valid",
        {"policyArn": policy(statement(Action=["logs:PutLogEvents"], Resource="*"))},
    ),
    Refusal(
        f"{TERRAFORM}/pull/32903",
        RANGE,
        "oidc",
        "a provider can contain a maximum of 5 thumbprints",
        {"thumbprintLists": PRINTS},
        {"thumbprintLists": PRINTS[:5]},
    ),
    Refusal(
        f"{GITHUB}/terraform-redhat/terraform-rhcs-rosa-classic/issues/79",
        RANGE,
        "oidc",
        "expected length of thumbprint_list.0 to be in the range (40 - 40), got an empty text",
        {"thumbprintLists": [""]},
        {"thumbprintLists": PRINTS[:1]},
    ),
]

BUDGETS = [
    Refusal(
        f"{GITHUB}/JiRaska/open-bank-oss/pull/226",
        ENUM,
        "budget",
        "InvalidParameterException: FORECASTED is not allowed on a DAILY budget",
        {
            "timeUnit": "DAILY",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "FORECASTED",
                    "threshold": 100,
                    "thresholdType": "PERCENTAGE",
                    "subscriberEmailAddresses": ["a@example.org"],
                }
            ],
        },
        {
            "timeUnit": "DAILY",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 100,
                    "thresholdType": "PERCENTAGE",
                    "subscriberEmailAddresses": ["a@example.org"],
                }
            ],
        },
    ),
]

IDENTITIES = [*ROLES, *POLICIES, *BUDGETS]
