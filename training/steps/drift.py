"""Compare captured production requests with the champion's reference profile."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from training import captures, clock, drift, monitoring, release, runs, versions
from training.drift.verdict import DRIFT, INSUFFICIENT_DATA, NO_DRIFT
from training.errors import UserError
from training.serving.columns import SCORE
from training.store import Store, open_store

REPORT_JSON, REPORT_HTML = "report.json", "report.html"
TREND_CHECKS = 12
NEXT_STEPS = {
    DRIFT: [
        "The drift alarm fires and tells its receivers.",
        "Where the stack retrains on drift, a retraining is asked for; it is admitted if enough "
        "new labeled rows are there and the cooldown is over.",
    ],
    NO_DRIFT: ["Nothing: the drift alarm is OK."],
    INSUFFICIENT_DATA: ["These rows count again in the next window."],
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--captures", type=Path, required=True)
    parser.add_argument("--alpha", type=float, required=True)
    parser.add_argument("--min-effect", type=float, required=True)
    parser.add_argument(
        "--min-effects",
        type=json.loads,
        required=True,
        help="JSON object: input column to its own minimum effect",
    )
    parser.add_argument("--min-window-rows", type=int, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--since", default="", help="begin of the window; the last check if empty")
    parser.add_argument("--until", default="", help="end of the window; now if empty")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the report as JSON and HTML, record the check, and return its summary."""
    store = open_store(args.store)
    version, since = _begin(store, args.model)
    since = clock.parse(args.since) if args.since else since
    until = clock.parse(args.until) if args.until else clock.now()
    reference = _reference(store, versions.manifest(store, args.model, version))
    files = captures.window(args.captures, since, until, version)
    names = list(reference.columns)
    rows = files or pa.table({name: pa.nulls(0) for name in names})
    report = drift.compare(
        reference,
        drift.profile_table(rows, columns=names, reference=reference),
        drift.Thresholds(
            alpha=args.alpha,
            min_effect=args.min_effect,
            effects=args.min_effects,
            min_rows=args.min_window_rows,
        ),
        scores=[SCORE],
    )
    (args.out / REPORT_JSON).write_text(report.to_json())
    page = drift.html_page(
        report,
        title=f"Drift of {args.model}, version {version}",
        history=_earlier(store, args.model),
        next_steps=NEXT_STEPS[report.verdict],
    )
    (args.out / REPORT_HTML).write_text(page, encoding="utf-8")
    record = {
        "run": args.run,
        "when": clock.text(clock.now()),
        "version": version,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "rows": report.window.rows,
        "verdict": report.verdict,
        "drifted": [name for name, found in report.features.items() if found.drifted],
        "effects": {name: found.effect for name, found in report.features.items()},
    }
    print(f"{report.verdict}: {record['rows']} rows, drifted: {record['drifted'] or 'none'}")
    return monitoring.drift_checks(store, args.model).append(record)


def _begin(store: Store, model: str) -> tuple[int, Any]:
    """The champion's version, and where its next window begins.

    That is the end of the last window that was enough to decide on; rows of one that was not
    count again. Raises UserError before the first release.
    """
    champion = release.champion(store, model)
    if champion is None:
        raise UserError(f"model {model!r} has no release yet: nothing serves, nothing can drift")
    ends = [
        clock.parse(check["until"])
        for check in monitoring.drift_checks(store, model).records()
        if check["version"] == champion.version and check["verdict"] != INSUFFICIENT_DATA
    ]
    return champion.version, max(ends, default=clock.parse(champion.when))


def _reference(store: Store, manifest: versions.Manifest) -> drift.Profile:
    with TemporaryDirectory() as folder:
        return drift.Profile.load(versions.open_artifact(store, manifest, "profile", Path(folder)))


def _earlier(store: Store, model: str) -> list[drift.DriftReport]:
    """The reports of the last checks, oldest first, as far as they have been kept."""
    reports = []
    for check in monitoring.drift_checks(store, model).records()[-TREND_CHECKS:]:
        key = f"{runs.folder(model, check['run'])}/outputs/drift/{REPORT_JSON}"
        with suppress(KeyError):  # past its retention
            reports.append(drift.DriftReport.from_json(store.read(key).decode()))
    return reports
