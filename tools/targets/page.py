"""The page docs/targets.md: a table per capability, and one of what stacks cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from components import targets
from tools.cost.estimate import Estimate, estimate, prices
from tools.targets.created import State, created, resources

PAGE = "docs/targets.md"
COST = "What it costs to leave running"
HEAD = """# Targets

`make docs` writes this page: it brings the stack files of `stacks/` up on a simulated
cloud and counts what is there. A test fails when the page says something else. Clouds are schema-
and engine-verified, never deployed ([simcloud.md](simcloud.md) says what that leaves open).

A production stack of one model creates these; `service.Type` is the type in Pulumi's provider.
"""
COST_HEAD = """
US dollars at the list prices of {as_of} in {regions} ([cost.md](cost.md)), for one
model. Idle: nothing trains, and a version is served by the machines of the stack file. A release:
the machines of the version before, for `endpoint.keepPreviousMinutes`. Left out: {left_out}.
"""


def stacks() -> list[str]:
    """The stacks whose cost is told; the last one of a target has every capability."""
    return [stack for target in targets.every() for stack in target.stacks]


def rows(stack: str, state: State) -> dict[str, str]:
    """The rows of the page that a stack is the source of, by the heading they stand under."""
    target = targets.load(stack.split("-")[0])
    lines = {}
    if target.stacks[-1] == stack:
        for capability, counts in created(state).items():
            cells = target.name, _counted(counts), target.limitations.get(capability, "")
            lines[capability] = _row(*cells)
    lines[COST] = _row(stack, *_costs(estimate(resources(state))))
    return lines


def page(states: Mapping[str, State]) -> str:
    """The whole page, from the states of all `stacks`."""
    parts = [rows(stack, states[stack]) for stack in stacks()]
    capabilities = dict.fromkeys(name for part in parts for name in part if name != COST)
    tables = {
        **dict.fromkeys(capabilities, ("target", "creates", "lacks")),
        COST: ("stack", "idle, a month", "1,000 predictions", "a retraining", "a release"),
    }
    text = HEAD
    for heading, columns in tables.items():
        lines = [part[heading] for part in parts if heading in part]
        head = f"{_row(*columns)}\n|{'---|' * len(columns)}"
        about = f"{_about_costs()}\n" if heading == COST else "\n"
        text += f"\n## {heading}\n{about}{head}\n" + "".join(f"{line}\n" for line in lines)
    return text


def section_lines(text: str, heading: str) -> list[str]:
    """The lines that stand under a heading of a page."""
    _, _, rest = text.partition(f"\n## {heading}\n")
    return rest.split("\n## ")[0].splitlines()


def _counted(counts: Counter[str]) -> str:
    texts = (f"{n} {kind}" if n > 1 else kind for kind, n in sorted(counts.items()))
    return ", ".join(texts) or "nothing"


def _costs(cost: Estimate) -> tuple[str, ...]:
    retraining = "after an up" if cost.retraining is None else f"{cost.retraining:.2f}"
    idle = "after an up" if cost.idle is None else f"{cost.idle:.0f}"
    return idle, f"{cost.predictions:.4f}", retraining, f"{cost.release:.2f}"


def _about_costs() -> str:
    table = prices()
    regions = ", ".join(table["regions"].values())
    left_out = ", ".join(table["notPriced"])
    return COST_HEAD.format(as_of=table["asOf"], regions=regions, left_out=left_out)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
