"""What the pages about a stack and a model decide to show, by records written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.serving.platforms import make_platform, register
from training import clients, clock, release, runs
from training.journal import Journal
from training.monitoring import alarm_events, drift_checks
from training.platform import Platform
from training.serving import details as details_module
from training.serving import journals
from training.serving.details import HISTORIES, Details
from training.serving.journals import Records
from training.store.local import LocalStore

MODEL = "toys"
NOON = clock.parse("2030-01-10T12:00:00Z")
PERFORMANCE = {
    "metric": "roc_auc", "status": "no_drift", "holdout": 0.7, "value": 0.6, "low": 0.5,
    "high": 0.7, "confidence": 0.95, "rows": 9, "labeled": 8, "note": "",
}  # fmt: skip


def at(hours: float) -> str:
    return clock.text(NOON + timedelta(hours=hours))


class Stack:
    """A stack of one model with three versions, by a clock that is moved."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hours = 0.0
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=self.hours))
        self.platform = make_platform(root)
        self.store = self.platform.store
        for _ in range(3):
            register(self.platform)
        self.details = Details(self.platform, Records(self.platform))

    def promote(self, version: int, hours: float, *, staged: bool = False) -> release.Release:
        self.hours = hours
        return release.promote(self.store, MODEL, version, why="", by="test", staged=staged)

    def check(self, run: str, hours: float, verdict: str = "drift", **more: Any) -> dict[str, Any]:
        record = {"run": run, "when": at(hours), "version": 1, "rows": 9, "verdict": verdict,
                  "drifted": ["size"], "effects": {"size": 0.9}, **more}  # fmt: skip
        return drift_checks(self.store, MODEL).append(record)

    def run(self, number: int, pipeline: str = "training", hours: float = 0.0, **more: Any) -> str:
        name = f"20300110t{number:012d}-{pipeline}-0000"
        record = {"run": name, "model": MODEL, "pipeline": pipeline, "status": "succeeded",
                  "started": at(hours), "ended": at(hours), "error": "", "steps": {}, "results": {},
                  "parameters": {}, **more}  # fmt: skip
        self.store.write(f"{runs.folder(MODEL, name)}/{runs.RECORD}", json.dumps(record).encode())
        return name


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(tmp_path, monkeypatch)


def in_a_cloud(stack: Stack, *records: dict[str, Any]) -> list[Any]:
    """Let the stack be one of a cloud, whose service has these runs; what it is asked for."""
    calls: list[Any] = []

    def recent(platform: Platform, model: str, most: int) -> list[dict[str, Any]]:
        calls.append((model, most))
        return list(records)

    stack.platform.document["target"] = "aws"
    stack.details._runs = SimpleNamespace(recent=recent)  # type: ignore[assignment]
    return calls


# A run --------------------------------------------------------------------------------------------


def test_a_run_has_the_logs_of_its_steps_and_its_report(stack: Stack) -> None:
    name = stack.run(1, steps={"train": {}, "admit": {}}, status="failed", error="no rows")
    folder = Path(stack.store.uri) / runs.folder(MODEL, name)
    (folder / "logs").mkdir()
    (folder / "logs" / "train.log").write_text("trained\n")
    page = stack.details.run(MODEL, name)
    assert page is not None and page["logs"] == {"train": "trained\n", "admit": ""}
    assert page["outcome"] == {"word": "failed", "says": "no rows", "changed": False}
    assert page["run"] == name and page["report"] is False
    (folder / "outputs/drift").mkdir(parents=True)
    (folder / "outputs/drift/report.html").write_text("<p>")
    page = stack.details.run(MODEL, name)
    assert page is not None and page["report"] is True
    assert stack.details.drift_report(MODEL, name) == "<p>"
    for none in ("../x", "20300110t000000000009-training-0000", ""):
        assert stack.details.run(MODEL, none) is None
        assert stack.details.drift_report(MODEL, none) is None


def test_a_log_that_nobody_may_read_says_why(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    name = stack.run(1, steps={"train": {}})

    def refuse(*_: Any) -> str:
        raise PermissionError("no right")

    service = stack.details._runs
    stack.details._runs = SimpleNamespace(record=service.record, log=refuse)  # type: ignore[assignment]
    with pytest.raises(PermissionError):
        stack.details.run(MODEL, name)
    monkeypatch.setattr(clients, "explained", lambda error: f"({error})")
    page = stack.details.run(MODEL, name)
    assert page is not None and page["logs"] == {"train": "the log cannot be read: (no right)\n"}


# A version ----------------------------------------------------------------------------------------


def test_a_version_stands_between_its_neighbours(stack: Stack) -> None:
    stack.promote(1, 0)
    stack.promote(2, 1)
    stack.check("a", 2, version=2)
    stack.check("b", 3, version=2, performance=PERFORMANCE)
    stack.check("c", 4, version=1)

    def page(number: int) -> dict[str, Any]:
        result = stack.details.version(MODEL, number)
        assert result is not None
        return result

    pages = {number: page(number) for number in (1, 2, 3)}
    assert [(p["before"], p["after"]) for p in pages.values()] == [(None, 2), (1, 3), (2, None)]
    assert [p["champion"] for p in pages.values()] == [False, True, False]
    assert [p["waits"] for p in pages.values()] == [False, False, True]
    assert pages[1]["changes"] == [] and pages[2]["manifest"]["version"] == 2
    assert [[r["number"] for r in p["releases"]] for p in pages.values()] == [[1], [2], []]
    assert [[c["run"] for c in p["checks"]] for p in pages.values()] == [["c"], ["a", "b"], []]
    assert [[m["run"] for m in p["measurements"]] for p in pages.values()] == [[], ["b"], []]
    assert pages[2]["has_run"] is False and pages[2]["model"] == MODEL
    stack.store.write(f"{runs.folder(MODEL, 'run-2')}/{runs.RECORD}",
                      json.dumps({"status": "succeeded"}).encode())  # fmt: skip
    assert page(2)["has_run"] is True
    assert stack.details.version(MODEL, 4) is None


def test_without_a_release_no_version_is_the_champion(stack: Stack) -> None:
    page = stack.details.version(MODEL, 1)
    assert page is not None and page["champion"] is False and page["waits"] is True


# Lists --------------------------------------------------------------------------------------------


def test_lists_are_pages_newest_first(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details_module, "PAGE_ROWS", 2)
    for number, version in enumerate((1, 2, 1)):
        stack.promote(version, number)
        stack.check(f"c{number}", number)
    names = [stack.run(number) for number in range(3)]
    rows: dict[str, Callable[[Any], Any]] = {
        "releases": lambda r: r["number"], "versions": lambda r: r["version"],
        "checks": lambda r: r["run"], "runs": lambda r: r["run"],
    }  # fmt: skip
    expected = {"releases": [3, 2, 1], "versions": [3, 2, 1], "checks": ["c2", "c1", "c0"],
                "runs": names[::-1]}  # fmt: skip
    assert set(HISTORIES) == set(rows)
    for kind, key in rows.items():
        pages = [stack.details.history(MODEL, kind, page) for page in (1, 2)]
        shown = [[key(row) for row in page["rows"]] for page in pages if page]
        assert shown == [expected[kind][:2], expected[kind][2:]]
        for number, page in enumerate(pages, 1):
            assert page is not None
            assert (page["kind"], page["page"], page["pages"], page["total"]) == (
                kind,
                number,
                2,
                3,
            )
            assert (page["model"], page["champion"], page["waiting"]) == (MODEL, 1, [3])
        assert (
            stack.details.history(MODEL, kind, 0) is stack.details.history(MODEL, kind, 3) is None
        )


def test_a_list_of_nothing_is_one_page(stack: Stack) -> None:
    page = stack.details.history(MODEL, "checks", 1)
    assert page is not None and (page["pages"], page["total"], page["rows"]) == (1, 0, [])
    assert page["champion"] is None and page["waiting"] == [1, 2, 3]
    assert stack.details.history(MODEL, "checks", 2) is None


def test_a_run_without_a_record_is_left_out(stack: Stack) -> None:
    name = stack.run(1)
    (Path(stack.store.uri) / runs.folder(MODEL, "20300110t2-training-0000")).mkdir(parents=True)
    page = stack.details.history(MODEL, "runs", 1)
    assert page is not None and [row["run"] for row in page["rows"]] == [name]
    assert page["rows"][0]["outcome"]["word"] == "succeeded" and page["total"] == 2


def test_a_cloud_is_asked_for_its_newest_runs(stack: Stack) -> None:
    calls = in_a_cloud(stack, {"run": "r", "status": "failed", "error": "e"})
    page = stack.details.history(MODEL, "runs", 1)
    assert page is not None and [row["outcome"]["says"] for row in page["rows"]] == ["e"]
    assert calls == [(MODEL, details_module.NEWEST_RUNS)]


# What was done about a check ----------------------------------------------------------------------


def test_what_was_done_is_what_happened_until_the_next_check(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of no matter for a stack on this computer.
    monkeypatch.setattr(details_module, "NEWEST_RUNS", 1)
    stack.check("a", 0)
    stack.check("few", 2, "insufficient_data")
    stack.check("b", 4)
    events = alarm_events(stack.store, MODEL)
    for run, hours in (("a", 0.1), ("b", 0.2), (None, 0.3)):
        events.append({"alarm": "drift", "state": "ALARM", "at": at(hours), "run": run})
    for number, hours in enumerate((-1, 0, 1, 4, 5)):
        stack.run(10 * number, hours=hours)
    stack.run(25, "drift-check", hours=1)
    for hours, version in ((-1, 1), (0, 2), (2, 1), (4, 2), (5, 1)):
        stack.promote(version, hours)
    stack.hours = 6
    page = stack.details.response(MODEL, "a")
    assert page is not None
    assert (page["check"]["run"], page["next"]["run"], page["complete"]) == ("a", "b", True)
    kinds = [(entry["at"], *(key for key in entry if key != "at")) for entry in page["done"]]
    assert kinds == [
        (at(0), "training"), (at(0), "release"), (at(0.1), "notice"), (at(1), "training"),
        (at(2), "release"), (at(4), "training"), (at(4), "release"),
    ]  # fmt: skip
    assert page["done"][0]["training"]["outcome"]["word"] == "succeeded" and page["model"] == MODEL
    last = stack.details.response(MODEL, "b")
    assert last is not None and last["next"] is None
    assert [entry["at"] for entry in last["done"]] == [at(0.2), at(4), at(4), at(5), at(5)]
    assert stack.details.response(MODEL, "other") is None


def test_of_a_cloud_only_the_newest_runs_are_seen(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(details_module, "NEWEST_RUNS", 2)
    stack.check("a", 0)
    stack.hours = 9

    def training(hours: float) -> dict[str, Any]:
        return {"run": "r", "status": "succeeded", "started": at(hours), "pipeline": "training"}

    for started, seen, complete in [
        ([5, 1], 2, False), ([5, -1], 1, True), ([5], 1, True), ([-1, -2], 0, True),
    ]:  # fmt: skip
        in_a_cloud(stack, *map(training, started))
        page = stack.details.response(MODEL, "a")
        assert page is not None and (len(page["done"]), page["complete"]) == (seen, complete)


# Journals -----------------------------------------------------------------------------------------


def test_records_are_read_once_and_what_is_damaged_is_left_out(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    read = Journal.read

    def count(journal: Journal, number: int) -> dict[str, Any]:
        reads.append(number)
        return read(journal, number)

    for target in ("local", "aws"):
        stack.platform.document["target"] = target
        records = Records(stack.platform)
        journal = Journal(stack.store, f"models/{MODEL}/{target}")
        for number in (1, 2, 3):
            journal.create(number, {"n": number})
        Path(stack.store.uri, journal.prefix, "000002.json").write_text("{")
        monkeypatch.setattr(Journal, "read", count)
        reads.clear()
        assert [record["n"] for record in records.of(journal)] == [1, 3]
        assert sorted(reads) == [1, 2, 3]
        reads.clear()
        journal.create(4, {"n": 4})
        assert [record["n"] for record in records.of(journal)] == [1, 3, 4]
        assert sorted(reads) == [2, 4]
        Path(stack.store.uri, journal.prefix, "000004.json").unlink()
        assert [record["n"] for record in records.of(journal)] == [1, 3]
    assert isinstance(stack.store, LocalStore) and journals.READERS > 1
