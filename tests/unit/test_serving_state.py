"""The state of a stack's models, as pages, metrics and `mlops status` have it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.serving.platforms import write_part
from tests.unit.test_serving_pages import MODEL, PERFORMANCE, Stack, at
from training import clients, clock, release, retraining_admission
from training.monitoring import alarm_events, silences
from training.platform import Platform
from training.runs.schedules import describe
from training.serving import charts
from training.serving import state as state_module
from training.serving.state import State

DRIFT = {"name": "drift", "metric": "drifted_features", "above": 0, "says": "inputs drifted"}
DAILY = {"cron": "0 3 * * *", "timezone": "UTC"}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(tmp_path, monkeypatch)


def state_of(stack: Stack, *schedules: str) -> State:
    endpoint: Any = SimpleNamespace(model=MODEL, state=lambda: {"model": MODEL, "version": 7})
    described = [describe(name, DAILY, is_on=True) for name in schedules]
    return State(stack.platform, {MODEL: endpoint}, lambda model: described)


def model_of(stack: Stack, *schedules: str) -> dict[str, Any]:
    (model,) = state_of(stack, *schedules).models()
    return model


def test_the_whole_stack_at_its_beginning(stack: Stack) -> None:
    whole = state_of(stack).collect()
    assert {name: whole[name] for name in ("stack", "target", "at")} == {
        "stack": "local", "target": "local", "at": at(0)
    }  # fmt: skip
    (model,) = whole["models"]
    assert (model["model"], model["version"]) == (MODEL, 7), "as its endpoint says"
    empty = {
        "champion": None, "rollback_to": None, "under_way": None, "metric": None, "runs": [],
        "last_drift_check": None, "releases": [], "asked": [], "schedules": [],
        "schedules_error": "", "admissions": {"true": 0, "false": 0}, "waiting": [1, 2, 3],
    }  # fmt: skip
    assert {name: model[name] for name in empty} == empty


def test_releases_newest_first_and_the_one_under_way(stack: Stack) -> None:
    for number in range(9):
        stack.promote(number % 2 + 1, number)
    model = model_of(stack)
    assert [record["number"] for record in model["releases"]] == [9, 8, 7, 6, 5, 4, 3, 2]
    assert (model["champion"]["version"], model["rollback_to"], model["waiting"]) == (1, 2, [3])
    assert model["under_way"] is None
    record = stack.promote(3, 10, staged=True)
    release.steps(stack.store, MODEL, record.number).append({"step": "canary", "when": at(11)})
    under_way = model_of(stack)["under_way"]
    assert (under_way["version"], under_way["step"], under_way["when"]) == (3, "canary", at(11))
    release.steps(stack.store, MODEL, record.number).append({"step": "finished", "when": at(12)})
    assert model_of(stack)["under_way"] is None


def test_what_was_asked_for_and_what_was_admitted(stack: Stack) -> None:
    for number in range(5):
        retraining_admission.requests(stack.store, MODEL).append(
            {"by": "ada", "why": str(number), "when": at(number)}
        )
        retraining_admission.admissions(stack.store, MODEL).append({"admitted": number < 2})
    model = model_of(stack)
    assert [request["why"] for request in model["asked"]] == ["4", "3", "2"]
    assert model["admissions"] == {"true": 2, "false": 3}


def test_the_newest_runs_and_the_last_of_each_schedule(stack: Stack) -> None:
    check = stack.run(1, "drift-check", hours=1)
    names = [stack.run(number, hours=number, results={"x": {}}) for number in range(2, 11)]
    stack.run(0, "drift-check", hours=0)
    model = model_of(stack, "retraining", "drift_check")
    assert [run["run"] for run in model["runs"]] == names[:0:-1]
    assert set(model["runs"][0]) == {"run", "pipeline", "status", "started", "ended", "error",
                                     "outcome"}  # fmt: skip
    assert model["runs"][0]["outcome"] == {"word": "succeeded", "says": "", "changed": True}
    assert {entry["name"]: entry["last"] for entry in model["schedules"]} == {
        "retraining": {"run": names[-1], "started": at(10)},
        # Not among the newest runs.
        "drift_check": {"run": check, "started": at(1)},
    }
    assert model["schedules"][0]["cron"] == DAILY["cron"] and model["schedules_error"] == ""


def test_a_schedule_without_a_run_has_no_last_one(stack: Stack) -> None:
    stack.run(1)
    (entry,) = model_of(stack, "drift_check")["schedules"]
    assert entry["last"] is None


def test_schedules_and_traffic_that_nobody_may_read_say_why(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise PermissionError("no right")

    state = state_of(stack)
    monkeypatch.setattr(state_module, "endpoint_of", lambda p: SimpleNamespace(traffic=refuse))
    with pytest.raises(PermissionError):
        state.page()
    state._schedules = refuse
    with pytest.raises(PermissionError):
        state.models()
    monkeypatch.setattr(clients, "explained", lambda error: f"({error})")
    (model,) = state.page()["models"]
    assert (model["schedules"], model["schedules_error"]) == ([], "(no right)")
    assert (model["day_error"], model["quarter"]) == ("(no right)", None)


def test_the_metric_is_that_of_the_champion(stack: Stack) -> None:
    stack.promote(2, 0)
    holdout = {"metric": "roc_auc", "holdout": 0.7, "version": 2}
    missing = {"when": None, "value": None, "low": None, "high": None, "labeled": 0,
               "status": "no_labels"}  # fmt: skip
    assert model_of(stack)["metric"] == {**missing, **holdout}
    stack.check("a", 1, version=2, performance=PERFORMANCE)
    stack.check("b", 2, version=2, performance={**PERFORMANCE, "value": 0.65, "holdout": 0.9})
    stack.check("c", 3, version=2, performance={**PERFORMANCE, "value": None})
    stack.check("d", 4, version=1, performance={**PERFORMANCE, "value": 0.1})
    metric = model_of(stack)["metric"]
    assert (metric["run"], metric["value"], metric["when"], metric["labeled"]) == (
        "b",
        0.65,
        at(2),
        8,
    )
    assert {name: metric[name] for name in holdout} == holdout
    path = Path(stack.store.uri) / f"models/{MODEL}/versions/000002.json"
    path.write_text("{")
    assert model_of(stack)["metric"] is None


def test_the_last_check_has_its_largest_effects(stack: Stack) -> None:
    effects = {f"f{number}": number / 10 for number in range(10)}
    stack.check("old", 1)
    run = stack.run(1, "drift-check")
    stack.check(run, 2, drifted=["f1", "f3"], effects={**effects, "none": None})
    check = model_of(stack)["last_drift_check"]
    assert (check["run"], check["report"]) == (run, False)
    names = [(row["feature"], row["drifted"]) for row in check["top"]]
    assert names == [("f3", True), ("f1", True), *((f"f{n}", False) for n in (9, 8, 7, 6, 5, 4))]
    assert check["top"][0]["effect"] == 0.3
    report = Path(stack.store.uri) / f"models/{MODEL}/runs/{run}/outputs/drift/report.html"
    report.parent.mkdir(parents=True)
    report.write_text("<p>")
    assert model_of(stack)["last_drift_check"]["report"] is True
    stack.check("few", 3, "insufficient_data", drifted=[])
    assert model_of(stack)["last_drift_check"]["top"] == []


def test_the_page_draws_what_was(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    write_part(stack.platform, MODEL, "alarms.json", {"rules": [DRIFT], "webhooks": []})
    stack.promote(1, 0)
    stack.check("a", 1, performance=PERFORMANCE)
    for hours, alarm, state in (
        (1, "drift", "ALARM"),
        (2, "drift", "ALARM"),
        (3, "other", "ALARM"),
    ):
        alarm_events(stack.store, MODEL).append({"alarm": alarm, "state": state, "at": at(hours)})
    silences.silence(stack.platform, MODEL, "drift", 2, why="known", by="ada")
    calls: dict[str, Any] = {}

    def record(name: str) -> Any:
        def chart(*arguments: Any) -> str:
            calls[name] = arguments
            return name

        return chart

    for name in ("metric_chart", "heat_map", "day_charts"):
        monkeypatch.setattr(charts, name, record(name))

    def traffic(platform: Platform, model: str) -> list[Any]:
        return [platform.stack, model]

    monkeypatch.setattr(state_module, "endpoint_of", lambda p: SimpleNamespace(traffic=traffic))
    state = state_of(stack)
    (model,) = state.page()["models"]
    assert (model["metric_chart"], model["heat_map"], model["day"]) == tuple(calls)
    ((measurement,), (released,)) = calls["metric_chart"]
    assert (measurement["run"], released["version"]) == ("a", 1)
    assert [check["run"] for check in calls["heat_map"][0]] == ["a"]
    assert calls["day_charts"] == (["local", MODEL], clock.now())
    assert (model["quarter"], model["day_error"]) == (MODEL, "")
    (alarm,) = model["alarms"]
    assert (alarm["name"], alarm["state"], alarm["since"]) == ("drift", "ALARM", at(1))
    assert alarm["silenced"]["why"] == "known" and alarm["check"]["run"] == "a"
    monkeypatch.setattr(state_module, "endpoint_of",
                        lambda p: SimpleNamespace(traffic=lambda *_: []))  # fmt: skip
    assert state.page()["models"][0]["quarter"] is None
