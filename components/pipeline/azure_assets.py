"""Assets of Azure ML, of which a version never changes: code, environments and components.

Runs under way and released versions were made with them: they go with the store and the workspace,
not with the next change.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache

import pulumi

from components import sdk
from components.capability import INTERNAL
from components.pipeline import PipelineShared

KINDS = ("CodeVersion", "ComponentVersion", "EnvironmentVersion")


@dataclass(frozen=True)
class Code(PipelineShared):
    """The code package, and `code`, the id of the asset that jobs find it by."""

    code: pulumi.Output[str] = field(metadata=INTERNAL)


def new_version(asset: str, kind: str, digest: str) -> pulumi.Output[str]:
    """The version of the `asset`, a resource of a `kind`, whose content has this digest.

    It is the one that the stack has, if that is of this content; else the digest and, after a
    version of another content, a digest of that one. So none comes twice: what is changed back is
    not the version that was kept, since azure-native makes nothing that is there already
    ("cannot create already existing resource").
    """

    def version(deployed: dict[str, str]) -> str:
        before = deployed.get(f"{kind}::{asset}")
        if before is None:
            return digest
        if before.partition("-")[0] == digest:
            return before
        return f"{digest}-{hashlib.sha256(before.encode()).hexdigest()[:6]}"

    return _deployed_versions().apply(version)


@cache
def _deployed_versions() -> pulumi.Output[dict[str, str]]:
    """The versions that the stack has, by ``KIND::ASSET``."""
    return pulumi.Output.from_input(_versions())


async def _versions() -> dict[str, str]:
    # An output takes every value apart, so there is no more in it than is asked for.
    versions = {}
    for urn, outputs in (await sdk.stack_resources()).items():
        *_, types, asset = urn.split("::")
        kind = types.rpartition(":")[2]
        if kind in KINDS:
            # What a version is called in the service's own terms.
            versions[f"{kind}::{asset}"] = outputs["name"]
    return versions
