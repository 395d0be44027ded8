"""What the doctor's tests have in common."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.doctor.checks import Check, Stack


def states(checks: Iterable[Check]) -> dict[str, str]:
    return {check.name: check.state for check in checks}


def stack(config: dict[str, Any]) -> Stack:
    return Stack(Path(), "dev", config)
