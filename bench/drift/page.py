"""The benchmarks' figures as a page of the documentation, with its plots."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from bench.drift import plots
from bench.drift.speed import DECODE, OURS

ALPHA = 0.05


def write(
    docs: Path,
    speed: dict[str, Any],
    calibration: dict[str, Any],
    months: list[dict[str, Any]],
    machine: str,
) -> None:
    """Write `benchmarks.md` and its plots.

    Args:
        docs: Folder of the documentation.
        speed: Results of `bench.drift.speed`.
        calibration: Results of `bench.drift.calibration`.
        months: Results of `bench.drift.flights`.
        machine: What it ran on.
    """
    images = docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    sections = [
        f"# Benchmarks of the drift check\n\nMade by `make bench-drift` on {machine}. "
        "Times and peak memory are of whole processes, with start-up and reading; contenders take "
        f"turns; medians of {speed['rounds']} rounds. Processor time is that of all threads; "
        f"other work ran on the machine meanwhile (load {speed['load'][0]:.1f} at the beginning, "
        f"{speed['load'][1]:.1f} at the end, on {speed['processors']} processors), so that times "
        "on the wall are longer than on an idle one.",
        _peers(images, speed["peers"]),
        _rows(images, speed["rows"], speed["start"]),
        _false_alarms(calibration),
        _power(images, calibration),
        _blocks(calibration),
        _flights(images, months),
    ]
    page = docs / "benchmarks.md"
    # What follows is of other benchmarks.
    _, mark, remainder = page.read_text(encoding="utf-8").partition("\n# ")
    page.write_text("\n\n".join(sections) + f"\n{mark}{remainder}", encoding="utf-8")


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _peers(images: Path, peers: dict[str, dict[str, float]]) -> str:
    names = {
        OURS: OURS,
        "Evidently": "Evidently 0.7.23 DataDriftPreset",
        "NannyML": "NannyML 0.13.1 univariate",
        "exact": "pandas + SciPy, exact tests",
        DECODE: DECODE,
    }
    baseline = peers[OURS]
    rows = []
    for key in sorted(peers, key=lambda name: peers[name]["seconds"]):
        cells = [names[key]]
        for unit, form in (("seconds", ".2f"), ("cpu", ".2f"), ("megabytes", ".0f")):
            value = peers[key][unit]
            cells += [format(value, form), f"{value / baseline[unit]:.1f}"]
        rows.append(cells)
    for unit, name in (("seconds", "time"), ("megabytes", "memory")):
        order = sorted(peers, key=lambda key: peers[key][unit])
        bars = [(names[key], peers[key][unit], f"{peers[key][unit]:.4g}") for key in order]
        plots.bars(images / f"drift-{name}.svg", f"1 M against 1 M rows, 25 columns: {unit}", bars)
    return (
        "## Against peers\n\nA million rows against a million, 20 columns of numbers and 5 of "
        "categories, both tables read from Parquet. Each peer has an environment of its own.\n\n"
        + _table(
            [
                "",
                "seconds",
                "times ours",
                "processor seconds",
                "times ours",
                "peak MB",
                "times ours",
            ],
            rows,
        )
        + "\n\n![Seconds of a check of 1 M against 1 M rows: this project and its peers]"
        "(images/drift-time.svg)\n\n"
        "![Peak memory of the same check: this project and its peers](images/drift-memory.svg)"
    )


def _rows(
    images: Path, by_rows: dict[str, dict[str, dict[str, float]]], start: dict[str, float]
) -> str:
    rows, bars = [], []
    for count, runs in by_rows.items():
        check, decode = runs[OURS], runs[DECODE]
        millions = int(count) / 1e6
        rows.append(
            [
                f"{millions:g} M",
                f"{check['seconds']:.2f}",
                f"{millions / check['seconds']:.1f}",
                f"{check['cpu']:.2f}",
                f"{millions / check['cpu']:.1f}",
                f"{check['megabytes']:.0f}",
                f"{check['seconds'] / decode['seconds']:.2f}",
                f"{check['cpu'] / decode['cpu']:.2f}",
            ]
        )
        bars.append((f"{millions:g} M rows", check["megabytes"], f"{check['megabytes']:.0f} MB"))
    plots.bars(images / "drift-rows.svg", "Peak memory by rows of the window", bars)
    return (
        "## Growing windows\n\nA window of 25 columns against a saved reference profile, two "
        f"threads. Loading the check takes {start['seconds']:.2f} s of each ({start['cpu']:.2f} s "
        "of a processor). 100 M rows are ten times the file of 10 M, once.\n\n"
        + _table(
            [
                "rows",
                "seconds",
                "M rows/s",
                "processor seconds",
                "M rows each",
                "peak MB",
                "seconds over decoding's",
                "processor seconds over decoding's",
            ],
            rows,
        )
        + "\n\n![Peak memory by the rows of the window](images/drift-rows.svg)"
    )


def _false_alarms(calibration: dict[str, Any]) -> str:
    runs = calibration["runs"]
    bound = ALPHA + 2.326 * math.sqrt(ALPHA * (1 - ALPHA) / runs)
    rows = [
        [name, f"{reference:,} / {window:,}", f"{significant:.3f}", f"{verdict:.3f}"]
        for name, reference, window, significant, verdict in calibration["null"]
    ]
    return (
        f"## False alarms\n\nThe share of {runs:,} checks without drift that alarm for any column, "
        f"at alpha {ALPHA}. A rate of {ALPHA} stays below {bound:.3f} in 99 of 100 such "
        "experiments. *mixed* has 25 columns with ties, nulls and up to 200 levels; the others "
        "have 10 of one sort (`bench/drift/calibration.py` says which).\n\n"
        + _table(["table", "rows", "significant", "and effect >= 0.02 (the verdict)"], rows)
    )


def _power(images: Path, calibration: dict[str, Any]) -> str:
    rules = list(calibration["power"][0][3])
    rows = []
    for count, shift, scale, rates in calibration["power"]:
        change = f"shift {shift} sigma" if shift else f"scale x {scale}"
        rows.append([f"{count:,}", change, *(f"{rates[rule]:.2f}" for rule in rules)])
    power = next(row for row in calibration["power"] if row[:3] == [10_000, 0.1, 1.0])
    names = {"verdict": OURS}
    bars = [(names.get(rule) or rule, rate, f"{rate:.2f}") for rule, rate in power[3].items()]
    plots.bars(images / "drift-power.svg", "Drift of 0.1 sigma found in 10,000 rows", bars)
    return (
        f"## Power\n\nHow often in {calibration['runs']:,} checks a drift of one normal column of "
        "25 is found; reference and window are of the same size. Evidently's default is applied "
        "to our own distances.\n\n"
        + _table(["rows", "change", *rules], rows)
        + "\n\n![Share of checks that find a drift of 0.1 sigma in 10,000 rows, by rule]"
        "(images/drift-power.svg)"
    )


def _blocks(calibration: dict[str, Any]) -> str:
    rows = [
        [f"{days}", f"{window}", f"{with_blocks:.3f}", f"{without:.3f}"]
        for days, window, with_blocks, without in calibration["blocks"]
    ]
    return (
        f"## Dependent rows\n\nFalse alarms of {calibration['block_runs']:,} checks of 10 columns "
        "whose rows share a fifth of their variance with the 99 others of their day, with `block` "
        "set to the day, and as if rows were independent.\n\n"
        + _table(["days of reference", "days of window", "with blocks", "without"], rows)
    )


def _flights(images: Path, months: list[dict[str, Any]]) -> str:
    largest = {
        name: max(month["effects"].get(name, 0.0) for month in months)
        for name in months[0]["effects"]
    }
    names = sorted(largest, key=lambda name: -largest[name])
    plots.heat(
        images / "drift-flights.svg",
        "Effect of each column by month of 2013",
        [month["month"][-2:] for month in months],
        [(name, [month["effects"].get(name, 0.0) for month in months]) for name in names],
    )
    rows = [
        [
            month["month"],
            f"{month['rows']:,}",
            str(len(month["drifted"])),
            ", ".join(month["drifted_by_day"]),
            _performance(month["performance"]),
            month["outcome"],
        ]
        for month in months
    ]
    return (
        "## The real flights\n\nThe replay of `make up`: each month of 2013 against the reference "
        "profile of the version that served it. The effect is the Kolmogorov-Smirnov distance of "
        "numbers and the total variation of categories, 0 to 1; it counts from 0.02 up.\n\n"
        "![Effect of each column in each month of 2013](images/drift-flights.svg)\n\n"
        + _table(
            [
                "month",
                "flights",
                "drifted columns",
                "drifted from all months before, days as blocks",
                "metric of labels that had arrived",
                "what the loop did",
            ],
            rows,
        )
        + "\n\nFlights of one day share their weather, so that a month has thirty draws of it "
        "rather than thirty thousand: with days as blocks (`drift.block`), what a month's weather "
        "does by chance is no drift, and the seasons still are. Labels come after the check, so "
        "that the metric can be told only where the same version served the month before."
    )


def _performance(performance: dict[str, Any]) -> str:
    if performance["value"] is None:
        return "none yet"
    return (
        f"{performance['value']:.3f} ({performance['low']:.3f} to {performance['high']:.3f}) of "
        f"{performance['labeled']:,}; holdout {performance['holdout']:.3f}"
    )
