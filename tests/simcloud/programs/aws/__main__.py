"""A small platform on AWS: what the simulated cloud's tests run through the real engine."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
retention = config.get_int("retention") or 30
alias = config.get("alias") or "alias/sim"

key = aws.kms.Key("key", aws.kms.KeyArgs(enable_key_rotation=True, deletion_window_in_days=7))
aws.kms.Alias("key", aws.kms.AliasArgs(name=alias, target_key_id=key.key_id))
bucket = aws.s3.Bucket("store", aws.s3.BucketArgs(force_destroy=False))
aws.s3.BucketVersioning(
    "store",
    bucket=bucket.bucket,
    versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
)
trust = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
            }
        ],
    }
)
role = aws.iam.Role("steps", aws.iam.RoleArgs(assume_role_policy=trust))
aws.iam.RolePolicy(
    "steps",
    aws.iam.RolePolicyArgs(
        role=role.name,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["s3:GetObject"],
                        "Resource": [pulumi.Output.concat(bucket.arn, "/*")],
                    }
                ],
            }
        ),
    ),
)
group = aws.sagemaker.ModelPackageGroup(
    "models", aws.sagemaker.ModelPackageGroupArgs(model_package_group_name="flights")
)
pipeline = aws.sagemaker.Pipeline(
    "training",
    aws.sagemaker.PipelineArgs(
        pipeline_name="training",
        pipeline_display_name="training",
        role_arn=role.arn,
        pipeline_definition=pulumi.Output.json_dumps(
            {
                "Version": "2020-12-01",
                "Steps": [
                    {
                        "Name": "stop",
                        "Type": "Fail",
                        "Arguments": {"ErrorMessage": pulumi.Output.concat("s3://", bucket.bucket)},
                    }
                ],
            }
        ),
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
log = aws.cloudwatch.LogGroup(
    "endpoint", aws.cloudwatch.LogGroupArgs(retention_in_days=retention, name="/aws/sim")
)
aws.scheduler.Schedule(
    "weekly",
    aws.scheduler.ScheduleArgs(
        schedule_expression=config.get("schedule") or "cron(0 3 ? * MON *)",
        schedule_expression_timezone="Europe/Berlin",
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        target=aws.scheduler.ScheduleTargetArgs(arn=pipeline.arn, role_arn=role.arn),
    ),
)
secret = config.get_secret("note")
if secret is not None:
    aws.ssm.Parameter("note", aws.ssm.ParameterArgs(type="SecureString", value=secret))

pulumi.export("bucket", bucket.bucket)
pulumi.export("key", key.arn)
pulumi.export("pipeline", pipeline.arn)
pulumi.export("account", aws.get_caller_identity().account_id)
