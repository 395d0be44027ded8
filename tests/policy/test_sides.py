"""Both sides of each policy: what it must refuse, and the nearest thing that it must let pass.

Which names, values and limits there are is the services' own: the CloudFormation and ARM references
of the properties, AWS' Service Authorization Reference, the lists of built-in roles.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from policy import pack
from policy.model import LATER, Resource, Stack, as_list, each_has, path, statements
from tests.policy.cases import (
    ACCOUNT,
    ASSIGNMENT,
    BLOCK,
    BLOCKED,
    BUCKET,
    BUCKET_POLICY,
    DOCUMENT,
    ENDPOINT,
    ENDPOINT_CONFIG,
    GCP_ALARM,
    GCS,
    GROUP,
    LOG_ALERT,
    MEMBER,
    METRIC_ALERT,
    ROLE,
    ROLE_POLICY,
    SCHEDULE,
    SECURE,
    SSE,
    SUBSCRIPTION,
    TOPIC,
    allow,
    criterion,
    encrypted,
    endpoint_document,
    guarded,
    invocations,
    queried,
    query,
    resource_of,
    stack,
    threshold,
)  # fmt: skip
from tests.policy.test_policies import reasons
from tools.preview.differences import UNKNOWN

REFUSED, PASSES = False, True
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
KEY = "aws:kms/key:Key"
CRYPTO_KEY = "gcp:kms/cryptoKey:CryptoKey"
DATASET = "gcp:bigquery/dataset:Dataset"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
AML_ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
AML_SCHEDULE = "azure-native:machinelearningservices:Schedule"
AWS_ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
VERTEX_SCHEDULE = "gcp:colab/schedule:Schedule"
CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
WORKSPACE = "azure-native:operationalinsights:Workspace"
LOG_BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
BINDING = "gcp:projects/iAMBinding:IAMBinding"
PUBLIC_GCS = {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": True}
ANYBODY = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "x"}


def policy_of(token: str, **statement: Any) -> Resource:
    """A resource with a policy of one statement."""
    return resource_of(token, policy=json.dumps({"Statement": [statement]}))


def role_with(**statement: Any) -> Resource:
    """A role with a policy of its own inside."""
    inline = {"policy": json.dumps({"Statement": [statement]})}
    return resource_of("aws:iam/role:Role", inlinePolicies=[inline])


def roles(*guids: str) -> list[tuple[str, bool, Stack]]:
    return [
        (
            "least-privilege",
            REFUSED,
            stack(resource_of(ASSIGNMENT, roleDefinitionId=f"{ROLE}/{guid}")),
        )
        for guid in guids
    ]


S3_READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
WITHOUT_TLS = {"Effect": "Deny", "Action": "s3:*", "Principal": "*", "Resource": "*"}

SIDES: list[tuple[str, bool, Stack]] = [
    # encryption-at-rest: everything that takes a key, with and without one.
    ("encryption-at-rest", REFUSED, stack(resource_of(QUEUE))),
    ("encryption-at-rest", PASSES, stack(resource_of(QUEUE, kmsMasterKeyId="k"))),
    ("encryption-at-rest", REFUSED, stack(resource_of(DATASET, defaultEncryptionConfiguration={}))),
    (
        "encryption-at-rest", PASSES,
        stack(resource_of(DATASET, defaultEncryptionConfiguration={"kmsKeyName": "k"})),
    ),
    ("encryption-at-rest", REFUSED, stack(resource_of(ENDPOINT))),
    ("encryption-at-rest", PASSES,
     stack(resource_of(ENDPOINT, encryptionSpec={"kmsKeyName": "k"}))),
    ("encryption-at-rest", REFUSED, stack(resource_of(ENDPOINT_CONFIG, dataCaptureConfig={}))),
    ("encryption-at-rest", PASSES, stack(resource_of(BUCKET), encrypted("aws:kms:dsse"))),
    ("encryption-at-rest", REFUSED, stack(resource_of(BUCKET), resource_of(SSE, rules=[]))),
    ("encryption-at-rest", REFUSED,
     stack(resource_of(BUCKET), resource_of(BUCKET), encrypted("aws:kms"))),
    ("encryption-at-rest", PASSES, stack(encrypted("aws:kms"))),
    # keys-rotate
    ("keys-rotate", REFUSED, stack(resource_of(KEY, enableKeyRotation=False))),
    ("keys-rotate", REFUSED, stack(resource_of(CRYPTO_KEY))),
    ("keys-rotate", PASSES, stack(resource_of(CRYPTO_KEY, rotationPeriod=LATER))),
    # tls-only
    ("tls-only", PASSES, stack(resource_of(ACCOUNT, minimumTlsVersion="TLS1_3"))),
    ("tls-only", REFUSED, stack(resource_of(ACCOUNT, minimumTlsVersion="TLS1_1"))),
    ("tls-only", REFUSED, stack(resource_of(ACCOUNT))),
    ("tls-only", REFUSED, stack(resource_of(ACCOUNT, minimumTlsVersion="TLS1_2",
                                    enableHttpsTrafficOnly=False))),
    ("tls-only", PASSES, stack(resource_of(ACCOUNT, minimumTlsVersion="TLS1_2",
                                   enableHttpsTrafficOnly=True))),
    ("tls-only", REFUSED, stack(guarded({**SECURE, "Effect": "Allow"}))),
    ("tls-only", REFUSED, stack(guarded({**WITHOUT_TLS, "Condition": {
        "Bool": {"aws:SecureTransport": "true"}}}))),
    ("tls-only", PASSES, stack(guarded({**WITHOUT_TLS, "Condition": {
        "Bool": {"aws:SecureTransport": ["false"]}}}))),
    ("tls-only", PASSES, stack(guarded({**WITHOUT_TLS, "Condition": {
        "Bool": {"aws:SecureTransport": False}}}))),
    ("tls-only", REFUSED, stack(resource_of(BUCKET), resource_of(BUCKET), guarded(SECURE))),
    # no-public-access: each of the four switches, each kind of policy, and no Deny.
    *(
        ("no-public-access", REFUSED, stack(resource_of(BLOCK, **{**BLOCKED, name: value})))
        for name in BLOCKED
        for value in (False, None)
    ),
    ("no-public-access", REFUSED, stack(resource_of(GCS, **{**PUBLIC_GCS,
                                                    "publicAccessPrevention": "inherited"}))),
    ("no-public-access", REFUSED, stack(resource_of(GCS, **{**PUBLIC_GCS,
                                                    "uniformBucketLevelAccess": False}))),
    ("no-public-access", PASSES, stack(resource_of(GCS, **PUBLIC_GCS))),
    ("no-public-access", REFUSED, stack(resource_of(ACCOUNT, allowBlobPublicAccess=True))),
    ("no-public-access", REFUSED, stack(resource_of(MEMBER, member="allAuthenticatedUsers"))),
    ("no-public-access", PASSES, stack(resource_of(MEMBER, member="user:allUsers@example.com"))),
    *(
        ("no-public-access", verdict, stack(policy_of(token, **ANYBODY, Principal=principal)))
        for token in (BUCKET_POLICY, TOPIC_POLICY, QUEUE_POLICY, KEY)
        for principal, verdict in (
            ("*", REFUSED),
            ({"AWS": "*"}, REFUSED),
            ({"AWS": ["arn:aws:iam::1:root", "*"]}, REFUSED),
            ({"Service": "events.amazonaws.com"}, PASSES),
            ({"AWS": "arn:aws:iam::1:role/*"}, PASSES),
        )
    ),
    ("no-public-access", PASSES, stack(guarded(WITHOUT_TLS))),
    ("no-public-access", REFUSED, stack(guarded({**ANYBODY, "Principal": "*", "Condition": {}}))),
    # least-privilege: what is allowed, where, and to whom.
    ("least-privilege", REFUSED, stack(allow("s3:ListBucket", on="*"))),
    ("least-privilege", REFUSED, stack(allow("s3:ListBucketVersions", on="*"))),
    ("least-privilege", PASSES, stack(allow("s3:ListBucket"))),
    ("least-privilege", PASSES, stack(allow("sagemaker:ListModels", on="*"))),
    ("least-privilege", PASSES, stack(allow("logs:DescribeLogGroups", on="*"))),
    *(
        ("least-privilege", PASSES, stack(allow(action, on="*")))
        for action in ("cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics",
                       "ecr:GetAuthorizationToken", "sts:GetCallerIdentity",
                       "sns:GetSubscriptionAttributes", "sns:Unsubscribe")
    ),
    ("least-privilege", REFUSED, stack(allow("cloudwatch:PutMetricAlarm", on="*"))),
    ("least-privilege", REFUSED, stack(allow("sns:Publish", on="*"))),
    ("least-privilege", REFUSED, stack(allow("sts:AssumeRole", on="*"))),
    ("least-privilege", REFUSED, stack(allow("cloudwatch:PutMetricData", "s3:GetObject", on="*"))),
    ("least-privilege", REFUSED, stack(allow("s3:Get*"))),
    ("least-privilege", REFUSED, stack(allow("*"))),
    ("least-privilege", REFUSED, stack(allow("s3:GetObject", "s3:*"))),
    ("least-privilege", REFUSED, stack(resource_of(ASSIGNMENT, roleDefinitionId=(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9")))),
    ("least-privilege", PASSES, stack(allow("s3:GetObject", on="*", Condition={
        "StringEquals": {"aws:ResourceAccount": "1"}}))),
    ("least-privilege", REFUSED, stack(policy_of(ROLE_POLICY, **S3_READ))),
    ("least-privilege", REFUSED, stack(policy_of("aws:iam/policy:Policy", **S3_READ))),
    ("least-privilege", REFUSED, stack(role_with(**S3_READ))),
    ("least-privilege", PASSES, stack(role_with(**{**S3_READ, "Resource": "arn:x"}))),
    ("least-privilege", PASSES, stack(policy_of(ROLE_POLICY, **{**S3_READ, "Effect": "Deny"}))),
    ("least-privilege", REFUSED, stack(policy_of(ROLE_POLICY, Effect="Allow", NotAction="iam:*",
                                                 Resource="arn:x"))),
    ("least-privilege", REFUSED, stack(policy_of(
        ROLE_POLICY, Effect="Allow", Action="s3:GetObject", Resource=["arn:x", "*"]))),
    *(
        ("least-privilege", verdict, stack(resource_of(token, role=role)))
        for token in (MEMBER, BINDING)
        for role, verdict in (
            ("roles/owner", REFUSED), ("roles/viewer", REFUSED), ("roles/storage.admin", REFUSED),
            ("roles/aiplatform.admin", REFUSED), ("roles/aiplatform.user", PASSES),
            ("roles/storage.objectViewer", PASSES), ("projects/p/roles/owner", PASSES),
        )
    ),
    # learn.microsoft.com, "Azure built-in roles": an id is the same in capitals.
    *roles(
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "8E3AF657-A8FF-443C-A75C-2FE8C4BCB635",
        "b24988ac-6180-42a0-ab88-20f7382dd24c", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    ),
    ("least-privilege", PASSES, stack(resource_of(ASSIGNMENT, roleDefinitionId=(
        f"{ROLE}/8e3af657-a8ff-443c-a75c-2fe8c4bcb636")))),
    # no-plain-secrets: the forms in which services give them out.
    *(
        ("no-plain-secrets", verdict, Stack("dev", (), {"mlops:x": text}))
        for text, verdict in (
            ("AKIAIOSFODNN7EXAMPLE", REFUSED), ("AKIAIOSFODNN7EXAMPL", PASSES),
            ("-----BEGIN RSA PRIVATE KEY-----", REFUSED),
            ("-----BEGIN PRIVATE KEY-----", REFUSED), ("-----BEGIN PUBLIC KEY-----", PASSES),
            (f"ghp_{'a' * 36}", REFUSED), (f"gho_{'a' * 29}", PASSES),
            (f"AccountKey={'a' * 86}==", REFUSED), ("AccountKey=", PASSES),
            ("https://hooks.slack.com/services/T0/B0/x", REFUSED),
            ("https://slack.com/services", PASSES),
            ("xoxb-1234567890", REFUSED), ("xoxc-1234567890", PASSES),
            ("https://user:secret@example.com/", REFUSED), ("https://example.com/a@b", PASSES),
            ("https://user@example.com/", PASSES),
            (f"https://e.com/?routing_key={'a' * 32}", REFUSED),
            (f"https://e.com/?a=1&routing_key={'a' * 32}", REFUSED),
        )
    ),
    # log-retention
    ("log-retention", REFUSED, stack(resource_of(LOG_GROUP, retentionInDays=0))),
    ("log-retention", PASSES, stack(resource_of(LOG_GROUP, retentionInDays=1))),
    ("log-retention", REFUSED, stack(resource_of(WORKSPACE))),
    ("log-retention", PASSES, stack(resource_of(WORKSPACE, retentionInDays=30))),
    ("log-retention", REFUSED, stack(resource_of(LOG_BUCKET, retentionInDays=30))),
    ("log-retention", PASSES, stack(resource_of(LOG_BUCKET, retentionDays=30))),
    # tags: `project` and `stack`; on Google Cloud labels.
    *(
        ("tags", verdict, stack(resource_of(token, **{key: tags})))
        for token, key in (
            (BUCKET, "tags"), ("aws:sagemaker/pipeline:Pipeline", "tags"), (AWS_ENDPOINT, "tags"),
            ("azure-native:resources:ResourceGroup", "tags"),
            ("azure-native:machinelearningservices:Workspace", "tags"), (AML_ENDPOINT, "tags"),
            (GCS, "labels"), (ENDPOINT, "labels"),
        )
        for tags, verdict in (
            ({"project": "p", "stack": "s"}, PASSES), ({"stack": "s"}, REFUSED),
            ({"project": "p"}, REFUSED), (None, REFUSED),
        )
    ),
    # alarms-heard: each service's own field, and somebody behind it.
    ("alarms-heard", REFUSED, stack(resource_of(METRIC_ALERT, actions=[]))),
    ("alarms-heard", PASSES, stack(resource_of(METRIC_ALERT, actions=[{"actionGroupId": LATER}]))),
    ("alarms-heard", REFUSED, stack(resource_of(LOG_ALERT, actions={"actionGroups": []}))),
    ("alarms-heard", PASSES, stack(resource_of(LOG_ALERT, actions={"actionGroups": [LATER]}))),
    ("alarms-heard", REFUSED, stack(resource_of(GCP_ALARM, notificationChannels=[LATER]))),
    ("alarms-heard", REFUSED, stack(resource_of(GCP_ALARM), resource_of(CHANNEL))),
    ("alarms-heard", PASSES,
     stack(resource_of(GCP_ALARM, notificationChannels=[LATER]), resource_of(CHANNEL))),
    ("alarms-heard", PASSES, stack(SUBSCRIPTION)),
    ("alarms-heard", PASSES, stack()),
    ("alarms-heard", REFUSED, stack(resource_of(GROUP, name="alarms", webhookReceivers=[]))),
    ("alarms-heard", PASSES, stack(resource_of(GROUP, emailReceivers=[], webhookReceivers=[{}]))),
    # capture
    ("capture", PASSES, stack(endpoint_document(1))),
    ("capture", PASSES, stack(resource_of(DOCUMENT, key="models/x/endpoint.json", content=LATER))),
    ("capture", PASSES, stack(resource_of(DOCUMENT, key="models/x/alarms.json", content="{}"))),
    ("capture", REFUSED, stack(resource_of(DOCUMENT, key="models/x/endpoint.json", content="{}"))),
    ("capture", REFUSED, stack(resource_of(DEPLOYMENT, properties={}))),
    ("capture", PASSES, stack(resource_of(DEPLOYMENT, properties={"dataCollector": {"a": 1}}))),
    ("capture", REFUSED, stack(resource_of(ENDPOINT, predictRequestResponseLoggingConfig={
        "enabled": False}))),
    ("capture", PASSES, stack(resource_of(ENDPOINT, predictRequestResponseLoggingConfig={
        "enabled": True}))),
    # drift-checked: a check for each endpoint, on each cloud.
    *(
        ("drift-checked", verdict, stack(*[resource_of(endpoint)] * 2,
                                         *[Resource(schedule, name, {}) for name in names]))
        for endpoint, schedule in ((AWS_ENDPOINT, SCHEDULE), (AML_ENDPOINT, AML_SCHEDULE),
                                   (ENDPOINT, VERTEX_SCHEDULE))
        for names, verdict in (
            (("a-drift-check", "b-drift-check"), PASSES),
            (("a-drift-check", "b-training"), REFUSED),
            (("a-drift-check",), REFUSED),
        )
    ),
    ("drift-checked", PASSES, stack(Resource(SCHEDULE, "a-drift-check", {}))),
    # regions
    *(
        ("regions", verdict, stack(resource_of(BUCKET, **{key: region})))
        for key in ("region", "location")
        for region, verdict in (
            ("eu-central-1", PASSES), ("us-east-1", PASSES), ("europe-west1", PASSES),
            ("WestEurope", PASSES), ("EU", PASSES), ("eastus2", PASSES), ("global", PASSES),
            ("ap-south-1", REFUSED), ("asia-east1", REFUSED), ("brazilsouth", REFUSED),
            ("australiaeast", REFUSED), (LATER, PASSES), (None, PASSES),
        )
    ),
    ("regions", REFUSED, stack(resource_of(BUCKET, region=LATER, location="ap-south-1"))),
    ("regions", REFUSED, stack(resource_of(BUCKET, region=None, location="ap-south-1"))),
    # alarms-can-fire: metrics, dimensions and limits at the limit and beyond.
    ("alarms-can-fire", PASSES, invocations("Invocation5XXErrors", statistic="Average",
                                            threshold=0.99,
                                            comparisonOperator="GreaterThanThreshold")),
    ("alarms-can-fire", REFUSED, invocations("Invocation4XXErrors", statistic="Average",
                                             threshold=1.01,
                                             comparisonOperator="GreaterThanOrEqualToThreshold")),
    ("alarms-can-fire", REFUSED, invocations("InvocationModelErrors", statistic="Average",
                                             threshold=2)),
    ("alarms-can-fire", PASSES, invocations("Invocations", statistic="Average", threshold=2)),
    ("alarms-can-fire", PASSES, invocations("Invocation5XXErrors", statistic="Average",
                                            threshold=LATER)),
    ("alarms-can-fire", PASSES, invocations(LATER)),
    ("alarms-can-fire", PASSES, invocations("Invocations", dimensions=LATER)),
    ("alarms-can-fire", REFUSED, invocations("Invocations", dimensions={})),
    ("alarms-can-fire", PASSES, invocations("Invocations", dimensions={
        "InferenceComponentName": "x"})),
    ("alarms-can-fire", PASSES, invocations("StepFailed", namespace=(
        "AWS/Sagemaker/ModelBuildingPipeline"), dimensions={"PipelineName": "p"})),
    ("alarms-can-fire", PASSES, invocations("StepFailed", namespace=(
        "AWS/Sagemaker/ModelBuildingPipeline"), dimensions={})),
    ("alarms-can-fire", REFUSED, invocations("StepFailed", namespace=(
        "AWS/Sagemaker/ModelBuildingPipeline"), dimensions={"StepName": "p"})),
    ("alarms-can-fire", REFUSED, invocations("Invocations", threshold=-1,
                                             comparisonOperator="LessThanOrEqualToThreshold")),
    ("alarms-can-fire", PASSES, invocations("Invocations", threshold=1,
                                            comparisonOperator="LessThanThreshold")),
    ("alarms-can-fire", PASSES, invocations("Invocations", threshold=-1,
                                            comparisonOperator="GreaterThanThreshold")),
    ("alarms-can-fire", PASSES, invocations("Invocations", threshold=LATER,
                                            comparisonOperator="LessThanThreshold")),
    ("alarms-can-fire", PASSES, queried("Invocations", namespace="of-their-own")),
    ("alarms-can-fire", PASSES, criterion("RequestsPerMinute", "deployment", "statusCode")),
    ("alarms-can-fire", REFUSED, criterion("RequestsPerMinute", "deployment", "codes")),
    ("alarms-can-fire", PASSES, criterion(LATER)),
    ("alarms-can-fire", PASSES, criterion("RequestsPerMinute", LATER)),
    ("alarms-can-fire", PASSES, criterion("Requests", metricNamespace="of-their-own")),
    ("alarms-can-fire", REFUSED, criterion("RequestsPerMinute", operator="LessThan", threshold=-1)),
    ("alarms-can-fire", PASSES, query(LATER)),
    ("alarms-can-fire", PASSES, query("OfTheirOwn | where Anything == 1")),
    ("alarms-can-fire", PASSES, query("AppMetrics | count", "Count")),
    ("alarms-can-fire", REFUSED, query("AppMetrics | where Sum > 1", "Count")),
    ("alarms-can-fire", PASSES, query("AppMetrics | summarize max(Sum)", "max_Sum")),
    ("alarms-can-fire", REFUSED, query("AppMetrics | summarize max(Sum)", "max_Total")),
    ("alarms-can-fire", PASSES, query("AppMetrics | extend x = Sum * 2 | where x > 1", LATER)),
    ("alarms-can-fire", REFUSED, query("AppMetrics | where x == 1")),
    ("alarms-can-fire", PASSES, threshold("prediction/online/replicas", thresholdValue=-1)),
    ("alarms-can-fire", REFUSED, threshold("prediction/online/replicas", thresholdValue=-1,
                                           comparison="COMPARISON_LT")),
    ("alarms-can-fire", PASSES, stack(resource_of(GCP_ALARM, conditions=[{"conditionThreshold": {
        "filter": 'metric.type="custom.googleapis.com/x"', "comparison": "COMPARISON_LT",
        "thresholdValue": 0}}]))),
    ("alarms-can-fire", REFUSED, stack(resource_of(GCP_ALARM, conditions=[{"conditionAbsent": {
        "filter": 'metric.type="aiplatform.googleapis.com/prediction/online/none"'}}]))),
    ("alarms-can-fire", REFUSED, threshold(
        "prediction/online/response_count",
        denominatorFilter='metric.type="aiplatform.googleapis.com/prediction/online/none"')),
    ("alarms-can-fire", PASSES, stack(resource_of(GCP_ALARM, conditions=[{"conditionMatchedLog": {
        "filter": "x"}}]))),
    ("alarms-can-fire", PASSES,
     stack(resource_of(GCP_ALARM, enabled=True), resource_of(METRIC_ALERT))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "passes", "resources"), SIDES, ids=[f"{p}-{n}" for n, (p, *_) in enumerate(SIDES)]
)
def test_a_policy_has_two_sides(policy: str, passes: bool, resources: Stack) -> None:
    assert (reasons(policy, resources) == []) is passes, reasons(policy, resources)


def test_every_policy_has_both_sides_here_or_among_the_cases() -> None:
    names = {policy.name for policy in pack.POLICIES} - {"protected"}
    for side in (REFUSED, PASSES):
        assert {policy for policy, passes, _ in SIDES if passes is side} == names


@pytest.mark.parametrize(
    "token",
    [
        BUCKET, KEY, "aws:sagemaker/modelPackageGroup:ModelPackageGroup", ACCOUNT,
        "azure-native:keyvault:Vault", "azure-native:machinelearningservices:Workspace",
        "azure-native:machinelearningservices:ModelContainer", GCS, CRYPTO_KEY,
        "pulumi-python:dynamic/gcp:Entry",
    ],
)  # fmt: skip
def test_what_holds_versions_and_keys_is_protected_in_production(token: str) -> None:
    for name, is_protected in (("prod", True), ("aws-prod", True), ("dev", False),
                               ("prod-eu", False), ("reprod", False)):  # fmt: skip
        assert bool(reasons("protected", Stack(name, [resource_of(token)]))) is is_protected, name
    assert not reasons("protected", Stack("prod", [Resource(token, "it", {}, protected=True)]))
    assert not reasons("protected", Stack("prod", [resource_of(SCHEDULE)]))


def test_a_reason_names_the_resource_and_what_is_wrong() -> None:
    bucket, other = resource_of(GCS, **PUBLIC_GCS, location="asia-east1"), resource_of(TOPIC)
    checks = {policy.name: policy.check for policy in pack.POLICIES}
    ((resource, reason),) = checks["regions"](stack(other, bucket))
    assert resource is bucket and reason.startswith("'asia-east1' is not one of eu-*, us-*")
    ((resource, reason),) = checks["encryption-at-rest"](stack(bucket))
    assert resource is bucket
    ((resource, reason),) = checks["tls-only"](stack(resource_of(BUCKET)))
    assert resource is None and reason == "1 Bucket resources, but 0 BucketPolicy resources"


def test_the_input_of_a_policy_is_read_as_documents_are_written() -> None:
    assert path({"a": [{"b": 1}, {"b": 2}]}, "a.b") == 1
    assert path({"a": []}, "a.b") is None and path({"a": 1}, "a.b") is None
    assert path({"a": LATER}, "a.b") == LATER and path({}, "a") is None
    assert as_list(None) == [] and as_list("x") == ["x"] and as_list(["x"]) == ["x"]
    one_statement = {"Effect": "Allow"}
    assert statements(json.dumps({"Statement": one_statement})) == [one_statement]
    assert statements({"Statement": [one_statement] * 2}) == [one_statement] * 2
    assert statements("no JSON") == statements(None) == statements("{}") == []
    two = stack(resource_of(BUCKET), resource_of(BUCKET), resource_of(SSE))
    assert [reason for _, reason in each_has(two, BUCKET, SSE)] == [
        "2 Bucket resources, but 1 BucketServerSideEncryptionConfiguration resources"
    ]
    assert not [*each_has(two, SSE, BUCKET)]


def test_the_engine_s_resources_become_a_stack_and_reasons_its_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stacks: list[Stack] = []

    def check(stack_seen: Stack) -> Any:
        stacks.append(stack_seen)
        yield stack_seen.resources[0], "is wrong"
        yield None, "something is missing"

    monkeypatch.setattr("pulumi.get_stack", lambda: "aws-prod")
    resource = SimpleNamespace(
        resource_type=BUCKET, name="store", urn="urn:1", props={"a": [1, {"b": "c"}], "d": "e"},
        opts=SimpleNamespace(protect=True),
    )  # fmt: skip
    reports: list[tuple[str, str | None]] = []
    validate = pack._validation(pack.Policy("x", "y", check))
    validate(SimpleNamespace(resources=[resource]), lambda *reason: reports.append(reason))
    assert reports == [("store: is wrong", "urn:1"), ("something is missing", None)]
    (checked_stack,) = stacks
    assert checked_stack.name == "aws-prod" and checked_stack.config["mlops:model"] == "churn"
    assert checked_stack.resources == [
        Resource(BUCKET, "store", {"a": [1, {"b": "c"}], "d": "e"}, True)
    ]


def test_what_a_preview_cannot_know_is_known_later(monkeypatch: pytest.MonkeyPatch) -> None:
    from pulumi_policy.proxy import UnknownValueError

    class Proxy(dict):
        def __getitem__(self, key: str) -> Any:
            if key == "unknown":
                raise UnknownValueError(UNKNOWN, [])
            return super().__getitem__(key)

    assert pack._plain(Proxy(known=1, unknown=2)) == {"known": 1, "unknown": LATER}
    monkeypatch.setattr("pulumi.get_stack", lambda: "another")
    assert pack._config("another") == {}
