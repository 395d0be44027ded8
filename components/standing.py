"""What the engine knows of the stack from its last update.

A StackReference asks the same, for one more resource in the state.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pulumi
from pulumi.runtime import invoke_async


async def outputs() -> dict[str, Any]:
    """The stack's outputs; none before its first update."""
    found = await invoke_async("pulumi:pulumi:readStackOutputs", {"name": _name()})
    return found["outputs"]


@cache
def resources() -> pulumi.Output[dict[str, dict[str, Any]]]:
    """The outputs of every resource by its URN; of one that is being replaced, the new one's."""
    asked = invoke_async("pulumi:pulumi:readStackResourceOutputs", {"stackName": _name()})
    return pulumi.Output.from_input(asked).apply(
        lambda found: {urn: each["outputs"] for urn, each in found["outputs"].items()}
    )


def _name() -> str:
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
