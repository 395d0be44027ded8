"""The model registry: the service that numbers the versions and shows them to people.

What a version is made of stands in its manifest (`training.versions`); a registry back end
gives it a number in the target's own registry and marks there which one is the champion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from training import versions
from training.backends import REGISTRY_SCHEMES, backend
from training.errors import UserError
from training.journal import JournalMovedError
from training.store import ObjectExistsError, Store


class Registry(Protocol):
    """A back end is a module per target with ``open_at(uri) -> Registry``."""

    def number(self, description: dict[str, Any]) -> int:
        """Enter a version and return its number; the same run always gets the same number."""
        ...

    def adopt(self, description: dict[str, Any], package: Path | None, store: Store) -> int:
        """Enter a version whose artifact and profile are in `store`; otherwise as `number`.

        `package` is the code that made it, and serves it where that takes more than the artifact;
        None stands for the code that runs.
        """
        ...

    def mark_champion(self, model: str, version: int) -> None:
        """Show in the registry that `version` is the champion of `model`."""
        ...


def open_registry(uri: str) -> Registry:
    """The registry at `uri`.

    ``sqlite:///PATH``, an MLflow database, on `local`; on a cloud ``sagemaker://``,
    ``azureml://`` or ``vertex://`` and what its back end needs to find it.
    """
    scheme = uri.partition("://")[0]
    if scheme not in REGISTRY_SCHEMES:
        schemes = ", ".join(f"{name}://" for name in REGISTRY_SCHEMES)
        raise UserError(f"registry {uri!r}: no back end; allowed: {schemes}")
    return backend("registry", REGISTRY_SCHEMES[scheme]).open_at(uri)


def register(
    store: Store, registry: Registry, description: dict[str, Any], files: dict[str, Path]
) -> versions.Manifest:
    """Store the version's files, enter it in the registry and write its manifest.

    `description` is the manifest without number, files and digests; `files` are "artifact",
    "profile" and, if there are any, "compiled" and "skops". Can be repeated after a kill at any
    point: objects are named by their digest and the manifest comes last. Raises UserError if
    another version took the number meanwhile.
    """
    return _register(store, lambda entry: registry.adopt(entry, None, store), description, files)


def adopt(
    store: Store,
    registry: Registry,
    description: dict[str, Any],
    files: dict[str, Path],
    package: Path,
) -> versions.Manifest:
    """Register a version that a pipeline of another stack made with the code `package`.

    Otherwise as `register`.
    """
    return _register(
        store, lambda details: registry.adopt(details, package, store), description, files
    )


def _register(
    store: Store,
    number_of: Callable[[dict[str, Any]], int],
    description: dict[str, Any],
    files: dict[str, Path],
) -> versions.Manifest:
    model = description["model"]
    for record in versions.manifests(store, model):
        if record["run"] == description["run"]:
            return record
    entries = {
        part: {**description.get(part, {}), **_store_file(store, model, path)}
        for part, path in files.items()
    }
    description = {**description, **entries}
    number = number_of(description)
    try:
        versions.journal(store, model).create(number, description)
    except JournalMovedError:
        raise UserError(
            f"model {model!r}: another version was registered as {number} at the same moment; retry"
        ) from None
    return versions.manifest(store, model, number)


def _store_file(store: Store, model: str, path: Path) -> dict[str, Any]:
    digest = versions.sha256(path)
    key = f"models/{model}/artifacts/{digest[:16]}/{path.name}"
    content = path.read_bytes()
    try:
        store.create(key, content)
    except ObjectExistsError:
        # One that is there already has this very content, or is damaged.
        if hashlib.sha256(store.read(key)).hexdigest() != digest:
            store.write(key, content)
    return {"key": key, "sha256": digest, "bytes": path.stat().st_size}
