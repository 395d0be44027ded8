"""A nineteenth round on AWS, taken blind: keys, roles and policies, and all of its cases."""

from __future__ import annotations

from typing import Any

from samples.documents import policy, statement

from refusals.case import (
    EXCLUSIVE,
    GITHUB,
    PATTERN,
    POLICY,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.nineteenth_aws_messages import MESSAGES
from refusals.nineteenth_aws_models import MODELS
from refusals.nineteenth_aws_networks import NETWORKS
from refusals.nineteenth_aws_scaling import SCALING
from refusals.nineteenth_aws_stores import STORES
from refusals.nineteenth_aws_watch import WATCH

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
REPLICA = "s3-bucket-ukcloud-replica20220511075839843300000001"
MANAGED = "arn:aws:iam::aws:policy"
READER = {"AWS": "${role.arn}"}
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
SCALER = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


def _key(principal: str) -> dict[str, Any]:
    """A key whose policy names one more principal."""
    return {
        "policy": policy(
            statement(Action="kms:*", Resource="*", Principal=ROOT),
            statement(Action="kms:Encrypt", Resource="*", Principal={"AWS": principal}),
        )
    }


def _trust(principal: dict[str, str], *actions: str) -> dict[str, Any]:
    return {
        "assumeRolePolicy": policy(
            statement(Action=list(actions or ("sts:AssumeRole",)), Principal=principal)
        )
    }


def _permit(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"policy": policy(*(statement(**{"Resource": "*", **more}) for more in statements))}


ANYWHERE = {"Service": "rolesanywhere.amazonaws.com"}
KEYS = [
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-eks/issues/1950",
        POLICY,
        "key",
        "The new key policy will not allow you to update the key policy in the future",
        {
            "policy": policy(
                statement(
                    Action=["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"],
                    Resource="*",
                    Principal=READER,
                )
            )
        },
        _key("${role.arn}"),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/anthos-samples/issues/357",
        REFERENCE,
        "key",
        "Policy contains a statement with one or more invalid principals",
        _key(f"arn:aws:iam::123456789012:role/{SCALER}"),
        _key("${role.arn}"),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-ruby/issues/1784",
        TEXT,
        "key",
        "MalformedPolicyDocumentException",
        {"policy": "not a real policy statement"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/12891",
        PATTERN,
        "alias",
        "alias/Service:Test contains invalid characters for an alias",
        {"name": "alias/Service:Test"},
        {"name": "alias/Service_Test"},
    ),
    Refusal(
        f"{GITHUB}/aws-controllers-k8s/community/issues/1878",
        PATTERN,
        "alias",
        'Alias must start with the prefix "alias/"',
        {"name": "alias-rds-dbserver-8"},
        {"name": "alias/rds-dbserver-8"},
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-kms-key/issues/36",
        PATTERN,
        "alias",
        "\"name\" must begin with 'alias/' and be comprised of only [a-zA-Z0-9/_-]",
        {"name": "alias/"},
        {"name": "alias/123"},
    ),
]
ROLES = [
    Refusal(
        f"{GITHUB}/crisboarna/terraform-aws-api-gateway-lambda-dynamodb/issues/6",
        PATTERN,
        "role",
        '"name" must match [\\w+=,.@-]',
        {"name": "lambda role"},
        {"name": "lambda-role"},
    ),
    Refusal(
        f"{GITHUB}/aws-actions/configure-aws-credentials/issues/332",
        REFERENCE,
        "role",
        "Invalid principal in policy: an account with eleven digits",
        _trust({"AWS": "arn:aws:iam::12345678910:role/Orchestration_Role"}),
        _trust({"AWS": "arn:aws:iam::210987654321:root"}),
    ),
    Refusal(
        f"{TERRAFORM}/issues/32872",
        POLICY,
        "role",
        "AssumeRole policy may only specify STS AssumeRole actions",
        _trust(ANYWHERE, "sts:SetSourceIdentity", "sts:AssumeRole", "sts:TagSessions"),
        _trust(ANYWHERE, "sts:SetSourceIdentity", "sts:AssumeRole", "sts:TagSession"),
    ),
    Refusal(
        f"{GITHUB}/kubernetes/kops/issues/4951",
        POLICY,
        "rolepolicy",
        "Statement IDs (SID) in a single policy must be unique",
        _permit({"Sid": "NodeBucketGet"}, {"Sid": "NodeBucketGet"}),
        _permit({"Sid": "NodeBucketGet"}, {"Sid": "NodeBucketGet2"}),
    ),
    Refusal(
        f"{GITHUB}/garnaat/kappa/issues/111",
        POLICY,
        "rolepolicy",
        "Actions/Condition can contain only one colon",
        _permit({"Action": "codebuild:codebuild:StartBuild"}),
        _permit({"Action": "codebuild:StartBuild"}),
    ),
    Refusal(
        f"{GITHUB}/99designs/iamy/issues/74",
        TEXT,
        "rolepolicy",
        "Syntax errors in policy",
        {"policy": "null"},
    ),
    Refusal(
        f"{GITHUB}/Wolox/carthage_cache/issues/22",
        POLICY,
        "policy",
        "Statement IDs (SID) must be alpha-numeric",
        _permit({"Sid": "autogenerated-id"}),
        _permit({"Sid": "autogeneratedId"}),
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/modernisation-platform-environments/pull/590",
        POLICY,
        "policy",
        'Resource s3-bucket-ukcloud-replica must be in ARN format or "*"',
        _permit({"Action": "s3:ListBucket", "Resource": REPLICA}),
        _permit({"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{REPLICA}"}),
    ),
    Refusal(
        f"{TERRAFORM}/issues/10419",
        POLICY,
        "policy",
        "Policy document should not specify a principal",
        _permit({"Principal": READER}),
        _permit({}),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi/issues/7419",
        REFERENCE,
        "attachment",
        "Policy AWSLambdaFullAccess does not exist or is not attachable",
        {"policyArn": f"{MANAGED}/AWSLambdaFullAccess"},
        {"policyArn": f"{MANAGED}/AWSLambda_FullAccess"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/31748",
        REFERENCE,
        "attachment",
        "Policy AWSLambdaRole does not exist or is not attachable",
        {"policyArn": f"{MANAGED}/AWSLambdaRole"},
        {"policyArn": f"{MANAGED}/service-role/AWSLambdaRole"},
    ),
    Refusal(
        f"{GITHUB}/alantech/iasql/issues/1256",
        PATTERN,
        "attachment",
        "a policy named fake/arn",
        {"policyArn": "fake/arn"},
    ),
    Refusal(
        f"{GITHUB}/unfunco/terraform-aws-oidc-github/issues/23",
        EXCLUSIVE,
        "oidc",
        "Provider with url https://token.actions.githubusercontent.com already exists",
        {},
        {"url": "https://gitlab.com"},
        (("first", "oidc", {}),),
    ),
]
NINETEENTH_AWS = [
    *STORES,
    *KEYS,
    *ROLES,
    *MODELS,
    *NETWORKS,
    *MESSAGES,
    *WATCH,
    *SCALING,
]
