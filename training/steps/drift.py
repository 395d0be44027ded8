"""Compare captured production requests with the champion's reference profile."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from training import (
    clients,
    clock,
    deployment,
    drift,
    drift_check,
    performance,
    release,
    runs,
    versions,
    windows,
)
from training.captures import captures_of
from training.drift.shards import Shard, merged_shards
from training.drift.verdict import INSUFFICIENT_DATA
from training.monitoring import drift_checks, record_check
from training.platform import Platform, platform_at
from training.store import Store

REPORT_JSON, REPORT_HTML = "report.json", "report.html"
TREND_CHECKS = 12


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
    labeled = window(args.captures, clock.parse(manifest["created"]), until, manifest)
    result = drift_check.check(
        drift_check.CheckInput(
            model=args.model,
            manifest=manifest,
            reference=reference,
            window=current,
            captures=files,
            data=args.data,
            time_column=args.time_column,
            thresholds=drift.Thresholds(
                alpha=args.alpha,
                min_effect=args.min_effect,
                effects=args.min_effects,
                min_rows=args.min_window_rows,
                block=args.block,
            ),
            performance=_performance(manifest, labeled, args),
            history=_earlier_reports(store, args.model),
            retrains=args.on_drift == "True",
        )
    )
    (args.out / REPORT_JSON).write_text(json.dumps(dict(result.report)), encoding="utf-8")
    (args.out / REPORT_HTML).write_text(result.page, encoding="utf-8")
    _tidy(platform, args.model)
    record = drift_check.CheckRecord.of(result, args.run, champion.version, since, until)
    return record_check(platform, args.model, record.as_json())


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
    """The summary where no version serves yet, so that nothing can drift; without a report."""
    if args.part is not None:
        return {"part": f"{args.part.number}/{args.part.count}", "rows": 0}
    since = clock.parse(args.since) if args.since else until
    result = drift_check.CheckResult(INSUFFICIENT_DATA, "no version is released yet", rows=0)
    _tidy(platform, args.model)
    record = drift_check.CheckRecord.of(result, args.run, None, since, until)
    return record_check(platform, args.model, record.as_json())


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


def _earlier_reports(store: Store, model: str) -> list[dict[str, Any]]:
    """The reports of the last checks, oldest first, as far as they have been kept."""
    reports = []
    for check in drift_checks(store, model).records()[-TREND_CHECKS:]:
        key = f"{runs.folder(model, check['run'])}/outputs/drift/{REPORT_JSON}"
        with suppress(KeyError, ValueError):  # past its retention, or damaged
            reports.append(json.loads(store.read(key)))
    return reports
