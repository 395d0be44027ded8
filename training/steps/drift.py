"""Compare captured production requests with the champion's reference profile."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import pairwise
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
from training.captures.part import Part
from training.drift.shards import captures_of_shards, merged_shards
from training.drift.verdict import INSUFFICIENT_DATA
from training.errors import UserError
from training.monitoring import drift_checks, performances, record_check
from training.pipeline import REPORT_HTML
from training.platform import Platform, platform_at
from training.store import Store

REPORT_JSON = "report.json"
TREND_CHECKS = 12
# Labels of requests to a version that was replaced are looked for this long, and for so many of
# these versions: each costs a pass over its captures.
EARLIER = timedelta(days=62)
EARLIER_VERSIONS = 2
EARLIER_CHECKS = 200


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
        "--part", type=Part.parse, help="only profile part I of N of the window, as in 2/5"
    )
    parser.add_argument("--parts", type=Path, help="folder of what all parts made, to conclude")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the report as JSON and HTML, record the check, and return its summary."""
    platform = platform_at(args.store)
    store = platform.store
    window = windows.of_run(
        platform, args.model, args.run, args.since, args.until, shared=bool(args.part or args.parts)
    )
    if window.version is None:
        return _before_first_release(platform, args, window)
    manifest = versions.manifest(store, args.model, window.version)
    reference = windows.reference(store, manifest, args.block)
    captures = captures_of(platform.target).window
    if args.part is not None:
        return _part(
            args,
            reference,
            captures(args.captures, window.since, window.until, manifest, args.part),
        )
    if args.parts:
        files, current = captures_of_shards(args.parts), merged_shards(args.parts)
    else:
        files = captures(args.captures, window.since, window.until, manifest)
        current = windows.profiled(files, reference, args.block, args.time_column)
    labeled = captures(args.captures, clock.parse(manifest["created"]), window.until, manifest)
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
            stack=platform.stack,
            run=args.run,
            since=window.since,
            until=window.until,
            rows_command=f"mlops -s {platform.stack} -m {args.model} captures"
            if platform.target == "local"
            else "",
        )
    )
    (args.out / REPORT_JSON).write_text(json.dumps(dict(result.report)), encoding="utf-8")
    (args.out / REPORT_HTML).write_text(result.page, encoding="utf-8")
    _tidy(platform, args.model)
    record = drift_check.CheckRecord.of(
        result, args.run, window.version, window.since, window.until
    )
    earlier = _earlier(platform, window.version, window.until, args)
    return record_check(platform, args.model, {**record.as_json(), "earlier": earlier})


def _part(
    args: argparse.Namespace, reference: drift.Profile, files: Sequence[Path]
) -> dict[str, Any]:
    """The summary of a part: its profile, and its captures for who concludes."""
    profile = windows.profiled(files, reference, args.block, args.time_column)
    profile.save(args.part.profile(args.out))
    folder = args.part.captures(args.out)
    folder.mkdir()
    for path in files:
        shutil.copy(path, folder)
    return {"part": str(args.part), "rows": profile.rows}


def _earlier(
    platform: Platform, champion: int, until: datetime, args: argparse.Namespace
) -> list[dict[str, Any]]:
    """The metric of the versions before the champion, whose labels may have arrived since.

    Labels come after the requests, and a release may come between: without this the requests of a
    version that was replaced as quickly would never be measured. Each is ``{"version", ...}`` with
    the fields of `drift.PerformanceDrift`; one that nothing was added to is left out.
    """
    store, captures = platform.store, captures_of(platform.target).window
    measurements = {
        (entry["version"], entry["labeled"])
        for check in drift_checks(store, args.model).records()[-EARLIER_CHECKS:]
        for entry in performances(check)
    }
    result = []
    for version in _replaced(release.history(store, args.model), champion, until):
        try:
            manifest = versions.manifest(store, args.model, version)
            files = captures(args.captures, clock.parse(manifest["created"]), until, manifest)
            measured = _performance(manifest, files, args) if files else None
        except UserError as error:
            print(f"the metric of version {version} is not measured: {error}")
            continue
        if measured is None or measured.value is None:
            continue
        if (version, measured.labeled) not in measurements:
            result.append({"version": version, **asdict(measured)})
    return result


def _replaced(history: Sequence[release.Release], champion: int, until: datetime) -> list[int]:
    """The newest versions that another one replaced not long ago, oldest first."""
    replaced = [
        record.version
        for record, following in pairwise(history)
        if record.version != champion and clock.parse(following.when) >= until - EARLIER
    ]
    return sorted(dict.fromkeys(replaced[::-1][:EARLIER_VERSIONS]))


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
    platform: Platform, args: argparse.Namespace, window: windows.Window
) -> dict[str, Any]:
    """The summary where no version serves yet, so that nothing can drift; without a report."""
    if args.part is not None:
        return {"part": str(args.part), "rows": 0}
    result = drift_check.CheckResult(INSUFFICIENT_DATA, "no version is released yet", rows=0)
    _tidy(platform, args.model)
    record = drift_check.CheckRecord.of(result, args.run, None, window.since, window.until)
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
