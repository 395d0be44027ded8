"""A release on SageMaker, step by step, against the service's states in memory.

The states are those of docs.aws.amazon.com/sagemaker/latest/APIReference: DescribeEndpoint's
EndpointStatus, PendingDeploymentSummary with the status of its variants, LastDeploymentConfig.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.serving.platforms import make_platform, write_part
from tests.unit.aws_service import NEW, NOON, OLD, PART, Registry, Service, error, pending
from training import clock
from training.clients import http
from training.endpoint import RefusedError, Signals, Standing, aws
from training.errors import PassingError, UserError
from training.platform import Platform
from training.release import Release

RECORD = Release(1, "promote", 3, "d", 2, "ada", "better", "2026-03-01T12:00:00Z", True)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def platform(
    tmp_path: Path, service: Service, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> Platform:
    """A stack on AWS, whose documents are in a folder."""
    monkeypatch.setattr(aws.aws, "client", lambda name, region=None: service)
    monkeypatch.setattr(aws, "open_at", lambda uri: registry)
    monkeypatch.setattr(http.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    local = make_platform(tmp_path)
    write_part(local, "toys", "endpoint.json", PART)
    write_part(local, "toys", "alarms.json", {"rules": [{"alarm": "dev-down"}]})
    return Platform(tmp_path, {**local.document, "target": "aws"})


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def rollout(platform: Platform, said: list[str]) -> aws.AwsRollout:
    rollout = aws.rollout(platform, "toys", said.append)
    assert rollout is not None
    return rollout


SERVED = {"EndpointConfigName": NEW, "EndpointStatus": "InService"}
GUARDED = {"LastDeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": NEW}]}}}


def test_health_is_what_the_service_says(platform: Platform, service: Service) -> None:
    url = "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/dev-toys/invocations"
    assert aws.health(platform, "toys") == {
        "version": 2, "url": url, "in_service": True, "at": "2026-03-01T12:00:00Z",
    }  # fmt: skip
    # Whatever is under way, what was served goes on.
    states = {"Updating": True, "RollingBack": True, "Failed": False, "OutOfService": False,
              "UpdateRollbackFailed": False}  # fmt: skip
    for status, in_service in states.items():
        service.status = status
        assert (aws.health(platform, "toys") or {})["in_service"] is in_service, status
    service.is_there = False
    assert aws.health(platform, "toys") is None and aws.rollout(platform, "toys", print) is None


@pytest.mark.parametrize(("region", "host"), [("eu-west-1", "aws.amazon.com"),
                                              ("cn-north-1", "amazonaws.cn")])  # fmt: skip
def test_a_log_is_found_in_the_console(
    region: str, host: str, platform: Platform, registry: Registry
) -> None:
    registry.region = region
    assert aws.log_address(platform, "toys") == (
        f"https://{region}.console.{host}/cloudwatch/home?region={region}"
        "#logsV2:log-groups/log-group/$252Faws$252Fsm$252Ftoys"
    )


def test_a_version_without_an_image_is_refused(platform: Platform) -> None:
    aws.check(platform, {"version": 3, "model": "toys", "image": "registry/image"})
    with pytest.raises(UserError, match="image"):
        aws.check(platform, {"version": 3, "model": "toys"})


def test_before_the_first_release_nothing_serves(rollout: aws.AwsRollout, service: Service) -> None:
    assert rollout.stand() == Standing({OLD: 2}, {OLD: 100})
    service.config = "dev-toys"
    assert rollout.stand() == Standing()
    assert rollout.part["alarms"] == (), "the service looks at them"


def test_a_release_takes_a_fleet_of_its_version_and_of_the_settings(
    rollout: aws.AwsRollout, service: Service
) -> None:
    assert rollout.fleet(RECORD, Standing({OLD: 2}, {})).startswith("dev-toys-v3-")
    service.configs[NEW] = service.configs[OLD]
    service.configs[NEW]["DataCaptureConfig"] = {
        "EnableCapture": False, "InitialSamplingPercentage": 0,
        "DestinationS3Uri": "s3://b/captures",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"],
                                     "JsonContentTypes": ["application/json"]},
    }  # fmt: skip
    assert rollout.fleet(RECORD, Standing({OLD: 2, NEW: 3}, {})) == NEW
    service.configs[NEW]["ProductionVariants"][0]["InstanceType"] = "ml.m5.xlarge"
    assert rollout.fleet(RECORD, Standing({NEW: 3}, {})) != NEW


def test_a_fleet_is_made_of_the_approved_package_once(
    rollout: aws.AwsRollout, service: Service
) -> None:
    manifest = {"model": "toys", "version": 3, "artifact": {"sha256": "ab"}}
    for _ in range(2):
        rollout.bring_up(NEW, manifest)
    assert service.models[NEW]["MLOPS_VERSION"] == "3"
    assert service.configs[NEW]["ProductionVariants"][0]["ModelName"] == NEW
    service.refusal = error("ValidationException", "no such role", ResponseMetadata={
        "HTTPStatusCode": 400})  # fmt: skip
    rollout.bring_up(OLD, {**manifest, "version": 2})
    with pytest.raises(RefusedError, match="SageMaker refused the release: no such role"):
        rollout.bring_up("dev-toys-v4-000000", manifest)


def test_what_others_left_under_way_is_ended(
    rollout: aws.AwsRollout, service: Service, said: list[str]
) -> None:
    service.course = [pending("Baking", config=OLD), pending("Baking", config=OLD), {}]
    rollout.interrupt(NEW)
    assert service.alarms[OLD]["TreatMissingData"] == "breaching" and not service.course
    assert "ending the deployment of" in said[0]
    service.alarms.clear()
    service.course = [pending("Baking")]
    rollout.interrupt(NEW)  # its own goes on
    service.course, service.more = [], {}
    rollout.interrupt(NEW)
    assert not service.alarms
    service.course = [pending("Baking", config="by-hand"), {}]
    rollout.interrupt(NEW)
    assert not service.alarms, "a deployment of somebody else is waited for"


def test_a_canary_is_guarded_by_its_own_alarm_and_those_that_are_not_on(
    rollout: aws.AwsRollout, service: Service, said: list[str]
) -> None:
    service.course = [{}, pending("Creating"), pending("Creating"), pending("Creating", "Baking")]
    rollout.canary(NEW, OLD, 50)
    (update,) = service.updates
    alarms = update["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert [alarm["AlarmName"] for alarm in alarms] == [NEW, "dev-other"]
    assert service.alarms[NEW]["TreatMissingData"] == "notBreaching"
    assert not service.course, "it waits until the fleet has requests"
    assert "alarm 'dev-on' is on already: it is not the new version's" in said
    assert said[-2:] == [
        "endpoint dev-toys: Updating Creating",
        "endpoint dev-toys: Updating Baking",
    ]
    for more in (pending("Baking"), SERVED):
        service.course = [more]
        rollout.canary(NEW, OLD, 50)
    assert len(service.updates) == 1, "is under way, or done"


def test_a_fleet_that_the_service_took_back_is_a_verdict(
    rollout: aws.AwsRollout, service: Service
) -> None:
    service.more = {**GUARDED, "FailureReason": "an alarm fired"}
    calls: list[Callable[[], object]] = [
        lambda: rollout.canary(NEW, OLD, 50), lambda: rollout.shift(NEW, OLD),
        lambda: rollout.signals(NEW, NOON),
    ]  # fmt: skip
    reason = f"endpoint dev-toys is InService with {OLD}; an alarm fired"
    for call in calls:
        with pytest.raises(RefusedError, match=reason):
            call()
    assert not service.updates


def test_a_deployment_that_this_release_began_and_that_is_gone_was_taken_back(
    rollout: aws.AwsRollout, service: Service
) -> None:
    service.course = [{}, pending("Baking"), {}]
    rollout.canary(NEW, OLD, 50)
    with pytest.raises(RefusedError, match="an alarm fired, or the new instances failed"):
        rollout.signals(NEW, NOON)


def test_signals_are_of_whole_minutes_until_now(rollout: aws.AwsRollout, service: Service) -> None:
    """Of a fleet that serves, and whose deployment was guarded, nothing was taken back."""
    service.more = {**SERVED, **GUARDED}
    since = NOON.replace(minute=3, second=42, microsecond=5)
    assert rollout.signals(NEW, since) == Signals(0, 0, None)
    assert service.asked["StartTime"] == NOON.replace(minute=3)
    assert service.asked["EndTime"] == NOON.replace(minute=1)
    rollout.canary(NEW, OLD, 50)
    assert service.updates == []


def test_all_requests_go_to_the_fleet_and_its_alarm_goes(
    rollout: aws.AwsRollout, service: Service
) -> None:
    service.course = [{}, pending("Baking"), SERVED]
    rollout.shift(NEW, OLD)
    (update,) = service.updates
    assert "AutoRollbackConfiguration" not in update["DeploymentConfig"]
    assert service.deleted == [f"alarm {NEW}"]
    rollout.shift(NEW, OLD)
    assert len(service.updates) == 1, "it has them already"
    # A canary that is under way is waited for.
    service.course = [pending("Baking"), pending("Baking"), SERVED]
    rollout.shift(NEW, OLD)
    assert len(service.updates) == 1
    for end in ({**SERVED, "EndpointStatus": "Failed"}, {"EndpointStatus": "InService"}):
        service.course = [pending("Baking"), {**end, "FailureReason": "no capacity"}]
        with pytest.raises(RefusedError, match="no capacity"):
            rollout.shift(NEW, OLD)


def test_what_the_service_refuses_is_a_verdict_and_what_passes_is_none(
    rollout: aws.AwsRollout, service: Service
) -> None:
    service.refusal = error("ValidationException", "quota", ResponseMetadata={
        "HTTPStatusCode": 400})  # fmt: skip
    with pytest.raises(RefusedError, match="SageMaker refused the release: quota"):
        rollout.shift(NEW, OLD)
    service.refusal = error("ThrottlingException", "slower", ResponseMetadata={
        "HTTPStatusCode": 400})  # fmt: skip
    with pytest.raises(ClientError, match="slower"):
        rollout.shift(NEW, OLD)


@pytest.mark.parametrize(
    ("status", "kind"), [(500, RefusedError), (400, RefusedError), (503, PassingError),
                         (429, PassingError), (None, RefusedError)],
)  # fmt: skip
def test_a_container_that_fails_is_a_verdict_and_a_busy_one_is_none(
    status: int | None, kind: type[Exception], rollout: aws.AwsRollout, service: Service
) -> None:
    assert rollout.score({"instances": []}) == {"predictions": ["a"]}
    more = {} if status is None else {"OriginalStatusCode": status}
    service.refusal = error("ModelError", "broken", **more)
    text = f"the container answers {status or 500} to the input example: broken"
    with pytest.raises(kind, match=text):
        rollout.score({"instances": []})
    service.refusal = error("ThrottlingException", "slower")
    with pytest.raises(ClientError, match="slower"):
        rollout.score({"instances": []})
    service.refusal, service.body = None, b"<html>"
    with pytest.raises(PassingError, match="no JSON from endpoint dev-toys"):
        rollout.score({"instances": []})


def test_what_is_in_use_or_came_with_the_stack_is_not_removed(
    rollout: aws.AwsRollout, service: Service
) -> None:
    service.configs[NEW], service.models[NEW] = service.configs[OLD], {}
    rollout.remove(OLD)
    service.course = [pending("Baking")]
    rollout.remove(NEW)
    service.more = {}
    rollout.remove("dev-toys")
    assert service.deleted == []
    for _ in range(2):
        rollout.remove(NEW)
    assert service.deleted == [f"alarm {NEW}", f"config {NEW}", f"model {NEW}", f"alarm {NEW}"]


def test_the_registry_shows_the_champion_and_an_endpoint_that_is_gone_is_a_verdict(
    rollout: aws.AwsRollout, registry: Registry, service: Service
) -> None:
    rollout.show(3)
    assert registry.champion == 3
    service.is_there = False
    with pytest.raises(RefusedError, match="endpoint dev-toys is gone"):
        rollout.stand()
