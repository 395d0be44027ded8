"""A twelfth round on Amazon Web Services: threads read after the rules of the eleventh."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from refusals.case import (
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.eleventh import ACCOUNT, QUEUES, ROOT, SUBJECT
from refusals.ninth import TERRAFORM_AWS

IMAGE = "1.dkr.ecr.eu-central-1.amazonaws.com/decision-trees-sample"
CREATED = ["s3:ObjectCreated:*"]
OF_BUCKETS = [
    "s3:GetBucketAcl",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
]
ANOTHER = "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification"


def _granted(**more: Any) -> dict[str, Any]:
    return {"policy": policy(statement(**{"Resource": "*", **more}))}


def _shared(**more: Any) -> dict[str, Any]:
    return {"policy": policy(statement(**{"Principal": ROOT, **more}))}


def _federated(provider: str) -> dict[str, Any]:
    trust = statement(
        Action="sts:AssumeRoleWithWebIdentity",
        Principal={"Federated": provider},
        Condition=SUBJECT,
    )
    return {"assumeRolePolicy": policy(trust)}


def _queues(*prefixes: str | None) -> dict[str, Any]:
    queues = [
        {
            "queueArn": "${open.arn}",
            "events": CREATED,
            **({"filterPrefix": prefix} if prefix else {}),
        }
        for prefix in prefixes
    ]
    return {"queues": queues}


def _widget(kind: str) -> dict[str, Any]:
    queries = [{"query": "sum(rate(requests[5m]))", "id": "q1"}]
    properties = {"region": "eu-central-1", "data": {"queries": queries}}
    return {"dashboardBody": json.dumps({"widgets": [{"type": kind, "properties": properties}]})}


def _expiry(action: dict[str, Any], **selection: Any) -> dict[str, Any]:
    criteria = {
        "tagStatus": "any",
        "countType": "sinceImagePulled",
        "countUnit": "days",
        "countNumber": 90,
        **selection,
    }
    rule = {"rulePriority": 1, "selection": criteria, "action": action}
    return {"policy": json.dumps({"rules": [rule]})}


AWS = [
    Refusal(
        f"{GITHUB}/aws/amazon-sagemaker-examples/issues/197",
        PATTERN,
        "model",
        "an image has a tag",
        {"primaryContainer.image": IMAGE},
        {"primaryContainer.image": f"{IMAGE}:latest"},
        accepted="CreateModel's reference now says that the tag may be left out",
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/26108",
        POLICY,
        "policy",
        "an account has twelve digits",
        _granted(Action="sts:AssumeRole", Resource="arn:aws:iam::xxxx:role/developer"),
        _granted(Action="sts:AssumeRole", Resource="arn:aws:iam::210987654321:role/developer"),
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/39833",
        POLICY,
        "policy",
        "an operator has keys",
        _granted(
            Action="ec2:Describe*", Condition={"ForAnyValue:StringLike": ["aws:MultiFactorAuthAge"]}
        ),
        _granted(Action="ec2:Describe*"),
    ),
    Refusal(
        f"{GITHUB}/oqtopus-team/oqtopus-cloud/issues/379",
        POLICY,
        "policy",
        "a statement has resources",
        _granted(Action="cognito-idp:AdminDeleteUser", Resource=[]),
        _granted(Action="cognito-idp:AdminDeleteUser"),
    ),
    Refusal(
        f"{GITHUB}/danschultzer/elixir-terraform-aws-ecs-example/issues/1",
        POLICY,
        "role",
        "an account has twelve digits",
        _federated("arn:aws:iam::1234:oidc-provider/token.actions.githubusercontent.com"),
        _federated("${oidc.arn}"),
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack/pull/8453",
        TEXT,
        "role",
        "a policy is JSON",
        {
            "assumeRolePolicy": '{"Version": "2012-10-17", "Statement": [{"Action": '
            '"sts:AssumeRole", "Principal": "*", "Effect": "Allow",}]}'
        },
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/13449",
        POLICY,
        "role",
        "an action stands beside the principal",
        {
            "assumeRolePolicy": policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "backup.amazonaws.com", "Action": "sts:AssumeRole"},
                }
            )
        },
    ),
    Refusal(
        f"{GITHUB}/sivchari/kumo/issues/923",
        EXCLUSIVE,
        "notification",
        "a rule without a prefix overlaps with one that has it",
        _queues(None, "logs/"),
        _queues("images/", "logs/"),
        QUEUES,
    ),
    Refusal(
        f"{GITHUB}/aws-solutions-library-samples/"
        "guidance-for-claude-code-with-amazon-bedrock/issues/759",
        TEXT,
        "dashboard",
        "queries are for the widget of the type chart",
        _widget("metric"),
        _widget("chart"),
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/cfn-lint/pull/771",
        MISSING,
        "alarm",
        "an alarm has a metric",
        {"metricName": REMOVED, "statistic": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/ansible/ansible/issues/67510",
        TEXT,
        "rule",
        "a pattern is JSON",
        {"eventPattern": '{\\"source\\": [\\"aws.ecr\\"]}'},
        {"eventPattern": '{"source": ["aws.ecr"]}'},
    ),
    Refusal(
        f"{GITHUB}/getmoto/moto/pull/542",
        REFERENCE,
        "function",
        "the code is in the bucket",
        {"s3Key": "missing.zip"},
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/41179",
        EXCLUSIVE,
        "scaling",
        "a target has one policy for a metric",
        {},
        {f"{ANOTHER}.predefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"},
        (("first", "scaling", {"name": "first"}),),
    ),
    Refusal(
        f"{GITHUB}/ansible/ansible/pull/35632",
        REFERENCE,
        "scaling",
        "what scales is registered",
        {"resourceId": "endpoint/other/variant/all"},
    ),
    Refusal(
        f"{GITHUB}/floci-io/floci/pull/3233",
        TEXT,
        "logfilter",
        "a selector has one wildcard",
        {"pattern": "{ $.calls[*].errors[*].code = 400 }"},
        {"pattern": "{ $.calls[*].errors[0].code = 400 }"},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/15047",
        TEXT,
        "logfilter",
        "a field begins with $",
        {"pattern": '{ status = "401" }'},
        {"pattern": '{ $.status = "401" }'},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cli/issues/7408",
        PATTERN,
        "permission",
        "the ARN of a role has two colons before its account",
        {"principal": "arn:aws:iam:000000000000:role/xxxx", "sourceArn": REMOVED},
        {"principal": f"{ACCOUNT}:role/sim-role", "sourceArn": REMOVED},
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/1524",
        EXCLUSIVE,
        "permission",
        "the id of a statement is the only one of its function",
        {},
        {"statementId": "second"},
        (("first", "permission", {}),),
    ),
    Refusal(
        f"{GITHUB}/versity/versitygw/issues/650",
        POLICY,
        "bucketpolicy",
        "an action is one of the service",
        _shared(Action="invalid_action", Resource="${bucket.arn}"),
        _shared(Action="s3:ListBucket", Resource="${bucket.arn}"),
    ),
    Refusal(
        f"{GITHUB}/versity/versitygw/issues/648",
        POLICY,
        "bucketpolicy",
        "a resource is one of the bucket",
        _shared(Action="s3:GetObject", Resource="<invalid_resource_value>"),
        _shared(Action="s3:GetObject", Resource="${bucket.arn}/*"),
    ),
    Refusal(
        f"{GITHUB}/humanmade/S3-Uploads/issues/239",
        POLICY,
        "bucketpolicy",
        "a condition applies to the actions",
        _shared(
            Action=OF_BUCKETS,
            Resource="${bucket.arn}",
            Condition={"StringLike": {"s3:prefix": ["*"]}},
        ),
        _shared(
            Action="s3:ListBucket",
            Resource="${bucket.arn}",
            Condition={"StringLike": {"s3:prefix": ["*"]}},
        ),
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/45866",
        MISSING,
        "expiry",
        "a transition has a target",
        _expiry({"type": "transition"}),
        _expiry({"type": "transition", "targetStorageClass": "archive"}),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-ecr/pull/159",
        EXCLUSIVE,
        "expiry",
        "images in the archive are counted since their transition",
        _expiry({"type": "expire"}, countType="sinceImagePushed", storageClass="archive"),
        _expiry({"type": "expire"}, countType="sinceImageTransitioned", storageClass="archive"),
    ),
    Refusal(
        f"{GITHUB}/boto/boto3/issues/1499",
        PATTERN,
        "parameter",
        "a name has no spaces",
        {"name": "Dev MySQL DB"},
        {"name": "Dev-MySQL-DB"},
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/modernisation-platform/pull/8116",
        RANGE,
        "parameter",
        "a value has one character",
        {"value": ""},
        {"value": "-"},
    ),
]

__all__ = ["AWS"]
