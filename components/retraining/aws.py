"""Schedules and the drift trigger on AWS: EventBridge starts the pipelines, a queue keeps what
could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.capability import INTERNAL
from components.registry.aws import foundation
from components.retraining import RetrainingArgs, RetrainingModel
from components.scope import ModelScope, StackScope
from components.targets.aws import policies
from components.targets.aws.permissions import NAMESPACE
from components.targets.aws.resources import json_object, role
from components.targets.aws.schedules import expression
from training.retraining_admission import DRIFT, SCHEDULE

DEAD_LETTERS_DAYS = 14
TRIGGER = "drift-found"
# A start that fails is tried again for so long: a later one would be of no use.
RETRY_SECONDS, RETRIES = 3600, 10


@dataclass(frozen=True)
class DeadLetters:
    """The ARN of the queue."""

    queue: pulumi.Output[str] = field(metadata=INTERNAL)


def create_shared(
    scope: StackScope, args: RetrainingArgs, opts: pulumi.ResourceOptions
) -> DeadLetters:
    """The queue of starts that could not be delivered, and its alarm."""
    base = foundation(args.registry)
    queue = aws.sqs.Queue(
        "dead-letters",
        aws.sqs.QueueArgs(
            name=f"{scope.prefix}-dead-letters",
            kms_master_key_id=base.key,
            message_retention_seconds=DEAD_LETTERS_DAYS * 24 * 3600,
            tags=scope.tags,
        ),
        opts=opts,
    )
    aws.sqs.QueuePolicy(
        "dead-letters",
        aws.sqs.QueuePolicyArgs(
            queue_url=queue.id,
            policy=policies.queue_policy(queue.arn, base.arn_parts(scope)),
        ),
        opts=opts,
    )
    aws.cloudwatch.MetricAlarm(
        "dead-letters",
        aws.cloudwatch.MetricAlarmArgs(
            name=f"{scope.prefix}-dead-letters",
            alarm_description="A pipeline could not be started by its schedule or by drift",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue.name},
            statistic="Maximum",
            period=300,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            treat_missing_data="notBreaching",
            alarm_actions=args.monitoring.shared.receivers,
            tags=scope.tags,
        ),
        opts=opts,
    )
    return DeadLetters(queue=queue.arn)


def create_model(
    scope: ModelScope, args: RetrainingArgs, shared: DeadLetters, opts: pulumi.ResourceOptions
) -> RetrainingModel:
    """The model's schedules and its drift trigger."""
    queue = shared.queue
    pipelines = args.pipeline.models[scope.model.name]
    _schedules(args, scope, queue, opts)
    if scope.model.retraining.on_drift:
        _drift_trigger(args, scope, pipelines.training, queue, opts)
    document = json_object(
        f"{scope.model.name}-schedules",
        foundation(args.registry).bucket,
        f"models/{scope.model.name}/schedules.json",
        {
            "retraining": _schedule("retraining", scope.model.retraining.schedule, scope),
            "drift_check": _schedule("drift-check", scope.model.drift.schedule, scope),
            "on_drift": scope.model.retraining.on_drift,
        },
        opts,
    )
    return RetrainingModel(schedules=document.key)


def _schedules(
    args: RetrainingArgs,
    scope: ModelScope,
    queue: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    pipelines = args.pipeline.models[scope.model.name]
    schedules = {
        "retraining": (scope.model.retraining.schedule, pipelines.training),
        "drift-check": (scope.model.drift.schedule, pipelines.drift_check),
    }
    if not any(cron for cron, _ in schedules.values()):
        return
    arn_parts = foundation(args.registry).arn_parts(scope)
    arn = role("schedule", scope, arn_parts, opts)
    for part, (cron, pipeline) in schedules.items():
        if cron is not None:
            aws.scheduler.Schedule(
                f"{scope.model.name}-{part}",
                aws.scheduler.ScheduleArgs(
                    name=scope.name(part),
                    schedule_expression=expression(cron),
                    schedule_expression_timezone=scope.model.timezone,
                    flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
                    kms_key_arn=foundation(args.registry).key,
                    target=_target(pipeline, arn, queue),
                ),
                opts=opts,
            )


def _target(
    pipeline: pulumi.Output[str],
    arn: pulumi.Output[str],
    queue: pulumi.Output[str],
) -> aws.scheduler.ScheduleTargetArgs:
    # The service starts no pipeline without a parameter (`components.pipeline.aws_definition`).
    trigger = aws.scheduler.ScheduleTargetSagemakerPipelineParametersPipelineParameterArgs(
        name="trigger", value=SCHEDULE
    )
    return aws.scheduler.ScheduleTargetArgs(
        arn=pipeline,
        role_arn=arn,
        dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=queue),
        retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=RETRY_SECONDS, maximum_retry_attempts=RETRIES
        ),
        sagemaker_pipeline_parameters=aws.scheduler.ScheduleTargetSagemakerPipelineParametersArgs(
            pipeline_parameters=[trigger]
        ),
    )


def _drift_trigger(
    args: RetrainingArgs,
    scope: ModelScope,
    pipeline: pulumi.Output[str],
    queue: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Each check that finds drift asks for a retraining.

    The drift alarm stays on until a check finds none, and only a change of state is an event; so
    the trigger has an alarm of its own that is over a few minutes after each check.
    """
    alarm = aws.cloudwatch.MetricAlarm(
        f"{scope.model.name}-{TRIGGER}",
        aws.cloudwatch.MetricAlarmArgs(
            name=scope.name(TRIGGER),
            alarm_description=f"{scope.model.name}: a check found drift, a retraining is asked for",
            namespace=NAMESPACE,
            metric_name="drifted_features",
            dimensions={"stack": pulumi.get_stack(), "model": scope.model.name},
            statistic="Maximum",
            period=60,
            # A value may arrive some minutes late.
            evaluation_periods=5,
            datapoints_to_alarm=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            treat_missing_data="notBreaching",
            alarm_actions=args.monitoring.shared.receivers,
            tags=scope.tags,
        ),
        opts=opts,
    )
    rule = aws.cloudwatch.EventRule(
        f"{scope.model.name}-{TRIGGER}",
        aws.cloudwatch.EventRuleArgs(
            name=scope.name(TRIGGER),
            description=f"Drift of {scope.model.name} asks for a retraining",
            event_pattern=pulumi.Output.json_dumps(
                {
                    "source": ["aws.cloudwatch"],
                    "detail-type": ["CloudWatch Alarm State Change"],
                    "resources": [alarm.arn],
                    "detail": {"state": {"value": ["ALARM"]}},
                }
            ),
            tags=scope.tags,
        ),
        opts=opts,
    )
    arn_parts = foundation(args.registry).arn_parts(scope)
    target_args = aws.cloudwatch.EventTargetSagemakerPipelineTargetArgs(
        pipeline_parameter_lists=[
            aws.cloudwatch.EventTargetSagemakerPipelineTargetPipelineParameterListArgs(
                name="trigger", value=DRIFT
            )
        ]
    )
    aws.cloudwatch.EventTarget(
        f"{scope.model.name}-{TRIGGER}",
        aws.cloudwatch.EventTargetArgs(
            target_id="retraining",
            rule=rule.name,
            arn=pipeline,
            role_arn=role("events", scope, arn_parts, opts),
            sagemaker_pipeline_target=target_args,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=queue),
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=RETRY_SECONDS, maximum_retry_attempts=RETRIES
            ),
        ),
        opts=opts,
    )


def _schedule(part: str, cron: str | None, scope: ModelScope) -> dict[str, Any] | None:
    if cron is None:
        return None
    return {"cron": cron, "timezone": scope.model.timezone, "schedule": scope.name(part)}
