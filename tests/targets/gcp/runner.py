"""The stack on Google Cloud, up and running its own pipelines on real processes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.clouds import gcp
from tests.clouds.discovery import Call
from tests.clouds.vertex import Logged, Vertex
from tests.interpreters import gcp_workflow
from tests.interpreters.gcp import Execution
from tests.interpreters.gcp_alerts import notify
from tests.targets import clouds, running
from tests.targets.running import MODEL, Results
from training import clock
from training.platform import platform_at

DATA = "my-company-data"


class Interpreted(Vertex):
    """The double, whose pipeline jobs are run by the interpreter into `folder`."""

    def __init__(self, root: Path, folder: Path) -> None:
        super().__init__(root)
        self.folder = folder

    def _pipelineJobs_create(self, call: Call) -> Any:  # noqa: N802 the method's own name
        job = super()._pipelineJobs_create(call)
        job["jobDetail"]["taskDetails"] = []
        return job

    def _end(self, job: dict[str, Any]) -> None:
        run = job["name"].rpartition("/")[2]
        body = {k: v for k, v in job.items() if k not in ("name", "createTime", "jobDetail")}
        execution = Execution(body, run, self.root, self.folder).start()
        for task, state in execution.tasks.items():
            task_detail = self._task_detail(task)
            worker = task_detail["executorDetail"]["containerDetail"]["mainJob"].rpartition("/")[2]
            self.logs[worker] = execution.log(task).splitlines()
            detail = {**task_detail, "state": state, "endTime": task_detail["startTime"]}
            job["jobDetail"]["taskDetails"].append(detail)
        failed = "FAILED" in execution.tasks.values()
        job["state"] = f"PIPELINE_STATE_{'FAILED' if failed else 'SUCCEEDED'}"
        job["endTime"] = job["createTime"]


class Gcp:
    """The stack, up, with its own specs; registry, endpoint and store are the double's."""

    def __init__(self, platform: clouds.Platform, vertex: Vertex, config: dict[str, Any]) -> None:
        self.cloud, self.vertex = platform.cloud, vertex
        self.data = vertex.root / DATA / "flights"
        self.data.mkdir(parents=True)
        settings = {
            **config,
            **{f"gcp:{key}": value for key, value in platform.target.settings.items()},
            "mlops:target": "gcp",
            # The double needs no time to show that it serves.
            "mlops:endpoint": {"canaryMinutes": 0},
        }
        settings["mlops:data"] = {**settings["mlops:data"], "location": f"gs://{DATA}/flights/"}
        platform.restore(settings)
        platform.up()
        self._mirror(platform)
        store = platform.run("stack", "output", "store").strip()
        self.platform = platform_at(store, platform.project.path)
        # The endpoint answers with the version that it is told to serve.
        vertex.plane.begin(self.platform, MODEL)

    def month(self, file: Path) -> None:
        """A month's flights arrive."""
        shutil.copy(file, self.data)

    def run(self, pipeline: str, **parameters: str) -> Results:
        """Run a pipeline; what its steps summed up."""
        return running.run(self.platform, pipeline, parameters)

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        """The endpoint logs a request that it answered, as the service does."""
        (endpoint,) = self.vertex.endpoints.values()
        (model_id,) = endpoint["trafficSplit"]
        row = Logged(model_id, at, str(len(self.vertex.rows)), [body.decode()], [answer.decode()])
        self.vertex.rows.append(row)

    def react(self, at: datetime) -> list[Results]:
        """Workflows start jobs, when they are told of alerts on what was measured then."""
        series = [
            point_series
            for point_series in self.vertex.series
            if clock.parse(point_series["points"][0]["interval"]["endTime"]) == at
        ]
        jobs = [
            gcp_workflow.run(json.loads(workflow.outputs["sourceContents"]), event)
            for workflow, event in notify(self.cloud, series)
        ]
        names = [job.rpartition("/")[2] for job in jobs if job is not None]
        return [running.await_results(self.platform, name) for name in names]

    def records(self, journal: str) -> list[dict[str, Any]]:
        """The records of one of the model's journals."""
        return running.records(self.platform, journal)

    def _mirror(self, platform: clouds.Platform) -> None:
        """Make the stack's objects and endpoints where clients can call them."""
        for row in platform.cloud.resources("gcp:storage/bucket:Bucket"):
            name = row.outputs["name"]
            for key, body in platform.cloud.objects(f"gs/{name}").items():
                path = self.vertex.root / name / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
        for row in platform.cloud.resources("gcp:vertex/aiEndpoint:AiEndpoint"):
            assert row.outputs["dedicatedEndpointEnabled"]
            self.vertex.endpoints[row.id] = gcp.dedicated_endpoint(
                row.id, row.outputs["displayName"]
            )


@contextmanager
def running_gcp(folder: Path, config: dict[str, Any]) -> Iterator[Gcp]:
    """The stack on Google Cloud, as long as the context lasts."""
    vertex = Interpreted(folder / "gcs", folder / "jobs")
    with gcp.environment(vertex), clouds.platform("gcp", folder) as platform:
        yield Gcp(platform, vertex, config)
