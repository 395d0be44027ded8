"""The stack on Azure, up and running its own components on real processes."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.clouds import azure
from tests.clouds.azure_mirror import mirror
from tests.interpreters.azure_roles import principal, refused_operations
from tests.targets import clouds, running
from tests.targets.running import MODEL, Results
from training import clock
from training.captures import azure as captures
from training.pipeline import DRIFT_CHECK, TRAINING
from training.platform import platform_at

DATA = "https://mycompanydata.blob.core.windows.net/flights/"
WRITES_JOBS = "Microsoft.MachineLearningServices/workspaces/jobs/write"


class Azure:
    """The program's own components, run by the interpreter at the back end's request."""

    def __init__(
        self, platform: clouds.Platform, double: azure.Azure, folder: Path, config: dict[str, Any]
    ) -> None:
        self.double, self.folder = double, folder
        # The canary is over at once: a job looks every fifteen seconds.
        settings = {**config, "mlops:target": "azure", "mlops:endpoint": {"canaryMinutes": 0}}
        settings["azure-native:location"] = azure.SETTINGS["location"]
        settings["mlops:data"] = {**settings["mlops:data"], "location": DATA}
        platform.restore(settings)
        platform.up()
        mirror(double)
        folder.mkdir()
        double.mounts[DATA] = str(folder)
        store = platform.run("stack", "output", "store").strip()
        with self.environment():
            self.platform = platform_at(store, platform.project.path)
            # The endpoint answers with the version that it is told to serve.
            double.plane.begin(self.platform, MODEL)

    def environment(self) -> AbstractContextManager[None]:
        """An environment in which clients call this runner's double."""
        return azure.to(self.double)

    def month(self, file: Path) -> None:
        """A month's flights arrive."""
        shutil.copy(file, self.folder)

    def run(self, pipeline: str, **parameters: str) -> Results:
        """Run a pipeline; what its steps summed up."""
        with self.environment():
            return running.run(self.platform, pipeline, parameters)

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        """The deployment's data collector writes down a request, as the service does."""
        response = json.loads(answer)
        about = {"time": at.isoformat(), "correlationid": response["request_id"]}
        for kind, data in ((captures.REQUEST, json.loads(body)), (captures.RESPONSE, response)):
            place = f"models/{MODEL}/captures/{captures.folder(response['version'])}/{kind}"
            line = f"{json.dumps({**about, 'data': data})}\n"
            with self.environment():
                key = f"{place}/{at:%Y/%m/%d/%H}/{uuid.uuid4()}.jsonl"
                self.platform.store.write(key, line.encode())

    def react(self, at: datetime) -> list[Results]:
        """The drift check's own job starts jobs, as whom its compute acts as."""
        jobs = [
            job
            for job in self._jobs(TRAINING.name)
            if clock.parse(job["systemData"]["createdAt"]) >= at
        ]
        if jobs:
            (*_, check) = self._jobs(DRIFT_CHECK.name)
            caller = principal(self.double.cloud, check["properties"])
            refusals = refused_operations(self.double.cloud, caller, check["id"], WRITES_JOBS)
            assert not refusals, f"the drift check's job may not start another: {refusals}"
        with self.environment():
            return [running.await_results(self.platform, job["name"]) for job in jobs]

    def records(self, journal: str) -> list[dict[str, Any]]:
        """The records of one of the model's journals."""
        with self.environment():
            return running.records(self.platform, journal)

    def _jobs(self, pipeline: str) -> list[dict[str, Any]]:
        """A pipeline's jobs, oldest first."""
        return [
            job
            for path, job in self.double.resources.items()
            if "/jobs/" in path and job["properties"]["displayName"] == pipeline
        ]


@contextmanager
def running_azure(folder: Path, config: dict[str, Any]) -> Iterator[Azure]:
    """The stack on Azure, as long as the context lasts."""
    with (
        clouds.platform("azure", folder) as platform,
        azure.running(folder / "double", platform.cloud) as double,
    ):
        yield Azure(platform, double, folder / "data", config)
