"""How often the check cries wolf, and how often it finds a drift that is there.

    python -m bench.drift.calibration --runs 1000 -o calibration.json

Every run draws a new reference and a new window and compares them. Rows are independent, so that
how many of them fall into each cell is multinomial: these counts are drawn, not the rows. Numbers
are in cells of 7 mantissa bits, as a profile of a million normal numbers has. Rows are drawn, and
go through `profile_table`, for the table "rows" and where rows depend on each other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from multiprocessing import Pool
from typing import Any

import numpy as np
import pyarrow as pa

from bench.drift.data import table
from bench.drift.distributions import NORMAL, TABLES, drawn, normal
from training.drift import Thresholds, compare, profile_table

SIZES = [(1000, 1000), (100_000, 200), (100_000, 1000), (100_000, 100_000)]
POWER = [
    (1000, 0.2, 1.0),
    (1000, 0.3, 1.0),
    (10_000, 0.1, 1.0),
    (10_000, 0.0, 1.2),
    (100_000, 0.05, 1.0),
    (100_000, 0.1, 1.0),
]
ROWS, ROWS_SIZES = "rows", [(1000, 1000), (100_000, 200)]
DAYS = [(60, 30), (60, 7), (60, 1), (365, 30), (20, 20)]


def null_run(job: tuple[str, int, int, int]) -> tuple[bool, bool]:
    """Whether a check without drift alarms: without a smallest effect, and with the default."""
    name, rows, window_rows, seed = job
    random = np.random.default_rng([seed, rows, window_rows, *name.encode()])
    if name == ROWS:
        reference = profile_table(table(random, rows), workers=1)
        window = profile_table(table(random, window_rows), reference=reference, workers=1)
    else:
        reference, window = (drawn(TABLES[name], random, size) for size in (rows, window_rows))
    report = compare(reference, window, Thresholds(min_effect=0.0))
    large = Thresholds().min_effect
    drifted = [report.features[column] for column in report.drifted]
    kept = [
        feature
        for feature in drifted
        if ((feature.p_adjusted or 1.0) <= 0.05 and (feature.effect or 0.0) >= large)
        or (feature.missing.drifted and feature.missing.effect >= large)
    ]
    return bool(drifted), bool(kept)


def power_run(job: tuple[int, float, float, int]) -> dict[str, bool]:
    """Which rules find the one of 25 columns that has drifted."""
    rows, shift, scale, seed = job
    random = np.random.default_rng([seed, rows, int(shift * 1000), int(scale * 1000)])
    normals = {f"x{index}": NORMAL for index in range(25)}
    reference = drawn(normals, random, rows)
    window = drawn({**normals, "x0": normal(shift, scale)}, random, rows)
    feature = compare(reference, window).features["x0"]
    assert feature.p_adjusted is not None and feature.p_value is not None
    assert feature.psi is not None and feature.wasserstein is not None and feature.linf is not None
    # Evidently's default for numbers: Kolmogorov-Smirnov up to 1,000 rows, else Wasserstein.
    evidently = feature.p_value < 0.05 if rows <= 1000 else feature.wasserstein >= 0.1
    return {
        "verdict": feature.drifted,
        "significant": feature.p_adjusted <= 0.05,
        "PSI > 0.1": feature.psi > 0.1,
        "L-infinity > 0.1": feature.linf > 0.1,
        "Evidently's default": evidently,
    }


def block_run(job: tuple[int, int, int]) -> tuple[bool, bool]:
    """Whether a check of rows that depend on each other within days alarms: blocks, and without."""
    days, window_days, seed = job
    random = np.random.default_rng([seed, days, window_days])
    tables = [_days(random, days), _days(random, window_days)]
    profile = profile_table(tables[0], block="day", workers=1)
    window = profile_table(tables[1], reference=profile, workers=1)
    blocks = compare(profile, window, Thresholds(block="day", min_effect=0.0))
    return blocks.verdict == "drift", compare(profile, window).verdict == "drift"


def _days(random: np.random.Generator, days: int, rows: int = 100) -> pa.Table:
    """Rows of which a fifth of the variance is the day's: numbers, categories and nulls."""
    day = np.repeat(np.arange(days), rows)
    common = 0.5 * random.normal(size=(days, 10))[day] + random.normal(size=(days * rows, 10))
    columns = {f"x{index}": pa.array(common[:, index]) for index in range(5)}
    columns |= {f"c{index}": pa.array((common[:, index] > 0).astype(str)) for index in (5, 6, 7)}
    columns |= {
        f"n{index}": pa.array(random.normal(size=day.size), mask=common[:, index] > 1)
        for index in (8, 9)
    }
    return pa.table({"day": day, **columns})


def rate(outcomes: list[bool]) -> float:
    """Share of the runs in which something happened."""
    return float(np.mean(outcomes))


def main() -> None:
    """Run all cells and write the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    results: dict[str, Any] = {"runs": args.runs, "null": [], "power": [], "blocks": []}
    with Pool(os.cpu_count()) as pool:
        cells = [(name, *sizes) for name in TABLES for sizes in SIZES]
        for cell in [*cells, *((ROWS, *sizes) for sizes in ROWS_SIZES)]:
            jobs = [(*cell, seed) for seed in range(args.runs)]
            outcomes = pool.map(null_run, jobs, chunksize=10)
            results["null"].append([*cell, *(rate([o[i] for o in outcomes]) for i in (0, 1))])
            _tell(results["null"][-1])
        for rows, shift, scale in POWER:
            jobs = [(rows, shift, scale, seed) for seed in range(args.runs)]
            found = pool.map(power_run, jobs, chunksize=10)
            rates = {rule: rate([outcome[rule] for outcome in found]) for rule in found[0]}
            results["power"].append([rows, shift, scale, rates])
            _tell(results["power"][-1])
        for days, window_days in DAYS:
            jobs = [(days, window_days, seed) for seed in range(args.runs)]
            outcomes = pool.map(block_run, jobs, chunksize=10)
            with_blocks, without = (rate([o[i] for o in outcomes]) for i in (0, 1))
            results["blocks"].append([days, window_days, with_blocks, without])
            _tell(results["blocks"][-1])
    with open(args.output, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)


def _tell(row: list) -> None:
    print(*row, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
