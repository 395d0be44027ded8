"""The endpoint of one model on SageMaker, and the configurations that its releases made."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from training.clients import aws
from training.endpoint import Say, aws_requests
from training.errors import UserError
from training.scoring import VERSION

IN_SERVICE = "InService"
SETTLED = (IN_SERVICE, "OutOfService", "Failed", "UpdateRollbackFailed")
POLL_SECONDS = 10.0


@dataclass(frozen=True)
class Fleet:
    """`part` is the model's ``endpoint.json``."""

    part: dict[str, Any]
    client: Any

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.part["endpoint"]

    def describe(self) -> dict[str, Any] | None:
        """What the service says of the endpoint; None if there is none."""
        try:
            return self.client.describe_endpoint(EndpointName=self.name)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def version(self, config: str) -> int | None:
        """The version that a configuration serves; None of one that no release made."""
        found = self.client.describe_endpoint_config(EndpointConfigName=config)
        name = found["ProductionVariants"][0]["ModelName"]
        container = self.client.describe_model(ModelName=name)["PrimaryContainer"]
        served = container.get("Environment", {}).get(VERSION)
        return None if served is None else int(served)

    def is_current(self, config: str) -> bool:
        """Whether a configuration has the instances and the capture of the settings."""
        found = self.client.describe_endpoint_config(EndpointConfigName=config)
        wanted = aws_requests.settings(self.part)
        pairs = (
            (wanted["DataCaptureConfig"], found.get("DataCaptureConfig", {})),
            (wanted["ProductionVariants"][0], found["ProductionVariants"][0]),
        )
        return all(has.get(key) == value for want, has in pairs for key, value in want.items())

    def release_name(self, version: int) -> str:
        """A new name for a release's model and configuration."""
        return f"{self._releases}{version}-{secrets.token_hex(3)}"

    def create(self, name: str, package: str, manifest: dict[str, Any]) -> None:
        """Make the model and the configuration of a release."""
        self.client.create_model(**aws_requests.create_model(self.part, name, package, manifest))
        self.client.create_endpoint_config(**aws_requests.create_config(self.part, name))

    def update(self, name: str, found: dict[str, Any]) -> None:
        """Begin the deployment of the configuration `name`."""
        instances = found["ProductionVariants"][0]["DesiredInstanceCount"]
        self.client.update_endpoint(**aws_requests.update_endpoint(self.part, name, instances))

    def settled(self, say: Say) -> dict[str, Any]:
        """What the service says of the endpoint once nothing is under way; tells of stages."""
        told = ""
        while True:
            found = self.client.describe_endpoint(EndpointName=self.name)
            if found["EndpointStatus"] in SETTLED:
                return found
            stage = _stage(found)
            if stage != told:
                say(f"endpoint {self.name}: {stage}")
                told = stage
            time.sleep(POLL_SECONDS)

    @contextmanager
    def removing_on_error(self, name: str) -> Iterator[None]:
        """Take back a release's model and configuration if the service does not serve it."""
        try:
            yield
        except ClientError as error:
            self.remove(name)
            raise UserError(f"SageMaker refused the release: {aws.message(error)}") from error
        except UserError:
            self.remove(name)
            raise

    def remove(self, config: str) -> None:
        """Delete what a release made; the configuration that came with the stack is left."""
        if config.startswith(self._releases):
            _deleted(lambda: self.client.delete_endpoint_config(EndpointConfigName=config))
            _deleted(lambda: self.client.delete_model(ModelName=config))

    def empty(self) -> bool:
        """Delete what all releases made, if there is any, once the endpoint itself is gone."""
        configs = self._named("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName")
        models = self._named("list_models", "Models", "ModelName")
        for config in configs:
            self.client.delete_endpoint_config(EndpointConfigName=config)
        for model in models:
            self.client.delete_model(ModelName=model)
        return bool(configs or models)

    def _named(self, operation: str, found: str, key: str) -> list[str]:
        """The names of what releases of this endpoint, and of no other, made."""
        pages = self.client.get_paginator(operation).paginate(NameContains=self._releases)
        names = [each[key] for page in pages for each in page[found]]
        ours = re.compile(rf"{re.escape(self._releases)}\d+-[0-9a-f]{{6}}")
        return [name for name in names if ours.fullmatch(name)]

    @property
    def _releases(self) -> str:
        """What the names of all releases' models and configurations begin with."""
        return f"{self.name}-v"


def _deleted(delete: Callable[[], Any]) -> None:
    try:
        delete()
    except ClientError as error:
        if not _is_missing(error):
            raise


def _is_missing(error: ClientError) -> bool:
    return "Could not find" in aws.message(error)


def _stage(found: dict[str, Any]) -> str:
    """What the service is doing, in words."""
    pending = found.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    doing = [status for variant in pending for status in variant.get("VariantStatus", [])]
    told = doing[-1].get("StatusMessage") or doing[-1]["Status"] if doing else ""
    return f"{found['EndpointStatus']} {told}".rstrip()
