"""The documents as tests read them: sections, code blocks, commands."""

from __future__ import annotations

import re


def section(text: str, heading: str) -> str:
    """The text under a heading of the second level."""
    _, mark, rest = text.partition(f"\n## {heading}\n")
    assert mark, f"no heading {heading!r}"
    return rest.split("\n## ")[0]


def code_blocks(text: str) -> list[tuple[str, str]]:
    """Language ("" if none is named) and content of every fenced block."""
    return re.findall(r"^```(\w*)[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
