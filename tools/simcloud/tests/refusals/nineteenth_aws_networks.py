"""A nineteenth round on AWS, taken blind: networks and budgets."""

from __future__ import annotations

from typing import Any

from refusals.case import (
    EXCLUSIVE,
    GITHUB,
    PATTERN,
    RANGE,
    REFERENCE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"


def _warned(kind: str) -> dict[str, Any]:
    """A budget of a day."""
    notification = {
        "comparisonOperator": "GREATER_THAN",
        "notificationType": kind,
        "threshold": 100,
        "thresholdType": "PERCENTAGE",
        "subscriberEmailAddresses": ["a@example.org"],
    }
    return {"timeUnit": "DAILY", "notifications": [notification]}


def _tagged(*values: str) -> dict[str, Any]:
    return {"costFilters": [{"name": "TagKeyValue", "values": list(values)}]}


def _open(port: int) -> dict[str, Any]:
    rule = {"fromPort": port, "toPort": port, "protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}
    return {"ingress": [rule]}


NETWORKS = [
    Refusal(
        f"{GITHUB}/grycap/im/issues/1011",
        RANGE,
        "vpc",
        "InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid",
        {"cidrBlock": "10.0.0.0/8"},
        {"cidrBlock": "10.0.0.0/16"},
    ),
    Refusal(
        f"{GITHUB}/trailofbits/algo/issues/340",
        RANGE,
        "vpc",
        "InvalidVpc.Range: The CIDR '172.16.0.0/12' is invalid",
        {"cidrBlock": "172.16.0.0/12"},
        {"cidrBlock": "172.16.0.0/16"},
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-vpc/issues/976",
        PATTERN,
        "vpc",
        'expected cidr_block to contain a valid Value, got: "": invalid CIDR address',
        {"cidrBlock": ""},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-awsx/issues/111",
        REFERENCE,
        "subnet",
        "InvalidSubnet.Range: The CIDR '10.10.1.0/24' is invalid",
        {"cidrBlock": "10.10.1.0/24"},
        {"cidrBlock": "10.0.10.0/24"},
    ),
    Refusal(
        f"{GITHUB}/LinkedInLearning/learning-terraform-3087701/issues/148",
        EXCLUSIVE,
        "subnet",
        "InvalidSubnet.Conflict: The CIDR '10.0.102.0/24' conflicts with another subnet",
        {"cidrBlock": "10.0.102.0/24"},
        {"cidrBlock": "10.0.103.0/24"},
        (("first", "subnet", {"cidrBlock": "10.0.102.0/24"}),),
    ),
    Refusal(
        f"{GITHUB}/ansible/ansible/issues/23400",
        EXCLUSIVE,
        "subnet",
        "InvalidSubnet.Conflict: a smaller subnet exists inside the range",
        {"cidrBlock": "10.0.34.0/24"},
        {"cidrBlock": "10.0.35.0/24"},
        (("first", "subnet", {"cidrBlock": "10.0.34.16/28"}),),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-awsx/issues/328",
        PATTERN,
        "security",
        "Group names may not be in the format sg-*",
        {"name": "sg-86c8964"},
        {"name": "sg86c8964"},
    ),
    Refusal(
        f"{TERRAFORM}/pull/43854",
        PATTERN,
        "security",
        "Character sets beyond ASCII are not supported",
        {"description": "セキュリティグループ"},
        {"description": "security group"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/pull/10524",
        EXCLUSIVE,
        "security",
        "protocol = -1 and a port number other than 0",
        _open(8080),
        _open(0),
    ),
    Refusal(
        f"{GITHUB}/JiRaska/open-bank-oss/pull/226",
        EXCLUSIVE,
        "budget",
        "InvalidParameterException: FORECASTED on a DAILY budget",
        _warned("FORECASTED"),
        _warned("ACTUAL"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/24924",
        PATTERN,
        "budget",
        "InvalidParameterException: two tags in one value",
        _tagged("user:App$my-app,user:App$my-app-2"),
        _tagged("user:App$my-app", "user:App$my-app-2"),
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/cloudformation-coverage-roadmap/issues/365",
        EXCLUSIVE,
        "budget",
        "Error creating budget: my-budget - the budget already exists",
        {},
        {"name": "second"},
        (("first", "budget", {}),),
    ),
]
