"""Stacks that are up and run their own compiled pipelines on real flights."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import boto3
import numpy as np
import pytest
import yaml

from tests.clouds import aws, azure
from tests.clouds.aws_calls import Call
from tests.clouds.aws_mirror import definitions, mirror
from tests.clouds.azure_mirror import mirror as azure_mirror
from tests.clouds.sagemaker import Course
from tests.interpreters.aws import Execution
from tests.project import REPOSITORY, Project
from tests.targets import clouds
from tests.targets.gcp.runner import running_gcp
from training import release, versions
from training.captures import azure as captures
from training.platform import platform_at
from training.predictor import Predictor, load
from training.runs import runs_of
from training.serving import requests
from training.serving.capture import Captured, Captures
from training.store import open_store

MODEL = "flights"
Results = dict[str, dict[str, Any]]


class Runner(Protocol):
    """A stack of a target that is up, with the flights model."""

    def month(self, file: Path) -> None:
        """A month's flights arrive."""
        ...

    def run(self, pipeline: str) -> Results:
        """Run a pipeline; what its steps summed up."""
        ...


class Capturing(Runner, Protocol):
    """One whose endpoint captures."""

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        """The endpoint captures a request that it answered, both JSON, as the service does."""
        ...


def config() -> dict[str, Any]:
    """The settings of the flights model, as the stack of this repository has them."""
    file = REPOSITORY / "stacks" / "Pulumi.local.yaml"
    return yaml.safe_load(file.read_text())["config"]


class Local:
    """The reference: the local runner."""

    def __init__(self, folder: Path, first: Path) -> None:
        self.project = Project.make(folder / "project")
        self.data = self.project.path / ".mlops/data/flights"
        self.data.mkdir(parents=True)
        self.month(first)
        given = {key.removeprefix("mlops:"): value for key, value in config().items()}
        self.project.stack("local", given)
        self.project.up("local")

    def month(self, file: Path) -> None:
        shutil.copy(file, self.data)

    def run(self, pipeline: str) -> Results:
        if pipeline == "drift-check":
            return {"drift": self.project.json("drift")}
        return self.project.json({"training": "retrain"}[pipeline])["results"]

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        said, columns = json.loads(answer), self.champion().columns
        folder = self.project.path / f".mlops/local/models/{MODEL}/captures"
        folder.mkdir(exist_ok=True)
        writer = Captures(folder)
        answered = np.array(said["predictions"]), np.array(said["scores"])
        inputs = requests.parse(requests.JSON, body, columns)
        writer.add(Captured(said["request_id"], at, said["version"], inputs, *answered))
        writer.flush()

    def champion(self) -> Predictor:
        """The released model: the same on all targets."""
        store = open_store(str(self.project.path / ".mlops/local"))
        current = release.champion(store, MODEL)
        assert current is not None, "a version was released"
        return load(store, versions.manifest(store, MODEL, current.version))


class Aws:
    """The program's own definitions, in the interpreter; S3, registry and endpoint are moto's."""

    DATA = "my-company-data"

    def __init__(
        self, platform: clouds.Platform, address: str, calls: list[Call], folder: Path
    ) -> None:
        self.platform, self.calls, self.folder, self.runs = platform, calls, folder, 0
        # Deployments are over at once: a job looks every ten seconds.
        self.address, self.course = address, Course(stages=())
        given = {**config(), "aws:region": aws.REGION, "mlops:target": "aws"}
        given["mlops:data"] = {**given["mlops:data"], "location": f"s3://{self.DATA}/flights/"}
        given["mlops:ci"] = {"github": {"repository": "my-company/flights"}}
        file = platform.project.path / "stacks" / f"Pulumi.{platform.stack}.yaml"
        file.write_text(yaml.safe_dump({"config": given}))
        platform.up()
        with self.called():
            mirror(platform.cloud)

    def called(self) -> AbstractContextManager[None]:
        """An environment in which clients call this runner's double."""
        return aws.called(self.address, self.course)

    def month(self, file: Path) -> None:
        with self.called():
            s3 = boto3.client("s3")
            s3.put_object(Bucket=self.DATA, Key=f"flights/{file.name}", Body=file.read_bytes())

    def run(self, pipeline: str) -> Results:
        self.runs += 1
        found = definitions(self.platform.cloud)
        (name,) = (name for name in found if name.endswith(f"{MODEL}-{pipeline}"))
        with self.called():
            run = Execution(found[name], f"run{self.runs:09d}", {}, self.folder).start()
            assert not run.failure, run.failure
            return run.results()

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        with self.called():
            buckets = self.platform.cloud.resources("aws:s3/bucket:Bucket")
            (store,) = (row for row in buckets if row.outputs["bucket"] != self.DATA)
            place = f"models/{MODEL}/captures/{MODEL}/main/{at:%Y/%m/%d/%H}"
            boto3.client("s3").put_object(
                Bucket=store.outputs["bucket"],
                Key=f"{place}/{uuid.uuid4()}.jsonl",
                Body=aws.captured(at, body, requests.JSON, answer),
            )

    def mlops(self, *arguments: str, role: str) -> str:
        """The command line, in the name of a role."""
        project, stack = self.platform.project, self.platform.stack
        kept = project.path / ".mlops" / stack / "store"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(self.platform.run("stack", "output", "store"))
        with self.called(), pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", role)
            return project.mlops("-s", stack, *arguments)


class Azure:
    """The program's own components, run by the interpreter at the back end's request."""

    DATA = "https://mycompanydata.blob.core.windows.net/flights/"

    def __init__(self, platform: clouds.Platform, double: azure.Azure, folder: Path) -> None:
        self.stack, self.double, self.folder = platform, double, folder
        # The canary is over at once: a job looks every fifteen seconds.
        given = {**config(), "mlops:target": "azure", "mlops:endpoint": {"canaryMinutes": 0.01}}
        given["azure-native:location"] = azure.SETTINGS["location"]
        given["mlops:data"] = {**given["mlops:data"], "location": self.DATA}
        file = platform.project.path / "stacks" / f"Pulumi.{platform.stack}.yaml"
        file.write_text(yaml.safe_dump({"config": given}))
        self.up()
        folder.mkdir()
        double.mounts[self.DATA] = str(folder)
        store = platform.run("stack", "output", "store").strip()
        with self.called():
            self.platform = platform_at(store, platform.project.path)

    def called(self) -> AbstractContextManager[None]:
        """An environment in which clients call this runner's double."""
        return azure.to(self.double)

    def month(self, file: Path) -> None:
        shutil.copy(file, self.folder)

    def run(self, pipeline: str) -> Results:
        with self.called():
            started = runs_of(self.platform).start
            return started(self.platform, MODEL, pipeline, {}, lambda *told: None)["results"]

    def up(self) -> None:
        """Bring the stack up as its settings are now."""
        self.stack.up()
        azure_mirror(self.double)

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        said = json.loads(answer)
        about = {"time": at.isoformat(), "correlationid": said["request_id"]}
        for kind, data in ((captures.REQUEST, json.loads(body)), (captures.RESPONSE, said)):
            place = f"models/{MODEL}/captures/{captures.folder(said['version'])}/{kind}"
            line = f"{json.dumps({**about, 'data': data})}\n"
            with self.called():
                key = f"{place}/{at:%Y/%m/%d/%H}/{uuid.uuid4()}.jsonl"
                self.platform.store.write(key, line.encode())


@contextmanager
def running_azure(folder: Path) -> Iterator[Azure]:
    """The stack on Azure, as long as the context lasts."""
    with (
        clouds.platform("azure", folder) as platform,
        azure.running(folder / "double", platform.cloud) as double,
    ):
        yield Azure(platform, double, folder / "data")


@contextmanager
def running_aws(folder: Path) -> Iterator[Aws]:
    """The stack on AWS, as long as the context lasts."""
    calls: list[Call] = []
    with aws.running(calls) as address, clouds.platform("aws", folder) as platform:
        yield Aws(platform, address, calls, folder / "jobs")


# Targets whose runner captures as the service does.
CAPTURING = ("aws", "azure", "gcp")
RUNNERS: dict[str, Callable[[Path], AbstractContextManager[Runner]]] = {
    "aws": running_aws,
    "azure": running_azure,
    "gcp": lambda folder: running_gcp(folder, config()),
}
