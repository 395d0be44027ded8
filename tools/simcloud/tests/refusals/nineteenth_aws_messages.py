"""A nineteenth round on AWS, taken blind: topics, queues."""

from __future__ import annotations

import json
from typing import Any

from samples.documents import policy, statement

from refusals.case import (
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    RANGE,
    Refusal,
)
from refusals.nineteenth_aws_events import EVENTS

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
BACKEND = "arn:aws:iam::210987654321:root"
ORDERED = ("ordered", "queue", {"name": "ordered.fifo", "fifoQueue": True})
ALL_OF_A_QUEUE = [
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListDeadLetterSourceQueues",
    "sqs:PurgeQueue",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "sqs:SetQueueAttributes",
    "sqs:AddPermission",
]


def _publish(*actions: str, service: str = "cloudwatch") -> dict[str, Any]:
    return {
        "policy": policy(
            statement(
                Action=list(actions),
                Resource="${topic.arn}",
                Principal={"Service": f"{service}.amazonaws.com"},
            )
        )
    }


def _consume(*actions: str, principal: str = "${role.arn}") -> dict[str, Any]:
    consume = statement(Action=list(actions), Resource="${queue.arn}", Principal={"AWS": principal})
    return {"policy": policy(consume)}


def _dead(arn: str) -> str:
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 15})


def _unversioned(**more: str) -> dict[str, Any]:
    one = statement(
        Action="sqs:SendMessage", Resource="${queue.arn}", Principal={"AWS": "${role.arn}"}
    )
    return {"policy": json.dumps({**more, "Statement": [one]})}


TOPICS = [
    Refusal(
        f"{GITHUB}/awsdocs/aws-cloudformation-user-guide/pull/860",
        PATTERN,
        "topic",
        "Invalid parameter: Topic Name: no .fifo",
        {"name": "my-topic", "fifoTopic": True, "contentBasedDeduplication": True},
        {"name": "my-topic.fifo", "fifoTopic": True, "contentBasedDeduplication": True},
    ),
    Refusal(
        f"{GITHUB}/aws-solutions/cognito-user-profiles-export-reference-architecture/issues/7",
        RANGE,
        "topic",
        "Invalid parameter: Attributes Reason: DisplayName",
        {
            "displayName": "cognito-user-profiles-export-reference-architecture-ap-northeast-1-"
            "0f4e8f0c-7d3c-4d56-9a6e-5a0b7f1c2d3e"
        },
        {"displayName": "cognito-user-profiles-export-reference-architecture-ap-northeast-1"},
    ),
    Refusal(
        f"{GITHUB}/cloud-utils/domovoi/issues/5",
        PATTERN,
        "topic",
        "Topic name contains invalid characters",
        {"name": "domovoi-s3-bucket-events-www.example.com-upload"},
        {"name": "domovoi-s3-bucket-events-www-example-com-upload"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/12740",
        POLICY,
        "topicpolicy",
        "Policy statement action out of service scope!",
        _publish("sns:Publish", "sns:CreateTopic"),
        _publish("sns:Publish"),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cli/issues/3143",
        POLICY,
        "topicpolicy",
        "Policy statement action out of service scope!",
        _publish("sns:Subscribe", "sns:SetSubscriptionAttributes"),
        _publish("sns:Subscribe", "sns:ListSubscriptionsByTopic", "sns:Receive"),
    ),
    Refusal(
        f"{GITHUB}/aws/serverless-application-model/issues/1591",
        POLICY,
        "topicpolicy",
        "Invalid parameter: Policy Error: null",
        _publish("sns:*", service="polly"),
        _publish("sns:Publish", service="events"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/38441",
        EXCLUSIVE,
        "subscription",
        "Invalid parameter: Invalid protocol type: sms",
        {"topic": "${fifo.arn}", "protocol": "sms", "endpoint": "+15555550100"},
        {"topic": "${fifo.arn}"},
        (("fifo", "topic", {"name": "ordered.fifo", "fifoTopic": True}),),
    ),
    Refusal(
        f"{GITHUB}/aws-controllers-k8s/community/issues/2192",
        EXCLUSIVE,
        "subscription",
        "Delivery protocol [lambda] does not support raw message delivery",
        {"protocol": "lambda", "endpoint": "${function.arn}", "rawMessageDelivery": True},
        {"protocol": "lambda", "endpoint": "${function.arn}"},
    ),
    Refusal(
        f"{GITHUB}/mapbox/cloudfriend/issues/94",
        EXCLUSIVE,
        "subscription",
        "FIFO queues cannot be subscribed to standard SNS topics",
        {"endpoint": "${ordered.arn}"},
        {},
        (ORDERED,),
    ),
]
QUEUES = [
    Refusal(
        f"{GITHUB}/pulumi/pulumi-aws-native/issues/794",
        PATTERN,
        "queue",
        "The name of a FIFO queue must end with .fifo suffix",
        {"name": "StockBotQueue7013873D", "fifoQueue": True, "contentBasedDeduplication": True},
        {
            "name": "StockBotQueue7013873D.fifo",
            "fifoQueue": True,
            "contentBasedDeduplication": True,
        },
    ),
    Refusal(
        f"{GITHUB}/awslabs/aws-solutions-constructs/issues/342",
        EXCLUSIVE,
        "queue",
        "Dead-letter queue must be same type of queue as the source",
        {"name": "source.fifo", "fifoQueue": True, "redrivePolicy": _dead("${plain.arn}")},
        {"name": "source.fifo", "fifoQueue": True, "redrivePolicy": _dead("${ordered.arn}")},
        (ORDERED, ("plain", "queue", {"name": "plain"})),
    ),
    Refusal(
        f"{GITHUB}/ansible-collections/community.aws/issues/2321",
        MISSING,
        "queue",
        "Redrive policy does not contain mandatory attribute: maxReceiveCount",
        {"redrivePolicy": "{}"},
        {"redrivePolicy": _dead("${plain.arn}")},
        (("plain", "queue", {"name": "plain"}),),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/15602",
        POLICY,
        "queuepolicy",
        "Invalid value for the parameter Policy: sqs:ListQueues",
        _consume("sqs:ListQueues", "sqs:ReceiveMessage", principal=BACKEND),
        _consume("sqs:GetQueueUrl", "sqs:ReceiveMessage", principal=BACKEND),
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/cloud-platform-environments/pull/9082",
        RANGE,
        "queuepolicy",
        "OverLimit: 10 actions were found in a statement, max allowed is 7",
        _consume(*ALL_OF_A_QUEUE),
        _consume(*ALL_OF_A_QUEUE[:7]),
    ),
    Refusal(
        f"{TERRAFORM}/issues/29497",
        MISSING,
        "queuepolicy",
        "AWS will not create the policy unless Version is set",
        _unversioned(),
        _unversioned(Version="2012-10-17"),
    ),
]
MESSAGES = [*TOPICS, *QUEUES, *EVENTS]
