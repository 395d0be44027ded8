"""Previews as a JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from tools.preview.model import StackPreview


def document(previews: Sequence[StackPreview]) -> str:
    """A list, one object per stack; its keys are the fields of `StackPreview`."""
    found = [{**asdict(one), "counts": one.counts()} for one in previews]
    return json.dumps(found, indent=1) + "\n"
