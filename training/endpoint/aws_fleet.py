"""The endpoint of one model on SageMaker, and the configurations that its releases made."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from training.clients import aws, http
from training.endpoint import Say, Signals, aws_requests
from training.scoring import VERSION
from training.traffic import Intervals, Record, day_begin, interval_begin

IN_SERVICE = "InService"
SETTLED = (IN_SERVICE, "OutOfService", "Failed", "UpdateRollbackFailed")
# Stages in which the new fleet has a share of the requests (API_ProductionVariantStatus).
SHARED = ("ActivatingTraffic", "Baking")
POLL_SECONDS = 10.0


@dataclass(frozen=True)
class Fleet:
    """`part` is the model's ``endpoint.json``; `watch` is the client of CloudWatch."""

    part: dict[str, Any]
    client: Any
    watch: Any

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.part["endpoint"]

    def describe(self) -> dict[str, Any] | None:
        """Description of the endpoint by the service; None if there is none."""
        try:
            return self.client.describe_endpoint(EndpointName=self.name)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def version(self, config: str) -> int | None:
        """The version that a configuration serves; None of one that no release made."""
        description = self.client.describe_endpoint_config(EndpointConfigName=config)
        name = description["ProductionVariants"][0]["ModelName"]
        container = self.client.describe_model(ModelName=name)["PrimaryContainer"]
        number = container.get("Environment", {}).get(VERSION)
        # Of a model out of a package the service may tell the package alone, which has the version
        # as its number: "I'm pretty sure it will just return the ModelPackageArn where the
        # container definition would be" (aws/sagemaker-python-sdk#3076).
        if number is None and "ModelPackageName" in container:
            number = aws.last_part(container["ModelPackageName"])
        return None if number is None else int(number)

    def is_current(self, config: str) -> bool:
        """True if a configuration has the instances and the capture of the settings."""
        description = self.client.describe_endpoint_config(EndpointConfigName=config)
        settings = aws_requests.settings(self.part)
        pairs = (
            (settings["DataCaptureConfig"], description.get("DataCaptureConfig", {})),
            (settings["ProductionVariants"][0], description["ProductionVariants"][0]),
        )
        return all(has.get(key) == value for want, has in pairs for key, value in want.items())

    def release_name(self, version: int) -> str:
        """A new name for a release's model and configuration."""
        return f"{self._releases}{version}-{secrets.token_hex(3)}"

    def is_release(self, name: str) -> bool:
        """True if a configuration is one that a release of this endpoint made."""
        return re.fullmatch(rf"{re.escape(self._releases)}\d+-[0-9a-f]{{6}}", name) is not None

    def create(self, name: str, package: str, manifest: dict[str, Any]) -> None:
        """Make the model and the configuration of a release, unless they are there."""
        if not self._is_there(lambda: self.client.describe_model(ModelName=name)):
            model = aws_requests.create_model(self.part, name, package, manifest)
            self.client.create_model(**model)
        describe = self.client.describe_endpoint_config
        if not self._is_there(lambda: describe(EndpointConfigName=name)):
            self.client.create_endpoint_config(**aws_requests.create_config(self.part, name))

    def guard(self, name: str) -> None:
        """Make the alarm of a release, which sees its own fleet alone."""
        self.watch.put_metric_alarm(**aws_requests.guard(self.part, name))

    def unguard(self, name: str) -> None:
        """Delete the alarm of a release, if there is one."""
        _delete(lambda: self.watch.delete_alarms(AlarmNames=[name]))

    def trip(self, name: str) -> None:
        """Let the alarm of a release be on and stay on, so that its deployment is ended."""
        self.watch.put_metric_alarm(**aws_requests.tripped(self.part, name))

    def alarms_on(self, names: list[str]) -> list[str]:
        """Those of the alarms that are on now."""
        if not names:
            return []
        # The roles may ask for no composite alarm (`training.monitoring.aws`).
        answer = self.watch.describe_alarms(AlarmNames=names, AlarmTypes=["MetricAlarm"])
        alarms = answer["MetricAlarms"]
        return [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]

    def signals(self, name: str, since: datetime, until: datetime) -> Signals:
        """Requests, errors and latency of a configuration's fleet, minute by minute."""
        answer = self.watch.get_metric_data(
            MetricDataQueries=aws_requests.measurements(self.part, name),
            StartTime=since,
            EndTime=until,
        )
        values = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
        slow = values["latency"]
        # ModelLatency is told in microseconds.
        latency = sum(slow) / len(slow) / 1000 if slow else None
        return Signals(round(sum(values["requests"])), round(sum(values["errors"])), latency)

    def traffic(self, now: datetime) -> list[Record]:
        """Requests, errors and latency of the endpoint in the day until `now`, whoever answers."""
        intervals = Intervals()
        pages = self.watch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=aws_requests.day(self.part), StartTime=day_begin(now), EndTime=now
        )
        for result in (result for page in pages for result in page["MetricDataResults"]):
            # ModelLatency is told in microseconds.
            scale = 1000 if result["Id"].endswith("_ms") else 1
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                intervals.add(interval_begin(at), result["Id"], value / scale)
        return intervals.records()

    def update(self, name: str, description: dict[str, Any], alarms: list[str] | None) -> None:
        """Begin the deployment of the configuration `name`.

        It is a canary that the `alarms` take back; without any it is as quick as can be.
        """
        instances = description["ProductionVariants"][0]["DesiredInstanceCount"]
        request = aws_requests.update_endpoint(self.part, name, instances, alarms)
        self.client.update_endpoint(**request)

    def await_settlement(self, say: Say) -> dict[str, Any]:
        """Description of the endpoint once nothing is under way; stages are printed meanwhile."""
        return self._follow(say, lambda description: description["EndpointStatus"] in SETTLED)

    def await_shift(self, say: Say) -> None:
        """Wait until the new fleet gets requests, or the deployment is over."""
        self._follow(
            say,
            lambda description: (
                description["EndpointStatus"] in SETTLED or _status(description) in SHARED
            ),
        )

    def _follow(self, say: Say, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        last_stage, description = "", {}

        def is_done() -> bool:
            nonlocal last_stage, description
            description = self.client.describe_endpoint(EndpointName=self.name)
            stage = _stage(description)
            if description["EndpointStatus"] not in SETTLED and stage != last_stage:
                say(f"endpoint {self.name}: {stage}")
                last_stage = stage
            return is_so(description)

        operation = f"a deployment of endpoint {self.name}"
        http.wait(is_done, operation, aws_requests.LONGEST_SECONDS, lambda: POLL_SECONDS)
        return description

    def _is_there(self, describe: Callable[[], Any]) -> bool:
        try:
            describe()
        except ClientError as error:
            if _is_missing(error):
                return False
            raise
        return True

    def remove(self, config: str) -> None:
        """Delete what a release made; the configuration that came with the stack is left."""
        if config.startswith(self._releases):
            self.unguard(config)
            _delete(lambda: self.client.delete_endpoint_config(EndpointConfigName=config))
            _delete(lambda: self.client.delete_model(ModelName=config))

    def empty(self) -> bool:
        """Delete what all releases made, if there is any, once the endpoint itself is gone."""
        configs = self._resource_names(
            "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"
        )
        models = self._resource_names("list_models", "Models", "ModelName")
        for config in configs:
            self.unguard(config)
            self.client.delete_endpoint_config(EndpointConfigName=config)
        for model in models:
            self.client.delete_model(ModelName=model)
        return bool(configs or models)

    def _resource_names(self, operation: str, list_key: str, key: str) -> list[str]:
        """The names of what releases of this endpoint, and of no other, made."""
        pages = self.client.get_paginator(operation).paginate(NameContains=self._releases)
        names = [item[key] for page in pages for item in page[list_key]]
        return [name for name in names if self.is_release(name)]

    @property
    def _releases(self) -> str:
        """The prefix of the names of all releases' models and configurations."""
        return f"{self.name}-v"


def _delete(delete: Callable[[], Any]) -> None:
    try:
        delete()
    except ClientError as error:
        if not _is_missing(error):
            raise


def _is_missing(error: ClientError) -> bool:
    """True for the error of a missing resource; CloudWatch's has a code of its service model."""
    return "Could not find" in aws.message(error) or aws.code(error) == "ResourceNotFound"


def _status(description: dict[str, Any]) -> str:
    """The stage of the deployment that is under way."""
    pending = description.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    stages = [status for variant in pending for status in variant.get("VariantStatus", [])]
    return stages[-1]["Status"] if stages else ""


def _stage(description: dict[str, Any]) -> str:
    """The present stage of the service, in words."""
    pending = description.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    statuses = [status for variant in pending for status in variant.get("VariantStatus", [])]
    message = statuses[-1].get("StatusMessage") or statuses[-1]["Status"] if statuses else ""
    return f"{description['EndpointStatus']} {message}".rstrip()
