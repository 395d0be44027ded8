"""The names by which policies call services of AWS."""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import Any

from botocore.loaders import Loader

from pulumi_simcloud.failures import excerpt

# Services that policies name most: what is nearly one of them is meant to be it.
COMMON = (
    "apigateway", "application-autoscaling", "batch", "budgets", "cloudformation", "cloudfront",
    "cloudtrail", "cloudwatch", "codebuild", "codepipeline", "config", "delivery.logs", "ec2",
    "ecs", "ecs-tasks", "edgelambda", "eks", "elasticmapreduce", "events", "firehose", "glue",
    "kinesis", "lambda", "logs", "pipes", "rds", "s3", "sagemaker", "scheduler", "secretsmanager",
    "ses", "sns", "sqs", "ssm", "states", "transfer",
)  # fmt: skip
# Further principals that are no names of botocore: github udondan/iam-floyd, CHANGELOG.md 0.851.0
# "New service principals", and those of AWS's managed policies, github iann0036/iam-dataset
# 2073fa52 aws/managedpolicies. billingreports:
# https://docs.aws.amazon.com/cur/latest/userguide/cur-s3.html
FURTHER = (
    "a4b", "access-analyzer", "aco-automation", "airflow", "airflow-env", "airflow-serverless",
    "aoss", "app-integrations", "application-transformation", "aps", "automation",
    "aws-artifact-account-sync", "aws-external-anthropic", "bedrock-mantle", "billingreports",
    "bugbust", "cassandra-streams", "cleanrooms-ml", "cloudwatch-crossaccount",
    "codecatalyst-runner", "codeguru-profiler", "codestar", "config-conforms",
    "config-multiaccountsetup", "connect-campaigns", "costalerts", "datazonecontrol", "deeplens",
    "diode", "ec", "ec2-images", "ec2fastlaunch", "ec2fleet", "ec2scheduled", "ec2sqlha",
    "ecs-compute", "eks-connector", "eks-fargate", "eks-fargate-pods", "eks-nodegroup",
    "elasticfilesystem", "elasticloadbalancing", "elastictranscoder", "finops-agent", "finspace",
    "freertos", "honeycode", "iotanalytics", "iotevents", "iotmanagedintegrations",
    "iotroborunner", "launchwizard", "lex", "lexv2", "lookoutmetrics", "macie", "managedservices",
    "migrationhub", "migrationhub-orchestrator", "migrationhub-strategy", "mobileanalytics",
    "mobilehub", "monitron", "network-security-director", "nimble", "opensearchservice",
    "opsworks", "opsworks-cm", "panorama", "partnercentral-account-management", "profile",
    "purchaseorders", "q", "qldb", "rds-preview", "refactor-spaces", "researchstudio",
    "robomaker", "s3-outposts", "securityhubv2", "servicequotas", "sms", "social-messaging",
    "spot", "spotfleet", "sqlworkbench", "supportplans", "tag", "timestream", "transform-custom",
    "transitgateway", "tts", "vmie", "vpc-flow-logs", "wam", "worklink",
)  # fmt: skip
# The answer to stepfunctions.amazonaws.com, which is states.amazonaws.com:
# https://openillumi.com/en/en-stepfunctions-iam-principal-correct-setting
NONE = {"stepfunctions"}


@cache
def _services() -> frozenset[str]:
    """Services that have a principal, or may have one: botocore knows what they are called."""
    services = Loader().list_available_services("service-2")
    names = {name.replace("_", "-") for name in services}
    return frozenset((names - NONE) | {*COMMON, *FURTHER})


def unlike_service(value: Any) -> str | None:
    """A service principal that does not exist.

    The answer in github hashicorp/terraform#35086. Only whole services are looked up: a part of
    one, such as delivery.logs, or one in a region has a dot.
    """
    match = re.fullmatch(r"([a-z0-9.-]+)\.(amazonaws\.com|amazon\.com)", str(value))
    if match is None:
        return None
    wrong = f"Invalid principal in policy: {excerpt(value)}"
    if match[2] == "amazon.com":
        return None if match[1].startswith("alexa-") else f"{wrong}: amazonaws.com"
    if match[1] in _services():
        return None
    near = difflib.get_close_matches(match[1], COMMON, 1, 0.85)
    if near:
        return f"{wrong}, is it {near[0]}.amazonaws.com?"
    return None if "." in match[1] else f"{wrong}, which is no service"
