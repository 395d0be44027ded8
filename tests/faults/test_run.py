"""The script of faults runs, and what is lost fails it; `make bench-faults` does all."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.faults import run
from tests.project import REPOSITORY
from training import release

pytestmark = pytest.mark.engine


def has_namespaces() -> bool:
    command = ["unshare", "--map-root-user", "--mount", "true"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not has_namespaces(), reason="no mount namespaces here")
def test_faults_lose_nothing() -> None:
    command = [sys.executable, "-m", "tests.faults.run", "--promotes", "3", "--disks", "1"]
    only = [option for name in ("promotes", "clock") for option in ("--only", name)]
    process = subprocess.run([*command, *only], cwd=REPOSITORY, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "| kill -9 of promote and rollback | 3 | 3 | 0 |" in process.stdout


def test_a_release_that_is_gone_counts_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    class Record:
        def __init__(self, version: int) -> None:
            self.version = version

    stack: Any = run.Stack(project=None, acknowledged=[2, 1, 3])  # type: ignore[arg-type]
    monkeypatch.setattr(run.Stack, "platform", property(lambda self: type("P", (), {"store": 0})))
    for journal, expected in (([1, 2, 3, 1, 2, 3], 0), ([1, 2, 3], 1), ([1], 2)):
        monkeypatch.setattr(release, "history", lambda *_, j=journal: [Record(v) for v in j])
        assert stack.count_lost() == expected


def test_a_traceback_is_no_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class FailedProcess:
        returncode = 1

        def output(self) -> str:
            return "Traceback (most recent call last): ..."

    stack: Any = run.Stack(project=None)  # type: ignore[arg-type]
    monkeypatch.setattr(run.Stack, "begin", lambda *_, **__: FailedProcess())
    line = run.Line("a fault")
    with line.attempt():
        stack.run("status")
    assert (line.tried, line.survived) == (1, 0) and "Traceback" in line.notes[0]
