"""Model versions: immutable, each described by a manifest in the artifact store.

A manifest holds all that status, history, rollback and serving need to know of a version:
artifact and reference profile with their SHA-256, training data window, code digest, library
versions, input columns, metrics. The registry service numbers the versions; the manifest,
written once under that number, is what the platform reads.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training.errors import UserError
from training.journal import Journal
from training.store import Store

Manifest = dict[str, Any]

log = logging.getLogger(__name__)

# A scikit-learn pipeline loads only under the minor version that wrote it (and its NumPy major).
LIBRARIES = ("scikit-learn", "numpy", "joblib")


_MISSING = object()
_NUMBER = (int, float)
# What status, history, serving and the gate read of a manifest.
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "run": str,
    "created": str,
    "code": str,
    "task": str,
    "target": str,
    "inputs": list,
    "libraries": dict,
    "data": dict,
    "data.rows": int,
    "data.window": (list, type(None)),
    "metrics": dict,
    "metrics.metric": str,
    "metrics.challenger": _NUMBER,
    "artifact.key": str,
    "artifact.sha256": str,
    "profile.key": str,
    "profile.sha256": str,
}
_WARNED_KEYS: set[str] = set()


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
    return readable(store, model, journal(store, model).records())


def readable(store: Store, model: str, records: list[dict[str, Any]]) -> list[Manifest]:
    """The manifests among `records` of the versions' journal; others are told in the log."""
    return [_with_version(record) for record in records if _is_manifest(store, model, record)]


def manifest(store: Store, model: str, version: int) -> Manifest:
    """One version's manifest; raises UserError where there is no such version."""
    try:
        record = _with_version(journal(store, model).read(version))
    except KeyError:
        numbers = journal(store, model).numbers()
        hint = f"registered versions: {', '.join(map(str, numbers))}" if numbers else "none yet"
        raise UserError(f"model {model!r} has no version {version}; {hint}") from None
    problems = manifest_problems(record)
    if problems:
        raise UserError(
            f"the manifest of model {model!r} version {version} is damaged: {'; '.join(problems)}"
        )
    return record


def before(store: Store, model: str, version: int) -> Manifest | None:
    """The version that was registered before `version`; None for the first."""
    earlier = [m for m in manifests(store, model) if m["version"] < version]
    return earlier[-1] if earlier else None


def manifest_problems(record: Any) -> list[str]:
    """The fields of a manifest that are missing or are not what the platform reads; none if good.

    Fields that are not known here are left alone: a newer version of this program wrote them.
    """
    if not isinstance(record, dict):
        return ["it is not a JSON object"]
    problems = []
    for path, types in _FIELDS.items():
        value: Any = record
        for name in path.split("."):
            value = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
        if value is _MISSING:
            problems.append(f"{path} is missing")
        elif not isinstance(value, types) or isinstance(value, bool):
            problems.append(f"{path} is {value!r}"[:100])
    columns = record.get("inputs")
    if isinstance(columns, list):
        kinds = ("numeric", "categorical", "boolean")
        problems += [
            f"inputs has {column!r}"[:100]
            for column in columns
            if not isinstance(column, dict)
            or not isinstance(column.get("name"), str)
            or column.get("kind") not in kinds
        ]
    if not _is_split(record.get("split")):
        problems.append(f"split is {record['split']!r}"[:100])
    if record.get("task") not in (None, "classification", "regression"):
        problems.append(f"task is {record['task']!r}")
    return problems


def _is_split(rule: Any) -> bool:
    """Whether this is the record of a split's rule, of whichever version; older ones have none."""
    if not rule:
        return rule in (None, {})
    return (
        isinstance(rule, dict)
        and isinstance(rule.get("method"), str)
        and isinstance(rule.get("columns"), list)
        and all(isinstance(name, str) for name in rule["columns"])
        and isinstance(rule.get("share", 0.5), _NUMBER)
        and isinstance(rule.get("seen_until", ""), str)
    )


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


def _is_manifest(store: Store, model: str, record: dict[str, Any]) -> bool:
    problems = manifest_problems(record)
    key = f"{store.uri} {model} {record['number']}"
    if problems and key not in _WARNED_KEYS:
        _WARNED_KEYS.add(key)
        log.warning(
            "model %s: the manifest of version %d is passed over: %s",
            model,
            record["number"],
            "; ".join(problems),
        )
    return not problems


def _with_version(record: dict[str, Any]) -> Manifest:
    return {"version": record["number"], **{k: v for k, v in record.items() if k != "number"}}
