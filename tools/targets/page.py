"""The page docs/targets.md: a table per capability, and one of what stacks cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tools.cost.estimate import Estimate, estimate, prices
from tools.targets.created import CAPABILITIES, State, created, resources
from tools.targets.lacks import LACKS

PAGE = "docs/targets.md"
# A target's stack that has every capability, and all stacks whose cost is told.
FULL = {"local": "local", "aws": "aws-prod", "azure": "azure-prod", "gcp": "gcp-prod"}
STACKS = ("local", "aws-dev", "aws-prod", "azure-dev", "azure-prod", "gcp-dev", "gcp-prod")
COST = "What it costs to leave running"
HEAD = """# Targets

`make docs` writes this page: it brings the stack files of `stacks/` up on a simulated
cloud and counts what is there. A test fails when the page says something else. Clouds are schema-
and engine-verified, never deployed ([simcloud.md](simcloud.md) says what that leaves open).

A production stack of one model creates these; `service.Type` is the type in Pulumi's provider.
"""
COST_HEAD = """
US dollars at the list prices of {as_of} in {regions} ([cost.md](cost.md)), for one
model. Idle: nothing trains, and a version is served by the machines of the stack file. Left out:
{left_out}.
"""


def rows(stack: str, state: State) -> dict[str, str]:
    """The rows of the page that a stack is the source of, by the heading they stand under."""
    target = stack.split("-")[0]
    found = {}
    if FULL[target] == stack:
        for capability, counts in created(state).items():
            cells = target, _counted(counts), LACKS[target].get(capability, "")
            found[capability] = _row(*cells)
    found[COST] = _row(stack, *_costs(estimate(resources(state))))
    return found


def page(states: Mapping[str, State]) -> str:
    """The whole page, from the states of all `STACKS`."""
    parts = [rows(stack, states[stack]) for stack in STACKS]
    tables = {
        **dict.fromkeys(CAPABILITIES, ("target", "creates", "lacks")),
        COST: ("stack", "idle, a month", "1,000 predictions", "a retraining"),
    }
    text = HEAD
    for heading, columns in tables.items():
        lines = [part[heading] for part in parts if heading in part]
        head = f"{_row(*columns)}\n|{'---|' * len(columns)}"
        about = f"{_about_costs()}\n" if heading == COST else "\n"
        text += f"\n## {heading}\n{about}{head}\n" + "".join(f"{line}\n" for line in lines)
    return text


def said(text: str, heading: str) -> list[str]:
    """The lines that stand under a heading of a page."""
    _, _, rest = text.partition(f"\n## {heading}\n")
    return rest.split("\n## ")[0].splitlines()


def _counted(counts: Counter[str]) -> str:
    listed = (f"{n} {kind}" if n > 1 else kind for kind, n in sorted(counts.items()))
    return ", ".join(listed) or "nothing"


def _costs(found: Estimate) -> tuple[str, str, str]:
    retraining = "after an up" if found.retraining is None else f"{found.retraining:.2f}"
    return f"{found.idle:.0f}", f"{found.predictions:.4f}", retraining


def _about_costs() -> str:
    table = prices()
    regions = ", ".join(table["regions"].values())
    left_out = ", ".join(table["notPriced"])
    return COST_HEAD.format(as_of=table["asOf"], regions=regions, left_out=left_out)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
