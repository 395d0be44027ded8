"""Whether docs/targets.md says what a stack that is up consists of."""

from __future__ import annotations

import json

from tests.project import REPOSITORY
from tools.targets.page import PAGE, rows, section_lines


def stale(stack: str, exported: str) -> list[str]:
    """The lines that the page lacks of a stack, given its exported state; none if it is right."""
    text = (REPOSITORY / PAGE).read_text()
    all_rows = rows(stack, json.loads(exported))
    return [line for heading, line in all_rows.items() if line not in section_lines(text, heading)]
