"""All benchmarks of the drift check, written to the documentation.

    python -m bench.drift.run [--cache FOLDER] [--runs 1000]

Needs a replayed stack (`make up`), the network once, for the peers' environments, about 8 GB of
disk and about an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SIZES = [1_000_000, 10_000_000, 100_000_000]


def main() -> None:
    """Run what has not been run yet in the cache folder, and write the page."""
    sys.path.insert(0, str(ROOT))
    from bench.drift import page

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "drift-bench")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each contender")
    parser.add_argument("--runs", type=int, default=1000, help="checks a cell of the calibration")
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    speed = args.cache / "speed.json"
    if not speed.exists():
        speed.write_text(json.dumps(_speed(args.cache, args.rounds)), encoding="utf-8")
    calibration = args.cache / "calibration.json"
    if not calibration.exists():
        command = ["-m", "bench.drift.calibration", "--runs", str(args.runs), "-o", calibration]
        # Every process of the study has a core for itself.
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run([sys.executable, *command], check=True, cwd=ROOT, env=environment)
    months = args.cache / "flights.json"
    if not months.exists():
        subprocess.run(
            [sys.executable, "-m", "bench.drift.flights", "-o", months], check=True, cwd=ROOT
        )
    paths = (speed, calibration, months)
    results = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    page.write(ROOT / "docs", *results, machine=_machine())


def _speed(cache: Path, rounds: int) -> dict[str, Any]:
    from bench.drift import speed

    def plain(runs: dict[str, speed.Run]) -> dict[str, Any]:
        return {name: asdict(run) for name, run in runs.items()}

    before = os.getloadavg()[0]
    start = speed.start_up(rounds)
    sizes = speed.by_rows(cache, SIZES, rounds)
    peers = speed.against_peers(cache, rounds)
    return {
        "rounds": rounds,
        "processors": os.cpu_count(),
        "load": [before, os.getloadavg()[0]],
        "start": asdict(start),
        "rows": {str(rows): plain(runs) for rows, runs in sizes.items()},
        "peers": plain(peers),
    }


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = platform.python_version()
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, Python {version}"


if __name__ == "__main__":
    main()
