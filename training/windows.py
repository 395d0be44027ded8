"""The window of captured requests that a drift check is about, and what it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from training import clock, drift, release, versions
from training.captures.columns import TIME
from training.drift.verdict import INSUFFICIENT_DATA
from training.errors import UserError
from training.monitoring import drift_checks
from training.store import Store


def begin(store: Store, model: str, champion: release.Release) -> datetime:
    """Begin of the champion's next window.

    That is the end of the last window that was enough to decide on; rows of one that was not
    count again.
    """
    ends = [
        clock.parse(check["until"])
        for check in drift_checks(store, model).records()
        if check["version"] == champion.version and check["verdict"] != INSUFFICIENT_DATA
    ]
    return max(ends, default=clock.parse(champion.when))


def reference(store: Store, manifest: versions.Manifest, block: str | None) -> drift.Profile:
    """The profile of a version's training data; UserError if it was made with another `block`."""
    with TemporaryDirectory() as folder:
        path = versions.open_artifact(store, manifest, "profile", Path(folder))
        profile = drift.Profile.load(path)
    if block is None:
        return replace(profile, blocks=None)
    if profile.blocks is None or profile.blocks.column != block:
        trained_block = profile.blocks and profile.blocks.column
        raise UserError(
            f"drift.block is {block!r}, but version {manifest['version']} was trained with "
            f"{trained_block!r}: train again, or set drift.block back"
        )
    return profile


def profiled(
    files: Sequence[Path], reference: drift.Profile, block: str | None, time_column: str | None
) -> drift.Profile:
    """The profile of the window's files, of which there may be none."""
    captured = captured_as(block, time_column)
    none = {name: pa.nulls(0) for name in (*reference.columns, *([captured] if captured else []))}
    profile = drift.profile_table(
        list(files) or pa.table({**none, TIME: pa.nulls(0, pa.timestamp("us", "UTC"))}),
        columns=list(reference.columns),
        time_column=TIME,
        reference=replace(reference, blocks=None),
        block=captured,
    )
    if profile.blocks is None or block is None:
        return profile
    return replace(profile, blocks=profile.blocks.renamed(block))


def captured_as(block: str | None, time_column: str | None) -> str | None:
    """The captures' column that stands for the block column."""
    return TIME if block is not None and block == time_column else block
