"""The console of every target: the same pages by its own back ends, and the same actions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.console.browsers import Browser, make_console, sentence
from tests.contract.stacks import Aws, Local, Stack
from tests.contract.test_procedure import GOOD, Case
from training import clock, release, runs
from training.endpoint import endpoint_of
from training.errors import UserError
from training.monitoring import drift_checks
from training.runs import runs_of
from training.traffic import interval_begin


def silent(*_: object) -> None:
    """Progress that nobody wants to see."""


@pytest.fixture
def looked_at(stack: Stack) -> Stack:
    """A stack whose drift check ran on its service, with version 1 released and 2 waiting."""
    runs_of(stack.platform).start(stack.platform, stack.model, "drift-check", {}, silent)
    if isinstance(stack, Aws):
        stack.course.updates.clear()
        stack.course.rolls_back = ""
        stack.course.busy.clear()
    Case(stack, {}).version(GOOD)
    # A local one is served by now.
    stack.schedule(on=not isinstance(stack, Local))
    return stack


def test_the_console_shows_what_the_services_say_and_acts(looked_at: Stack) -> None:
    # One life of a stack for all: it takes seconds to bring up.
    _shows(looked_at)
    if not isinstance(looked_at, Local):
        _shows_traffic(looked_at)
    _acts(looked_at)


def _shows(stack: Stack) -> None:
    platform, model = stack.platform, stack.model
    browser = Browser(make_console(platform, acts=False)).enter()
    page = browser.get("/").text
    assert f"<h1>{platform.stack}</h1>" in page and f"on {platform.target}" in page
    assert re.search(r"<dt>released and served</dt><dd><a [^>]+>version 1</a></dd>", page)
    assert "Version 2 waits for approval" in page and "better" in page
    for rule in platform.part(model, "alarms.json")["rules"]:
        assert f'data-key="{rule["name"]}"' in page
    (record,) = runs_of(platform).recent(platform, model)
    run = record["run"]
    assert f"/models/{model}/runs/{run}" in page and "insufficient data" in page
    # Each page that the dashboard leads to, from the service of the target.
    answer = browser.get(f"/models/{model}/runs/{run}")
    assert answer.status_code == 200 and "insufficient_data: 0 rows" in answer.text
    start = record["steps"]["drift"]["started"]
    heading = answer.text[answer.text.index("<h2>drift: succeeded") :].partition("</h2>")[0]
    assert f'datetime="{start}"' in heading and re.search(r"in \d+\.\d s", heading)
    assert browser.get(f"/models/{model}/versions/2").status_code == 200
    schedules = page[page.index("<h3>Schedules") :].partition("</section>")[0]
    assert "drift check" in schedules and "30 6 * * *" in schedules
    assert f"/models/{model}/runs/{run}" in schedules  # the last of its runs
    assert ">off<" not in schedules
    if not isinstance(stack, Local):
        stack.schedule(on=False)
        assert ">off<" in Browser(make_console(platform, acts=False)).enter().get("/").text
        stack.schedule(on=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(runs_of(platform), "schedules", _refused)
            page = Browser(make_console(platform, acts=False)).enter().get("/").text
        assert "They cannot be read:</span> not allowed" in page and "<h3>Alarms" in page
    (check,) = drift_checks(platform.store, model).records()
    report = browser.get(f"/models/{model}/drift/{check['run']}")
    assert report.status_code == 404  # there was nothing to compare before the first release
    platform.store.write(f"{runs.folder(model, run)}/outputs/drift/report.html", b"<p>a report</p>")
    assert browser.get(f"/models/{model}/drift/{run}").text == "<p>a report</p>"
    for kind, link in (("runs", f"runs/{run}"), ("versions", "versions/2"), ("checks", "drift/")):
        assert f"/models/{model}/{link}" in browser.get(f"/models/{model}/{kind}").text
    state = browser.get("/status.json").json()
    assert (state["stack"], state["target"]) == (platform.stack, platform.target)
    assert state["models"][0]["version"] == 1 and state["models"][0]["waiting"] == [2]
    assert sentence(browser.get(f"/models/{model}/runs/none")).startswith(
        f"Model {model!r} has no run"
    )


def _shows_traffic(stack: Any) -> None:
    platform = stack.platform
    page = Browser(make_console(platform, acts=False)).enter().get("/").text
    assert "tell of no request in the last day" in page and "Traffic, last day" not in page
    # Every minute of two intervals: of one hour ago, and of two days ago.
    begin = interval_begin(clock.now() - timedelta(hours=1))
    for minute in range(15):
        stack.plane.day[begin + timedelta(minutes=minute)] = (4, minute % 2, 20.0, 80.0)
        stack.plane.day[begin + timedelta(days=-2, minutes=minute)] = (90, 90, 900.0, 900.0)
    records = endpoint_of(platform).traffic(platform, stack.model)
    counts = [(r["requests"], r["errors"]) for r in records if r["requests"]]
    assert counts == [(60, 7)]
    assert {r[name] for r in records for name in ("p50_ms", "p95_ms")} <= {20, 80, None}
    assert {r["mean_score"] for r in records} == {None}
    assert [clock.parse(r["at"]) for r in records if r["requests"]] == [begin]
    _shows_the_present_quarter(stack, begin)
    page = Browser(make_console(platform, acts=False)).enter().get("/").text
    assert "Traffic, last day" in page and "errors" in page and "p95 ms 80" in page
    # Whoever has no right to read metrics sees all else.
    stack.plane.day.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoint_of(platform), "traffic", _refused)
        page = Browser(make_console(platform, acts=False)).enter().get("/").text
    assert "It cannot be read:</span> not allowed: cloudwatch" in page and "<h3>Alarms" in page
    (record,) = runs_of(platform).recent(platform, stack.model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs_of(platform), "log", _refused)
        run = f"/models/{stack.model}/runs/{record['run']}"
        answer = Browser(make_console(platform, acts=False)).enter().get(run)
    assert answer.status_code == 200 and "the log cannot be read: not allowed" in answer.text


def _shows_the_present_quarter(stack: Any, begin: datetime) -> None:
    """Seven minutes into a quarter of an hour there are seven minutes of it."""
    for minute in range(7, 15):
        del stack.plane.day[begin + timedelta(minutes=minute)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: begin + timedelta(minutes=7))
        records = endpoint_of(stack.platform).traffic(stack.platform, stack.model)
    answered = [r for r in records if r["requests"]]
    assert [(r["requests"], r["errors"]) for r in answered] == [(28, 3)]
    assert [clock.parse(r["at"]) for r in answered] == [begin]


def _refused(*_: object) -> None:
    raise UserError("not allowed: cloudwatch:GetMetricData")


def _acts(stack: Stack) -> None:
    platform, model = stack.platform, stack.model
    browser = Browser(make_console(platform)).enter()
    form = browser.get(f"/models/{model}/act/promote", subject="2").text
    assert f"<h1>Release version 2 of {model}: version 1 → 2</h1>" in form
    for action, subject, version in (("promote", "2", 2), ("rollback", "", 1)):
        answer = browser.act(action, subject, "seen in the console", model=model)
        assert answer.status_code == 303, answer.text
        job = browser.console.jobs.get(int(answer.headers["location"].rpartition("/")[2]))
        assert job and job.over.wait(60) and job.state == "done", job
        record = release.champion(platform.store, model)
        assert record and (record.version, record.why) == (version, "seen in the console")
        assert release.unfinished(platform.store, model, record) is None
        assert browser.get("/status.json").json()["models"][0]["version"] == version
    if not isinstance(stack, Local):
        answer = browser.get(f"/models/{model}/act/silence", subject="drift")
        assert answer.status_code == 409 and "sent by the service" in sentence(answer)
