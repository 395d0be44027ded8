"""Model versions: immutable, each described by a manifest in the artifact store.

A manifest holds all that status, history, rollback and serving need to know of a version:
artifact and reference profile with their SHA-256, training data window, code digest, library
versions, input columns, metrics. The registry service numbers the versions; the manifest,
written once under that number, is what the platform reads.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training.errors import UserError
from training.journal import Journal
from training.store import Store

Manifest = dict[str, Any]

# A scikit-learn pipeline loads only under the minor version that wrote it (and its NumPy major).
LIBRARIES = ("scikit-learn", "numpy", "joblib")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def installed_libraries() -> dict[str, str]:
    """The versions of the libraries that a model file depends on, without importing them."""
    # Not at the top: it takes as long as all else that status and history import.
    from importlib import metadata

    libraries = {}
    for name in LIBRARIES:
        try:
            libraries[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            libraries[name] = "not installed"
    return libraries


def journal(store: Store, model: str) -> Journal:
    """The manifests of `model`, numbered by version."""
    return Journal(store, f"models/{model}/versions")


def manifests(store: Store, model: str) -> list[Manifest]:
    """All versions of `model`, oldest first."""
    return [_named(record) for record in journal(store, model).records()]


def manifest(store: Store, model: str, version: int) -> Manifest:
    """One version's manifest; raises UserError where there is no such version."""
    try:
        return _named(journal(store, model).read(version))
    except KeyError:
        numbers = journal(store, model).numbers()
        hint = f"registered versions: {', '.join(map(str, numbers))}" if numbers else "none yet"
        raise UserError(f"model {model!r} has no version {version}; {hint}") from None


def open_artifact(store: Store, record: Manifest, part: str, folder: Path) -> Path:
    """A local path of a version's `part` ("artifact" or "profile"), its digest checked.

    Raises UserError if the object is gone or is not what was registered.
    """
    entry, name = record[part], f"{part} of model {record['model']!r} version {record['version']}"
    try:
        path = store.fetch(entry["key"], folder)
    except KeyError:
        raise UserError(f"the {name} is gone: {entry['key']} in {store.uri}") from None
    actual = sha256(path)
    if actual != entry["sha256"]:
        raise UserError(
            f"the {name} is damaged: {entry['key']} has SHA-256 {actual}, "
            f"registered was {entry['sha256']}; it is not loaded"
        )
    return path


class LibrariesDifferError(UserError):
    """A version was made with libraries that cannot be trusted to load it here."""


def check_libraries(record: Manifest) -> None:
    """Raise LibrariesDifferError if the version's artifact cannot be trusted to load here."""
    installed = installed_libraries()
    for name, required in record["libraries"].items():
        parts = 1 if name == "numpy" else 2
        if installed.get(name, "").split(".")[:parts] != required.split(".")[:parts]:
            raise LibrariesDifferError(
                f"model {record['model']!r} version {record['version']} was made with {name} "
                f"{required}; here is {installed.get(name, 'none')}; install that version or "
                "train again"
            )


def check_image(record: Manifest) -> None:
    """Raise UserError if the version names no container image that it can be served in."""
    if record.get("image") is None:
        raise UserError(
            f"model {record['model']!r} version {record['version']} names no image to be "
            "served in: it was not trained by a pipeline of this stack"
        )


def check_whole(store: Store, record: Manifest) -> None:
    """Raise UserError unless the version's artifact is there and is what was registered."""
    with TemporaryDirectory() as folder:
        open_artifact(store, record, "artifact", Path(folder))


def _named(record: dict[str, Any]) -> Manifest:
    return {"version": record["number"], **{k: v for k, v in record.items() if k != "number"}}
