"""`mlops versions`."""

from __future__ import annotations

import argparse
from typing import Any

from training import card, release, versions
from training.cli.output import (
    add_json,
    moment,
    opened,
    print_fields,
    print_json,
    print_table,
    printable,
    short,
    version_number,
)
from training.monitoring import drift_checks, latest_measurement
from training.platform import Platform

WAITS = "waits for approval"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("version", nargs="?", metavar="VERSION", help="only this one, in detail")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print all registered versions, the champion marked, or all of one."""
    platform, model = opened(args)
    if args.version is not None:
        manifest = versions.manifest(platform.store, model, version_number(args.version))
        return _print_version(platform, manifest, args.json)
    records = versions.manifests(platform.store, model)
    released = [r.version for r in release.history(platform.store, model)]
    champion = released[-1] if released else None
    waiting = release.waiting(released, [m["version"] for m in records])
    marks = {champion: "champion", **{version: WAITS for version in waiting}}
    if args.json:
        print_json(
            [
                {**m, "champion": m["version"] == champion, "waits": m["version"] in waiting}
                for m in records
            ]
        )
    elif not records:
        print(f"model {model!r} has no version yet: mlops retrain")
    else:
        print_table(
            ["version", "", "created (UTC)", "rows", "metric", "value", "sha256"],
            [
                [
                    m["version"],
                    marks.get(m["version"], ""),
                    short(m["created"]),
                    m["data"]["rows"],
                    m["metrics"]["metric"],
                    m["metrics"]["challenger"],
                    m["artifact"]["sha256"][:12],
                ]
                for m in reversed(records)
            ],
        )
    return 0


def _print_version(platform: Platform, manifest: versions.Manifest, as_json: bool) -> int:
    """Print a version: its facts, how it fares in production, and what changed before it."""
    store, model, version = platform.store, manifest["model"], manifest["version"]
    before = versions.before(store, model, version)
    changes = [] if before is None else card.changes(before, manifest)
    checks = drift_checks(store, model).newest_first()
    measurement = latest_measurement(checks, version)
    releases = [r for r in release.history(store, model) if r.version == version]
    if as_json:
        added = {
            "before": before and before["version"],
            "changes": [
                dict(zip(("name", "before", "after"), row, strict=True)) for row in changes
            ],
            "in_production": measurement,
            "releases": [record.as_json() for record in releases],
        }
        print_json({**manifest, **added})
        return 0
    lines = {"version": f"{version} of {model}", **card.facts(manifest)}
    lines["created"] = moment(manifest["created"])
    if manifest.get("parameters"):
        lines["parameters"] = f"{len(manifest['parameters'])} of the estimator: --json lists them"
    if releases:
        newest = releases[-1]
        lines["released"] = f"{moment(newest.when)}, by {newest.by}: {newest.why}"
    else:
        lines["released"] = f'never: mlops promote {version} --why "..."'
    lines["production"] = _in_production(measurement)
    print_fields(lines)
    for notice in manifest.get("notices") or []:
        print(f"notice: {printable(notice)}")
    if before is not None:
        print(f"\ncompared with version {before['version']}")
        head = ["", f"version {before['version']}", f"version {version}"]
        print_table(head, [[name, old or None, new or None] for name, old, new in changes])
    return 0


def _in_production(measurement: dict[str, Any] | None) -> str:
    if measurement is None:
        return "not measured: no labels of its answers have arrived"
    return (
        f"{measurement['metric']} {measurement['value']:.4f} on {measurement['labeled']} labeled "
        f"requests, {moment(measurement['when'])}"
    )
