"""What a release reads of CloudWatch and of SageMaker's errors, and the names that it gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.test_aws_requests import ENDPOINT, NAME, PART, metric
from training.endpoint import Signals
from training.endpoint.aws_fleet import Fleet

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


class Watch:
    """CloudWatch: what it is asked, and what it tells."""

    def __init__(self, **values: list[float]) -> None:
        self.values = values
        self.stamps = [NOON + timedelta(minutes=n) for n in range(9)]
        self.asked: dict[str, Any] = {}

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        self.asked = request
        return {
            "MetricDataResults": [
                {"Id": name, "Values": values, "Timestamps": self.stamps[: len(values)]}
                for name, values in self.values.items()
            ]
        }

    def get_paginator(self, operation: str) -> Watch:
        assert operation == "get_metric_data"
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        return [self.get_metric_data(**request)]

    def describe_alarms(self, **request: Any) -> dict[str, Any]:
        self.asked = request
        on, off = ({"AlarmName": name, "StateValue": state}
                   for name, state in (("a", "ALARM"), ("b", "OK")))  # fmt: skip
        return {"MetricAlarms": [on, off]}


class Models:
    """SageMaker with one configuration, whose model has this container."""

    def __init__(self, **container: Any) -> None:
        self.container = container

    def describe_endpoint_config(self, EndpointConfigName: str) -> Any:  # noqa: N803
        return {"ProductionVariants": [{"ModelName": EndpointConfigName}]}

    def describe_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803
        return {"ModelName": ModelName, "PrimaryContainer": self.container}


def test_the_version_of_a_model_that_the_service_tells_by_its_package_alone() -> None:
    # The form of DescribeModel's answer in https://github.com/aws/sagemaker-python-sdk/pull/3076.
    package = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/dev-toys/12"
    assert Fleet(PART, Models(ModelPackageName=package), None).version(NAME) == 12
    # The model before the first release is of no package, and no version.
    image = Models(Image="image", Environment={"MLOPS_MODEL": "toys"})
    assert Fleet(PART, image, None).version(NAME) is None


def test_signals_are_sums_and_the_mean_of_the_minutes_p95() -> None:
    watch = Watch(requests=[10.0, 20.0], errors=[1.0, 2.0], latency=[100_000.0, 300_000.0])
    until = NOON + timedelta(minutes=2)
    assert Fleet(PART, None, watch).signals(NAME, NOON, until) == Signals(30, 3, 200.0)
    assert (watch.asked["StartTime"], watch.asked["EndTime"]) == (NOON, until)
    queries = watch.asked["MetricDataQueries"]
    assert all(query["ReturnData"] for query in queries)
    assert [query["MetricStat"]["Stat"] for query in queries] == ["Sum", "Sum", "p95"]
    quiet = Watch(requests=[], errors=[], latency=[])
    assert Fleet(PART, None, quiet).signals(NAME, NOON, until) == Signals(0, 0, None)


def test_the_traffic_of_a_day_is_by_quarters_and_of_all_fleets() -> None:
    watch = Watch(requests=[10.0], errors=[1.0], p50_ms=[5_000.0], p95_ms=[9_000.0])
    (record,) = Fleet(PART, None, watch).traffic(NOON + timedelta(minutes=20))
    told = {name: record[name] for name in ("at", "requests", "errors", "p50_ms", "p95_ms")}
    assert told == {"at": "2026-03-01T12:00:00Z", "requests": 10, "errors": 1, "p50_ms": 5.0,
                    "p95_ms": 9.0}  # fmt: skip
    assert [query["MetricStat"] for query in watch.asked["MetricDataQueries"]] == [
        metric("Invocations", "Sum", 900, *ENDPOINT),
        metric("Invocation5XXErrors", "Sum", 900, *ENDPOINT),
        metric("ModelLatency", "p50", 900, *ENDPOINT),
        metric("ModelLatency", "p95", 900, *ENDPOINT),
    ]
    # 96 quarters, with the present one.
    assert watch.asked["StartTime"] == datetime(2026, 2, 28, 12, 30, tzinfo=timezone.utc)
    assert watch.asked["EndTime"] == NOON + timedelta(minutes=20)


def test_alarms_that_are_on_are_asked_for_by_name_and_kind() -> None:
    watch = Watch()
    assert Fleet(PART, None, watch).alarms_on(["a", "b"]) == ["a"]
    assert watch.asked["AlarmNames"] == ["a", "b"]
    # "You can't return information about composite alarms if your cloudwatch:DescribeAlarms
    # permission has a narrower scope" (permissions-reference-cw.html).
    assert watch.asked["AlarmTypes"] == ["MetricAlarm"]
    # Without names the service tells of all alarms.
    assert Fleet(PART, None, Watch()).alarms_on([]) == []


def test_a_release_s_name_is_its_own() -> None:
    fleet = Fleet(PART, None, None)
    name = fleet.release_name(12)
    assert name.startswith("dev-toys-v12-") and len(name) == len("dev-toys-v12-") + 6
    assert fleet.is_release(name) and name != fleet.release_name(12)
    for other in ("dev-toys", "dev-toys-v1", "dev-toys-v1-0A1B2C", "dev-toys-v1-0a1b2", f"x{name}",
                  f"{name}0", "dev-toys-2-v1-0a1b2c", "dev-toys-vx-0a1b2c"):  # fmt: skip
        assert not fleet.is_release(other), other


Fail = Callable[..., Any]


def failing(code: str, message: str) -> Fail:
    def fail(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": message}}, "Any")

    return fail


class Anything:
    """A client whose calls are those that it is made with."""

    def __init__(self, **calls: Fail) -> None:
        self.__dict__.update(calls)


def test_what_is_not_there_is_none_and_other_errors_are_errors() -> None:
    missing = failing("ValidationException", 'Could not find endpoint "x".')
    denied = failing("AccessDeniedException", "not authorized")
    assert Fleet(PART, Anything(describe_endpoint=missing), None).describe() is None
    with pytest.raises(ClientError, match="not authorized"):
        Fleet(PART, Anything(describe_endpoint=denied), None).describe()
    gone = failing("ResourceNotFound", "no alarm")
    Fleet(PART, None, Anything(delete_alarms=gone)).unguard(NAME)
    with pytest.raises(ClientError, match="not authorized"):
        Fleet(PART, None, Anything(delete_alarms=denied)).unguard(NAME)
