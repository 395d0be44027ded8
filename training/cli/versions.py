"""`mlops versions`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
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
from training.platform import Platform


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("version", nargs="?", metavar="VERSION", help="only this one, in detail")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print all registered versions, the champion marked, or all of one."""
    platform, model = opened(args)
    if args.version is not None:
        manifest = versions.manifest(platform.store, model, version_number(args.version))
        return _print_version(manifest, _before(platform, manifest), args)
    records = versions.manifests(platform.store, model)
    current = release.champion(platform.store, model)
    champion = current.version if current else None
    if args.json:
        print_json([{**m, "champion": m["version"] == champion} for m in records])
    elif not records:
        print(f"model {model!r} has no version yet: mlops retrain")
    else:
        print_table(
            ["version", "", "created (UTC)", "rows", "metric", "value", "sha256"],
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


def _before(platform: Platform, manifest: versions.Manifest) -> versions.Manifest | None:
    """The version that was registered before this one; None for the first."""
    manifests = versions.manifests(platform.store, manifest["model"])
    earlier = [m for m in manifests if m["version"] < manifest["version"]]
    return earlier[-1] if earlier else None


def _print_version(
    manifest: versions.Manifest, before: versions.Manifest | None, args: argparse.Namespace
) -> int:
    if args.json:
        print_json(manifest)
        return 0
    metrics, data = manifest["metrics"], manifest["data"]
    window = _window(manifest)
    libraries = ", ".join(f"{name} {version}" for name, version in manifest["libraries"].items())
    inputs = ", ".join(f"{column['name']} ({column['kind']})" for column in manifest["inputs"])
    lines = {
        "version": f"{manifest['version']} of {manifest['model']}, {manifest['task']}",
        "created": f"{moment(manifest['created'])}, by run {manifest['run']}",
        "metric": f"{metrics['metric']} {metrics['challenger']}",
        "data": f"{data['rows']} rows, {window}",
        "target": manifest["target"],
        "inputs": inputs,
        "held out": card.split_rule(manifest) or "by a rule that was not kept",
        "artifact": manifest["artifact"]["sha256"],
        "libraries": libraries,
        "serves by": _serves_by(manifest.get("compiled") or {}),
    }
    print_fields(lines)
    for notice in manifest.get("notices") or []:
        print(f"notice: {printable(notice)}")
    if before is not None:
        print(f"\ncompared with version {before['version']}")
        changes = list(_changes(before, manifest))
        print_table(["", f"version {before['version']}", f"version {manifest['version']}"], changes)
    return 0


def _changes(before: versions.Manifest, after: versions.Manifest) -> Iterator[list[object]]:
    """What differs between two versions, a row each; metric, rows and data window always."""
    for name, of in ALWAYS.items():
        yield [name, of(before), of(after)]
    old, new = ({column["name"]: column["kind"] for column in m["inputs"]} for m in (before, after))
    rows = [(f"input {n}", old.get(n), new.get(n)) for n in dict.fromkeys([*old, *new])]
    old, new = before["libraries"], after["libraries"]
    rows += [(n, old.get(n), new.get(n)) for n in dict.fromkeys([*old, *new])]
    rows.append(("code", before["code"][:12], after["code"][:12]))
    yield from ([name, left, right] for name, left, right in rows if left != right)


def _window(manifest: versions.Manifest) -> str:
    window = manifest["data"].get("window")
    return " to ".join(map(short, window)) if window else "not by time"


def _metric(manifest: versions.Manifest) -> str:
    """The metric on the version's own holdout, which is another one for each version."""
    return f"{manifest['metrics']['metric']} {manifest['metrics']['challenger']:.4f}"


ALWAYS: dict[str, Callable[[versions.Manifest], object]] = {
    "metric, own holdout": _metric,
    "rows": lambda manifest: manifest["data"]["rows"],
    "data": _window,
}


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
