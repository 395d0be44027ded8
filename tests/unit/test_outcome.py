"""The outcome of a run: what changed nothing says so, and why."""

from __future__ import annotations

from typing import Any

import pytest

from training.runs.outcome import outcome

ADMITTED = {"admitted": True, "reason": ""}
PASSED = {"passed": True, "reason": "0.80 against 0.70"}
CASES: dict[str, tuple[dict[str, Any], str, str, bool]] = {
    "refused by admission": (
        {"admit": {"admitted": False, "reason": "0 new labeled rows"}},
        "not retrained", "0 new labeled rows", False,
    ),
    "refused by the gate": (
        {"admit": ADMITTED, "evaluate": {"passed": False, "reason": "0.66 against 0.69"}},
        "not registered", "0.66 against 0.69", False,
    ),
    "waits for approval": (
        {"admit": ADMITTED, "evaluate": PASSED, "register": {"version": 7, "approved": False}},
        "waits for approval", 'version 7: mlops promote 7 --why "..."', True,
    ),
    "released": (
        {"admit": ADMITTED, "evaluate": PASSED, "register": {"version": 7}, "release": {}},
        "released", "version 7: 0.80 against 0.70", True,
    ),
    "drift": (
        {"drift": {"verdict": "drift", "rows": 800, "drifted": ["x", "y"]}},
        "drift", "800 rows: x, y", True,
    ),
    "an empty check": (
        {"drift": {"verdict": "insufficient_data", "rows": 0, "drifted": []}},
        "insufficient data", "0 rows", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_run_that_succeeded_says_what_came_of_it(name: str) -> None:
    results, word, says, changed = CASES[name]
    result = outcome({"status": "succeeded", "error": "", "results": results})
    assert (result.word, result.says, result.changed) == (word, says, changed)


def test_a_run_that_failed_says_why() -> None:
    result = outcome({"status": "failed", "error": "step 'train' failed: no rows"})
    assert (result.word, result.says) == ("failed", "step 'train' failed: no rows")
    assert outcome({"status": "running", "error": ""}).word == "running"
