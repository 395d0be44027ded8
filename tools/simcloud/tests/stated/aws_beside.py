"""What services state of patterns, clocks and neighbours, from both sides."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from stated.aws_together import by_value
from stated.case import Stated

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
IMAGE = "1.dkr.ecr.eu-central-1.amazonaws.com/a:1"
SINGLE = dict.fromkeys(("metricName", "namespace", "period", "statistic", "dimensions"), REMOVED)
METRIC = {"metricName": "Errors", "namespace": "AWS/Lambda", "period": 60, "stat": "Sum"}
PORT = {"protocol": "tcp", "fromPort": 80, "toPort": 80}
SHADOW = {"variantName": "next", "modelName": "${model.name}", "instanceType": "ml.m5.large"}
FAR_GROUP = (
    ("wide", "vpc", {"cidrBlock": "10.9.0.0/16"}),
    ("far", "security", {"vpcId": "${wide.id}", "name": "far"}),
)
CUSTOM = {"endpoint": "arn:aws:lambda:eu-central-1:123456789012:function:glue"}
BLUE, CLEAR = ({"markdown": "x", "background": name} for name in ("blue", "transparent"))
ALARM = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:errors"
TEST = {"Null": {"aws:SourceVpc": "true"}}
EXPIRE = {"countType": "imageCountMoreThan", "countNumber": 5}
ROLLING = "deploymentConfig.rollingUpdatePolicy"
HASHES = "deploymentConfig.blueGreenUpdatePolicy"
TRACKING = "targetTrackingScalingPolicyConfiguration"


def _tested(condition: Any) -> dict[str, Any]:
    return {"policy": policy(statement(Resource="*", Condition=condition))}


def _noted(alarm: str) -> dict[str, Any]:
    properties = {"region": "eu-central-1", "annotations": {"alarms": [alarm]}}
    widgets = [{"type": "metric", "properties": properties}]
    return {"dashboardBody": json.dumps({"widgets": widgets})}


def _widget(parts: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    widgets = [{"type": parts[0], "properties": parts[1]}]
    return {"dashboardBody": json.dumps({"widgets": widgets})}


def _metric_widget(properties: dict[str, Any]) -> dict[str, Any]:
    row = ["sim", "drift"]
    return _widget(("metric", {"region": "eu-central-1", "metrics": [row], **properties}))


def _lined(options: dict[str, Any]) -> dict[str, Any]:
    return _metric_widget({"metrics": [["sim", "drift", options]]})


def _crossed(line: dict[str, Any]) -> dict[str, Any]:
    return _metric_widget({"annotations": {"horizontal": [line]}})


def _dashboard_from(start: str) -> dict[str, Any]:
    return {"dashboardBody": json.dumps({"start": start, "widgets": []})}


def _scaled(dimension: str) -> dict[str, Any]:
    return {"scalableDimension": dimension, "serviceNamespace": dimension.partition(":")[0]}


def _sourced(place: str, kind: str, key: str) -> dict[str, Any]:
    source = {"compressionType": "None", "s3DataType": kind, "s3Uri": f"s3://sim-bucket/{key}"}
    container = {"image": IMAGE, "modelDataSource": {"s3DataSources": [source]}}
    other = {"primaryContainer": REMOVED} if place == "containers" else {}
    return {**other, place: [container] if place == "containers" else container}


def _batched(kind: str) -> dict[str, Any]:
    sizes = {"maximumBatchSize": {"type": kind, "value": 30}}
    return {HASHES: REMOVED, ROLLING: {**sizes, "waitIntervalInSeconds": 60}}


def _owned(account: str) -> dict[str, Any]:
    owner = {"AWS": f"arn:aws:iam::{account}:root"}
    return {"policy": policy(statement(Action="kms:*", Resource="*", Principal=owner))}


def _denied(**more: Any) -> dict[str, Any]:
    all_of_it = {"Action": "kms:*", "Resource": "*"}
    denial = statement(Effect="Deny", Principal="*", **all_of_it, **more)
    return {"policy": policy(statement(Principal=ROOT, **all_of_it), denial)}


def _kept_but(tag: str) -> dict[str, Any]:
    filters = [{"filter": tag, "filterType": "WILDCARD"}]
    kind = "IMMUTABLE_WITH_EXCLUSION"
    return {"imageTagMutability": kind, "imageTagMutabilityExclusionFilters": filters}


def _queued(name: str) -> dict[str, Any]:
    queue = {"queueArn": f"${{{name}.arn}}", "events": ["s3:ObjectCreated:*"]}
    return {"eventbridge": REMOVED, "queues": [queue]}


def _for_s3(name: str) -> dict[str, Any]:
    principal = {"Service": "s3.amazonaws.com"}
    sending = {"Action": "sqs:SendMessage", "Resource": f"${{{name}.arn}}"}
    return {"policy": policy(statement(**sending, Principal=principal))}


def _stepped(cooldown: int) -> dict[str, Any]:
    adjustments = [{"scalingAdjustment": 1, "metricIntervalLowerBound": "0"}]
    steps = {"adjustmentType": "ChangeInCapacity", "stepAdjustments": adjustments}
    return {
        "policyType": "StepScaling",
        TRACKING: REMOVED,
        "stepScalingPolicyConfiguration": {**steps, "cooldown": cooldown},
    }


def _expressed(*texts: str) -> dict[str, Any]:
    queries = [
        {"id": f"e{index}", "expression": text, "returnData": index == 0}
        for index, text in enumerate(texts)
    ]
    return {**SINGLE, "metricQueries": [{"id": "m1", "metric": METRIC}, *queries]}


def _selected(*selections: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {"rulePriority": n + 1, "action": {"type": "expire"}, "selection": {**EXPIRE, **selection}}
        for n, selection in enumerate(selections)
    ]
    return {"policy": json.dumps({"rules": rules})}


def _rolled(share: int) -> dict[str, Any]:
    sizes = {"maximumBatchSize": {"type": "CAPACITY_PERCENT", "value": 10}}
    back = {"rollbackMaximumBatchSize": {"type": "CAPACITY_PERCENT", "value": share}}
    return {HASHES: REMOVED, ROLLING: {**sizes, **back, "waitIntervalInSeconds": 60}}


TWICE = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", %s}}'


def _signing(spec: str) -> dict[str, Any]:
    keys = {"customerMasterKeySpec": spec, "keyUsage": "SIGN_VERIFY"}
    return {**keys, "enableKeyRotation": False}


def _ruled(text: str) -> dict[str, Any]:
    return {"alarmRule": text}


def _answering(query: dict[str, Any]) -> dict[str, Any]:
    return {**SINGLE, "metricQueries": [{"id": "m1", "metric": METRIC, **query}]}


def _automated(role: dict[str, Any]) -> dict[str, Any]:
    action = "arn:aws:automation:eu-central-1:123456789012:action/EC2StopInstance/a"
    return {"arn": action, "roleArn": REMOVED, "sagemakerPipelineTarget": REMOVED, **role}


def _trusting(partition: str) -> dict[str, Any]:
    principal = {"AWS": f"arn:{partition}:iam::210987654321:root"}
    return {"assumeRolePolicy": policy(statement(Action="sts:AssumeRole", Principal=principal))}


def _of_bucket(partition: str) -> dict[str, Any]:
    resource = f"arn:{partition}:s3:::sim-bucket/*"
    return {"policy": policy(statement(Effect="Deny", Principal="*", Resource=resource))}


def _layered(partition: str) -> dict[str, Any]:
    return {"layers": [f"arn:{partition}:lambda:eu-central-1:123456789012:layer:a:1"]}


def _attached(partition: str) -> dict[str, Any]:
    return {"policyArn": f"arn:{partition}:iam::aws:policy/ReadOnlyAccess"}


def _every(fields: str) -> dict[str, Any]:
    return {"eventPattern": REMOVED, "scheduleExpression": f"cron({fields})"}


def _model_data(model: tuple[str, str]) -> dict[str, Any]:
    mode, key = model
    container = {"image": IMAGE, "mode": mode, "modelDataUrl": f"s3://sim-bucket/{key}"}
    return {"primaryContainer": container}


def _in_row(key: str) -> dict[str, Any]:
    container = {"image": IMAGE, "modelDataUrl": f"s3://sim-bucket/{key}"}
    return {"primaryContainer": REMOVED, "containers": [container]}


BESIDE = [
    Stated("role", "missing: needed with name", {"inlinePolicies": [{"name": "read"}]}, {}),
    by_value(
        "rolepolicy",
        "Action is there twice",
        lambda actions: {"policy": TWICE % actions},
        '"Action": "s3:*", "Action": "s3:Get*"',
        '"Action": ["s3:*", "s3:Get*"]',
    ),
    Stated(
        "role",
        "prohibited field NotPrincipal",
        {
            "assumeRolePolicy": policy(
                {
                    "Effect": "Deny",
                    "Action": "sts:AssumeRole",
                    "NotPrincipal": ROOT,
                }
            )
        },
    ),
    Stated(
        "role",
        "Invalid principal in policy",
        {"assumeRolePolicy": policy(statement(Action="sts:AssumeRole", Principal=[ROOT]))},
        {"assumeRolePolicy": policy(statement(Action="sts:AssumeRole", Principal=ROOT))},
    ),
    Stated("rolepolicy", "Syntax errors", {"policy": '{"Version":"2012-10-17","Statement":["x"]}'}),
    by_value("rolepolicy", "is no object", _tested, [TEST], TEST),
    # Registries, alarms, dashboards, scaling.
    Stated(
        "expiry",
        "two rules select untagged",
        _selected({"tagStatus": "untagged"}, {"tagStatus": "untagged"}),
        _selected({"tagStatus": "untagged"}, {"tagStatus": "any"}),
    ),
    Stated(
        "expiry",
        "two rules select v",
        _selected(*({"tagStatus": "tagged", "tagPrefixList": ["v"]} for _ in range(2))),
        _selected(*({"tagStatus": "tagged", "tagPrefixList": [name]} for name in "vw")),
    ),
    Stated("alarm", "in a cycle", _expressed("e1 + m1", "e0 + m1"), _expressed("e1 + m1", "m1")),
    by_value("dashboard", "such as -PT3H", _dashboard_from, "-PT3", "-P1DT3H"),
    by_value("dashboard", "such as -PT3H", _dashboard_from, "-P", "-P1D"),
    by_value("dashboard", "no ARN of an alarm", _noted, "errors", ALARM),
    by_value(
        "dashboard", "should be another", _metric_widget, {"sparkline": "yes"}, {"sparkline": True}
    ),
    by_value("dashboard", "is no Boolean", _lined, {"visible": "no"}, {"visible": False}),
    by_value("dashboard", "is no number", _crossed, {"value": "5"}, {"value": 5}),
    by_value("dashboard", "the fill", _crossed, {"value": 5, "fill": "up"}, {"value": 5}),
    by_value("dashboard", "needs the endpoint", _widget, ("custom", {}), ("custom", CUSTOM)),
    by_value("dashboard", "neither solid", _widget, ("text", BLUE), ("text", CLEAR)),
    Stated(
        "alarm",
        "missing: needed with metricName",
        {
            **SINGLE,
            "metricQueries": [
                {
                    "id": "m1",
                    "returnData": True,
                    "metric": {key: METRIC[key] for key in METRIC if key != "namespace"},
                }
            ],
        },
        {**SINGLE, "metricQueries": [{"id": "m1", "returnData": True, "metric": METRIC}]},
    ),
    Stated(
        "scaling",
        "No scalable target registered",
        {"scalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"},
    ),
    *(
        Stated(
            "scaled",
            "is no resource of",
            {**_scaled(dimension), "resourceId": bad},
            {**_scaled(dimension), "resourceId": good},
        )
        for dimension, bad, good in (
            ("dynamodb:table:ReadCapacityUnits", "dynamo/music", "table/music"),
            ("dynamodb:index:WriteCapacityUnits", "table/music", "table/music/index/years"),
            ("ecs:service:DesiredCount", "service/web", "service/main/web"),
            ("rds:cluster:ReadReplicaCount", "cluster/main", "cluster:main"),
        )
    ),
    *(
        Stated("model", "a prefix ends", _sourced(place, "S3Prefix", "m"), _sourced(place, *good))
        for place in ("primaryContainer", "containers")
        for good in (("S3Prefix", "m/"), ("S3Object", "m"))
    ),
    Stated(
        "config",
        "missing: initialInstanceCount",
        {"shadowProductionVariants": [SHADOW]},
        {"shadowProductionVariants": [{**SHADOW, "initialInstanceCount": 1}]},
    ),
    by_value("endpoint", "is more than 50%", _batched, "INSTANCE_COUNT", "CAPACITY_PERCENT"),
    by_value("key", "will not allow you", _owned, "210987654321", "123456789012"),
    Stated("key", "will not allow you", _denied(), _denied(Condition=TEST)),
    by_value("vpc", "a region such as", lambda name: {"region": name}, "eu-west", "eu-west-1"),
    Stated(
        "target",
        "does not exist on sim",
        {"eventBusName": "${bus.name}"},
        {"eventBusName": "${bus.name}", "rule": "${there.name}"},
        before=(("there", "rule", {"name": "there", "eventBusName": "${bus.name}"}),),
    ),
    Stated(
        "vpc",
        "needs enableDnsSupport",
        {"enableDnsHostnames": True, "enableDnsSupport": False},
        {"enableDnsHostnames": True},
    ),
    by_value("repository", "two wildcards", _kept_but, "a*b*c*", "a*b*c"),
    Stated(
        "scaling",
        "is no number",
        {
            **_stepped(0),
            "stepScalingPolicyConfiguration.stepAdjustments": [
                {"scalingAdjustment": 1, "metricIntervalLowerBound": "a"}
            ],
        },
        _stepped(0),
    ),
    Stated(
        "model",
        "of several VPCs",
        {"vpcConfig.securityGroupIds": ["${far.id}"]},
        before=FAR_GROUP,
    ),
    Stated(
        "security",
        "different networks",
        {"vpcId": "${vpc.id}", "ingress": [{**PORT, "securityGroups": ["${far.id}"]}]},
        {"vpcId": "${wide.id}", "ingress": [{**PORT, "securityGroups": ["${far.id}"]}]},
        before=FAR_GROUP,
    ),
    Stated(
        "notification",
        "does not allow s3",
        _queued("closed"),
        _queued("inbox"),
        before=(
            ("closed", "queue", {"name": "closed", "kmsMasterKeyId": "${key.arn}"}),
            ("toclosed", "queuepolicy", {"queueUrl": "${closed.url}", **_for_s3("closed")}),
            ("inbox", "queue", {"name": "inbox"}),
            ("toinbox", "queuepolicy", {"queueUrl": "${inbox.url}", **_for_s3("inbox")}),
        ),
    ),
    Stated("endpoint", "is not 1 to 100", _rolled(101), _rolled(100)),
    *(
        Stated("scaling", "out of range", {f"{TRACKING}.{name}": -1}, {f"{TRACKING}.{name}": 0})
        for name in ("scaleInCooldown", "scaleOutCooldown")
    ),
    by_value("scaling", "out of range", _stepped, -1, 0),
    by_value("alarm", "exactly one of the metric queries", _answering, {}, {"returnData": True}),
    by_value("target", "RoleArn is not supported", _automated, {"roleArn": "${role.arn}"}, {}),
    by_value("key", "is not one of", _signing, "ML_DSA_64", "ML_DSA_65"),
    *(
        by_value("composite", "is no alarm rule", _ruled, bad, good)
        for bad, good in (
            ("AT_LEAST(1, ALARM)", "AT_LEAST(1, ALARM, (errors))"),
            ("AT_LEAST(x, NOT OK, (errors))", 'AT_LEAST(60%, NOT OK, ("errors"))'),
        )
    ),
    # Partitions, steps of a clock, archives.
    by_value("role", "Partition 'aws-cn' is not valid", _trusting, "aws-cn", "aws"),
    by_value("bucketpolicy", "Partition 'aws-cn' is not valid", _of_bucket, "aws-cn", "aws"),
    by_value("function", "Partition 'aws-cn' is not valid", _layered, "aws-cn", "aws"),
    by_value("attachment", "Partition 'aws-us-gov'", _attached, "aws-us-gov", "aws"),
    by_value("rule", "a step of at most 23", _every, "0 */24 * * ? *", "0 */23 * * ? *"),
    by_value("rule", "a step of at most 59", _every, "0/60 * * * ? *", "0/59 0 1 1 ? 2020/50"),
    by_value("model", "not an archive", _in_row, "a/", "a.tar.gz"),
    by_value("model", "not an archive", _model_data, ("SingleModel", "a/"), ("MultiModel", "a/")),
]
