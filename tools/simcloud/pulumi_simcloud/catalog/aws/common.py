"""Names that several AWS services refer to."""

from __future__ import annotations

from pulumi_simcloud.kinds import Ref

BUCKET = "aws:s3/bucket:Bucket"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
ROLE = "aws:iam/role:Role"
TOPIC = "aws:sns/topic:Topic"
QUEUE = "aws:sqs/queue:Queue"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
EVENT_BUS = "aws:cloudwatch/eventBus:EventBus"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
PIPELINE = "aws:sagemaker/pipeline:Pipeline"
MODEL = "aws:sagemaker/model:Model"
MODEL_PACKAGE_GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
ENDPOINT_CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
SCHEDULE_GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup"
FUNCTION = "aws:lambda/function:Function"
SUBNET = "aws:ec2/subnet:Subnet"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"

SERVICE_KEY = r"alias/aws/\w+"


def bucket(path: str = "bucket") -> Ref:
    """A property that names a bucket."""
    return Ref(path, (BUCKET,), ("bucket",))


def key(path: str) -> Ref:
    """A property that names a KMS key by ARN, id or alias."""
    return Ref(path, (KEY, ALIAS), allow=SERVICE_KEY)


def role(path: str) -> Ref:
    """A property that holds a role's ARN: passing a role works within one account only."""
    return Ref(path, (ROLE,), ("arn",), own=True)
