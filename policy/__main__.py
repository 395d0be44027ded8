"""Registers the pack with the engine."""

from __future__ import annotations

import sys
from pathlib import Path

# The engine runs this folder as a program: the project's folder has to be importable.
sys.path.insert(0, str(Path(__file__).absolute().parent.parent))

from policy.pack import register

register()
