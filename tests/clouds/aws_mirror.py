"""What a stack made in the simulated cloud, made again where clients can call it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from pulumi_simcloud.harness import SimCloud

from tests.clouds import aws_clients
from tests.clouds.aws import REGION

Json = dict[str, Any]


def mirror(cloud: SimCloud) -> None:
    """Make buckets with their objects, groups, pipelines, endpoints, schedules and alarms."""
    s3, sagemaker = aws_clients.client("s3"), aws_clients.client("sagemaker")
    for row in cloud.resources("aws:s3/bucket:Bucket"):
        name = row.outputs["bucket"]
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key, body in cloud.objects(f"s3/{name}").items():
            s3.put_object(Bucket=name, Key=key, Body=body)
    for row in cloud.resources("aws:sagemaker/modelPackageGroup:ModelPackageGroup"):
        sagemaker.create_model_package_group(
            ModelPackageGroupName=row.outputs["modelPackageGroupName"]
        )
    for row in cloud.resources("aws:sagemaker/pipeline:Pipeline"):
        sagemaker.create_pipeline(
            PipelineName=row.outputs["pipelineName"],
            PipelineDefinition=row.outputs["pipelineDefinition"],
            RoleArn=row.outputs["roleArn"],
            ClientRequestToken=uuid.uuid4().hex,
        )
    for row in cloud.resources("aws:sagemaker/model:Model"):
        container = row.outputs["primaryContainer"]
        sagemaker.create_model(
            ModelName=row.outputs["name"],
            ExecutionRoleArn=row.outputs["executionRoleArn"],
            PrimaryContainer={
                "Image": container["image"],
                "ModelDataUrl": container["modelDataUrl"],
                "Environment": container["environment"],
            },
        )
    for row in cloud.resources("aws:sagemaker/endpointConfiguration:EndpointConfiguration"):
        variants = [
            {name[0].upper() + name[1:]: value for name, value in _with_integers(variant).items()}
            for variant in row.outputs["productionVariants"]
        ]
        sagemaker.create_endpoint_config(
            EndpointConfigName=row.outputs["name"], ProductionVariants=variants
        )
    for row in cloud.resources("aws:sagemaker/endpoint:Endpoint"):
        sagemaker.create_endpoint(
            EndpointName=row.outputs["name"], EndpointConfigName=row.outputs["endpointConfigName"]
        )
    scheduler = aws_clients.client("scheduler")
    for row in cloud.resources("aws:scheduler/schedule:Schedule"):
        scheduler.create_schedule(
            Name=row.outputs["name"],
            ScheduleExpression=row.outputs["scheduleExpression"],
            FlexibleTimeWindow={"Mode": row.outputs["flexibleTimeWindow"]["mode"]},
            Target={
                "Arn": row.outputs["target"]["arn"], "RoleArn": row.outputs["target"]["roleArn"],
            },
        )  # fmt: skip
    cloudwatch = aws_clients.client("cloudwatch")
    for row in cloud.resources("aws:cloudwatch/metricAlarm:MetricAlarm"):
        outputs = row.outputs
        cloudwatch.put_metric_alarm(
            AlarmName=outputs["name"],
            AlarmDescription=outputs["alarmDescription"],
            ComparisonOperator=outputs["comparisonOperator"],
            Threshold=outputs["threshold"],
            EvaluationPeriods=int(outputs["evaluationPeriods"]),
            TreatMissingData=outputs["treatMissingData"],
            # What is watched is of no matter: the double holds no alarm against its metrics.
            Namespace="mirrored",
            MetricName="mirrored",
            Statistic="Maximum",
            Period=60,
        )


def definitions(cloud: SimCloud) -> dict[str, Json]:
    """The pipelines' definitions by name."""
    return {
        row.outputs["pipelineName"]: json.loads(row.outputs["pipelineDefinition"])
        for row in cloud.resources("aws:sagemaker/pipeline:Pipeline")
    }


def _with_integers(variant: Json) -> Json:
    """The engine hands whole numbers over as floats."""
    counts = ("initialInstanceCount",)
    return {key: int(value) if key in counts else value for key, value in variant.items()}
