"""Captured production requests: what the target's endpoint kept of inputs, outputs and version."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from training.backends import backend
from training.captures.part import WHOLE, Part
from training.versions import Manifest


class Captures(Protocol):
    """A back end is a module per target with this function."""

    def window(
        self,
        source: str,
        since: datetime,
        until: datetime,
        manifest: Manifest,
        part: Part = WHOLE,
    ) -> list[Path]:
        """Parquet files of what a version was asked and answered in [since, until).

        `source` is where a step finds the captures: a mounted folder, or an address. The
        columns are the version's inputs and those of `training.captures.columns`. The parts of a
        window have all its rows, each once.
        """
        ...


def captures_of(target: str) -> Captures:
    """The back end of `target`."""
    return backend("captures", target)
