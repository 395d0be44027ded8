"""What is SageMaker's own of a release: blue/green, rollback alarms, leftovers, settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clouds import aws, aws_clients
from tests.clouds.sagemaker import STAGES, Course
from tests.contract.stacks import MODEL, Aws
from training import deployment, release, versions
from training.endpoint import Signals, aws_requests
from training.endpoint import aws as endpoint
from training.endpoint.aws_fleet import Fleet
from training.errors import UserError
from training.registry.aws import open_at
from training.scoring import bundle

VALID, CLOUDWATCH = aws.validator("sagemaker"), aws.validator("cloudwatch")


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Aws:
    """A stack whose endpoint runs, with two versions."""
    stack = Aws(request)
    stack.course.updates.clear()
    stack.course.rolls_back = ""
    stack.course.busy.clear()
    stack.serve()
    stack.register()
    stack.register()
    return stack


def part(stack: Aws, **changes: Any) -> dict[str, Any]:
    """The endpoint's document, after changes by an `up`."""
    document = {**stack.platform.part(MODEL, "endpoint.json"), **changes}
    stack.platform.store.write(f"models/{MODEL}/endpoint.json", json.dumps(document).encode())
    return document


def promote(stack: Aws, version: int) -> list[str]:
    """Release a version as a person does, and return what was told of it."""
    lines: list[str] = []
    manifest = versions.manifest(stack.platform.store, MODEL, version)
    manifest["image"] = aws.IMAGE
    stack.platform.store.write(
        f"models/{MODEL}/versions/{version:06d}.json", json.dumps(manifest).encode()
    )
    deployment.promote(stack.platform, MODEL, version, why="test", say=lines.append)
    return lines


def resume(stack: Aws) -> None:
    assert deployment.resume(stack.platform, MODEL, say=print)[1]


def alarms() -> list[str]:
    """The names of all alarms."""
    alarms = aws_clients.client("cloudwatch").describe_alarms(MaxRecords=100)["MetricAlarms"]
    return [alarm["AlarmName"] for alarm in alarms]


def serving_version(stack: Aws) -> int | None:
    state = endpoint.health(stack.platform, MODEL)
    assert state is not None
    return state["version"]


def names(kind: str, stack: Aws) -> list[str]:
    """The stack's models or endpoint configurations."""
    client, prefix = aws_clients.client("sagemaker"), part(stack)["endpoint"]
    if kind == "models":
        all_names = [model["ModelName"] for model in client.list_models(MaxResults=100)["Models"]]
    else:
        configs = client.list_endpoint_configs(MaxResults=100)["EndpointConfigs"]
        all_names = [config["EndpointConfigName"] for config in configs]
    return sorted(name for name in all_names if name.startswith(prefix))


def test_a_first_release_has_nothing_to_be_compared_with(stack: Aws) -> None:
    promote(stack, 1)
    (update,) = stack.course.updates
    policy = update["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == {
        "Type": "ALL_AT_ONCE",
        "WaitIntervalInSeconds": 0,
    }
    assert "AutoRollbackConfiguration" not in update["DeploymentConfig"]


def test_a_release_is_a_canary_watched_by_an_alarm_of_its_own(stack: Aws) -> None:
    promote(stack, 1)
    lines = promote(stack, 2)
    update = stack.course.updates[-1]
    policy = update["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"]["Type"] == "CANARY"
    size = policy["TrafficRoutingConfiguration"]["CanarySize"]
    assert size == {"Type": "INSTANCE_COUNT", "Value": 1}
    name = update["EndpointConfigName"]
    guards = update["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert [alarm["AlarmName"] for alarm in guards] == [name]
    stages = [
        line.rpartition(" ")[2] for line in lines if f"{part(stack)['endpoint']}: Updating" in line
    ]
    assert name not in alarms(), "it has nothing more to take back"
    assert stages[0] == "Creating" and set(stages) <= set(STAGES)
    assert serving_version(stack) == 2


def test_the_alarm_of_a_release_sees_its_own_fleet_alone(stack: Aws) -> None:
    document = part(stack)
    for request in (aws_requests.guard(document, "toys-v1-abcdef"),
                    aws_requests.tripped(document, "toys-v1-abcdef")):  # fmt: skip
        CLOUDWATCH("PutMetricAlarm", request)
        queries = [query for query in request["Metrics"] if "MetricStat" in query]
        dimensions = [query["MetricStat"]["Metric"]["Dimensions"] for query in queries]
        assert {d["Name"]: d["Value"] for d in dimensions[0]} == {
            "EndpointName": document["endpoint"],
            "VariantName": "main",
            "EndpointConfigName": "toys-v1-abcdef",
        }
        assert len(queries) == 3 and dimensions.count(dimensions[0]) == 3
        assert [query["ReturnData"] for query in request["Metrics"]] == [False] * 3 + [True]


def test_alarms_of_others_take_a_release_back_unless_they_are_on_before(stack: Aws) -> None:
    part(stack, alarms=[*part(stack)["alarms"], "team-orders", "team-queue"])
    for name, state in (("team-orders", "ALARM"), ("team-queue", "OK")):
        aws.other_alarm(name, state)
    promote(stack, 1)
    lines = promote(stack, 2)
    rollback = stack.course.updates[-1]["DeploymentConfig"]["AutoRollbackConfiguration"]
    names = [alarm["AlarmName"] for alarm in rollback["Alarms"]]
    assert names[1:] == ["team-queue"]
    assert any("'team-orders' is on already" in line for line in lines)


def test_a_fleet_that_the_service_takes_back_while_nobody_looks_is_withdrawn(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(stack, 1)
    stack.course.plane.answers[2] = (200, 150, 20.0)
    # Nobody looks: the metrics are hidden from the release, not from the service's own alarm.
    monkeypatch.setattr(Fleet, "signals", lambda self, *arguments: Signals())
    with pytest.raises(UserError, match=r"version 2 is not served: .* fired"):
        promote(stack, 2)
    assert serving_version(stack) == 1
    assert names("configs", stack) == names("models", stack)
    assert not [name for name in alarms() if name.startswith(part(stack)["endpoint"])]


def test_what_a_release_made_goes_with_the_next(stack: Aws) -> None:
    bootstrap = f"{part(stack)['endpoint']}-bootstrap"
    for version in (1, 2):
        promote(stack, version)
        for kind in ("models", "configs"):
            first, other = names(kind, stack)
            assert first == bootstrap and f"-v{version}-" in other and len(other) <= 63


def test_the_served_version_has_its_settings_and_digest(stack: Aws) -> None:
    promote(stack, 2)
    client, (_, name) = aws_clients.client("sagemaker"), names("models", stack)
    container = client.describe_model(ModelName=name)["PrimaryContainer"]
    digest = versions.manifest(stack.platform.store, MODEL, 2)["artifact"]["sha256"]
    assert container["ModelPackageName"].endswith("/2")
    assert container["Environment"] == {
        **bundle.SERVING,
        "MLOPS_MODEL": MODEL,
        "MLOPS_VERSION": "2",
        "MLOPS_SHA256": digest,
        "OMP_NUM_THREADS": "1",
    }
    config = client.describe_endpoint_config(EndpointConfigName=name)
    assert config["DataCaptureConfig"]["DestinationS3Uri"] == part(stack)["capture"]["uri"]


def test_a_rollback_by_an_alarm_takes_the_release_back(stack: Aws) -> None:
    promote(stack, 1)
    before = names("configs", stack)
    stack.course.rolls_back = "alarm endpoint-errors fired"
    with pytest.raises(UserError, match=r"version 2 is not served: .* endpoint-errors fired"):
        promote(stack, 2)
    assert serving_version(stack) == 1
    assert names("configs", stack) == before == names("models", stack)
    champion = release.champion(stack.platform.store, MODEL)
    assert champion is not None and (champion.version, champion.kind) == (1, "rollback")


def test_what_the_service_refuses_leaves_nothing(stack: Aws) -> None:
    before = names("models", stack)
    part(stack, instance_type="ml.m5.colossal")
    with pytest.raises(UserError, match=r"SageMaker refused the release: .*ml\.m5\.colossal"):
        promote(stack, 1)
    assert names("models", stack) == before
    assert serving_version(stack) is None


def test_a_deployment_of_somebody_else_is_waited_for(stack: Aws) -> None:
    aws_clients.client("sagemaker").update_endpoint(
        EndpointName=part(stack)["endpoint"],
        EndpointConfigName=f"{part(stack)['endpoint']}-bootstrap",
        DeploymentConfig={},
    )
    lines = promote(stack, 1)
    assert any("ending the deployment of" in line for line in lines)
    assert serving_version(stack) == 1


def test_changed_settings_reach_the_endpoint_with_the_same_version(stack: Aws) -> None:
    promote(stack, 1)
    resume(stack)
    assert len(stack.course.updates) == 1
    capture = {**part(stack)["capture"], "percent": 5}
    for count, changes in enumerate(({"capture": capture}, {"instance_type": "ml.m5.xlarge"}), 2):
        part(stack, **changes)
        resume(stack)
        assert len(stack.course.updates) == count
    _, name = names("configs", stack)
    config = aws_clients.client("sagemaker").describe_endpoint_config(EndpointConfigName=name)
    assert config["ProductionVariants"][0]["InstanceType"] == "ml.m5.xlarge"
    assert config["DataCaptureConfig"]["InitialSamplingPercentage"] == 5


def test_the_champion_and_no_other_is_in_production(stack: Aws) -> None:
    for version in (1, 2):
        promote(stack, version)
    packages = aws_clients.client("sagemaker").list_model_packages(
        ModelPackageGroupName=part(stack)["group"], SortBy="CreationTime", SortOrder="Ascending"
    )["ModelPackageSummaryList"]
    assert [package["ModelLifeCycle"]["Stage"] for package in packages] == [
        "Archived",
        "Production",
    ]
    assert {package["ModelApprovalStatus"] for package in packages} == {"Approved"}


def test_a_version_without_an_image_is_refused(stack: Aws) -> None:
    with pytest.raises(UserError, match="version 1 names no image"):
        deployment.promote(stack.platform, MODEL, 1, why="test", say=print)
    assert release.champion(stack.platform.store, MODEL) is None


def test_a_fleet_of_one_is_watched_without_a_canary(course: Course, tmp_path: Path) -> None:
    document = aws.endpoint("toys", "store", "toys")
    alone = aws_requests.update_endpoint({**document, "instances": 1}, "toys-v1", 1, ["toys-v1"])
    policy = alone["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    routing = policy["TrafficRoutingConfiguration"]
    assert routing == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300}
    VALID("UpdateEndpoint", alone)


@pytest.mark.parametrize(
    ("instances", "percent", "count"),
    [(2, 10, 1), (2, 50, 1), (3, 50, 1), (4, 50, 2), (10, 10, 1), (20, 10, 2), (10, 1, 1)],
)
def test_a_canary_is_a_whole_number_of_instances(instances: int, percent: int, count: int) -> None:
    """At least one, and "less than or equal to 50%" of them (API_TrafficRoutingConfig)."""
    document = {**aws.endpoint("toys", "store", "toys"), "instances": instances}
    request = aws_requests.update_endpoint(
        {**document, "canary_percent": percent}, "toys-v1", instances, ["toys-v1"]
    )
    routing = request["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["CanarySize"] == {"Type": "INSTANCE_COUNT", "Value": count}
    VALID("UpdateEndpoint", request)


def test_autoscaling_keeps_its_number_of_instances(course: Course) -> None:
    document = {**aws.endpoint("toys", "store", "toys"), "max_instances": 4}
    request = aws_requests.update_endpoint(document, "toys-v1", 3, ["toys-v1"])
    assert request["RetainAllVariantProperties"] is True
    VALID("UpdateEndpoint", request)


@pytest.mark.parametrize("percent", [0, 100])
@pytest.mark.parametrize("key", [None, "arn:aws:kms:eu-west-1:123456789012:key/1"])
def test_the_service_s_model_takes_the_requests(percent: int, key: str | None) -> None:
    document = aws.endpoint("toys", "store", "toys")
    document = {**document, "kms_key": key, "capture": {**document["capture"], "percent": percent}}
    document["capture"]["kms_key"] = key
    manifest = {"model": "toys", "version": 1, "artifact": {"sha256": "0" * 64}}
    package = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/toys/1"
    VALID("CreateModel", aws_requests.create_model(document, "toys-v1", package, manifest))
    VALID("CreateEndpointConfig", aws_requests.create_config(document, "toys-v1"))


def test_an_endpoint_that_is_gone_leaves_no_models_and_no_versions(stack: Aws) -> None:
    promote(stack, 1)
    fleet = Fleet(part(stack), aws_clients.client("sagemaker"), aws_clients.client("cloudwatch"))
    # What belongs to a model whose name begins as this one's.
    other = Fleet({**part(stack), "endpoint": f"{fleet.name}-v1"}, fleet.client, fleet.watch)
    other_name = other.release_name(1)
    registry = open_at(stack.platform.registry_uri)
    fleet.client.create_model(
        ModelName=other_name, ExecutionRoleArn=aws.ROLE, PrimaryContainer={"Image": aws.IMAGE}
    )
    assert len(names("models", stack)) == 3 and len(names("configs", stack)) == 2
    fleet.empty()
    bootstrap = f"{fleet.name}-bootstrap"
    assert names("models", stack) == [bootstrap, other_name]
    assert names("configs", stack) == [bootstrap]
    registry.empty(MODEL)
    group = f"{registry.prefix}-{MODEL}"
    packages = fleet.client.list_model_packages(ModelPackageGroupName=group)
    assert packages["ModelPackageSummaryList"] == []
