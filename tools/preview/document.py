"""Previews as a JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from tools.preview.model import StackPreview


def document(previews: Sequence[StackPreview]) -> str:
    """A list, one object per stack; its keys are the fields of `StackPreview`."""
    rendered = [{**asdict(preview), "counts": preview.counts()} for preview in previews]
    return json.dumps(rendered, indent=1) + "\n"
