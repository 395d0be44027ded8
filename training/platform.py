"""A stack as the command line and the server see it: what `pulumi up` made, by name.

On `local` that is the document ``.mlops/<stack>/platform.json``. Opening it costs no import of
Pulumi, MLflow or pandas, so that status and rollback answer at once.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from training.errors import UserError
from training.store import Store, open_store

DOCUMENT = "platform.json"
STACKS = ".mlops"


def project_root() -> Path:
    """The project's folder: the nearest one upwards with a Pulumi.yaml.

    Raises UserError outside of a project.
    """
    for folder in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parent.parent):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise UserError(f"no Pulumi.yaml in {Path.cwd()} or above: run this inside the project")


@dataclass(frozen=True)
class Platform:
    """One stack that is up."""

    root: Path
    document: dict[str, Any]

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.document["stack"]

    @property
    def target(self) -> str:
        """Where it runs: local, aws, azure or gcp."""
        return self.document["target"]

    @cached_property
    def store(self) -> Store:
        """The artifact store."""
        return open_store(str(self.root / self.document["store"]))

    @property
    def registry_uri(self) -> str:
        """The model registry's address."""
        scheme, _, path = self.document["registry"].partition(":///")
        return f"{scheme}:///{self.root / path}"

    @property
    def models(self) -> list[str]:
        """The models' names."""
        return sorted(self.document["models"])

    def model(self, name: str | None) -> str:
        """`name`, or the only model there is; raises UserError if that is not clear."""
        allowed = ", ".join(self.models)
        if name is None and len(self.models) > 1:
            raise UserError(f"stack {self.stack!r} has several models; say -m with one: {allowed}")
        if name is not None and name not in self.models:
            raise UserError(f"stack {self.stack!r} has no model {name!r}; allowed: {allowed}")
        return name or self.models[0]

    def part(self, model: str, name: str) -> Any:
        """What a capability recorded of `model`: its document `name`, such as ``alarms.json``."""
        return json.loads(self.store.read(f"models/{model}/{name}"))


def open_platform(stack: str) -> Platform:
    """The stack called `stack`; raises UserError if it is not up."""
    root = project_root()
    path = root / STACKS / stack / DOCUMENT
    try:
        return Platform(root, json.loads(path.read_text()))
    except FileNotFoundError:
        up = sorted(found.parent.name for found in (root / STACKS).glob(f"*/{DOCUMENT}"))
        known = f"stacks that are up: {', '.join(up)}" if up else "no stack is up"
        raise UserError(
            f"stack {stack!r} is not up ({known}); bring it up: pulumi up -s {stack}"
        ) from None


def default_stack() -> str:
    """The stack of a command without -s."""
    return os.environ.get("MLOPS_STACK", "local")
