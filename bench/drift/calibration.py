"""How often the check cries wolf, and how often it finds a drift that is there.

    python -m bench.drift.calibration --runs 1000 -o calibration.json

Every run draws a new reference and a new window and takes them through the same code as a check:
`profile_table` and `compare`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from multiprocessing import Pool

import numpy as np
import pyarrow as pa

from training.drift import DriftReport, Thresholds, compare, profile_table

SIZES = [(1000, 1000), (100_000, 200), (100_000, 1000), (100_000, 100_000)]
POWER = [
    (1000, 0.2, 1.0),
    (1000, 0.3, 1.0),
    (10_000, 0.1, 1.0),
    (10_000, 0.0, 1.2),
    (100_000, 0.05, 1.0),
    (100_000, 0.1, 1.0),
]
Columns = dict[str, pa.Array]


def mixed(random: np.random.Generator, rows: int) -> Columns:
    """20 columns of numbers and 5 of categories, one of 200 levels: with ties and nulls."""
    columns = {f"normal {index}": pa.array(random.normal(size=rows)) for index in range(14)}
    columns |= {f"skewed {index}": pa.array(random.lognormal(0, 1, rows)) for index in range(2)}
    columns |= {f"whole {index}": pa.array(random.poisson(3.0, rows)) for index in range(2)}
    columns |= {
        f"gaps {index}": _gaps(random, random.normal(size=rows), 0.05) for index in range(2)
    }
    return columns | {
        f"{levels} levels": _levels(random, rows, levels) for levels in (3, 8, 20, 50, 200)
    }


def ties(random: np.random.Generator, rows: int) -> Columns:
    """10 columns of few distinct numbers, from 2 to 100, some with half of the rows in one."""
    columns = {
        f"up to {top}": pa.array(random.integers(0, top, rows)) for top in (2, 3, 5, 10, 100)
    }
    return columns | {
        f"zero or {top}": pa.array(
            np.where(random.random(rows) < 0.5, 0, random.integers(0, top, rows))
        )
        for top in (2, 3, 5, 10, 100)
    }


def many_levels(random: np.random.Generator, rows: int) -> Columns:
    """10 columns of 200 categories: five even, five where most are rare."""
    columns = {f"even {index}": _levels(random, rows, 200) for index in range(5)}
    shares = 1 / np.arange(1, 201) ** 1.5
    return columns | {f"rare {index}": _levels(random, rows, 200, shares) for index in range(5)}


def nulls(random: np.random.Generator, rows: int) -> Columns:
    """10 columns with from 1 in 1,000 to 1 in 2 rows null."""
    return {
        f"{share} {index}": _gaps(random, random.normal(size=rows), share)
        for share in (0.001, 0.01, 0.05, 0.2, 0.5)
        for index in range(2)
    }


TABLES: dict[str, Callable[[np.random.Generator, int], Columns]] = {
    "mixed": mixed,
    "ties": ties,
    "200 levels": many_levels,
    "nulls": nulls,
}


def _gaps(random: np.random.Generator, values: np.ndarray, share: float) -> pa.Array:
    return pa.array(values, mask=random.random(values.size) < share)


def _levels(
    random: np.random.Generator, rows: int, levels: int, weights: np.ndarray | None = None
) -> pa.Array:
    weights = np.ones(levels) if weights is None else weights
    # The order of the rows does not matter, so that their number in each level is all to draw.
    drawn = np.repeat(np.arange(levels), random.multinomial(rows, weights / weights.sum()))
    names = pa.array([f"level {level}" for level in range(levels)])
    return pa.DictionaryArray.from_arrays(pa.array(drawn.astype(np.int32)), names)


def check(reference: Columns, window: Columns, thresholds: Thresholds) -> DriftReport:
    """The report of one check."""
    profile = profile_table(pa.table(reference), workers=1)
    return compare(
        profile, profile_table(pa.table(window), reference=profile, workers=1), thresholds
    )


def null_run(job: tuple[str, int, int, int]) -> tuple[bool, bool]:
    """Whether a check without drift alarms: without a smallest effect, and with the default."""
    name, rows, window_rows, seed = job
    random = np.random.default_rng([seed, rows, window_rows, *name.encode()])
    table = TABLES[name]
    report = check(table(random, rows), table(random, window_rows), Thresholds(min_effect=0.0))
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
    reference = {f"x{index}": pa.array(random.normal(size=rows)) for index in range(25)}
    window = {f"x{index}": pa.array(random.normal(size=rows)) for index in range(25)}
    window["x0"] = pa.array(random.normal(shift, scale, rows))
    feature = check(reference, window, Thresholds()).features["x0"]
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
    columns: Columns = {f"x{index}": pa.array(common[:, index]) for index in range(5)}
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
    results: dict[str, list] = {"runs": args.runs, "null": [], "power": [], "blocks": []}  # type: ignore[dict-item]
    with Pool(os.cpu_count()) as pool:
        for name in TABLES:
            for rows, window_rows in SIZES:
                jobs = [(name, rows, window_rows, seed) for seed in range(args.runs)]
                outcomes = pool.map(null_run, jobs, chunksize=10)
                significant, verdict = (rate([o[i] for o in outcomes]) for i in (0, 1))
                results["null"].append([name, rows, window_rows, significant, verdict])
                _tell(results["null"][-1])
        for rows, shift, scale in POWER:
            runs = args.runs if rows < 100_000 else args.runs // 5
            jobs = [(rows, shift, scale, seed) for seed in range(runs)]
            found = pool.map(power_run, jobs, chunksize=10)
            rates = {rule: rate([outcome[rule] for outcome in found]) for rule in found[0]}
            results["power"].append([rows, shift, scale, runs, rates])
            _tell(results["power"][-1])
        for days, window_days in [(60, 30), (60, 7), (60, 1), (365, 30), (20, 20)]:
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
