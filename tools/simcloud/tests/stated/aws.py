"""Limits that the references of Amazon Web Services state."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import definition, policy, statement, step, trust

from stated.case import Stated

VARIANT, CONTAINER = "productionVariants[0]", "primaryContainer"
ECR = "dkr.ecr.eu-central-1.amazonaws.com/a:1"
SERVERLESS = {
    f"{VARIANT}.instanceType": REMOVED,
    f"{VARIANT}.initialInstanceCount": REMOVED,
    f"{VARIANT}.serverlessConfig": {"memorySizeInMb": 2048, "maxConcurrency": 5},
}
UNCAPTURED = {**SERVERLESS, "dataCaptureConfig": REMOVED}
HMAC = (
    "mac",
    "key",
    {
        "customerMasterKeySpec": "HMAC_256",
        "keyUsage": "GENERATE_VERIFY_MAC",
        "enableKeyRotation": REMOVED,
    },
)
LOCKED = ("locked", "bucket", {"bucket": "sim-locked", "objectLockEnabled": True})
OPEN = ("open", "model", {"name": "open", "vpcConfig": REMOVED})
CANARY = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration.canarySize"
NETWORK = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
LOCK = {"objectLockMode": "GOVERNANCE", "objectLockRetainUntilDate": "2099-01-01T00:00:00Z"}
NO_IMAGE = {"s3Bucket": REMOVED, "s3Key": REMOVED, "handler": REMOVED, "runtime": REMOVED}


def _way(**rule: Any) -> dict[str, Any]:
    inside = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"]}
    return {"ingress": [{**inside, **rule}]}


def _stepped(adjustment: str, *adjustments: int) -> dict[str, Any]:
    steps = [{"metricIntervalLowerBound": "0", "scalingAdjustment": n} for n in adjustments]
    return {
        "policyType": "StepScaling",
        "targetTrackingScalingPolicyConfiguration": REMOVED,
        "stepScalingPolicyConfiguration": {
            "adjustmentType": adjustment,
            "stepAdjustments": steps,
        },
    }


def _board(**properties: Any) -> dict[str, Any]:
    metric_properties = {"region": "eu-central-1", "metrics": [["sim", "drift"]], **properties}
    return {
        "dashboardBody": json.dumps(
            {"widgets": [{"type": "metric", "properties": metric_properties}]}
        )
    }


def _expire(*selections: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {
            "rulePriority": number + 1,
            "action": {"type": "expire"},
            "selection": {
                "tagStatus": "tagged",
                "countType": "imageCountMoreThan",
                "countNumber": 5,
                **selection,
            },
        }
        for number, selection in enumerate(selections)
    ]
    return {"policy": json.dumps({"rules": rules})}


def _prefixes(number: int) -> dict[str, Any]:
    return _expire(*({"tagPrefixList": [f"v{index}"]} for index in range(number)))


def _target(arn: str, text: Any) -> dict[str, Any]:
    return {
        "target.arn": f"arn:aws:scheduler:::aws-sdk:{arn}",
        "target.sagemakerPipelineParameters": REMOVED,
        "target.input": json.dumps(text),
    }


def _letters(arn: str, **more: Any) -> dict[str, Any]:
    return {"redrivePolicy": json.dumps({"deadLetterTargetArn": arn, **more})}


def _delivered(key: str, **retries: Any) -> dict[str, Any]:
    return {"deliveryPolicy": json.dumps({"http": {key: {"minDelayTarget": 1, **retries}}})}


def _keyed(action: str) -> dict[str, Any]:
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    return {"policy": policy(statement(Action=action, Resource="*", Principal=root))}


def _steps(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"pipelineDefinition": json.dumps({**json.loads(definition(*steps)), **more})}


def _fails(number: int) -> list[dict[str, Any]]:
    return [step(f"f{index}", "Fail", Arguments={"ErrorMessage": "x"}) for index in range(number)]


def _parameter(*parameters: dict[str, Any]) -> dict[str, Any]:
    return _steps(
        *_fails(1), Parameters=[{"Name": "p", "Type": "Integer", **p} for p in parameters]
    )


def _condition(*kinds: str) -> dict[str, Any]:
    tests = [{"Type": kind, "LeftValue": 1, "RightValue": 1} for kind in kinds]
    arguments = {"Conditions": tests, "IfSteps": [], "ElseSteps": []}
    return _steps(step("c", "Condition", Arguments=arguments))


def _failing(**more: Any) -> dict[str, Any]:
    return _steps({**_fails(1)[0], **more})


def _trusted(service: str) -> dict[str, Any]:
    return {"assumeRolePolicy": trust(service).replace(f"{service}.amazonaws.com", service)}


def _subscribed(**policy_parts: Any) -> dict[str, Any]:
    web = {"protocol": "https", "endpoint": "https://example.org", "endpointAutoConfirms": True}
    return {**web, "deliveryPolicy": json.dumps(policy_parts)}


def _queried(dimensions: dict[str, str], count: int = 1) -> dict[str, Any]:
    metric = {"metricName": "n", "namespace": "sim", "period": 60, "stat": "Sum"}
    queries: list[dict[str, Any]] = [
        {"id": f"m{at}", "metric": {**metric, "dimensions": dimensions}} for at in range(count)
    ]
    queries.append({"id": "e1", "expression": "SUM(METRICS())", "returnData": True})
    single = ("namespace", "metricName", "dimensions", "statistic", "period")
    return {"metricQueries": queries, **dict.fromkeys(single, REMOVED)}


def _stepping(**bounds: str) -> dict[str, Any]:
    steps = [{**bounds, "scalingAdjustment": -1}]
    return {
        "policyType": "StepScaling",
        "targetTrackingScalingPolicyConfiguration": REMOVED,
        "stepScalingPolicyConfiguration": {
            "adjustmentType": "ChangeInCapacity",
            "stepAdjustments": steps,
        },
    }


def _bucket_policy(principal: str) -> dict[str, Any]:
    return {"policy": policy(statement(Principal={"AWS": principal}, Resource="${bucket.arn}/*"))}


AWS = [
    # EC2.
    Stated("security", "letters, digits", {"description": "cafe?"}, {"description": "cafe!"}),
    Stated("security", "letters, digits", {"name": "a?b"}, {"name": "a b"}),
    Stated("security", "one of cidrBlocks", _way(cidrBlocks=[]), _way(cidrBlocks=[], self=True)),
    Stated("security", "in 0 to 65535", _way(toPort=65536), _way(toPort=65535)),
    Stated("security", "tcp, udp", _way(protocol="tpc"), _way(protocol="udp")),
    Stated("security", "letters", _way(description="it's"), _way(description="it is")),
    Stated(
        "security",
        "ICMP code",
        _way(protocol="icmp", fromPort=-1, toPort=3),
        _way(protocol="icmp", fromPort=-1, toPort=-1),
    ),
    Stated(
        "security",
        "Duplicate",
        {"ingress": _way()["ingress"] * 2},
        {"ingress": [*_way()["ingress"], *_way(toPort=81)["ingress"]]},
    ),
    Stated(
        "security",
        "does not exist",
        _way(cidrBlocks=[], securityGroups=["sg-0123456789abcdef0"]),
        _way(cidrBlocks=[], securityGroups=["${other.id}"]),
        (("other", "security", {"name": "other"}),),
    ),
    Stated(
        "security",
        "already exists",
        {"name": "SIM"},
        {"name": "sims"},
        (("other", "security", {"name": "Sim"}),),
    ),
    Stated("subnet", "/16 and /28", {"cidrBlock": "10.0.1.0/29"}, {"cidrBlock": "10.0.1.0/28"}),
    Stated(
        "subnet",
        "no zone",
        {"availabilityZone": "us-east-1a"},
        {"availabilityZone": "eu-central-1a"},
    ),
    Stated("subnet", "address range", {"cidrBlock": REMOVED}),
    Stated("subnet", "needed with", {"ipv6Native": True}),
    Stated("subnet", "needed with", {"assignIpv6AddressOnCreation": True}),
    Stated(
        "subnet",
        "needed with",
        {"outpostArn": "arn:aws:outposts:eu-central-1:123456789012:outpost/op-0123456789abcdef0"},
    ),
    Stated("vpc", "either", {"cidrBlock": REMOVED}),
    # ECR and KMS.
    Stated("expiry", "allowed are 50", _prefixes(51), _prefixes(50)),
    Stated(
        "expiry",
        "4 wildcards",
        _expire({"tagPatternList": ["a*b*c*d*e*"]}),
        _expire({"tagPatternList": ["a*b*c*d*"]}),
    ),
    Stated("key", "update the key policy", _keyed("kms:Decrypt"), _keyed("kms:Put*")),
    Stated(
        "key",
        "SM2 is not available",
        {"customerMasterKeySpec": "SM2", "keyUsage": "SIGN_VERIFY", "enableKeyRotation": REMOVED},
        {
            "customerMasterKeySpec": "ECC_NIST_P256",
            "keyUsage": "SIGN_VERIFY",
            "enableKeyRotation": REMOVED,
        },
    ),
    Stated("loggroup", "only symmetric", {"kmsKeyId": "${mac.arn}"}, {}, (HMAC,)),
    Stated("config", "only symmetric", {"kmsKeyArn": "${mac.arn}"}, {}, (HMAC,)),
    Stated(
        "parameter",
        "only symmetric",
        {"type": "SecureString", "keyId": "${mac.arn}"},
        {"type": "SecureString", "keyId": "${key.arn}"},
        (HMAC,),
    ),
    # IAM.
    Stated(
        "attachment",
        "does not exist or is not attachable",
        {"policyArn": "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"},
        {"policyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
    ),
    Stated(
        "attachment",
        "Cannot attach a Service Role Policy",
        {"policyArn": "arn:aws:iam::aws:policy/aws-service-role/APIGatewayServiceRolePolicy"},
        {"policyArn": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"},
    ),
    Stated(
        "role",
        "does not exist",
        {"managedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3Full"]},
        {"managedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]},
    ),
    Stated("role", "not AWS's own", {"path": "/aws-service-role/"}, {"path": "/service-role/"}),
    Stated("role", "Duplicate tag", {"tags": {"A": "b", "a": "b"}}, {"tags": {"A": "b"}}),
    Stated(
        "role",
        "is it lambda",
        _trusted("lamda.amazonaws.com"),
        _trusted("lambda.amazonaws.com"),
    ),
    Stated(
        "role",
        "Invalid principal",
        _trusted("lambda.amazon.com"),
        _trusted("alexa-appkit.amazon.com"),
    ),
    Stated(
        "policy",
        "leading space",
        {"policy": " " + policy(statement(Resource="*"))},
        {"policy": policy(statement(Resource="*")) + " "},
    ),
    Stated(
        "budget",
        "e-mail",
        {"notifications[0].subscriberEmailAddresses": ["a"]},
        {"notifications[0].subscriberEmailAddresses": ["a@b.org"]},
    ),
    Stated(
        "budget",
        "after 2087",
        {"timePeriodEnd": "2087-06-16_00:00"},
        {"timePeriodEnd": "2087-06-15_00:00"},
    ),
    # S3 and SSM.
    Stated("bucket", "bucket name", {"bucket": "a--table-s3"}, {"bucket": "a-table-s3"}),
    Stated("bucket", "InvalidTag", {"tags": {"a": "b,c"}}, {"tags": {"a": "b c"}}),
    Stated("bucket", "not 256", {"tags": {"a": "b" * 257}}, {"tags": {"a": "b" * 256}}),
    Stated("bucket", "not 1 to 128", {"tags": {"": "b"}}, {"tags": {"a": ""}}),
    Stated("cors", "0 to", {"corsRules[0].maxAgeSeconds": -1}, {"corsRules[0].maxAgeSeconds": 0}),
    Stated("encryption", "0 entries", {"rules": []}),
    Stated(
        "lifecycle",
        "1 to 100",
        {
            "rules[0].noncurrentVersionExpiration": {
                "newerNoncurrentVersions": 101,
                "noncurrentDays": 1,
            }
        },
        {
            "rules[0].noncurrentVersionExpiration": {
                "newerNoncurrentVersions": 100,
                "noncurrentDays": 1,
            }
        },
    ),
    Stated(
        "lifecycle",
        "expiration after 30",
        {
            "rules[0].noncurrentVersionExpiration": {"noncurrentDays": 30},
            "rules[0].noncurrentVersionTransitions": [
                {"noncurrentDays": 30, "storageClass": "GLACIER"}
            ],
        },
        {
            "rules[0].noncurrentVersionExpiration": {"noncurrentDays": 31},
            "rules[0].noncurrentVersionTransitions": [
                {"noncurrentDays": 30, "storageClass": "GLACIER"}
            ],
        },
    ),
    Stated(
        "logging",
        "does not allow ACLs",
        {"targetGrants": [{"grantee": {"type": "Group", "uri": "x"}, "permission": "READ"}]},
    ),
    Stated("object", "KeyTooLong", {"key": "a" * 1025}, {"key": "a" * 1024}),
    Stated(
        "object",
        "11 entries",
        {"tags": {f"a{n}": "b" for n in range(11)}},
        {"tags": {f"a{n}": "b" for n in range(10)}},
    ),
    Stated("object", "an address", {"websiteRedirect": "x"}, {"websiteRedirect": "/x"}),
    Stated(
        "object",
        "not base64",
        {"content": REMOVED, "contentBase64": "!"},
        {"content": REMOVED, "contentBase64": "YQ=="},
    ),
    Stated(
        "object",
        "missing Object Lock",
        LOCK,
        {**LOCK, "bucket": "${locked.bucket}"},
        (LOCKED,),
    ),
    Stated(
        "versioning",
        "needed with",
        {"versioningConfiguration.mfaDelete": "Enabled"},
        {"versioningConfiguration.mfaDelete": "Enabled", "mfa": "x 1"},
    ),
    Stated("parameter", "end with a slash", {"name": "/sim/"}, {"name": "/sim"}),
    Stated("parameter", "no expression", {"allowedPattern": "["}, {"allowedPattern": "[b]"}),
    Stated("parameter", "0 characters", {"value": ""}, {"value": " "}),
    Stated("parameter", "over 1011", {"name": "/" + "a" * 980}, {"name": "/" + "a" * 950}),
    Stated(
        "parameter",
        "not with type",
        {"type": "SecureString", "value": "ami-12345678", "dataType": "aws:ec2:image"},
        {"type": "String", "value": "ami-12345678", "dataType": "aws:ec2:image"},
    ),
    # Lambda.
    Stated("function", "at most 64", {"name": "a" * 65}, {"name": "a" * 64}),
    Stated("function", "more than 10240", {"memorySize": 10241}, {"memorySize": 10240}),
    Stated(
        "function",
        "must coexist",
        {"vpcConfig": {"subnetIds": ["${subnet.id}"], "securityGroupIds": []}},
    ),
    Stated(
        "function",
        "must coexist",
        {"vpcConfig": {"subnetIds": [], "securityGroupIds": ["${security.id}"]}},
        {"vpcConfig": {"subnetIds": ["${subnet.id}"], "securityGroupIds": ["${security.id}"]}},
        (("network", "attachment", {"policyArn": NETWORK}),),
    ),
    Stated(
        "function",
        "CreateNetworkInterface on EC2",
        {"vpcConfig": {"subnetIds": ["${subnet.id}"], "securityGroupIds": ["${security.id}"]}},
    ),
    Stated("function", "SendMessage on SQS", {"deadLetterConfig": {"targetArn": "${queue.arn}"}}),
    Stated(
        "function",
        "SnapStart",
        {"snapStart": {"applyOn": "PublishedVersions"}, "runtime": "python3.11"},
        {"snapStart": {"applyOn": "PublishedVersions"}, "runtime": "python3.12"},
    ),
    Stated(
        "function",
        "with SnapStart",
        {"snapStart": {"applyOn": "PublishedVersions"}, "ephemeralStorage": {"size": 1024}},
        {"snapStart": {"applyOn": "PublishedVersions"}, "ephemeralStorage": {"size": 512}},
    ),
    Stated(
        "function",
        "minimum value of [100]",
        {"reservedConcurrentExecutions": 901},
        {"reservedConcurrentExecutions": 900},
    ),
    Stated(
        "function",
        "not in region",
        {"layers": ["arn:aws:lambda:us-east-1:123456789012:layer:x:1"]},
        {"layers": ["arn:aws:lambda:eu-central-1:123456789012:layer:x:1"]},
    ),
    Stated(
        "function",
        "not in region",
        {
            **NO_IMAGE,
            "packageType": "Image",
            "imageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1",
        },
        {**NO_IMAGE, "packageType": "Image", "imageUri": f"123456789012.{ECR}"},
    ),
    Stated(
        "permission",
        "Invalid principal",
        {"principal": "event.amazonaws.com"},
        {"principal": "events.amazonaws.com"},
    ),
    # Events.
    Stated("bus", "have a /", {"name": "a/b"}, {"name": "a.b"}),
    Stated(
        "bus",
        "not the bus's name",
        {"eventSourceName": "aws.partner/x/y"},
        {"name": "aws.partner/x/y", "eventSourceName": "aws.partner/x/y"},
    ),
    Stated(
        "rule",
        "for anything-but",
        {"eventPattern": json.dumps({"detail": {"a": [{"anything-but": {"prefix": 1}}]}})},
        {"eventPattern": json.dumps({"detail": {"a": [{"anything-but": {"prefix": "1"}}]}})},
    ),
    Stated(
        "target",
        "for the key of an object",
        {"inputTransformer": {"inputPaths": {"a": "$.x"}, "inputTemplate": '{"<a>": 1}'}},
        {"inputTransformer": {"inputPaths": {"a": "$.x"}, "inputTemplate": '{"b": <a>}'}},
    ),
    Stated(
        "target",
        "is no target",
        {"arn": "${bucket.arn}", "sagemakerPipelineTarget": REMOVED},
        {"arn": "${queue.arn}", "sagemakerPipelineTarget": REMOVED},
    ),
    Stated(
        "schedule",
        "in the past",
        {"endDate": "2020-01-01T00:00:00Z"},
        {"endDate": "2099-01-01T00:00:00Z"},
    ),
    Stated(
        "schedule",
        "does not exist",
        _target("sagemakers:startPipelineExecution", {}),
        _target("sagemaker:startPipelineExecution", {"PipelineName": "training"}),
    ),
    Stated(
        "schedule",
        "has no call",
        _target("sagemaker:startPipelineExecutions", {"PipelineName": "training"}),
        _target("sagemaker:startPipelineExecution", {"PipelineName": "training"}),
    ),
    Stated(
        "schedule",
        "is required",
        _target("sagemaker:startPipelineExecution", {"pipelineName": "training"}),
        _target("sagemaker:startPipelineExecution", {"PipelineName": "training"}),
    ),
    Stated(
        "schedule",
        "needed with the target",
        {"target.arn": "${bus.arn}", "target.sagemakerPipelineParameters": REMOVED},
        {
            "target.arn": "${bus.arn}",
            "target.sagemakerPipelineParameters": REMOVED,
            "target.eventbridgeParameters": {"detailType": "a", "source": "b"},
        },
    ),
    Stated("schedule", "256 KB", {"target.input": "a" * 262145}, {"target.input": "a" * 262144}),
    Stated(
        "schedule",
        "does not match",
        {"target.sagemakerPipelineParameters.pipelineParameters": [{"name": "a b", "value": "c"}]},
        {"target.sagemakerPipelineParameters.pipelineParameters": [{"name": "a_b", "value": "c"}]},
    ),
    # SNS and SQS.
    Stated("topic", "letters, digits", {"name": "a b"}, {"name": "a-b"}),
    Stated("topic", "letters, digits", {"name": "a" * 257}, {"name": "a" * 256}),
    Stated("queue", "letters, digits", {"name": "a b"}, {"name": "a-b"}),
    Stated("queue", "letters, digits", {"name": "a" * 81}, {"name": "a" * 80}),
    Stated(
        "topic",
        "unexpected JSON member",
        _delivered("healthyRetryPolicy"),
        _delivered("defaultHealthyRetryPolicy"),
    ),
    Stated(
        "topic",
        "more than numRetries",
        _delivered("defaultHealthyRetryPolicy", numRetries=3, numMinDelayRetries=4),
        _delivered("defaultHealthyRetryPolicy", numRetries=4, numMinDelayRetries=4),
    ),
    Stated("subscription", "no queue's", _letters("${topic.arn}"), _letters("${queue.arn}")),
    Stated(
        "subscription",
        "dead-letter",
        _letters("${line.arn}"),
        _letters("${queue.arn}"),
        (
            (
                "line",
                "queue",
                {"name": "line.fifo", "fifoQueue": True},
            ),
        ),
    ),
    Stated(
        "subscription",
        "has no archive",
        {"replayPolicy": "{}"},
    ),
    Stated(
        "queue",
        "no queue's",
        _letters("${topic.arn}", maxReceiveCount=3),
        _letters("${other.arn}", maxReceiveCount=3),
        (("other", "queue", {"name": "other"}),),
    ),
    # CloudWatch.
    Stated("alarm", "the dimension", {"dimensions": {":a": "b"}}, {"dimensions": {"a:": "b"}}),
    Stated("alarm", "the dimension", {"dimensions": {"a": "é"}}, {"dimensions": {"a": "e"}}),
    Stated("alarm", "the dimension", {"dimensions": {"a": " "}}, {"dimensions": {"a": " b"}}),
    Stated("alarm", "control characters", {"name": "a\nb"}, {"name": "a b"}),
    Stated(
        "dashboard",
        "is no number",
        _board(yAxis={"left": {"min": "0"}}),
        _board(yAxis={"left": {"min": 0}}),
    ),
    Stated(
        "dashboard",
        "has no value",
        _board(annotations={"horizontal": [{"label": "a"}]}),
        _board(annotations={"horizontal": [{"label": "a", "value": 1}]}),
    ),
    Stated(
        "logfilter",
        "not AWS's",
        {"metricTransformation.namespace": "AWS/sim"},
        {"metricTransformation.namespace": "sim/AWS"},
    ),
    Stated("logfilter", "Invalid regex", {"pattern": "%a[%"}, {"pattern": "%a[b]%"}),
    # SageMaker and scaling.
    Stated(
        "scaling",
        "negative",
        _stepped("ExactCapacity", -1),
        _stepped("ChangeInCapacity", -1),
    ),
    Stated("scaling", "0 entries", _stepped("ExactCapacity"), _stepped("ExactCapacity", 1)),
    Stated(
        "model",
        "non-ECR image",
        {f"{CONTAINER}.image": "docker.io/library/a:1"},
        {f"{CONTAINER}.image": f"123456789012.{ECR}"},
    ),
    Stated(
        "config",
        "not with",
        {**SERVERLESS, f"{VARIANT}.modelName": "${open.name}"},
        {**UNCAPTURED, f"{VARIANT}.modelName": "${open.name}"},
        (OPEN,),
    ),
    Stated(
        "config",
        "VPC config is not supported",
        UNCAPTURED,
        {**UNCAPTURED, f"{VARIANT}.modelName": "${open.name}"},
        (OPEN,),
    ),
    Stated(
        "config",
        "storage of its own",
        {f"{VARIANT}.instanceType": "ml.trn1.2xlarge", "kmsKeyArn": "${key.arn}"},
        {f"{VARIANT}.instanceType": "ml.inf2.xlarge", "kmsKeyArn": "${key.arn}"},
    ),
    Stated(
        "endpoint",
        "more than 50%",
        {CANARY: {"type": "INSTANCE_COUNT", "value": 1}},
        {
            CANARY: {"type": "INSTANCE_COUNT", "value": 1},
            "endpointConfigName": "${two.name}",
        },
        (("two", "config", {"name": "two", f"{VARIANT}.initialInstanceCount": 2}),),
    ),
    Stated(
        "monitoring",
        "hourly",
        {"monitoringScheduleConfig.scheduleConfig.scheduleExpression": "cron(0 0/25 ? * * *)"},
        {"monitoringScheduleConfig.scheduleConfig.scheduleExpression": "cron(0 0/24 ? * * *)"},
    ),
    Stated(
        "grouppolicy",
        "invalid action",
        {"resourcePolicy": policy(statement(Principal="*", Resource="*", Action="s3:GetObject"))},
    ),
    Stated("pipeline", "allowed are 50", _steps(*_fails(51)), _steps(*_fails(50))),
    Stated(
        "pipeline",
        "is no Integer",
        _parameter({"DefaultValue": "1"}),
        _parameter({"DefaultValue": 1}),
    ),
    Stated(
        "pipeline",
        "is not one of",
        _parameter({"DefaultValue": 1, "EnumValues": [2]}),
        _parameter({"DefaultValue": 2, "EnumValues": [2]}),
    ),
    Stated("pipeline", "is there 2 times", _parameter({}, {}), _parameter({}, {"Name": "q"})),
    Stated("pipeline", "does not exist", _condition("Eq"), _condition("Equals")),
    Stated("pipeline", "no Conditions", _condition(), _condition("Equals")),
    Stated(
        "pipeline",
        "RetryPolicies",
        _failing(RetryPolicies=[{"ExceptionType": ["Step.FAULT"]}]),
        _failing(RetryPolicies=[{"ExceptionType": ["Step.SERVICE_FAULT"]}]),
    ),
    Stated(
        "pipeline",
        "no duration",
        _failing(CacheConfig={"Enabled": True, "ExpireAfter": "30d"}),
        _failing(CacheConfig={"Enabled": True, "ExpireAfter": "P30D"}),
    ),
    Stated(
        "policy",
        "Duplicate tag keys",
        {"tags": {"Team": "a", "team": "b"}},
        {"tags": {"team": "b"}},
    ),
    Stated(
        "subscription",
        "unexpected JSON member http",
        _subscribed(http={"guaranteed": False}),
        _subscribed(guaranteed=False),
    ),
    Stated("alarm", "the dimension", _queried({":endpoint": "a"}), _queried({"endpoint": "a"})),
    Stated("alarm", "more than 10 metrics", _queried({}, 11), _queried({}, 10)),
    Stated(
        "scaling",
        "an unspecified lower bound",
        _stepping(metricIntervalLowerBound="-5", metricIntervalUpperBound="0"),
        _stepping(metricIntervalUpperBound="0"),
    ),
    Stated(
        "bucketpolicy",
        "Invalid principal",
        _bucket_policy("arn:aws:iam::123456789012:user/a b"),
        _bucket_policy("arn:aws:iam::210987654321:user/a/b"),
    ),
]
