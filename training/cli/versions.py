"""`mlops versions`."""

from __future__ import annotations

import argparse
from typing import Any

from training import card, release, versions
from training.cli.output import add_json, opened, print_json, print_table, short, version_number


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("version", nargs="?", metavar="VERSION", help="only this one, in detail")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print all registered versions, the champion marked, or all of one."""
    platform, model = opened(args)
    if args.version is not None:
        return _print_version(
            versions.manifest(platform.store, model, version_number(args.version)), args
        )
    records = versions.manifests(platform.store, model)
    current = release.champion(platform.store, model)
    champion = current.version if current else None
    if args.json:
        print_json([{**m, "champion": m["version"] == champion} for m in records])
    elif not records:
        print(f"model {model!r} has no version yet: mlops retrain")
    else:
        print_table(
            ["version", "", "created", "rows", "metric", "value", "sha256"],
            [
                [
                    m["version"],
                    "champion" if m["version"] == champion else "",
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


def _print_version(manifest: versions.Manifest, args: argparse.Namespace) -> int:
    if args.json:
        print_json(manifest)
        return 0
    metrics, data = manifest["metrics"], manifest["data"]
    window = " to ".join(map(short, data["window"])) if data.get("window") else "not by time"
    libraries = ", ".join(f"{name} {version}" for name, version in manifest["libraries"].items())
    inputs = ", ".join(f"{column['name']} ({column['kind']})" for column in manifest["inputs"])
    lines = {
        "version": f"{manifest['version']} of {manifest['model']}, {manifest['task']}",
        "created": f"{short(manifest['created'])} by run {manifest['run']}",
        "metric": f"{metrics['metric']} {metrics['challenger']}",
        "data": f"{data['rows']} rows, {window}",
        "target": manifest["target"],
        "inputs": inputs,
        "held out": card.split_text(manifest).removeprefix("Held out: ").replace("`", ""),
        "artifact": manifest["artifact"]["sha256"],
        "libraries": libraries,
        "serves by": _serves_by(manifest.get("compiled") or {}),
    }
    width = max(map(len, lines))
    for name, text in lines.items():
        print(f"{name.ljust(width)}  {text}")
    for notice in manifest.get("notices") or []:
        print(f"{'notice'.ljust(width)}  {notice}")
    return 0


def _serves_by(compiled: dict[str, Any]) -> str:
    """The predictor that answers for the version, and the reason."""
    if "sha256" not in compiled:
        reason = compiled.get("reason", "it was registered before there were compiled predictors")
        return f"its estimator: {reason}"
    libraries = ", ".join(f"{name} {version}" for name, version in compiled["libraries"].items())
    return (
        f"its compiled predictor, SHA-256 {compiled['sha256'][:12]}, {libraries}; "
        f"{compiled['compared_rows']} rows differ by at most {compiled['difference']:.2g}"
    )
