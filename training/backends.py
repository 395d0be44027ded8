"""The back ends: what differs between targets, one module per target behind one interface.

    store/  registry/  runs/  endpoint/  captures/  monitoring/   x   local  aws  azure  gcp

The `__init__.py` of each folder states the interface; the target's module is imported when it
is needed, so no target costs another one's libraries.
"""

from __future__ import annotations

import importlib
from importlib import util
from typing import Any

from training.errors import UserError

# The schemes of the addresses of artifact stores and of model registries.
STORE_SCHEMES = {"": "local", "s3": "aws", "https": "azure", "gs": "gcp"}
REGISTRY_SCHEMES = {"sqlite": "local", "sagemaker": "aws", "azureml": "azure", "vertex": "gcp"}


def backend(folder: str, target: str) -> Any:
    """The module of `target` in `training/<folder>/`.

    Raises UserError where the target was taken out of the code.
    """
    name = f"training.{folder}.{target}"
    if util.find_spec(name) is None:
        raise UserError(f"target {target!r}: this code has no {folder} back end for it")
    return importlib.import_module(name)
