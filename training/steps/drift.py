"""Compare captured production requests with the champion's reference profile."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from training import (
    clients,
    clock,
    deployment,
    drift,
    performance,
    release,
    runs,
    versions,
    windows,
)
from training.captures import captures_of
from training.drift.shards import Shard, merged_shards
from training.drift.verdict import DRIFT, INSUFFICIENT_DATA, NO_DRIFT, magnitude
from training.monitoring import drift_checks, record_check
from training.platform import Platform, platform_at
from training.serving.columns import SCORE
from training.store import Store

REPORT_JSON, REPORT_HTML = "report.json", "report.html"
TREND_CHECKS = 12
_BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--captures", required=True, help="folder or address of the captures")
    parser.add_argument("--data", type=Path, required=True, help="where labels arrive")
    parser.add_argument("--time-column", help="when a row of the data happened")
    parser.add_argument("--alpha", type=float, required=True)
    parser.add_argument("--min-effect", type=float, required=True)
    parser.add_argument(
        "--min-effects",
        type=json.loads,
        required=True,
        help="JSON object: input column to its own minimum effect",
    )
    parser.add_argument("--min-window-rows", type=int, required=True)
    parser.add_argument("--min-metric-loss", type=float, required=True)
    parser.add_argument(
        "--block", help="input column whose equal values mark dependent rows; time column: a day's"
    )
    parser.add_argument("--on-drift", choices=("True", "False"), required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--since", default="", help="begin of the window; the last check if empty")
    parser.add_argument("--until", default="", help="end of the window; now if empty")
    parser.add_argument(
        "--part", type=Shard.parse, help="the captures are part I of N, as in 2/5: only profile it"
    )
    parser.add_argument("--parts", type=Path, help="folder of all parts' profiles, to conclude")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the report as JSON and HTML, record the check, and return its summary."""
    platform = platform_at(args.store)
    store = platform.store
    champion = release.champion(store, args.model)
    until = clock.parse(args.until) if args.until else clock.now()
    if champion is None:
        return _before_first_release(platform, args, until)
    since = clock.parse(args.since) if args.since else windows.begin(store, args.model, champion)
    manifest = versions.manifest(store, args.model, champion.version)
    reference = windows.reference(store, manifest, args.block)
    window = captures_of(platform.target).window
    files = window(args.captures, since, until, manifest)
    if args.part is not None:
        part = windows.profiled(files, reference, args.block, args.time_column)
        part.save(args.part.path(args.out))
        return {"part": f"{args.part.number}/{args.part.count}", "rows": part.rows}
    if args.parts:
        current = merged_shards(args.parts)
    else:
        current = windows.profiled(files, reference, args.block, args.time_column)
    labeled = window(args.captures, _BEGINNING, until, manifest)
    report = _compared(reference, current, _performance(manifest, labeled, args), args)
    _write(report, store, champion.version, args)
    _tidy(platform, args.model)
    return record_check(
        platform,
        args.model,
        {
            "run": args.run,
            "version": champion.version,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "rows": report.window.rows,
            "verdict": report.verdict,
            "drifted": report.causes,
            "effects": {name: magnitude(found) for name, found in report.features.items()},
            "performance": asdict(report.performance) if report.performance else None,
        },
    )


def _tidy(platform: Platform, model: str) -> None:
    """Take away the version before once its time is over; a check does not fail for that."""
    try:
        deployment.tidy(platform, model, say=print)
    except Exception as error:
        reason = clients.explained(error)
        if reason is None:
            raise
        print(f"the version before the champion is still kept: {reason}")


def _before_first_release(
    platform: Platform, args: argparse.Namespace, until: datetime
) -> dict[str, Any]:
    """Nothing serves, so nothing can drift: no failure, and no report."""
    if args.part is not None:
        return {"part": f"{args.part.number}/{args.part.count}", "rows": 0}
    check = {
        "run": args.run,
        "version": None,
        "since": args.since or until.isoformat(),
        "until": until.isoformat(),
        "rows": 0,
        "verdict": INSUFFICIENT_DATA,
        "drifted": [],
        "effects": {},
        "performance": None,
    }
    return record_check(platform, args.model, check)


def _performance(
    manifest: versions.Manifest, files: Sequence[Path], args: argparse.Namespace
) -> drift.PerformanceDrift | None:
    """The metric on labels that have arrived for the version's requests in `files`."""
    return performance.measured(
        manifest,
        files,
        args.data,
        args.time_column,
        tolerance=args.min_metric_loss,
        min_rows=args.min_window_rows,
        block=windows.captured_as(args.block, args.time_column),
    )


def _compared(
    reference: drift.Profile,
    current: drift.Profile,
    measured: drift.PerformanceDrift | None,
    args: argparse.Namespace,
) -> drift.DriftReport:
    thresholds = drift.Thresholds(
        alpha=args.alpha,
        min_effect=args.min_effect,
        effects=args.min_effects,
        min_rows=args.min_window_rows,
        block=args.block,
    )
    return drift.compare(reference, current, thresholds, scores=[SCORE], performance=measured)


def _write(report: drift.DriftReport, store: Store, version: int, args: argparse.Namespace) -> None:
    """The report as JSON, and as a page with the trend since earlier checks."""
    page = drift.html_page(
        report,
        title=f"Drift of {args.model}, version {version}",
        history=_earlier(store, args.model),
        next_steps=_next_steps(report.verdict, args.on_drift == "True"),
    )
    (args.out / REPORT_JSON).write_text(report.to_json(), encoding="utf-8")
    (args.out / REPORT_HTML).write_text(page, encoding="utf-8")


def _earlier(store: Store, model: str) -> list[drift.DriftReport]:
    """The reports of the last checks, oldest first, as far as they have been kept."""
    reports = []
    for check in drift_checks(store, model).records()[-TREND_CHECKS:]:
        key = f"{runs.folder(model, check['run'])}/outputs/drift/{REPORT_JSON}"
        with suppress(KeyError):  # past its retention
            reports.append(drift.DriftReport.from_json(store.read(key).decode()))
    return reports


def _next_steps(verdict: str, on_drift: bool) -> list[str]:
    if verdict == NO_DRIFT:
        return ["Nothing: the drift alarm is OK."]
    if verdict == INSUFFICIENT_DATA:
        return ["These rows count again in the next window; the drift alarm tells nothing."]
    assert verdict == DRIFT
    retraining = (
        "A retraining is asked for. It is admitted if enough new labeled rows are there and the "
        "cooldown is over; its model is released if the gate and the approval let it pass."
        if on_drift
        else "No retraining is asked for: retraining.onDrift is false."
    )
    return ["The drift alarm fires and tells its receivers.", retraining]
