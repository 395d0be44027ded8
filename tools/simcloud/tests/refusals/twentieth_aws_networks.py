"""A second independent sample on Amazon Web Services: networks."""

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


def _described(text: str) -> dict[str, Any]:
    """A security group with a description of its one rule."""
    return {
        "ingress": [
            {
                "protocol": "tcp",
                "fromPort": 22,
                "toPort": 22,
                "cidrBlocks": ["10.0.0.0/16"],
                "description": text,
            }
        ]
    }


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
        f"{GITHUB}/LinkedInLearning/learning-terraform-3087701/issues/148",
        EXCLUSIVE,
        "subnet",
        "InvalidSubnet.Conflict: The CIDR '10.0.102.0/24' conflicts with another subnet",
        {"cidrBlock": "10.0.102.0/24"},
        {"cidrBlock": "10.0.103.0/24"},
        (("first", "subnet", {"cidrBlock": "10.0.102.0/24"}),),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-awsx/issues/111",
        REFERENCE,
        "subnet",
        "InvalidSubnet.Range: The CIDR '10.10.1.0/24' is invalid (outside of the network)",
        {"cidrBlock": "10.10.1.0/24"},
        {"cidrBlock": "10.0.1.0/24"},
    ),
    Refusal(
        f"{GITHUB}/QT-DevOps/DevOpsIssues/issues/201",
        EXCLUSIVE,
        "subnet",
        "Invalid CIDR: the second of two /22 starts inside the first",
        {"cidrBlock": "10.0.1.0/22"},
        {"cidrBlock": "10.0.4.0/22"},
        (("first", "subnet", {"cidrBlock": "10.0.0.0/22"}),),
    ),
    Refusal(
        f"{GITHUB}/psd401/aistudio/pull/1049",
        PATTERN,
        "security",
        "InvalidParameterValue: GroupDescription is invalid. Character sets beyond ASCII are not "
        "supported",
        {"description": "Security group for embedding Lambda (postgres.js \u2192 Aurora)"},
        {"description": "Security group for embedding Lambda (postgres.js to Aurora)"},
    ),
    Refusal(
        f"{GITHUB}/ConradIrwin/aws-name-server/pull/12",
        PATTERN,
        "security",
        "InvalidParameterValue: the name of a security group may not start with sg-",
        {"name": "sg-aws-name-server"},
        {"name": "aws-name-server"},
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/cfn-lint/issues/173",
        PATTERN,
        "security",
        "InvalidParameterValue: Invalid rule description. Valid descriptions are strings less "
        "than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        _described("This is AWS' own validator's fault"),
        _described("This is the fault of the validator"),
    ),
]
