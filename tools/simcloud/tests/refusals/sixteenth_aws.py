"""A sixteenth round on AWS: what users reported, looked up once the rules had been widened."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

ACCOUNT = "123456789012"
OPEN = ["0.0.0.0/0"]
MATH = {
    "metricName": REMOVED,
    "namespace": REMOVED,
    "dimensions": REMOVED,
    "statistic": REMOVED,
    "period": REMOVED,
}
METRIC = {"metricName": "Errors", "namespace": "sim", "period": 60, "stat": "Sum"}


def _queries(**query: Any) -> dict[str, Any]:
    return {**MATH, "metricQueries": [{"id": "m1", "returnData": True, **query}]}


def _open(**rule: Any) -> dict[str, Any]:
    """Ingress from everywhere."""
    ingress = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": OPEN, **rule}
    return {"ingress": [{name: value for name, value in ingress.items() if value is not None}]}


def _detail(detail: dict[str, Any]) -> dict[str, Any]:
    return {"eventPattern": json.dumps({"source": ["test-source"], "detail": detail})}


def _every(expression: str) -> dict[str, Any]:
    return {"eventPattern": REMOVED, "scheduleExpression": expression}


def _ten_images(selection: dict[str, Any], **action: Any) -> dict[str, Any]:
    """A lifecycle policy that keeps ten images."""
    selected = {"countType": "imageCountMoreThan", "countNumber": 10, **selection}
    rule = {
        "rulePriority": 1,
        "selection": selected,
        "action": {"type": "expire", **action},
    }
    return {"policy": json.dumps({"rules": [rule]})}


def _trusted(arn: str) -> dict[str, Any]:
    trusted = statement(Action="sts:AssumeRole", Principal={"AWS": arn})
    return {"assumeRolePolicy": policy(trusted)}


def _bucket(action: str, resource: str) -> dict[str, Any]:
    """A policy of the bucket for another account."""
    grant = statement(Action=action, Resource=resource, Principal={"AWS": ACCOUNT})
    return {"policy": policy(grant)}


def _inline(document: dict[str, Any]) -> dict[str, Any]:
    return {"policy": json.dumps(document)}


AWS = [
    Refusal(
        f"{GITHUB}/crossplane-contrib/provider-upjet-aws/issues/935",
        REFERENCE,
        "subscription",
        "InvalidParameter: Invalid parameter: TopicArn (a topic of another region)",
        {"region": "eu-west-1"},
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
        f"{GITHUB}/pulumi/pulumi-aws/issues/779",
        ENUM,
        "subscription",
        "Invalid parameter: Amazon SNS does not support this protocol string: HTTPS",
        {"protocol": "HTTPS", "endpoint": "https://example.org/a"},
        {"protocol": "https", "endpoint": "https://example.org/a"},
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/cloud-platform-environments/pull/11520",
        TEXT,
        "subscription",
        "RedrivePolicy: invalid JSON. Attribute maxReceiveCount is unknown",
        {
            "redrivePolicy": json.dumps(
                {"deadLetterTargetArn": "${queue.arn}", "maxReceiveCount": 10}
            )
        },
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": "${queue.arn}"})},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/23296",
        MISSING,
        "lifecycle",
        "MalformedXML: `and` has to hold two conditions",
        {"rules.0.filter": {"and": {"prefix": "logs/"}}},
        {"rules.0.filter": {"and": {"prefix": "logs/", "tags": {"a": "b"}}}},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/41399",
        MISSING,
        "lifecycle",
        "MalformedXML: a transition of noncurrent versions without days",
        {"rules.0.noncurrentVersionTransitions": [{"storageClass": "INTELLIGENT_TIERING"}]},
        {
            "rules.0.noncurrentVersionTransitions": [
                {"storageClass": "INTELLIGENT_TIERING", "noncurrentDays": 1}
            ]
        },
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-cloudfront-s3-cdn/issues/83",
        MISSING,
        "cors",
        "MalformedXML: a rule of CORS without origins",
        {"corsRules.0.allowedOrigins": []},
        {"corsRules.0.allowedOrigins": ["https://example.org"]},
    ),
    Refusal(
        f"{GITHUB}/aws-samples/aws-media-services-vod-automation/issues/17",
        POLICY,
        "bucketpolicy",
        "Policy has invalid resource (that of another bucket)",
        _bucket("s3:GetObject", "arn:aws:s3:::myinputbucketname/*"),
        _bucket("s3:GetObject", "${bucket.arn}/*"),
    ),
    Refusal(
        f"{GITHUB}/aws-samples/aws-blog-codepipeline-third-party-git-build-status/issues/6",
        POLICY,
        "key",
        "Policy contains a statement with one or more invalid principals",
        {
            "policy": policy(
                statement(
                    Action="kms:*",
                    Resource="*",
                    Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/Administrator"},
                )
            )
        },
        {
            "policy": policy(
                statement(
                    Action="kms:*",
                    Resource="*",
                    Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                )
            )
        },
    ),
    Refusal(
        f"{GITHUB}/aws-samples/aws-secure-environment-accelerator/issues/1136",
        POLICY,
        "role",
        "Invalid principal in policy (the role itself, which is not there yet)",
        {"name": "own", **_trusted(f"arn:aws:iam::{ACCOUNT}:role/own")},
        {"name": "own", **_trusted(f"arn:aws:iam::{ACCOUNT}:root")},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-converter-terraform/issues/123",
        POLICY,
        "rolepolicy",
        "MalformedPolicyDocument: Syntax errors in policy (keys in lower case)",
        _inline(
            {
                "version": "2012-10-17",
                "statement": [{"effect": "Allow", "action": "s3:GetObject", "resource": "*"}],
            }
        ),
        _inline(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            }
        ),
    ),
    Refusal(
        f"{GITHUB}/faizanbashir/python-ses-dynamodb-contactform/issues/4",
        RANGE,
        "role",
        "'roleName': Member must have length less than or equal to 64",
        {"name": "python-sesdynamodb-contactform-development-eu-central-1-lambdaRole"},
        {"name": "python-sesdynamodb-contactform-eu-central-1-lambdaRole"},
    ),
    Refusal(
        f"{GITHUB}/aws/serverless-application-model/issues/2570",
        PATTERN,
        "attachment",
        "ARN EC2DescribePolicy is not valid",
        {"policyArn": "EC2DescribePolicy"},
        {"policyArn": "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/16876",
        EXCLUSIVE,
        "security",
        "InvalidParameterValue: The same permission must not appear multiple times",
        {
            "ingress": [
                *_open(description="one")["ingress"],
                *_open(description="two")["ingress"],
            ]
        },
        {
            "ingress": [
                *_open(description="one")["ingress"],
                *_open(description="two", fromPort=80, toPort=80)["ingress"],
            ]
        },
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/1817",
        EXCLUSIVE,
        "security",
        "to_port must be 0 to use the 'ALL' \"-1\" protocol",
        _open(protocol="-1", fromPort=0, toPort=65535),
        _open(protocol="-1", fromPort=0, toPort=0),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/23499",
        PATTERN,
        "security",
        "InvalidPrefixListId.Malformed: The prefix list ID is malformed",
        _open(cidrBlocks=None, prefixListIds=["sg-0123456789abcdef0"]),
        _open(cidrBlocks=None, prefixListIds=["pl-0123456789abcdef0"]),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/2588",
        RANGE,
        "subnet",
        "InvalidSubnet.Range: The CIDR '192.168.1.0/24' is invalid",
        {"cidrBlock": "192.168.1.0/24"},
        {"cidrBlock": "10.0.7.0/24"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/33470",
        REFERENCE,
        "subnet",
        "InvalidSubnet.Conflict: The CIDR '10.0.1.0/24' conflicts with another subnet",
        {"cidrBlock": "10.0.5.0/24"},
        {"cidrBlock": "10.0.6.0/24"},
        before=(("first", "subnet", {"cidrBlock": "10.0.5.0/24"}),),
    ),
    Refusal(
        f"{GITHUB}/RoboFinSystems/robosystems/pull/1129",
        MISSING,
        "alarm",
        "ValidationError: Period must not be null",
        _queries(expression='SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2")'),
        _queries(expression='SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2")', period=300),
    ),
    Refusal(
        f"{GITHUB}/cloudtools/troposphere/issues/1227",
        PATTERN,
        "alarm",
        "ValidationError: Invalid metrics list (an identifier with a dash)",
        _queries(id="error-rate", metric=METRIC),
        _queries(id="error_rate", metric=METRIC),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-js/issues/4212",
        RANGE,
        "rule",
        "Parameter ScheduleExpression is not valid: steps of 60 minutes",
        _every("cron(*/60 * * * ? *)"),
        _every("cron(0 * * * ? *)"),
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack/pull/12156",
        EXCLUSIVE,
        "rule",
        "Parameter ScheduleExpression is not valid: day of month and day of week",
        _every("cron(7 20 * * 1-7 *)"),
        _every("cron(7 20 ? * 1-7 *)"),
    ),
    Refusal(
        f"{GITHUB}/aws/serverless-application-model/issues/1596",
        TEXT,
        "rule",
        "Event pattern is not valid. exists match pattern must be either true or false",
        _detail({"campaign": [{"exists": "true"}]}),
        _detail({"campaign": [{"exists": True}]}),
    ),
    Refusal(
        f"{GITHUB}/aws/serverless-application-model/issues/1455",
        TEXT,
        "rule",
        "Event pattern is not valid (a number as a text)",
        _detail({"age": [{"numeric": [">", "25"]}]}),
        _detail({"age": [{"numeric": [">", 25]}]}),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-ecr/pull/132",
        TEXT,
        "expiry",
        "Lifecycle policy validation failure: countUnit is null",
        _ten_images({"tagStatus": "any", "countUnit": None}),
        _ten_images({"tagStatus": "any"}),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/1343",
        ENUM,
        "loggroup",
        "Invalid retention value. Valid values are: [1, 3, 5, 7, ... 545, 731, ...]",
        {"retentionInDays": 730},
        {"retentionInDays": 731},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cli/issues/4005",
        REFERENCE,
        "logfilter",
        "The specified log group does not exist (backslashes)",
        {"logGroupName": "\\aws\\poc"},
    ),
    Refusal(
        f"{GITHUB}/aws-solutions/quota-monitor-for-aws/issues/30",
        PATTERN,
        "parameter",
        "AccessDeniedException: No access to reserved parameter name: awslimitschecker",
        {"name": "awslimitschecker"},
        {"name": "limitschecker"},
    ),
    Refusal(
        f"{GITHUB}/dmno-dev/varlock/issues/389",
        PATTERN,
        "parameter",
        "Parameter name: a path has to begin with a slash",
        {"name": "sim/alarms/email"},
        {"name": "/sim/alarms/email"},
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack/issues/7763",
        PATTERN,
        "permission",
        "'statementId' failed to satisfy constraint: ([a-zA-Z0-9-_]+)",
        {"statementId": "example.com"},
        {"statementId": "example-com"},
    ),
    Refusal(
        f"{GITHUB}/Pocket/terraform-modules/pull/1037",
        PATTERN,
        "permission",
        "The provided principal was invalid. Please check the principal and try again",
        {"principal": "amazonaws.com", "sourceArn": REMOVED},
        {"principal": "apigateway.amazonaws.com", "sourceArn": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/dbuarque/repack-lambda/issues/3",
        PATTERN,
        "function",
        "Value 'AWSLambdaBasicExecutionRole' at 'role' failed to satisfy constraint",
        {"role": "AWSLambdaBasicExecutionRole"},
    ),
    Refusal(
        f"{GITHUB}/cloudyr/aws.lambda/issues/2",
        ENUM,
        "function",
        "The runtime parameter of nodejs is no longer supported for creating functions",
        {"runtime": "nodejs"},
        {"runtime": "nodejs22.x"},
    ),
    Refusal(
        f"{GITHUB}/philschmid/llm-sagemaker-sample/issues/2",
        REFERENCE,
        "model",
        "Could not access model data at .../output/model/ (a prefix in place of an archive)",
        {"primaryContainer.modelDataUrl": "s3://sim-bucket/output/model/"},
        {"primaryContainer.modelDataUrl": "s3://sim-bucket/output/model.tar.gz"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/19370",
        ENUM,
        "budget",
        "InvalidParameterException: Cost filter not supported: service",
        {"costFilters": [{"name": "service", "values": ["Amazon Simple Storage Service"]}]},
        {"costFilters": [{"name": "Service", "values": ["Amazon Simple Storage Service"]}]},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/26921",
        PATTERN,
        "budget",
        "InvalidParameterException: a filter by tag that names no value",
        {"costFilters": [{"name": "TagKeyValue", "values": ["user:Project"]}]},
        {"costFilters": [{"name": "TagKeyValue", "values": ["user:Project$sim"]}]},
    ),
    Refusal(
        f"{GITHUB}/storj/edge/issues/509",
        EXCLUSIVE,
        "versioning",
        "InvalidBucketState: An Object Lock configuration is present on this bucket",
        {"bucket": "locked", "versioningConfiguration": {"status": "Suspended"}},
        {"bucket": "locked", "versioningConfiguration": {"status": "Enabled"}},
        before=(("first", "bucket", {"bucket": "locked", "objectLockEnabled": True}),),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/12891",
        PATTERN,
        "alias",
        "ValidationException: alias/Service:Test contains invalid characters for an alias",
        {"name": "alias/Service:Test"},
        {"name": "alias/Service/Test"},
    ),
    Refusal(
        f"{GITHUB}/jenkins-x/jx/issues/1344",
        PATTERN,
        "repository",
        "Invalid parameter at 'repositoryName': must satisfy regular expression",
        {"name": "Organization/repo-name"},
        {"name": "organization/repo-name"},
    ),
    Refusal(
        f"{GITHUB}/boto/botocore/issues/3058",
        EXCLUSIVE,
        "queue",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        {"name": "messages.fifo"},
        {"name": "messages.fifo", "fifoQueue": True},
    ),
    Refusal(
        f"{GITHUB}/mapbox/cloudfriend/issues/94",
        EXCLUSIVE,
        "queue",
        "The name of a FIFO queue must end with .fifo suffix",
        {"name": "messages", "fifoQueue": True},
        {"name": "messages.fifo", "fifoQueue": True},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/19765",
        PATTERN,
        "alarm",
        "Invalid partition specified (an action of another partition)",
        {
            "namespace": "AWS/EC2",
            "metricName": "StatusCheckFailed",
            "dimensions": {"InstanceId": "i-0123456789abcdef0"},
            "alarmActions": ["arn:aws-us-gov:automate:eu-central-1:ec2:reboot"],
        },
        {
            "namespace": "AWS/EC2",
            "metricName": "StatusCheckFailed",
            "dimensions": {"InstanceId": "i-0123456789abcdef0"},
            "alarmActions": ["arn:aws:automate:eu-central-1:ec2:reboot"],
        },
    ),
]
