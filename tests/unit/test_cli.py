"""Commands that people type in a hurry answer at once: they import nothing large."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import REPOSITORY
from tests.serving.platforms import make_platform, register_champion
from training import cli

LARGE = {"pandas", "numpy", "sklearn", "scipy", "pyarrow", "mlflow", "sqlalchemy", "pulumi"}
PROGRAM = """
import sys
from training.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as stop:
    code = stop.code
print("imported:", *sorted(set(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack with two releases."""
    platform = make_platform(tmp_path_factory.mktemp("hurry"))
    for _ in range(2):
        register_champion(platform)
    return platform.root


@pytest.mark.parametrize(
    "command", ["--help", "status", "history", "versions", "runs", "rollback --why incident"]
)
def test_nothing_large_is_imported(project: Path, command: str) -> None:
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command.split()],
        cwd=project,
        env={"PYTHONPATH": str(REPOSITORY), "HOME": str(project)},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout
    imported = set(process.stderr.split("imported:")[1].split())
    assert "training.cli" in imported
    assert imported & LARGE == set()


def test_every_command_has_its_group_and_an_example_that_parses() -> None:
    names_in_groups = [name for names in cli.GROUPS.values() for name in names]
    assert sorted(names_in_groups) == sorted([*cli.COMMANDS, *cli.PROJECT_COMMANDS])
    assert cli.EXAMPLES.keys() == cli.COMMANDS.keys()
    for name, example in cli.EXAMPLES.items():
        program, *words = shlex.split(example)
        assert program == "mlops" and name in words
        if "--help" not in words:
            args, rest = cli._parser(words).parse_known_args(words)
            assert callable(args.run) and not rest


@pytest.mark.parametrize("width", [80, 200])
def test_help_fits_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for words in (["--help"], ["status", "--help"], ["alerts", "check", "--help"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        assert ended.value.code == 0
        output = capsys.readouterr().out
        assert max(map(len, output.splitlines())) <= width
        if words[0] == "status":
            assert "example: mlops status --exit-code" in output


def test_a_typo_is_told_with_what_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    for words, typo, hint in (
        (["statu"], "statu", "did you mean status?"),
        (["-s", "status", "rollbak", "--why", "x"], "rollbak", "did you mean rollback?"),
        (["xyz"], "xyz", "mlops --help lists them"),
    ):
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        assert ended.value.code == 2
        assert capsys.readouterr().err.splitlines() == [
            f"error: there is no command {typo!r}; {hint}"
        ]


def test_json_has_the_keys_that_scripts_rely_on(project: Path) -> None:
    def answer(command: str) -> dict:
        process = subprocess.run(
            [sys.executable, "-m", "training.cli", command, "--json"],
            cwd=project,
            env={"PYTHONPATH": str(REPOSITORY), "HOME": str(project)},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(process.stdout)

    status = answer("status")
    keys = {"stack", "target", "champion", "alarms", "last_drift_check", "last_run"}
    assert keys <= status.keys()
    assert {"version", "digest", "released_at"} <= status["champion"].keys()
    assert {"name", "state", "value"} <= status["alarms"][0].keys()
    history = answer("history")
    record = {"number", "kind", "version", "digest", "previous", "by", "why", "when"}
    assert history and all(set(release) == record for release in history)
