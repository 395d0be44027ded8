"""What only Google Cloud has: traffic that the release shifts itself, logged rows, open alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest
from grpc import StatusCode

from components.targets.gcp.dynamic import _EntryProvider
from components.targets.gcp.permissions import granted
from tests.clouds import gcp
from tests.clouds.discovery import Server
from tests.clouds.gcp_calls import ON_BEHALF, all_permissions, needs
from tests.clouds.vertex import Logged, Vertex
from tests.contract.stacks import Gcp
from tests.serving.platforms import COLUMNS, ROW
from training import captures, clock, deployment, monitoring, release
from training.captures import gcp as gcp_captures
from training.clients.gcp import GoogleError, call
from training.clients.http import UnreachableError
from training.endpoint.gcp_fleet import Fleet
from training.endpoint.gcp_requests import version_of
from training.errors import UserError
from training.monitoring import ALARM, INSUFFICIENT, OK
from training.platform import Platform
from training.registry.gcp import open_at
from training.runs import runs_of

SOURCE = "bq://my-project.mlops_test.toys"
# Of whoever creates a run (https://github.com/googleapis/python-aiplatform/issues/1880), and what
# releases call of a deployment that was begun before.
ASKED_BY_THE_SERVICE = {
    "aiplatform.metadataStores.get",
    "aiplatform.endpoints.predict",
    "aiplatform.operations.list",
}


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with gcp.environment(Vertex(tmp_path_factory.mktemp("gcs"))) as service:
        yield service


@pytest.fixture
def stack(server: Server, request: pytest.FixtureRequest) -> Gcp:
    """A stack on a double of its own, with an endpoint that serves nothing."""
    stack = Gcp(request)
    stack.serve()
    return stack


@pytest.fixture
def gcp_called(server: Server) -> None:
    """The double of this test."""


def endpoint(stack: Gcp) -> dict[str, Any]:
    (only_endpoint,) = stack.vertex.endpoints.values()
    return only_endpoint


def fire(stack: Gcp, name: str) -> None:
    """Let the service open an alert of a rule's policy."""
    rules = stack.platform.part(stack.model, "alarms.json")["rules"]
    stack.vertex.open_alerts += [rule["policy"] for rule in rules if rule["name"] == name]


def test_a_new_version_gets_a_share_first(stack: Gcp) -> None:
    first, second = stack.register(), stack.register()
    for version in (first, second):
        _deploy(stack, version)
    assert stack.vertex.splits == [
        {"100": 100},
        {"200": 0, "100": 100},
        {"200": 10, "100": 90},
        {"200": 100},
    ]
    (deployment,) = endpoint(stack)["deployedModels"]
    assert deployment["dedicatedResources"] == {
        "machineSpec": {"machineType": "n1-standard-2"},
        "minReplicaCount": 1,
        "maxReplicaCount": 2,
    }


def test_a_version_that_fails_brings_the_old_one_back(stack: Gcp) -> None:
    first, second = stack.register(), stack.register()
    _deploy(stack, first)
    stack.plane.answers[second] = (200, 50, 20.0)
    with pytest.raises(UserError, match=r"version 2 is not served: .* 50 of its 200 answers"):
        _deploy(stack, second)
    assert endpoint(stack)["trafficSplit"] == {"100": 100}
    assert [deployed_model["id"] for deployed_model in endpoint(stack)["deployedModels"]] == ["100"]


def test_what_a_killed_release_left_is_taken_away(stack: Gcp) -> None:
    first, second = stack.register(), stack.register()
    _deploy(stack, first)
    entry = open_at(stack.platform.registry_uri).entry(stack.model)
    leftover = {"id": "200", "model": f"{entry}@2", "modelVersionId": "2"}
    endpoint(stack)["deployedModels"].append(leftover)
    endpoint(stack)["trafficSplit"] = {"100": 90, "200": 10}
    _deploy(stack, second)
    assert [
        version_of(deployed_model["id"]) for deployed_model in endpoint(stack)["deployedModels"]
    ] == [second]


def test_an_endpoint_is_emptied_though_a_release_is_under_way(stack: Gcp) -> None:
    first, second = stack.register(), stack.register()
    _deploy(stack, first)
    fleet = Fleet(stack.platform.part(stack.model, "endpoint.json"))
    entry = open_at(stack.platform.registry_uri).entry(stack.model)
    fleet.deploy("200", f"{entry}@{second}", {"0": 10, "100": 90})
    assert endpoint(stack)["trafficSplit"] == {"200": 10, "100": 90}
    fleet.empty()
    assert not endpoint(stack)["deployedModels"]
    assert not endpoint(stack)["trafficSplit"]
    fleet.empty()
    stack.vertex.endpoints.clear()
    fleet.empty()


def test_changed_machines_come_with_the_version_that_is_served(stack: Gcp) -> None:
    version = stack.register()
    _deploy(stack, version)
    key = f"models/{stack.model}/endpoint.json"
    part = {**json.loads(stack.platform.store.read(key)), "instance_type": "n1-standard-8"}
    stack.platform.store.write(key, json.dumps(part).encode())
    _deploy(stack, version)
    (deployment,) = endpoint(stack)["deployedModels"]
    assert deployment["id"] == "101"
    assert deployment["dedicatedResources"]["machineSpec"]["machineType"] == "n1-standard-8"


def test_the_registry_shows_one_champion(stack: Gcp) -> None:
    first, second = stack.register(), stack.register()
    for version in (first, second, first):
        _deploy(stack, version)
    (versions,) = stack.vertex.models.values()
    assert [version["versionAliases"] for version in versions] == [["champion"], []]


def test_a_version_names_the_folder_of_its_artifact(stack: Gcp) -> None:
    """As every sample of Google does beside one of its images; another store's has none here."""
    run = f"models/{stack.model}/runs/its-run/outputs/train"
    stack.platform.store.write(f"{run}/model.joblib", b"x")
    gcp.enter(stack.platform, stack.model, "its-run")
    gcp.enter(stack.platform, stack.model, "of-another-store")
    (versions,) = stack.vertex.models.values()
    uris = [version.get("artifactUri") for version in versions]
    assert uris == [f"{stack.platform.store.uri}/{run}", None]


def test_an_entry_is_deleted_with_all_its_versions_once_none_is_deployed(stack: Gcp) -> None:
    registry = open_at(stack.platform.registry_uri)
    assert not registry.empty(stack.model), "there is none before the first version"
    _release_twice(stack)
    with pytest.raises(UserError, match=f"{registry.entry(stack.model)} is deployed"):
        registry.empty(stack.model)
    Fleet(stack.platform.part(stack.model, "endpoint.json")).empty()
    assert registry.empty(stack.model)
    assert not stack.vertex.models
    assert stack.vertex.awaited == set(stack.vertex.operations), "each is waited for"


def test_a_later_stack_of_the_same_name_has_an_entry_of_its_own(stack: Gcp) -> None:
    _release_twice(stack)
    later = gcp.stack(stack.vertex, stack.model, stack.folder)
    document = f"models/{stack.model}/endpoint.json"
    part = {**stack.platform.part(stack.model, "endpoint.json"), "key": f"{gcp.KEY}-of-later"}
    later.store.write(document, json.dumps(part).encode())
    assert gcp.enter(later, stack.model, "its-first") == 1
    before, after = stack.vertex.models.values()
    assert {version["displayName"] for version in (*before, *after)} == {part["name"]}
    assert len(before) == 2, "nothing is added to what was left"
    assert after[0]["encryptionSpec"]["kmsKeyName"] == part["key"]


def test_a_destroy_takes_an_entry_of_which_nothing_is_deployed(stack: Gcp, server: Server) -> None:
    props = {"registry": stack.platform.registry_uri, "model": stack.model}
    _release_twice(stack)
    with pytest.raises(UserError, match="is deployed"):
        _EntryProvider().delete("id", props)
    Fleet(stack.platform.part(stack.model, "endpoint.json")).empty()
    server.calls.clear()
    _EntryProvider().delete("id", props)
    assert not stack.vertex.models
    assert needs(server.calls) <= all_permissions("deploy")
    _EntryProvider().delete("id", props)


def test_alarms_are_what_the_service_says(stack: Gcp) -> None:
    def states() -> dict[str, str]:
        alarms = monitoring.monitoring_of(stack.platform).alarms(stack.platform, stack.model)
        return {alarm.name: alarm.state for alarm in alarms}

    assert states() == {"drift": INSUFFICIENT, "endpoint-errors": INSUFFICIENT}
    _check(stack.platform, stack.model, drifted=[])
    assert states()["drift"] == OK
    fire(stack, "drift")
    _check(stack.platform, stack.model, drifted=["size"])
    assert states()["drift"] == ALARM
    (drift, _) = monitoring.monitoring_of(stack.platform).alarms(stack.platform, stack.model)
    assert drift.value == 1
    effects = [s for s in stack.vertex.series if s["metric"]["type"].endswith("/drift_effect")]
    assert {s["metric"]["labels"]["feature"] for s in effects} == {"size"}
    versions = [s for s in stack.vertex.series if s["metric"]["type"].endswith("/champion_version")]
    assert {s["points"][0]["value"]["doubleValue"] for s in versions} == {3.0}


def test_the_clock_of_the_drift_check_starts_with_the_first_release(stack: Gcp) -> None:
    for version in (stack.register(), stack.register()):
        _deploy(stack, version)
    (series,) = stack.vertex.series
    assert series["metric"]["type"].endswith("/drift_check_completed")
    assert series["points"][0]["value"] == {"doubleValue": 0.0}


def test_logged_requests_are_read_whole_or_in_parts(stack: Gcp) -> None:
    moment = clock.now()
    answer = {"predictions": ["cheap"], "scores": [0.25], "version": 1, "request_id": "a"}
    stack.vertex.rows = [
        _logged(moment, [json.dumps({"instances": [ROW]})], [json.dumps(answer)]),
        _logged(moment, [json.dumps(ROW)], [json.dumps("dear")]),
        _logged(moment, [json.dumps(ROW)], [json.dumps({"error": "no"})]),
    ]
    files = _window(stack, moment)
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert [row["prediction"] for row in rows] == ["cheap", "dear"]
    assert [row["request_id"] for row in rows] == ["a", "77"]
    assert rows[0]["prediction_score"] == 0.25
    assert rows[0]["size"] == ROW["size"] and rows[0]["color"] == "red"


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [ROW]},
        {"dataframe_records": [ROW]},
        {"columns": list(ROW), "data": [list(ROW.values())]},
        {"dataframe_split": {"columns": list(ROW), "data": [list(ROW.values())]}},
        {"inputs": {name: [value] for name, value in ROW.items()}},
        {**ROW, "inputs": "an instance, whatever else it has"},
    ],
)
def test_a_request_of_every_shape_is_read(stack: Gcp, body: dict[str, Any]) -> None:
    moment = clock.now()
    stack.vertex.rows = [_logged(moment, [json.dumps(body)], [json.dumps("dear")])]
    (file,) = _window(stack, moment)
    (row,) = pq.read_table(file).to_pylist()
    assert [row["size"], row["color"]] == [ROW["size"], ROW["color"]]


def test_a_row_that_no_endpoint_logs_is_left_out_and_told(
    stack: Gcp, caplog: pytest.LogCaptureFixture
) -> None:
    moment = clock.now()
    bad_row = _logged(moment, ["nonsense"], [json.dumps({"predictions": [1]})])
    stack.vertex.rows = [bad_row, _logged(moment, [json.dumps(ROW)], [json.dumps("dear")])]
    (file,) = _window(stack, moment)
    assert [row["prediction"] for row in pq.read_table(file).to_pylist()] == ["dear"]
    assert f"{SOURCE}: 1 rows left out" in caplog.text
    stack.vertex.rows = [bad_row]
    with pytest.raises(UserError, match="has no row that an endpoint logs"):
        _window(stack, moment)


NOON = clock.parse("2026-03-01T12:00:00Z")


def _each_day(*days: float, deployment: str = "100") -> list[Logged]:
    """Rows some days from `NOON`, each answered with its day."""
    return [
        Logged(
            deployment, NOON + timedelta(days=day), "77", [json.dumps(ROW)], [json.dumps(str(day))]
        )
        for day in days
    ]


def _read(since: float, until: float, created: float | None = None) -> list[str]:
    """The answers of version 1 between some days from `NOON`, in the order of the files."""
    manifest = {"version": 1, "inputs": [{"name": c.name, "kind": c.kind} for c in COLUMNS]}
    if created is not None:
        manifest["created"] = clock.text(NOON + timedelta(days=created))
    window = captures.captures_of("gcp").window
    files = window(SOURCE, NOON + timedelta(days=since), NOON + timedelta(days=until), manifest)
    return [row["prediction"] for file in files for row in pq.read_table(file).to_pylist()]


def test_only_the_partitions_of_a_window_are_read_and_none_from_before_the_version(
    stack: Gcp,
) -> None:
    """What is read is paid for: it does not grow with what is kept."""
    stack.vertex.rows = _each_day(-40, -1, 0, 1, 2, 3)
    assert _read(-50, 2, created=-1 / 24) == ["0", "1"]
    days = [day for query in stack.vertex.queries.days for day in query]
    assert sorted(f"{day:%m-%d}" for day in days) == ["03-01", "03-02", "03-03"], "each once"


def test_a_long_window_takes_few_queries(stack: Gcp) -> None:
    stack.vertex.rows = _each_day(*range(-60, 1))
    assert _read(-60, 1) == [str(day) for day in range(-60, 1)]
    assert [len(days) for days in stack.vertex.queries.days] == [0, 2, 4, 8, 16, 31]


def test_everything_of_a_version_is_read_from_its_newest_days(
    stack: Gcp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What labels are joined to is bounded; a drift window is not."""
    monkeypatch.setattr(gcp_captures, "MOST_ROWS", 4)
    stack.vertex.rows = _each_day(*range(-60, 0))
    assert _read(-90, 0, created=-80) == [str(day) for day in range(-6, 0)], "1 + 2 + 4 days"
    assert len(_read(-60, 0, created=-80)) == 60


def test_rows_are_put_in_order_by_parts(stack: Gcp, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RUN_BYTES": 500, "RUN_ROWS": 2}.items():
        monkeypatch.setattr(gcp_captures, name, value)
    sizes: list[int] = []
    write = gcp_captures._write_run
    monkeypatch.setattr(
        gcp_captures,
        "_write_run",
        lambda rows, path: sizes.append(len(rows)) or write(rows, path),
    )
    hours = [hour / 24 for hour in (3, 1, 11, 7, 2, 5, 8, 0, 10, 4, 6, 9)]
    stack.vertex.rows = _each_day(*hours)
    stack.vertex.rows += _each_day(*hours, deployment="1000") + _each_day(*hours, deployment="99")
    assert _read(0, 0.5) == [str(hour / 24) for hour in range(12)]
    assert len(sizes) > 2, "not all at once"


def test_a_stream_that_breaks_off_is_read_on_where_it_was(stack: Gcp, server: Server) -> None:
    stack.vertex.rows = _each_day(*(hour / 24 for hour in range(6)))
    gcp.reads().breaks = [(StatusCode.UNAVAILABLE, 2), (StatusCode.UNAVAILABLE, 3)]
    server.calls.clear()
    assert _read(0, 0.5) == [str(hour / 24) for hour in range(6)]
    assert [name.rpartition(".")[2] for name in server.calls] == [
        *("query", "getQueryResults", "get", "CreateReadSession"),
        *["ReadRows"] * 3,
    ]


@pytest.mark.parametrize("code", [StatusCode.PERMISSION_DENIED, StatusCode.NOT_FOUND])
@pytest.mark.parametrize("after", [0, 1])
def test_an_answer_that_may_not_be_read_is_named(stack: Gcp, code: StatusCode, after: int) -> None:
    stack.vertex.rows = _each_day(0, 1 / 24)
    gcp.reads().breaks = [(code, after)]
    with pytest.raises(GoogleError, match=f"BigQuery refused .*tables/answer0: 40[34] {code.name}"):
        _read(0, 0.5)


def test_a_storage_that_does_not_answer_is_asked_again_and_named(
    stack: Gcp, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.vertex.rows = _each_day(0)
    gcp.reads().breaks = [(StatusCode.UNAVAILABLE, 0)] * 2
    assert _read(0, 0.5) == ["0"]
    monkeypatch.setattr("training.clients.http.DEADLINE_SECONDS", 0.2)
    gcp.reads().breaks = [(StatusCode.UNAVAILABLE, 0)] * 1000
    with pytest.raises(UnreachableError, match=r"no answer from BigQuery .* in 0\.2 s: .*luck"):
        _read(0, 0.5)


@pytest.mark.parametrize(
    "verb,path,body,says",
    [
        ("GET", "projects/p/locations/europe-west1/endpoint/1", None, "has no GET"),
        ("GET", "projects/p/locations/europe-west1/endpoints/1?mask=a", None, "unknown param"),
        ("POST", "projects/p/locations/europe-west1/models:upload", {"modle": {}}, "modle"),
    ],
)
def test_the_double_refuses_what_the_service_does_not_know(
    server: Server, verb: str, path: str, body: Any, says: str
) -> None:
    with pytest.raises(GoogleError, match=says):
        call(verb, f"https://europe-west1-aiplatform.googleapis.com/v1/{path}", body)
    assert server.wrong.pop()


def test_the_steps_may_do_what_they_call_and_no_more(stack: Gcp, server: Server) -> None:
    # Before a first release there is nothing to compare.
    runs_of(stack.platform).start(stack.platform, stack.model, "drift-check", {}, _untold)
    _release_twice(stack)
    stack.vertex.rows = [_logged(clock.now(), [json.dumps(ROW)], [json.dumps("dear")])] * 2
    _window(stack, clock.now())
    stack.platform.store.delete("models/toys/none")
    # Starting the run is the schedule's, here the test's.
    calls = needs(server.calls) - {"aiplatform.pipelineJobs.create"}
    assert calls | ON_BEHALF <= all_permissions("steps")
    assert set(granted("steps").project) <= calls


def test_who_promotes_may_do_what_that_calls_and_no_more(stack: Gcp, server: Server) -> None:
    versions = [stack.register(), stack.register()]
    stack.schedule(on=True)
    server.calls.clear()
    back, platform, model = runs_of(stack.platform), stack.platform, stack.model
    for version in versions:
        _deploy(stack, version)
    stack.vertex.outcomes = {"drift": lambda run: (False, "out of luck")}
    with pytest.raises(UserError, match="step 'drift' failed: The replica exited"):
        back.start(platform, model, "drift-check", {}, _untold)
    stack.vertex.outcomes = {"drift": lambda run: (True, "")}
    (failed,) = back.recent(platform, model)
    back.resume(platform, model, failed["run"], _untold)
    back.log(platform, model, failed["run"], "drift")
    assert len(back.schedules(platform, model)) == 1
    _adopt(stack)
    assert needs(server.calls) <= all_permissions("promote")
    assert set(granted("promote").project) - needs(server.calls) <= ASKED_BY_THE_SERVICE


def _adopt(stack: Gcp) -> None:
    """Enter the version of another stack, with the code that made it."""
    wheel = stack.folder / f"mlops_training-0.1.0+{'a' * 12}-py3-none-any.whl"
    wheel.write_bytes(b"code")
    description = {"model": stack.model, "run": "import", "image": None, "code": "a" * 64}
    registry = open_at(stack.platform.registry_uri)
    assert registry.adopt(description, wheel, stack.platform.store) == 3


def _release_twice(stack: Gcp) -> None:
    for version in (stack.register(), stack.register()):
        _deploy(stack, version)


def _deploy(stack: Gcp, version: int) -> None:
    """Release a version; one that is the champion already is brought to the endpoint again."""
    key = f"models/{stack.model}/versions/{version:06d}.json"
    manifest = {**json.loads(stack.platform.store.read(key)), "image": "image"}
    stack.platform.store.write(key, json.dumps(manifest).encode())
    newest = release.champion(stack.platform.store, stack.model)
    if newest is not None and newest.version == version:
        assert deployment.resume(stack.platform, stack.model, say=print)[1]
    else:
        deployment.promote(stack.platform, stack.model, version, why="test", say=print)


def _check(platform: Platform, model: str, drifted: list[str]) -> None:
    check = {
        "verdict": "drift" if drifted else "no_drift",
        "version": 3,
        "drifted": drifted,
        "effects": {name: 0.5 for name in drifted},
        "when": clock.text(clock.now()),
    }
    monitoring.monitoring_of(platform).publish(platform, model, check)


def _logged(moment: Any, requests: list[str], responses: list[str]) -> Logged:
    return Logged("100", moment, "77", requests, responses)


def _window(stack: Gcp, moment: Any) -> list[Any]:
    columns = [{"name": column.name, "kind": column.kind} for column in COLUMNS]
    manifest = {"version": 1, "inputs": columns}
    hour = timedelta(hours=1)
    return captures.captures_of("gcp").window(SOURCE, moment - hour, moment + hour, manifest)


def _untold(step: str, status: str, entry: dict[str, Any]) -> None:
    """Nobody watches."""
