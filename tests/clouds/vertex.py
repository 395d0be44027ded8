"""Google Cloud's services as far as the back ends call them: what is kept, and what a call does.

Buckets are folders below `root`, so a test can mount them as Vertex AI does. A pipeline job runs
one step: what comes of it is for the test to say.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
from pulumi_simcloud import deployments
from pulumi_simcloud.failures import CloudError

from tests.clouds.discovery import Call, RefusedError
from tests.clouds.gcp_bigquery import SCHEMA, Queries
from tests.clouds.gcp_calls import UPLOAD_READS, all_permissions
from tests.clouds.plane import Plane

# What a step does, given its run: whether it succeeded, and what it printed.
Outcome = Callable[[str], tuple[bool, str]]


@dataclass(frozen=True)
class Logged:
    """A request as the endpoint logs it; payloads are lists of texts."""

    deployment: str
    at: datetime
    request: str
    requests: list[str]
    responses: list[str]


class Vertex:
    """All services, in memory but for objects; `service` answers a call."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.outcomes: dict[str, Outcome] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.models: dict[str, list[dict[str, Any]]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.schedules: dict[str, dict[str, Any]] = {}
        # The responses of long operations, by name.
        self.operations: dict[str, Any] = {}
        # Those that somebody waited for.
        self.awaited: set[str] = set()
        self.series: list[dict[str, Any]] = []
        self.open_alerts: list[str] = []
        # Every share of the traffic there has been.
        self.splits: list[dict[str, int]] = []
        self.rows: list[Logged] = []
        self.queries = Queries(self._partitions)
        self.logs: dict[str, list[str]] = {}
        self.plane = Plane()
        # Statuses that the next requests are answered with, whatever they ask.
        self.busy: list[int] = []
        self._metadata: dict[Path, dict[str, str]] = {}
        self._lock = threading.Lock()

    def _partitions(self) -> Mapping[date, pa.Table]:
        """The logged rows as their table has them, by day."""
        by_day: dict[date, list[dict[str, Any]]] = {}
        for row in self.rows:
            fields = {
                "endpoint": "1",
                "deployed_model_id": row.deployment,
                "logging_time": row.at,
                "request_id": int(row.request),
                "request_payload": row.requests,
                "response_payload": row.responses,
            }
            by_day.setdefault(row.at.astimezone(timezone.utc).date(), []).append(fields)
        return {day: pa.Table.from_pylist(rows, SCHEMA) for day, rows in by_day.items()}

    def service(self, call: Call) -> Any:
        """The answer to a call; raises RefusedError as the service refuses."""
        name = re.sub(r"^\w+\.(projects\.)?(locations\.)?", "", call.method)
        if self.busy and not name.startswith("objects"):
            raise RefusedError(self.busy.pop(0), "later")
        return getattr(self, f"_{name.replace('.', '_')}")(call)

    # Cloud Storage

    def _objects_get(self, call: Call) -> Any:
        path = self._path(call.path["bucket"], call.path["object"])
        if not path.is_file():
            raise RefusedError(404, f"No such object: {call.path['object']}")
        if call.query.get("alt") == "media":
            return path.read_bytes()
        return {"name": call.path["object"], "metadata": self._metadata.get(path, {})}

    def _objects_insert(self, call: Call) -> Any:
        described, content = call.body
        path = self._path(call.path["bucket"], described["name"])
        with self._lock:
            if call.query.get("ifGenerationMatch") == "0" and path.exists():
                raise RefusedError(412, "At least one of the pre-conditions did not hold.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            self._metadata[path] = described.get("metadata", {})
        return {"name": described["name"]}

    def _objects_list(self, call: Call) -> Any:
        bucket = self.root / call.path["bucket"]
        names = sorted(
            os.path.relpath(os.path.join(folder, name), bucket)
            for folder, _, files in os.walk(bucket)
            for name in files
        )
        matches = [name for name in names if name.startswith(call.query.get("prefix", ""))]
        # Two a page, so that every listing comes in pages.
        first = int(call.query.get("pageToken", 0))
        more = {"nextPageToken": str(first + 2)} if first + 2 < len(matches) else {}
        return {"items": [{"name": name} for name in matches[first : first + 2]], **more}

    def _objects_delete(self, call: Call) -> Any:
        path = self._path(call.path["bucket"], call.path["object"])
        if not path.is_file():
            raise RefusedError(404, "No such object")
        path.unlink()
        return b""

    def _path(self, bucket: str, key: str) -> Path:
        return self.root / bucket / key

    # The registry

    def _models_upload(self, call: Call) -> Any:
        parent = _parent(call)
        entry = call.body.get("parentModel") or f"{parent}/models/{call.body['modelId']}"
        # Whoever uploads reads the folder and the image: the service's agent, or the account named
        # here (UploadModelRequest.serviceAccount), which in a stack is that of the containers.
        if "serviceAccount" in call.body and not all_permissions("endpoint") >= UPLOAD_READS:
            raise RefusedError(400, f"{call.body['serviceAccount']} lacks {sorted(UPLOAD_READS)}")
        versions = self.models.setdefault(entry, [])
        if bool(versions) != ("parentModel" in call.body):
            raise RefusedError(400, f"{entry} has {len(versions)} versions")
        number = str(len(versions) + 1)
        versions.append({**call.body["model"], "name": entry, "versionId": number})
        return self._begin(entry, {"model": entry, "modelVersionId": number})

    def _models_delete(self, call: Call) -> Any:
        entry = f"{_parent(call)}/models/{call.path['modelsId']}"
        if entry not in self.models:
            raise RefusedError(404, f"{entry} is not found")
        deployed = [
            deployment
            for endpoint in self.endpoints.values()
            for deployment in endpoint["deployedModels"]
        ]
        if any(deployment["model"].partition("@")[0] == entry for deployment in deployed):
            raise RefusedError(400, f"{entry} is deployed")
        del self.models[entry]
        return self._begin(entry, {})

    def _models_listVersions(self, call: Call) -> Any:  # noqa: N802 the method's own name
        entry = f"{_parent(call)}/models/{call.path['modelsId']}"
        if entry not in self.models:
            raise RefusedError(404, f"{entry} is not found")
        return {"models": self.models[entry]}

    def _models_mergeVersionAliases(self, call: Call) -> Any:  # noqa: N802
        name, _, version = call.path["modelsId"].partition("@")
        versions = self.models[f"{_parent(call)}/models/{name}"]
        for old_version in versions:
            old_version["versionAliases"] = [
                alias
                for alias in old_version.get("versionAliases", [])
                if alias not in call.body["versionAliases"]
            ]
        versions[int(version) - 1]["versionAliases"] += call.body["versionAliases"]
        return versions[int(version) - 1]

    # Endpoints

    def _endpoints_get(self, call: Call) -> Any:
        return self._endpoint(call)

    def _endpoints_patch(self, call: Call) -> Any:
        if call.query.get("updateMask") != "trafficSplit":
            raise RefusedError(400, "only the traffic is changed here")
        endpoint = self._endpoint(call)
        with service_refusals():
            deployments.share(endpoint, call.body["trafficSplit"])
        self.splits.append(endpoint["trafficSplit"])
        return endpoint

    def _endpoints_deployModel(self, call: Call) -> Any:  # noqa: N802
        endpoint, deployment = self._endpoint(call), call.body["deployedModel"]
        entry, _, version = deployment["model"].partition("@")
        if int(version) > len(self.models.get(entry, [])):
            raise RefusedError(404, f"{deployment['model']} is not found")
        with service_refusals():
            deployments.deploy(endpoint, call.body)
        endpoint["deployedModels"][-1]["modelVersionId"] = version
        self.splits.append(endpoint["trafficSplit"])
        return self._begin(endpoint["name"], {})

    def _endpoints_undeployModel(self, call: Call) -> Any:  # noqa: N802
        endpoint = self._endpoint(call)
        with service_refusals():
            deployments.undeploy(endpoint, call.body)
        return self._begin(endpoint["name"], {})

    def _endpoints_rawPredict(self, call: Call) -> Any:  # noqa: N802
        """The container's own answer, its status too; by the split of the traffic."""
        endpoint = self._endpoint(call)
        if call.host != endpoint["dedicatedEndpointDns"]:
            # "you won't be able to send request to the shared DNS": the API's own description.
            raise RefusedError(400, "Dedicated endpoint: use its own DNS")
        split = endpoint["trafficSplit"]
        deployed = max(split, key=lambda number: split[number])
        status, body = self.plane.reply(int(deployed) // 100, json.dumps(call.body).encode())
        if status != 200:
            raise RefusedError(status, body.decode())
        return body

    def _endpoints_operations_list(self, call: Call) -> Any:
        """None is under way: each is done before its answer."""
        return {}

    def _endpoint(self, call: Call) -> dict[str, Any]:
        name = f"{_parent(call)}/endpoints/{call.path['endpointsId']}"
        if name not in self.endpoints:
            raise RefusedError(404, f"{name} is not found")
        return self.endpoints[name]

    # Pipelines

    def _pipelineJobs_create(self, call: Call) -> Any:  # noqa: N802
        name = f"{_parent(call)}/pipelineJobs/{call.query['pipelineJobId']}"
        if name in self.jobs:
            raise RefusedError(409, f"{name} exists")
        self.jobs[name] = {
            **call.body,
            "name": name,
            "createTime": _now(),
            "state": "PIPELINE_STATE_RUNNING",
            "jobDetail": {"taskDetails": [self._task_detail(task) for task in _tasks(call.body)]},
        }
        return self.jobs[name]

    def _pipelineJobs_get(self, call: Call) -> Any:  # noqa: N802
        job = self._job(call)
        copy = json.loads(json.dumps(job))
        # It goes on while nobody looks.
        if job["state"] == "PIPELINE_STATE_RUNNING":
            self._end(job)
        return copy

    def _pipelineJobs_list(self, call: Call) -> Any:  # noqa: N802
        jobs = [
            {key: value for key, value in job.items() if key != "jobDetail"}
            for job in self.jobs.values()
            if f'display_name="{job["displayName"]}"' in call.query["filter"]
        ]
        return {"pipelineJobs": jobs[::-1][: int(call.query["pageSize"])]}

    def _pipelineJobs_delete(self, call: Call) -> Any:  # noqa: N802
        job = self._job(call)
        if job["state"] == "PIPELINE_STATE_RUNNING":
            raise RefusedError(400, "the job is running")
        del self.jobs[job["name"]]
        return self._begin(job["name"], {})

    def _job(self, call: Call) -> dict[str, Any]:
        name = f"{_parent(call)}/pipelineJobs/{call.path['pipelineJobsId']}"
        if name not in self.jobs:
            raise RefusedError(404, f"{name} is not found")
        return self.jobs[name]

    @staticmethod
    def _task_detail(task: str) -> dict[str, Any]:
        worker = f"projects/1/locations/europe-west1/customJobs/{abs(hash((task, _now())))}"
        detail = {"containerDetail": {"mainJob": worker}}
        return {
            "taskName": task,
            "state": "RUNNING",
            "startTime": _now(),
            "executorDetail": detail,
        }

    def _end(self, job: dict[str, Any]) -> None:
        run = job["name"].rpartition("/")[2]
        for task in job["jobDetail"]["taskDetails"]:
            succeeded, output = self.outcomes[task["taskName"]](run)
            worker = task["executorDetail"]["containerDetail"]["mainJob"].rpartition("/")[2]
            self.logs[worker] = output.splitlines()
            task["state"] = "SUCCEEDED" if succeeded else "FAILED"
            task["endTime"] = _now()
            if not succeeded:
                task["error"] = {"code": 9, "message": "The replica exited with status 1."}
            job["state"] = f"PIPELINE_STATE_{task['state']}"
        job["endTime"] = _now()

    def _schedules_get(self, call: Call) -> Any:
        name = f"{_parent(call)}/schedules/{call.path['schedulesId']}"
        if name not in self.schedules:
            raise RefusedError(404, f"{name} is not found")
        return self.schedules[name]

    # Long operations

    def _begin(self, of: str, response: Any) -> Any:
        """An operation on something, that is done when it is asked for."""
        name = f"{of}/operations/{len(self.operations) + 1}"
        self.operations[name] = response
        return {"name": name}

    def _models_operations_get(self, call: Call) -> Any:
        return self._finished_operation(f"models/{call.path['modelsId']}", call)

    def _endpoints_operations_get(self, call: Call) -> Any:
        return self._finished_operation(f"endpoints/{call.path['endpointsId']}", call)

    def _pipelineJobs_operations_get(self, call: Call) -> Any:  # noqa: N802
        return self._finished_operation(f"pipelineJobs/{call.path['pipelineJobsId']}", call)

    def _finished_operation(self, of: str, call: Call) -> Any:
        name = f"{_parent(call)}/{of}/operations/{call.path['operationsId']}"
        self.awaited.add(name)
        return {"name": name, "done": True, "response": self.operations[name]}

    # Monitoring, captures, logs

    def _alerts_list(self, call: Call) -> Any:
        alerts = [{"state": "OPEN", "policy": {"name": name}} for name in self.open_alerts]
        return {"alerts": alerts}

    def _timeSeries_list(self, call: Call) -> Any:  # noqa: N802
        match = re.search(r'deployed_model_id="(\d+)"', call.query["filter"])
        if match:
            return {"timeSeries": self._signals(match[1], call.query)}
        if (
            "/prediction/online/" in call.query["filter"]
            and "aggregation.alignmentPeriod" in call.query
        ):
            return {"timeSeries": self._day(call.query)}
        first, last = call.query["interval.startTime"], call.query["interval.endTime"]
        series_found = [
            series
            for series in reversed(self.series)
            if f'metric.type="{series["metric"]["type"]}"' in call.query["filter"]
            and first <= series["points"][0]["interval"]["endTime"] < last
        ]
        return {"timeSeries": series_found}

    def _signals(self, number: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """What a deployed model answered, by the class of the status."""
        signals = self.plane.signals(int(number) // 100)
        if signals is None:
            return []
        requests, errors, latency = signals
        interval = {"startTime": query["interval.startTime"], "endTime": query["interval.endTime"]}
        if "prediction_latencies" in query["filter"]:
            assert query["aggregation.perSeriesAligner"] == "ALIGN_PERCENTILE_95"
            return [{"points": [{"interval": interval, "value": {"doubleValue": latency}}]}]
        return [
            {
                "metric": {"labels": {"response_code": code, "deployed_model_id": number}},
                "points": [{"interval": interval, "value": {"int64Value": str(count)}}],
            }
            for code, count in (("2xx", requests - errors), ("5xx", errors))
        ]

    def _day(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """What the endpoint answered, by periods, newest first, with the value at a period's end.

        Which reducers go with what: the enumerations of Aggregation in the discovery document.
        """
        assert query["aggregation.perSeriesAligner"] == "ALIGN_DELTA"
        length = timedelta(seconds=int(query["aggregation.alignmentPeriod"].removesuffix("s")))
        begin, end = (
            datetime.fromisoformat(query[f"interval.{name}"].replace("Z", "+00:00"))
            for name in ("startTime", "endTime")
        )
        reducer, by = (
            query["aggregation.crossSeriesReducer"],
            query.get("aggregation.groupByFields"),
        )
        if "response_count" in query["filter"]:
            assert (reducer, by) == ("REDUCE_SUM", "metric.label.response_code")
            groups = {"2xx": lambda v: v[0] - v[1], "5xx": lambda v: v[1]}
        else:
            assert by is None and 'metric.labels.latency_type="total"' in query["filter"]
            column = {"REDUCE_PERCENTILE_50": 2, "REDUCE_PERCENTILE_95": 3}[reducer]
            groups = {"": lambda v: v[column]}
        answer = []
        for code, value in groups.items():
            points, at = [], end
            while at - length >= begin:
                minutes = [value(minute) for minute in self.plane.between(at - length, at)]
                if minutes:
                    number = (
                        {"int64Value": str(sum(minutes))}
                        if code
                        else {"doubleValue": sum(minutes) / len(minutes)}
                    )
                    interval = {"startTime": _stamp(at - length), "endTime": _stamp(at)}
                    points.append({"interval": interval, "value": number})
                at -= length
            labels = {"response_code": code} if code else {}
            answer.append({"metric": {"labels": labels}, "points": points})
        return answer

    def _timeSeries_create(self, call: Call) -> Any:  # noqa: N802
        self.series += call.body["timeSeries"]
        return {}

    def _jobs_query(self, call: Call) -> Any:
        # Done when it is looked at for the first time.
        return {"jobComplete": False, "jobReference": _job(self.queries.run(call.body["query"]))}

    def _jobs_getQueryResults(self, call: Call) -> Any:  # noqa: N802
        if call.query["maxResults"] != "0":
            raise RefusedError(400, "the double has no rows here")
        job = int(call.path["queriesId"])
        rows = self.queries.answers[job].num_rows
        return {"jobComplete": True, "jobReference": _job(job), "totalRows": str(rows)}

    def _jobs_get(self, call: Call) -> Any:
        job = int(call.path["jobsId"])
        query = {"destinationTable": self.queries.destination(job)}
        return {"jobReference": _job(job), "configuration": {"query": query}}

    def _entries_list(self, call: Call) -> Any:
        worker = call.body["filter"].split('"')[-2]
        return {"entries": [{"textPayload": line} for line in self.logs.get(worker, [])]}


def _job(number: int) -> dict[str, str]:
    return {"projectId": "my-project", "jobId": str(number), "location": "europe-west1"}


@contextmanager
def service_refusals() -> Iterator[None]:
    """A rule of the simulated cloud is an answer of the service."""
    try:
        yield
    except CloudError as error:
        raise RefusedError(400, str(error)) from None


def _parent(call: Call) -> str:
    return f"projects/{call.path['projectsId']}/locations/{call.path['locationsId']}"


def _tasks(job: dict[str, Any]) -> list[str]:
    return list(job["pipelineSpec"]["root"]["dag"]["tasks"])


def _now() -> str:
    return _stamp(datetime.now(timezone.utc))


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
