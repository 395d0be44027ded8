"""How the real flights drift by month, and what the loop did, from a replayed stack.

make up && python -m bench.drift.flights -o flights.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from training import versions
from training.drift import Thresholds, compare, profile_table
from training.errors import UserError
from training.replay import flights
from training.runs import records as run_records
from training.store import Store, open_store

MODEL = "flights"


def collected(store: Store, months: Path) -> list[dict[str, Any]]:
    """The months of a replay, in order: what drifted, by how much, and what came of it.

    Raises UserError if the stack has not been replayed.
    """
    records = [
        run_records.record(store, MODEL, name) for name in reversed(run_records.names(store, MODEL))
    ]
    checks = [record for record in records if record["pipeline"] == "drift-check"]
    trained = [record for record in records if record["pipeline"] == "training"][1:]
    if not checks or len(checks) != len(trained):
        raise UserError(f"{store.uri} holds no whole replay of the year: run `make up` first")
    return [_month(store, months, *pair) for pair in zip(checks, trained, strict=True)]


def _month(
    store: Store, months: Path, check: dict[str, Any], trained: dict[str, Any]
) -> dict[str, Any]:
    drift = check["results"]["drift"]
    month = int(trained["parameters"]["as_of"][5:7]) - 1 or 12
    inputs = [c["name"] for c in versions.manifest(store, MODEL, drift["version"])["inputs"]]
    return {
        "month": f"2013-{month:02d}",
        "rows": drift["rows"],
        "effects": drift["effects"],
        "drifted": drift["drifted"],
        "drifted_by_day": _by_day(months, month, inputs),
        "performance": drift["performance"],
        "outcome": _outcome(trained["results"]),
    }


def _by_day(months: Path, month: int, inputs: list[str]) -> list[str]:
    """What drifts from all months before, with days as blocks."""
    day = flights.SPLIT_COLUMN
    before = [flights.month_file(months, earlier) for earlier in range(1, month)]
    reference = profile_table(before, columns=inputs, block=day)
    window = profile_table(flights.month_file(months, month), columns=inputs, reference=reference)
    return compare(reference, window, Thresholds(block=day)).drifted


def _outcome(results: dict[str, Any]) -> str:
    if not results["admit"]["admitted"]:
        return f"retraining not admitted: {results['admit']['reason']}"
    if "release" not in results:
        return "retrained; the gate refused the challenger"
    return f"retrained; version {results['release']['version']} released"


def main() -> None:
    """Write the months as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default=".mlops/local")
    parser.add_argument("--months", type=Path, default=Path(".mlops/data/months"))
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    args.output.write_text(json.dumps(collected(open_store(args.store), args.months), indent=1))


if __name__ == "__main__":
    main()
