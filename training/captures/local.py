"""Captured requests: Parquet files named by time and version, so a window needs no index."""

from __future__ import annotations

import json
import logging
import os
import uuid
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.captures.columns import REQUEST
from training.captures.part import WHOLE, Part
from training.files import sync
from training.versions import Manifest

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)

STAGED = ".staged-"
COMPACTED = "-compacted-"  # before the unique end of a file's name
SOURCES = b"mlops_sources"
_MAGIC = b"PAR1"
_SMALLEST = 12
_WARNED_PATHS: set[str] = set()
STAMP = "%Y%m%dT%H%M%S.%f"


def file_name(moment: datetime, version: int, unique: str) -> str:
    """``2026-11-23/20261123T120000.123456-v000003-<unique>.parquet``; UTC."""
    return f"{moment:%Y-%m-%d}/{moment.strftime(STAMP)}-v{version:06d}-{unique}.parquet"


def window(
    source: str, since: datetime, until: datetime, manifest: Manifest, part: Part = WHOLE
) -> list[Path]:
    """The version's files in the folder `source` begun in [since, until), oldest first.

    Only the folders of these days are looked into. A file that is no Parquet file (half written by
    a computer that lost its power, or foreign) is passed over, and told once in the log.
    """
    first, last = since.strftime(STAMP), until.strftime(STAMP)
    days = f"{since:%Y-%m-%d}", f"{until:%Y-%m-%d}"
    mark = f"-v{manifest['version']:06d}-"
    paths = [
        path
        for day in sorted(Path(source).glob("????-??-??"))
        if days[0] <= day.name <= days[1]
        for path in sorted(day.glob("*.parquet"))
        if mark in path.name and first <= path.name.split("-v")[0] < last
    ]
    replaced = {name for path in paths for name in compacted_names(path)}
    return list(part.of([p for p in paths if p.name not in replaced and is_whole(p)]))


def find(source: Path, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The captured rows of requests as JSON would have them, by the request's id; newest first.

    Files are looked through from the newest on, until every id is there.
    """
    import pyarrow.parquet as pq

    missing_ids, rows = set(ids), {}
    for day in sorted(source.glob("????-??-??"), reverse=True):
        for path in sorted(day.glob("*.parquet"), reverse=True):
            if not missing_ids:
                return rows
            if not is_whole(path):
                continue
            file = pq.ParquetFile(path)
            if missing_ids.isdisjoint(file.read(columns=[REQUEST]).column(REQUEST).to_pylist()):
                continue
            for row in file.read().to_pylist():
                if row[REQUEST] in missing_ids:
                    plain = {name: _plain(value) for name, value in row.items()}
                    rows.setdefault(row[REQUEST], []).append(plain)
            missing_ids -= set(rows)
    return rows


def _plain(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)


def is_whole(path: Path) -> bool:
    """True if the file begins and ends as a Parquet file does; one that does not is logged once."""
    try:
        with path.open("rb") as file:
            begins = file.read(4) == _MAGIC
            file.seek(-4, os.SEEK_END)
            whole = begins and file.read(4) == _MAGIC and file.tell() > _SMALLEST
    except OSError:
        whole = False
    if not whole and str(path) not in _WARNED_PATHS:
        _WARNED_PATHS.add(str(path))
        log.warning("capture %s is passed over: it is no whole Parquet file", path)
    return whole


def compacted_names(path: Path) -> list[str]:
    """The names of the files whose rows a compacted file holds; none for any other."""
    if COMPACTED not in path.name or not is_whole(path):
        return []
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata or {}
    return json.loads(metadata.get(SOURCES, b"[]"))


def compact(folder: Path, boundaries: Sequence[datetime], before: datetime) -> int:
    """Join the small files of `folder` that begin before `before`; returns how many are gone.

    Files of one version and day become one, except that none crosses one of the `boundaries` at
    which windows began: the window of a check holds the same rows as before. A kill at any point
    loses and doubles nothing: the joined file names those that it replaces.
    """
    marks = sorted(moment.strftime(STAMP) for moment in boundaries)
    removed = 0
    for day in sorted(folder.glob("????-??-??")):
        groups: dict[tuple[str, int], list[Path]] = {}
        for path in sorted(day.glob("*.parquet")):
            stamp, _, remainder = path.name.partition("-v")
            if stamp < before.strftime(STAMP) and is_whole(path):
                groups.setdefault((remainder[:6], bisect_right(marks, stamp)), []).append(path)
        for paths in groups.values():
            removed += _joined(paths)
    return removed


def _joined(paths: list[Path]) -> int:
    import pyarrow.parquet as pq

    from training.arrow_table import concat

    by_name = {path.name: path for path in paths}
    obsolete = [
        by_name.pop(name) for path in paths for name in compacted_names(path) if name in by_name
    ]
    sources = list(by_name.values())
    if len(sources) > 1:
        joined = concat([pq.ParquetFile(path).read() for path in sources])
        names = json.dumps([path.name for path in sources]).encode()
        joined = joined.replace_schema_metadata({SOURCES: names})
        head, _, tail = sources[0].name.partition("-v")
        name = f"{head}-v{tail[:6]}{COMPACTED}{uuid.uuid4().hex[:12]}.parquet"
        target = sources[0].with_name(name)
        write_whole(joined, target)
        obsolete += sources
    for path in obsolete:
        path.unlink(missing_ok=True)
    return len(obsolete)


def write_whole(rows: pa.Table, path: Path) -> None:
    """Write a Parquet file that appears whole, and survives a loss of power from then on."""
    import pyarrow.parquet as pq

    staged = path.with_name(f"{STAGED}{uuid.uuid4().hex[:12]}")
    try:
        with staged.open("wb") as file:
            pq.write_table(rows, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    sync(path.parent)
