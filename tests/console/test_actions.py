"""Actions of the console do what the commands do, and say so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.console.browsers import Browser, hidden_fields, make_console, sentence
from tests.project import REPOSITORY
from tests.serving.platforms import RULES, artifact, record_drift_check, write_part
from tests.serving.receivers import receiving
from tests.serving.servers import until
from training import cli, clock, release, retraining_admission, runs
from training.console import actions, app, jobs
from training.console.snapshot import Snapshot
from training.errors import UserError
from training.monitoring import alarm_events, silences
from training.pipeline import TRAINING
from training.platform import Platform
from training.runs.alive import hold
from training.serving.monitor import Monitor
from training.serving.webhooks import Webhooks


def newest(stack: Platform) -> release.Release:
    record = release.champion(stack.store, "toys")
    assert record
    return record


def job_page(browser: Browser, answer: Any) -> str:
    """The page of the job that a form began, once it is over."""
    assert answer.status_code == 303, answer.text
    job = browser.console.jobs.get(int(answer.headers["location"].rpartition("/")[2]))
    assert job and job.over.wait(60)
    return browser.get(answer.headers["location"]).text


def test_a_waiting_version_is_approved_from_the_dashboard(
    browser: Browser, stack: Platform
) -> None:
    page = browser.get("/").text
    link = 'href="/models/toys/act/promote?subject=3"'
    assert link in page.partition("<h3>")[0] and "approve and release it" in page
    assert link in browser.get("/models/toys/versions/3").text
    form = browser.get("/models/toys/act/promote", subject="3").text
    assert "<h1>Release version 3 of toys: version 2 → 3</h1>" in form
    assert "<button>Release version 3</button>" in form and "metric, own holdout" in form
    page = job_page(browser, browser.act("promote", "3", "better on March"))
    record = newest(stack)
    assert (record.version, record.previous, record.why) == (3, 2, "better on March")
    assert record.by.endswith(", in the console")
    assert "version 3 of &#39;toys&#39; is the champion, was version 2" in page
    assert "waits for approval" not in browser.get("/").text


def test_a_rollback_names_both_versions(browser: Browser, stack: Platform) -> None:
    assert 'href="/models/toys/act/rollback?subject="' in browser.get("/").text
    form = browser.get("/models/toys/act/rollback").text
    assert "<h1>Roll back toys: version 2 → 1</h1>" in form
    page = job_page(browser, browser.act("rollback", why=" errors since ten "))
    record = newest(stack)
    assert (record.kind, record.version, record.why) == ("rollback", 1, "errors since ten")
    assert "reason: errors since ten" in page and ">done</span>" in page
    # There is none before version 1: no link, and a sentence for who comes anyway.
    assert "act/rollback" not in browser.get("/").text
    answer = browser.get("/models/toys/act/rollback")
    assert answer.status_code == 409
    assert "no version released before version 1" in sentence(answer)


@pytest.mark.parametrize("why", ["", " \n ", "x" * 1001])
def test_a_reason_is_asked_for_again(browser: Browser, stack: Platform, why: str) -> None:
    answer = browser.act("rollback", why=why)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text and "Nothing was done" in answer.text
    assert f">{why.strip()}</textarea>" in answer.text
    assert newest(stack).number == 2
    # The page that says so is a form again.
    fields = {**hidden_fields(answer.text), "why": "now with a reason"}
    assert browser.post("/models/toys/act/rollback", fields).status_code == 303
    assert newest(stack).why == "now with a reason"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/models/toys/act/promote?subject=2", 409, "is the champion already"),
        ("/models/toys/act/promote?subject=9", 409, "has no version 9"),
        ("/models/toys/act/promote?subject=-1", 409, "'-1' is not allowed"),
        ("/models/toys/act/promote", 409, "'' is not allowed"),
        ("/models/toys/act/silence?subject=none", 409, "allowed: drift, errors"),
        ("/models/toys/act/delete", 404, "allowed: promote, rollback, retrain, silence"),
        ("/models/none/act/rollback", 404, "there are: toys"),
        ("/models/toys/versions/9", 404, "has no version '9'"),
        ("/models/toys/runs/..", 404, ""),
        ("/models/toys/runs/none", 404, "has no run 'none'"),
        ("/models/toys/drift/none", 404, "has no drift report"),
        ("/jobs/1", 404, "no job '1'"),
        ("/models/toys/releases?page=2", 404, "no page '2' of the releases"),
        ("/nowhere", 404, "no page '/nowhere'"),
    ],
)
def test_what_makes_no_sense_is_said(browser: Browser, path: str, status: int, words: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == status and words in sentence(answer)


def test_what_the_release_refuses_is_on_the_page(browser: Browser, stack: Platform) -> None:
    artifact(stack, 3).write_bytes(b"damaged")
    answer = browser.act("promote", "3")
    assert answer.status_code == 409
    assert ">failed</span>" in answer.text and "damaged" in answer.text
    assert newest(stack).number == 2


def test_a_long_action_is_followed(
    browser: Browser, stack: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def slow(platform: Platform, plan: Any, why: str, hours: float, say: Callable) -> str:
        say("bringing up version 1")
        assert go.wait(60)
        return "the end"

    monkeypatch.setattr(actions, "perform", slow)
    monkeypatch.setattr(app, "PATIENCE_SECONDS", 0.05)
    answer = browser.act("rollback")
    page = browser.get(answer.headers["location"])
    assert "bringing up version 1" in page.text and ">under way</span>" in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text and "<script nonce=" in page.text
    assert "Roll back toys: version 2 → 1</a>: under way" in browser.get("/").text
    go.set()
    page = job_page(browser, answer)
    assert "the end" in page and "<script" not in page


def test_a_fault_of_ours_is_no_secret(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_fault(*_: Any) -> str:
        raise RuntimeError("s3cret")

    monkeypatch.setattr(actions, "perform", raise_fault)
    answer = browser.act("rollback")
    assert answer.status_code == 409 and "s3cret" not in answer.text
    assert "terminal says why" in answer.text and browser.console.jobs.running() == []
    job = browser.console.jobs.get(1)
    assert job and job.state == jobs.FAILED


def test_a_retraining_runs_the_pipeline(browser: Browser, stack: Platform) -> None:
    """The real runner and the real first step, which another run's lease makes the last."""
    data = stack.root / "data.csv"
    data.write_text("size,price\n1,cheap\n")
    step = TRAINING.step("admit")
    settings = {
        "model": "toys", "store": stack.store.uri, "min_rows": "1", "cooldown_hours": "0",
        "max_run_minutes": "60",
    }  # fmt: skip
    arguments = step.arguments(
        settings,
        lambda name: f"{{outputs.{name}}}" if name == step.name else str(data),
        "{{parameters.{}}}".format,
    )
    entry = {"name": "admit", "arguments": arguments, "after": [], "when": [], "repeat": True}
    definition = {
        "package": str(REPOSITORY), "parameters": dict(TRAINING.parameters), "steps": [entry]
    }  # fmt: skip
    write_part(stack, "toys", "pipelines/training.json", definition)
    rules = retraining_admission.Rules(0, 0, 60)
    other = retraining_admission.Request("other", "manual", 1, clock.now())
    with hold(Path(stack.store.uri) / runs.folder("toys", "other")):
        retraining_admission.admit(stack.store, "toys", rules, other, alive=lambda run: True)
        page = job_page(browser, browser.act("retrain", why="new labels <b>"))
    assert "not retrained: " in page and "other" in page and "admit: succeeded in" in page
    (request,) = retraining_admission.requests(stack.store, "toys").records()
    assert request["why"] == "new labels <b>" and request["by"].endswith(", in the console")
    assert "new labels &lt;b&gt;" in browser.get("/").text


def states(stack: Platform) -> list[tuple[str, str]]:
    return [(e["alarm"], e["state"]) for e in alarm_events(stack.store, "toys").records()]


def test_a_silenced_alarm_is_shown_and_not_told(
    browser: Browser, stack: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    retrained: list[str] = []
    webhooks = Webhooks()
    with receiving() as receiver:
        write_part(stack, "toys", "alarms.json", {"rules": RULES, "webhooks": [receiver.url]})
        monitor = Monitor(stack, "toys", webhooks, retrained.append)
        record_drift_check(stack, ["size"], version=2)
        webhooks.start()
        page = job_page(browser, browser.act("silence", "drift", "known since Monday", hours="4"))
        assert "no notices of drift until " in page
        monitor.check()
        assert states(stack) == [] and retrained == ["toys"]
        page = browser.get("/").text
        assert "known since Monday" in page and "end the silence" in page
        assert "(1) drift ·" in page  # it is on all the same
        # Another alarm is told meanwhile, and this one once its silence is over.
        later = clock.now() + timedelta(hours=4, minutes=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        monitor.check()
        until(lambda: receiver.events)
        webhooks.stop()
    assert states(stack) == [("drift", "ALARM")]
    assert "known since Monday" not in browser.get("/").text


def test_a_silence_is_ended(
    browser: Browser, stack: Platform, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(stack.root)
    record_drift_check(stack, ["size"], version=2)
    line = ["alerts", "silence", "drift", "--hours", "2", "--why", "known"]
    assert cli.main(line) == 0
    assert "no notices of drift of 'toys' until " in capsys.readouterr().out
    assert cli.main(["status"]) == 0
    output = capsys.readouterr().out
    assert "; silenced until " in output and ": known" in output
    form = browser.get("/models/toys/act/silence", subject="drift").text
    assert "End the silence of drift of toys" in form and ": known" in form
    assert "notices of drift are sent again" in job_page(browser, browser.act("silence", "drift"))
    assert silences.active(stack.store, "toys") == {}
    assert cli.main([*line[:4], "0", "--why", "again"]) == 1
    assert "'drift' of model 'toys' is not silenced" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("alarm", "hours", "words"),
    [
        ("dirft", 1, "allowed: drift, errors"),
        ("drift", -1, "allowed: 0 to 168"),
        ("drift", 169, "allowed: 0 to 168"),
        ("drift", float("nan"), "allowed: 0 to 168"),
    ],
)
def test_a_silence_has_limits(stack: Platform, alarm: str, hours: float, words: str) -> None:
    with pytest.raises(UserError, match=words):
        silences.silence(stack, "toys", alarm, hours, why="a test")
    assert silences.journal(stack.store, "toys").numbers() == []


def test_the_hours_of_a_silence_are_those_offered(browser: Browser, stack: Platform) -> None:
    for hours in ("0", "9999", "nan", ""):
        answer = browser.act("silence", "drift", hours=hours)
        assert answer.status_code == 400 and "one of 1, 4, 24, 72" in answer.text
    assert silences.journal(stack.store, "toys").numbers() == []


def test_a_cloud_silences_its_alarms_itself(stack: Platform) -> None:
    cloud = Platform(stack.root, {**stack.document, "target": "aws"})
    with pytest.raises(UserError, match=r"sent by the service.*docs/console\.md"):
        silences.silence(cloud, "toys", "drift", 1, why="a test")


def test_a_slow_service_is_told(stack: Platform) -> None:
    """The page comes at once, says what it waits for, and is there when the answer is."""
    gate, calls = threading.Event(), []
    console = make_console(stack, fresh_seconds=3600)
    collect = console.state.page

    def slow() -> dict[str, Any]:
        calls.append(datetime.now(timezone.utc))
        assert gate.wait(60)
        return collect()

    console.snapshot = Snapshot(slow, 3600)
    browser = Browser(console).enter()
    app.PATIENCE_SECONDS, patience = 0.05, app.PATIENCE_SECONDS
    try:
        page = browser.get("/")
        assert page.status_code == 200 and "are asked for the state of the stack since" in page.text
        assert browser.get("/status.json").status_code == 503
        assert len(calls) == 1
        gate.set()
        until(lambda: "<h2>toys</h2>" in browser.get("/").text)
    finally:
        app.PATIENCE_SECONDS = patience
    assert browser.get("/status.json").json()["models"][0]["model"] == "toys"
    browser.act("rollback")  # what was changed is asked for again
    until(
        lambda: (
            "version 1</dd>" in browser.get("/").text or "version 1</a>" in browser.get("/").text
        )
    )
    assert len(calls) == 2


def test_a_service_that_fails_is_told_with_the_state_before(stack: Platform) -> None:
    answers: list[Any] = [
        UserError("signed out"),
        make_console(stack).state.page,
        UserError("again"),
    ]

    def collect() -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer()

    console = make_console(stack)
    console.snapshot = Snapshot(collect, 0)
    browser = Browser(console).enter()
    assert "gave no state: signed out" in browser.get("/").text
    assert "<h2>toys</h2>" in browser.get("/").text
    page = browser.get("/").text
    assert "No newer state:</span> again" in page and "<h2>toys</h2>" in page
