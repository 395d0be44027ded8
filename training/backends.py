"""The back ends: what differs between targets, one module per target behind one interface.

    store/  registry/  runs/  endpoint/  captures/  monitoring/   x   local  aws  azure  gcp

The `__init__.py` of each folder states the interface; the target's module is imported when it
is needed, so no target costs another one's libraries.
"""

from __future__ import annotations

import importlib
from typing import Any


def backend(folder: str, target: str) -> Any:
    """The module of `target` in `training/<folder>/`."""
    return importlib.import_module(f"training.{folder}.{target}")
