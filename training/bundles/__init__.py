"""The same artifact from stack to stack: a version leaves one as a file and enters another.

No stack needs access to the other's account. What was exported is what is served: the artifact
keeps its SHA-256, which each stack checks before it loads it, and the new version's manifest says
where it came from.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training import clock, registry, release, versions
from training.bundles import archive
from training.bundles.archive import (
    ARTIFACT,
    EVALUATION,
    MANIFEST,
    PACKAGE,
    PROFILE,
    Bundle,
)
from training.errors import UserError
from training.platform import Platform
from training.versions import Manifest

# What a version is made of, wherever it is; the rest of a manifest is about its place.
PORTABLE_FIELDS = (
    "created",
    "code",
    "task",
    "target",
    "inputs",
    "libraries",
    "data",
    "metrics",
    "schema",
    "split",
    "notices",
    "importances",
    "parameters",
    "example",
)

# Where a part is, which registration says anew.
PLACE = ("key", "bytes")


def export(platform: Platform, model: str, version: int, out: Path) -> Manifest:
    """Write `version` to the file `out` and return its manifest.

    Raises UserError if there is no such version, a part of it is damaged or gone, or `out` can't
    be written.
    """
    record = versions.manifest(platform.store, model, version)
    source = {"stack": platform.stack, "target": platform.target, "version": version}
    with TemporaryDirectory() as name:
        folder = Path(name)
        parts = {
            MANIFEST: _document(folder / "manifest.json", record),
            ARTIFACT: versions.open_artifact(platform.store, record, "artifact", folder),
            PROFILE: versions.open_artifact(platform.store, record, "profile", folder),
            EVALUATION: _document(folder / "evaluation.json", record["metrics"]),
            PACKAGE: _package(platform, record, folder),
        }
        for part in archive.OPTIONAL_PARTS:
            if "sha256" in (record.get(part) or {}):
                parts[part] = versions.open_artifact(platform.store, record, part, folder)
        archive.write(out, source, parts)
    return record


def champion(platform: Platform, model: str) -> int | None:
    """The version to export if none is said; None before the first release."""
    current = release.champion(platform.store, model)
    return current.version if current else None


def adopt(
    platform: Platform, file: Path, sha256: str | None = None, model: str | None = None
) -> tuple[Manifest, bool]:
    """Register the version in the bundle `file`: its manifest here, and whether it is new.

    An artifact that is registered here already keeps its version. With `sha256` the file has to
    have that digest, with `model` it has to be of that one. Raises UserError, with nothing
    registered, if it is damaged, its model is not in this stack, or it was made in another image
    than this stack serves in.
    """
    with TemporaryDirectory() as folder:
        bundle = archive.read(file, Path(folder), sha256)
        manifest = _checked_manifest(file, bundle)
        if model is not None and model != manifest["model"]:
            raise UserError(
                f"bundle {str(file)!r} is of model {manifest['model']!r}, not {model!r}"
            )
        model, digest = platform.model(manifest["model"]), manifest["artifact"]["sha256"]
        for candidate in reversed(versions.manifests(platform.store, model)):
            if candidate["artifact"]["sha256"] == digest:
                return candidate, False
        description = {
            "model": model,
            # Every registry shows the run, and with it where the version comes from.
            "run": f"import-{bundle.source['stack']}-{bundle.source['version']}-{digest[:12]}",
            **{name: manifest[name] for name in PORTABLE_FIELDS if name in manifest},
            **{part: _part_description(part, manifest, bundle) for part in archive.OPTIONAL_PARTS},
            "image": _image(platform, manifest),
            "origin": {
                **bundle.source,
                "sha256": digest,
                "run": manifest["run"],
                "imported": clock.text(clock.now()),
                # Of a version that came to that stack from another one.
                "before": manifest.get("origin"),
            },
        }
        kinds = (ARTIFACT, PROFILE, *archive.OPTIONAL_PARTS)
        parts = [part for part in kinds if part in bundle.parts]
        files = {part: bundle.parts[part] for part in parts}
        new_manifest = registry.adopt(
            platform.store,
            registry.open_registry(platform.registry_uri),
            description,
            files,
            bundle.parts[PACKAGE],
        )
    return new_manifest, True


def _checked_manifest(file: Path, bundle: Bundle) -> Manifest:
    """The manifest, which has to be of the parts that it came with."""
    try:
        manifest = bundle.manifest()
        kinds = (ARTIFACT, PROFILE, *archive.OPTIONAL_PARTS)
        parts = [part for part in kinds if part in bundle.parts]
        digests = {part: manifest[part]["sha256"] for part in parts}
        problems = versions.manifest_problems(manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"bundle {str(file)!r}: its manifest is none: {error!r}") from None
    if problems:
        raise UserError(
            f"bundle {str(file)!r}: its manifest is none: {'; '.join(problems)}; "
            "nothing is registered"
        )
    for part, digest in digests.items():
        actual = bundle.digests[part]
        if actual != digest:
            raise UserError(
                f"bundle {str(file)!r} is damaged: its {part} has SHA-256 {actual}, its manifest "
                f"says {digest}; nothing is registered"
            )
    return manifest


def _part_description(part: str, manifest: Manifest, bundle: Bundle) -> dict[str, Any]:
    """The manifest's words of an optional part, if the bundle has it."""
    description = manifest.get(part) or {}
    if part in bundle.parts:
        return {name: value for name, value in description.items() if name not in PLACE}
    names = {archive.COMPILED: "its compiled predictor", archive.SKOPS: "its file without code"}
    return {"reason": description.get("reason", f"it came in a bundle without {names[part]}")}


def _image(platform: Platform, manifest: Manifest) -> str | None:
    """The image that serves the version here: the same, from this stack's own registry.

    This computer serves in no image; whether its libraries are the right ones a release checks.
    """
    part = platform.part(manifest["model"], "endpoint.json")
    image, made_in = part.get("image", part.get("environment")), manifest.get("image")
    if image is None or _name(image) == _name(made_in):
        return image
    raise UserError(
        f"version {manifest['version']} of {manifest['model']!r} was made in the image "
        f"{made_in or 'none'}, and stack {platform.stack!r} serves in {image}: train it in that "
        "one, or set the same `image` in both stacks"
    )


def _name(image: str | None) -> str | None:
    """An image's name and tag. Each region, and each team, has a copy at its own address."""
    if image is None or image.startswith("azureml:"):
        return image
    return image.rpartition("/")[2]


def _package(platform: Platform, manifest: Manifest, folder: Path) -> Path:
    """The code package that made the version."""
    code = manifest["code"]
    for key in platform.store.keys("code"):
        if key.endswith(".whl") and f"+{code[:12]}-" in key:
            return platform.store.fetch(key, folder)
    raise UserError(
        f"version {manifest['version']} of {manifest['model']!r} can't be exported: its code "
        f"{code[:12]} is gone from {platform.store.uri}/code"
    )


def _document(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content, indent=1, sort_keys=True))
    return path
