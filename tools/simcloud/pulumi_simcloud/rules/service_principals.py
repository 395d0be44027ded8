"""The names by which policies call services of AWS."""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib import resources
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
# The answer to stepfunctions.amazonaws.com, which is states.amazonaws.com:
# https://openillumi.com/en/en-stepfunctions-iam-principal-correct-setting
NONE = {"stepfunctions"}


@cache
def _services() -> frozenset[str]:
    """Services that have a principal, or may have one: botocore knows what they are called."""
    names = {name.replace("_", "-") for name in Loader().list_available_services("service-2")}
    stored = resources.files("pulumi_simcloud.catalog.aws").joinpath("service_principals.txt")
    lines = [line for line in stored.read_text().splitlines() if not line.startswith("#")]
    return frozenset((names - NONE) | {*COMMON, *" ".join(lines).split()})


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
