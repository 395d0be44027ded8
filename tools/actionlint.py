"""Build actionlint, pinned by its go.mod, into the folder given. Standard library only.

    python tools/actionlint.py .venv/bin

No Python package holds the program itself: those there are fetch it when they are installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine import cache_folder
from engine_sources import build, find_go
from progress import SetupError

MODULE = Path(__file__).absolute().parent / "actionlint_module"
PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"


def main(folder: str) -> int:
    try:
        build(find_go(cache_folder()), MODULE, PACKAGE, Path(folder).resolve(), "once")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
