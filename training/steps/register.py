"""Enter the challenger into the model registry as an immutable version."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from training import clock, codeless, registry, versions
from training.errors import UserError
from training.steps import summary
from training.steps.train import ARTIFACT, COMPILED, PROFILE
from training.store import open_store

# Parts that not every training can make, by their name in its summary, and their files.
OPTIONAL_PARTS = {"compiled": COMPILED, codeless.PART: codeless.FILE}
AUTOMATIC, MANUAL = "automatic", "manual"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--registry", required=True)
    parser.add_argument("--approval", choices=(AUTOMATIC, MANUAL), required=True)
    parser.add_argument("--code", required=True, help="digest of the code package")
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--evaluate", type=Path, required=True)
    parser.add_argument("--image", help="the image that trained it and will serve it")
    parser.add_argument("--run", required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the version's number and whether it is approved for release."""
    trained, evaluated = summary(args.train), summary(args.evaluate)
    data = ("rows", "train_rows", "window")
    learned = (
        "task", "target", "inputs", "schema", "split", "notices", "libraries", "example",
        "importances", "parameters",
    )  # fmt: skip
    manifest = registry.register(
        open_store(args.store),
        registry.open_registry(args.registry),
        {
            "model": args.model,
            "run": args.run,
            "created": clock.text(clock.now()),
            "code": args.code,
            "image": args.image,
            **{name: trained[name] for name in learned},
            "data": {name: trained[name] for name in data},
            "metrics": evaluated,
            **{part: trained[part] for part in OPTIONAL_PARTS},
        },
        _files(args.train, trained),
    )
    approved = args.approval == AUTOMATIC
    print(f"registered version {manifest['version']}")
    if not approved:
        print(f'it waits for approval: mlops promote {manifest["version"]} --why "..."')
    return {"version": manifest["version"], "approved": approved, "reason": evaluated["reason"]}


def _files(folder: Path, trained: dict[str, Any]) -> dict[str, Path]:
    """The parts of the version, of which some are there only if the training made them.

    Raises UserError if one of these is another one.
    """
    files = {"artifact": folder / ARTIFACT, "profile": folder / PROFILE}
    for part, name in OPTIONAL_PARTS.items():
        if "sha256" in trained[part]:
            files[part] = folder / name
            if versions.sha256(files[part]) != trained[part]["sha256"]:
                raise UserError(f"{files[part]} is not the file that was made")
    return files
