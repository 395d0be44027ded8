"""Pipeline runs: what every target must do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.contract.stacks import DAILY, Local, Stack
from training import clock
from training.errors import UserError
from training.runs import FAILED, RUNNING, SUCCEEDED, runs_of

CHECK = "drift-check"


class Progress:
    """What a run told of its steps."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, str]] = []
        self.entries: list[dict[str, Any]] = []

    def __call__(self, step: str, status: str, entry: dict[str, Any]) -> None:
        self.changes.append((step, status))
        self.entries.append(dict(entry))


def start(stack: Stack, progress: Progress | None = None) -> dict[str, Any]:
    progress = progress or Progress()
    return runs_of(stack.platform).start(stack.platform, stack.model, CHECK, {}, progress)


def test_a_run_is_followed_to_its_end(stack: Stack) -> None:
    progress = Progress()
    record = start(stack, progress)
    assert progress.changes[-2:] == [("drift", RUNNING), ("drift", SUCCEEDED)]
    assert (record["status"], record["error"]) == (SUCCEEDED, "")
    assert (record["model"], record["pipeline"]) == (stack.model, CHECK)
    assert record["steps"]["drift"]["status"] == SUCCEEDED
    assert record["steps"]["drift"]["seconds"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["steps"]["drift"]["started"])
    assert record["results"]["drift"]["verdict"] == "insufficient_data"
    assert record["results"]["drift"]["run"] == record["run"] == record["parameters"]["run"]
    assert record["parameters"]["since"] == ""
    assert record["started"] <= record["ended"]


def test_a_run_can_be_looked_at_afterwards(stack: Stack) -> None:
    back, platform, model = runs_of(stack.platform), stack.platform, stack.model
    assert back.recent(platform, model) == []
    first, second = start(stack)["run"], start(stack)["run"]
    assert [record["run"] for record in back.recent(platform, model)] == [second, first]
    assert [record["run"] for record in back.recent(platform, model, most=1)] == [second]
    record = back.record(platform, model, first)
    assert record["results"]["drift"]["run"] == first
    assert not back.alive(platform, model, first)
    assert "insufficient_data: 0 rows" in back.log(platform, model, first, "drift")
    assert back.log(platform, model, first, "none") == ""


def test_the_newest_of_one_pipeline(stack: Stack) -> None:
    back, platform, model = runs_of(stack.platform), stack.platform, stack.model
    run = start(stack)["run"]
    assert [r["run"] for r in back.recent(platform, model, pipeline=CHECK)] == [run]
    assert back.recent(platform, model, pipeline="training") == []


def test_a_schedule_says_when_it_fires_while_it_is_on(stack: Stack) -> None:
    back, platform, model = runs_of(stack.platform), stack.platform, stack.model
    stack.schedule(on=False)
    (schedule,) = back.schedules(platform, model)
    assert schedule == {"name": "drift_check", **DAILY, "on": False, "next": None}
    stack.schedule(on=True)
    (schedule,) = back.schedules(platform, model)
    assert schedule["on"]
    following = clock.parse(schedule["next"])
    assert clock.now() < following <= clock.now() + timedelta(hours=25)
    berlin = following.astimezone(ZoneInfo("Europe/Berlin"))
    assert (berlin.hour, berlin.minute) == (6, 30)


def test_a_failed_run_says_why_and_goes_on_when_mended(stack: Stack) -> None:
    back, platform, model = runs_of(stack.platform), stack.platform, stack.model
    with stack.failing("drift") as reason, pytest.raises(UserError, match=reason):
        start(stack)
    (failed,) = back.recent(platform, model)
    assert failed["status"] == failed["steps"]["drift"]["status"] == FAILED
    assert failed["error"].startswith("step 'drift' failed: ") and reason in failed["error"]
    progress = Progress()
    record = back.resume(platform, model, failed["run"], progress)
    assert (record["run"], record["status"]) == (failed["run"], SUCCEEDED)
    if isinstance(stack, Local):  # on a cloud a step may be over at the first look
        entry = progress.entries[progress.changes.index(("drift", RUNNING))]
        assert entry.keys() == {"status", "started"}
    with pytest.raises(UserError, match="is succeeded; only a failed run can be resumed"):
        back.resume(platform, model, failed["run"], Progress())


def test_a_run_that_is_not_there(stack: Stack) -> None:
    back, platform, model = runs_of(stack.platform), stack.platform, stack.model
    with pytest.raises(KeyError):
        back.record(platform, model, "none")
    assert not back.alive(platform, model, "none")
    with pytest.raises(UserError, match="has no run 'none'; the newest: none"):
        back.resume(platform, model, "none", Progress())
