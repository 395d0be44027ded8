"""`mlops import`."""

from __future__ import annotations

import argparse
from pathlib import Path

from training import bundles, deployment, release
from training.cli.output import add_json, print_json
from training.cli.released import say, sentences
from training.platform import Platform, default_stack, open_platform
from training.versions import Manifest


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", type=Path, help="what mlops export wrote")
    parser.add_argument("--sha256", help="the digest that mlops export printed")
    parser.add_argument(
        "--promote",
        action="store_true",
        help="release it too, unless it was released here before: a rollback stays",
    )
    parser.add_argument("--why", help="the reason for --promote; where it comes from if not given")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Register the bundle's version, and release it if that is asked."""
    platform = open_platform(args.stack or default_stack())
    say(f"checking the digests of {args.file}")
    manifest, new = bundles.adopt(platform, args.file, args.sha256, args.model)
    if args.promote:
        return _promoted(platform, manifest, new, args)
    if args.json:
        print_json(_document(manifest, new))
    else:
        print(_registered(manifest, new))
        command = f"mlops -s {platform.stack} promote {manifest['version']}"
        print(f'to release it: {command} --why "..."')
    return 0


def _promoted(platform: Platform, manifest: Manifest, new: bool, args: argparse.Namespace) -> int:
    model, version = manifest["model"], manifest["version"]
    before = [r for r in release.history(platform.store, model) if r.version == version]
    record, in_service = None, None
    if not before:
        reason = args.why or _origin(manifest)
        record, in_service = deployment.promote(platform, model, version, why=reason, say=say)
    if args.json:
        released = record and {**record.as_json(), "served": in_service}
        print_json({**_document(manifest, new), "release": released})
        return 0
    print(_registered(manifest, new))
    if record is not None:
        print(sentences(record, bool(in_service), model))
    else:
        print(f"it was released here at {before[-1].when}: its release is left as it is")
    return 0


def _document(manifest: Manifest, new: bool) -> dict[str, object]:
    fields = ("model", "version", "artifact", "origin")
    return {"registered": new, **{name: manifest.get(name) for name in fields}}


def _registered(manifest: Manifest, new: bool) -> str:
    digest = manifest["artifact"]["sha256"][:12]
    subject = f"version {manifest['version']} of {manifest['model']!r}, SHA-256 {digest}"
    return f"registered {subject}, {_origin(manifest)}" if new else f"it is here already: {subject}"


def _origin(manifest: Manifest) -> str:
    """The origin of a version, in words."""
    origin = manifest.get("origin")
    if origin is None:
        return "trained here"
    return f"from version {origin['version']} of stack {origin['stack']}"
