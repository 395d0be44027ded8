"""A small program's life on a simulated cloud through the real Pulumi engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_simcloud.harness import SimCloud
from samples import SETTINGS

PROGRAMS = Path(__file__).parent / "programs"


class Life:
    """One stack of a test program, with a backend and a cloud of its own."""

    def __init__(self, folder: Path, program: str, cloud: SimCloud, **config: str) -> None:
        self.folder = folder / "program"
        self.project = f"sim-{program}"
        shutil.copytree(PROGRAMS / program, self.folder)
        (folder / "backend").mkdir()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        self.environment = {
            **kept,
            **cloud.environment,
            "PULUMI_BACKEND_URL": f"file://{folder}/backend",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }
        self.run("stack", "init", "test")
        self.configure(**config)

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
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr if fails else done.stdout

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
        found = json.loads(self.run("preview", "--json"))["steps"]
        return {
            "::".join(step["urn"].rsplit("::", 2)[1:]).rsplit("$", 1)[-1]: step
            for step in found
            if step["op"] in ("create", "update", "replace", "delete")
        }

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        return json.loads(self.run("stack", "output", "--json"))


# Starts a cloud and a stack of one of the programs on it.
Begin = Callable[..., tuple[SimCloud, Life]]


PACKAGES = {"aws": "aws", "azure": "azure-native", "gcp": "gcp"}


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts a cloud and a stack of one of the programs on it."""
    with ExitStack() as stack:

        def make(program: str, **config: str) -> tuple[SimCloud, Life]:
            folder = tmp_path / program
            cloud = stack.enter_context(SimCloud(folder / "cloud"))
            package = PACKAGES[program]
            settings = {f"{package}__{key}": value for key, value in SETTINGS[package].items()}
            return cloud, Life(folder, program, cloud, **{**settings, **config})

        yield make
