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
    """`sentence` is what the refusal says of `refused`; `accepted` passes the same policy."""

    policy: str
    sentence: str
    refused: Stack
    accepted: Stack = field(default_factory=lambda: stack())


def stack(*resources: Resource, name: str = "dev", alerts: Any = None) -> Stack:
    """A stack of some resources, and its setting `mlops:alerts`."""
    return Stack(name, resources, {"mlops:alerts": alerts})


def resource_of(token: str, **inputs: Any) -> Resource:
    """A resource."""
    return Resource(token, "it", inputs)


def allow(*actions: str, on: str = "arn:x", **more: Any) -> Resource:
    """A role's policy."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}
    return resource_of(ROLE_POLICY, policy=json.dumps({"Statement": [statement]}))


def endpoint_document(percent: int) -> Resource:
    """What releases on AWS make endpoints out of."""
    content = json.dumps({"capture": {"percent": percent}})
    return resource_of(DOCUMENT, key="models/flights/endpoint.json", content=content)


def guarded(statement: dict[str, Any]) -> Resource:
    """A bucket's policy."""
    return resource_of(BUCKET_POLICY, policy=json.dumps({"Statement": [statement]}))


def encrypted(algorithm: str) -> Resource:
    """A bucket's encryption."""
    default = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}
    return resource_of(SSE, rules=[default])


TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = resource_of("aws:sns/topicSubscription:TopicSubscription", topicArn=LATER)
ACCOUNT = "azure-native:storage:StorageAccount"
GROUP = "azure-native:monitor:ActionGroup"
GCS = "gcp:storage/bucket:Bucket"
MEMBER = "gcp:projects/iAMMember:IAMMember"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
SCHEDULE = "aws:scheduler/schedule:Schedule"

METRIC_ALERT = "azure-native:monitor:MetricAlert"
LOG_ALERT = "azure-native:monitor:ScheduledQueryRule"
GCP_ALARM = "gcp:monitoring/alertPolicy:AlertPolicy"
VARIANT = {"EndpointName": "churn", "VariantName": "all"}
ENDPOINTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
# What alarms on failing Azure endpoints were once written as: no such columns.
TRAFFIC = "AmlOnlineEndpointTrafficLog | where {0} | summarize share = count() | project share"


def invocations(name: str, **more: Any) -> Stack:
    """An alarm on a metric of SageMaker's endpoints."""
    inputs = {"namespace": "AWS/SageMaker", "metricName": name, "dimensions": VARIANT}
    return stack(resource_of(ALARM, **{**inputs, **more}))


def queried(name: str, namespace: str = "AWS/SageMaker") -> Stack:
    """An alarm on an expression over a metric."""
    metric = {"namespace": namespace, "metricName": name, "dimensions": VARIANT}
    queries = [{"id": "m0", "metric": metric}, {"id": "value", "expression": "m0 / 1000"}]
    return stack(resource_of(ALARM, metricQueries=queries, threshold=500))


def criterion(metric: str, *dimensions: str, **more: Any) -> Stack:
    """An alert on a metric of an online endpoint."""
    names = [{"name": name, "operator": "Include", "values": ["x"]} for name in dimensions]
    condition = {"metricNamespace": ENDPOINTS, "metricName": metric, "dimensions": names, **more}
    return stack(resource_of(METRIC_ALERT, criteria={"allOf": [condition]}))


def query(text: str, column: str | None = None) -> Stack:
    """An alert on a query of Azure's logs."""
    condition = {"query": text, **({"metricMeasureColumn": column} if column else {})}
    return stack(resource_of(LOG_ALERT, criteria={"allOf": [condition]}))


def threshold(metric: str, also: str = "", resource: str = "Endpoint", **more: Any) -> Stack:
    """An alert policy on a metric of Vertex AI."""
    kind = f'resource.type="aiplatform.googleapis.com/{resource}"'
    text = f'metric.type="aiplatform.googleapis.com/{metric}" AND {kind}{also}'
    block = {"filter": text, "comparison": "COMPARISON_GT", "thresholdValue": 0, **more}
    return stack(resource_of(GCP_ALARM, conditions=[{"conditionThreshold": block}]))


CASES = (
    Case(
        "encryption-at-rest",
        "kmsMasterKeyId is not set",
        stack(resource_of(TOPIC)),
        stack(resource_of(TOPIC, kmsMasterKeyId=LATER)),
    ),
    Case(
        "encryption-at-rest",
        "captures are not encrypted",
        stack(resource_of(ENDPOINT_CONFIG, dataCaptureConfig={"enableCapture": True})),
        # Without one of the service's the container captures, into the store.
        stack(
            resource_of(ENDPOINT_CONFIG, dataCaptureConfig={"kmsKeyId": LATER}),
            resource_of(ENDPOINT_CONFIG),
        ),
    ),
    Case(
        "encryption-at-rest",
        "encrypted with 'AES256'",
        stack(resource_of(BUCKET), encrypted("AES256")),
        stack(resource_of(BUCKET), encrypted("aws:kms")),
    ),
    Case("encryption-at-rest", "1 Bucket resources, but 0", stack(resource_of(BUCKET))),
    Case(
        "encryption-at-rest",
        "encryption.defaultKmsKeyName is not set",
        stack(resource_of(GCS)),
        stack(resource_of(GCS, encryption={"defaultKmsKeyName": "k"})),
    ),
    Case(
        "keys-rotate",
        "enableKeyRotation is not true",
        stack(resource_of("aws:kms/key:Key")),
        stack(resource_of("aws:kms/key:Key", enableKeyRotation=True)),
    ),
    Case(
        "keys-rotate",
        "rotationPeriod is not set",
        stack(resource_of("gcp:kms/cryptoKey:CryptoKey")),
        stack(resource_of("gcp:kms/cryptoKey:CryptoKey", rotationPeriod="7776000s")),
    ),
    Case(
        "tls-only",
        "no statement denies requests without TLS",
        stack(resource_of(BUCKET), guarded(TLS)),
        stack(resource_of(BUCKET), guarded(SECURE)),
    ),
    Case(
        "tls-only",
        "1 Bucket resources, but 0 BucketPolicy",
        stack(resource_of(BUCKET)),
        stack(resource_of(BUCKET), resource_of(BUCKET_POLICY, policy=LATER)),
    ),
    Case(
        "tls-only",
        "minimumTlsVersion is not TLS1_2",
        stack(resource_of(ACCOUNT, minimumTlsVersion="TLS1_0")),
        stack(resource_of(ACCOUNT, minimumTlsVersion="TLS1_2")),
    ),
    Case(
        "tls-only",
        "enableHttpsTrafficOnly is false",
        stack(resource_of(ACCOUNT, minimumTlsVersion="TLS1_2", enableHttpsTrafficOnly=False)),
    ),
    Case(
        "no-public-access",
        "blockPublicPolicy is not true",
        stack(resource_of(BUCKET), resource_of(BLOCK, **{**BLOCKED, "blockPublicPolicy": False})),
        stack(resource_of(BUCKET), resource_of(BLOCK, **BLOCKED)),
    ),
    Case("no-public-access", "0 BucketPublicAccessBlock", stack(resource_of(BUCKET))),
    Case(
        "no-public-access",
        "allowBlobPublicAccess is not false",
        stack(resource_of(ACCOUNT)),
        stack(resource_of(ACCOUNT, allowBlobPublicAccess=False)),
    ),
    Case(
        "no-public-access",
        "publicAccessPrevention is not 'enforced'",
        stack(resource_of(GCS, uniformBucketLevelAccess=True)),
        stack(resource_of(GCS, uniformBucketLevelAccess=True, publicAccessPrevention="enforced")),
    ),
    Case(
        "no-public-access",
        "uniformBucketLevelAccess is not true",
        stack(resource_of(GCS, publicAccessPrevention="enforced")),
    ),
    Case(
        "no-public-access",
        "granted to allUsers",
        stack(resource_of("gcp:storage/bucketIAMMember:BucketIAMMember", member="allUsers")),
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
            resource_of(
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
        stack(resource_of(MEMBER, role="roles/editor")),
        stack(resource_of(MEMBER, role="roles/aiplatform.user")),
    ),
    Case(
        "least-privilege",
        "Owner, Contributor or User Access",
        stack(
            resource_of(ASSIGNMENT, roleDefinitionId=f"{ROLE}/b24988ac-6180-42a0-ab88-20f7382dd24c")
        ),
        stack(
            resource_of(ASSIGNMENT, roleDefinitionId=f"{ROLE}/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")
        ),
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
        stack(resource_of("aws:cloudwatch/logGroup:LogGroup")),
        stack(resource_of("aws:cloudwatch/logGroup:LogGroup", retentionInDays=30)),
    ),
    Case(
        "tags",
        "no tags stack",
        stack(resource_of(BUCKET, tags={"project": "mlops"})),
        stack(resource_of(BUCKET, tags={"project": "mlops", "stack": "dev"})),
    ),
    Case(
        "protected",
        "is not protected",
        stack(resource_of(BUCKET), name="aws-prod"),
        stack(Resource(BUCKET, "it", {}, protected=True), name="aws-prod"),
    ),
    Case(
        "alarms-heard",
        "alarmActions is empty",
        stack(resource_of(ALARM, alarmActions=[]), SUBSCRIPTION),
        stack(resource_of(ALARM, alarmActions=[LATER]), SUBSCRIPTION),
    ),
    Case(
        "alarms-heard",
        "no TopicSubscription",
        stack(resource_of(ALARM, alarmActions=["arn"])),
        stack(resource_of(ALARM, alarmActions=["arn"]), SUBSCRIPTION),
    ),
    Case(
        "alarms-heard",
        "the action group has no receivers",
        stack(resource_of(GROUP, emailReceivers=[])),
        stack(resource_of(GROUP, emailReceivers=[{"emailAddress": "a@example.com"}])),
    ),
    Case(
        "capture",
        "requests are not captured",
        stack(endpoint_document(0)),
        stack(endpoint_document(100), resource_of(ENDPOINT_CONFIG)),
    ),
    Case(
        "drift-checked",
        "1 endpoints, but 0 scheduled drift checks",
        stack(resource_of(ENDPOINT), Resource(SCHEDULE, "flights-training")),
        stack(resource_of(ENDPOINT), Resource(SCHEDULE, "flights-drift-check")),
    ),
    Case(
        "regions",
        "'ap-south-1' is not one of",
        stack(resource_of(BUCKET, region="ap-south-1")),
        stack(resource_of(BUCKET, region="eu-central-1"), resource_of(GROUP, location="Global")),
    ),
    Case(
        "alarms-can-fire",
        "actionsEnabled is false",
        stack(resource_of(ALARM, actionsEnabled=False)),
        stack(resource_of(ALARM, actionsEnabled=True), resource_of(ALARM)),
    ),
    *(
        Case(
            "alarms-can-fire",
            "enabled is false",
            stack(resource_of(token, enabled=False)),
            stack(resource_of(token, enabled=LATER)),
        )
        for token in (METRIC_ALERT, LOG_ALERT, GCP_ALARM)
    ),
    Case(
        "alarms-can-fire",
        "AWS/SageMaker has no metric 'CPUUtilization'",
        invocations("CPUUtilization"),
        invocations("CPUUtilization", namespace="/aws/sagemaker/Endpoints"),
    ),
    Case(
        "alarms-can-fire",
        "no values by ['EndpointName']",
        invocations("Invocations", dimensions={"EndpointName": "churn"}),
        invocations("Invocations", dimensions={**VARIANT, "InstanceId": "i-1"}),
    ),
    Case(
        "alarms-can-fire",
        "no metric 'ModelLatencyP95'",
        queried("ModelLatencyP95"),
        queried("ModelLatency"),
    ),
    # The namespace of the drift check is the stack's own.
    Case(
        "alarms-can-fire",
        "no metric 'drifted_features'",
        queried("drifted_features"),
        queried("drifted_features", namespace="mlops"),
    ),
    Case(
        "alarms-can-fire",
        "the average of Invocation5XXErrors is a share, never above 5",
        invocations("Invocation5XXErrors", statistic="Average", threshold=5),
        invocations("Invocation5XXErrors", statistic="Sum", threshold=5),
    ),
    Case(
        "alarms-can-fire",
        "is a share, never above 1",
        invocations(
            "Invocation5XXErrors",
            statistic="Average",
            threshold=1,
            comparisonOperator="GreaterThanThreshold",
        ),
        invocations(
            "Invocation5XXErrors",
            statistic="Average",
            threshold=1,
            comparisonOperator="GreaterThanOrEqualToThreshold",
        ),
    ),
    Case(
        "alarms-can-fire",
        "the metric is never below 0",
        invocations("Invocations", threshold=0, comparisonOperator="LessThanThreshold"),
        invocations("Invocations", threshold=0, comparisonOperator="LessThanOrEqualToThreshold"),
    ),
    Case(
        "alarms-can-fire",
        "has no metric 'RequestLatency_P98'",
        criterion("RequestLatency_P98"),
        criterion("RequestLatency_P99", "deployment"),
    ),
    Case(
        "alarms-can-fire",
        "RequestLatency_P95 has no dimension 'statusCode'",
        criterion("RequestLatency_P95", "statusCode"),
        criterion("RequestsPerMinute", "statusCode"),
    ),
    Case(
        "alarms-can-fire",
        "the metric is never below 0",
        criterion("RequestsPerMinute", operator="LessThan", threshold=0),
        criterion("RequestsPerMinute", operator="LessThan", threshold=1),
    ),
    Case(
        "alarms-can-fire",
        "AmlRunStatusChangedEvent has no column 'ExperimentName'",
        query('AmlRunStatusChangedEvent | where ExperimentName == "churn"'),
        query('AmlRunStatusChangedEvent | where RunId startswith "churn"'),
    ),
    Case(
        "alarms-can-fire",
        "AmlOnlineEndpointEventLog has no column 'EndpointName'",
        query('AmlOnlineEndpointEventLog | where EndpointName == "churn" // EndpointName'),
        query('AmlOnlineEndpointEventLog | where _ResourceId endswith "/EndpointName"'),
    ),
    Case(
        "alarms-can-fire",
        "has no column 'shares'",
        query(TRAFFIC.format("ResponseCode >= 500"), "shares"),
        query(TRAFFIC.format("ResponseCode >= 500 or ModelStatusCode >= 500"), "share"),
    ),
    Case(
        "alarms-can-fire",
        "AppMetrics has no column 'Total'",
        query("AppMetrics | summarize sum(Total) by Name | where sum_Total > 0"),
        query(
            "AppMetrics | where Properties.total == 1 and TimeGenerated > ago(2h) "
            "| summarize sum(Sum), count() by bin(TimeGenerated, 5m) "
            "| extend both = sum_Sum + count_ | where both > 0 | count | where Count > 0"
        ),
    ),
    # Neither what joins brings nor tables of others are known here.
    Case(
        "alarms-can-fire",
        "AppMetrics has no column 'Amount'",
        query("AppMetrics | where Amount > 1"),
        query("AppMetrics | join kind=inner (Orders) on OperationId | where Amount > 1"),
    ),
    Case(
        "alarms-can-fire",
        "no metric 'aiplatform.googleapis.com/prediction/online/errors'",
        threshold("prediction/online/errors"),
        threshold("prediction/online/error_count"),
    ),
    Case(
        "alarms-can-fire",
        "is written for aiplatform.googleapis.com/Endpoint, not for",
        threshold("prediction/online/replicas", resource="Model"),
        threshold("pipelinejob/duration", resource="PipelineJob"),
    ),
    Case(
        "alarms-can-fire",
        "has no label 'code'",
        threshold("prediction/online/response_count", ' AND metric.labels.code="500"'),
        threshold("prediction/online/response_count", ' AND metric.label.response_code="500"'),
    ),
    Case(
        "alarms-can-fire",
        "the metric is never below 0",
        threshold("prediction/online/replicas", comparison="COMPARISON_LT"),
        threshold("prediction/online/replicas", comparison="COMPARISON_LT", thresholdValue=1),
    ),
)
