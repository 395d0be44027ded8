"""What the engine knows of the stack from its last update.

A StackReference asks the same, for one more resource in the state.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
from pulumi.runtime import invoke_async

# The engine may be writing the state just then, and a file is there before all of it is: seconds
# to wait before asking once more.
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
HALF_WRITTEN = "failed to load checkpoint"


async def outputs() -> dict[str, Any]:
    """The stack's outputs; none before its first update."""
    return (await _ask("readStackOutputs", "name"))["outputs"]


async def resources() -> dict[str, dict[str, Any]]:
    """The outputs of every resource by its URN; of one that is being replaced, the new one's."""
    found = (await _ask("readStackResourceOutputs", "stackName"))["outputs"]
    return {urn: each["outputs"] for urn, each in found.items()}


async def _ask(what: str, key: str) -> dict[str, Any]:
    """What the engine answers about this stack, called by `key`."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    pauses = iter(PAUSES)
    while True:
        try:
            return await invoke_async(f"pulumi:pulumi:{what}", {key: stack})
        # The SDK has no narrower one for a call that fails.
        except Exception as error:
            pause = next(pauses, None)
            if pause is None or HALF_WRITTEN not in str(error):
                raise
        await asyncio.sleep(pause)
