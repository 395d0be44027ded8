"""The areas: files, and the cheapest tests that must see their faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Area:
    """Files, as patterns from the root, and tests, as paths; `words`: also those for people."""

    sources: list[str]
    tests: list[str]
    words: bool = False

    def files(self, root: Path) -> list[str]:
        paths = {
            path.relative_to(root).as_posix()
            for pattern in self.sources
            for path in root.glob(pattern)
        }
        return sorted(paths)


AREAS: dict[str, Area] = {
    "gate": Area(["training/gate.py"], ["tests/unit/test_gate.py"]),
    "journal": Area(["training/journal.py"], ["tests/unit/test_journal.py"]),
}
