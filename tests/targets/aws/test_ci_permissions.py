"""What the code host's jobs may do, against what CloudFormation calls for the same resources.

Nothing here calls the real provider, so its calls are held against another tool's of the service's
own making: the permissions that the handlers of each resource type declare (in cfn-lint's copy of
the registry). Where the two differ, a reason is given.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import cfnlint
import pytest

from components.targets.aws.ci_permissions import OWNER
from components.targets.aws.permissions import CALLS
from tests.project import REPOSITORY

# The types that the components make, by the name in the registry; a part of a bucket is the bucket.
TYPES = {
    "appautoscaling.Policy": "ApplicationAutoScaling::ScalingPolicy",
    "appautoscaling.Target": "ApplicationAutoScaling::ScalableTarget",
    "budgets.Budget": "Budgets::Budget",
    "cloudwatch.Dashboard": "CloudWatch::Dashboard",
    "cloudwatch.EventRule": "Events::Rule",
    "cloudwatch.EventTarget": "Events::Rule",
    "cloudwatch.LogGroup": "Logs::LogGroup",
    "cloudwatch.MetricAlarm": "CloudWatch::Alarm",
    "iam.OpenIdConnectProvider": "IAM::OIDCProvider",
    "iam.Role": "IAM::Role",
    "iam.RolePolicy": "IAM::RolePolicy",
    "kms.Alias": "KMS::Alias",
    "kms.Key": "KMS::Key",
    "s3.Bucket": "S3::Bucket",
    "s3.BucketLifecycleConfiguration": "S3::Bucket",
    "s3.BucketObjectv2": "S3::Bucket",
    "s3.BucketOwnershipControls": "S3::Bucket",
    "s3.BucketPolicy": "S3::BucketPolicy",
    "s3.BucketPublicAccessBlock": "S3::Bucket",
    "s3.BucketServerSideEncryptionConfiguration": "S3::Bucket",
    "s3.BucketVersioning": "S3::Bucket",
    "sagemaker.Endpoint": "SageMaker::Endpoint",
    "sagemaker.EndpointConfiguration": "SageMaker::EndpointConfig",
    "sagemaker.Model": "SageMaker::Model",
    "sagemaker.ModelPackageGroup": "SageMaker::ModelPackageGroup",
    "sagemaker.Pipeline": "SageMaker::Pipeline",
    "scheduler.Schedule": "Scheduler::Schedule",
    "sns.Topic": "SNS::Topic",
    "sns.TopicPolicy": "SNS::TopicPolicy",
    "sns.TopicSubscription": "SNS::Subscription",
    "sqs.Queue": "SQS::Queue",
    "sqs.QueuePolicy": "SQS::QueuePolicy",
}
# What no resource of the components has or does, by actions.
UNUSED = {
    "parts of a bucket": r"s3:.*(Abac|Accelerate|Acl|Analytics|CORS|Cors|IntelligentTiering|"
    r"Inventory|Logging|Metadata|Metrics|Notification|ObjectLock|Replication|Website).*",
    "parts of a bucket that are never taken away": r"s3:DeleteBucket(Encryption|Lifecycle)",
    "the newer tags of buckets beside PutBucketTagging": r"s3:(Tag|Untag|ListTagsFor)Resource",
    "tables and deliveries": r"(s3tables|firehose|lambda|billing):.*|s3:REST.*",
    "scheduled scaling, tags of targets": r"application-autoscaling:"
    r"(\w+ScheduledActions?|(Tag|Untag)Resource)",
    "forecasts of scaling": r"cloudwatch:GetMetricData",
    "policies of groups": r"sagemaker:\w+ModelPackageGroupPolicy",
    "the endpoint's configuration is the releases' own": r"sagemaker:UpdateEndpoint",
    "protection of data": r"(sns|logs):.*DataProtection.*",
    "changes of a subscription: it is replaced": r"sns:SetSubscriptionAttributes",
    "the queue's URL is its id": r"sqs:GetQueueUrl",
    "keys that are switched off, or not rotated": r"kms:(Disable|Enable)Key|"
    r"kms:DisableKeyRotation",
    "managed policies and boundaries": r"iam:(Attach|Detach)RolePolicy|iam:\w+Boundary",
    "descriptions of roles": r"iam:UpdateRoleDescription",
    "changes of clients and thumbprints": r"iam:.*(ClientID|Thumbprint).*",
    "tags that come with the provider": r"iam:ListOpenIDConnectProviderTags",
    "log groups of other kinds": r"logs:.*(IndexPolic|ResourcePolic|LogDelivery|Bearer|"
    r"DeletionProtection).*",
    "log groups kept for ever, or without their key": r"logs:(DeleteRetentionPolicy|"
    r"DisassociateKmsKey)",
}
# What is granted besides, and for what.
BESIDES = {
    "instance profiles stand in the way of a role's deletion": {"iam:ListInstanceProfilesForRole"},
    "a key's deletion can be undone": {"kms:CancelKeyDeletion"},
    "objects, topic, queue and log are encrypted with the key": {
        "kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey",
    },
    "objects and their versions, which go with the bucket": {
        "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion",
        "s3:ListBucketVersions", "s3:PutObject", "s3:PutObjectTagging",
    },
    "the provider reads all of a bucket": {"s3:GetBucketAcl", "s3:GetBucketRequestPayment"},
    "a destroy takes what releases and pipelines made": {
        "sagemaker:DeleteModelPackage", "sagemaker:ListEndpointConfigs",
        "sagemaker:ListModelPackages", "sagemaker:ListModels",
    },
}  # fmt: skip
EXPLAINED = {action.lower() for actions in BESIDES.values() for action in actions}


@cache
def handlers() -> dict[str, dict[str, frozenset[str]]]:
    """Type and operation to the actions that CloudFormation declares for it."""
    folder = Path(str(cfnlint.__file__)).parent / "data" / "schemas" / "resources"
    schemas = (json.loads(file.read_text()) for file in folder.glob("*.json"))
    return {
        schema["typeName"].removeprefix("AWS::"): {
            operation: frozenset(handler["permissions"])
            for operation, handler in schema["handlers"].items()
            if operation != "list"
        }
        for schema in schemas
        if schema.get("typeName", "").removeprefix("AWS::") in TYPES.values()
    }


def declared(*operations: str) -> set[str]:
    """What CloudFormation calls for these operations on the stack's types."""
    return {
        action
        for by_operation in handlers().values()
        for operation in operations
        for action in by_operation.get(operation, ())
    }


def granted(job: str) -> set[str]:
    """What a job may call, in a stack that owns the logs of jobs."""
    return {action for grant in (*CALLS[job], *OWNER[job]) for action in grant.actions}


def lower(actions: set[str]) -> set[str]:
    """IAM does not look at case, and the registry has some of both."""
    return {action.lower() for action in actions}


def test_the_types_are_those_that_the_components_make() -> None:
    source = "".join(file.read_text() for file in (REPOSITORY / "components").rglob("*aws*.py"))
    classes = set(re.findall(r"\baws\.(\w+\.[A-Z]\w+)\(", source))
    assert {name for name in classes if not name.endswith("Args")} == set(TYPES)
    assert set(handlers()) == set(TYPES.values())


@pytest.mark.parametrize(
    ("job", "operations"),
    [("preview", ("read",)), ("deploy", ("create", "read", "update", "delete"))],
)
def test_what_the_resources_need_is_granted(job: str, operations: tuple[str, ...]) -> None:
    has = lower(granted(job))
    # Some handlers say of a read that it passes a role, which only a create or an update does.
    needs = declared(*operations) - (set() if "create" in operations else {"iam:PassRole"})
    missing = {action for action in needs if action.lower() not in has}
    assert not {a for a in missing if not any(re.fullmatch(p, a) for p in UNUSED.values())}


def test_nothing_is_granted_that_the_resources_do_not_need() -> None:
    reads = lower(declared("read")) | EXPLAINED
    all_operations = lower(declared("create", "read", "update", "delete")) | EXPLAINED
    assert not {action for action in granted("preview") if action.lower() not in reads}
    assert not {action for action in granted("deploy") if action.lower() not in all_operations}


def test_no_reason_is_out_of_date() -> None:
    needs = declared("create", "read", "update", "delete")
    for why, pattern in UNUSED.items():
        assert any(re.fullmatch(pattern, action) for action in needs), why
    grants = lower(granted("deploy"))
    assert grants >= EXPLAINED
    # What a pattern leaves out is not granted either, but for what is read of a bucket.
    out = {a for a in granted("deploy") if any(re.fullmatch(p, a) for p in UNUSED.values())}
    assert {action for action in out if not action.startswith("s3:Get")} == set()
