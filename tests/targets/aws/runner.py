"""The stack on AWS, up and running its own definitions on real processes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clouds import aws, aws_clients
from tests.clouds.aws_calls import Call
from tests.clouds.aws_mirror import definitions, mirror
from tests.clouds.sagemaker import Course
from tests.interpreters.aws import Execution
from tests.interpreters.aws_events import starts
from tests.targets import clouds, running
from tests.targets.running import MODEL, Results
from training.clients.aws import client
from training.pipeline import PIPELINES
from training.platform import platform_at
from training.runs import runs_of
from training.runs.schedules import Schedule
from training.serving import requests

DATA = "my-company-data"
ENDPOINT = f"models/{MODEL}/endpoint.json"


class Aws:
    """The program's own definitions, in the interpreter; S3, registry and endpoint are moto's."""

    def __init__(
        self,
        platform: clouds.Platform,
        address: str,
        calls: list[Call],
        folder: Path,
        config: dict[str, Any],
    ) -> None:
        self.platform, self.calls, self.folder, self.runs = platform, calls, folder, 0
        self.address, self.course = address, Course(stages=())
        settings = {**config, "mlops:target": "aws", "aws:region": aws.REGION}
        settings["mlops:data"] = {**settings["mlops:data"], "location": f"s3://{DATA}/flights/"}
        # Two of them decide what one process does on the other targets.
        settings["mlops:drift"] = {**settings.get("mlops:drift", {}), "instances": 2}
        settings["mlops:ci"] = {"github": {"repository": "my-company/flights"}}
        platform.restore(settings)
        platform.up()
        with self.environment():
            mirror(platform.cloud)
            self._hasten()
            # The endpoint answers with the version that it is told to serve.
            self.course.plane.begin(platform_at(f"s3://{self._bucket()}"), MODEL)

    def environment(self) -> AbstractContextManager[None]:
        """An environment in which clients call this runner's double."""
        return aws.environment(self.address, self.course)

    def month(self, file: Path) -> None:
        """A month's flights arrive."""
        with self.environment():
            s3 = aws_clients.client("s3")
            s3.put_object(Bucket=DATA, Key=f"flights/{file.name}", Body=file.read_bytes())

    def run(self, pipeline: str, **parameters: str) -> Results:
        """Run a pipeline; what its steps summed up."""
        (name,) = (
            name
            for name in definitions(self.platform.cloud)
            if name.endswith(f"{MODEL}-{pipeline}")
        )
        with self.environment():
            return self._execute(name, parameters)

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        """The endpoint captures a request that it answered, as the service does."""
        with self.environment():
            place = f"models/{MODEL}/captures/{MODEL}/main/{at:%Y/%m/%d/%H}"
            aws_clients.client("s3").put_object(
                Bucket=self._bucket(),
                Key=f"{place}/{uuid.uuid4()}.jsonl",
                Body=aws.captured(at, body, requests.JSON, answer),
            )

    def react(self, at: datetime) -> list[Results]:
        """EventBridge's rules start pipelines, when alarms tell of what was measured then."""
        with self.environment():
            return [self._execute(*start) for start in starts(self.platform.cloud, at)]

    def records(self, journal: str) -> list[dict[str, Any]]:
        """The records of one of the model's journals."""
        with self.environment():
            return running.records(platform_at(f"s3://{self._bucket()}"), journal)

    def schedules(self, *, role: str) -> list[Schedule]:
        """The schedules as the console shows them, in the name of a role."""
        platform = platform_at(f"s3://{self._bucket()}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", role)
            client.cache_clear()
            return runs_of(platform).schedules(platform, MODEL)

    def mlops(self, *arguments: str, role: str) -> str:
        """The command line, in the name of a role."""
        project, stack = self.platform.project, self.platform.stack
        pointer = project.path / ".mlops" / stack / "store"
        pointer.parent.mkdir(parents=True, exist_ok=True)
        pointer.write_text(self.platform.run("stack", "output", "store"))
        with self.environment(), pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", role)
            return project.mlops("-s", stack, *arguments)

    def _execute(self, pipeline: str, parameters: dict[str, str]) -> Results:
        self.runs += 1
        definition = definitions(self.platform.cloud)[pipeline]
        run = Execution(definition, f"run{self.runs:09d}", parameters, self.folder).start()
        assert not run.failure, run.failure
        # Parts of a divided step are the service's own.
        steps = {step.name for neutral in PIPELINES for step in neutral.steps}
        return {name: summary for name, summary in run.results().items() if name in steps}

    def _hasten(self) -> None:
        """Watch a canary for moments, which the settings do not allow: the double needs no more."""
        s3, place = aws_clients.client("s3"), {"Bucket": self._bucket(), "Key": ENDPOINT}
        document = json.loads(s3.get_object(**place)["Body"].read())
        s3.put_object(**place, Body=json.dumps({**document, "canary_minutes": 0.001}).encode())

    def _bucket(self) -> str:
        """The name of the store's."""
        rows = self.platform.cloud.resources("aws:s3/bucket:Bucket")
        (store,) = (row.outputs["bucket"] for row in rows if row.outputs["bucket"] != DATA)
        return store


@contextmanager
def running_aws(folder: Path, config: dict[str, Any]) -> Iterator[Aws]:
    """The stack on AWS, as long as the context lasts."""
    calls: list[Call] = []
    with aws.running(calls) as address, clouds.platform("aws", folder) as platform:
        yield Aws(platform, address, calls, folder / "jobs", config)
