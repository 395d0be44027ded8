"""Champions that are shown in the registry: what is asked of its process, and when it ends."""

from __future__ import annotations

import io
import json
import logging
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.serving.servers import until
from training import priority
from training.serving import champion
from training.serving.alias import aliased_version
from training.serving.champion import Marker

# In place of Python: it writes down how it was started and what it is asked for.
PROGRAM = """#!{python}
import json, os, sys, time

def write(entry):
    with open({record!r}, "a") as file:
        print(json.dumps(entry), file=file)

write(sys.argv[1:])
for line in sys.stdin:
    model, version = json.loads(line)
    write([model, version])
    if version == 97:
        print(json.dumps(""), flush=True)
        os.close(0)
        write("closed")
    if version >= 97:
        time.sleep(60 if version < 99 else 0)
        os._exit(1)
    print(json.dumps("no such version" if version == 9 else ""), flush=True)
"""
LOST = "its process ended, or did not answer in {} s"


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    script, record = tmp_path / "python", tmp_path / "record"
    script.write_text(PROGRAM.format(python=sys.executable, record=str(record)))
    script.chmod(0o755)
    record.touch()
    monkeypatch.setattr(champion, "sys", SimpleNamespace(executable=str(script)))
    return record


@pytest.fixture
def marker(record: Path, tmp_path: Path) -> Iterator[Marker]:
    marker = Marker(f"sqlite:///{tmp_path}/registry.db")
    yield marker
    marker.stop()
    assert marker._process is None


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/registry.db"


def lines(record: Path) -> list[Any]:
    return [json.loads(line) for line in record.read_text().splitlines()]


def process_of(marker: Marker) -> subprocess.Popen[str]:
    assert marker._process is not None
    return marker._process


def test_one_process_is_asked_for_all(
    marker: Marker, record: Path, uri: str, caplog: pytest.LogCaptureFixture
) -> None:
    marker.mark("toys", 2)
    marker.start()
    marker.mark("toys", 9)
    until(lambda: caplog.records)
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert line.getMessage() == "model toys: registry does not show version 9: no such version"
    command = ["-m", "training.serving.champion", uri]
    assert lines(record) == [command, ["toys", 2], ["toys", 9]]
    first = process_of(marker)
    first.kill()
    first.wait()
    marker.mark("toys", 3)
    until(lambda: lines(record)[3:] == [command, ["toys", 3]])
    second = process_of(marker)
    marker.stop()
    assert second.returncode == 0 and not marker._thread.is_alive()
    assert len(caplog.records) == 1


@pytest.mark.parametrize("version", [99, 98])
def test_a_process_that_ends_or_hangs_is_replaced(
    version: int,
    marker: Marker,
    record: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if version == 98:
        monkeypatch.setattr(champion, "TIMEOUT_SECONDS", 0.5)
    marker.mark("toys", version)
    marker.mark("toys", 2)
    marker.start()
    process = until(lambda: marker._process)
    until(lambda: lines(record)[-1:] == [["toys", 2]])
    reason = LOST.format(champion.TIMEOUT_SECONDS)
    assert [line.getMessage() for line in caplog.records] == [
        f"model toys: registry does not show version {version}: {reason}"
    ]
    assert process.returncode == (-signal.SIGKILL if version == 98 else 1)
    assert process_of(marker) is not process


def test_a_process_that_reads_no_more_is_replaced(
    marker: Marker, record: Path, caplog: pytest.LogCaptureFixture
) -> None:
    marker.start()
    marker.mark("toys", 97)
    until(lambda: lines(record)[-1:] == ["closed"])
    process = process_of(marker)
    marker.mark("toys", 2)
    until(lambda: caplog.records)
    assert caplog.records[0].getMessage().endswith(LOST.format(champion.TIMEOUT_SECONDS))
    marker.mark("toys", 3)
    until(lambda: lines(record)[-1:] == [["toys", 3]])
    assert process.returncode == -signal.SIGKILL and len(caplog.records) == 1


def test_what_the_registry_shows_already_needs_no_process(
    marker: Marker, record: Path, uri: str, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(uri.removeprefix("sqlite:///")) as database:
        database.execute(
            "CREATE TABLE registered_model_aliases (name TEXT, alias TEXT, version INTEGER)"
        )
        database.executemany(
            "INSERT INTO registered_model_aliases VALUES (?, ?, ?)",
            [("toys", "champion", 4), ("toys", "other", 5), ("cars", "champion", 6)],
        )
    database.close()
    assert aliased_version(uri, "toys") == 4
    marker.start()
    marker.mark("toys", 4)
    marker.mark("toys", 5)
    until(lambda: lines(record)[-1:] == [["toys", 5]])
    assert ["toys", 4] not in lines(record) and not caplog.records


def test_idle_its_process_ends_in_order(
    marker: Marker, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(champion, "LINGER_SECONDS", 0.2)
    marker.start()
    for count in (1, 2):
        marker.mark("toys", 2)
        process = until(lambda: marker._process)
        until(lambda: marker._process is None)
        assert process.returncode == 0 and lines(record).count(["toys", 2]) == count


def test_a_process_that_hangs_holds_up_no_stop(
    marker: Marker, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(champion, "STOP_SECONDS", 0.5)
    marker.start()
    marker.mark("toys", 98)
    marker.mark("toys", 3)  # is not begun after the stop
    until(lambda: lines(record)[-1:] == [["toys", 98]])
    process = process_of(marker)
    marker.stop()
    assert process.returncode == -signal.SIGKILL and not marker._thread.is_alive()
    assert lines(record)[-1] == ["toys", 98]


def test_a_stop_lets_what_is_under_way_end(marker: Marker, record: Path) -> None:
    marker.mark("toys", 2)
    marker.start()
    marker.stop()
    assert lines(record)[-1:] == [["toys", 2]] and not marker._thread.is_alive()


def test_the_process_opens_the_registry_once_and_goes_on_after_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[Any] = []

    class Registry:
        def mark_champion(self, model: str, version: int) -> None:
            calls.append((model, version))
            if version == 9:
                raise ValueError("no such version")

    def open_registry(uri: str) -> Registry:
        calls.append(uri)
        if len(calls) == 2:
            raise OSError("away")
        return Registry()

    asked = [["toys", version] for version in (1, 1, 9, 2)]
    monkeypatch.setattr(priority, "lower", lambda: calls.append("lower"))
    monkeypatch.setattr(champion, "open_registry", open_registry)
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{json.dumps(a)}\n" for a in asked)))
    champion.main("sqlite:///x")
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answers == ["OSError: away", "", "ValueError: no such version", ""]
    opened = ["lower", "sqlite:///x", "sqlite:///x"]
    assert calls == [*opened, ("toys", 1), ("toys", 9), ("toys", 2)]
