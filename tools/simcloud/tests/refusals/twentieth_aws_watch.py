"""A second independent sample on Amazon Web Services: messages, alarms, dashboards, logs."""

from __future__ import annotations

import json
from typing import Any

from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    POLICY,
    REFERENCE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
ROOT = statement(Action="kms:*", Resource="*", Principal={"AWS": "arn:aws:iam::123456789012:root"})
CLOSED_KEY = (("closed", "key", {"policy": policy(ROOT)}),)
ORDERS = (("orders", "topic", {"name": "orders.fifo", "fifoTopic": True}),)
LETTERS = (("letters", "queue", {"name": "letters"}),)
REDRIVEN = json.dumps({"deadLetterTargetArn": "${letters.arn}", "maxReceiveCount": 4})
SENT = statement(
    Action="sqs:SendMessage", Resource="${queue.arn}", Principal={"AWS": "${role.arn}"}
)
TERMS = '?"Server has closed the connection" ?"Incremental update is not possible"'


def _topic(**more: Any) -> dict[str, str]:
    """A policy of one statement for a topic."""
    return {"policy": policy(statement(Resource="${topic.arn}", **more))}


def _widget(**properties: Any) -> dict[str, str]:
    """A dashboard of one widget with a metric."""
    widget = {"type": "metric", "width": 12, "height": 6, "properties": properties}
    return {"dashboardBody": json.dumps({"widgets": [widget]})}


def _metric(pattern: str, **more: Any) -> dict[str, Any]:
    return {
        "pattern": pattern,
        "metricTransformation": {"name": "errors", "namespace": "sim", "value": "1", **more},
    }


def _delivery(**more: int) -> dict[str, str]:
    return {
        "protocol": "https",
        "endpoint": "https://example.com/messages",
        "deliveryPolicy": json.dumps({"healthyRetryPolicy": {"numRetries": 5, **more}}),
    }


MESSAGES = [
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-sns/issues/54",
        PATTERN,
        "topic",
        "invalid topic name: my-topic (a FIFO topic ends with .fifo)",
        {"name": "my-topic", "fifoTopic": True, "contentBasedDeduplication": True},
        {"name": "my-topic.fifo", "fifoTopic": True, "contentBasedDeduplication": True},
    ),
    Refusal(
        f"{GITHUB}/awspring/spring-cloud-aws/issues/707",
        PATTERN,
        "topic",
        "Topic names must be made up of only uppercase and lowercase ASCII letters, numbers, "
        "underscores, and hyphens, and must be between 1 and 256 characters long",
        {"name": "my-topic.fifo"},
        {"name": "my-topic_fifo"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/12740",
        POLICY,
        "topicpolicy",
        "InvalidParameter: Policy statement action out of service scope!",
        _topic(Action=["sns:Publish", "sns:CreateTopic"], Principal={"AWS": "${role.arn}"}),
        _topic(Action=["sns:Publish"], Principal={"AWS": "${role.arn}"}),
    ),
    Refusal(
        f"{GITHUB}/aws/serverless-application-model/issues/1591",
        POLICY,
        "topicpolicy",
        "Invalid parameter: Policy Error: null",
        _topic(Action=["sns:*"], Principal={"Service": "polly.amazonaws.com"}),
        _topic(Action=["sns:Publish"], Principal={"Service": "cloudwatch.amazonaws.com"}),
    ),
    Refusal(
        f"{GITHUB}/aws-controllers-k8s/community/issues/2192",
        EXCLUSIVE,
        "subscription",
        "InvalidParameter: Delivery protocol [lambda] does not support raw message delivery",
        {"protocol": "lambda", "endpoint": "${function.arn}", "rawMessageDelivery": True},
        {"protocol": "lambda", "endpoint": "${function.arn}"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/38441",
        EXCLUSIVE,
        "subscription",
        "InvalidParameter: Invalid protocol type: sms (on a FIFO topic)",
        {"topic": "${orders.arn}", "protocol": "sms", "endpoint": "+4915112345678"},
        {"protocol": "sms", "endpoint": "+4915112345678"},
        ORDERS,
    ),
    Refusal(
        f"{TERRAFORM}/pull/3289",
        MISSING,
        "subscription",
        "InvalidParameter: DeliveryPolicy: healthyRetryPolicy.minDelayTarget must be specified",
        _delivery(),
        _delivery(minDelayTarget=5, maxDelayTarget=20),
    ),
]

QUEUES = [
    Refusal(
        f"{GITHUB}/mapbox/cloudfriend/issues/94",
        PATTERN,
        "queue",
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
        "underscores, must end with .fifo suffix and be 1 to 80 in length",
        {"name": "stack-queue", "fifoQueue": True},
        {"name": "stack-queue.fifo", "fifoQueue": True},
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack-docs/pull/193",
        PATTERN,
        "queue",
        "InvalidParameterValue: Can only include alphanumeric characters, hyphens, or "
        "underscores. 1 to 80 in length",
        {"name": "my-queue.fifo"},
        {"name": "my-queue_fifo"},
    ),
    Refusal(
        f"{GITHUB}/ansible-collections/community.aws/issues/2321",
        MISSING,
        "queue",
        "InvalidParameterValue: Value {} for parameter RedrivePolicy is invalid. Reason: Redrive "
        "policy does not contain mandatory attribute: maxReceiveCount",
        {"redrivePolicy": "{}"},
        {"redrivePolicy": REDRIVEN},
        LETTERS,
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-aws/issues/3083",
        MISSING,
        "queuepolicy",
        "waiting for the policy of the queue times out: it has no version",
        {"policy": json.dumps({"Statement": [SENT]})},
        {"policy": policy(SENT)},
    ),
]

ALARMS = [
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/24070",
        ORDERING,
        "alarm",
        "ValidationError: DatapointsToAlarm must be less than or equal to EvaluationPeriods",
        {"evaluationPeriods": 1, "datapointsToAlarm": 15},
        {"evaluationPeriods": 15, "datapointsToAlarm": 15},
    ),
    Refusal(
        f"{TERRAFORM}/issues/42389",
        ENUM,
        "alarm",
        "expected period to be one of [10 30], got 20; expected period to be divisible by 60",
        {"namespace": "sim", "period": 20},
        {"namespace": "sim", "period": 30},
        accepted="CloudWatch takes 20 seconds too by now, and the provider with it",
    ),
    Refusal(
        f"{GITHUB}/sevenwestmedia-labs/pulumi-components/pull/33",
        MISSING,
        "alarm",
        "ValidationError: the period is missing",
        {"period": None},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/34662",
        PATTERN,
        "composite",
        "Error in AlarmRule [Unsupported token ')' at char 1]",
        {"alarmRule": "()"},
        {"alarmRule": "FALSE"},
    ),
    Refusal(
        f"{GITHUB}/awsdocs/aws-cloudformation-user-guide/issues/911",
        REFERENCE,
        "composite",
        "Could not save the composite alarm as alarms in the alarm rule do not exist",
        {"alarmRule": "(ALARM(FirstAlarm) OR ALARM(SecondAlarm))"},
        {"alarmRule": "(ALARM(errors) OR OK(errors))"},
    ),
]

DASHBOARDS = [
    Refusal(
        f"{GITHUB}/aws-samples/aws-eda-slurm-cluster/issues/116",
        MISSING,
        "dashboard",
        "InvalidParameterInput: The dashboard body is invalid: Should have required property "
        "'metrics'",
        _widget(region="eu-central-1", title="Licenses"),
        _widget(region="eu-central-1", title="Licenses", metrics=[["sim", "licenses"]]),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi/issues/13059",
        PATTERN,
        "dashboard",
        'InvalidParameterInput: Field "metrics" has to be an array of array of strings',
        _widget(region="eu-central-1", metrics=["AWS/EC2", "CPUUtilization"]),
        _widget(region="eu-central-1", metrics=[["AWS/EC2", "CPUUtilization"]]),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/20024",
        PATTERN,
        "dashboard",
        "InvalidParameterInput: red is not a color of a metric",
        _widget(region="eu-central-1", metrics=[["sim", "custom-metric", {"color": "red"}]]),
        _widget(region="eu-central-1", metrics=[["sim", "custom-metric", {"color": "#ff0000"}]]),
    ),
]

LOGS = [
    Refusal(
        f"{TERRAFORM}/issues/8042",
        POLICY,
        "loggroup",
        "InvalidParameterException: The specified KMS Key Id could not be found (its policy does "
        "not let the service use it)",
        {"kmsKeyId": "${closed.arn}"},
        {"kmsKeyId": "${key.arn}"},
        CLOSED_KEY,
    ),
    Refusal(
        f"{GITHUB}/claranet/terraform-aws-lambda/pull/67",
        PATTERN,
        "loggroup",
        "InvalidParameterException: Log groups starting with AWS/ are reserved for AWS",
        {"name": "aws/lambda/x"},
        {"name": "/aws/lambda/x"},
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/cloudformation-resource-schema/issues/119",
        PATTERN,
        "loggroup",
        "KmsKeyId: failed validation constraint for keyword [pattern] (an id instead of an ARN)",
        {"kmsKeyId": "${key.keyId}"},
        {"kmsKeyId": "${key.arn}"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/28881",
        EXCLUSIVE,
        "logfilter",
        "InvalidParameterException: The specified filter pattern does not support dimensions",
        _metric(TERMS, dimensions={"host": "$.host"}),
        _metric(TERMS),
    ),
    Refusal(
        f"{GITHUB}/aws-solutions-library-samples/"
        "guidance-for-claude-code-with-amazon-bedrock/pull/632",
        EXCLUSIVE,
        "logfilter",
        "Invalid metric transformation: dimensions and default value are mutually exclusive "
        "properties",
        _metric('{ $.event = "api" }', dimensions={"user": "$.user_email"}, defaultValue="0"),
        _metric('{ $.event = "api" }', dimensions={"user": "$.user_email"}),
    ),
]

WATCHED = [*MESSAGES, *QUEUES, *ALARMS, *DASHBOARDS, *LOGS]
