"""Commands that people type in a hurry answer at once: they import nothing large."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import REPOSITORY
from tests.serving.platforms import make_platform, released

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
        released(platform)
    return platform.root


@pytest.mark.parametrize(
    "command", ["--help", "status", "history", "versions", "runs", "rollback --why incident"]
)
def test_nothing_large_is_imported(project: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command.split()],
        cwd=project,
        env={"PYTHONPATH": str(REPOSITORY), "HOME": str(project)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    imported = set(done.stderr.split("imported:")[1].split())
    assert "training.cli" in imported
    assert imported & LARGE == set()


def test_json_has_the_keys_that_scripts_rely_on(project: Path) -> None:
    def answer(command: str) -> dict:
        done = subprocess.run(
            [sys.executable, "-m", "training.cli", command, "--json"],
            cwd=project,
            env={"PYTHONPATH": str(REPOSITORY), "HOME": str(project)},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    status = answer("status")
    wanted = {"stack", "target", "champion", "alarms", "last_drift_check", "last_run"}
    assert wanted <= status.keys()
    assert {"version", "digest", "released_at"} <= status["champion"].keys()
    assert {"name", "state", "value"} <= status["alarms"][0].keys()
    history = answer("history")
    record = {"number", "kind", "version", "digest", "previous", "by", "why", "when"}
    assert history and all(set(release) == record for release in history)
