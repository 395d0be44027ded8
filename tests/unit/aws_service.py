"""SageMaker with one endpoint, in memory: its states are those that DescribeEndpoint names."""

from __future__ import annotations

import io
import json
from datetime import datetime, timezone
from typing import Any

from botocore.exceptions import ClientError

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
OLD, NEW = "dev-toys-v2-0a1b2c", "dev-toys-v3-0d1e2f"
PART: dict[str, Any] = {
    "endpoint": "dev-toys", "variant": "main", "role": "arn:role", "instance_type": "ml.m5.large",
    "instances": 2, "max_instances": None, "kms_key": None, "tags": {}, "log_group": "/aws/sm/toys",
    "canary_percent": 50, "canary_minutes": 10, "canary_min_requests": 20,
    "max_error_share": 0.02, "max_latency_ms": 400, "alarms": ["dev-down", "dev-other", "dev-on"],
    "capture": {"by": "service", "percent": 0, "uri": "s3://b/captures", "kms_key": None},
}  # fmt: skip


def error(code: str, message: str, **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, "Any")


MISSING = error("ValidationException", "Could not find it.")


class Service:
    """SageMaker, its runtime and CloudWatch, with one endpoint."""

    def __init__(self) -> None:
        self.models: dict[str, Any] = {"base": {}, OLD: {"MLOPS_VERSION": "2"}}
        self.configs: dict[str, Any] = {}
        for name in ("dev-toys", OLD):
            self._configure(name, "base" if name == "dev-toys" else name)
        self.config, self.status, self.is_there = OLD, "InService", True
        # What the endpoint is at each look after an update.
        self.course: list[dict[str, Any]] = []
        self.more: dict[str, Any] = {}
        self.updates: list[dict[str, Any]] = []
        self.alarms: dict[str, Any] = {}
        self.asked: dict[str, Any] = {}
        self.deleted: list[str] = []
        self.refusal: ClientError | None = None
        self.body = b'{"predictions": ["a"]}'

    def _configure(self, name: str, model: str) -> None:
        self.configs[name] = {
            "ProductionVariants": [{"ModelName": model, "VariantName": "main",
                                    "InstanceType": "ml.m5.large"}],
            "DataCaptureConfig": {},
        }  # fmt: skip

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        if not self.is_there:
            raise MISSING
        if self.course:
            self.more = self.course.pop(0)
        return {
            "EndpointName": EndpointName, "EndpointConfigName": self.config,
            "EndpointStatus": self.status, "LastModifiedTime": NOON,
            "ProductionVariants": [{"DesiredInstanceCount": 6}], **self.more,
        }  # fmt: skip

    def describe_endpoint_config(self, EndpointConfigName: str) -> Any:  # noqa: N803
        if EndpointConfigName not in self.configs:
            raise MISSING
        return self.configs[EndpointConfigName]

    def describe_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803
        if ModelName not in self.models:
            raise MISSING
        return {"PrimaryContainer": {"Environment": self.models[ModelName]}}

    def create_model(self, **request: Any) -> None:
        if self.refusal:
            raise self.refusal
        self.models[request["ModelName"]] = request["PrimaryContainer"]["Environment"]

    def create_endpoint_config(self, **request: Any) -> None:
        self.configs[request["EndpointConfigName"]] = request

    def update_endpoint(self, **request: Any) -> None:
        if self.refusal:
            raise self.refusal
        self.updates.append(request)

    def delete_endpoint_config(self, EndpointConfigName: str) -> None:  # noqa: N803
        if self.configs.pop(EndpointConfigName, None) is None:
            raise MISSING
        self.deleted.append(f"config {EndpointConfigName}")

    def delete_model(self, ModelName: str) -> None:  # noqa: N803
        if self.models.pop(ModelName, None) is None:
            raise MISSING
        self.deleted.append(f"model {ModelName}")

    def put_metric_alarm(self, **request: Any) -> None:
        self.alarms[request["AlarmName"]] = request

    def delete_alarms(self, AlarmNames: list[str]) -> None:  # noqa: N803
        for name in AlarmNames:
            self.alarms.pop(name, None)
            self.deleted.append(f"alarm {name}")

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        self.asked = request
        return {"MetricDataResults": [{"Id": name, "Values": []}
                                      for name in ("requests", "errors", "latency")]}  # fmt: skip

    def describe_alarms(self, AlarmNames: list[str], **_: Any) -> dict[str, Any]:  # noqa: N803
        states = {"dev-on": "ALARM"}
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": states.get(name, "OK")}
                                 for name in AlarmNames]}  # fmt: skip

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        assert request["EndpointName"] == "dev-toys"
        assert request["ContentType"] == "application/json"
        assert json.loads(request["Body"]) == {"instances": []}
        return {"Body": io.BytesIO(self.body)}


class Registry:
    """The registry: what is approved, and who is champion."""

    region = "eu-west-1"

    def __init__(self) -> None:
        self.champion = 0

    def approve(self, model: str, version: int) -> str:
        return f"arn:{model}/{version}"

    def mark_champion(self, model: str, version: int) -> None:
        self.champion = version


def pending(*stages: str, config: str = NEW, status: str = "Updating") -> dict[str, Any]:
    """A deployment that is under way."""
    variants = [{"VariantStatus": [{"Status": stage} for stage in stages]}]
    summary = {"EndpointConfigName": config, "ProductionVariants": variants}
    return {"EndpointStatus": status, "PendingDeploymentSummary": summary}
