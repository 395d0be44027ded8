"""Folders in which the engine can run a revision: nothing in the user's own tree is touched."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import yaml

from training.errors import UserError

STACKS = "stacks"
# Not part of a revision, needed by its program: packages, and the data of local stacks.
LINKED = (".venv", ".mlops/data")
# Written once per folder; a stack's own would need the passphrase or key it was made with.
SECRETS = ("encryptionsalt", "encryptedkey", "secretsprovider")


def resolve(root: Path, revision: str) -> str:
    """The commit a revision stands for; raises UserError if there is none."""
    process = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    if process.returncode:
        raise UserError(
            f"BASE: {revision!r} is no revision of this repository; allowed: a branch, tag or "
            "commit that was fetched, such as origin/main"
        )
    return process.stdout.strip()


def head(root: Path) -> str:
    """The revision that is checked out, and whether files differ from it; empty outside of git."""
    commands = (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "-uno"])
    processes = [
        subprocess.run(["git", *command], cwd=root, capture_output=True, text=True)
        for command in commands
    ]
    if any(process.returncode for process in processes):
        return ""
    changed = ", with changes that are not committed" if processes[1].stdout.strip() else ""
    return f"{processes[0].stdout.strip()}{changed}"


def checked_out(root: Path, commit: str, folder: Path) -> Path:
    """The files of a commit in `folder`, with what else its program needs."""
    archive = subprocess.run(["git", "archive", commit], cwd=root, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return _complete(root, folder)


def working_tree(root: Path, folder: Path) -> Path:
    """The files as they are now, linked into `folder`; stack files are copied."""
    (folder / STACKS).mkdir(parents=True)
    for entry in root.iterdir():
        if entry.name not in (STACKS, ".mlops", ".git", ".venv"):
            (folder / entry.name).symlink_to(entry)
    for file in (root / STACKS).glob("Pulumi.*.yaml"):
        (folder / STACKS / file.name).write_text(file.read_text())
    return _complete(root, folder)


def stack_file(folder: Path, stack: str) -> Path:
    """The file of a stack's settings."""
    return folder / STACKS / f"Pulumi.{stack}.yaml"


def settings(folder: Path, stack: str) -> dict[str, Any]:
    """A stack's settings as its file has them, empty if there is no file."""
    file = stack_file(folder, stack)
    return (yaml.safe_load(file.read_text()) or {}).get("config", {}) if file.exists() else {}


def disclose(folder: Path, stack: str) -> None:
    """Make a stack file of a temporary folder readable without its passphrase or key.

    A secret becomes a text that stands for it, other for another secret, so that a preview
    without credentials still shows that it was changed. Raises UserError for what can't be read.
    """
    file = stack_file(folder, stack)
    content = yaml.safe_load(file.read_text()) or {}
    if content.get("environment"):
        raise UserError(
            f"{file.name}: 'environment' needs a Pulumi Cloud login; a preview without "
            "credentials can't open it (preview with credentials: leave BASE out)"
        )
    plain = {key: value for key, value in content.items() if key not in SECRETS}
    plain["config"] = {key: _disclosed(value) for key, value in content.get("config", {}).items()}
    file.write_text(yaml.safe_dump(plain))


def adopt_salt(base: Path, head: Path, stack: str) -> None:
    """Give a stack file the encryption of the base's, with which the state was written."""
    lines = stack_file(base, stack).read_text().splitlines()
    salt = "".join(f"{line}\n" for line in lines if line.startswith("encryptionsalt:"))
    file = stack_file(head, stack)
    file.write_text(salt + file.read_text())


def _disclosed(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            digest = hashlib.sha256(json.dumps(value).encode()).hexdigest()
            return f"secret-{digest[:12]}"
        return {key: _disclosed(item) for key, item in value.items()}
    return [_disclosed(item) for item in value] if isinstance(value, list) else value


def _complete(root: Path, folder: Path) -> Path:
    for name in LINKED:
        destination = folder / name
        if (root / name).exists() and not destination.exists():
            destination.parent.mkdir(parents=True, exist_ok=True)
            destination.symlink_to((root / name).resolve())
    return folder
