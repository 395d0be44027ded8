"""AWS on this computer: moto's server, and stacks on it as `pulumi up` leaves them."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from moto import backends
from moto.core import responses
from moto.core.utils import method_names_from_class
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.clouds import aws_clients, aws_transport
from tests.clouds.aws_calls import Call, ConditionalWrites, Recorder
from tests.clouds.sagemaker import Course, complete
from tests.warm_libraries import load_service_models_once
from training import clock
from training.clients.aws import client
from training.pipeline import PIPELINES
from training.platform import DOCUMENT, Platform, platform_at
from training.registry.aws_requests import package_description
from training.scoring import bundle

REGION = "eu-west-1"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
ROLE = "arn:aws:iam::123456789012:role/endpoint"
RULES = [
    {"name": "drift", "metric": "drifted_features", "above": 0, "says": "inputs drifted"},
    {"name": "endpoint-errors", "metric": "error_share", "above": 0.05, "says": "answers fail"},
]


@contextmanager
def running(calls: list[Call] | None = None) -> Iterator[str]:
    """The server; its address. What is called there is added to `calls`."""
    load_service_models_once()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    assert server._server is not None
    application = ConditionalWrites(server._server.app)
    if calls is not None:
        application = Recorder(application, calls)
    server._server.app = application
    address = "http://{}:{}".format(*server.get_host_and_port())
    # At each request it lists the folders of its services, a third of its time, and the methods of
    # the one that is asked.
    services = list(backends.list_of_moto_modules())
    methods = cache(method_names_from_class)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "list_of_moto_modules", lambda: services)
        patch.setattr(responses, "method_names_from_class", methods)
        aws_transport.connect(patch, address, application)
        yield address
        server.stop()


@contextmanager
def environment(address: str, course: Course) -> Iterator[None]:
    """An environment in which every client calls the server at `address`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        complete(patch, course)
        client.cache_clear()
        yield
    client.cache_clear()


def bucket() -> str:
    """A new bucket's name."""
    name = f"store-{uuid.uuid4().hex[:12]}"
    location = {"LocationConstraint": REGION}
    aws_clients.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=location)
    return name


def registry(model: str) -> str:
    """The address of a new registry with an empty group for `model`."""
    prefix = f"mlops-{uuid.uuid4().hex[:8]}"
    aws_clients.client("sagemaker").create_model_package_group(
        ModelPackageGroupName=f"{prefix}-{model}"
    )
    return f"sagemaker://{REGION}/{prefix}"


def enter(registry_uri: str, description: dict[str, Any]) -> None:
    """Do what the pipeline's RegisterModel step does; a repeated run makes nothing more."""
    sagemaker = aws_clients.client("sagemaker")
    group = f"{registry_uri.rsplit('/', 1)[-1]}-{description['model']}"
    packages = sagemaker.list_model_packages(ModelPackageGroupName=group, MaxResults=100)
    text = package_description(description["run"])
    if any(p["ModelPackageDescription"] == text for p in packages["ModelPackageSummaryList"]):
        return
    sagemaker.create_model_package(
        ModelPackageGroupName=group,
        ModelPackageDescription=text,
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://store/model.tar.gz"}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )


def logged(group: str, stream: str, *lines: str) -> None:
    """Write what a job printed where the service does."""
    logs, now = aws_clients.client("logs"), int(time.time() * 1000)
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now, "message": line} for line in lines],
    )


def captured(at: datetime, body: bytes, kind: str, answer: bytes, encoded: bool = False) -> bytes:
    """One line of the service's data capture."""

    def part(content: bytes, of: str, mode: str) -> dict[str, str]:
        plain = {"application/json": "JSON", "text/csv": "CSV"}[of]
        data = base64.b64encode(content) if encoded else content
        return {
            "observedContentType": of,
            "mode": mode,
            "data": data.decode(),
            "encoding": "BASE64" if encoded else plain,
        }

    line = {
        "captureData": {
            "endpointInput": part(body, kind, "INPUT"),
            "endpointOutput": part(answer, "application/json", "OUTPUT"),
        },
        "eventMetadata": {"eventId": "1", "inferenceTime": clock.text(at)},
        "eventVersion": "0",
    }
    return json.dumps(line).encode() + b"\n"


def stack(model: str, root: Path) -> Platform:
    """A new stack: bucket, group, pipelines and documents, and no endpoint."""
    name, address = bucket(), registry(model)
    prefix = address.rsplit("/", 1)[-1]
    documents = {
        DOCUMENT: {
            "stack": prefix,
            "target": "aws",
            "store": f"s3://{name}",
            "registry": address,
            "models": {model: {}},
        },
        f"models/{model}/endpoint.json": {
            **endpoint(f"{prefix}-{model}", name, model),
            "alarms": [f"{prefix}-endpoint-errors"],
            "canary_minutes": 0.002,
        },
        f"models/{model}/alarms.json": {
            "rules": [{**rule, "alarm": f"{prefix}-{rule['name']}"} for rule in RULES]
        },
        **_pipelines(prefix, name, model),
    }
    s3 = aws_clients.client("s3")
    for key, document in documents.items():
        s3.put_object(Bucket=name, Key=key, Body=json.dumps(document).encode())
    platform = platform_at(f"s3://{name}", root)
    _alarms(platform, model)
    return platform


def validator(service: str) -> Callable[[str, dict[str, Any]], None]:
    """A check that a request is one the service's own model takes."""
    model = botocore.session.get_session().get_service_model(service)

    def check(operation: str, request: dict[str, Any]) -> None:
        shape = model.operation_model(operation).input_shape
        report = ParamValidator().validate(request, shape)
        assert not report.has_errors(), report.generate_report()

    return check


def endpoint(name: str, store: str, model: str) -> dict[str, Any]:
    """The document of an endpoint, as its component writes it."""
    return {
        "endpoint": name,
        "variant": "main",
        "group": name,
        "instance_type": "ml.m5.large",
        "instances": 2,
        "max_instances": None,
        "role": ROLE,
        "image": IMAGE,
        "canary_percent": 10,
        "canary_minutes": 5,
        "canary_min_requests": 20,
        "max_error_share": 0.01,
        "max_latency_ms": 500,
        "alarms": [f"{name}-endpoint-errors"],
        "capture": {
            "by": "service",
            "percent": 100,
            "uri": f"s3://{store}/models/{model}/captures",
            "folder": f"s3://{store}/models/{model}/captures/{model}/main",
            "kms_key": None,
        },
        "kms_key": None,
        "tags": {"project": "mlops"},
    }


def bootstrap(platform: Platform, model: str) -> None:
    """The endpoint as the stack makes it, before the first release."""
    name = platform.part(model, "endpoint.json")["endpoint"]
    sagemaker, first = aws_clients.client("sagemaker"), f"{name}-bootstrap"
    sagemaker.create_model(
        ModelName=first,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": "s3://store/bootstrap.tar.gz",
            "Environment": {**bundle.SERVING, "MLOPS_MODEL": model},
        },
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=first,
        ProductionVariants=[
            {
                "VariantName": "main",
                "ModelName": first,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=first)


def _alarms(platform: Platform, model: str) -> None:
    for rule in platform.part(model, "alarms.json")["rules"]:
        aws_clients.client("cloudwatch").put_metric_alarm(
            AlarmName=rule["alarm"],
            Namespace="mlops",
            MetricName=rule["metric"],
            Dimensions=[
                {"Name": "stack", "Value": platform.stack},
                {"Name": "model", "Value": model},
            ],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=rule["above"],
            ComparisonOperator="GreaterThanThreshold",
        )
    # A new alarm has no data; moto says that it is well.
    evaluate(platform, model)


def other_alarm(name: str, state: str) -> None:
    """An alarm that a team made itself."""
    cloudwatch = aws_clients.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="team", MetricName="orders", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="LessThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="so it is")


def alarm_on(platform: Platform, model: str, name: str) -> None:
    """Let an alarm of the whole endpoint be on."""
    rules = platform.part(model, "alarms.json")["rules"]
    (alarm,) = (rule["alarm"] for rule in rules if rule["name"] == name)
    aws_clients.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="the champion fails"
    )


def evaluate(platform: Platform, model: str) -> None:
    """Hold the alarms against their metrics, which moto leaves to the caller."""
    cloudwatch, now = aws_clients.client("cloudwatch"), clock.now()
    names = [rule["alarm"] for rule in platform.part(model, "alarms.json")["rules"]]
    for alarm in cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]:
        statistics = cloudwatch.get_metric_statistics(
            Namespace=alarm["Namespace"],
            MetricName=alarm["MetricName"],
            Dimensions=alarm["Dimensions"],
            Statistics=[alarm["Statistic"]],
            Period=alarm["Period"],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
        )["Datapoints"]
        values = [point[alarm["Statistic"]] for point in statistics]
        points = [
            {"timestamp": f"{point['Timestamp']:%Y-%m-%dT%H:%M:%S.000+0000}", "value": value}
            for point, value in zip(statistics, values, strict=True)
        ]
        above = any(value > alarm["Threshold"] for value in values)
        cloudwatch.set_alarm_state(
            AlarmName=alarm["AlarmName"],
            StateValue="ALARM" if above else "OK" if values else "INSUFFICIENT_DATA",
            StateReason="evaluated",
            StateReasonData=json.dumps({"recentDatapoints": values, "evaluatedDatapoints": points}),
        )


def _pipelines(prefix: str, store: str, model: str) -> dict[str, Any]:
    sagemaker, documents = aws_clients.client("sagemaker"), {}
    # The service's double needs to know where a step's output goes.
    place = json.dumps({"Version": "2020-12-01", "Metadata": {"bucket": store, "model": model}})
    for pipeline in PIPELINES:
        name = f"{prefix}-{model}-{pipeline.name}"
        answer = sagemaker.create_pipeline(
            PipelineName=name,
            PipelineDefinition=place,
            RoleArn=ROLE,
            ClientRequestToken=uuid.uuid4().hex,
        )
        documents[f"models/{model}/pipelines/{pipeline.name}.json"] = {
            "pipeline": name,
            "arn": answer["PipelineArn"],
            "parameters": dict(pipeline.parameters),
            "steps": [step.name for step in pipeline.steps],
        }
    return documents


def schedule(name: str, timezone: str, *, on: bool) -> None:
    """A schedule of EventBridge that fires each morning, or is off."""
    scheduler = aws_clients.client("scheduler")
    put = scheduler.create_schedule
    with suppress(scheduler.exceptions.ResourceNotFoundException):
        scheduler.get_schedule(Name=name)
        put = scheduler.update_schedule
    put(
        Name=name,
        ScheduleExpression="cron(30 6 * * ? *)",
        ScheduleExpressionTimezone=timezone,
        FlexibleTimeWindow={"Mode": "OFF"},
        State="ENABLED" if on else "DISABLED",
        Target={"Arn": "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p", "RoleArn": ROLE},
    )
