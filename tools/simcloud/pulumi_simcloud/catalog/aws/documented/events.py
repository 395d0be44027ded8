"""EventBridge, Scheduler, Lambda, SNS and SQS: what their documentation says of several fields.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from pulumi_simcloud.catalog.aws.common import BUCKET, EVENT_BUS, EVENT_RULE, FUNCTION, QUEUE, TOPIC
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, json_text, parsed, pattern
from pulumi_simcloud.rules.event_patterns import (
    path_error,
    pattern_errors,
    policy_error,
    template_error,
)
from pulumi_simcloud.rules.fields import moment, needed_with, not_with, only_with
from pulumi_simcloud.rules.policies import unlike_service

TARGET = "aws:cloudwatch/eventTarget:EventTarget"
SCHEDULE = "aws:scheduler/schedule:Schedule"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
# PutRule, EventPattern: at most 4096 characters, once a quota of 2048 is raised.
LONGEST_PATTERN = 4096
# docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html: targets that need a role.
WITH_ROLE = re.compile(
    r"arn:[\w-]+:(kinesis|firehose|states|ecs|batch|codebuild|codepipeline|redshift|sagemaker|ssm"
    r"|redshift-serverless|inspector):.+|arn:[\w-]+:events:[^:]*:[^:]*:api-destination/.+"
)
# The parameters of one kind of target each.
TARGETED = {
    "sagemakerPipelineTarget": ":pipeline/",
    "ecsTarget": ":ecs:",
    "batchTarget": ":batch:",
    "kinesisTarget": ":kinesis:",
    "sqsTarget": ":sqs:",
    "redshiftTarget": ":redshift",
    "runCommandTargets": ":ssm:",
    "appsyncTarget": ":appsync:",
}
SCHEDULED = {
    "sagemakerPipelineParameters": ":pipeline/",
    "ecsParameters": ":ecs:",
    "kinesisParameters": ":kinesis:",
    "eventbridgeParameters": ":event-bus/",
    "sqsParameters": ":sqs:",
}
SCHEDULE_REQUIREMENTS = {
    "ecsParameters": ":ecs:",
    "kinesisParameters": ":kinesis:",
    "eventbridgeParameters": ":event-bus/",
}
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html and
# managing-targets-universal.html: other services by their SDK alone, and what only reads by none.
TEMPLATED = re.compile(
    r"arn:[\w-]+:(lambda|sns|sqs|states|events|ecs|kinesis|firehose|codebuild|codepipeline"
    r"|inspector|sagemaker):.+"
)
UNIVERSAL = re.compile(r"arn:[\w-]+:scheduler:::aws-sdk:([a-z0-9]+):(\w+)")


def _event_pattern(value: Any) -> str | None:
    pattern = parsed(value)
    if pattern is None:
        return None
    if len(str(value)) > LONGEST_PATTERN:
        return f"has {len(value)} characters, allowed are {LONGEST_PATTERN}"
    reason = next(pattern_errors(pattern), None)
    return f"InvalidEventPatternException: {reason}" if reason else None


def _on_default_bus(inputs: Inputs) -> Iterator[Failure]:
    """Only the default bus has schedules (PutRule, ScheduleExpression)."""
    bus = inputs.get("eventBusName")
    if inputs.get("scheduleExpression") is None or bus in (None, UNKNOWN):
        return
    if str(bus).rpartition("/")[2] != "default":
        reason = "ScheduleExpression is supported only on the default event bus"
        yield Failure("scheduleExpression", f"ValidationException: {reason}")


def _of_target(listed_actions: dict[str, str], arn_path: str, requirements: dict[str, str]) -> Rule:
    """Parameters that go with one kind of target, which is seen in its ARN."""
    prefix = arn_path.rpartition(".")[0]

    def rule(inputs: Inputs) -> Iterator[Failure]:
        arn = next((value for _, value in select(inputs, arn_path)), None)
        if not isinstance(arn, str):
            return
        for name, part in listed_actions.items():
            path = f"{prefix}.{name}" if prefix else name
            present = any(value is not None for _, value in select(inputs, path))
            if present and part not in arn:
                yield Failure(path, f"not with the target {excerpt(arn)}")
            if not present and part in arn and name in requirements:
                yield Failure(path, f"missing: needed with the target {excerpt(arn)}")

    return PathRule((*(f"{prefix}.{name}".strip(".") for name in listed_actions), arn_path), rule)


def _group(path: str, arn_path: str) -> Rule:
    """A FIFO queue's messages have a group, and only theirs (SqsParameters)."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        arn = next((value for _, value in select(inputs, arn_path)), None)
        if not isinstance(arn, str) or ":sqs:" not in arn:
            return
        if arn.endswith(".fifo") and not any(True for _ in select(inputs, path)):
            yield Failure(path, "missing: needed for a FIFO queue")

    return PathRule((path, arn_path), rule)


def _needs_role(inputs: Inputs) -> Iterator[Failure]:
    arn = inputs.get("arn")
    if isinstance(arn, str) and WITH_ROLE.fullmatch(arn) and inputs.get("roleArn") is None:
        yield Failure("roleArn", f"missing: RoleArn is required for target {excerpt(arn)}")
    # hashicorp/terraform#16929.
    if re.match(r"arn:[\w-]+:automation:", str(arn)) and inputs.get("roleArn") is not None:
        yield Failure("roleArn", f"RoleArn is not supported for target {excerpt(arn)}")


def _shaped(inputs: Inputs) -> Iterator[Failure]:
    """Targets of a service that has several kinds, and the input that some take.

    eb-targets.html: automations by their own ARN, a document with RunCommandParameters; targets
    that are built in by the console alone ("PutTargets"); "Log group": timestamp and message.
    """
    arn, text = inputs.get("arn"), inputs.get("input")
    if not isinstance(arn, str):
        return
    if ":ssm:" in arn and ":document/" in arn and not inputs.get("runCommandTargets"):
        yield Failure(
            "arn", f"Parameter RunCommandParameters is not valid for target {excerpt(arn)}"
        )
    if re.match(r"arn:[\w-]+:events:[^:]*:[^:]*:(?!event-bus/|api-destination/)", arn):
        yield Failure("arn", f"Parameter {excerpt(arn)} is not valid: neither a bus nor an API")
    if ":logs:" in arn and (inputs.get("inputPath") is not None or isinstance(text, str)):
        document = parsed(text)
        if not isinstance(document, dict) or set(document) != {"timestamp", "message"}:
            reason = "a log group takes an object with timestamp and message"
            yield Failure("input", f"ValidationException: {reason}")


def _template(inputs: Inputs) -> Iterator[Failure]:
    transformer = inputs.get("inputTransformer")
    if not isinstance(transformer, dict):
        return
    paths = transformer.get("inputPaths") or {}
    reason = template_error(transformer.get("inputTemplate"), paths)
    if reason:
        yield Failure("inputTransformer.inputTemplate", reason)
    whole = str(transformer.get("inputTemplate")).strip()
    # github badmintoncryer/cdk-preflight, pf-events-input-transformer-json-var.
    if "<aws.events.event.json>" in whole and not whole.startswith("{"):
        reason = "<aws.events.event.json> stands in a JSON object alone"
        yield Failure("inputTransformer.inputTemplate", reason)
    for path, value in select(inputs, "inputTransformer.inputPaths[*]"):
        reason = path_error(value) if isinstance(value, str) else None
        if reason:
            yield Failure(path, reason)
    arn = inputs.get("arn")
    log = isinstance(arn, str) and ":logs:" in arn
    template = parsed(re.sub(r"<[^<>]+>", "0", str(transformer.get("inputTemplate"))))
    if log and (not isinstance(template, dict) or set(template) != {"timestamp", "message"}):
        reason = "a log group takes an object with timestamp and message"
        yield Failure("inputTransformer.inputTemplate", reason)


def _no_fifo(path: str) -> Rule:
    """What is not delivered goes to a standard queue.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    return check(
        path,
        lambda value: (
            "a dead-letter queue is a standard one, no FIFO queue"
            if str(value).endswith(".fifo")
            else None
        ),
    )


def _few_targets(inputs: Inputs, world: Existing) -> Iterator[str]:
    """At most five per rule (PutTargets)."""
    bus = inputs.get("eventBusName") or "default"
    targets = [
        row
        for row in world.of(TARGET)
        if row.inputs.get("rule") == inputs.get("rule")
        and (row.inputs.get("eventBusName") or "default") == bus
    ]
    if len(targets) >= 5:
        yield f"LimitExceededException: the rule {inputs.get('rule')!r} has 5 targets"


def _is_past(value: Any) -> bool:
    time = moment(value)
    return time is not None and time < datetime.now(timezone.utc)


def _supported(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    universal = UNIVERSAL.fullmatch(value)
    if universal and re.match(r"(get|describe|list)[A-Z]", universal[2]):
        return f"{universal[2]} only reads, which Scheduler does not support"
    if universal or TEMPLATED.fullmatch(value):
        return None
    return f"Provided Arn {excerpt(value)} is none of a supported target"


def _sdk_call(inputs: Inputs) -> Iterator[Failure]:
    """Another service's call exists and has the input that it needs (universal targets)."""
    arn = next((value for _, value in select(inputs, "target.arn")), None)
    match = UNIVERSAL.fullmatch(arn) if isinstance(arn, str) else None
    text = next((value for _, value in select(inputs, "target.input")), None)
    if match is None or text is UNKNOWN:
        return
    path, service = "target.arn", operations(match[1])
    if service is None:
        yield Failure(path, f"Provided Arn is invalid: the service {match[1]} does not exist")
        return
    required = service.get(match[2])
    if required is None:
        yield Failure(path, f"Provided Arn is invalid: {match[1]} has no call {match[2]}")
        return
    document = parsed(text) if text is not None else {}
    if not isinstance(document, dict):
        yield Failure("target.input", f"Invalid RequestJson provided: {excerpt(text)}")
        return
    for name in required:
        if name not in document:
            reason = f"Invalid RequestJson provided. Reason The field '{name}' is required"
            yield Failure("target.input", reason)


@cache
def operations(service: str) -> dict[str, tuple[str, ...]] | None:
    """Calls of a service by their names in SDKs, with what each needs; None: no such service.

    `service` is the SDK's: the client's id without spaces and hyphens, in lower case.
    """
    loader = Loader()
    for name in loader.list_available_services("service-2"):
        if service not in (re.sub(r"[^a-z0-9]", "", name), name):
            continue
        model = ServiceModel(loader.load_service_model(name, "service-2"), name)
        calls = {}
        for call in model.operation_names:
            shape = model.operation_model(call).input_shape
            required = tuple(shape.required_members) if shape else ()
            calls[call[0].lower() + call[1:]] = tuple(
                member
                for member in required
                if shape and not shape.members[member].metadata.get("idempotencyToken")
            )
        return calls
    return None


def _json_input(inputs: Inputs) -> Iterator[Failure]:
    """Input for functions, state machines and buses is JSON (Target, Input)."""
    target = inputs.get("target")
    target = target if isinstance(target, dict) else {}
    text = target.get("input")
    kinds = r"arn:[\w-]+:(lambda|states|events):.+"
    if not isinstance(text, str) or not re.fullmatch(kinds, str(target.get("arn"))):
        return
    if parsed(text) is None and text.strip() != "null":
        yield Failure("target.input", f"{excerpt(text)} is not JSON")


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


# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
NO_TARGETS = re.compile(
    r"arn:[\w-]+:(s3|dynamodb|kms|iam|rds|ecr|cloudwatch|elasticache|ses|ec2):.*"
)


def _subscription(inputs: Inputs) -> Iterator[Failure]:
    """What a subscription's protocol takes (Subscribe: Protocol, Endpoint, Attributes)."""
    protocol, endpoint = inputs.get("protocol"), inputs.get("endpoint")
    shapes = {
        "email": r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+",
        "email-json": r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+",
        "sms": r"\+?[\d ()-]{5,20}",
        "sqs": r"arn:[\w-]+:sqs:.+",
        "lambda": r"arn:[\w-]+:lambda:.+",
        "firehose": r"arn:[\w-]+:firehose:.+",
        "application": r"arn:[\w-]+:sns:.+:endpoint/.+",
        "http": r"http://[^\s/]+.*",
        "https": r"https://[^\s/]+.*",
    }
    shape = shapes.get(protocol) if isinstance(protocol, str) else None
    if shape and isinstance(endpoint, str) and not re.fullmatch(shape, endpoint):
        yield Failure(
            "endpoint", f"Invalid parameter: {excerpt(endpoint)} is no {protocol} address"
        )
    scope = inputs.get("filterPolicyScope") or "MessageAttributes"
    text = inputs.get("filterPolicy")
    reason = policy_error(text, scope) if isinstance(text, str) and text else None
    if reason:
        yield Failure("filterPolicy", f"Invalid parameter: {reason}")


def _partner(inputs: Inputs) -> Iterator[Failure]:
    """A partner's bus goes by the name of its source, and only it has a / (CreateEventBus)."""
    name, source = inputs.get("name"), inputs.get("eventSourceName")
    if source is not None and UNKNOWN not in (source, name) and source != name:
        yield Failure("eventSourceName", f"{excerpt(source)} is not the bus's name")
    if source is None and isinstance(name, str) and "/" in name:
        yield Failure("name", f"{excerpt(name)}: only buses of partners have a / in their name")


# https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
RETRIES = {
    "minDelayTarget": (1, 3600),
    "maxDelayTarget": (1, 3600),
    "numRetries": (0, 100),
}
BACKOFF = ("arithmetic", "exponential", "geometric", "linear")


def _retries(*keys: str) -> Callable[[Any], str | None]:
    """Delays and retries of a delivery policy, at one of the keys or at the second in the first."""

    def test(text: Any) -> str | None:
        document = parsed(text)
        if not isinstance(document, dict):
            return None
        policies = [document.get(key) for key in keys]
        if isinstance(policies[0], dict) and keys[1] in policies[0]:
            policies = [policies[0][keys[1]]]
        elif keys[0] == "http":
            return None
        return next((reason for item in policies if (reason := _retry_error(item))), None)

    return test


OF_TOPIC = {
    "defaultHealthyRetryPolicy", "disableSubscriptionOverrides", "defaultThrottlePolicy",
    "defaultRequestPolicy", "defaultSicklyRetryPolicy",
}  # fmt: skip
OF_SUBSCRIPTION = {
    "healthyRetryPolicy", "sicklyRetryPolicy", "throttlePolicy", "guaranteed", "requestPolicy",
}  # fmt: skip


def _parts(within: str | None, names: set[str]) -> Callable[[Any], str | None]:
    """The parts of a delivery policy: a topic's are below `http`, a subscription's on top."""

    def test(text: Any) -> str | None:
        document = parsed(text)
        if not isinstance(document, dict):
            return None
        extra = document.keys() - ({within} if within else names)
        inside = document.get(within) if within else None
        if isinstance(inside, dict):
            extra |= inside.keys() - names
        parts = ", ".join(sorted({within} if within and extra & document.keys() else names))
        return (
            f"Invalid parameter: DeliveryPolicy: unexpected JSON member {sorted(extra)[0]}: {parts}"
            if extra
            else None
        )

    return test


def _dead_letters(text: Any) -> str | None:
    """A queue is named (Subscribe, RedrivePolicy)."""
    document = parsed(text)
    extra = set(document) - {"deadLetterTargetArn"} if isinstance(document, dict) else set()
    if extra:
        reason = f"RedrivePolicy: invalid JSON. Attribute {sorted(extra)[0]} is unknown."
        return f"Invalid parameter: Attributes Reason: {reason}"
    arn = document.get("deadLetterTargetArn") if isinstance(document, dict) else None
    if re.fullmatch(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+", str(arn)):
        return None
    return f"Invalid parameter: RedrivePolicy: deadLetterTargetArn {excerpt(arn)} is no queue's"


def _retry_error(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    if item.get("minDelayTarget") is None:
        return "Invalid parameter: DeliveryPolicy: minDelayTarget must be specified"
    for name, (lowest, highest) in RETRIES.items():
        value = item.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or not lowest <= value <= highest:
            return f"Invalid parameter: DeliveryPolicy: {name} is {lowest} to {highest}"
    phases = [item.get(name) for name in ("numMinDelayRetries", "numMaxDelayRetries")]
    phases.append(item.get("numNoDelayRetries"))
    total = sum(number for number in phases if isinstance(number, int))
    if total > item.get("numRetries", 3):
        return f"Invalid parameter: DeliveryPolicy: {total} retries in phases, more than numRetries"
    if item["minDelayTarget"] > item.get("maxDelayTarget", RETRIES["maxDelayTarget"][1]):
        return "Invalid parameter: DeliveryPolicy: minDelayTarget is more than maxDelayTarget"
    if item.get("backoffFunction", "linear") not in BACKOFF:
        return f"Invalid parameter: DeliveryPolicy: backoffFunction is one of {', '.join(BACKOFF)}"
    return None


def _fifo_ends(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://docs.aws.amazon.com/sns/latest/dg/fifo-topic-message-delivery.html"""
    topic = world.find([TOPIC], inputs.get("topic"), ("arn",))
    if topic is None:
        return
    fifo = bool(topic.inputs.get("fifoTopic"))
    queue = str(inputs.get("endpoint"))
    letters = parsed(inputs.get("redrivePolicy"))
    dead = str(letters.get("deadLetterTargetArn")) if isinstance(letters, dict) else queue
    if dead.endswith(".fifo") != queue.endswith(".fifo") and inputs.get("protocol") == "sqs":
        yield "the dead-letter queue of a FIFO queue is one too, of no other"
    if inputs.get("replayPolicy") and not topic.inputs.get("archivePolicy"):
        yield "Invalid parameter: ReplayPolicy: the topic has no archive"
    if fifo and inputs.get("protocol") != "sqs":
        yield f"Invalid protocol type {inputs.get('protocol')!r}: FIFO topics have queues alone"
    if not fifo and inputs.get("protocol") == "sqs" and queue.endswith(".fifo"):
        yield "FIFO SQS Queues can not be subscribed to standard SNS topics"


# https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
TOPIC_ACTIONS = frozenset(
    f"sns:{name}".lower()
    for name in (
        "AddPermission", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes",
        "ListSubscriptionsByTopic", "ListTagsForResource", "Publish", "PutDataProtectionPolicy",
        "Receive", "RemovePermission", "SetTopicAttributes", "Subscribe",
    )
)  # fmt: skip


def _in_scope(service: str, actions: frozenset[str] = frozenset()) -> Rule:
    """The actions of a policy that a service keeps are its own, and apply to what has it."""

    def test(value: Any) -> str | None:
        document = parsed(value)
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in statements if isinstance(statements, list) else [statements]:
            listed_actions = statement.get("Action") if isinstance(statement, dict) else None
            for action in listed_actions if isinstance(listed_actions, list) else [listed_actions]:
                text = str(action).lower()
                if action in (None, "*"):
                    continue
                listed = not actions or text in actions or ("*" in text and text != "sns:*")
                if not text.startswith(f"{service}:") or not listed:
                    return f"Policy statement action out of service scope: {action}"
        return None

    return check("policy", test)


def _redrive(inputs: Inputs) -> Iterator[Failure]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"""
    policy = parsed(inputs.get("redrivePolicy"))
    if isinstance(policy, dict):
        count = policy.get("maxReceiveCount")
        if not re.fullmatch(r"\d+", str(count)) or not 1 <= int(str(count)) <= 1000:
            yield Failure("redrivePolicy", f"maxReceiveCount {excerpt(count)} is not 1 to 1000")
        fifo = str(policy.get("deadLetterTargetArn")).endswith(".fifo")
        arn = policy.get("deadLetterTargetArn")
        if not re.fullmatch(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+", str(arn)):
            yield Failure("redrivePolicy", f"deadLetterTargetArn {excerpt(arn)} is no queue's")
        if fifo != bool(inputs.get("fifoQueue")):
            yield Failure("redrivePolicy", "the dead-letter queue of a FIFO queue is one too")
    allow = parsed(inputs.get("redriveAllowPolicy"))
    if isinstance(allow, dict):
        kind, sources = allow.get("redrivePermission"), allow.get("sourceQueueArns")
        if kind not in ("allowAll", "denyAll", "byQueue"):
            yield Failure("redriveAllowPolicy", f"redrivePermission {excerpt(kind)} does not exist")
        if (kind == "byQueue") != bool(sources) or len(sources or []) > 10:
            yield Failure("redriveAllowPolicy", "byQueue has 1 to 10 sourceQueueArns")


RULES: dict[str, tuple[Rule, ...]] = {
    EVENT_RULE: (
        check("eventPattern", _event_pattern),
        PathRule(("scheduleExpression", "eventBusName"), _on_default_bus),
    ),
    TARGET: (
        PathRule(("arn", "roleArn"), _needs_role),
        PathRule(("arn", "input"), _shaped),
        PathRule(("inputTransformer.inputTemplate", "inputTransformer.inputPaths"), _template),
        check("inputPath", path_error),
        check(
            "arn",
            lambda value: (
                f"Parameter {excerpt(value)} is not valid: its service is no target"
                if NO_TARGETS.fullmatch(str(value))
                else None
            ),
        ),
        _of_target(TARGETED, "arn", {}),
        _group("sqsTarget.messageGroupId", "arn"),
        _no_fifo("deadLetterConfig.arn"),
    ),
    SCHEDULE: (
        not_with("flexibleTimeWindow.maximumWindowInMinutes", "flexibleTimeWindow.mode", "OFF"),
        check("target.arn", _supported),
        PathRule(("target.input", "target.arn"), _json_input),
        PathRule(("target.input", "target.arn"), _sdk_call),
        pattern("target.input", r"[\s\S]{1,262144}", "at most 256 KB"),
        check(
            "endDate",
            lambda value: (
                "ValidationException: EndDate is in the past" if _is_past(value) else None
            ),
        ),
        _of_target(SCHEDULED, "target.arn", SCHEDULE_REQUIREMENTS),
        _group("target.sqsParameters.messageGroupId", "target.arn"),
        _no_fifo("target.deadLetterConfig.arn"),
    ),
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
    TOPIC: (
        pattern(
            "name", r"(?=.{1,256}$)[\w-]+(\.fifo)?", "letters, digits, hyphens and underscores"
        ),
        only_with("fifoThroughputScope", "fifoTopic"),
        check("deliveryPolicy", _parts("http", OF_TOPIC)),
        pattern("displayName", r"[\s\S]{0,100}", "at most 100 characters"),
        check("deliveryPolicy", _retries("http", "defaultHealthyRetryPolicy")),
        _in_scope("sns", TOPIC_ACTIONS),
    ),
    "aws:sns/topicPolicy:TopicPolicy": (_in_scope("sns", TOPIC_ACTIONS),),
    SUBSCRIPTION: (
        PathRule(("endpoint", "protocol", "filterPolicy"), _subscription),
        only_with("rawMessageDelivery", "protocol", "sqs", "http", "https", "firehose"),
        only_with("deliveryPolicy", "protocol", "http", "https"),
        only_with("subscriptionRoleArn", "protocol", "firehose"),
        needed_with("subscriptionRoleArn", "protocol", "firehose"),
        only_with("filterPolicyScope", "filterPolicy"),
        json_text("deliveryPolicy"),
        check("deliveryPolicy", _retries("healthyRetryPolicy", "sicklyRetryPolicy")),
        check("deliveryPolicy", _parts(None, OF_SUBSCRIPTION)),
        check("redrivePolicy", _dead_letters),
    ),
    QUEUE: (
        # CreateQueue, QueueName.
        pattern("name", r"(?=.{1,80}$)[\w-]+(\.fifo)?", "letters, digits, hyphens and underscores"),
        *(only_with(name, "fifoQueue") for name in ("deduplicationScope", "fifoThroughputLimit")),
        check(
            "",
            lambda value: (
                "perMessageGroupId needs the deduplicationScope messageGroup"
                if value.get("fifoThroughputLimit") == "perMessageGroupId"
                and value.get("deduplicationScope") not in ("messageGroup", UNKNOWN)
                else None
            ),
        ),
        PathRule(("redrivePolicy", "redriveAllowPolicy"), _redrive),
        json_text("redriveAllowPolicy"),
        _in_scope("sqs"),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": (_in_scope("sqs"),),
    EVENT_BUS: (PathRule(("name", "eventSourceName"), _partner),),
    "aws:scheduler/scheduleGroup:ScheduleGroup": (
        check("name", lambda value: "default is there" if value == "default" else None),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    TARGET: (_few_targets,),
    FUNCTION: (_reserved, _nearby, _uploaded),
    SUBSCRIPTION: (_fifo_ends,),
}
