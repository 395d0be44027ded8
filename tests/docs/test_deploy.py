"""The units and the cron line that we ship: systemd takes them, and the commands are there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project import REPOSITORY
from training import cli
from training.serving import cron

DEPLOY = REPOSITORY / "deploy"
UNITS = ("mlops-serve.service", "mlops-watch.service", "mlops-watch.timer")
HOME = "/srv/mlops"
# systemd.exec(5): what may stand before a command.
PREFIXES = "-+@:!|"


def commands() -> list[list[str]]:
    """Every `mlops` command of the units and the crontab, as words after its name."""
    units = "\n".join((DEPLOY / unit).read_text() for unit in UNITS)
    lines = re.findall(r"^Exec\w+=(.+)$", units, re.M)
    lines += re.findall(r"(\.venv/bin/mlops [^>|\n]+)", (DEPLOY / "mlops.crontab").read_text())
    return [shlex.split(line.lstrip(PREFIXES))[1:] for line in lines]


def test_every_command_is_one_of_ours() -> None:
    all_commands = commands()
    assert ["serve", "--log-format", "json"] in all_commands and ["alerts", "check"] in all_commands
    for words in all_commands:
        args, rest = cli._parser(words).parse_known_args(words)
        assert callable(args.run) and not rest, words


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """It looks whether the commands are there, so the paths lead to this environment."""
    program = tmp_path / "mlops/.venv/bin/mlops"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS:
        text = (DEPLOY / unit).read_text().replace(HOME, str(tmp_path / "mlops"))
        (tmp_path / unit).write_text(text)
    process = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit) for unit in UNITS)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    # What it does not know it tells, and ends well.
    assert (process.returncode, process.stdout + process.stderr) == (0, "")


def test_the_crontab_has_a_time_and_a_command_on_each_line() -> None:
    text = (DEPLOY / "mlops.crontab").read_text()
    lines = [line for line in text.splitlines() if line and not re.match(r"#|\w+=", line)]
    assert lines
    for line in lines:
        *fields, command = line.split(maxsplit=5)
        cron.Cron.parse(" ".join(fields), "UTC")
        assert command.startswith(f"cd {HOME} && .venv/bin/mlops ")
        assert "%" not in command, "cron makes a new line of it"
