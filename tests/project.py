"""A project of its own in a temporary folder, with the real engine and the real command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import warm

REPOSITORY = Path(__file__).resolve().parent.parent
ENGINE_HOME = Path(".mlops/engine")
SHARED = ("components", "training", "__main__.py", "Pulumi.yaml")


@dataclass(frozen=True)
class Project:
    """The project's program, linked, with state, stacks and data of its own."""

    path: Path

    @classmethod
    def make(cls, path: Path) -> Project:
        """A new project in the folder `path`."""
        (path / ".mlops" / "state").mkdir(parents=True)
        (path / "stacks").mkdir()
        (path / ENGINE_HOME).mkdir()
        (path / ENGINE_HOME / "logs").touch()
        for name in SHARED:
            if (REPOSITORY / name).exists():
                (path / name).symlink_to(REPOSITORY / name)
        warm.environment(path / ".venv")
        return cls(path)

    def own(self, name: str) -> Path:
        """A copy of a part of the program, to be changed, in the place of the link to it."""
        part = self.path / name
        linked = part.resolve()
        part.unlink()
        shutil.copytree(linked, part, ignore=shutil.ignore_patterns("__pycache__"))
        return part

    def stack(self, name: str, config: dict[str, Any]) -> None:
        """A new stack with these settings."""
        self.write_config(name, config)
        self.pulumi("stack", "init", name)

    def write_config(self, name: str, config: dict[str, Any]) -> None:
        """Replace a stack's settings."""
        settings = {f"mlops:{key}": value for key, value in config.items()}
        path = self.path / "stacks" / f"Pulumi.{name}.yaml"
        path.write_text(json.dumps({"config": settings}))

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        """Run the engine and return what it printed; its exit code is 0, or 1 if it `fails`."""
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        return self._run(command, fails, self.engine_environment())

    def up(self, stack: str, fails: bool = False) -> str:
        """`pulumi up`."""
        return self.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--diff", fails=fails)

    def mlops(self, *arguments: str, fails: bool = False) -> str:
        """Run the command line and return what it printed."""
        command = [_python(), "-m", "training.cli", *arguments]
        return self._run(command, fails, self.environment())

    def json(self, *arguments: str) -> Any:
        """What a command prints with --json, on standard output alone."""
        command = [_python(), "-m", "training.cli", *arguments, "--json"]
        process = subprocess.run(
            command, cwd=self.path, env=self.environment(), capture_output=True, text=True
        )
        return json.loads(process.stdout)

    def destroy(self, stack: str, **environment: str) -> dict[str, Any]:
        """`mlops destroy`, which is of the repository: what it told, and its exit code."""
        path = {"PYTHONPATH": f"{self.path}:{REPOSITORY}"}
        process = subprocess.run(
            [_python(), "-m", "tools.destroy", stack, "--yes", "--json"],
            cwd=self.path,
            env={**self.environment(), **environment, **path},
            capture_output=True,
            text=True,
        )
        assert process.stdout, process.stderr
        return {**json.loads(process.stdout), "code": process.returncode}

    def environment(self) -> dict[str, str]:
        """The environment of commands in this project: no stack, state or secret of the caller."""
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "MLOPS_"))}
        return {
            **variables,
            "PULUMI_BACKEND_URL": f"file://{self.path}/.mlops/state",
            "PULUMI_CONFIG_PASSPHRASE": "",
            # The engine writes all it does, encrypted, to a file in the folder `logs` of its home,
            # which takes a quarter of a preview. Here it can't make the folder, and goes on.
            "PULUMI_HOME": f"{self.path / ENGINE_HOME}",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            # With the SDKs of clouds installed the engine would look for their plugins.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            # Elsewhere than in `pulumi` it would list all packages to find them.
            "PIP_PATH": os.devnull,
            "PYTHONPATH": str(self.path),
        }

    def copy(self, path: Path) -> Project:
        """The same project, with its stacks as they are, in another folder."""
        shutil.copytree(self.path, path, symlinks=True)
        return Project(path)

    def engine_environment(self) -> dict[str, str]:
        """The environment of the engine's own commands, whose Pythons are warm."""
        return {
            **self.environment(),
            "PATH": f"{warm.programs()}{os.pathsep}{os.environ['PATH']}",
        }

    def _run(self, command: list[str], fails: bool, environment: dict[str, str]) -> str:
        process = subprocess.run(
            command,
            cwd=self.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.returncode == int(fails), process.stdout
        return process.stdout


def _python() -> str:
    return str(warm.programs() / "python")
