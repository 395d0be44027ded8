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
from components.retraining.aws_trigger import RETRIES, RETRY_SECONDS, drift_trigger
from components.scope import ModelScope, StackScope
from components.targets.aws import policies
from components.targets.aws.resources import document, role
from components.targets.aws.schedules import expression
from training.retraining_admission import SCHEDULE

DEAD_LETTERS_DAYS = 14


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
            policy=policies.queue_policy(queue.arn, base.places(scope)),
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
        drift_trigger(args, scope, pipelines.training, queue, opts)
    written = document(
        f"{scope.model.name}-schedules",
        foundation(args.registry).bucket,
        f"models/{scope.model.name}/schedules.json",
        {
            "retraining": _schedule(scope.model.retraining.schedule, scope.model.timezone),
            "drift_check": _schedule(scope.model.drift.schedule, scope.model.timezone),
            "on_drift": scope.model.retraining.on_drift,
        },
        opts,
    )
    return RetrainingModel(schedules=written.key)


def _schedules(
    args: RetrainingArgs,
    scope: ModelScope,
    queue: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    pipelines = args.pipeline.models[scope.model.name]
    wanted = {
        "retraining": (scope.model.retraining.schedule, pipelines.training, {"trigger": SCHEDULE}),
        "drift-check": (scope.model.drift.schedule, pipelines.drift_check, {}),
    }
    if not any(cron for cron, _, _ in wanted.values()):
        return
    places = foundation(args.registry).places(scope)
    arn = role("schedule", scope, places, opts)
    for what, (cron, pipeline, parameters) in wanted.items():
        if cron is not None:
            aws.scheduler.Schedule(
                f"{scope.model.name}-{what}",
                aws.scheduler.ScheduleArgs(
                    name=scope.name(what),
                    schedule_expression=expression(cron),
                    schedule_expression_timezone=scope.model.timezone,
                    flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
                    kms_key_arn=foundation(args.registry).key,
                    target=_target(pipeline, arn, queue, parameters),
                ),
                opts=opts,
            )


def _target(
    pipeline: pulumi.Output[str],
    arn: pulumi.Output[str],
    queue: pulumi.Output[str],
    parameters: dict[str, str],
) -> aws.scheduler.ScheduleTargetArgs:
    given = [
        aws.scheduler.ScheduleTargetSagemakerPipelineParametersPipelineParameterArgs(
            name=key, value=value
        )
        for key, value in parameters.items()
    ]
    return aws.scheduler.ScheduleTargetArgs(
        arn=pipeline,
        role_arn=arn,
        dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=queue),
        retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=RETRY_SECONDS, maximum_retry_attempts=RETRIES
        ),
        sagemaker_pipeline_parameters=aws.scheduler.ScheduleTargetSagemakerPipelineParametersArgs(
            pipeline_parameters=given
        )
        if given
        else None,
    )


def _schedule(cron: str | None, timezone: str) -> dict[str, Any] | None:
    return None if cron is None else {"cron": cron, "timezone": timezone}
