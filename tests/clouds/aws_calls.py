"""Requests to the AWS double: in which order, and the IAM actions and resources they amount to.

A caller is told by the name of its access key: jobs have that of their role. Actions by call:
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([\w-]+)/([\w-]+)/")
ACCOUNT = "123456789012"
TARGETS = {"SageMaker": "sagemaker", "Logs_20140328": "logs"}
# SageMaker's kind of resource by the parameter that names it.
RESOURCE_KINDS = {
    "ModelName": "model",
    "EndpointName": "endpoint",
    "EndpointConfigName": "endpoint-config",
    "ModelPackageGroupName": "model-package-group",
    "PipelineName": "pipeline",
}


@dataclass(frozen=True)
class Call:
    """One action on one resource, an ARN or ``*``."""

    caller: str
    action: str
    resource: str


class ConditionalWrites:
    """The double's WSGI application, which takes conditional writes one after the other.

    S3 lets the first of several at once succeed and refuses the others:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    moto looks for the object first and writes it afterwards, and between the two another may.
    """

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application, self._lock = application, threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        if "HTTP_IF_NONE_MATCH" not in environ or environ["REQUEST_METHOD"] != "PUT":
            return self._application(environ, start)
        # The body comes before the lock: a slow client holds nobody up.
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        with self._lock:
            return self._application(environ, start)


class Recorder:
    """The double's WSGI application, with a look at each request before it goes in."""

    def __init__(self, application: Callable[..., Any], calls: list[Call]) -> None:
        self._application, self._calls = application, calls

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        match = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if match:
            caller, region, service = match.groups()
            pairs = _s3(environ) if service == "s3" else _json(environ, service, region, body)
            self._calls.extend(Call(caller, action, resource) for action, resource in pairs)
        return self._application(environ, start)


def _s3(environ: dict[str, Any]) -> Iterator[tuple[str, str]]:
    bucket, _, key = unquote(environ["PATH_INFO"]).lstrip("/").partition("/")
    query = parse_qs(environ["QUERY_STRING"])
    if not key:
        action = "s3:ListBucket" if "list-type" in query else "s3:CreateBucket"
        yield action, f"arn:aws:s3:::{bucket}"
        return
    verbs = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
    verb = verbs[environ["REQUEST_METHOD"]]
    yield f"s3:{verb}", f"arn:aws:s3:::{bucket}/{key}"
    # The bucket's objects are encrypted with the stack's key.
    if verb == "GetObject":
        yield "kms:Decrypt", "key"
    if verb == "PutObject":
        yield "kms:GenerateDataKey", "key"


def _json(
    environ: dict[str, Any], service: str, region: str, body: bytes
) -> Iterable[tuple[str, str]]:
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    # One protocol names the operation in a header, the other in the path.
    operation = target.rpartition(".")[2] or environ["PATH_INFO"].rpartition("/")[2]
    if service == "monitoring":
        return _cloudwatch(operation, json.loads(body), region)
    if service == "scheduler":
        verb = {"GET": "Get", "POST": "Create"}[environ["REQUEST_METHOD"]]
        name = f"arn:aws:scheduler:{region}:{ACCOUNT}:schedule/default/{operation}"
        return [(f"scheduler:{verb}Schedule", name)]
    if service != "sagemaker":
        return [(f"{service}:{operation}", "*")]
    place = f"arn:aws:sagemaker:{region}:{ACCOUNT}"
    if operation == "invocations":
        name = environ["PATH_INFO"].split("/")[2]
        return [("sagemaker:InvokeEndpoint", f"{place}:endpoint/{name}")]
    return _sagemaker(operation, json.loads(body), place)


def _cloudwatch(operation: str, request: dict[str, Any], region: str) -> Iterator[tuple[str, str]]:
    names = [request["AlarmName"]] if "AlarmName" in request else request.get("AlarmNames", [])
    # "To retrieve information about composite alarms, your cloudwatch:DescribeAlarms permission
    # must have a * scope" (permissions-reference-cw.html in the CloudWatch user guide).
    if "CompositeAlarm" in request.get("AlarmTypes", []):
        names = []
    for resource in [_alarm(region, name) for name in names] or ["*"]:
        yield f"cloudwatch:{operation}", resource
        if request.get("Tags"):
            yield "cloudwatch:TagResource", resource


def _alarm(region: str, name: str) -> str:
    return f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{name}"


def _sagemaker(operation: str, request: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    action = f"sagemaker:{operation}"
    names = [
        f"{place}:{kind}/{request[key]}" for key, kind in RESOURCE_KINDS.items() if key in request
    ]
    arns = [value for key, value in request.items() if key.endswith("Arn") and "Role" not in key]
    for resource in (*names, *arns):
        yield action, resource
        if request.get("Tags"):
            yield "sagemaker:AddTags", resource
    if "ExecutionRoleArn" in request:
        yield "iam:PassRole", request["ExecutionRoleArn"]
    # The service looks at the rollback alarms with the caller's permission.
    rollback = request.get("DeploymentConfig", {}).get("AutoRollbackConfiguration", {})
    for alarm in rollback.get("Alarms", []):
        yield "cloudwatch:DescribeAlarms", _alarm(place.split(":")[3], alarm["AlarmName"])
