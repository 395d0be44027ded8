"""Limits on Amazon Web Services that stand between resources, or inside a bucket or a text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from stated.case import Stated

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
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
QUEUED = {"arn": "${queue.arn}", "roleArn": REMOVED, "sagemakerPipelineTarget": REMOVED}
PORT = {"protocol": "tcp", "fromPort": 80, "toPort": 80}
FOREIGN = "arn:aws:sqs:eu-central-1:210987654321:dead"
ECS = "arn:aws:ecs:eu-central-1:123456789012"
LONG = "$." + "a" * 254
LAYER = "arn:aws:lambda:eu-central-1:123456789012:layer"
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


def _retention(**retention: Any) -> dict[str, Any]:
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


def _inline(**fields: str) -> dict[str, Any]:
    return {"inlinePolicies": [{**fields, "policy": policy(statement(Resource="*"))}]}


def _paths(number: int) -> dict[str, str]:
    return {f"a{n}": "$" for n in range(number)}


def _transformed(paths: dict[str, str]) -> dict[str, Any]:
    return {**QUEUED, "inputTransformer": {"inputPaths": paths, "inputTemplate": '"x"'}}


def _archived(days: int) -> dict[str, Any]:
    archive = json.dumps({"MessageRetentionPeriod": days})
    return {"name": "first.fifo", "fifoTopic": True, "archivePolicy": archive}


def _readable(number: int, size: int = 80) -> str:
    names = [f"arn:aws:s3:::sim-bucket/{index:03}{'a' * size}" for index in range(number)]
    return policy(*(statement(Resource=name) for name in names))


def _sends(**more: Any) -> dict[str, Any]:
    return {"policy": policy(statement(**{**SEND, **more}))}


def _wild(text: str) -> dict[str, Any]:
    return {"eventPattern": json.dumps({"detail": {"a": [{"wildcard": text}]}})}


def _let_in(number: int) -> dict[str, Any]:
    blocks = [f"10.0.{index}.0/24" for index in range(number)]
    return {"ingress": [{**PORT, "cidrBlocks": blocks}]}


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
    Stated("bucket", "not days or years", _retention(days=1, years=1), _retention(days=1)),
    Stated("bucket", "not days or years", _retention(), _retention(years=1)),
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
]
