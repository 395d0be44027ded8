"""A small program's life on a simulated cloud through the real Pulumi engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_simcloud.harness import SimCloud
from samples import SETTINGS

PROGRAMS = Path(__file__).parent / "programs"
PACKAGES = {"aws": "aws", "azure": "azure-native", "gcp": "gcp"}


class Life:
    """One stack of a test program, with a backend and a cloud of its own, all in one folder."""

    def __init__(self, folder: Path, program: str, cloud: SimCloud) -> None:
        self.folder = folder / "program"
        self.project = f"sim-{program}"
        variables = {
            key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")
        }
        self.environment = {
            **variables,
            **cloud.environment,
            "PULUMI_BACKEND_URL": f"file://{folder}/backend",
            "PULUMI_CONFIG_PASSPHRASE": "",
            # A file stands where the engine would keep its logs, which take long: it goes without.
            "PULUMI_HOME": f"{folder}/home",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_STACK": "test",
        }

    @classmethod
    def make(cls, folder: Path, program: str, cloud: SimCloud) -> Life:
        """A new stack, with the settings that its provider has to have."""
        shutil.copytree(PROGRAMS / program, folder / "program")
        # The engine asks pip which packages want plugins, here none. Pip takes longer to start
        # than the small programs take to run.
        (folder / "program" / "pip.py").write_text('print("[]")\n')
        (folder / "backend").mkdir()
        (folder / "home").mkdir()
        (folder / "home" / "logs").touch()
        life = cls(folder, program, cloud)
        life.run("stack", "init", "test", "--no-select")
        package = PACKAGES[program]
        life.configure(**{f"{package}__{key}": value for key, value in SETTINGS[package].items()})
        return life

    def configure(self, **config: str | None) -> None:
        """Sets values of the stack (None: removes one); `aws__region` stands for `aws:region`."""
        file = self.folder / "Pulumi.test.yaml"
        stack = yaml.safe_load(file.read_text()) if file.exists() else {}
        values = stack.setdefault("config", {})
        for key, value in config.items():
            name = key.replace("__", ":") if "__" in key else f"{self.project}:{key}"
            values.pop(name, None)
            if value is not None:
                values[name] = value
        file.write_text(yaml.safe_dump(stack))

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Runs the engine: what it printed. Its exit code has to be as `fails` says."""
        process = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert (process.returncode != 0) == fails, process.stdout + process.stderr
        return process.stdout + process.stderr if fails else process.stdout

    def up(self, fails: bool = False) -> str:
        """`pulumi up`."""
        return self.run("up", "--yes", "--skip-preview", fails=fails)

    def refresh(self) -> str:
        """`pulumi refresh`."""
        return self.run("refresh", "--yes", "--skip-preview", "--diff")

    def destroy(self, fails: bool = False) -> str:
        """`pulumi destroy`."""
        return self.run("destroy", "--yes", "--skip-preview", fails=fails)

    def no_changes(self) -> None:
        """A preview that proposes nothing."""
        self.run("preview", "--expect-no-changes")

    def steps(self) -> dict[str, dict[str, Any]]:
        """What a preview would change: `type::name` to its step."""
        steps = json.loads(self.run("preview", "--json"))["steps"]
        return {
            "::".join(step["urn"].rsplit("::", 2)[1:]).rsplit("$", 1)[-1]: step
            for step in steps
            if step["op"] in ("create", "update", "replace", "delete")
        }

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        return json.loads(self.run("stack", "output", "--json"))


# Starts a cloud and a stack of one of the programs on it.
Begin = Callable[..., tuple[SimCloud, Life]]
# The folder of a program's stack, which is `up` or new; to be copied.
Stored = Callable[[str, bool], Path]


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """The stacks that tests begin with, each of them made once."""

    @cache
    def make(program: str, up: bool) -> Path:
        folder = tmp_path_factory.mktemp(program) / "stack"
        if up:
            shutil.copytree(make(program, False), folder)
        with SimCloud(folder / "cloud") as cloud:
            if up:
                Life(folder, program, cloud).up()
            else:
                Life.make(folder, program, cloud)
        return folder

    return make


@pytest.fixture
def begin(stored: Stored, tmp_path: Path) -> Iterator[Begin]:
    """Starts a cloud and a stack of one of the programs on it, new or `up`."""
    with ExitStack() as stack:

        def make(program: str, up: bool = False, **config: str) -> tuple[SimCloud, Life]:
            folder = shutil.copytree(stored(program, up), tmp_path / program)
            cloud = stack.enter_context(SimCloud(folder / "cloud"))
            life = Life(folder, program, cloud)
            life.configure(**config)
            return cloud, life

        yield make
