"""What moto's SageMaker lacks: deployments and executions that take their course.

Each describe call is a moment: a deployment goes on to its next stage, an execution to its next
step. What a test wants to go wrong it says to the `Course`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ResourceNotFound, ValidationError
from moto.sagemaker.models import ModelPackage
from moto.sagemaker.responses import SageMakerResponse
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from tests.clouds import aws_clients
from tests.clouds.plane import Plane

STAGES = ("Creating", "ActivatingTraffic", "Baking")
# What a step sums up, by the name of its run; or why it fails.
Outcome = Callable[[str], dict[str, Any]] | str


@dataclass
class Course:
    """What deployments and executions come to; `updates` are the requests that began one."""

    stages: tuple[str, ...] = STAGES
    rolls_back: str = ""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    plane: Plane = field(default_factory=Plane)
    # Codes of errors that the next calls of SageMaker are answered with, whatever they ask.
    busy: list[str] = field(default_factory=list)


def complete(patch: pytest.MonkeyPatch, course: Course) -> None:
    """Give moto's SageMaker the operations that it lacks."""
    operations: tuple[Callable[..., Any], ...] = (
        update_endpoint,
        describe_endpoint,
        start_pipeline_execution,
        describe_pipeline_execution,
        list_pipeline_executions,
        list_pipeline_execution_steps,
        retry_pipeline_execution,
        update_model_package,
        delete_model_package,
    )
    for operation in operations:
        patch.setattr(SageMakerResponse, operation.__name__, operation, raising=False)
    patch.setattr(SageMakerResponse, "course", course, raising=False)
    patch.setattr(SageMakerRuntimeResponse, "invoke_endpoint", invoke_endpoint)
    patch.setattr(SageMakerRuntimeResponse, "course", course, raising=False)
    patch.setattr(CloudWatchResponse, "get_metric_data", get_metric_data)
    patch.setattr(CloudWatchResponse, "course", course, raising=False)
    patch.setattr(ModelPackage, "gen_response_object", described_package)


def update_endpoint(self: Any) -> ActionResult:
    request = json.loads(self.body)
    endpoint = _backend(self).endpoints[request["EndpointName"]]
    if endpoint.endpoint_status != "InService":
        raise ValidationError(f"Cannot update in-progress endpoint {endpoint.arn!r}.")
    _backend(self).describe_endpoint_config(request["EndpointConfigName"])
    deployment = request["DeploymentConfig"]
    guards = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    endpoint.guards = [guard["AlarmName"] for guard in guards]
    endpoint.last_deployment_config = deployment
    self.course.updates.append(request)
    endpoint.endpoint_status = "Updating"
    endpoint.stages = list(self.course.stages)
    endpoint.next_config_name = request["EndpointConfigName"]
    return ActionResult({"EndpointArn": endpoint.arn})


def describe_endpoint(self: Any) -> ActionResult:
    if self.course.busy:
        raise JsonRESTError(self.course.busy.pop(0), "Rate exceeded")
    endpoint = _backend(self).endpoints.get(self._get_param("EndpointName"))
    if endpoint is None:
        raise ValidationError('Could not find endpoint "none".')
    if endpoint.endpoint_status == "Updating":
        _deploy(endpoint, self.course)
    description = dict(endpoint.response_object)
    for private in ("Stages", "Wanted", "Guards"):
        description.pop(private, None)
    return ActionResult(description)


def _deploy(endpoint: Any, course: Course) -> None:
    """One moment of a deployment.

    "If any of your alarms trip during the specified monitoring period, SageMaker initiates a
    complete rollback to the old endpoint" (deployment-guardrails-configuration).
    """
    on = [name for name in endpoint.guards if _is_on(name, course)]
    reason = course.rolls_back
    if on and len(endpoint.stages) < len(course.stages):
        endpoint.stages, reason = [], f"alarm {on[0]} fired"
    if endpoint.stages:
        status = {"Status": endpoint.stages.pop(0)}
        variant = {"VariantName": "main", "VariantStatus": [status]}
        endpoint.pending_deployment_summary = {
            "EndpointConfigName": endpoint.next_config_name,
            "ProductionVariants": [variant],
        }
        return
    endpoint.pending_deployment_summary = None
    endpoint.endpoint_status = "InService"
    endpoint.last_modified_time = utcnow()
    endpoint.failure_reason = reason or None
    if not reason:
        endpoint.endpoint_config_name = endpoint.next_config_name


def _is_on(name: str, course: Course) -> bool:
    """Whether an alarm is on; one with a configuration as its dimension sees that fleet alone."""
    (alarm,) = aws_clients.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if alarm["StateValue"] == "ALARM":
        return True
    metrics = alarm.get("Metrics", [])
    if alarm.get("TreatMissingData") == "breaching" and alarm["Threshold"] < 0:
        return True
    configs = {
        dimension["Value"]
        for metric in metrics
        for dimension in metric.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
        if dimension["Name"] == "EndpointConfigName"
    }
    if not configs:
        return False
    signals = course.plane.signals(_version_of(configs.pop()))
    return signals is not None and signals[0] >= 20 and signals[1] / signals[0] > 0.5


def _version_of(config: str) -> int:
    """The version that a release's configuration serves."""
    return int(re.findall(r"-v(\d+)-", config)[-1])


def get_metric_data(self: Any) -> ActionResult:
    """The metrics of one fleet, by the dimension EndpointConfigName, or of the whole endpoint."""
    params, results = self._get_params(), []
    for query in params["MetricDataQueries"]:
        dimensions = query["MetricStat"]["Metric"]["Dimensions"]
        config = next((d["Value"] for d in dimensions if d["Name"] == "EndpointConfigName"), None)
        if config is None:
            return ActionResult(_day(self.course.plane, params))
        signals = self.course.plane.signals(_version_of(config))
        names = ("Invocations", "Invocation5XXErrors", "ModelLatency")
        place = names.index(query["MetricStat"]["Metric"]["MetricName"])
        # ModelLatency is in microseconds.
        values = [] if signals is None else [signals[place] * (1000 if place == 2 else 1)]
        results.append({"Id": query["Id"], "Label": "", "Timestamps": [], "Values": values})
    return ActionResult({"MetricDataResults": results})


def _day(plane: Plane, params: dict[str, Any]) -> dict[str, Any]:
    """Metrics of the endpoint by the period, newest first, a part of them on each page.

    A value has the time at which its period begins, periods without data have none, and of
    "PartialData" the rest comes with NextToken:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html
    """
    begin, end = (_moment(params[name]) for name in ("StartTime", "EndTime"))
    second = params.get("NextToken") == "more"
    results = []
    for query in params["MetricDataQueries"]:
        stat = query["MetricStat"]
        names = {d["Name"] for d in stat["Metric"]["Dimensions"]}
        assert (stat["Metric"]["Namespace"], names) == (
            "AWS/SageMaker", {"EndpointName", "VariantName"}
        )  # fmt: skip
        column, scale = DAY[stat["Metric"]["MetricName"], stat["Stat"]]
        length, points = timedelta(seconds=int(stat["Period"])), []
        at = begin
        while at < end:
            minutes = [values[column] * scale for values in plane.between(at, at + length)]
            if minutes:
                total = sum(minutes)
                points.append((at, total if stat["Stat"] == "Sum" else total / len(minutes)))
            at += length
        points.reverse()
        half = len(points) // 2
        page = points[half:] if second else points[:half]
        results.append({
            "Id": query["Id"], "Label": "", "StatusCode": "Complete" if second else "PartialData",
            "Timestamps": [at for at, _ in page], "Values": [value for _, value in page],
        })  # fmt: skip
    return {"MetricDataResults": results, **({} if second else {"NextToken": "more"})}


# Column of the plane's day, and how many of the metric's units it is.
DAY = {
    ("Invocations", "Sum"): (0, 1),
    ("Invocation5XXErrors", "Sum"): (1, 1),
    ("ModelLatency", "p50"): (2, 1000),  # microseconds
    ("ModelLatency", "p95"): (3, 1000),
}


def _moment(value: Any) -> datetime:
    """A time of a request, as moto has parsed it or as it was sent."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def invoke_endpoint(self: Any) -> Any:
    """The answer of the container; one that is not 200 is a ModelError (API_InvokeEndpoint)."""
    name = self.path.split("/")[2]
    (endpoint,) = aws_clients.client("sagemaker").list_endpoints(NameContains=name)["Endpoints"]
    config = aws_clients.client("sagemaker").describe_endpoint(
        EndpointName=endpoint["EndpointName"]
    )
    status, body = self.course.plane.reply(_version_of(config["EndpointConfigName"]), self.body)
    if status == 200:
        return 200, {"Content-Type": "application/json"}, body
    fields = {"Message": "Received an error from primary", "OriginalStatusCode": status}
    return 424, {"status": 424, "x-amzn-errortype": "ModelError"}, json.dumps(fields)


def start_pipeline_execution(self: Any) -> ActionResult:
    request = json.loads(self.body)
    answer = _backend(self).start_pipeline_execution(
        request["PipelineName"],
        request.get("PipelineExecutionDisplayName"),
        request["PipelineParameters"],
        "",
        {},
        request["ClientRequestToken"],
    )
    execution = _execution(self, answer["PipelineExecutionArn"])
    # Of two executions begun in one second the second is the newer one still.
    execution.creation_time = execution.start_time = execution.start_time + timedelta(
        milliseconds=len(_backend(self).pipelines[request["PipelineName"]].pipeline_executions)
    )
    execution.pipeline_execution_status = "Executing"
    execution.steps = {}
    return ActionResult(answer)


def describe_pipeline_execution(self: Any) -> ActionResult:
    arn = self._get_param("PipelineExecutionArn")
    execution = _execution(self, arn)
    if execution.pipeline_execution_status == "Executing":
        _go_on(execution, self.course)
    return ActionResult(_backend(self).describe_pipeline_execution(arn))


def _go_on(execution: Any, course: Course) -> None:
    """One moment of an execution: a step begins, or ends as the course says."""
    active_steps = [
        name for name, step in execution.steps.items() if step["StepStatus"] == "Executing"
    ]
    if active_steps:
        _end(execution, active_steps[0], course.outcomes[active_steps[0]])
        return
    next_steps = [name for name in course.outcomes if name not in execution.steps]
    if not next_steps:
        execution.pipeline_execution_status = "Succeeded"
        return
    run = execution.arn.rsplit("/", 1)[-1]
    job = f"arn:aws:sagemaker:eu-west-1:123456789012:processing-job/job-{next_steps[0]}-{run}"
    execution.steps[next_steps[0]] = {
        "StepName": next_steps[0],
        "StepStatus": "Executing",
        "StartTime": utcnow(),
        "Metadata": {"ProcessingJob": {"Arn": job}},
    }


def _end(execution: Any, name: str, outcome: Outcome) -> None:
    step = execution.steps[name]
    step["EndTime"] = utcnow()
    if isinstance(outcome, str):
        step.update(StepStatus="Failed", FailureReason=outcome)
        execution.pipeline_execution_status = "Failed"
        return
    run = execution.arn.rsplit("/", 1)[-1]
    summary = outcome(run)
    step["StepStatus"] = "Succeeded"
    place = json.loads(execution.pipeline_definition_for_execution)["Metadata"]
    aws_clients.client("s3").put_object(
        Bucket=place["bucket"],
        Key=f"models/{place['model']}/runs/{run}/outputs/{name}/result.json",
        Body=json.dumps(summary).encode(),
    )


def list_pipeline_executions(self: Any) -> ActionResult:
    summaries = _backend(self).list_pipeline_executions(self._get_param("PipelineName"))
    executions = summaries["PipelineExecutionSummaries"]
    executions.sort(key=lambda summary: summary["StartTime"], reverse=True)
    return ActionResult({"PipelineExecutionSummaries": executions[: self._get_param("MaxResults")]})


def list_pipeline_execution_steps(self: Any) -> ActionResult:
    steps = _execution(self, self._get_param("PipelineExecutionArn")).steps
    # A page each, as the service may cut them.
    page = int(self._get_param("NextToken") or 0)
    more = {"NextToken": str(page + 1)} if page + 1 < len(steps) else {}
    return ActionResult({"PipelineExecutionSteps": list(steps.values())[page : page + 1], **more})


def retry_pipeline_execution(self: Any) -> ActionResult:
    execution = _execution(self, self._get_param("PipelineExecutionArn"))
    execution.steps = {
        name: step for name, step in execution.steps.items() if step["StepStatus"] == "Succeeded"
    }
    execution.pipeline_execution_status = "Executing"
    return ActionResult({"PipelineExecutionArn": execution.arn})


def update_model_package(self: Any) -> ActionResult:
    request = json.loads(self.body)
    package = _backend(self).model_packages[request["ModelPackageArn"]]
    if "ModelApprovalStatus" in request:
        package.set_model_approval_status(request["ModelApprovalStatus"])
    if "ModelLifeCycle" in request:
        package.life_cycle = request["ModelLifeCycle"]
    return ActionResult({"ModelPackageArn": package.arn})


def delete_model_package(self: Any) -> ActionResult:
    del _backend(self).model_packages[json.loads(self.body)["ModelPackageName"]]
    return ActionResult({})


_described = ModelPackage.gen_response_object


def described_package(self: Any) -> dict[str, Any]:
    """What moto says of a model package, and its life cycle."""
    life = getattr(self, "life_cycle", None)
    return {**_described(self), **({"ModelLifeCycle": life} if life else {})}


def _backend(response: Any) -> Any:
    return response.sagemaker_backend


def _execution(response: Any, arn: str) -> Any:
    for pipeline in _backend(response).pipelines.values():
        if arn in pipeline.pipeline_executions:
            return pipeline.pipeline_executions[arn]
    raise ResourceNotFound(f"Pipeline execution {arn} does not exist")
