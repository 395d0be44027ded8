"""Refusals by Amazon Web Services."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import definition, policy, statement, step, trust

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    MISSING,
    ORDERING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

GITHUB = "https://github.com"
ROOT = "arn:aws:iam::123456789012:root"
VARIANT = "productionVariants[0]"
SCALING = {"status": "ENABLED", "minInstanceCount": 0, "maxInstanceCount": 2}
NETWORK = {"dataCaptureConfig": REMOVED, f"{VARIANT}.managedInstanceScaling": SCALING}


def _schedule(expression: str) -> dict[str, Any]:
    return {"eventPattern": REMOVED, "scheduleExpression": expression}


def _pattern(slug: Any) -> dict[str, Any]:
    detail = {"pipeline": {"slug": slug}}
    return {"eventPattern": json.dumps({"source": ["buildkite"], "detail": detail})}


def _trusted(principal: Any) -> dict[str, Any]:
    return {"assumeRolePolicy": policy(statement(Action="sts:AssumeRole", Principal=principal))}


def _metric(**properties: Any) -> dict[str, Any]:
    widget = {"type": "metric", "properties": {"region": "eu-central-1", **properties}}
    return {"dashboardBody": json.dumps({"widgets": [widget]})}


def _subnets(value: Any) -> dict[str, Any]:
    arguments = {
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 20,
            }
        },
        "AppSpecification": {"ImageUri": "1.dkr.ecr.eu-central-1.amazonaws.com/a:1"},
        "RoleArn": "${role.arn}",
        "NetworkConfig": {
            "VpcConfig": {"SecurityGroupIds": ["${security.id}"], "Subnets": value},
        },
    }
    parameters = [{"Name": "subnet", "Type": "String", "DefaultValue": "subnet-0a"}]
    processing = step("process", "Processing", Arguments=arguments)
    return {"pipelineDefinition": definition(processing, Parameters=parameters)}


SUBNET = {"Get": "Parameters.subnet"}

QUERIES = {
    **dict.fromkeys(
        ("metricName", "namespace", "period", "statistic", "dimensions", "datapointsToAlarm"),
        REMOVED,
    ),
    "metricQueries": [
        {
            "id": "m1",
            "returnData": True,
            "metric": {
                "metricName": "errors",
                "namespace": "sim",
                "period": 60,
                "stat": "Sum",
            },
        }
    ],
}


def _notice(queue: str) -> dict[str, Any]:
    return {"queues": [{"queueArn": queue, "events": ["s3:ObjectCreated:*"]}]}


def _from_bucket(queue: str) -> str:
    return policy(
        statement(
            Action="sqs:SendMessage", Resource=queue, Principal={"Service": "s3.amazonaws.com"}
        )
    )


AWS = [
    Refusal(
        f"{GITHUB}/cds-snc/notification-terraform/pull/344",
        TEXT,
        "rule",
        "a cron expression of five fields is no schedule",
        _schedule("cron(*/1 * * * *)"),
        _schedule("cron(*/1 * * * ? *)"),
    ),
    Refusal(
        f"{GITHUB}/winglang/wing/issues/7115",
        TEXT,
        "rule",
        "days of the week begin with 1",
        _schedule("cron(15 12 ? * -1 *)"),
        _schedule("cron(15 12 ? * 1 *)"),
    ),
    Refusal(
        f"{GITHUB}/buildkite/docs/pull/896",
        TEXT,
        "rule",
        "a leaf of an event pattern is an array",
        _pattern("some-pipeline"),
        _pattern(["some-pipeline"]),
    ),
    Refusal(
        f"{GITHUB}/awsdocs/aws-cloudformation-user-guide/pull/456",
        MISSING,
        "rule",
        "a rule needs a pattern or a schedule",
        {"eventPattern": REMOVED},
        _schedule("rate(1 hour)"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/pull/19913",
        MISSING,
        "target",
        "this kind of target needs a role",
        {"roleArn": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/24070",
        ORDERING,
        "alarm",
        "data points to alarm are at most the evaluation periods",
        {"evaluationPeriods": 1, "datapointsToAlarm": 15},
        {"evaluationPeriods": 15, "datapointsToAlarm": 15},
    ),
    Refusal(
        f"{GITHUB}/sevenwestmedia-labs/pulumi-components/pull/33",
        MISSING,
        "alarm",
        "an alarm on one metric needs a period",
        {"period": REMOVED},
        {"period": 300},
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/modernisation-platform/pull/10762",
        POLICY,
        "bucketpolicy",
        "the action applies to the bucket, the resource names objects",
        {
            "policy": policy(
                statement(
                    Action="s3:GetBucketAcl",
                    Principal={"Service": "cloudtrail.amazonaws.com"},
                    Resource="${bucket.arn}/*",
                )
            )
        },
        {
            "policy": policy(
                statement(
                    Action="s3:GetBucketAcl",
                    Principal={"Service": "cloudtrail.amazonaws.com"},
                    Resource="${bucket.arn}",
                )
            )
        },
    ),
    Refusal(
        f"{GITHUB}/noobaa/noobaa-core/issues/10058",
        POLICY,
        "bucketpolicy",
        "a bucket policy's resource is the bucket or objects in it",
        {"policy": policy(statement(Principal={"AWS": "${role.arn}"}, Resource="*"))},
        {"policy": policy(statement(Principal={"AWS": "${role.arn}"}, Resource="${bucket.arn}/*"))},
    ),
    Refusal(
        f"{GITHUB}/ansible-collections/community.aws/issues/2321",
        MISSING,
        "queue",
        "a redrive policy needs maxReceiveCount",
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": "${letters.arn}"})},
        {
            "redrivePolicy": json.dumps(
                {"deadLetterTargetArn": "${letters.arn}", "maxReceiveCount": 3}
            )
        },
        (("letters", "queue", {"name": "letters"}),),
    ),
    Refusal(
        f"{GITHUB}/JiRaska/open-bank-oss/pull/226",
        EXCLUSIVE,
        "budget",
        "a daily budget has no forecast to notify of",
        {"timeUnit": "DAILY", "notifications[0].notificationType": "FORECASTED"},
        {"timeUnit": "DAILY"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/pull/45926",
        EXCLUSIVE,
        "config",
        "instances scale to zero for inference components only",
        NETWORK,
        {**NETWORK, f"{VARIANT}.modelName": REMOVED, "executionRoleArn": "${role.arn}"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/pull/6201",
        RANGE,
        "lifecycle",
        "objects are at least 30 days old before STANDARD_IA",
        {"rules[0].transitions": [{"days": 15, "storageClass": "STANDARD_IA"}]},
        {"rules[0].transitions": [{"days": 30, "storageClass": "STANDARD_IA"}]},
    ),
    Refusal(
        f"{GITHUB}/boto/boto3/issues/1793",
        EXCLUSIVE,
        "lifecycle",
        "an expiration has days or a date",
        {"rules[0].expiration": {"date": "2030-12-12T00:00:00Z", "days": 8}},
        {"rules[0].expiration": {"days": 8}},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-go/issues/3056",
        RANGE,
        "lifecycle",
        "the date of an expiration is midnight GMT",
        {"rules[0].expiration": {"date": "2029-12-26T12:22:55Z"}},
        {"rules[0].expiration": {"date": "2029-12-26T00:00:00Z"}},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/8905",
        REFERENCE,
        "role",
        "a role that a trust policy names has to exist",
        _trusted({"AWS": "arn:aws:iam::123456789012:role/nodes.dev"}),
        _trusted({"AWS": "${nodes.arn}"}),
        (("nodes", "role", {"name": "nodes", "assumeRolePolicy": trust("ec2")}),),
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-iam/issues/47",
        POLICY,
        "role",
        "a trust policy's statement names principals",
        _trusted({"AWS": []}),
        _trusted({"AWS": ROOT}),
    ),
    Refusal(
        f"{GITHUB}/arithmetric/aws-lambda-ses-forwarder/issues/31",
        POLICY,
        "rolepolicy",
        "an identity's policy has no principal",
        {"policy": policy(statement(Resource="*", Principal="*"))},
        {"policy": policy(statement(Resource="*"))},
    ),
    Refusal(
        f"{GITHUB}/awsdocs/aws-cloudformation-user-guide/pull/860",
        PATTERN,
        "topic",
        "the name of a FIFO topic ends in .fifo",
        {"fifoTopic": True},
        {"fifoTopic": True, "name": "alarms.fifo"},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/pull/21654",
        EXCLUSIVE,
        "logfilter",
        "dimensions need a pattern for JSON or for fields",
        {"pattern": '"[SUCCESS]"', "metricTransformation.dimensions": {"Name": "$.name"}},
        {
            "pattern": '{ $.state = "SUCCESS" }',
            "metricTransformation.dimensions": {"Name": "$.name"},
        },
    ),
    Refusal(
        f"{GITHUB}/aws-samples/hub-and-spoke-with-inspection-vpc-terraform/pull/2",
        PATTERN,
        "loggroup",
        "a log group's key is given by its ARN",
        {"kmsKeyId": "${key.keyId}"},
        {"kmsKeyId": "${key.arn}"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/8042",
        REFERENCE,
        "loggroup",
        "the key's policy has to let CloudWatch Logs use it",
        {"kmsKeyId": "${plain.arn}"},
        {"kmsKeyId": "${key.arn}"},
        (("plain", "key", {"policy": REMOVED}),),
    ),
    Refusal(
        f"{GITHUB}/aws/sagemaker-python-sdk/issues/2345",
        TEXT,
        "pipeline",
        "a step's subnets are an array",
        _subnets(SUBNET),
        _subnets([SUBNET]),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/20024",
        ENUM,
        "dashboard",
        "a metric's color is written with # and six digits",
        _metric(metrics=[["sim", "drift", {"color": "red"}]]),
        _metric(metrics=[["sim", "drift", {"color": "#d62728"}]]),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi/issues/13059",
        TEXT,
        "dashboard",
        "each metric of a widget is an array",
        _metric(metrics=["AWS/EC2", "CPUUtilization"]),
        _metric(metrics=[["AWS/EC2", "CPUUtilization"]]),
    ),
    Refusal(
        f"{GITHUB}/aws-samples/aws-eda-slurm-cluster/issues/116",
        MISSING,
        "dashboard",
        "a metric widget needs metrics or an alarm",
        _metric(title="licences"),
        _metric(title="licences", metrics=[["sim", "licences"]]),
    ),
    # A second round, written after the rules that the first one led to.
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/28360",
        REFERENCE,
        "notification",
        "S3 cannot use the key that SQS manages",
        _notice("${encrypted.arn}"),
        _notice("${plain.arn}"),
        (
            ("encrypted", "queue", {"name": "encrypted", "kmsMasterKeyId": "alias/aws/sqs"}),
            ("plain", "queue", {"name": "plain"}),
            *(
                (
                    f"{name}policy",
                    "queuepolicy",
                    {"queueUrl": f"${{{name}.url}}", "policy": _from_bucket(f"${{{name}.arn}}")},
                )
                for name in ("encrypted", "plain")
            ),
        ),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-js-v3/issues/6494",
        REFERENCE,
        "schedule",
        "the role has to let EventBridge Scheduler assume it",
        {"target.roleArn": "${other.arn}"},
        {"target.roleArn": "${role.arn}"},
        (("other", "role", {"name": "other", "assumeRolePolicy": trust("ec2")}),),
    ),
    Refusal(
        f"{GITHUB}/getmoto/moto/pull/8172",
        RANGE,
        "schedule",
        "a start is no earlier than five minutes ago",
        {"startDate": "2021-01-01T00:00:00Z"},
        {"startDate": "2035-01-01T00:00:00Z"},
    ),
    Refusal(
        f"{GITHUB}/ed-donner/alex/issues/30",
        REFERENCE,
        "model",
        "an image is in the model's region",
        {"primaryContainer.image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/a:1"},
        {"primaryContainer.image": "763104351884.dkr.ecr.eu-central-1.amazonaws.com/a:1"},
    ),
    Refusal(
        f"{GITHUB}/cloudtools/troposphere/pull/1276",
        EXCLUSIVE,
        "alarm",
        "an alarm on metric queries has no statistic of its own",
        {**QUERIES, "statistic": "Sum"},
        QUERIES,
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/19015",
        PATTERN,
        "alarm",
        "an alarm's actions are ARNs",
        {"alarmActions": ["scale-down"]},
        {"alarmActions": ["${topic.arn}"]},
    ),
    # A third round, after the rules of the second.
    Refusal(
        f"{GITHUB}/aws-cloudformation/cfn-lint/issues/708",
        POLICY,
        "rolepolicy",
        "the Sid of an identity's policy has letters and digits alone",
        {"policy": policy(statement(Resource="*", Sid="Space Space"))},
        {"policy": policy(statement(Resource="*", Sid="SpaceSpace"))},
    ),
    Refusal(
        f"{GITHUB}/kubernetes/kops/issues/4951",
        POLICY,
        "rolepolicy",
        "a Sid is the only one in its policy",
        {"policy": policy(*(statement(Resource="*", Sid=sid) for sid in ("get", "get")))},
        {"policy": policy(*(statement(Resource="*", Sid=sid) for sid in ("get", "read")))},
    ),
    Refusal(
        f"{GITHUB}/ansible/ansible/issues/40237",
        REFERENCE,
        "scaling",
        "a policy scales what is registered",
        {"resourceId": "endpoint/other/variant/all"},
        {"resourceId": "${scaled.resourceId}"},
    ),
]
