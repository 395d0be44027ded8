"""Every policy on AWS: actions that exist, on resources that they take, and none too many."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Any

import cfnlint.api
import pulumi
import pytest
from pulumi.runtime.sync_await import _sync_await

from components.targets.aws import policies
from components.targets.aws.checks import LONGEST_PREFIX
from components.targets.aws.ci_permissions import OWNER
from components.targets.aws.grants import together
from components.targets.aws.permissions import CALLS, SERVICES

ARN_PARTS = {
    "partition": "aws",
    "region": "eu-central-1",
    "account": "123456789012",
    "prefix": "p-dev",
    "stack": "dev",
    "bucket": "p-dev-store",
    "key": "arn:aws:kms:eu-central-1:123456789012:key/5ca1ab1e-0000-4000-8000-00000c10d000",
    "name": "p-dev-flights",
    "model": "flights",
    "data": "company/flights/",
    "data_bucket": "company",
    "data_key": "flights/",
    "repository": "arn:aws:ecr:eu-central-1:492215442770:repository/sagemaker-scikit-learn",
}
# On these the service has no other resource (Service Authorization Reference); GetMetricData has
# datasets only, which metrics of a service do not belong to.
EVERYWHERE = {
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "cloudwatch:GetMetricData",
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "kms:CreateKey",
    "kms:ListAliases",
    "logs:DescribeLogGroups",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListModels",
    "sns:GetSubscriptionAttributes",
    "sns:Unsubscribe",
}
TOPIC = "arn:aws:sns:eu-central-1:123456789012:p-dev-alarms"
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:p-dev-dead-letters"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"

# The longest there may be: policies are of limited length.
PREFIX = "p-dev".ljust(LONGEST_PREFIX, "x")


def document_of(output: pulumi.Output[str]) -> Any:
    """The document in an output of plain values."""
    return json.loads(_sync_await(output.future()) or "")


@pytest.fixture(params=sorted(CALLS))
def actor(request: pytest.FixtureRequest) -> str:
    """Every actor in turn."""
    return request.param


def findings(policy: dict[str, Any]) -> list[str]:
    """What parliament has against a policy."""
    with warnings.catch_warnings():
        # It leaves its data files to be closed by the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        import parliament

        findings = parliament.analyze_policy_string(json.dumps(policy)).findings
    return [f"{finding.issue}: {finding.detail}" for finding in findings]


def document(actor: str) -> dict[str, Any]:
    """An actor's policy, in a stack that owns the logs of jobs."""
    grants = together([*CALLS[actor], *OWNER.get(actor, ())])
    statements = policies.statements(grants, {**ARN_PARTS, "prefix": PREFIX})
    return {"Version": "2012-10-17", "Statement": statements}


def test_every_action_exists_and_takes_its_resource(actor: str) -> None:
    assert findings(document(actor)) == []


def test_no_action_has_a_wildcard_and_few_apply_everywhere(actor: str) -> None:
    for statement in document(actor)["Statement"]:
        assert not any("*" in action for action in statement["Action"])
        if "*" in statement["Resource"]:
            assert set(statement["Action"]) <= EVERYWHERE


def test_roles_are_passed_to_one_service_only(actor: str) -> None:
    for statement in document(actor)["Statement"]:
        if "iam:PassRole" in statement["Action"]:
            assert statement["Action"] == ["iam:PassRole"]
            assert statement["Condition"]["StringEquals"]["iam:PassedToService"]


def test_a_policy_fits_into_its_role(actor: str) -> None:
    assert len(json.dumps(document(actor), separators=(",", ":"))) <= 10240


def test_a_planted_mistake_is_found() -> None:
    for action, resource in (("s3:GetObjekt", "*"), ("sagemaker:CreateModel", "arn:aws:s3:::x")):
        statement = {"Effect": "Allow", "Action": [action], "Resource": [resource]}
        mistaken = {"Version": "2012-10-17", "Statement": [statement]}
        assert findings(mistaken)


def test_cloudformation_takes_all_documents() -> None:
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": dict(_resources())}
    rules = cfnlint.api.ManualArgs(regions=["eu-central-1"])
    assert [str(match) for match in cfnlint.api.lint(json.dumps(template), config=rules)] == []


def _resources() -> Iterator[tuple[str, dict[str, Any]]]:
    """All policies as resources of a CloudFormation template."""
    for actor in CALLS:
        trust = (
            policies.trust(actor, ARN_PARTS)
            if actor in SERVICES
            else policies.web_trust(PROVIDER, ["repo:a/b:environment:dev"])
        )
        inline = {"PolicyName": actor, "PolicyDocument": document(actor)}
        yield (
            actor.title(),
            {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": document_of(trust),
                    "Policies": [inline],
                },
            },
        )
    resource_policies = {
        "Key": ("AWS::KMS::Key", "KeyPolicy", policies.key_policy(ARN_PARTS), {}),
        "Store": (
            "AWS::S3::BucketPolicy",
            "PolicyDocument",
            policies.tls_only("arn:aws:s3:::p-dev-store"),
            {"Bucket": "p-dev-store"},
        ),
        "Alarms": (
            "AWS::SNS::TopicPolicy",
            "PolicyDocument",
            policies.topic_policy(TOPIC, ARN_PARTS),
            {"Topics": [TOPIC]},
        ),
        "Letters": (
            "AWS::SQS::QueuePolicy",
            "PolicyDocument",
            policies.queue_policy(QUEUE, ARN_PARTS),
            {"Queues": ["https://sqs.eu-central-1.amazonaws.com/123456789012/p-dev-dead-letters"]},
        ),
    }
    for name, (kind, key, output, more) in resource_policies.items():
        yield name, {"Type": kind, "Properties": {key: document_of(output), **more}}


def test_a_role_holds_its_policy_whatever_the_prefix(actor: str) -> None:
    # Of a role's own policies IAM counts 10,240 characters, without white space.
    assert len("".join(json.dumps(document(actor)).split())) <= 10_240
