"""The drift trigger on AWS: an alarm's change of state is an event that starts the training."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.registry.aws import foundation
from components.retraining import RetrainingArgs
from components.scope import ModelScope
from components.targets.aws.permissions import NAMESPACE
from components.targets.aws.resources import role
from training.retraining_admission import DRIFT

TRIGGER = "drift-found"
# A start that fails is tried again for so long: a later one would be of no use.
RETRY_SECONDS, RETRIES = 3600, 10


def drift_trigger(
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
    places = foundation(args.registry).places(scope)
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
            role_arn=role("events", scope, places, opts),
            sagemaker_pipeline_target=target_args,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=queue),
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=RETRY_SECONDS, maximum_retry_attempts=RETRIES
            ),
        ),
        opts=opts,
    )
