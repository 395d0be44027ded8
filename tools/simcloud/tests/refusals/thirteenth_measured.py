"""A thirteenth round on Lambda and its logs: refusals that a project's deployments measured."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED

from refusals.case import ENUM, EXCLUSIVE, GITHUB, PATTERN, REFERENCE, Refusal

MEASURED = f"{GITHUB}/badmintoncryer/cdk-preflight/blob/main/docs/rules.md#pf"
NETWORK = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
ATTACHED = ("network", "attachment", {"policyArn": NETWORK})
SIGNING = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0"
IMAGE = {
    "s3Bucket": REMOVED,
    "s3Key": REMOVED,
    "handler": REMOVED,
    "runtime": REMOVED,
    "packageType": "Image",
    "imageUri": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sim:1",
}


def _inside(subnet: str, group: str) -> dict[str, Any]:
    return {"vpcConfig": {"subnetIds": [subnet], "securityGroupIds": [group]}}


def _logged(**more: str) -> dict[str, Any]:
    return {"loggingConfig": {"logFormat": "JSON", **more}}


LAMBDA = [
    Refusal(
        f"{MEASURED}-lambda-loggroup-no-aws-prefix",
        PATTERN,
        "function",
        "a group's name does not begin with aws/",
        _logged(logGroup="aws/sim"),
        _logged(logGroup="/aws/lambda/sim"),
    ),
    Refusal(
        f"{MEASURED}-lambda-loggroup-pattern",
        PATTERN,
        "function",
        "a group's name has no spaces",
        _logged(logGroup="sim logs"),
        _logged(logGroup="sim-logs"),
    ),
    Refusal(
        f"{MEASURED}-lambda-system-log-level-enum",
        ENUM,
        "function",
        "the system has three levels",
        _logged(systemLogLevel="ERROR"),
        _logged(systemLogLevel="WARN"),
    ),
    Refusal(
        f"{MEASURED}-lambda-code-signing-arn-region",
        REFERENCE,
        "function",
        "a signing configuration is in the region",
        {"codeSigningConfigArn": SIGNING},
        {"codeSigningConfigArn": SIGNING.replace("us-east-1", "eu-central-1")},
    ),
    Refusal(
        f"{MEASURED}-lambda-code-signing-zip-only",
        EXCLUSIVE,
        "function",
        "an image is not signed here",
        {**IMAGE, "codeSigningConfigArn": SIGNING.replace("us-east-1", "eu-central-1")},
        IMAGE,
    ),
    Refusal(
        f"{MEASURED}-lambda-dlq-no-fifo",
        ENUM,
        "function",
        "what failed goes to no ordered topic",
        {"deadLetterConfig": {"targetArn": "${line.arn}"}},
        {},
        (("line", "topic", {"name": "line.fifo", "fifoTopic": True}),),
    ),
    Refusal(
        f"{MEASURED}-lambda-vpc-same-vpc",
        REFERENCE,
        "function",
        "subnets and groups are in one network",
        _inside("${subnet.id}", "${outside.id}"),
        _inside("${subnet.id}", "${security.id}"),
        (
            ATTACHED,
            ("other", "vpc", {"cidrBlock": "10.9.0.0/16"}),
            ("outside", "security", {"vpcId": "${other.id}", "name": "outside"}),
        ),
    ),
    Refusal(
        f"{MEASURED}-lambda-vpc-no-dedicated-tenancy",
        EXCLUSIVE,
        "function",
        "a network is not for dedicated machines",
        _inside("${place.id}", "${guard.id}"),
        {},
        (
            ATTACHED,
            ("other", "vpc", {"cidrBlock": "10.9.0.0/16", "instanceTenancy": "dedicated"}),
            ("place", "subnet", {"vpcId": "${other.id}", "cidrBlock": "10.9.1.0/24"}),
            ("guard", "security", {"vpcId": "${other.id}", "name": "guard"}),
        ),
    ),
    Refusal(
        f"{MEASURED}-lambda-perm-cross-region-function",
        REFERENCE,
        "permission",
        "a function is in the region",
        {"function": "arn:aws:lambda:us-east-1:123456789012:function:glue"},
        {"function": "${function.arn}"},
    ),
    Refusal(
        f"{MEASURED}-lambda-perm-function-name-latest",
        PATTERN,
        "permission",
        "a permission is for no $LATEST",
        {"qualifier": "$LATEST"},
        {},
    ),
    Refusal(
        f"{MEASURED}-lambda-perm-principal-whitespace",
        PATTERN,
        "permission",
        "a principal has no spaces",
        {"principal": "events.amazonaws.com "},
        {"principal": "events.amazonaws.com"},
    ),
    Refusal(
        f"{MEASURED}-lambda-perm-source-arn-with-account-principal",
        EXCLUSIVE,
        "permission",
        "a source is of a service",
        {"principal": "123456789012"},
        {"principal": "123456789012", "sourceArn": REMOVED},
    ),
    Refusal(
        f"{MEASURED}-lambda-perm-url-auth-action",
        EXCLUSIVE,
        "permission",
        "a kind of address goes with its action",
        {"principal": "*", "functionUrlAuthType": "NONE", "sourceArn": REMOVED},
        {
            "principal": "*",
            "functionUrlAuthType": "NONE",
            "sourceArn": REMOVED,
            "action": "lambda:InvokeFunctionUrl",
        },
    ),
    Refusal(
        f"{MEASURED}-logs-filter-name-charset",
        PATTERN,
        "logfilter",
        "a name has no colon",
        {"name": "errors:all"},
        {"name": "errors/all"},
    ),
]
