"""The window of captured requests that a drift check is about, and what it is held against."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from training import clock, drift, release, runs, versions
from training.captures.columns import TIME
from training.drift.verdict import INSUFFICIENT_DATA
from training.errors import UserError
from training.monitoring import drift_checks
from training.platform import Platform
from training.store import ObjectExistsError, Store

# Of a run's folder.
SHARED = "window.json"


@dataclass(frozen=True)
class Window:
    """The requests of a check: those that version `version` answered in [since, until).

    `version` is None before the first release.
    """

    version: int | None
    since: datetime
    until: datetime


def of_run(
    platform: Platform, model: str, run: str, since: str, until: str, shared: bool
) -> Window:
    """The champion's window; `since` and `until` as text, or empty for the last check and now.

    If the run has several processes (`shared`), the first of them decides for all: a moment later
    it may be another time, and another champion.
    """
    store = platform.store
    champion = release.champion(store, model)
    end = clock.parse(until) if until else clock.now()
    start = clock.parse(since) if since else begin(store, model, champion) if champion else end
    window = Window(champion.version if champion else None, start, end)
    if not shared:
        return window
    key = f"{runs.folder(model, run)}/{SHARED}"
    with suppress(ObjectExistsError):
        text = {"since": clock.text(start), "until": clock.text(end), "version": window.version}
        store.create(key, json.dumps(text).encode())
    decided = json.loads(store.read(key))
    return Window(decided["version"], clock.parse(decided["since"]), clock.parse(decided["until"]))


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
    null_columns = {
        name: pa.nulls(0) for name in (*reference.columns, *([captured] if captured else []))
    }
    profile = drift.profile_table(
        list(files) or pa.table({**null_columns, TIME: pa.nulls(0, pa.timestamp("us", "UTC"))}),
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
