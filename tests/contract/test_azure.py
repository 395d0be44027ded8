"""What only Azure has: traffic that the release shifts itself, CloudEvents, fired alerts, roles."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import pyarrow.parquet as pq
import pytest

from components import package
from components.targets.azure.dynamic import _CodeProvider, _DocumentProvider
from components.targets.azure.permissions import PERMISSIONS
from tests.clouds import azure, azure_stack
from tests.contract.stacks import MODEL, Azure
from tests.contract.test_runs import Progress, start
from tests.project import REPOSITORY
from tests.serving.platforms import COLUMNS, ROW
from training import captures, clock, deployment, monitoring, release
from training.clients import azure as client
from training.clients.azure import AzureError, request
from training.endpoint import Signals
from training.endpoint.azure import AzureRollout
from training.errors import UserError
from training.monitoring import ALARM, OK
from training.runs import azure as runs

RULE = "endpoint-errors"
SINCE = datetime.fromisoformat("2026-03-01T10:30:00+00:00")
HOUR = timedelta(hours=1)
ANSWER = {"predictions": ["dear"], "scores": [0.7], "version": 2}
CHECK = {
    "when": "2026-03-01T11:00:00+00:00",
    "version": 3,
    "verdict": "drift",
    "drifted": ["size"],
    "effects": {"size": 0.4, "color": None},
}


@pytest.fixture
def azure_called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[azure.Azure]:
    """A double of this test's own."""
    with azure.environment(tmp_path_factory.mktemp("azure")) as double:
        yield double


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Azure:
    """A stack whose endpoint runs, with two versions."""
    stack = Azure(request)
    stack.serve()
    assert [stack.register(), stack.register()] == [1, 2]
    return stack


def promote(stack: Azure, version: int) -> list[str]:
    """Release a version as a person does, and return what was told of it."""
    lines: list[str] = []
    deployment.promote(stack.platform, MODEL, version, why="test", say=lines.append)
    return lines


def endpoint(stack: Azure) -> dict[str, Any]:
    return stack.double.resources[f"{azure.WORKSPACE}/onlineEndpoints/{azure_stack.ENDPOINT}"]


def deployments(stack: Azure) -> dict[str, dict[str, Any]]:
    prefix = f"{endpoint(stack)['id']}/deployments/"
    resources = stack.double.resources.items()
    return {
        key.removeprefix(prefix): resource for key, resource in resources if key.startswith(prefix)
    }


def fire(stack: Azure) -> None:
    rules = stack.platform.part(MODEL, "alarms.json")["rules"]
    (name,) = (rule["alarm"] for rule in rules if rule["name"] == RULE)
    stack.double.alerts = [f"/subscriptions/s/providers/Microsoft.Insights/metricAlerts/{name}"]


def test_a_release_is_a_canary_and_the_deployment_before_goes(stack: Azure) -> None:
    assert len(promote(stack, 1)) == 1, "nothing to share the traffic with"
    lines = promote(stack, 2)
    assert any("version 2 gets 10 % of the requests, watched for" in line for line in lines)
    assert endpoint(stack)["properties"]["traffic"] == {"v000002": 100}
    assert list(deployments(stack)) == ["v000002"]
    scaled = [key for key in stack.double.resources if "/autoscaleSettings/" in key]
    assert [key.rpartition("-")[2] for key in scaled] == ["v000002"]


def change(stack: Azure, **settings: Any) -> None:
    """Give releases other settings."""
    part = {**stack.platform.part(MODEL, "endpoint.json"), **settings}
    stack.platform.store.write(f"models/{MODEL}/endpoint.json", json.dumps(part).encode())


def mirror(stack: Azure, percent: int) -> None:
    """Let releases begin with copies of requests."""
    change(stack, mirror_percent=percent)


def share(stack: Azure) -> None:
    """Let releases copy what they release to a registry of several workspaces."""
    discovery = f"https://{azure.DISCOVERY}/registrymanagement/v1.0/registries/shared/discovery"
    stack.double.resources[azure.SHARED] = {
        "id": azure.SHARED, "name": "shared", "properties": {"discoveryUrl": discovery}
    }  # fmt: skip
    part = {"registry": azure.SHARED, "name": "mlops-test-toys", "workspace": azure.ASSETS}
    change(stack, published=part)


def test_what_is_released_is_copied_once_to_the_shared_registry(stack: Azure) -> None:
    share(stack)
    promote(stack, 1)
    lines = promote(stack, 2)
    assert f"version 2 is copied to {azure.SHARED}" in lines
    for version in (1, 2):
        copy = stack.double.resources[f"{azure.SHARED}/models/mlops-test-toys/versions/{version}"]
        original = f"{azure.WORKSPACE}/models/{MODEL}/versions/{version}"
        digests = [stack.double.resources[original]["properties"], copy["properties"]]
        assert len({properties["properties"]["mlops-sha256"] for properties in digests}) == 1
    assert "is copied" not in " ".join(promote(stack, 1)), "it is there already"


def test_what_cannot_be_copied_is_not_released(stack: Azure) -> None:
    promote(stack, 1)
    share(stack)
    change(stack, published={**stack.platform.part(MODEL, "endpoint.json")["published"],
                             "workspace": "azureml://locations/x/workspaces/y"})  # fmt: skip
    with pytest.raises(UserError, match=r"Azure refused POST .*/import: 400"):
        promote(stack, 2)
    assert endpoint(stack)["properties"]["traffic"] == {"v000001": 100}
    champion = release.champion(stack.platform.store, MODEL)
    assert champion is not None and champion.version == 1


def test_copies_of_requests_come_before_the_canary_and_end_with_it(stack: Azure) -> None:
    promote(stack, 1)
    mirror(stack, 20)
    stack.double.shifts.clear()
    lines = promote(stack, 2)
    assert any("version 2 gets copies of 20 % of the requests" in line for line in lines)
    assert stack.double.shifts == [
        ({"v000001": 100}, {"v000002": 20}),
        ({"v000001": 90, "v000002": 10}, {}),
        ({"v000002": 100}, {}),
    ]


def test_a_version_that_fails_while_requests_are_mirrored_is_taken_back(stack: Azure) -> None:
    promote(stack, 1)
    mirror(stack, 20)
    stack.plane.answers[2] = (200, 100, 20.0)
    with pytest.raises(UserError, match=r"with copies of 20 % of the requests, 100 of its 200"):
        promote(stack, 2)
    assert stack.double.shifts[-1] == ({"v000001": 100}, {})
    assert list(deployments(stack)) == ["v000001"]


def test_a_share_that_cannot_be_mirrored_is_refused_by_the_double(stack: Azure) -> None:
    promote(stack, 1)
    mirror(stack, 51)
    with pytest.raises(UserError, match=r"the mirrored traffic is {'v000002': 51}"):
        promote(stack, 2)


def test_an_alarm_that_goes_on_meanwhile_takes_a_quiet_canary_back(
    stack: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(stack, 1)
    canary = AzureRollout.canary

    def fired(self: AzureRollout, *arguments: Any) -> None:
        canary(self, *arguments)
        monkeypatch.setattr(AzureRollout, "signals", after)

    def after(self: AzureRollout, *arguments: Any) -> Signals:
        if arguments[0] == "v000001":
            calls.append(1)
            if len(calls) == 2:
                fire(stack)
        return Signals()

    calls: list[int] = []
    monkeypatch.setattr(AzureRollout, "canary", fired)
    with pytest.raises(UserError, match=r"version 2 is not served: alarm 'endpoint-errors' fired"):
        promote(stack, 2)
    assert endpoint(stack)["properties"]["traffic"] == {"v000001": 100}
    assert list(deployments(stack)) == ["v000001"]
    champion = release.champion(stack.platform.store, MODEL)
    assert champion is not None and (champion.version, champion.kind) == (1, "rollback")


def test_a_deployment_that_is_being_deleted_is_waited_for(stack: Azure) -> None:
    promote(stack, 1)
    promote(stack, 2)
    path = f"{endpoint(stack)['id']}/deployments/v000001"
    old_deployment = {
        "properties": {"provisioningState": "Deleting"},
        "id": path,
        "name": "v000001",
    }
    stack.double.resources[path] = old_deployment
    stack.double.gone_after[path] = 3
    deployment.rollback(stack.platform, MODEL, why="incident", say=print)
    assert endpoint(stack)["properties"]["traffic"] == {"v000001": 100}


def test_a_deployment_that_does_not_come_up_leaves_what_was_served(stack: Azure) -> None:
    promote(stack, 1)
    stack.double.outcome = "Failed"
    with pytest.raises(UserError, match="did not bring up deployment v000002: it is Failed"):
        promote(stack, 2)
    assert endpoint(stack)["properties"]["traffic"] == {"v000001": 100}
    assert list(deployments(stack)) == ["v000001"]


def test_another_version_that_answers_takes_the_release_back(stack: Azure) -> None:
    promote(stack, 1)
    stack.double.answers = "v000001"
    with pytest.raises(UserError, match="the endpoint answers with version 1"):
        promote(stack, 2)
    assert endpoint(stack)["properties"]["traffic"] == {"v000001": 100}


def test_a_model_that_fails_is_seen_behind_the_gateway(stack: Azure) -> None:
    stack.plane.failures[1] = 500
    with pytest.raises(UserError, match="the container answers 500 to the input example"):
        promote(stack, 1)


def test_the_deployment_has_its_settings_its_digest_and_its_code(stack: Azure) -> None:
    promote(stack, 1)
    new_deployment = deployments(stack)["v000001"]
    properties = new_deployment["properties"]
    assert (properties["instanceType"], new_deployment["sku"]["capacity"]) == ("Standard_DS3_v2", 2)
    model = stack.double.resources[properties["model"]]["properties"]
    variables = properties["environmentVariables"]
    # One process a core, and as many requests at once.
    assert variables["WORKER_COUNT"] == "4"
    assert properties["requestSettings"]["maxConcurrentRequestsPerInstance"] == 4
    assert variables["MLOPS_SHA256"] == model["properties"]["mlops-sha256"]
    code = stack.double.resources[properties["codeConfiguration"]["codeId"]]
    folder = code["properties"]["codeUri"].removeprefix(f"{stack.platform.store.uri}/")
    names = [key.rpartition("/")[2] for key in stack.platform.store.keys(folder)]
    assert [name.rpartition(".")[2] for name in names] == ["whl", "py"]
    assert "models/toys/artifacts/" in model["modelUri"]


def test_changed_settings_reach_the_endpoint_with_the_same_version(stack: Azure) -> None:
    promote(stack, 1)
    part = stack.platform.part(MODEL, "endpoint.json")
    changed = {**part, "capture": {**part["capture"], "percent": 5}}
    stack.platform.store.write(f"models/{MODEL}/endpoint.json", json.dumps(changed).encode())
    assert deployment.resume(stack.platform, MODEL, say=print)[1]
    collections = deployments(stack)["v000001"]["properties"]["dataCollector"]["collections"]
    assert {collection["samplingRate"] for collection in collections.values()} == {0.05}


def test_a_job_says_where_it_runs_and_as_whom(stack: Azure) -> None:
    key = f"models/{MODEL}/pipelines/training.json"
    definition = json.loads(stack.platform.store.read(key))
    identity = {"identityType": "Managed", "clientId": "5ca1ab1e-0000-4000-8000-00000c10d000"}
    changed = {**definition, "settings": {"default_compute": "serverless"}, "identity": identity}
    stack.platform.store.write(key, json.dumps(changed).encode())
    run = runs.submit(stack.platform, MODEL, "training", {"trigger": "drift"})
    job = stack.double.resources[f"{azure.WORKSPACE}/jobs/{run}"]["properties"]
    assert (job["settings"], job["identity"]) == ({"default_compute": "serverless"}, identity)
    assert job["inputs"]["trigger"] == {"jobInputType": "literal", "value": "drift"}


def test_without_a_sign_in_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = ("AZURE_", "MLOPS_", "IDENTITY_", "MSI_")
    for name in [name for name in os.environ if name.startswith(nobody)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    client._credential.cache_clear()
    with pytest.raises(UserError, match=r"no sign-in to Azure \(.*\); sign in: az login"):
        client.management("GET", azure.WORKSPACE, "2025-12-01")
    client._credential.cache_clear()


def test_what_azure_s_models_do_not_know_is_refused_by_the_double(stack: Azure) -> None:
    url = f"https://management.azure.com{azure.WORKSPACE}/jobs/a?api-version=2025-12-01"
    body = {"properties": {"jobType": "Pipeline", "componentID": "x"}}
    with pytest.raises(AzureError, match="componentID is unknown to PipelineJob"):
        request("PUT", url, body=body)


def test_an_alarm_is_on_while_an_alert_of_its_rule_is_fired(stack: Azure) -> None:
    states = lambda: {  # noqa: E731 said twice
        alarm.name: alarm.state
        for alarm in monitoring.monitoring_of(stack.platform).alarms(stack.platform, MODEL)
    }
    assert states() == {"drift": OK, RULE: OK}
    fire(stack)
    assert states() == {"drift": OK, RULE: ALARM}
    # One that is over is told for some days.
    stack.double.alerts, stack.double.closed_alerts = [], stack.double.alerts
    assert states() == {"drift": OK, RULE: OK}


def test_a_drift_check_is_published_with_stack_and_model(stack: Azure) -> None:
    back = monitoring.monitoring_of(stack.platform)
    back.publish(stack.platform, MODEL, CHECK)
    back.publish(stack.platform, MODEL, {**CHECK, "verdict": "insufficient_data", "effects": {}})
    metrics = [envelope["data"]["baseData"] for envelope in stack.double.metrics]
    place = {"stack": "test", "model": MODEL}
    assert all(place.items() <= metric["properties"].items() for metric in metrics)
    numbers = [(metric["metrics"][0]["name"], metric["metrics"][0]["value"]) for metric in metrics]
    assert numbers == [
        ("drift_check_completed", 1.0),
        ("champion_version", 3.0),
        ("drifted_features", 1.0),
        ("drift_effect", 0.4),
        ("drift_check_completed", 1.0),
        ("champion_version", 3.0),
    ]
    assert metrics[3]["properties"]["feature"] == "size"


def collect_event(
    stack: Azure, kind: str, moment: datetime, name: str, data: Any, **members: Any
) -> None:
    """Write an event as the data collector does, in the folder of its hour."""
    event = {
        "specversion": "1.0",
        "id": name,
        "source": "/subscriptions/s/onlineEndpoints/e/deployments/v000002",
        "type": f"azureml.inference.{kind}",
        "datacontenttype": "application/json",
        "time": clock.text(moment),
        "data": data,
        "correlationid": name,
        **members,
    }
    key = f"models/{MODEL}/captures/v000002/{kind}/{moment:%Y/%m/%d/%H}/{name}.jsonl"
    stack.platform.store.write(key, f"{json.dumps(event)}\n".encode())


def window(stack: Azure, version: int = 2) -> list[dict[str, Any]]:
    """The rows that were captured in an hour."""
    source = f"{stack.platform.store.uri}/models/{MODEL}/captures"
    manifest = {"version": version, "inputs": [vars(column) for column in COLUMNS]}
    files = captures.captures_of("azure").window(source, SINCE, SINCE + HOUR, manifest)
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def test_requests_and_answers_are_joined_within_the_window(stack: Azure) -> None:
    moments = {"early": SINCE - HOUR, "in": SINCE, "late": SINCE + HOUR, "refused": SINCE}
    for name, moment in moments.items():
        refused = {"error": "no"} if name == "refused" else {**ANSWER, "request_id": name}
        collect_event(stack, "request", moment, name, {"instances": [ROW]})
        # The answer falls in the folder of the next hour.
        collect_event(stack, "response", moment + timedelta(minutes=45), name, refused)
    (row,) = window(stack)
    assert (row["request_id"], row["prediction"], row["model_version"]) == ("in", "dear", 2)
    assert (row["size"], row["new"], row["color"]) == (1.5, 1.0, "red")
    assert window(stack, version=1) == []


def test_csv_requests_and_large_ones_are_captured_too(stack: Azure) -> None:
    """A text is the data itself; the data of a large body is the address of its blob."""
    csv = "size,age,new,color\n1.5,3,true,red\n"
    collect_event(stack, "request", SINCE, "csv", csv, datacontenttype="text/csv")
    collect_event(stack, "response", SINCE, "csv", {**ANSWER, "request_id": "csv"})
    folder = f"models/{MODEL}/captures/v000002/request/{SINCE:%Y/%m/%d/%H}"
    # As long as what is above 4 MB, which Azure takes out of the event.
    for name, body in (("large.jsonl", {"instances": [ROW]}), ("0a-1b", {"instances": [ROW]})):
        key = f"{folder}/body {name}"
        stack.platform.store.write(key, json.dumps(body, indent=1).encode())
        address = f"{stack.platform.store.uri}/{key.replace(' ', '%20')}"
        collect_event(stack, "request", SINCE, name, address, datainblob="true")
        collect_event(stack, "response", SINCE, name, {**ANSWER, "request_id": name})
    rows = window(stack)
    assert [row.pop("request_id") for row in rows] == ["0a-1b", "csv", "large.jsonl"]
    assert rows[0] == rows[1] == rows[2]


def test_what_no_request_came_of_is_counted_and_stops_no_drift_check(
    stack: Azure, caplog: pytest.LogCaptureFixture
) -> None:
    collect_event(stack, "request", SINCE, "good", {"instances": [ROW]})
    collect_event(stack, "response", SINCE, "good", {**ANSWER, "request_id": "good"})
    # A model that raises answers without data; what it was asked counts as no bad line.
    collect_event(stack, "request", SINCE, "failed", {"instances": [ROW]})
    collect_event(stack, "response", SINCE, "failed", None)
    elsewhere = "https://other.blob.core.windows.net/store/a"
    for name, data, more in (
        ("gone", f"{stack.platform.store.uri}/models/gone", {"datainblob": "true"}),
        ("elsewhere", elsewhere, {"datainblob": "true"}),
        ("other", {"instances": [{"nothing": 1}]}, {}),
    ):
        collect_event(stack, "request", SINCE, name, data, **more)
        collect_event(stack, "response", SINCE, name, {**ANSWER, "request_id": name})
    key = f"models/{MODEL}/captures/v000002/request/{SINCE:%Y/%m/%d/%H}/bad.jsonl"
    stack.platform.store.write(key, b'{"half": \n[]\n\n{"id": "x"}\n')
    assert [row["request_id"] for row in window(stack)] == ["good"]
    (message,) = (record.getMessage() for record in caplog.records)
    assert message.startswith("6 captures are left out, the first: ") and "bad.jsonl" in message


def test_a_line_that_is_no_capture_is_named_if_there_is_nothing_else(stack: Azure) -> None:
    key = f"models/{MODEL}/captures/v000002/request/2026/03/01/10/a.jsonl"
    stack.platform.store.write(key, b"{}\n")
    with pytest.raises(UserError, match=rf"{re.escape(key)} is not what an endpoint captures: it"):
        window(stack)


def granted(actor: str) -> set[str]:
    """What an actor's roles allow, without what only the service itself looks for."""
    parts = PERMISSIONS[actor].values()
    actions = {action for part in parts for action in (*part.actions, *part.data_actions)}
    return actions - {"Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"}


WORKSPACES = "Microsoft.MachineLearningServices/workspaces"
# What the service asks of who submits a job beside the job itself: learn.microsoft.com, "Manage
# access to Azure Machine Learning workspaces", "Submitting any type of run (V2)". Metrics of
# deployments are looked at while a release is watched.
FOR_JOBS = {
    f"{WORKSPACES}/environments/write",
    f"{WORKSPACES}/environments/build/action",
    f"{WORKSPACES}/environments/readSecrets/action",
    f"{WORKSPACES}/metadata/artifacts/write",
    "Microsoft.Insights/metrics/read",
}


def release_and_run(stack: Azure) -> None:
    """All that starts, follows and repeats a run, and releases a version."""
    with stack.failing("drift") as reason, pytest.raises(UserError, match=reason):
        start(stack)
    (failed,) = runs.recent(stack.platform, MODEL)
    runs.resume(stack.platform, MODEL, failed["run"], Progress())
    share(stack)
    promote(stack, 1)
    promote(stack, 2)


def test_who_deploys_calls_for_blobs_exactly_what_the_role_allows(
    stack: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    digest = package.digest(package.contents(REPOSITORY))
    store = {"store": stack.platform.store.uri}
    blobs = (
        (_DocumentProvider(), {**store, "key": "models/toys/a.json", "content": {}}),
        (_CodeProvider(), {**store, "key": "code/a/a.whl", "digest": digest}),
    )
    stack.double.operations.clear()
    for provider, props in blobs:
        identifier = provider.create(props).id
        assert provider.read(identifier, props).id == identifier
        provider.delete(identifier, props)
        assert not provider.read(identifier, props).id
    assert stack.double.operations == granted("deployer")


@pytest.mark.parametrize("actor", ["promote", "steps"])
def test_an_actor_calls_exactly_what_its_roles_allow(stack: Azure, actor: str) -> None:
    release_and_run(stack)
    operations = {
        operation for operation in stack.double.operations if "Insights/" not in operation
    }
    scaling = {op for op in stack.double.operations if "autoscaleSettings" in op}
    if actor == "steps":
        monitoring.monitoring_of(stack.platform).publish(stack.platform, MODEL, CHECK)
        scaling |= {op for op in stack.double.operations if "Insights/" in op}
    roles, calls = granted(actor), operations | scaling
    refused = [call for call in calls if not any(fnmatchcase(call, role) for role in roles)]
    assert not refused
    unused = {role for role in roles if not any(fnmatchcase(call, role) for call in calls)}
    assert unused <= FOR_JOBS


def test_a_call_that_no_role_allows_is_found() -> None:
    call = f"{WORKSPACES}/onlineEndpoints/delete"
    assert not any(fnmatchcase(call, role) for role in granted("promote"))
