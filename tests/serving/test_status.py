"""`mlops status --exit-code`: the exit code is the state, and the endpoint is really asked."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from tests import warm
from tests.serving.conftest import Start
from tests.serving.platforms import record_drift_check, register, register_champion
from tests.serving.servers import until, variables
from training import cli
from training.monitoring import local
from training.platform import Platform


def status(platform: Platform, *options: str) -> tuple[int, str]:
    """Exit code and output of `mlops status`."""
    process = subprocess.run(
        [warm.programs() / "python", "-m", "training.cli", "status", *options],
        cwd=platform.root,
        env=variables(COLUMNS="200"),  # so that no sentence is broken
        capture_output=True,
        text=True,
    )
    return process.returncode, process.stdout + process.stderr


def test_the_exit_code_is_the_state(platform: Platform, start: Start) -> None:
    assert status(platform, "--exit-code")[0] == 0  # nothing is released, so nothing is down
    register_champion(platform)
    code, says = status(platform, "--exit-code")
    assert code == 4 and "version 1 is released, but the endpoint is not running" in says
    assert status(platform)[0] == 0  # as before, for people
    server = start(platform, "--no-schedules")
    until(lambda: (local.health(platform.store, "toys") or {}).get("version") == 1)
    code, says = status(platform, "--exit-code")
    assert code == 0, says
    record_drift_check(platform, ["size"])
    assert status(platform, "--exit-code")[0] == 3

    # Its heartbeat is fresh still, but it does not answer.
    server.stop(signal.SIGKILL)
    code, says = status(platform, "--exit-code", "--json")
    assert code == 4 and "version 1 is released, but" in json.loads(says)["problem"]


def test_a_check_says_which_version_it_is_about(platform: Platform) -> None:
    for _ in range(2):
        register_champion(platform)
    record_drift_check(platform, ["size"], version=1)
    says = status(platform)[1]
    assert "500 rows against version 1; drifted: size" in says
    assert "nothing is measured of version 2 yet" in says


def test_what_waits_and_where_a_rollback_goes_is_said(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(platform.root)

    def show(command: str) -> str:
        assert cli.main([command]) == 0
        return capsys.readouterr().out

    first = register(platform)
    assert f"for approval: version {first};" in show("status")
    for _ in range(2):
        register_champion(platform)
    assert "waits" not in show("status") and "goes to version 2: mlops rollback" in show("status")
    last = register(platform)
    assert f"for approval: version {last};" in show("status")
    rows = [line.split()[:4] for line in show("versions").splitlines()[2:]]
    assert rows[0] == [str(last), "waits", "for", "approval"]
    assert rows[1][:2] == [str(last - 1), "champion"]
    assert all("waits" not in row for row in rows[1:])
