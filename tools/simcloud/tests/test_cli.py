"""The command line of the simulated cloud."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pulumi_simcloud.cli import main
from pulumi_simcloud.harness import SimCloud
from samples import SETTINGS

PROGRAM = "import os, sys; sys.exit('gcp:' not in os.environ['PULUMI_DEBUG_PROVIDERS'])"


def test_run_gives_a_command_the_engines_variables_and_returns_its_code(tmp_path: Path) -> None:
    assert main(["run", "--state", str(tmp_path), "--", sys.executable, "-c", PROGRAM]) == 0
    fails = ["run", "--state", str(tmp_path), "--", sys.executable, "-c", "raise SystemExit(3)"]
    assert main(fails) == 3


def test_show_lists_what_exists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--state", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "the cloud is empty\n"
    token = "aws:sns/topic:Topic"
    SimCloud(tmp_path).seed(token, "a", {"name": "a"}, SETTINGS["aws"])
    main(["show", "--state", str(tmp_path)])
    assert capsys.readouterr().out.startswith(f"{token}  arn:aws:sns:")
    main(["show", "--state", str(tmp_path), "--json"])
    assert json.loads(capsys.readouterr().out)[0]["type"] == token
