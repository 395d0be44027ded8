"""A stack as the command line, the server and the steps see it: what `pulumi up` made, by name.

That is the document ``platform.json`` in the stack's artifact store. On `local` the store is the
folder ``.mlops/<stack>``; on a cloud its address is asked of Pulumi once and kept in
``.mlops/<stack>/store``. Opening it costs no import of Pulumi, MLflow or pandas, so that status
and rollback answer at once.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from training.errors import UserError
from training.store import Store, open_store

DOCUMENT = "platform.json"
STACKS = ".mlops"
ADDRESS = "store"


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
        """The target it runs on: local, aws, azure or gcp."""
        return self.document["target"]

    @cached_property
    def store(self) -> Store:
        """The artifact store."""
        return open_store(_absolute(self.root, self.document["store"]))

    @property
    def registry_uri(self) -> str:
        """The model registry's address."""
        scheme, _, path = self.document["registry"].partition(":///")
        return f"{scheme}:///{self.root / path}" if path else self.document["registry"]

    @property
    def models(self) -> list[str]:
        """The models' names."""
        return sorted(self.document["models"])

    def model(self, name: str | None) -> str:
        """`name`, or the only model there is; raises UserError if that is not clear."""
        names = ", ".join(self.models)
        if name is None and len(self.models) > 1:
            raise UserError(f"stack {self.stack!r} has several models; pass -m with one: {names}")
        if name is not None and name not in self.models:
            raise UserError(f"stack {self.stack!r} has no model {name!r}; allowed: {names}")
        return name or self.models[0]

    def part(self, model: str, name: str) -> Any:
        """A capability's document about `model`, such as ``alarms.json``, by its name."""
        return json.loads(self.store.read(f"models/{model}/{name}"))


def open_platform(stack: str) -> Platform:
    """The stack called `stack`; raises UserError if it is not up."""
    root = project_root()
    folder = root / STACKS / stack
    if (folder / DOCUMENT).is_file():
        return platform_at(f"{STACKS}/{stack}", root)
    address = _address(folder, stack)
    try:
        return platform_at(address, root)
    except KeyError:
        up = sorted(path.parent.name for path in (root / STACKS).glob(f"*/{DOCUMENT}"))
        hint = f"stacks that are up here: {', '.join(up)}" if up else "no stack is up here"
        raise UserError(
            f"stack {stack!r} is not up ({hint}); bring it up: pulumi up -s {stack}"
        ) from None


def platform_at(store: str, root: Path | None = None) -> Platform:
    """The stack whose artifact store is at `store`; a step knows no more of its stack.

    A folder's path is relative to `root`. Raises KeyError if no stack is up there.
    """
    root = root or Path.cwd()
    document = json.loads(open_store(_absolute(root, store)).read(DOCUMENT))
    return Platform(root, {**document, "store": store})


def _address(folder: Path, stack: str) -> str:
    """The address of the stack's store: as it was kept, or as Pulumi says."""
    address_file = folder / ADDRESS
    if address_file.is_file():
        return address_file.read_text().strip()
    command = ["pulumi", "stack", "output", "store", "--stack", stack]
    try:
        output = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return str(folder)
    address = output.stdout.strip()
    if output.returncode != 0 or "://" not in address:
        return str(folder)
    folder.mkdir(parents=True, exist_ok=True)
    address_file.write_text(f"{address}\n")
    return address


def _absolute(root: Path, store: str) -> str:
    return store if "://" in store else str(root / store)


def default_stack() -> str:
    """The stack of a command without -s."""
    return os.environ.get("MLOPS_STACK", "local")
