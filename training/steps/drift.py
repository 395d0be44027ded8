"""Compare captured production requests with the champion's reference profile."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from training import clock, drift, performance, release, runs, versions
from training.captures import captures_of
from training.drift.shards import Shard, merged_shards
from training.drift.verdict import DRIFT, INSUFFICIENT_DATA, NO_DRIFT, magnitude
from training.errors import UserError
from training.monitoring import drift_checks, record_check
from training.platform import Platform, platform_at
from training.serving.columns import SCORE, TIME
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
    version = champion.version
    since = clock.parse(args.since) if args.since else _begin(store, args.model, champion)
    manifest = versions.manifest(store, args.model, version)
    reference = _reference(store, manifest, args.block)
    window = captures_of(platform.target).window
    files = window(args.captures, since, until, manifest)
    if args.part is not None:
        part = _profiled(files, reference, args)
        part.save(args.part.path(args.out))
        return {"part": f"{args.part.number}/{args.part.count}", "rows": part.rows}
    report = drift.compare(
        reference,
        merged_shards(args.parts) if args.parts else _profiled(files, reference, args),
        drift.Thresholds(
            alpha=args.alpha,
            min_effect=args.min_effect,
            effects=args.min_effects,
            min_rows=args.min_window_rows,
            block=args.block,
        ),
        scores=[SCORE],
        performance=performance.measured(
            manifest,
            window(args.captures, _BEGINNING, until, manifest),
            args.data,
            args.time_column,
            tolerance=args.min_metric_loss,
            min_rows=args.min_window_rows,
            block=_captured_as(args.block, args),
        ),
    )
    page = drift.html_page(
        report,
        title=f"Drift of {args.model}, version {version}",
        history=_earlier(store, args.model),
        next_steps=_next_steps(report.verdict, args.on_drift == "True"),
    )
    (args.out / REPORT_JSON).write_text(report.to_json(), encoding="utf-8")
    (args.out / REPORT_HTML).write_text(page, encoding="utf-8")
    return record_check(
        platform,
        args.model,
        {
            "run": args.run,
            "version": version,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "rows": report.window.rows,
            "verdict": report.verdict,
            "drifted": report.causes,
            "effects": {name: magnitude(found) for name, found in report.features.items()},
            "performance": asdict(report.performance) if report.performance else None,
        },
    )


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


def _begin(store: Store, model: str, champion: release.Release) -> datetime:
    """Where the champion's next window begins.

    That is the end of the last window that was enough to decide on; rows of one that was not
    count again.
    """
    ends = [
        clock.parse(check["until"])
        for check in drift_checks(store, model).records()
        if check["version"] == champion.version and check["verdict"] != INSUFFICIENT_DATA
    ]
    return max(ends, default=clock.parse(champion.when))


def _reference(store: Store, manifest: versions.Manifest, block: str | None) -> drift.Profile:
    with TemporaryDirectory() as folder:
        path = versions.open_artifact(store, manifest, "profile", Path(folder))
        profile = drift.Profile.load(path)
    if block is None:
        return replace(profile, blocks=None)
    if profile.blocks is None or profile.blocks.column != block:
        made = profile.blocks and profile.blocks.column
        raise UserError(
            f"drift.block is {block!r}, but version {manifest['version']} was trained with "
            f"{made!r}: train again, or set drift.block back"
        )
    return profile


def _profiled(
    files: Sequence[Path], reference: drift.Profile, args: argparse.Namespace
) -> drift.Profile:
    """The profile of the window's files, of which there may be none."""
    block = _captured_as(args.block, args)
    none = {name: pa.nulls(0) for name in (*reference.columns, *([block] if block else []))}
    profile = drift.profile_table(
        list(files) or pa.table({**none, TIME: pa.nulls(0, pa.timestamp("us", "UTC"))}),
        columns=list(reference.columns),
        time_column=TIME,
        reference=replace(reference, blocks=None),
        block=block,
    )
    if profile.blocks is None:
        return profile
    return replace(profile, blocks=profile.blocks.renamed(args.block))


def _captured_as(block: str | None, args: argparse.Namespace) -> str | None:
    """The captures' column that stands for the block column."""
    return TIME if block is not None and block == args.time_column else block


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
