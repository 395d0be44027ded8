"""The outcome of a run: whether it changed what is served or known, and why not.

A run that succeeded may have changed nothing: admission refused the retraining, or the gate the
model. That is no failure, and no release either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.monitoring import UNDECIDED
from training.runs import SUCCEEDED

RELEASED, WAITING, CHECKED = "released", "waits for approval", "checked"
# Words for a run that succeeded and changed nothing.
NOT_ADMITTED, NOT_PASSED = "not retrained", "not registered"


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run in a word and in a sentence.

    `word` is the run's status unless it succeeded; `changed` is true if a version came of it or a
    check decided something.
    """

    word: str
    says: str
    changed: bool

    def as_json(self) -> dict[str, Any]:
        """The outcome as plain data."""
        return asdict(self)


def outcome(record: Mapping[str, Any]) -> Outcome:
    """The outcome of the run of `record`, of any pipeline, under way or over."""
    if record["status"] != SUCCEEDED:
        return Outcome(record["status"], record.get("error") or "", False)
    results = record.get("results") or {}
    if "drift" in results:
        return _of_check(results["drift"])
    if "admit" in results:
        return _of_training(results)
    return Outcome(SUCCEEDED, "", True)


def _of_training(results: Mapping[str, Mapping[str, Any]]) -> Outcome:
    if not results["admit"]["admitted"]:
        return Outcome(NOT_ADMITTED, results["admit"]["reason"], False)
    gate = results.get("evaluate", {})
    if not gate.get("passed", True):
        return Outcome(NOT_PASSED, gate["reason"], False)
    if "register" not in results:
        return Outcome(SUCCEEDED, "", True)
    version = results["register"]["version"]
    if "release" not in results:
        return Outcome(WAITING, f'version {version}: mlops promote {version} --why "..."', True)
    return Outcome(RELEASED, f"version {version}: {gate.get('reason', '')}".rstrip(": "), True)


def _of_check(check: Mapping[str, Any]) -> Outcome:
    if "verdict" not in check:  # one of several parts of a check
        return Outcome(CHECKED, "", True)
    drifted = ", ".join(check["drifted"])
    says = f"{check['rows']} rows" + (f": {drifted}" if drifted else "")
    return Outcome(check["verdict"].replace("_", " "), says, check["verdict"] != UNDECIDED)
