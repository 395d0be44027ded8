"""Requests of a release to SageMaker, and to CloudWatch.

Expected requests are written out as docs.aws.amazon.com/sagemaker/latest/APIReference has them:
CreateModel, CreateEndpointConfig, UpdateEndpoint, and CloudWatch's PutMetricAlarm.
"""

from __future__ import annotations

from typing import Any

import pytest

from training.endpoint import aws_requests

PART: dict[str, Any] = {
    "endpoint": "dev-toys", "variant": "main", "role": "arn:role", "instance_type": "ml.m5.large",
    "instances": 4, "max_instances": None, "kms_key": "arn:key", "tags": {"stack": "dev"},
    "canary_percent": 25, "canary_minutes": 10, "canary_min_requests": 20,
    "max_error_share": 0.02, "max_latency_ms": 400,
    "capture": {"by": "service", "percent": 30, "uri": "s3://b/captures", "kms_key": "arn:data",
                "folder": "s3://b/captures/dev-toys/main"},
}  # fmt: skip
MANIFEST: dict[str, Any] = {"model": "toys", "version": 3, "artifact": {"sha256": "ab"}}
NAME = "dev-toys-v3-0a1b2c"
TAGS = [{"Key": "stack", "Value": "dev"}]


def part(**changes: Any) -> dict[str, Any]:
    capture = {**PART["capture"], **changes.pop("capture", {})}
    return {**PART, "capture": capture, **changes}


def variables(**changes: Any) -> dict[str, str]:
    request = aws_requests.create_model(part(**changes), NAME, "arn:package", MANIFEST)
    return request["PrimaryContainer"]["Environment"]


def test_a_model_is_made_of_its_package_and_knows_its_version() -> None:
    request = aws_requests.create_model(PART, NAME, "arn:package", MANIFEST)
    environment = request["PrimaryContainer"].pop("Environment")
    assert request == {
        "ModelName": NAME, "ExecutionRoleArn": "arn:role", "Tags": TAGS,
        "PrimaryContainer": {"ModelPackageName": "arn:package"}, "EnableNetworkIsolation": True,
    }  # fmt: skip
    assert environment["MLOPS_VERSION"] == "3" and environment["MLOPS_SHA256"] == "ab"
    assert environment["SAGEMAKER_SERVING_MODULE"] == "training.scoring.aws:application()"


def test_a_container_that_captures_has_a_network_and_the_service_does_not_capture() -> None:
    own = {"by": "container"}
    assert variables(capture=own)["MLOPS_CAPTURE_URI"] == "s3://b/captures/dev-toys/main"
    assert variables(capture=own)["MLOPS_CAPTURE_PERCENT"] == "30"
    model = aws_requests.create_model(part(capture=own), NAME, "arn:package", MANIFEST)
    assert model["EnableNetworkIsolation"] is False
    for capture, enabled in (
        (own, False), ({}, True), ({"percent": 0}, False), ({**own, "percent": 0}, False),
    ):  # fmt: skip
        config = aws_requests.settings(part(capture=capture))["DataCaptureConfig"]
        assert config["EnableCapture"] is enabled
        if enabled or capture.get("percent") == 0:
            assert "MLOPS_CAPTURE_URI" not in variables(capture=capture)


def test_a_configuration_has_the_settings_of_the_stack() -> None:
    variant = {"VariantName": "main", "InstanceType": "ml.m5.large", "ModelName": NAME,
               "InitialInstanceCount": 4, "InitialVariantWeight": 1.0}  # fmt: skip
    capture = {
        "EnableCapture": True, "InitialSamplingPercentage": 30,
        "DestinationS3Uri": "s3://b/captures",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"],
                                     "JsonContentTypes": ["application/json"]},
        "KmsKeyId": "arn:data",
    }  # fmt: skip
    assert aws_requests.create_config(PART, NAME) == {
        "EndpointConfigName": NAME, "Tags": TAGS, "ProductionVariants": [variant],
        "DataCaptureConfig": capture, "KmsKeyId": "arn:key",
    }  # fmt: skip
    without = aws_requests.create_config(part(kms_key=None, capture={"kms_key": None}), NAME)
    assert "KmsKeyId" not in {**without, **without["DataCaptureConfig"]}


def metric(name: str, statistic: str, period: int, *dimensions: tuple[str, str]) -> dict[str, Any]:
    pairs = [{"Name": name, "Value": value} for name, value in dimensions]
    of = {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": pairs}
    return {"Metric": of, "Period": period, "Stat": statistic}


ENDPOINT = (("EndpointName", "dev-toys"), ("VariantName", "main"))
OWN = (*ENDPOINT, ("EndpointConfigName", NAME))


def test_the_alarm_of_a_release_sees_its_own_fleet_beyond_a_bar() -> None:
    request = aws_requests.guard(PART, NAME)
    *inputs, worst = request.pop("Metrics")
    assert [query["Id"] for query in inputs] == ["requests", "errors", "latency"]
    assert [query["MetricStat"] for query in inputs] == [
        metric("Invocations", "Sum", 60, *OWN), metric("Invocation5XXErrors", "Sum", 60, *OWN),
        metric("ModelLatency", "p95", 60, *OWN),
    ]  # fmt: skip
    assert [query["ReturnData"] for query in (*inputs, worst)] == [False, False, False, True]
    assert worst["Id"] == "worst" and "Metric" not in worst
    # Microseconds, so over 1000 it is milliseconds.
    assert worst["Expression"] == (
        "IF(requests >= 20, MAX([errors / requests / 0.02, latency / 1000 / 400]), 0)"
    )
    assert request.pop("AlarmDescription") and request == {
        "AlarmName": NAME, "Tags": TAGS, "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1.0, "EvaluationPeriods": 3, "DatapointsToAlarm": 2,
        "TreatMissingData": "notBreaching",
    }  # fmt: skip


def test_an_alarm_divides_by_no_zero() -> None:
    request = aws_requests.guard(part(canary_min_requests=0, max_error_share=0), NAME)
    expression = request["Metrics"][-1]["Expression"]
    # "S represents a scalar number, such as 2, -5, or 50.25" (using-metric-math.html).
    assert expression.startswith("IF(requests >= 1, ")
    assert "errors / requests / 0.000001," in expression


def test_a_tripped_alarm_is_on_whatever_is_answered() -> None:
    request = aws_requests.tripped(PART, NAME)
    *inputs, ended = request.pop("Metrics")
    assert len(inputs) == 3 and not any(query["ReturnData"] for query in inputs)
    assert ended == {"Id": "ended", "Expression": "FILL(requests, 0)", "ReturnData": True}
    assert request.pop("AlarmDescription") and request == {
        "AlarmName": NAME, "Tags": TAGS, "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": -1.0, "EvaluationPeriods": 1, "DatapointsToAlarm": 1,
        "TreatMissingData": "breaching",
    }  # fmt: skip


def routing(instances: int = 4, **changes: Any) -> Any:
    request = aws_requests.update_endpoint(part(**changes), NAME, instances, ["a"])
    policy = request["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    return policy["TrafficRoutingConfiguration"]


def canary(size: int, seconds: int = 600) -> dict[str, Any]:
    return {"Type": "CANARY", "WaitIntervalInSeconds": seconds,
            "CanarySize": {"Type": "INSTANCE_COUNT", "Value": size}}  # fmt: skip


def test_a_canary_is_a_deployment_that_alarms_take_back() -> None:
    assert aws_requests.update_endpoint(PART, NAME, 9, [NAME, "other"]) == {
        "EndpointName": "dev-toys", "EndpointConfigName": NAME,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": canary(1), "TerminationWaitInSeconds": 0,
                # Twice the wait, and half an hour for instances to start.
                "MaximumExecutionTimeoutInSeconds": 3000,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": NAME}, {"AlarmName": "other"}]},
        },
    }  # fmt: skip


def test_without_alarms_all_traffic_moves_at_once() -> None:
    request = aws_requests.update_endpoint(PART, NAME, 4, None)
    assert request["DeploymentConfig"] == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": 0, "MaximumExecutionTimeoutInSeconds": 1800,
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("instances", "percent", "size"),
    [(2, 10, 1), (2, 90, 1), (4, 25, 1), (4, 50, 2), (10, 30, 3), (10, 90, 5), (3, 90, 1)],
)
def test_a_canary_is_one_instance_or_more_and_half_at_most(
    instances: int, percent: int, size: int
) -> None:
    changes = {"canary_percent": percent, "max_instances": 20}
    assert routing(instances=instances, **changes) == canary(size)
    fixed = aws_requests.update_endpoint(
        part(canary_percent=percent, instances=instances), NAME, 99, ["a"]
    )
    policy = fixed["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == canary(size)


def test_one_instance_has_no_canary_and_is_watched_as_long() -> None:
    assert routing(instances=1, max_instances=5, canary_minutes=0.5) == {
        "Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 30,
    }  # fmt: skip


def test_a_deployment_lasts_eight_hours_at_most() -> None:
    """The largest MaximumExecutionTimeoutInSeconds is 28800 (API_BlueGreenUpdatePolicy)."""
    for minutes, seconds in ((225, 28800), (224, 28680), (400, 28800)):
        request = aws_requests.update_endpoint(part(canary_minutes=minutes), NAME, 4, ["a"])
        policy = request["DeploymentConfig"]["BlueGreenUpdatePolicy"]
        assert policy["MaximumExecutionTimeoutInSeconds"] == seconds


def test_what_autoscaling_made_of_the_instances_stays() -> None:
    request = aws_requests.update_endpoint(part(max_instances=9), NAME, 4, ["a"])
    assert request["RetainAllVariantProperties"] is True
    assert request["ExcludeRetainedVariantProperties"] == [
        {"VariantPropertyType": "DataCaptureConfig"}
    ]
    assert "RetainAllVariantProperties" not in aws_requests.update_endpoint(PART, NAME, 4, ["a"])
