"""Limits on Amazon Web Services that stand between resources, or inside a bucket or a text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from stated.case import Stated

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
IMAGE = "1.dkr.ecr.eu-central-1.amazonaws.com/a:1"
AGED = {"id": "old", "enabled": True, "prefix": "x", "expiration": {"days": 90}}
OPEN = [{"allowedMethods": ["GET"], "allowedOrigins": ["*"]}]
REPLICA = {
    "role": "${role.arn}",
    "rules": [{"status": "Enabled", "id": "all", "destination": {"bucket": "${copy.arn}"}}],
}
VERSIONED = {"versioning": {"enabled": True}}
COPY = ("copy", "bucket", {"bucket": "sim-copy"})
COPY_WITH_VERSIONS = ("copy", "bucket", {"bucket": "sim-copy", **VERSIONED})
UNBLOCKED = {"blockPublicAcls": False, "blockPublicPolicy": False}
OPENED = (
    ("open", "bucket", {"bucket": "sim-open"}),
    ("unblocked", "public", {"bucket": "${open.bucket}", **UNBLOCKED}),
)
WRITERS = {"rule": {"objectOwnership": "ObjectWriter"}}
POLICIES = [(f"p{n}", "policy", {"name": f"p{n}"}) for n in range(10)]
ATTACHED = [(f"a{n}", "attachment", {"policyArn": f"${{p{n}.arn}}"}) for n in range(10)]
SINGLE = dict.fromkeys(("metricName", "namespace", "period", "statistic", "dimensions"), REMOVED)
METRIC = {"metricName": "Errors", "namespace": "AWS/Lambda", "period": 60, "stat": "Sum"}
QUEUED = {"arn": "${queue.arn}", "roleArn": REMOVED, "sagemakerPipelineTarget": REMOVED}
PORT = {"protocol": "tcp", "fromPort": 80, "toPort": 80}
FOREIGN = "arn:aws:sqs:eu-central-1:210987654321:dead"
SHADOW = {"variantName": "next", "modelName": "${model.name}", "instanceType": "ml.m5.large"}
FAR_GROUP = (
    ("wide", "vpc", {"cidrBlock": "10.9.0.0/16"}),
    ("far", "security", {"vpcId": "${wide.id}", "name": "far"}),
)
CUSTOM = {"endpoint": "arn:aws:lambda:eu-central-1:123456789012:function:glue"}
BLUE, CLEAR = ({"markdown": "x", "background": name} for name in ("blue", "transparent"))
ALARM = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:errors"
TEST = {"Null": {"aws:SourceVpc": "true"}}
ECS = "arn:aws:ecs:eu-central-1:123456789012"
LONG = "$." + "a" * 254
LAYER = "arn:aws:lambda:eu-central-1:123456789012:layer"
EXPIRE = {"countType": "imageCountMoreThan", "countNumber": 5}
ROLLING = "deploymentConfig.rollingUpdatePolicy"
HASHES = "deploymentConfig.blueGreenUpdatePolicy"
TRACKING = "targetTrackingScalingPolicyConfiguration"
SEND = {"Resource": "${queue.arn}", "Action": "sqs:SendMessage", "Principal": ROOT}
IPV6 = {"ipv6CidrBlock": "2600:1f18::/64", "cidrBlock": "10.9.1.0/24", "vpcId": "${wide.id}"}


def by_value(sample: str, reason: str, make: Callable[[Any], Any], bad: Any, good: Any) -> Stated:
    """A limit by the one value that differs."""
    return Stated(sample, reason, make(bad), make(good))


def _aged(**rule: Any) -> dict[str, Any]:
    return {"lifecycleRules": [{**AGED, **rule}]}


def _public(name: str) -> str:
    return policy(statement(Principal="*", Resource=f"arn:aws:s3:::{name}/*"))


def _cors(**rule: Any) -> dict[str, Any]:
    return {"corsRules": [{**OPEN[0], **rule}]}


def _kept(**retention: Any) -> dict[str, Any]:
    rule = {"defaultRetention": {"mode": "GOVERNANCE", **retention}}
    return {"objectLockConfiguration": {"objectLockEnabled": "Enabled", "rule": rule}}


def _encrypted(algorithm: str) -> dict[str, Any]:
    default = {"sseAlgorithm": algorithm, "kmsMasterKeyId": "${key.arn}"}
    rule = {"rule": {"applyServerSideEncryptionByDefault": default}}
    return {"serverSideEncryptionConfiguration": rule}


def _variable(size: int) -> dict[str, Any]:
    return {"environment": {"variables": {"A1": "x" * size}}}


def _texted(number: str) -> dict[str, Any]:
    return {"protocol": "sms", "endpoint": number}


def _inline(**named: str) -> dict[str, Any]:
    return {"inlinePolicies": [{**named, "policy": policy(statement(Resource="*"))}]}


def _tested(condition: Any) -> dict[str, Any]:
    return {"policy": policy(statement(Resource="*", Condition=condition))}


def _noted(alarm: str) -> dict[str, Any]:
    properties = {"region": "eu-central-1", "annotations": {"alarms": [alarm]}}
    widgets = [{"type": "metric", "properties": properties}]
    return {"dashboardBody": json.dumps({"widgets": widgets})}


def _widget(parts: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    widgets = [{"type": parts[0], "properties": parts[1]}]
    return {"dashboardBody": json.dumps({"widgets": widgets})}


def _shown(properties: dict[str, Any]) -> dict[str, Any]:
    row = ["sim", "drift"]
    return _widget(("metric", {"region": "eu-central-1", "metrics": [row], **properties}))


def _lined(options: dict[str, Any]) -> dict[str, Any]:
    return _shown({"metrics": [["sim", "drift", options]]})


def _crossed(line: dict[str, Any]) -> dict[str, Any]:
    return _shown({"annotations": {"horizontal": [line]}})


def _started(start: str) -> dict[str, Any]:
    return {"dashboardBody": json.dumps({"start": start, "widgets": []})}


def _paths(number: int) -> dict[str, str]:
    return {f"a{n}": "$" for n in range(number)}


def _transformed(paths: dict[str, str]) -> dict[str, Any]:
    return {**QUEUED, "inputTransformer": {"inputPaths": paths, "inputTemplate": '"x"'}}


def _archived(days: int) -> dict[str, Any]:
    archive = json.dumps({"MessageRetentionPeriod": days})
    return {"name": "first.fifo", "fifoTopic": True, "archivePolicy": archive}


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


def _readable(number: int, size: int = 80) -> str:
    names = [f"arn:aws:s3:::sim-bucket/{index:03}{'a' * size}" for index in range(number)]
    return policy(*(statement(Resource=name) for name in names))


def _expressed(*texts: str) -> dict[str, Any]:
    queries = [
        {"id": f"e{index}", "expression": text, "returnData": index == 0}
        for index, text in enumerate(texts)
    ]
    return {**SINGLE, "metricQueries": [{"id": "m1", "metric": METRIC}, *queries]}


def _sends(**more: Any) -> dict[str, Any]:
    return {"policy": policy(statement(**{**SEND, **more}))}


def _selected(*selections: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {"rulePriority": n + 1, "action": {"type": "expire"}, "selection": {**EXPIRE, **selection}}
        for n, selection in enumerate(selections)
    ]
    return {"policy": json.dumps({"rules": rules})}


def _wild(text: str) -> dict[str, Any]:
    return {"eventPattern": json.dumps({"detail": {"a": [{"wildcard": text}]}})}


def _let_in(number: int) -> dict[str, Any]:
    blocks = [f"10.0.{index}.0/24" for index in range(number)]
    return {"ingress": [{**PORT, "cidrBlocks": blocks}]}


def _rolled(share: int) -> dict[str, Any]:
    sizes = {"maximumBatchSize": {"type": "CAPACITY_PERCENT", "value": 10}}
    back = {"rollbackMaximumBatchSize": {"type": "CAPACITY_PERCENT", "value": share}}
    return {HASHES: REMOVED, ROLLING: {**sizes, **back, "waitIntervalInSeconds": 60}}


def _ecs(**more: Any) -> dict[str, Any]:
    return {"arn": f"{ECS}:cluster/sim", "sagemakerPipelineTarget": REMOVED, **more}


def _dead(permission: str, *names: str) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    sources = [f"arn:aws:sqs:eu-central-1:123456789012:{name}" for name in names]
    allow = {"redrivePermission": permission, **({"sourceQueueArns": sources} if names else {})}
    return (("old", "queue", {"name": "old", "redriveAllowPolicy": json.dumps(allow)}),)


LETTERS = {
    "name": "source",
    "redrivePolicy": json.dumps({"deadLetterTargetArn": "${old.arn}", "maxReceiveCount": 3}),
}
TWICE = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", %s}}'
TOGETHER = [
    # Inside a bucket.
    Stated("bucket", "not one of GET", _cors(allowedMethods=["OPTIONS"]), _cors()),
    Stated("bucket", "has 0 entries", _cors(allowedMethods=[]), _cors()),
    Stated("bucket", "one wildcard", _cors(allowedOrigins=["http://*.a.*"]), _cors()),
    Stated("bucket", "one wildcard", _cors(allowedHeaders=["x-*-*"]), _cors(allowedHeaders=["*"])),
    Stated("bucket", "no wildcard", _cors(exposeHeaders=["*"]), _cors(exposeHeaders=["ETag"])),
    Stated(
        "bucket",
        "without a slash",
        {"website": {"indexDocument": "a/index.html"}},
        {"website": {"indexDocument": "index.html"}},
    ),
    Stated("bucket", "has no action", _aged(expiration={}), _aged()),
    Stated("bucket", "has no time", _aged(expiration={"days": 0}), _aged()),
    Stated(
        "bucket",
        "less than 30",
        _aged(transitions=[{"days": 10, "storageClass": "STANDARD_IA"}]),
        _aged(transitions=[{"days": 30, "storageClass": "STANDARD_IA"}]),
    ),
    Stated(
        "bucket",
        "transition after 90",
        _aged(transitions=[{"days": 90, "storageClass": "GLACIER"}]),
        _aged(transitions=[{"days": 60, "storageClass": "GLACIER"}]),
    ),
    Stated(
        "bucket",
        "cannot be specified with Tags",
        _aged(tags={"a": "b"}, abortIncompleteMultipartUploadDays=3),
        _aged(tags={"a": "b"}),
    ),
    Stated(
        "bucket",
        "such as 2030-01-31",
        _aged(expiration={"date": "2033-01-01T01:00:00Z"}),
        _aged(expiration={"date": "2033-01-01"}),
    ),
    Stated(
        "bucket",
        "is there 2 times",
        {"lifecycleRules": [AGED, AGED]},
        {"lifecycleRules": [AGED, {**AGED, "id": "older"}]},
    ),
    Stated(
        "bucket",
        "has 1001 entries",
        {"lifecycleRules": [{**AGED, "id": str(n)} for n in range(1001)]},
        {"lifecycleRules": [{**AGED, "id": str(n)} for n in range(1000)]},
    ),
    Stated(
        "bucket",
        "out of range",
        _aged(noncurrentVersionExpiration={"days": 0}),
        _aged(noncurrentVersionExpiration={"days": 1}),
    ),
    by_value("bucket", "only with sseAlgorithm", _encrypted, "AES256", "aws:kms"),
    Stated("bucket", "not days or years", _kept(days=1, years=1), _kept(days=1)),
    Stated("bucket", "not days or years", _kept(), _kept(years=1)),
    Stated(
        "bucket",
        "a Group needs its uri",
        {"grants": [{"type": "Group", "permissions": ["READ"]}]},
        {"grants": [{"type": "CanonicalUser", "permissions": ["READ"], "id": "a" * 64}]},
    ),
    Stated(
        "bucket",
        "with periods",
        {"bucket": "a.b.c", "accelerationStatus": "Enabled"},
        {"bucket": "a-b-c", "accelerationStatus": "Enabled"},
    ),
    Stated(
        "bucket",
        "does not exist",
        {"logging": {"targetBucket": "sim-none"}},
        {"logging": {"targetBucket": "${copy.bucket}"}},
        before=(COPY,),
    ),
    Stated(
        "bucket",
        "Versioning must be",
        {"replicationConfiguration": REPLICA, "bucket": "sim-from"},
        {"replicationConfiguration": REPLICA, "bucket": "sim-from", **VERSIONED},
        before=(COPY_WITH_VERSIONS,),
    ),
    Stated(
        "bucket",
        "Destination bucket must have",
        {"bucket": "sim-from", **VERSIONED, "replicationConfiguration": REPLICA},
        {"bucket": "sim-from", **VERSIONED},
        before=(COPY,),
    ),
    Stated(
        "versioning",
        "cannot be changed",
        {"bucket": "${locks.bucket}", "versioningConfiguration": {"status": "Suspended"}},
        {"bucket": "${locks.bucket}", "versioningConfiguration": {"status": "Enabled"}},
        before=(("locks", "bucket", {"bucket": "sim-locks", "objectLockEnabled": True}),),
    ),
    Stated(
        "bucketpolicy",
        "BlockPublicPolicy",
        {"bucket": "${copy.bucket}", "policy": _public("sim-copy")},
        {"bucket": "${open.bucket}", "policy": _public("sim-open")},
        before=(COPY, *OPENED),
    ),
    Stated(
        "object",
        "BlockPublicAcls",
        {"bucket": "${copy.bucket}", "acl": "public-read"},
        {"bucket": "${open.bucket}", "acl": "public-read"},
        before=(
            COPY,
            ("copied", "ownership", {"bucket": "${copy.bucket}", **WRITERS}),
            *OPENED,
            ("opened", "ownership", {"bucket": "${open.bucket}", **WRITERS}),
        ),
    ),
    Stated("cors", "has 0 entries", {"corsRules": []}, {"corsRules": OPEN}),
    # Of a role, a queue, a group, in all.
    Stated(
        "attachment",
        "PoliciesPerRole",
        {"policyArn": "${policy.arn}"},
        {"role": "${free.name}"},
        before=(*POLICIES, *ATTACHED, ("free", "role", {"name": "free"})),
    ),
    Stated(
        "rolepolicy",
        "Maximum policy size of 10240",
        {"policy": _readable(40)},
        {"policy": _readable(10)},
        before=(("other", "rolepolicy", {"name": "other", "policy": _readable(36)}),),
    ),
    Stated("queuepolicy", "8 actions", _sends(Action=[f"sqs:Send{'?' * n}" for n in range(8)]), {}),
    Stated(
        "queuepolicy",
        "21 statements",
        {"policy": policy(*({**statement(**SEND), "Sid": f"s{n}"} for n in range(21)))},
        {"policy": policy(*({**statement(**SEND), "Sid": f"s{n}"} for n in range(20)))},
    ),
    Stated(
        "queuepolicy",
        "51 principals",
        _sends(Principal={"AWS": [f"1234567890{n:02}" for n in range(51)]}),
        _sends(Principal={"AWS": [f"1234567890{n:02}" for n in range(50)]}),
    ),
    Stated(
        "queuepolicy",
        "11 conditions",
        _sends(Condition={"StringLike": {f"aws:PrincipalTag/t{n}": "x" for n in range(11)}}),
        _sends(Condition={"StringLike": {f"aws:PrincipalTag/t{n}": "x" for n in range(10)}}),
    ),
    Stated("queue", "8 actions", _sends(Action=[f"sqs:Send{'?' * n}" for n in range(8)]), {}),
    Stated("security", "61 rules", _let_in(61), _let_in(60)),
    Stated(
        "logfilter",
        "have regular expressions",
        {"pattern": "%e%"},
        {"pattern": "e"},
        before=tuple(
            (f"f{n}", "logfilter", {"name": f"f{n}", "pattern": f"%a{n}%"}) for n in range(5)
        ),
    ),
    Stated("logfilter", "3 regular", {"pattern": "%a% %b% %c%"}, {"pattern": "%a% %b%"}),
    Stated("queue", "does not allow", LETTERS, {}, before=_dead("denyAll")),
    Stated(
        "queue",
        "does not allow",
        {**LETTERS, "name": "stranger"},
        LETTERS,
        before=_dead("byQueue", "source"),
    ),
    Stated(
        "subnet",
        "has no IPv6 range",
        {**IPV6, "vpcId": "${narrow.id}"},
        IPV6,
        before=(
            ("wide", "vpc", {"cidrBlock": "10.9.0.0/16", "assignGeneratedIpv6CidrBlock": True}),
            ("narrow", "vpc", {"cidrBlock": "10.9.0.0/16"}),
        ),
    ),
    # Lambda.
    by_value("function", "4KB limit: 4097", _variable, 4088, 4087),
    Stated(
        "function",
        "Two different versions",
        {"layers": [f"{LAYER}:a:1", f"{LAYER}:a:2"]},
        {"layers": [f"{LAYER}:a:1", f"{LAYER}:b:2"]},
    ),
    Stated(
        "permission",
        "principal was invalid",
        {"principal": "events.example.org"},
        {"principal": "events.amazonaws.com"},
    ),
    Stated(
        "permission",
        "Function not found",
        {"qualifier": "7"},
        {"function": "${versions.name}", "qualifier": "1"},
        before=(("versions", "function", {"name": "versions", "publish": True}),),
    ),
    Stated(
        "function",
        "is in us-east-1, not in eu-central-1",
        {"s3Bucket": "${far.bucket}", "s3Key": "${code.key}"},
        before=(
            ("far", "bucket", {"bucket": "sim-far", "region": "us-east-1"}),
            ("code", "object", {"bucket": "${far.bucket}", "region": "us-east-1"}),
        ),
    ),
    Stated(
        "endpoint",
        "is in eu-central-1, not in eu-west-1",
        {"region": "eu-west-1"},
    ),
    Stated(
        "alias",
        "is in eu-west-1, not in eu-central-1",
        {"targetKeyId": "${far.keyId}"},
        {"targetKeyId": "${far.keyId}", "region": "eu-west-1"},
        before=(("far", "key", {"region": "eu-west-1"}),),
    ),
    Stated("composite", "does not exist", {"region": "eu-west-1"}),
    # Messages.
    by_value("subscription", "Invalid SMS endpoint", _texted, "0151123456", "+4915112345678"),
    by_value("topic", "is not 1 to 365", _archived, 366, 365),
    Stated(
        "target",
        "needed for the target",
        _ecs(),
        _ecs(ecsTarget={"taskDefinitionArn": f"{ECS}:task-definition/a"}),
    ),
    by_value("target", "is not letters", _transformed, {"a b": "$.a"}, {"a-b_1": "$.a"}),
    by_value("target", "are reserved", _transformed, {"AWSRegion": "$.a"}, {"region": "$.a"}),
    by_value("target", "has 101 entries", _transformed, _paths(101), _paths(100)),
    by_value("target", "at most 256", _transformed, {"a": LONG + "a"}, {"a": LONG}),
    Stated("rule", "nothing for wildcard", _wild("a\\b"), _wild("a\\*b")),
    Stated("rule", "nothing for wildcard", _wild("*:*:*:*:*:bus/*"), _wild("arn:*:*:*:bus/*")),
    Stated(
        "target",
        "is not in eu-central-1",
        {**QUEUED, "arn": "arn:aws:sqs:us-east-1:210987654321:far"},
        {**QUEUED, "arn": "arn:aws:sqs:eu-central-1:210987654321:near"},
    ),
    Stated(
        "queue",
        "in another account or region",
        {
            "name": "source",
            "redrivePolicy": json.dumps({"deadLetterTargetArn": FOREIGN, "maxReceiveCount": 3}),
        },
        LETTERS,
        before=_dead("allowAll"),
    ),
    Stated(
        "notification",
        "a function's ARN",
        {
            "eventbridge": REMOVED,
            "lambdaFunctions": [
                {"lambdaFunctionArn": "glue", "events": ["s3:ObjectCreated:*"]},
            ],
        },
    ),
    Stated(
        "security",
        "a prefix list",
        {"ingress": [{**PORT, "prefixListIds": ["list"]}]},
        {"ingress": [{**PORT, "prefixListIds": ["pl-6ea54007"]}]},
    ),
    # Policies.
    Stated("role", "missing: needed with policy", _inline(), _inline(name="read")),
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
    by_value("dashboard", "such as -PT3H", _started, "-PT3", "-P1DT3H"),
    by_value("dashboard", "such as -PT3H", _started, "-P", "-P1D"),
    by_value("dashboard", "no ARN of an alarm", _noted, "errors", ALARM),
    by_value("dashboard", "should be another", _shown, {"sparkline": "yes"}, {"sparkline": True}),
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
    *(
        Stated(
            sample,
            "is longer than",
            {"name": REMOVED, "namePrefix": "a" * (longest - 25)},
            {"name": REMOVED, "namePrefix": "a" * (longest - 26)},
        )
        for sample, longest in (("topic", 256), ("queue", 80), ("rule", 64))
    ),
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
]
