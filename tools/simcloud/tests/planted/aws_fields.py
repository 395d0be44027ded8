"""Bad inputs on Amazon Web Services: what several fields, or a text, do not allow together."""

from __future__ import annotations

import json
from typing import Any

from samples.documents import policy, statement

from planted.case import REMOVED, RULE, Planted

VARIANT = "productionVariants[0]"
IMAGE = "1.dkr.ecr.eu-central-1.amazonaws.com/a:1"
BLUE_GREEN = "deploymentConfig.blueGreenUpdatePolicy"
DISK = {f"{VARIANT}.instanceType": "ml.g5.xlarge"}
FIFO = "arn:aws:sqs:eu-central-1:123456789012:dead.fifo"
AUTOMATE = "arn:aws:automate:eu-central-1:ec2:stop"


def _rule(**rule: Any) -> dict[str, Any]:
    return {f"rules[0].{name}": value for name, value in rule.items()}


def _moves(*pairs: tuple[int, str]) -> dict[str, Any]:
    return _rule(transitions=[{"days": days, "storageClass": name} for days, name in pairs])


def _containers(*containers: dict[str, Any]) -> dict[str, Any]:
    return {
        "primaryContainer": REMOVED,
        "containers": [{"image": IMAGE, **container} for container in containers],
    }


def _steps(*bounds: tuple[Any, Any]) -> dict[str, Any]:
    names = ("metricIntervalLowerBound", "metricIntervalUpperBound")
    steps = [
        {"scalingAdjustment": 1, **{k: v for k, v in zip(names, pair, strict=True) if v}}
        for pair in bounds
    ]
    return {"stepScalingPolicyConfiguration.stepAdjustments": steps}


def _board(**properties: Any) -> dict[str, Any]:
    metric_properties = {"region": "eu-central-1", "metrics": [["sim", "drift"]], **properties}
    return _widget(type="metric", properties=metric_properties)


def _widget(**widget: Any) -> dict[str, Any]:
    return {"dashboardBody": json.dumps({"widgets": [widget]})}


def _trusted(**more: Any) -> dict[str, Any]:
    return {"assumeRolePolicy": policy({**statement(Action="sts:AssumeRole"), **more})}


def _granted(**more: Any) -> dict[str, Any]:
    return {"policy": policy(statement(**{"Resource": "*", **more}))}


def _pattern(**detail: Any) -> dict[str, Any]:
    return {"eventPattern": json.dumps({"source": ["aws.sagemaker"], "detail": detail})}


def _filter(**more: Any) -> dict[str, Any]:
    return {"filterPolicy": json.dumps(more)}


def _delivered(**retries: Any) -> dict[str, Any]:
    return {"deliveryPolicy": json.dumps({"http": {"defaultHealthyRetryPolicy": retries}})}


def _expire(*selections: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {
            "rulePriority": number + 1,
            "action": {"type": "expire"},
            "selection": {"countType": "imageCountMoreThan", "countNumber": 5, **selection},
        }
        for number, selection in enumerate(selections)
    ]
    return {"policy": json.dumps({"rules": rules})}


LONG = {"name": "a", "policy": policy(statement(Resource=["arn:aws:s3:::" + "x" * 100] * 50))}
GITHUB = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"

FIELDS = [
    # S3.
    Planted(
        RULE,
        "lifecycle",
        "have to stand in `and`",
        _rule(filter={"prefix": "a", "objectSizeLessThan": 5}),
    ),
    Planted(RULE, "lifecycle", "needs two predicates", _rule(filter={"and": {"prefix": "a"}})),
    Planted(
        RULE,
        "lifecycle",
        "cannot be specified with Tags",
        _rule(
            filter={"tag": {"key": "a", "value": "b"}},
            abortIncompleteMultipartUpload={"daysAfterInitiation": 1},
        ),
    ),
    Planted(RULE, "lifecycle", "expiration after 90 days", _moves((90, "GLACIER"))),
    Planted(RULE, "lifecycle", "do not move", _moves((40, "GLACIER"), (80, "STANDARD_IA"))),
    Planted(RULE, "lifecycle", "two transitions to", _moves((40, "GLACIER"), (80, "GLACIER"))),
    Planted(RULE, "lifecycle", "30 days after", _moves((30, "STANDARD_IA"), (40, "GLACIER"))),
    Planted(
        RULE,
        "lifecycle",
        "mixed",
        _rule(transitions=[{"date": "2030-01-31T00:00:00Z", "storageClass": "GLACIER"}]),
    ),
    Planted(
        RULE,
        "lifecycle",
        "do not move",
        _rule(
            noncurrentVersionTransitions=[
                {"noncurrentDays": 40, "storageClass": "GLACIER"},
                {"noncurrentDays": 80, "storageClass": "STANDARD_IA"},
            ]
        ),
    ),
    Planted(RULE, "lifecycle", "not with filter", _rule(prefix="a")),
    Planted(
        RULE,
        "bucketpolicy",
        "invalid action",
        {
            "policy": policy(
                statement(Action="sqs:SendMessage", Principal="*", Resource="${bucket.arn}")
            )
        },
    ),
    Planted(
        RULE,
        "encryption",
        "only with",
        {"rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": "AES256"},
    ),
    # IAM.
    Planted(
        RULE,
        "role",
        "may only specify",
        _trusted(Action="s3:GetObject", Principal={"Service": "lambda.amazonaws.com"}),
    ),
    Planted(RULE, "role", "Invalid principal", _trusted(Principal={"Service": "sagemaker"})),
    Planted(RULE, "role", "Invalid principal", _trusted(Principal={"Users": "a"})),
    Planted(
        RULE,
        "role",
        "Invalid principal",
        _trusted(Principal={"AWS": "arn:aws:iam::123456789012:role/*"}),
    ),
    Planted(
        RULE,
        "role",
        "has to evaluate",
        _trusted(Action="sts:AssumeRoleWithWebIdentity", Principal={"Federated": GITHUB}),
    ),
    Planted(RULE, "role", "together", {"inlinePolicies": [LONG, {**LONG, "name": "b"}]}),
    Planted(RULE, "rolepolicy", "must be in ARN format", _granted(Resource="sim-bucket/*")),
    Planted(
        RULE,
        "rolepolicy",
        "Invalid Condition type",
        _granted(Condition={"StringEqual": {"aws:RequestedRegion": "eu-central-1"}}),
    ),
    Planted(RULE, "rolepolicy", "must contain actions", _granted(Action=[])),
    # Budgets.
    Planted(RULE, "budget", "cost filter", {"costFilters": [{"name": "Tag", "values": ["a"]}]}),
    Planted(
        RULE, "budget", "is no tag", {"costFilters": [{"name": "TagKeyValue", "values": ["team"]}]}
    ),
    Planted(RULE, "budget", "is no currency", {"limitUnit": "GB"}),
    Planted(RULE, "budget", "is PERCENTAGE", {"budgetType": "RI_UTILIZATION"}),
    Planted(
        RULE, "budget", "needs a subscriber", {"notifications[0].subscriberEmailAddresses": []}
    ),
    Planted(
        RULE,
        "budget",
        "not 1 to 12",
        {
            "limitAmount": REMOVED,
            "limitUnit": REMOVED,
            "autoAdjustData": {
                "autoAdjustType": "HISTORICAL",
                "historicalOptions": {"budgetAdjustmentPeriod": 13},
            },
        },
    ),
    # SageMaker.
    Planted(RULE, "model", "not supported", _containers({"mode": "MultiModel"}, {})),
    Planted(RULE, "model", "in every container", _containers({"containerHostname": "a"}, {})),
    Planted(
        RULE,
        "model",
        "allowed are 32768",
        {"primaryContainer.environment": {f"A{n}": "x" * 1000 for n in range(40)}},
    ),
    Planted(
        RULE,
        "model",
        "Vpc needs vpcConfig",
        {"vpcConfig": REMOVED, "primaryContainer.imageConfig": {"repositoryAccessMode": "Vpc"}},
    ),
    Planted(RULE, "config", "is not allowed for", {**DISK, f"{VARIANT}.volumeSizeInGb": 50}),
    Planted(RULE, "config", "the call fails", {**DISK, "kmsKeyArn": "${key.arn}"}),
    Planted(
        RULE,
        "config",
        "missing: initialInstanceCount",
        {f"{VARIANT}.initialInstanceCount": REMOVED},
    ),
    Planted(
        RULE,
        "config",
        "beside one production variant",
        {
            "shadowProductionVariants": [
                {
                    "variantName": name,
                    "modelName": "flights",
                    "instanceType": "ml.m5.large",
                    "initialInstanceCount": 1,
                }
                for name in ("a", "b")
            ]
        },
    ),
    Planted(RULE, "config", "needed without executionRoleArn", {f"{VARIANT}.modelName": REMOVED}),
    Planted(
        RULE,
        "endpoint",
        "not more than the waits",
        {
            f"{BLUE_GREEN}.terminationWaitInSeconds": 600,
            f"{BLUE_GREEN}.maximumExecutionTimeoutInSeconds": 800,
        },
    ),
    Planted(
        RULE,
        "endpoint",
        "is not 5 to 50",
        {
            "deploymentConfig.rollingUpdatePolicy": {
                "waitIntervalInSeconds": 300,
                "maximumBatchSize": {"type": "CAPACITY_PERCENT", "value": 60},
            }
        },
    ),
    Planted(
        RULE,
        "monitoring",
        "hourly",
        {"monitoringScheduleConfig.scheduleConfig.scheduleExpression": "rate(1 hour)"},
    ),
    Planted(RULE, "scaled", "is none of", {"scalableDimension": "ecs:service:DesiredCount"}),
    Planted(RULE, "scaling", "is none of", {"scalableDimension": "ecs:service:DesiredCount"}),
    Planted(RULE, "scaling", "overlap", _steps((None, "0"), ("-1", None))),
    Planted(RULE, "scaling", "is not less", _steps(("5", "2"))),
    # EventBridge, Scheduler.
    Planted(RULE, "rule", "unrecognized match type", _pattern(state=[{"begins": "a"}])),
    Planted(RULE, "rule", "is nothing for numeric", _pattern(count=[{"numeric": [">", "5"]}])),
    Planted(RULE, "rule", "is nothing for exists", _pattern(count=[{"exists": "true"}])),
    Planted(
        RULE,
        "target",
        "is not valid JSON",
        {"sagemakerPipelineTarget": REMOVED, "inputTransformer": {"inputTemplate": "{name: 1}"}},
    ),
    Planted(RULE, "target", "no JSON path", {"inputPath": "detail.state"}),
    Planted(RULE, "target", "needed for a FIFO queue", {"arn": FIFO}),
    Planted(RULE, "target", "is a standard one", {"deadLetterConfig": {"arn": FIFO}}),
    Planted(RULE, "schedule", "is a standard one", {"target.deadLetterConfig.arn": FIFO}),
    Planted(RULE, "schedule", "needed for a FIFO queue", {"target.arn": FIFO}),
    Planted(
        RULE,
        "schedule",
        "is not JSON",
        {
            "target.arn": "arn:aws:lambda:eu-central-1:123456789012:function:a",
            "target.input": "{a}",
        },
    ),
    Planted(
        RULE,
        "schedule",
        "only reads",
        {"target.arn": "arn:aws:scheduler:::aws-sdk:sagemaker:describePipeline"},
    ),
    Planted(
        RULE,
        "schedule",
        "none of a supported",
        {"target.arn": "arn:aws:dynamodb:eu-central-1:123456789012:table/a"},
    ),
    Planted(RULE, "schedulegroup", "default is there", {"name": "default"}),
    # Lambda.
    Planted(RULE, "function", "no longer supported", {"runtime": "python3.6"}),
    Planted(
        RULE,
        "function",
        "reserved keys",
        {"environment": {"variables": {"AWS_REGION": "eu-central-1"}}},
    ),
    Planted(
        RULE, "function", "allowed are 4096", {"environment": {"variables": {"A": "x" * 5000}}}
    ),
    Planted(RULE, "function", "needed with packageType", {"packageType": "Image"}),
    # SNS, SQS.
    Planted(
        RULE,
        "topic",
        "out of service scope",
        {"policy": policy(statement(Action="SNS:*", Principal="*", Resource="*"))},
    ),
    Planted(
        RULE,
        "topicpolicy",
        "out of service scope",
        {
            "policy": policy(
                statement(Action="sqs:SendMessage", Principal="*", Resource="${topic.arn}")
            )
        },
    ),
    Planted(
        RULE,
        "queue",
        "out of service scope",
        {"policy": policy(statement(Action="sns:Publish", Principal="*", Resource="*"))},
    ),
    Planted(
        RULE,
        "queuepolicy",
        "out of service scope",
        {"policy": policy(statement(Action="sns:Publish", Principal="*", Resource="${queue.arn}"))},
    ),
    Planted(
        RULE,
        "queue",
        "needs the deduplicationScope",
        {
            "name": "dead.fifo",
            "fifoQueue": True,
            "deduplicationScope": "queue",
            "fifoThroughputLimit": "perMessageGroupId",
        },
    ),
    Planted(
        RULE,
        "queue",
        "is not 1 to 1000",
        {
            "redrivePolicy": json.dumps(
                {"deadLetterTargetArn": "${queue.arn}", "maxReceiveCount": 2000}
            )
        },
    ),
    Planted(
        RULE,
        "queue",
        "1 to 10 sourceQueueArns",
        {"redriveAllowPolicy": json.dumps({"redrivePermission": "byQueue"})},
    ),
    Planted(RULE, "subscription", "is nested", _filter(detail={"a": ["b"]})),
    Planted(
        RULE,
        "subscription",
        "combinations",
        _filter(a=[str(n) for n in range(20)], b=[str(n) for n in range(20)]),
    ),
    Planted(
        RULE,
        "subscription",
        "needed with protocol",
        {
            "protocol": "firehose",
            "endpoint": "arn:aws:firehose:eu-central-1:123456789012:deliverystream/a",
        },
    ),
    # CloudWatch.
    Planted(
        RULE,
        "alarm",
        "goes with thresholdMetricId alone",
        {"comparisonOperator": "GreaterThanUpperThreshold"},
    ),
    Planted(
        RULE, "alarm", "is no action", {"alarmActions": ["arn:aws:s3:eu-central-1:123456789012:a"]}
    ),
    Planted(RULE, "composite", "cannot take the action", {"alarmActions": [AUTOMATE]}),
    Planted(RULE, "composite", "cannot take the action", {"okActions": [AUTOMATE]}),
    Planted(RULE, "composite", "cannot take the action", {"insufficientDataActions": [AUTOMATE]}),
    Planted(RULE, "composite", "is no alarm rule", {"alarmRule": 'ALARM("errors") AND'}),
    Planted(
        RULE,
        "dashboard",
        "has a dimension without a value",
        _board(metrics=[["sim", "drift", "Model"]]),
    ),
    Planted(RULE, "dashboard", "is not one of timeSeries", _board(view="line")),
    Planted(RULE, "dashboard", "is no statistic", _board(stat="Mean")),
    Planted(RULE, "dashboard", "a gauge needs", _board(view="gauge")),
    Planted(
        RULE,
        "dashboard",
        "x and y go together",
        _widget(type="text", x=0, properties={"markdown": "a"}),
    ),
    Planted(RULE, "logfilter", "without its partner", {"pattern": "{ $.level = 40"}),
    Planted(
        RULE, "logfilter", "is no field of the pattern", {"metricTransformation.value": "$.latency"}
    ),
    # EC2, SSM, ECR.
    Planted(
        RULE,
        "security",
        "the ports 443 to 80",
        {"ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 80}]},
    ),
    Planted(
        RULE,
        "security",
        "both ports are 0",
        {"egress": [{"protocol": "-1", "fromPort": 0, "toPort": 65535}]},
    ),
    Planted(RULE, "parameter", "are reserved", {"name": "/aws/a"}),
    Planted(RULE, "parameter", "only letters, digits", {"name": "/sim/a b"}),
    Planted(RULE, "topic", "minDelayTarget must be", _delivered(maxDelayTarget=20, numRetries=3)),
    Planted(
        RULE,
        "topic",
        "more than maxDelayTarget",
        _delivered(minDelayTarget=30, maxDelayTarget=20, numRetries=3),
    ),
    Planted(
        RULE,
        "topic",
        "backoffFunction is one of",
        _delivered(minDelayTarget=20, maxDelayTarget=20, numRetries=3, backoffFunction="none"),
    ),
    Planted(RULE, "parameter", "allowed are 4096", {"value": "x" * 5000}),
    Planted(RULE, "parameter", "does not match allowedPattern", {"allowedPattern": r"^\d+$"}),
    Planted(
        RULE,
        "expiry",
        "the highest rulePriority",
        _expire({"tagStatus": "any"}, {"tagStatus": "untagged"}),
    ),
    Planted(RULE, "expiry", "goes with no list of tags", _expire({"tagStatus": "tagged"})),
]
