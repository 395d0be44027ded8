"""Ten edits that people make, and the project they make them in."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.project import REPOSITORY
from tests.tables import write_classification

PARTS = ("__main__.py", "Pulumi.yaml", "components", "training", "policy")
# What differs from run to run or with every change of the model code, and what stands for it.
VOLATILE = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    # One that a cell cuts off.
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]+\.\.\."), "UUID..."),
    (re.compile(r"\b[0-9a-f]{64}\b"), "SHA256"),
    # Twelve digits alone may be an AWS account, unless they stand where a digest does.
    (re.compile(r"(?<=content )[0-9a-f]{12}\b|(?<=[+`])[0-9a-f]{12}(?=[`-])"), "DIGEST"),
    (re.compile(r"\b(?=\d*[a-f])[0-9a-f]{12}\b"), "DIGEST"),
    (re.compile(r"\b([0-9a-f]{16}-[0-9a-f]{6}|(?=\d*[a-f])[0-9a-f]{16})\b"), "VERSION"),
    (re.compile(r"(?<=/)\d{5,}|\d{13,}"), "NUMBER"),
)
STEP = '        Step("train", '


class Edited:
    """The project in a git repository of its own, with one stack; edits are undone by `reset`."""

    def __init__(self, path: Path, stack: str) -> None:
        self.path = path
        self.stack = stack
        path.mkdir()
        skipped = shutil.ignore_patterns("__pycache__")
        for name in PARTS:
            source = REPOSITORY / name
            if source.is_dir():
                shutil.copytree(source, path / name, ignore=skipped)
            else:
                shutil.copy(source, path / name)
        (path / "stacks").mkdir()
        (path / ".venv").symlink_to(REPOSITORY / ".venv")
        (path / ".gitignore").write_text(".venv\n__pycache__\n")
        self.file = path / "stacks" / f"Pulumi.{stack}.yaml"
        self.file.write_text(yaml.safe_dump({"config": self._config()}))
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        author = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        self.git(*author, "commit", "--quiet", "--message=base")

    def git(self, *arguments: str) -> None:
        """Run git here, without the hooks of this computer's user."""
        command = ["git", "-c", "core.hooksPath=/dev/null", *arguments]
        subprocess.run(command, cwd=self.path, check=True)

    def reset(self) -> None:
        """Undo every edit."""
        self.git("checkout", "--quiet", ".")

    def set(self, key: str, value: Any) -> None:
        """Change a setting: `drift.schedule`, or `aws:region`."""
        content = yaml.safe_load(self.file.read_text())
        section, _, name = key.partition(".")
        place = content["config"]
        full = section if ":" in section else f"mlops:{section}"
        if name:
            place.setdefault(full, {})[name] = value
        else:
            place[full] = value
        self.file.write_text(yaml.safe_dump(content))

    def replace(self, file: str, before: str, after: str) -> None:
        """Change a source file."""
        text = (self.path / file).read_text()
        assert before in text
        (self.path / file).write_text(text.replace(before, after, 1))

    def _config(self) -> dict[str, Any]:
        shipped = REPOSITORY / "stacks" / f"Pulumi.{self.stack}.yaml"
        if self.stack != "local":
            return yaml.safe_load(shipped.read_text())["config"]
        settings = write_classification(self.path / "cancer.csv")
        return {f"mlops:{key}": value for key, value in settings.items()} | {
            "mlops:target": "local",
            "mlops:alerts": {"webhooks": ["env:FIRST", "env:SECOND"]},
        }


def _add_a_step(project: Edited) -> None:
    project.replace(
        "training/pipeline.py", STEP, f'        Step("audit", steps=("prepare",)),\n{STEP}'
    )


def _change_code(project: Edited) -> None:
    project.replace("training/clock.py", '"""', '"""Changed: ')


def _remove_a_receiver(project: Edited) -> None:
    key = "webhooks" if project.stack == "local" else "emails"
    receivers = yaml.safe_load(project.file.read_text())["config"]["mlops:alerts"][key][1:]
    project.set(f"alerts.{key}", receivers)


def _move(project: Edited) -> None:
    cloud = project.stack.split("-")[0]
    moves = {
        "aws": ("aws:region", "eu-west-1"),
        "azure": ("azure-native:location", "northeurope"),
        "gcp": ("gcp:region", "europe-west4"),
    }
    project.set(*moves[cloud])


def _enlarge(project: Edited) -> None:
    larger = {"aws": "ml.m5.2xlarge", "azure": "Standard_DS4_v2", "gcp": "n1-standard-8"}
    project.set("endpoint.instanceType", larger[project.stack.split("-")[0]])


EDITS: dict[str, Callable[[Edited], None]] = {
    "schedule": lambda project: project.set("drift.schedule", "30 4 * * *"),
    "instance-size": _enlarge,
    "threshold": lambda project: project.set("endpoint.maxLatencyMs", 250),
    "step-added": _add_a_step,
    "code-changed": _change_code,
    "retention": lambda project: project.set("retentionDays", 60),
    "receiver-removed": _remove_a_receiver,
    "endpoint-renamed": lambda project: project.set("model", "renamed"),
    "region-changed": _move,
    "drift-check-off": lambda project: project.set("drift.schedule", None),
}
# This computer has no regions, and serves from one process.
NOT_ON_LOCAL = ("instance-size", "region-changed")


def stable(comment: str) -> str:
    """A comment without what differs from run to run."""
    for pattern, name in VOLATILE:
        comment = pattern.sub(name, comment)
    return comment
