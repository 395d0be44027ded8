"""A git repository with a small program, to preview changes of."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import yaml

from tests.project import REPOSITORY

PROGRAMS = REPOSITORY / "tools" / "simcloud" / "tests" / "programs"
CONFIG = {
    "aws": {"aws:region": "eu-central-1"},
    "azure": {"azure-native:location": "westeurope"},
    "gcp": {"gcp:project": "sim-project", "gcp:region": "europe-west4"},
}


class Repository:
    """The base is the first commit; whatever a test edits is the change."""

    def __init__(self, path: Path, program: str) -> None:
        self.path = path
        self.program = path / "__main__.py"
        self.project = f"sim-{program}"
        path.mkdir()
        shutil.copy(PROGRAMS / program / "__main__.py", self.program)
        project = yaml.safe_load((PROGRAMS / program / "Pulumi.yaml").read_text())
        (path / "Pulumi.yaml").write_text(yaml.safe_dump({**project, "stackConfigDir": "stacks"}))
        (path / "stacks").mkdir()
        (path / ".gitignore").write_text(".venv\n")
        (path / ".venv").symlink_to(REPOSITORY / ".venv")
        self.configure("dev", **CONFIG[program])
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def configure(self, stack: str, **config: object) -> None:
        """Set values of a stack file; None removes one."""
        file = self.path / "stacks" / f"Pulumi.{stack}.yaml"
        content = yaml.safe_load(file.read_text()) if file.exists() else {"config": {}}
        for key, value in config.items():
            name = key if ":" in key else f"{self.project}:{key}"
            content["config"].pop(name, None)
            if value is not None:
                content["config"][name] = value
        file.write_text(yaml.safe_dump(content))

    def edit(self, before: str, after: str) -> None:
        """Change the program."""
        text = self.program.read_text()
        assert before in text
        self.program.write_text(text.replace(before, after))

    def commit(self) -> None:
        """Make what stands there the base."""
        self.git("add", "--all")
        author = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        self.git(*author, "commit", "--quiet", "--message=base")

    def git(self, *arguments: str) -> None:
        """Run git in the repository, without the settings of this computer's user."""
        command = ["git", "-c", "core.hooksPath=/dev/null", *arguments]
        subprocess.run(command, cwd=self.path, check=True)
