"""The targets as the contract suites see them: the same tests for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.contract.backends import BACKENDS, Backend
from tests.contract.stacks import STACKS, Stack
from tests.installed import has

if TYPE_CHECKING or has("aws"):
    from tests.clouds import aws
    from tests.clouds.sagemaker import Course
if TYPE_CHECKING or has("azure"):
    from tests.clouds import azure
if TYPE_CHECKING or has("gcp"):
    from tests.clouds import gcp
    from tests.clouds.vertex import Vertex


@pytest.fixture(scope="session")
def course() -> Course:
    """What deployments and executions of the AWS double come to."""
    return Course()


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    """The address of the AWS double."""
    with aws.running() as address:
        yield address


@pytest.fixture(scope="module")
def aws_called(aws_server: str, course: Course) -> Iterator[None]:
    """Clients of AWS call the double."""
    with aws.environment(aws_server, course):
        yield


@pytest.fixture(scope="module")
def azure_called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[azure.Azure]:
    """Requests to Azure go to the double."""
    with azure.environment(tmp_path_factory.mktemp("azure")) as double:
        yield double


@pytest.fixture(scope="module")
def gcp_called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Clients of Google Cloud call the double."""
    with gcp.environment(Vertex(tmp_path_factory.mktemp("gcs"))):
        yield


@pytest.fixture(params=BACKENDS, scope="module")
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """A target's store and registry; a cloud's double is started where it is needed."""
    make = BACKENDS[request.param]
    for fixture in make.needs:
        request.getfixturevalue(fixture)
    return make(tmp_path_factory.mktemp(request.param))


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> Stack:
    """A target's stack with one model and no release."""
    return STACKS[request.param](request)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A double does not need time between two looks."""
    monkeypatch.setattr("training.runs.follow.POLL_SECONDS", 0.05)
    if has("aws"):
        monkeypatch.setattr("training.endpoint.aws_fleet.POLL_SECONDS", 0)
        monkeypatch.setattr(
            "botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0
        )
    if has("azure"):
        monkeypatch.setattr("training.endpoint.azure_deployments.POLL_SECONDS", 0)
    monkeypatch.setattr("training.deployment.WATCH_SECONDS", 0.01)
    monkeypatch.setattr("training.deployment.VERIFY_SECONDS", 1)
    monkeypatch.setattr("training.deployment.VERIFY_POLL_SECONDS", 0.01)
    monkeypatch.setattr("training.clients.http.DEADLINE_SECONDS", 5.0)
    monkeypatch.setattr("training.clients.http.FIRST_PAUSE_SECONDS", 0.01)
