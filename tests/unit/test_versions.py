"""Manifests of versions: damaged ones are named and passed over, newer ones are read."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn

from training import versions
from training.errors import UserError
from training.store import Store, open_store

GOOD: dict[str, Any] = {
    "model": "m",
    "run": "r",
    "created": "2026-01-01T00:00:00Z",
    "code": "0" * 64,
    "task": "classification",
    "target": "y",
    "inputs": [{"name": "x", "kind": "numeric"}],
    "libraries": {"numpy": "2.0"},
    "data": {"rows": 10, "window": None},
    "metrics": {"metric": "roc_auc", "challenger": 0.9},
    "artifact": {"key": "a", "sha256": "0" * 64},
    "profile": {"key": "p", "sha256": "0" * 64},
}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"data": {}}, "data.rows is missing; data.window is missing"),
    ({"data": []}, r"data is \[\]"),
    ({"libraries": []}, r"libraries is \[\]"),
    ({"metrics": {}}, "metrics.metric is missing"),
    ({"metrics": {"metric": "r2", "challenger": "high"}}, "metrics.challenger is 'high'"),
    ({"inputs": [{"name": "x"}]}, r"inputs has \{'name': 'x'\}"),
    ({"inputs": ["x"]}, "inputs has 'x'"),
    ({"inputs": [{"name": "x", "kind": "image"}]}, "inputs has"),
    ({"artifact": "model.joblib"}, "artifact.key is missing"),
    ({"task": "ranking"}, "task is 'ranking'"),
    ({"split": ["hash"]}, "split is"),
    ({"split": {"method": "hash", "columns": "all"}}, "split is"),
    ({"split": {"method": "hash", "columns": ["x"], "share": "most"}}, "split is"),
    ({"data": {"rows": True, "window": None}}, "data.rows is True"),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


@pytest.mark.parametrize(("changes", "sentence"), BAD)
def test_a_damaged_manifest_stops_no_other_version(
    store: Store, changes: dict[str, Any], sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    for record in (GOOD, {**GOOD, **changes}, {**GOOD, "run": "r3", "from a newer": "version"}):
        versions.journal(store, "m").append(record)
    for _ in range(2):
        assert [m["version"] for m in versions.manifests(store, "m")] == [1, 3]
    assert caplog.text.count("the manifest of version 2 is passed over") == 1
    with pytest.raises(UserError, match=f"version 2 is damaged: .*{sentence}"):
        versions.manifest(store, "m", 2)
    assert versions.manifest(store, "m", 3)["from a newer"] == "version"


def test_what_is_no_object_is_no_manifest() -> None:
    assert versions.manifest_problems([]) == ["it is not a JSON object"]
    assert versions.manifest_problems(GOOD) == []


def leaves(record: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every value in a manifest, of sections too."""
    for name, value in record.items():
        yield (*above, name)
        # What libraries there are is not fixed.
        if isinstance(value, dict) and name != "libraries":
            yield from leaves(value, (*above, name))


def changed(path: tuple[str, ...], *value: Any) -> dict[str, Any]:
    """A good manifest with another value, or none, at a path."""
    record = copy.deepcopy(GOOD)
    section = record
    for name in path[:-1]:
        section = section[name]
    section.pop(path[-1])
    if value:
        section[path[-1]] = value[0]
    return record


@pytest.mark.parametrize("path", list(leaves(GOOD)), ids=".".join)
def test_every_field_is_needed_and_of_its_own_kind(path: tuple[str, ...]) -> None:
    problems = versions.manifest_problems(changed(path))
    below = [".".join(p) for p in leaves(GOOD) if p[: len(path)] == path]
    assert problems and {p.partition(" is missing")[0] for p in problems} <= set(below)
    # Nothing of a manifest is a truth value.
    assert any(
        "True" in p or "missing" in p for p in versions.manifest_problems(changed(path, True))
    )


@pytest.mark.parametrize("value", [9, 0.9])
def test_a_metric_is_any_number(value: float) -> None:
    assert not versions.manifest_problems(changed(("metrics", "challenger"), value))


@pytest.mark.parametrize("kind", ["numeric", "categorical", "boolean"])
def test_columns_of_three_kinds_are_read(kind: str) -> None:
    assert not versions.manifest_problems({**GOOD, "inputs": [{"name": "x", "kind": kind}]})
    assert versions.manifest_problems({**GOOD, "inputs": [{"name": 1, "kind": kind}]})


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_both_tasks_are_read(task: str) -> None:
    assert not versions.manifest_problems({**GOOD, "task": task})


RULE = {"method": "hash", "columns": ["x"], "share": 0.2, "form": 3}


@pytest.mark.parametrize(
    ("rule", "is_good"),
    [
        (None, True),
        ({}, True),
        (RULE, True),
        ({"method": "hash", "columns": []}, True),
        ({**RULE, "share": 1}, True),
        ({**RULE, "seen_until": "2026-01-01"}, True),
        ({**RULE, "seen_until": 3}, False),
        ({**RULE, "columns": ["x", 1]}, False),
        ({**RULE, "method": None}, False),
        ({**RULE, "columns": "x"}, False),
        ({"columns": ["x"]}, False),
        ({"method": "hash"}, False),
        ([], False),
        ("", False),
        (0, False),
        ("hash", False),
    ],
)
def test_a_split_s_rule_is_none_or_whole(rule: Any, is_good: bool) -> None:
    problems = versions.manifest_problems({**GOOD, "split": rule})
    assert problems == ([] if is_good else [f"split is {rule!r}"])


def test_a_long_value_is_told_in_part() -> None:
    for record in ({"data": "x" * 200}, {"inputs": ["x" * 200]}, {"split": ["x" * 200]}):
        problem = versions.manifest_problems({**GOOD, **record})[-1]
        assert (len(problem) <= 100 and "xxx" in problem) or "missing" in problem


def test_a_version_is_told_by_its_number_and_the_one_before_by_its_own(store: Store) -> None:
    for record in (GOOD, {**GOOD, "data": []}, GOOD):
        versions.journal(store, "m").append(record)
    third = versions.manifest(store, "m", 3)
    assert third["version"] == 3 and "number" not in third
    before = versions.before(store, "m", 3)
    assert before and before["version"] == 1, "the second is damaged"
    assert versions.before(store, "m", 1) is None
    with pytest.raises(UserError, match="model 'm' has no version 4; registered versions: 1, 2, 3"):
        versions.manifest(store, "m", 4)
    with pytest.raises(UserError, match="model 'n' has no version 1; none yet"):
        versions.manifest(store, "n", 1)


def test_a_part_is_the_one_that_was_registered(store: Store, tmp_path: Path) -> None:
    record: dict[str, Any] = {**copy.deepcopy(GOOD), "version": 1}
    store.write("a", b"model")
    record["artifact"]["sha256"] = hashlib.sha256(b"model").hexdigest()
    path = versions.open_artifact(store, record, "artifact", tmp_path)
    assert path.read_bytes() == b"model"
    versions.check_whole(store, record)
    message = f"the profile of model 'm' version 1 is gone: p in {store.uri}"
    with pytest.raises(UserError, match=re.escape(message)):
        versions.open_artifact(store, record, "profile", tmp_path)
    store.write("a", b"other")
    with pytest.raises(UserError, match="the artifact of model 'm' version 1 is damaged: a has"):
        versions.check_whole(store, record)


def test_the_digest_of_a_file_of_several_blocks(tmp_path: Path) -> None:
    content = bytes(range(256)) * (9 << 10)
    (tmp_path / "file").write_bytes(content)
    assert versions.sha256(tmp_path / "file") == hashlib.sha256(content).hexdigest()


INSTALLED = {"scikit-learn": "1.6.1", "numpy": "2.1.3", "joblib": "1.4.2"}


@pytest.mark.parametrize(
    ("library", "version", "loads"),
    [
        # https://scikit-learn.org/stable/model_persistence.html: no other version is promised.
        ("scikit-learn", "1.6.0", True),
        ("scikit-learn", "1.5.1", False),
        ("scikit-learn", "0.6.1", False),
        ("scikit-learn", "1.60.1", False),
        ("joblib", "1.4.9", True),
        ("joblib", "1.3.2", False),
        # NumPy 2.0 moved the modules that pickles name; within a major they stay.
        ("numpy", "2.0.0", True),
        ("numpy", "1.26.4", False),
        ("other", "1.0", False),
    ],
)
def test_a_version_is_loaded_by_the_libraries_that_made_it(
    library: str, version: str, loads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "installed_libraries", lambda: INSTALLED)
    record = {**GOOD, "version": 1, "libraries": {**INSTALLED, library: version}}
    if loads:
        versions.check_libraries(record)
    else:
        installed = INSTALLED.get(library, "none")
        with pytest.raises(
            versions.LibrariesDifferError,
            match=f"model 'm' version 1 was made with {library} {version}; here is {installed}; ",
        ):
            versions.check_libraries(record)


def test_the_libraries_here_are_those_that_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert versions.installed_libraries() == {
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "joblib": joblib.__version__,
    }

    def refuse(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", refuse)
    assert set(versions.installed_libraries().values()) == {"not installed"}


def test_a_version_without_an_image_is_not_served_in_one() -> None:
    versions.check_image({**GOOD, "version": 1, "image": "python:3.12"})
    with pytest.raises(UserError, match="model 'm' version 1 names no image to be served in"):
        versions.check_image({**GOOD, "version": 1})
