"""Lambda: what its documentation says of functions and of who may call them.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import BUCKET, FUNCTION
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, pattern
from pulumi_simcloud.rules.fields import needed_with, not_with, only_with
from pulumi_simcloud.rules.service_principals import unlike_service

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html: no new functions of these.
# https://docs.aws.amazon.com/lambda/latest/dg/images-create.html: private repositories alone.
OF_ECR = (
    r"\d+\.dkr[.-]ecr(-fips)?\.[\w-]+\."
    r"(amazonaws\.com(\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)/.+"
)
OLD_RUNTIMES = (
    "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x",
    "nodejs12.x", "nodejs14.x", "python2.7", "python3.6", "python3.7", "java8", "dotnetcore1.0",
    "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "dotnet5.0", "go1.x", "ruby2.5", "ruby2.7",
    "provided",
)  # fmt: skip
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED = frozenset((
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
))  # fmt: skip


def _environment(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    reserved = [key for key in value if key in RESERVED]
    if reserved:
        return f"InvalidParameterValueException: reserved keys: {', '.join(reserved)}"
    size = sum(len(key) + len(item) for key, item in value.items() if isinstance(item, str))
    return f"has {size} bytes, allowed are 4096" if size > 4096 else None


IMAGE = "Image"
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
CONCURRENT, UNRESERVED = 1000, 100


def _network_lists(value: Any) -> str | None:
    """Subnets and groups, or neither (VpcConfig's own answer)."""
    lists = [value.get(name) for name in ("subnetIds", "securityGroupIds")]
    if UNKNOWN in lists or bool(lists[0]) == bool(lists[1]):
        return None
    return "InvalidParameterValueException: SubnetIds and SecurityIds must coexist or be both empty"


def _snapped(inputs: Inputs) -> Iterator[Failure]:
    """https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html, supported features."""
    if (inputs.get("snapStart") or {}).get("applyOn") != "PublishedVersions":
        return
    runtime = inputs.get("runtime")
    snapped = r"java(1[1-9]|[2-9]\d)|python3\.(1[2-9]|[2-9]\d)|dotnet([89]|\d\d)"
    if isinstance(runtime, str) and not re.fullmatch(snapped, runtime):
        yield Failure("runtime", f"{runtime} is not supported for SnapStart enabled functions")
    size = (inputs.get("ephemeralStorage") or {}).get("size")
    if isinstance(size, int) and size > 512:
        yield Failure("ephemeralStorage.size", "is at most 512 with SnapStart")
    for name in ("fileSystemConfig", "imageUri"):
        if inputs.get(name):
            yield Failure(name, "is not supported with SnapStart")


def _reserved(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Of 1,000 that an account has at first, 100 are kept for all (PutFunctionConcurrency)."""
    rows = [row.inputs for row in world.of(FUNCTION) if row.inputs["name"] != inputs.get("name")]
    numbers = [item.get("reservedConcurrentExecutions") for item in (*rows, inputs)]
    total = sum(number for number in numbers if isinstance(number, int) and number > 0)
    if numbers[-1] not in (None, -1, 0) and total > CONCURRENT - UNRESERVED:
        reason = "decreases account's UnreservedConcurrentExecution below its minimum value"
        yield f"InvalidParameterValueException: {reason} of [{UNRESERVED}]"


def _uploaded(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The code is in a bucket that is here (CreateFunction: S3Key)."""
    bucket, key = inputs.get("s3Bucket"), inputs.get("s3Key")
    row = world.find([BUCKET], bucket, ("bucket",))
    if row is None or not isinstance(key, str) or not world.closed:
        return
    objects = world.of("aws:s3/bucketObjectv2:BucketObjectv2")
    if not any(
        (item.inputs.get("bucket"), item.inputs.get("key")) == (bucket, key) for item in objects
    ):
        reason = "S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
        yield f"InvalidParameterValueException: Error occurred while GetObject. {reason}"


def _nearby(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Layers and images are in the function's region (Layers; "Create a function from image")."""
    region = inputs.get("region") or world.variables["region"]
    for path, shape in (
        ("layers[*]", r"arn:[\w-]+:lambda:([\w-]+):.+"),
        ("imageUri", r"\d+\.dkr\.ecr\.([\w-]+)\..+"),
    ):
        for _, value in select(inputs, path):
            match = re.fullmatch(shape, str(value))
            if match and match[1] != region:
                yield f"InvalidParameterValueException: {value} is not in region {region}"


RULES: dict[str, tuple[Rule, ...]] = {
    FUNCTION: (
        only_with("imageUri", "packageType", IMAGE, default="Zip"),
        needed_with("imageUri", "packageType", IMAGE),
        pattern("imageUri", OF_ECR, "an image in a repository of ECR"),
        only_with("imageConfig", "packageType", IMAGE, default="Zip"),
        *(not_with(name, "packageType", IMAGE) for name in ("handler", "runtime", "layers")),
        needed_with("handler", "packageType", "Zip", default="Zip"),
        needed_with("runtime", "packageType", "Zip", default="Zip"),
        only_with("fileSystemConfig", "vpcConfig"),
        *(
            only_with(f"loggingConfig.{name}", "loggingConfig.logFormat", "JSON")
            for name in ("applicationLogLevel", "systemLogLevel")
        ),
        check(
            "runtime",
            lambda value: (
                f"The runtime parameter of {value} is no longer supported"
                if value in OLD_RUNTIMES
                else None
            ),
        ),
        check("environment.variables", _environment),
        pattern("name", r"[\w-]{1,64}|arn:\S+", "letters, digits, - and _, at most 64"),
        check("vpcConfig", _network_lists),
        PathRule(("snapStart.applyOn", "runtime", "ephemeralStorage.size"), _snapped),
        check(
            "",
            lambda value: (
                f"memorySize {value['memorySize']} is more than 10240"
                if isinstance(value.get("memorySize"), int)
                and value["memorySize"] > 10240
                and not value.get("capacityProviderConfig")
                else None
            ),
        ),
    ),
    "aws:lambda/permission:Permission": (
        check("principal", unlike_service),
        only_with("functionUrlAuthType", "action", "lambda:InvokeFunctionUrl"),
        pattern(
            "principal",
            r"\*|\d{12}|arn:[\w-]+:(iam|sts)::.+|[\w-]+(\.[\w-]+)+",
            "a service such as events.amazonaws.com, an account or an ARN",
        ),
        only_with("eventSourceToken", "principal", "alexa-appkit.amazon.com"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    FUNCTION: (_reserved, _nearby, _uploaded),
}
