"""Captured requests: Parquet files named by time and version, so a window needs no index."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from training.versions import Manifest

STAMP = "%Y%m%dT%H%M%S.%f"


def file_name(moment: datetime, version: int, unique: str) -> str:
    """``2026-11-23/20261123T120000.123456-v000003-<unique>.parquet``; UTC."""
    return f"{moment:%Y-%m-%d}/{moment.strftime(STAMP)}-v{version:06d}-{unique}.parquet"


def window(source: str, since: datetime, until: datetime, manifest: Manifest) -> list[Path]:
    """The version's files in the folder `source` begun in [since, until), oldest first."""
    first, last = since.strftime(STAMP), until.strftime(STAMP)
    mark = f"-v{manifest['version']:06d}-"
    return [
        path
        for path in sorted(Path(source).glob("*/*.parquet"))
        if mark in path.name and first <= path.name.split("-v")[0] < last
    ]
