"""The file that a version travels in: a tar of named parts, and an index with their digests.

The same parts always give the same bytes. Nothing is believed before its digest is checked, and
nothing is unpacked under a name that the file chose.
"""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import versions
from training.errors import UserError
from training.files import sync

INDEX = "bundle.json"
FORMAT = 1
MOST_MEMBERS = 16
MOST_INDEX_BYTES = 1 << 20
MANIFEST, ARTIFACT, PROFILE = "manifest", "artifact", "profile"
EVALUATION, PACKAGE, COMPILED, SKOPS = "evaluation", "package", "compiled", "skops"
PARTS = (MANIFEST, ARTIFACT, PROFILE, EVALUATION, PACKAGE)
# Not every version has them, and bundles of before had none.
OPTIONAL_PARTS = (COMPILED, SKOPS)
# A file name of its own, in no folder.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
Source = dict[str, Any]


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: which stack's version it is, its parts as files, and their SHA-256."""

    source: Source
    parts: dict[str, Path]
    digests: dict[str, str]

    def manifest(self) -> versions.Manifest:
        """The version's manifest in the stack that it comes from."""
        return json.loads(self.parts[MANIFEST].read_text())


def write(out: Path, source: Source, parts: Mapping[str, Path]) -> None:
    """Write the bundle of `parts`; the file `out` appears whole or stays as it was."""
    index = {
        "format": FORMAT,
        "source": source,
        "parts": {
            part: {"file": path.name, "sha256": versions.sha256(path), "bytes": path.stat().st_size}
            for part, path in parts.items()
        },
    }
    staged = out.with_name(f".{out.name}.{os.getpid()}")
    index_file = parts[MANIFEST].with_name(INDEX)
    index_file.write_text(json.dumps(index, indent=1, sort_keys=True))
    try:
        with tarfile.open(staged, "w", format=tarfile.PAX_FORMAT) as tar:
            for path in (index_file, *parts.values()):
                entry = tarfile.TarInfo(path.name)
                entry.size = path.stat().st_size
                with path.open("rb") as content:
                    tar.addfile(entry, content)
        sync(staged)
        os.replace(staged, out)
        sync(out.absolute().parent)
    except OSError as error:
        raise UserError(f"--out: {str(out)!r} can't be written: {error.strerror}") from None
    finally:
        staged.unlink(missing_ok=True)


def read(file: Path, folder: Path, sha256: str | None = None) -> Bundle:
    """Unpack a bundle into the empty `folder`.

    Raises UserError if it is no bundle, is not the one with the digest `sha256`, or any part is not
    what its index says.
    """
    if not file.is_file():
        raise UserError(f"bundle {str(file)!r}: no such file; mlops export writes one")
    if sha256 is not None:
        actual = versions.sha256(file)
        if actual != sha256.lower():
            raise UserError(f"bundle {str(file)!r} has SHA-256 {actual}; wanted was {sha256}")
    try:
        with tarfile.open(file, "r:") as tar:
            files = dict(_unpacked(tar, file.stat().st_size, folder))
            if files[INDEX].stat().st_size > MOST_INDEX_BYTES:
                raise ValueError(f"its {INDEX} is larger than {MOST_INDEX_BYTES} bytes")
            index = json.loads(files[INDEX].read_text())
            optional_parts = [part for part in OPTIONAL_PARTS if part in index["parts"]]
            entries = {part: index["parts"][part] for part in (*PARTS, *optional_parts)}
            if index["format"] != FORMAT:
                raise UserError(
                    f"bundle {str(file)!r} has the format {index['format']!r}; allowed: {FORMAT}"
                )
            parts = {part: files[entry["file"]] for part, entry in entries.items()}
            digests = {part: entry["sha256"] for part, entry in entries.items()}
            source = _source(index["source"])
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{str(file)!r} is no bundle of a version: {error!r}") from None
    for part, path in parts.items():
        actual = versions.sha256(path)
        if actual != digests[part]:
            raise UserError(
                f"bundle {str(file)!r} is damaged: its {part} {path.name} has SHA-256 {actual}, "
                f"its index says {digests[part]}; nothing is registered"
            )
    return Bundle(source, parts, digests)


def _source(origin: Any) -> Source:
    if not NAME.fullmatch(origin["stack"]) or not isinstance(origin["version"], int):
        raise ValueError(f"it says that it comes from {origin!r}")
    return {name: origin[name] for name in ("stack", "target", "version")}


def _unpacked(tar: tarfile.TarFile, size: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """Write the members of a tar file of `size` bytes; raises ValueError for more than that."""
    for number, entry in enumerate(tar, start=1):
        # No links, no devices, and no sparse file, which says to be larger than it is.
        if not entry.isreg() or entry.issparse() or not NAME.fullmatch(entry.name):
            raise ValueError(f"it holds {entry.name[:80]!r}, which is no plain file")
        if number > MOST_MEMBERS:
            raise ValueError(f"it holds more than {MOST_MEMBERS} files")
        size -= entry.size
        if size < 0:
            raise ValueError("its files are larger than itself")
        content = tar.extractfile(entry)
        assert content is not None
        path = folder / entry.name
        with content, path.open("xb") as file:
            while block := content.read(1 << 20):
                file.write(block)
        yield entry.name, path
