"""Progress of a pipeline run on standard error: a line per step."""

from __future__ import annotations

import sys
from typing import Any

from training import runs


def show(step: str, status: str, entry: dict[str, Any]) -> None:
    """Print a step's beginning and its end."""
    if status == runs.RUNNING:
        end = "" if sys.stderr.isatty() else "\n"
        print(f"  {step:<10} running ...", end=end, file=sys.stderr, flush=True)
        return
    back = "\r" if sys.stderr.isatty() and status != runs.SKIPPED else ""
    seconds = f"{entry['seconds']:6.1f} s" if "seconds" in entry else ""
    print(f"{back}  {step:<10} {status:<10} {seconds}", file=sys.stderr, flush=True)


def silent(step: str, status: str, entry: dict[str, Any]) -> None:
    """Print nothing."""
