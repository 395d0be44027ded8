"""For each policy, resources that it refuses and the same resources as it wants them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from policy.model import LATER, Resource, Stack

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ENDPOINT_CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
DOCUMENT = "aws:s3/bucketObjectv2:BucketObjectv2"
SSE = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ROLE = "/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions"
OPEN = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": "x"}
TLS = {"Effect": "Deny", "Action": "s3:*", "Principal": "*", "Resource": "*"}
SECURE = {**TLS, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
BLOCKED = dict.fromkeys(
    ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
)


@dataclass(frozen=True)
class Case:
    """`told` is what the refusal says of `bad`; `good` passes the same policy."""

    policy: str
    told: str
    bad: Stack
    good: Stack = field(default_factory=lambda: stack())


def stack(*resources: Resource, name: str = "dev", alerts: Any = None) -> Stack:
    """A stack of some resources, and its setting `mlops:alerts`."""
    return Stack(name, resources, {"mlops:alerts": alerts})


def one(token: str, **inputs: Any) -> Resource:
    """A resource."""
    return Resource(token, "it", inputs)


def allow(*actions: str, on: str = "arn:x", **more: Any) -> Resource:
    """A role's policy."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}
    return one(ROLE_POLICY, policy=json.dumps({"Statement": [statement]}))


def endpoint_document(percent: int) -> Resource:
    """What releases on AWS make endpoints out of."""
    content = json.dumps({"capture": {"percent": percent}})
    return one(DOCUMENT, key="models/flights/endpoint.json", content=content)


def guarded(statement: dict[str, Any]) -> Resource:
    """A bucket's policy."""
    return one(BUCKET_POLICY, policy=json.dumps({"Statement": [statement]}))


def encrypted(algorithm: str) -> Resource:
    """A bucket's encryption."""
    default = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}
    return one(SSE, rules=[default])


TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = one("aws:sns/topicSubscription:TopicSubscription", topicArn=LATER)
ACCOUNT = "azure-native:storage:StorageAccount"
GROUP = "azure-native:monitor:ActionGroup"
GCS = "gcp:storage/bucket:Bucket"
MEMBER = "gcp:projects/iAMMember:IAMMember"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
SCHEDULE = "aws:scheduler/schedule:Schedule"

CASES = (
    Case(
        "encryption-at-rest",
        "kmsMasterKeyId is not set",
        stack(one(TOPIC)),
        stack(one(TOPIC, kmsMasterKeyId=LATER)),
    ),
    Case(
        "encryption-at-rest",
        "captures are not encrypted",
        stack(one(ENDPOINT_CONFIG, dataCaptureConfig={"enableCapture": True})),
        # Without one of the service's the container captures, into the store.
        stack(one(ENDPOINT_CONFIG, dataCaptureConfig={"kmsKeyId": LATER}), one(ENDPOINT_CONFIG)),
    ),
    Case(
        "encryption-at-rest",
        "encrypted with 'AES256'",
        stack(one(BUCKET), encrypted("AES256")),
        stack(one(BUCKET), encrypted("aws:kms")),
    ),
    Case("encryption-at-rest", "1 Bucket resources, but 0", stack(one(BUCKET))),
    Case(
        "encryption-at-rest",
        "encryption.defaultKmsKeyName is not set",
        stack(one(GCS)),
        stack(one(GCS, encryption={"defaultKmsKeyName": "k"})),
    ),
    Case(
        "keys-rotate",
        "enableKeyRotation is not true",
        stack(one("aws:kms/key:Key")),
        stack(one("aws:kms/key:Key", enableKeyRotation=True)),
    ),
    Case(
        "keys-rotate",
        "rotationPeriod is not set",
        stack(one("gcp:kms/cryptoKey:CryptoKey")),
        stack(one("gcp:kms/cryptoKey:CryptoKey", rotationPeriod="7776000s")),
    ),
    Case(
        "tls-only",
        "no statement denies requests without TLS",
        stack(one(BUCKET), guarded(TLS)),
        stack(one(BUCKET), guarded(SECURE)),
    ),
    Case(
        "tls-only",
        "1 Bucket resources, but 0 BucketPolicy",
        stack(one(BUCKET)),
        stack(one(BUCKET), one(BUCKET_POLICY, policy=LATER)),
    ),
    Case(
        "tls-only",
        "minimumTlsVersion is not TLS1_2",
        stack(one(ACCOUNT, minimumTlsVersion="TLS1_0")),
        stack(one(ACCOUNT, minimumTlsVersion="TLS1_2")),
    ),
    Case(
        "tls-only",
        "enableHttpsTrafficOnly is false",
        stack(one(ACCOUNT, minimumTlsVersion="TLS1_2", enableHttpsTrafficOnly=False)),
    ),
    Case(
        "no-public-access",
        "blockPublicPolicy is not true",
        stack(one(BUCKET), one(BLOCK, **{**BLOCKED, "blockPublicPolicy": False})),
        stack(one(BUCKET), one(BLOCK, **BLOCKED)),
    ),
    Case("no-public-access", "0 BucketPublicAccessBlock", stack(one(BUCKET))),
    Case(
        "no-public-access",
        "allowBlobPublicAccess is not false",
        stack(one(ACCOUNT)),
        stack(one(ACCOUNT, allowBlobPublicAccess=False)),
    ),
    Case(
        "no-public-access",
        "publicAccessPrevention is not 'enforced'",
        stack(one(GCS, uniformBucketLevelAccess=True)),
        stack(one(GCS, uniformBucketLevelAccess=True, publicAccessPrevention="enforced")),
    ),
    Case(
        "no-public-access",
        "uniformBucketLevelAccess is not true",
        stack(one(GCS, publicAccessPrevention="enforced")),
    ),
    Case(
        "no-public-access",
        "granted to allUsers",
        stack(one("gcp:storage/bucketIAMMember:BucketIAMMember", member="allUsers")),
    ),
    Case(
        "no-public-access",
        "allows everybody, on no condition",
        stack(guarded(OPEN)),
        stack(guarded({**OPEN, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}})),
    ),
    Case(
        "least-privilege",
        "allows more than it says: s3:*",
        stack(allow("s3:*")),
        stack(allow("s3:GetObject", "s3:PutObject")),
    ),
    Case(
        "least-privilege",
        "allows s3:GetObject on every resource",
        stack(allow("s3:GetObject", on="*")),
        stack(allow("cloudwatch:PutMetricData", on="*")),
    ),
    Case(
        "least-privilege",
        "allows more than it says: NotAction",
        stack(
            one(
                "aws:iam/role:Role",
                inlinePolicies=[
                    {"policy": '{"Statement": {"Effect": "Allow", "NotAction": "iam:*"}}'}
                ],
            )
        ),
    ),
    Case(
        "least-privilege",
        "roles/editor on the whole project",
        stack(one(MEMBER, role="roles/editor")),
        stack(one(MEMBER, role="roles/aiplatform.user")),
    ),
    Case(
        "least-privilege",
        "Owner, Contributor or User Access",
        stack(one(ASSIGNMENT, roleDefinitionId=f"{ROLE}/b24988ac-6180-42a0-ab88-20f7382dd24c")),
        stack(one(ASSIGNMENT, roleDefinitionId=f"{ROLE}/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")),
    ),
    Case(
        "no-plain-secrets",
        "mlops:alerts holds a credential in plain text",
        stack(alerts={"webhooks": ["https://hooks.slack.com/services/T0/B0/x"]}),
        stack(alerts={"webhooks": ["env:SLACK", {"secure": "v1:AKIA"}]}),
    ),
    Case(
        "no-plain-secrets",
        "mlops:alerts holds a credential in plain text",
        stack(
            alerts={"webhooks": [f"https://events.pagerduty.com/v2/enqueue?routing_key={'k' * 32}"]}
        ),
        stack(alerts={"webhooks": ["env:PAGERDUTY", "https://events.pagerduty.com/v2/enqueue"]}),
    ),
    Case(
        "log-retention",
        "retentionInDays is not set",
        stack(one("aws:cloudwatch/logGroup:LogGroup")),
        stack(one("aws:cloudwatch/logGroup:LogGroup", retentionInDays=30)),
    ),
    Case(
        "tags",
        "no tags stack",
        stack(one(BUCKET, tags={"project": "mlops"})),
        stack(one(BUCKET, tags={"project": "mlops", "stack": "dev"})),
    ),
    Case(
        "protected",
        "is not protected",
        stack(one(BUCKET), name="aws-prod"),
        stack(Resource(BUCKET, "it", {}, protected=True), name="aws-prod"),
    ),
    Case(
        "alarms-heard",
        "alarmActions is empty",
        stack(one(ALARM, alarmActions=[]), SUBSCRIPTION),
        stack(one(ALARM, alarmActions=[LATER]), SUBSCRIPTION),
    ),
    Case(
        "alarms-heard",
        "no TopicSubscription",
        stack(one(ALARM, alarmActions=["arn"])),
        stack(one(ALARM, alarmActions=["arn"]), SUBSCRIPTION),
    ),
    Case(
        "alarms-heard",
        "the action group has no receivers",
        stack(one(GROUP, emailReceivers=[])),
        stack(one(GROUP, emailReceivers=[{"emailAddress": "a@example.com"}])),
    ),
    Case(
        "capture",
        "requests are not captured",
        stack(endpoint_document(0)),
        stack(endpoint_document(100), one(ENDPOINT_CONFIG)),
    ),
    Case(
        "drift-checked",
        "1 endpoints, but 0 scheduled drift checks",
        stack(one(ENDPOINT), Resource(SCHEDULE, "flights-training")),
        stack(one(ENDPOINT), Resource(SCHEDULE, "flights-drift-check")),
    ),
    Case(
        "regions",
        "'ap-south-1' is not one of",
        stack(one(BUCKET, region="ap-south-1")),
        stack(one(BUCKET, region="eu-central-1"), one(GROUP, location="Global")),
    ),
)
