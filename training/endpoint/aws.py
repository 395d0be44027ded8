"""The endpoint on SageMaker: a fleet is the instances of an endpoint configuration.

A release makes a model of the version's model package, a configuration and an alarm of its own,
and updates the endpoint: a blue/green deployment, in which the service itself shifts the traffic.
An endpoint has one configuration, so the fleet before is gone in the end. The alarm has the
dimension EndpointConfigName, so it sees the new fleet alone
(https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html); it
takes the release back even if nobody looks any more, and it is how a deployment that is under way
is ended: the service has no call for that, but goes back while an alarm is on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from training import clients, clock, versions
from training.clients import aws
from training.endpoint import DEFAULTS, RefusedError, Say, Signals, Standing
from training.endpoint.aws_fleet import IN_SERVICE, SETTLED, Fleet
from training.errors import PassingError
from training.platform import Platform
from training.registry.aws import SageMakerRegistry, open_at
from training.release import Release
from training.traffic import Record

DOCUMENT, ALARMS = "endpoint.json", "alarms.json"
# What a container that is not ready, or busy, answers.
NOT_READY = (408, 429, 502, 503, 504)


def health(platform: Platform, model: str) -> dict[str, Any] | None:
    """Description of the endpoint by the service; None if there is none."""
    fleet = _fleet(platform, model)
    description = fleet.describe()
    if description is None:
        return None
    region = open_at(platform.registry_uri).region
    return {
        "version": fleet.version(description["EndpointConfigName"]),
        "url": f"https://runtime.sagemaker.{region}.amazonaws.com"
        f"/endpoints/{fleet.name}/invocations",
        "in_service": description["EndpointStatus"] == IN_SERVICE
        or description["EndpointStatus"] not in SETTLED,
        "at": clock.text(description["LastModifiedTime"]),
    }


def traffic(platform: Platform, model: str) -> list[Record]:
    """The last day as CloudWatch has it, of all configurations of the endpoint."""
    return _fleet(platform, model).traffic(clock.now())


def log_address(platform: Platform, model: str) -> str:
    """The log group in CloudWatch's console, which writes a slash in a name as ``$252F``.

    No page documents that; it is the form of the links that people copy out of the console.
    """
    group = platform.part(model, DOCUMENT)["log_group"].replace("/", "$252F")
    region = open_at(platform.registry_uri).region
    console = "console.amazonaws.cn" if region.startswith("cn-") else "console.aws.amazon.com"
    return (
        f"https://{region}.{console}/cloudwatch/home?region={region}"
        f"#logsV2:log-groups/log-group/{group}"
    )


def check(platform: Platform, manifest: versions.Manifest) -> None:
    """Raise UserError if the version has no image to be served in."""
    versions.check_image(manifest)


def rollout(platform: Platform, model: str, say: Say) -> AwsRollout | None:
    """The endpoint; None if there is none."""
    fleet = _fleet(platform, model)
    return AwsRollout(platform, model, fleet, say) if fleet.describe() is not None else None


class AwsRollout:
    """The endpoint of one model."""

    def __init__(self, platform: Platform, model: str, fleet: Fleet, say: Say) -> None:
        # The service looks at the alarms that the settings name, and the release at none.
        self.part = {**fleet.part, "alarms": ()}
        self._model, self._fleet, self._say = model, fleet, say
        self._registry: SageMakerRegistry = open_at(platform.registry_uri)
        self._new_fleets: set[str] = set()
        self._model_alarms = {rule["alarm"] for rule in platform.part(model, ALARMS)["rules"]}

    def stand(self) -> Standing:
        config = self._description()["EndpointConfigName"]
        version = self._fleet.version(config)
        # Before the first release nothing serves: what is there answers 503.
        return Standing() if version is None else Standing({config: version}, {config: 100})

    def fleet(self, record: Release, standing: Standing) -> str:
        for config, version in standing.fleets.items():
            if version == record.version and self._fleet.is_current(config):
                return config
        return self._fleet.release_name(record.version)

    def interrupt(self, fleet: str) -> None:
        description = self._description()
        pending = description.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
        if description["EndpointStatus"] in SETTLED or pending == fleet:
            return
        self._say(f"endpoint {self._fleet.name}: ending the deployment of {pending}")
        if pending and self._fleet.is_release(pending):
            self._fleet.trip(pending)
        self._fleet.await_settlement(self._say)

    def bring_up(self, fleet: str, manifest: versions.Manifest) -> None:
        if self._description()["EndpointConfigName"] == fleet:
            return
        with _refusing():
            package = self._registry.approve(self._model, manifest["version"])
            self._fleet.create(fleet, package, manifest)

    def mirror(self, fleet: str, before: str, percent: int) -> None:
        """Do nothing: an endpoint with copies is another one, so the settings allow no share."""

    def canary(self, fleet: str, before: str, percent: int) -> None:
        description = self._description()
        if (
            description["EndpointConfigName"] == fleet
            or description["EndpointStatus"] not in SETTLED
        ):
            return
        self._check_not_taken_back(description, fleet)
        with _refusing():
            self._fleet.guard(fleet)
            self._fleet.update(fleet, description, self._guards(fleet))
        self._new_fleets.add(fleet)
        self._say(f"endpoint {self._fleet.name}: starting instances as {fleet}")
        self._fleet.await_shift(self._say)

    def signals(self, fleet: str, since: datetime) -> Signals:
        self._check_not_taken_back(self._description(), fleet)
        first = since.replace(second=0, microsecond=0)
        return self._fleet.signals(fleet, first, clock.now() + timedelta(minutes=1))

    def shift(self, fleet: str, before: str | None) -> None:
        description = self._description()
        if description["EndpointStatus"] in SETTLED and description["EndpointConfigName"] != fleet:
            self._check_not_taken_back(description, fleet)
            self._say(f"endpoint {self._fleet.name}: starting instances as {fleet}")
            with _refusing():
                self._fleet.update(fleet, description, None)
        description = self._fleet.await_settlement(self._say)
        if (description["EndpointConfigName"], description["EndpointStatus"]) != (
            fleet,
            IN_SERVICE,
        ):
            raise RefusedError(_reason(description))
        # It has nothing more to take back.
        self._fleet.unguard(fleet)

    def score(self, body: dict[str, Any]) -> dict[str, Any]:
        runtime = aws.client("sagemaker-runtime", self._registry.region)
        try:
            answer = runtime.invoke_endpoint(
                EndpointName=self._fleet.name,
                ContentType="application/json",
                Body=json.dumps(body).encode(),
            )
            return json.loads(answer["Body"].read())
        except ClientError as error:
            if aws.code(error) != "ModelError":
                raise
            status = error.response.get("OriginalStatusCode", 500)
            message = f"the container answers {status} to the input example: {aws.message(error)}"
            raise (PassingError if status in NOT_READY else RefusedError)(message) from error
        except ValueError as error:
            raise PassingError(f"no JSON from endpoint {self._fleet.name}: {error}") from None

    def remove(self, fleet: str) -> None:
        description = self._description()
        pending = description.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
        # "You must not delete an EndpointConfig that is in use" (API_DeleteEndpointConfig).
        if fleet not in (description["EndpointConfigName"], pending):
            self._fleet.remove(fleet)

    def show(self, version: int) -> None:
        self._registry.mark_champion(self._model, version)

    def _description(self) -> dict[str, Any]:
        description = self._fleet.describe()
        if description is None:
            raise RefusedError(f"endpoint {self._fleet.name} is gone")
        return description

    def _check_not_taken_back(self, description: dict[str, Any], fleet: str) -> None:
        """Raise RefusedError if the service ended a deployment of the fleet, and went back.

        What the endpoint's last deployment was guarded by tells which release it was of
        (API_DescribeEndpoint, LastDeploymentConfig).
        """
        if (
            description["EndpointStatus"] not in SETTLED
            or description["EndpointConfigName"] == fleet
        ):
            return
        last = description.get("LastDeploymentConfig", {}).get("AutoRollbackConfiguration", {})
        guards = {alarm["AlarmName"] for alarm in last.get("Alarms", ())}
        if fleet in self._new_fleets | guards:
            raise RefusedError(_reason(description))

    def _guards(self, fleet: str) -> list[str]:
        """The alarms that take the deployment back: its own, and others that are not on now."""
        other_alarms = [
            alarm for alarm in self._fleet.part["alarms"] if alarm not in self._model_alarms
        ]
        on = self._fleet.alarms_on(other_alarms)
        for alarm in on:
            self._say(f"alarm {alarm!r} is on already: it is not the new version's")
        return [fleet, *(alarm for alarm in other_alarms if alarm not in on)]


def _fleet(platform: Platform, model: str) -> Fleet:
    region = open_at(platform.registry_uri).region
    return Fleet(
        {**DEFAULTS, **platform.part(model, DOCUMENT)},
        aws.client("sagemaker", region),
        aws.client("cloudwatch", region),
    )


def _reason(description: dict[str, Any]) -> str:
    """The reason that the service serves another configuration than the release's."""
    reason = description.get("FailureReason", "an alarm fired, or the new instances failed")
    return (
        f"endpoint {description['EndpointName']} is {description['EndpointStatus']} with "
        f"{description['EndpointConfigName']}; {reason}"
    )


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn a refusal of the service into a verdict on the version."""
    try:
        yield
    except ClientError as error:
        if clients.is_refusal(error):
            raise RefusedError(f"SageMaker refused the release: {aws.message(error)}") from error
        raise
