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
from collections.abc import Callable
from multiprocessing import Pool
from multiprocessing.pool import Pool as PoolType
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.drift.data import table
from bench.drift.distributions import NORMAL, TABLES, draw_profile, normal
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
        reference, window = (
            draw_profile(TABLES[name], random, size) for size in (rows, window_rows)
        )
    report = compare(reference, window, Thresholds(min_effect=0.0))
    large = Thresholds().min_effect
    drifted = [report.features[column] for column in report.drifted]
    large_drifts = [
        feature
        for feature in drifted
        if ((feature.p_adjusted or 1.0) <= 0.05 and (feature.effect or 0.0) >= large)
        or (feature.missing.drifted and feature.missing.effect >= large)
    ]
    return bool(drifted), bool(large_drifts)


def power_run(job: tuple[int, float, float, int]) -> dict[str, bool]:
    """Which rules find the one of 25 columns that has drifted."""
    rows, shift, scale, seed = job
    random = np.random.default_rng([seed, rows, int(shift * 1000), int(scale * 1000)])
    normals = {f"x{index}": NORMAL for index in range(25)}
    reference = draw_profile(normals, random, rows)
    window = draw_profile({**normals, "x0": normal(shift, scale)}, random, rows)
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


def false_alarms(pool: PoolType, runs: int) -> list[list[Any]]:
    """Table, rows of both sides, and how often a check without drift alarms."""
    cells = [(name, *sizes) for name in TABLES for sizes in SIZES]
    cells += [(ROWS, *sizes) for sizes in ROWS_SIZES]
    return [_rates(pool, null_run, cell, runs) for cell in cells]


def power(pool: PoolType, runs: int) -> list[list[Any]]:
    """Rows, shift and scale of the drift, and how often each rule finds it."""
    results = []
    for cell in POWER:
        outcomes = pool.map(power_run, [(*cell, seed) for seed in range(runs)], chunksize=10)
        rates = {
            rule: float(np.mean([outcome[rule] for outcome in outcomes])) for rule in outcomes[0]
        }
        results.append(_print([*cell, rates]))
    return results


def dependent(pool: PoolType, runs: int) -> list[list[Any]]:
    """Days of both sides, and how often a check without drift alarms, with blocks and without."""
    return [_rates(pool, block_run, cell, runs) for cell in DAYS]


def _rates(pool: PoolType, run: Callable[[Any], Any], cell: tuple, runs: int) -> list[Any]:
    outcomes = pool.map(run, [(*cell, seed) for seed in range(runs)], chunksize=10)
    return _print([*cell, *np.mean(outcomes, axis=0).tolist()])


def _print(row: list[Any]) -> list[Any]:
    print(*row, file=sys.stderr, flush=True)
    return row


def main() -> None:
    """Run all cells and write the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="checks a cell")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    block_runs = args.runs * 3 // 10  # these make whole tables
    with Pool(os.cpu_count()) as pool:
        results = {
            "runs": args.runs,
            "block_runs": block_runs,
            "null": false_alarms(pool, args.runs),
            "power": power(pool, args.runs),
            "blocks": dependent(pool, block_runs),
        }
    args.output.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
