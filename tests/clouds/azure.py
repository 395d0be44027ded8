"""Azure on this computer: Blob Storage, and of Resource Manager what the back ends ask.

Bodies and answers are held against the models of Azure ML's own client; a pipeline job is really
run, by the interpreter. Every call is noted as the operation that a role has to allow.
"""

from __future__ import annotations

import io
import json
import re
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pulumi_simcloud.blobs import BlobHandler, Blobs
from pulumi_simcloud.harness import SimCloud

from tests.clouds import http_transport
from tests.clouds.azure_models import wrong
from tests.clouds.plane import Plane
from tests.interpreters.azure import Interpreter, Spec
from training import clock
from training.clients.azure import GATEWAY

SETTINGS = {"location": "westeurope"}
GROUP = "/subscriptions/5ca1ab1e-0000-4000-8000-00000c10d000/resourceGroups/mlops-test"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlops-test"
REGISTRY = WORKSPACE.replace("/providers/Microsoft.MachineLearningServices", "").replace(
    "/subscriptions", "azureml://subscriptions"
)
INSIGHTS = f"{GROUP}/providers/Microsoft.Insights/components/mlops-test"
ACCOUNT = "mlopstest"
INGESTION = "westeurope-1.in.applicationinsights.azure.com"
SCORING = "westeurope.inference.ml.azure.com"
# The registry that several workspaces share, and the services of its region.
SHARED = f"{GROUP}/providers/Microsoft.MachineLearningServices/registries/shared"
DISCOVERY = "westeurope.api.azureml.ms"
FRONTEND = "cert-westeurope.experiments.azureml.net"
ASSETS = "azureml://locations/westeurope/workspaces/5ca1ab1e-0000-4000-8000-00000c10d0aa"

# The models of resources that Azure ML's client knows, by the end of their type.
MODELS = {
    "workspaces/jobs": "JobBase",
    "models/versions": "ModelVersion",
    "codes/versions": "CodeVersion",
    "data/versions": "DataVersionBase",
    "workspaces/onlineEndpoints": "OnlineEndpoint",
    "onlineEndpoints/deployments": "OnlineDeployment",
}
LISTS = ("jobs", "versions", "alerts", "deployments")
METRICS = "/providers/Microsoft.Insights/metrics"


Headers = dict[str, str]


class RefusedError(Exception):
    """A request that the service would refuse, with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Azure(Blobs):
    """The double: `outcome` makes a deployment fail, `components` are those that jobs can run."""

    def __init__(self, folder: Path, cloud: SimCloud | None = None) -> None:
        self.folder = folder
        self.cloud = cloud or SimCloud(folder / "cloud")
        super().__init__(self.cloud.state, _Handler)
        # What a job's input at an address is mounted from.
        self.mounts: dict[str, str] = {}
        self.resources: dict[str, dict[str, Any]] = {}
        self.components: dict[str, Spec] = {}
        # Rules of alerts that are fired, and of those that are over: "Alerts - Get All" tells of
        # both but for the filter `monitorCondition`.
        self.alerts: list[str] = []
        self.closed_alerts: list[str] = []
        self.metrics: list[dict[str, Any]] = []
        self.operations: set[str] = set()
        # Live and mirrored traffic of endpoints, as it was set one after the other.
        self.shifts: list[tuple[dict[str, int], dict[str, int]]] = []
        self.outcome = "Succeeded"
        self.answers: str | None = None
        self.plane = Plane()
        # Resources that are being deleted: how often they are still seen.
        self.gone_after: dict[str, int] = {}
        # Statuses that the next requests are answered with, whatever they ask.
        self.busy: list[int] = []
        if cloud is None:
            self._seed()

    def _seed(self) -> None:
        """An account to make containers in."""
        group = {"resourceGroupName": "mlops-test"}
        sku = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
        self.cloud.seed("azure-native:resources:ResourceGroup", "g", group, SETTINGS)
        account = {**group, "accountName": ACCOUNT}
        self.cloud.seed("azure-native:storage:StorageAccount", "a", {**account, **sku}, SETTINGS)

    def container(self, name: str) -> str:
        """The address of a new, empty container."""
        inputs = {
            "resourceGroupName": "mlops-test",
            "accountName": ACCOUNT,
            "containerName": name,
        }
        self.cloud.seed("azure-native:storage:BlobContainer", name, inputs, SETTINGS)
        return f"https://{ACCOUNT}.blob.core.windows.net/{name}"

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The resource at `path`, or the list of those below."""
        if path.rsplit("/", 1)[-1] in LISTS:
            return {"value": self._list(path, query or {})}
        if "/Microsoft.Insights/components/" in path:
            connection = f"InstrumentationKey=key;IngestionEndpoint=https://{INGESTION}/"
            return {"properties": {"InstrumentationKey": "key", "ConnectionString": connection}}
        if path in self.gone_after:
            self.gone_after[path] -= 1
            if not self.gone_after[path]:
                del self.gone_after[path], self.resources[path]
        if path not in self.resources:
            raise RefusedError(404, f"{path} does not exist")
        return self.resources[path]

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make or change the resource at `path`."""
        if path in self.gone_after:
            raise RefusedError(409, f"{path} is being deleted")
        kind = _kind(path)
        model = MODELS.get(kind)
        if model:
            problems = wrong(model, body)
            if problems:
                raise RefusedError(400, "; ".join(problems))
        resource = {
            **body,
            "properties": dict(body["properties"]),
            "id": path,
            "name": path.rsplit("/", 1)[-1],
            "systemData": {"createdAt": clock.now().isoformat()},
        }
        self._look_at(kind, path, resource)
        self.resources[path] = resource
        if kind == "workspaces/jobs":
            Thread(target=self._execute, args=(resource,), daemon=True).start()
        if model:
            problems = wrong(model, resource)
            assert not problems, f"the double's own answer: {problems}"
        return resource

    def discover(self, path: str) -> dict[str, Any]:
        """Where the services of a registry are."""
        if path != "/registrymanagement/v1.0/registries/shared/discovery":
            raise RefusedError(404, f"{path} is no registry")
        return {
            "registryName": "shared",
            "primaryRegionResourceProviderUri": f"https://{FRONTEND}/",
        }

    def copy(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Import an asset of the workspace into the registry."""
        if path != f"/mferp/managementfrontend{SHARED}/import":
            raise RefusedError(404, f"{path} does not exist")
        asset = body["properties"]
        # What the library sends for the same copy.
        from azure.ai.ml.entities._assets.workspace_asset_reference import WorkspaceAssetReference

        reference = WorkspaceAssetReference(
            name=asset["destinationName"],
            version=asset["destinationVersion"],
            asset_id=asset["sourceAssetId"],
        )
        if body != reference._to_rest_object():
            raise RefusedError(400, f"{body} is no reference to an asset")
        source = asset["sourceAssetId"].replace(ASSETS, WORKSPACE)
        self._refer(source)
        name, version = asset["destinationName"], asset["destinationVersion"]
        copy = f"{SHARED}/models/{name}/versions/{version}"
        self.resources[copy] = {**self.resources[source], "id": copy}
        return {}

    def delete(self, path: str) -> None:
        """Remove the resource at `path`."""
        if path not in self.resources:
            raise RefusedError(404, f"{path} does not exist")
        endpoint, _, name = path.partition("/deployments/")
        properties = self.resources.get(endpoint, {}).get("properties", {})
        for kind in ("traffic", "mirrorTraffic"):
            share = (properties.get(kind) or {}).get(name)
            if share:
                raise RefusedError(409, f"deployment {name} has {share} % of {kind}")
        del self.resources[path]

    def _look_at(self, kind: str, path: str, resource: dict[str, Any]) -> None:
        properties = resource["properties"]
        if kind == "workspaces/jobs":
            if path in self.resources:
                raise RefusedError(409, f"job {path} exists")
            properties["status"] = "Running"
        if kind == "onlineEndpoints/deployments":
            self._refer(properties["model"], properties["codeConfiguration"]["codeId"])
            collected = properties.get("dataCollector", {}).get("collections", {})
            self._refer(*(collection["dataId"] for collection in collected.values()))
            properties["provisioningState"] = self.outcome
        if kind == "workspaces/onlineEndpoints":
            traffic = properties.get("traffic") or {}
            if sum(traffic.values()) not in (0, 100):
                raise RefusedError(400, f"the traffic adds up to {sum(traffic.values())}")
            mirrored = properties.get("mirrorTraffic") or {}
            # "Perform safe rollout of new deployments": one deployment, 50 % at most, none live.
            live = {name for name, share in traffic.items() if share}
            if len(mirrored) > 1 or sum(mirrored.values()) > 50 or live & mirrored.keys():
                raise RefusedError(400, f"the mirrored traffic is {mirrored}, beside {traffic}")
            self._refer(*(f"{path}/deployments/{name}" for name in {**traffic, **mirrored}))
            self.shifts.append((traffic, mirrored))
            properties["provisioningState"] = "Succeeded"
            properties["scoringUri"] = f"https://{resource['name']}.{SCORING}/score"

    def _refer(self, *paths: str) -> None:
        missing = [path for path in paths if path not in self.resources]
        if missing:
            raise RefusedError(400, f"{missing[0]} does not exist")

    def _list(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        if path.endswith("/alerts"):
            alerts = {"Fired": self.alerts, "Resolved": self.closed_alerts}
            condition_asked = query.get("monitorCondition")
            return [
                {"properties": {"essentials": {"alertRule": rule, "monitorCondition": condition}}}
                for condition, rules in alerts.items()
                for rule in rules
                if condition_asked in (None, condition)
            ]
        below = re.compile(f"{re.escape(path)}/[^/]+")
        return [resource for key, resource in self.resources.items() if below.fullmatch(key)]

    def served_by(self, endpoint: str) -> str:
        """The deployment that answers: the one with most traffic, unless a test says another."""
        resource = next(m for m in self.resources.values() if m["name"] == endpoint)
        traffic = resource["properties"].get("traffic") or {}
        return self.answers or max(traffic, key=lambda name: traffic[name])

    def score(
        self, endpoint: str, deployment: str | None, body: bytes
    ) -> tuple[int, bytes, Headers]:
        """What the gateway makes of a container's answer.

        "If your model container returns a non-200 response, Azure returns a 424"
        (learn.microsoft.com, "Troubleshoot online endpoints").
        """
        name = deployment or self.served_by(endpoint)
        status, content = self.plane.reply(int(name.removeprefix("v")), body)
        headers = {"azureml-model-deployment": name}
        if status == 200:
            return 200, content, headers
        return 424, content, {**headers, "ms-azureml-model-error-statuscode": str(status)}

    def measured(self, query: dict[str, str]) -> dict[str, Any]:
        """A metric of one deployment, in one minute, by the statuses that are asked for.

        Names and dimensions: learn.microsoft.com, "Supported metrics for
        Microsoft.MachineLearningServices/workspaces/onlineEndpoints". A model that fails is 424 to
        the client, and 500 of its own.
        """
        if "deployment eq 'v" not in query.get("$filter", ""):
            return self._day(query)
        name = query["metricnames"]
        match = re.search(r"deployment eq 'v(\d+)'", query["$filter"])
        assert match, "a release looks at one deployment"
        signals, series = self.plane.signals(int(match[1])), []
        if signals and name == "RequestLatency_P95":
            series = [_series({}, signals[2])]
        if signals and name == "RequestsPerMinute":
            assert "statusCode eq '*' and modelStatusCode eq '*'" in query["$filter"]
            requests, errors, _ = signals
            series = [
                _series({"statuscode": "200", "modelstatuscode": "200"}, requests - errors),
                _series({"statuscode": "424", "modelstatuscode": "500"}, errors),
            ]
        return {"value": [{"name": {"value": name}, "timeseries": series}]}

    def _day(self, query: dict[str, str]) -> dict[str, Any]:
        """Metrics of the endpoint by the minute; a minute without data has no value.

        One time series of each combination of dimensions that the filter names, at most ten unless
        `top` says more: learn.microsoft.com, "Metrics - List", 2023-10-01.
        """
        assert (query["interval"], query["aggregation"]) == ("PT1M", "Average")
        begin, end = map(
            datetime.fromisoformat, query["timespan"].replace("Z", "+00:00").split("/")
        )
        latencies = {"RequestLatency_P50": 2, "RequestLatency_P95": 3}
        minutes, at = [], begin.replace(second=0)
        while at < end:
            minutes.append((at, self.plane.day.get(at)))
            at += timedelta(minutes=1)

        def series(labels: dict[str, str], value: Callable[[Any], float]) -> dict[str, Any]:
            data = [
                {"timeStamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", **({"average": value(v)} if v else {})}
                for at, v in minutes
            ]
            return {**_series(labels, 0), "data": data}

        answer = []
        for name in query["metricnames"].split(","):
            if name in latencies:
                assert "$filter" not in query
                parts = [series({}, lambda v, column=latencies[name]: v[column])]
            else:
                for dimension in ("deployment", "statusCode", "modelStatusCode"):
                    assert f"{dimension} eq '*'" in query["$filter"], "else it tells the mean"
                ok = {"statuscode": "200", "modelstatuscode": "200"}
                failed = {"statuscode": "424", "modelstatuscode": "500"}
                # Two deployments, of which each answers a half.
                parts = [
                    series({**labels, "deployment": fleet}, count)
                    for fleet in ("v000001", "v000002")
                    for labels, count in (
                        (ok, lambda v: (v[0] - v[1]) / 2), (failed, lambda v: v[1] / 2)
                    )
                ]  # fmt: skip
            answer.append({"name": {"value": name}, "timeseries": parts})
        return {"value": answer}

    def _execute(self, job: dict[str, Any]) -> None:
        """Run a pipeline job to its end."""
        pipeline = self.components[job["properties"]["componentId"]]
        inputs: dict[str, Any] = {
            name: source.get("value") or self.mounts.get(source["uri"], source["uri"])
            for name, source in job["properties"]["inputs"].items()
        }
        interpreter = Interpreter(self.components, self._code(pipeline), self.address)
        failed = interpreter.run(pipeline, inputs, job["name"], self.folder / "jobs" / job["name"])
        job["properties"]["status"] = "Failed" if failed else "Completed"

    def _code(self, pipeline: Spec) -> Path:
        """The code asset of the nodes, with the package unpacked as pip would."""
        first = next(iter(pipeline["jobs"].values()))
        asset = self.components[first["componentId"]]["code"].removeprefix("azureml:")
        address = urllib.parse.urlsplit(self.resources[asset]["properties"]["codeUri"])
        account = address.netloc.partition(".")[0]
        container, _, prefix = address.path.lstrip("/").partition("/")
        folder = self.folder / "code" / prefix.replace("/", "-")
        if not folder.exists():
            folder.mkdir(parents=True)
            for key, content in self.cloud.objects(f"az/{account}/{container}").items():
                if key.startswith(f"{prefix}/") and key.endswith(".whl"):
                    (folder / key.rsplit("/", 1)[-1]).write_bytes(content)
                    zipfile.ZipFile(io.BytesIO(content)).extractall(folder / "package")
        return folder


_current: list[Azure] = []


def current() -> Azure:
    """The double that is called now."""
    return _current[-1]


@contextmanager
def running(folder: Path, cloud: SimCloud | None = None) -> Iterator[Azure]:
    """A double; its blobs are those of `cloud`."""
    double = Azure(folder, cloud)
    double.begin()
    yield double
    double.end()


@contextmanager
def to(double: Azure) -> Iterator[None]:
    """All requests to Azure go to the double meanwhile."""
    _current.append(double)
    with http_transport.connected(double) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv(GATEWAY, address)
        yield
    _current.remove(double)


@contextmanager
def environment(folder: Path) -> Iterator[Azure]:
    """A double that all requests to Azure go to meanwhile."""
    with running(folder) as double, to(double):
        yield double


class _Handler(BlobHandler):
    server: Azure

    def do_GET(self) -> None:  # noqa: N802
        self._serve("GET", super().do_GET)

    def do_PUT(self) -> None:  # noqa: N802
        self._serve("PUT", super().do_PUT)

    def do_DELETE(self) -> None:  # noqa: N802
        self._serve("DELETE", super().do_DELETE)

    def do_POST(self) -> None:  # noqa: N802
        self._serve("POST", lambda: self._refuse(405, "UnsupportedHttpVerb"))

    def _serve(self, method: str, blob: Any) -> None:
        host, _, address = self.path.lstrip("/").partition("/")
        path = "/" + urllib.parse.unquote(address.partition("?")[0])
        self.server.operations.add(_operation(method, host, path))
        if host.endswith(".blob.core.windows.net"):
            blob()
            return
        body = self.content()
        if self.server.busy:
            error_body = b'{"error": {"code": "TooManyRequests", "message": "later"}}'
            self.answer(self.server.busy.pop(0), error_body, {"retry-after": "0"})
            return
        if host.endswith(SCORING):
            deployment = self.headers.get("azureml-model-deployment")
            self.answer(*self.server.score(host.partition(".")[0], deployment, body))
            return
        try:
            self._management(method, host, path, json.loads(body) if body else None)
        except RefusedError as error:
            error_body = {"error": {"code": "Refused", "message": str(error)}}
            self.answer(error.status, json.dumps(error_body).encode())

    def _management(self, method: str, host: str, path: str, body: Any) -> None:
        if host == INGESTION:
            self.server.metrics += body
            self.answer(200, b'{"itemsAccepted": 1}')
        elif path.endswith(METRICS):
            query = dict(urllib.parse.parse_qsl(self.path.partition("?")[2]))
            self.answer(200, json.dumps(self.server.measured(query)).encode())
        elif host == DISCOVERY:
            self.answer(200, json.dumps(self.server.discover(path)).encode())
        elif host == FRONTEND:
            self.answer(202, json.dumps(self.server.copy(path, body)).encode())
        elif method == "GET":
            query = dict(urllib.parse.parse_qsl(self.path.partition("?")[2]))
            self.answer(200, json.dumps(self.server.get(path, query)).encode())
        elif method == "PUT":
            self.answer(200, json.dumps(self.server.put(path, body)).encode())
        elif method == "DELETE":
            self.server.delete(path)
            self.answer(200, b"")


def _kind(path: str) -> str:
    """The last two parts of a resource's type, such as ``models/versions``."""
    return "/".join(path.split("/")[-4:-1:2])


def _series(labels: dict[str, str], value: float) -> dict[str, Any]:
    return {
        "metadatavalues": [{"name": {"value": k}, "value": v} for k, v in labels.items()],
        # A minute of which nothing is known yet has no value.
        "data": [
            {"timeStamp": "2026-03-01T12:00:00Z", "average": value},
            {"timeStamp": "2026-03-01T12:01:00Z"},
        ],
    }


_REGISTRY_ACTIONS = {
    DISCOVERY: "read",
    FRONTEND: "assets/write",
    "management.azure.com": "assets/read",
}


def _operation(method: str, host: str, path: str) -> str:
    """The operation of Azure's roles that a request needs."""
    verb = {"GET": "read", "PUT": "write", "DELETE": "delete"}.get(method, "action")
    if host.endswith(".blob.core.windows.net"):
        return f"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/{verb}"
    if host == INGESTION:
        return "Microsoft.Insights/Telemetry/Write"
    if host in (DISCOVERY, FRONTEND) or "/registries/shared/models/" in path:
        # Discovery is open to who may read the registry.
        return f"Microsoft.MachineLearningServices/registries/{_REGISTRY_ACTIONS[host]}"
    if host.endswith(SCORING):
        return "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action"
    provider, *parts = path.rpartition("/providers/")[2].split("/")
    return f"{provider}/{'/'.join(parts[::2])}/{verb}"
