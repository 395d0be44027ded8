"""Manifests of versions: damaged ones are named and passed over, newer ones are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
