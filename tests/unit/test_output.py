"""Output of commands: tables fit the terminal, colors where they are wanted, times say UTC."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.serving.platforms import make_platform, record_drift_check, register, register_champion
from tests.serving.servers import variables
from training import cli, clock
from training.cli import output
from training.platform import Platform

RUN = "20261128t170725590036-training-a0ec"
WHY = "0.5917 on 17,000 rows is not better than 0.6100 of version 9 by more than the margin"
ROWS = [[RUN, "training", "not registered", "2026-11-28 17:07", "2026-11-28 17:09", WHY]] * 3
HEADINGS = ["run", "pipeline", "outcome", "started (UTC)", "ended (UTC)", "why"]


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_a_table_fits_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    output.print_table(HEADINGS, ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    # Nothing is cut off: the words of each column stand below each other.
    joined = "".join("".join(lines).split())
    assert all(word in joined for word in ("margin", "17,000", "registered"))


def test_a_pipe_gets_a_line_a_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    output.print_table(HEADINGS, ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and lines[2].endswith(WHY) and lines[2].startswith(RUN)


@pytest.mark.parametrize(
    ("variables", "is_colored"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colors_are_asked_for(
    variables: dict[str, str],
    is_colored: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    output.print_table(["alarm", "state"], [["drift", "ALARM"], ["errors", "OK"]])
    text = capsys.readouterr().out
    assert ("\033[31mALARM" in text and "\033[32mOK" in text) == is_colored
    assert ("\033" in text) == is_colored


def test_times_say_how_long_ago() -> None:
    past = clock.now() - timedelta(hours=2, minutes=10)
    assert output.moment(clock.text(past)).endswith(" UTC, 2 h ago")
    assert clock.relative(clock.text(clock.now())) == "now"
    assert clock.relative(clock.text(clock.now() + timedelta(days=3, hours=2))) == "in 3 d"


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return make_platform(tmp_path)


def mlops(platform: Platform, *arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, "-m", "training.cli", *arguments],
        cwd=platform.root, env=variables(COLUMNS="80"), capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_commands_fit_eighty_columns(platform: Platform) -> None:
    for _ in range(2):
        register_champion(platform)
    record_drift_check(platform, ["size"], version=2)
    for command in ("history", "versions", "runs", "status"):
        lines = mlops(platform, command).splitlines()
        assert max(map(len, lines)) <= 80, command


def test_a_version_is_compared_with_the_one_before(platform: Platform) -> None:
    for _ in range(2):
        register(platform)
    text = mlops(platform, "versions", "2")
    assert "compared with version 1" in text and "metric, own holdout" in text
    assert "compared with" not in mlops(platform, "versions", "1")


def test_help_names_version_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    for option, says in (("--version", "mlops 0."), ("--help", "exit codes: 0 done")):
        with pytest.raises(SystemExit) as end:
            cli.main([option])
        assert end.value.code == 0
        assert says in capsys.readouterr().out
