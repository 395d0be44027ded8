"""Requests of a release to SageMaker, made from ``endpoint.json`` without any call."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from training.scoring import environment
from training.scoring.aws_capture import CONTAINER, PERCENT, URI
from training.scoring.bundle import SERVING
from training.traffic import INTERVAL_SECONDS
from training.versions import Manifest

# Instances start in some minutes; the service gives up, and rolls back, after half an hour.
START_SECONDS, LONGEST_SECONDS = 1800, 28800

Request = dict[str, Any]


def create_model(part: Request, name: str, package: str, manifest: Manifest) -> Request:
    """CreateModel of a version, out of the model package that is its ARN."""
    return {
        "ModelName": name,
        "ExecutionRoleArn": part["role"],
        "PrimaryContainer": {
            "ModelPackageName": package,
            "Environment": {
                **SERVING,
                **environment(manifest),
                **capturing(part["capture"]),
            },
        },
        # All that it serves with is in its archive; a capture of its own goes to S3.
        "EnableNetworkIsolation": not capturing(part["capture"]),
        "Tags": _tags(part),
    }


def capturing(capture: Request) -> dict[str, str]:
    """The environment in which the container captures; empty if the service does, or nobody."""
    if capture["by"] != CONTAINER or not capture["percent"]:
        return {}
    return {URI: capture["folder"], PERCENT: str(capture["percent"])}


def create_config(part: Request, name: str) -> Request:
    """CreateEndpointConfig of the model `name`, under the same name."""
    config = settings(part)
    (variant,) = config["ProductionVariants"]
    variant.update(ModelName=name, InitialInstanceCount=part["instances"], InitialVariantWeight=1.0)
    return {"EndpointConfigName": name, "Tags": _tags(part), **config}


def settings(part: Request) -> Request:
    """The part of a configuration that comes from the stack's settings."""
    capture = part["capture"]
    return {
        "ProductionVariants": [
            {"VariantName": part["variant"], "InstanceType": part["instance_type"]}
        ],
        "DataCaptureConfig": {
            "EnableCapture": capture["percent"] > 0 and not capturing(capture),
            "InitialSamplingPercentage": capture["percent"],
            "DestinationS3Uri": capture["uri"],
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {
                "CsvContentTypes": ["text/csv"],
                "JsonContentTypes": ["application/json"],
            },
            **_key(capture["kms_key"]),
        },
        **_key(part["kms_key"]),
    }


def guard(part: Request, name: str) -> Request:
    """PutMetricAlarm of a release: on while its own fleet is beyond a bar of the settings.

    Its value is how many times over its bar the worse of errors and latency is. It is the
    service's to look at, in case that the release itself no longer does; one slow or failed
    request of few says nothing, so a minute with fewer than so many requests is none.
    """
    # A share of none would be divided by.
    share, latency = _number(max(part["max_error_share"], 1e-6)), _number(part["max_latency_ms"])
    worst = f"MAX([errors / requests / {share}, latency / 1000 / {latency}])"
    least = max(part["canary_min_requests"], 1)
    return {
        **_alarm(part, name),
        "Metrics": [
            *measurements(part, name, returns_data=False),
            {
                "Id": "worst",
                "Expression": f"IF(requests >= {least}, {worst}, 0)",
                "Label": "times over its bar",
                "ReturnData": True,
            },
        ],
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1.0,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "TreatMissingData": "notBreaching",
    }


def tripped(part: Request, name: str) -> Request:
    """PutMetricAlarm of the same alarm, on whatever the fleet answers."""
    return {
        **_alarm(part, name),
        "Metrics": [
            *measurements(part, name, returns_data=False),
            {"Id": "ended", "Expression": "FILL(requests, 0)", "ReturnData": True},
        ],
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": -1.0,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "TreatMissingData": "breaching",
    }


def measurements(part: Request, name: str, returns_data: bool = True) -> list[Request]:
    """MetricDataQueries of what the fleet of the configuration `name` answered, by the minute."""
    config = {"Name": "EndpointConfigName", "Value": name}
    statistics = (
        ("requests", "Invocations", "Sum"),
        ("errors", "Invocation5XXErrors", "Sum"),
        ("latency", "ModelLatency", "p95"),
    )
    return _queries([*_variant(part), config], 60, statistics, returns_data)


def day(part: Request) -> list[Request]:
    """MetricDataQueries of what the endpoint answered, by the quarter of an hour."""
    statistics = (
        ("requests", "Invocations", "Sum"),
        ("errors", "Invocation5XXErrors", "Sum"),
        ("p50_ms", "ModelLatency", "p50"),
        ("p95_ms", "ModelLatency", "p95"),
    )
    return _queries(_variant(part), INTERVAL_SECONDS, statistics)


def _variant(part: Request) -> list[Request]:
    return [
        {"Name": "EndpointName", "Value": part["endpoint"]},
        {"Name": "VariantName", "Value": part["variant"]},
    ]


def _queries(
    dimensions: list[Request],
    period: int,
    statistics: Iterable[tuple[str, str, str]],
    returns_data: bool = True,
) -> list[Request]:
    """Queries of an endpoint's metrics: id, name and statistic of each.

    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    """
    return [
        {
            "Id": id,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": metric,
                    "Dimensions": dimensions,
                },
                "Period": period,
                "Stat": statistic,
            },
            "ReturnData": returns_data,
        }
        for id, metric, statistic in statistics
    ]


def _alarm(part: Request, name: str) -> Request:
    says = f"takes the release {name} back"
    return {"AlarmName": name, "AlarmDescription": says, "Tags": _tags(part)}


def _number(value: float) -> str:
    """The number as metric math has its scalars, "such as 2, -5, or 50.25": without an exponent.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    return format(Decimal(str(value)), "f")


def update_endpoint(part: Request, name: str, instances: int, alarms: list[str] | None) -> Request:
    """UpdateEndpoint to the configuration `name`, of an endpoint of that many instances.

    With `alarms` it is a canary that they take back; without any, all traffic moves at once.
    """
    scaled = part["max_instances"] is not None
    if alarms is None:
        routing: Request = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    else:
        routing = _routing(part, instances if scaled else part["instances"])
    longest = min(2 * routing["WaitIntervalInSeconds"] + START_SECONDS, LONGEST_SECONDS)
    deployment: Request = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": 0,
            "MaximumExecutionTimeoutInSeconds": longest,
        },
    }
    if alarms is not None:
        rollback_alarms = [{"AlarmName": alarm} for alarm in alarms]
        deployment["AutoRollbackConfiguration"] = {"Alarms": rollback_alarms}
    request = {
        "EndpointName": part["endpoint"],
        "EndpointConfigName": name,
        "DeploymentConfig": deployment,
    }
    if not scaled:
        return request
    # What autoscaling made of the number of instances stays.
    excluded = [{"VariantPropertyType": "DataCaptureConfig"}]
    return {
        **request,
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": excluded,
    }


def _routing(part: Request, instances: int) -> Request:
    """The routing of traffic during a deployment.

    A canary is at most half of the fleet, so one instance has none: it takes all traffic, is
    watched as long, and goes back as a canary would
    (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html). Its
    size is a number of instances, at least one: what the service makes of 10 percent of 2
    instances is documented nowhere.
    """
    wait = {"WaitIntervalInSeconds": round(part["canary_minutes"] * 60)}
    if instances < 2:
        return {"Type": "ALL_AT_ONCE", **wait}
    instances_of_share = round(instances * part["canary_percent"] / 100)
    size = {"Type": "INSTANCE_COUNT", "Value": min(max(instances_of_share, 1), instances // 2)}
    return {"Type": "CANARY", "CanarySize": size, **wait}


def _key(arn: str | None) -> Request:
    return {} if arn is None else {"KmsKeyId": arn}


def _tags(part: Request) -> list[Request]:
    return [{"Key": key, "Value": value} for key, value in part["tags"].items()]
