"""A small platform on AWS: what the simulated cloud's tests run through the real engine."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
mistake = config.get("mistake")
ROLE = "arn:aws:iam::123456789012:role/nobody"


def policy(**statement: object) -> pulumi.Output[str]:
    """A policy document of one statement."""
    return pulumi.Output.json_dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    )


key = aws.kms.Key("key", aws.kms.KeyArgs(enable_key_rotation=True, deletion_window_in_days=7))
aws.kms.Alias("key", aws.kms.AliasArgs(name="alias/sim", target_key_id=key.key_id))
bucket = aws.s3.Bucket("store", aws.s3.BucketArgs(force_destroy=config.get_bool("force")))
aws.s3.BucketVersioning(
    "store",
    bucket=bucket.bucket,
    versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
)
aws.s3.BucketObjectv2(
    "code",
    aws.s3.BucketObjectv2Args(
        bucket=bucket.bucket, key="code/a.txt", source=pulumi.StringAsset("hello")
    ),
)
trust = policy(
    Action="sts:AssumeRole",
    Principal={"Service": ["sagemaker.amazonaws.com", "scheduler.amazonaws.com"]},
)
role = aws.iam.Role(
    "steps",
    aws.iam.RoleArgs(assume_role_policy=trust),
)
aws.iam.RolePolicy(
    "steps",
    aws.iam.RolePolicyArgs(
        role=role.name,
        policy=policy(Action=["s3:GetObject"], Resource=pulumi.Output.concat(bucket.arn, "/*")),
    ),
)
group = aws.sagemaker.ModelPackageGroup(
    "models",
    aws.sagemaker.ModelPackageGroupArgs(
        model_package_group_name="-flights" if mistake == "pattern" else "flights"
    ),
)
definition = pulumi.Output.json_dumps(
    {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "trigger", "Type": "String", "DefaultValue": "manual"}],
        "Steps": [
            {
                "Name": "stop",
                "Type": "Fail",
                "Arguments": {"ErrorMessage": pulumi.Output.concat("s3://", bucket.bucket)},
            }
        ],
    }
)
pipeline = aws.sagemaker.Pipeline(
    "training",
    aws.sagemaker.PipelineArgs(
        pipeline_name="training",
        pipeline_display_name="training",
        role_arn=ROLE if mistake == "role" else role.arn,
        pipeline_definition=definition,
    ),
)
topic = aws.sns.Topic("alarms", aws.sns.TopicArgs(kms_master_key_id=key.arn))
alarm = aws.cloudwatch.MetricAlarm(
    "drift",
    aws.cloudwatch.MetricAlarmArgs(
        namespace="mlops",
        metric_name="drift",
        statistic="Maximum",
        period=300,
        evaluation_periods=1,
        threshold=config.get_float("threshold") or 0.5,
        comparison_operator="GreaterThanThreshold",
        alarm_actions=[topic.arn],
    ),
)
aws.cloudwatch.LogGroup(
    "endpoint",
    aws.cloudwatch.LogGroupArgs(
        retention_in_days=config.get_int("retention") or 30, name="/aws/sim"
    ),
)
aws.scheduler.Schedule(
    "weekly",
    aws.scheduler.ScheduleArgs(
        schedule_expression="cron(0 3 ? * MON *)",
        schedule_expression_timezone="Europe/Berlin",
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        target=aws.scheduler.ScheduleTargetArgs(
            arn=pipeline.arn,
            role_arn=role.arn,
            sagemaker_pipeline_parameters=aws.scheduler.ScheduleTargetSagemakerPipelineParametersArgs(
                pipeline_parameters=[
                    aws.scheduler.ScheduleTargetSagemakerPipelineParametersPipelineParameterArgs(
                        name="trigger", value="schedule"
                    )
                ]
            ),
        ),
    ),
)
model = aws.sagemaker.Model(
    "bootstrap",
    aws.sagemaker.ModelArgs(
        execution_role_arn=role.arn,
        primary_container=aws.sagemaker.ModelPrimaryContainerArgs(
            image=aws.sagemaker.get_prebuilt_ecr_image_output(
                repository_name="sagemaker-scikit-learn", image_tag="1.9-0-cpu-py3"
            ).registry_path
        ),
    ),
)
endpoint_config = aws.sagemaker.EndpointConfiguration(
    "flights",
    production_variants=[
        aws.sagemaker.EndpointConfigurationProductionVariantArgs(
            variant_name="all",
            model_name=model.name,
            instance_type=config.get("instance") or "ml.m5.large",
            initial_instance_count=1,
        )
    ],
)
aws.sagemaker.Endpoint(
    "flights",
    aws.sagemaker.EndpointArgs(endpoint_config_name=endpoint_config.name),
)
note = config.get_secret("note")
if note is not None:
    aws.ssm.Parameter("note", aws.ssm.ParameterArgs(type="SecureString", value=note))
if mistake == "invoke":
    aws.sns.get_topic(name="alarms")

pulumi.export("bucket", bucket.bucket)
pulumi.export("key", key.arn)
pulumi.export("account", aws.get_caller_identity().account_id)
