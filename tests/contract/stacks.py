"""Stacks of the targets with one model and nothing released, brought up without the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.drift.test_step import PLAIN
from tests.installed import has, only
from tests.project import REPOSITORY
from tests.serving.platforms import make_platform, register, write_part
from tests.serving.servers import Server
from training import steps, versions
from training.pipeline import DRIFT_CHECK, PIPELINES
from training.platform import DOCUMENT, Platform
from training.registry import open_registry

if TYPE_CHECKING or has("aws"):
    from tests.clouds import aws
    from tests.clouds.sagemaker import Course
if TYPE_CHECKING or has("azure"):
    from tests.clouds import azure, azure_stack
if TYPE_CHECKING or has("gcp"):
    from tests.clouds import gcp
    from training.jobs import gcp as job

MODEL = "toys"
# Drift is checked at half past six in Berlin.
DAILY = {"cron": "30 6 * * *", "timezone": "Europe/Berlin"}
CHECK_SETTINGS = {name.replace("-", "_"): value for name, value in PLAIN.items()}


class Stack(Protocol):
    """A stack, and what a test wants to go wrong there."""

    platform: Platform
    model: str

    def failing(self, step: str) -> AbstractContextManager[str]:
        """Let a step fail meanwhile; what its error has to say."""
        ...

    def serve(self) -> None:
        """Let the endpoint run; nothing is released there."""
        ...

    def register(self, estimator: Any = None) -> int:
        """Register a version, as a pipeline does."""
        ...

    def schedule(self, *, on: bool) -> None:
        """Let drift be checked as `DAILY` says, or switch that off where it is done."""
        ...


class Local:
    """The local runner, on this checkout's code."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        folder = request.getfixturevalue("tmp_path")
        self.platform, self.model, self._request = make_platform(folder), MODEL, request
        values = {**CHECK_SETTINGS, "model": MODEL, "store": self.platform.store.uri}
        settings = {name: values.get(name) for name in DRIFT_CHECK.steps[0].settings}
        (step,) = DRIFT_CHECK.steps
        definition = {
            "package": str(REPOSITORY),
            "parameters": dict(DRIFT_CHECK.parameters),
            "steps": [
                {
                    "name": step.name,
                    "arguments": step.arguments(
                        settings,
                        lambda name: f"{{outputs.{name}}}" if name == step.name else str(folder),
                        "{{parameters.{}}}".format,
                    ),
                    "after": [],
                    "when": [],
                    "repeat": step.repeat,
                }
            ],
        }
        write_part(self.platform, MODEL, f"pipelines/{DRIFT_CHECK.name}.json", definition)

    def failing(self, step: str) -> AbstractContextManager[str]:
        return without_document(self.platform)

    def serve(self) -> None:
        self.server = Server(self.platform)
        self._request.addfinalizer(self.server.stop)

    def register(self, estimator: Any = None) -> int:
        return register(self.platform, estimator=estimator)

    def schedule(self, *, on: bool) -> None:
        _write_schedules(self.platform)
        if on:
            self.serve()


class Aws:
    """SageMaker's double, whose one step is run in this process."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        request.getfixturevalue("aws_called")
        self.folder: Path = request.getfixturevalue("tmp_path")
        self.course: Course = request.getfixturevalue("course")
        self.course.outcomes = {"drift": self._check}
        self.platform, self.model = aws.stack(MODEL, self.folder), MODEL
        self.plane = self.course.plane
        self.plane.begin(self.platform, MODEL)

    @contextmanager
    def failing(self, step: str) -> Iterator[str]:
        self.course.outcomes = {step: "out of luck"}
        yield "out of luck"
        self.course.outcomes = {step: self._check}

    def serve(self) -> None:
        aws.bootstrap(self.platform, MODEL)

    def register(self, estimator: Any = None) -> int:
        version = register(self.platform, estimator=estimator)
        run = f"run-{version}"
        aws.enter(self.platform.registry_uri, {"model": MODEL, "run": run})
        return version

    def schedule(self, *, on: bool) -> None:
        name = f"{self.platform.stack}-drift-check"
        _write_schedules(self.platform, name)
        aws.schedule(name, DAILY["timezone"], on=on)

    def _check(self, run: str) -> dict[str, object]:
        captures = f"{self.platform.store.uri}/models/{MODEL}/captures"
        flags = _check_flags(self.platform, run, self.folder, self.folder / run, captures)
        summary = steps.run("drift", flags)
        line = f"{summary['verdict']}: {summary['rows']} rows"
        aws.logged("/aws/sagemaker/ProcessingJobs", f"job-drift-{run}/algo-1", line)
        return summary


class Azure:
    """Azure's double, which really runs the compiled component."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.double: azure.Azure = request.getfixturevalue("azure_called")
        self.double.resources.clear()
        folder: Path = request.getfixturevalue("tmp_path")
        self.model = MODEL
        self.platform = azure_stack.stack(
            self.double, MODEL, folder, str(folder), CHECK_SETTINGS, PIPELINES
        )
        self.plane = self.double.plane
        self.plane.begin(self.platform, MODEL)

    def failing(self, step: str) -> AbstractContextManager[str]:
        return without_document(self.platform)

    def serve(self) -> None:
        azure_stack.serve(self.double)

    def register(self, estimator: Any = None) -> int:
        version = register(self.platform, estimator=estimator)
        manifest = versions.manifest(self.platform.store, MODEL, version)
        assert open_registry(self.platform.registry_uri).number(manifest) == version
        return version

    def schedule(self, *, on: bool) -> None:
        name = "mlops-test-toys-drift-check"
        _write_schedules(self.platform, name)
        azure_stack.schedule(self.double, name, DAILY["cron"], on=on)


class Gcp:
    """Vertex AI's double, whose one step is run in this process by the entry of its tasks."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        request.getfixturevalue("gcp_called")
        self.vertex = gcp.current()
        self.vertex.outcomes = {"drift": self._check}
        folder = request.getfixturevalue("tmp_path")
        self.platform, self.model, self.folder = (
            gcp.stack(self.vertex, MODEL, folder),
            MODEL,
            folder,
        )
        self.plane = self.vertex.plane
        self.plane.begin(self.platform, MODEL)

    def failing(self, step: str) -> AbstractContextManager[str]:
        return without_document(self.platform)

    def serve(self) -> None:
        gcp.serve(self.vertex, self.platform, MODEL)

    def register(self, estimator: Any = None) -> int:
        version = register(self.platform, estimator=estimator)
        assert gcp.enter(self.platform, MODEL, f"run-{version}") == version
        return version

    def schedule(self, *, on: bool) -> None:
        name = gcp.schedule(self.vertex, DAILY["cron"], DAILY["timezone"], on=on)
        _write_schedules(self.platform, name)

    def _check(self, run: str) -> tuple[bool, str]:
        bucket = self.vertex.root / self.platform.store.uri.removeprefix("gs://")
        out = bucket / f"models/{MODEL}/runs/{run}/outputs/drift"
        captures = "bq://my-project.mlops_test.toys"
        flags = _check_flags(self.platform, run, self.folder, out, captures)
        with redirect_stdout(StringIO()) as output:
            code = job.main(["drift", *flags])
        return code == 0, output.getvalue()


def _write_schedules(platform: Platform, name: str | None = None) -> None:
    """The document of the schedules, with the schedule's `name` at the service."""
    times = {**DAILY, "schedule": name} if name else DAILY
    part = {"drift_check": times, "on_drift": False, "retention_days": 30}
    write_part(platform, MODEL, "schedules.json", part)


@contextmanager
def without_document(platform: Platform) -> Iterator[str]:
    """The stack's document is missing meanwhile, which every step says."""
    store = platform.store
    document = store.read(DOCUMENT)
    store.delete(DOCUMENT)
    yield DOCUMENT
    store.write(DOCUMENT, document)


def _check_flags(platform: Platform, run: str, data: Path, out: Path, captures: str) -> list[str]:
    """Arguments of the drift check's one step."""
    flags = {
        **PLAIN,
        "model": MODEL,
        "store": platform.store.uri,
        "captures": captures,
        "data": str(data),
        "run": run,
        "out": str(out),
    }
    return [f"--{name}={value}" for name, value in flags.items()]


STACKS: dict[str, Callable[[pytest.FixtureRequest], Stack]] = only(
    {"local": Local, "aws": Aws, "azure": Azure, "gcp": Gcp}
)
