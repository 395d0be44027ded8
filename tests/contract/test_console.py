"""The console of every target: the same pages by its own back ends, and the same actions."""

from __future__ import annotations

import re

import pytest

from tests.console.browsers import Browser, make_console, sentence
from tests.contract.stacks import Aws, Local, Stack
from tests.contract.test_procedure import GOOD, Case
from training import release, runs
from training.monitoring import drift_checks
from training.runs import runs_of


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
    return stack


def test_the_console_shows_what_the_services_say_and_acts(looked_at: Stack) -> None:
    # One life of a stack for both: it takes seconds to bring up.
    _shows(looked_at)
    _acts(looked_at)


def _shows(stack: Stack) -> None:
    platform, model = stack.platform, stack.model
    browser = Browser(make_console(platform, acts=False)).enter()
    page = browser.get("/").text
    assert f"<h1>{platform.stack}</h1>" in page and f"on {platform.target}" in page
    served = re.search(r"<dt>served</dt><dd[^>]*>([^<]+)</dd>", page)
    assert served and served[1] == "version 1"
    assert "Version 2 waits for approval" in page and "better" in page
    for rule in platform.part(model, "alarms.json")["rules"]:
        assert f'data-key="{rule["name"]}"' in page
    (record,) = runs_of(platform).recent(platform, model)
    run = record["run"]
    assert f"/models/{model}/runs/{run}" in page and "insufficient data" in page
    # Each page that the dashboard leads to, from the service of the target.
    shown = browser.get(f"/models/{model}/runs/{run}")
    assert shown.status_code == 200 and "insufficient_data: 0 rows" in shown.text
    assert browser.get(f"/models/{model}/versions/2").status_code == 200
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
