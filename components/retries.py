"""Patience: the provider's own calls tried again while a cloud is not ready yet.

A service can refuse for a while what is right: a role or an account that was made a moment ago is
not known everywhere, an API that was enabled is not on yet. Where the provider does not wait for
it by itself, an error hook of the engine does: it asks whether the refusal is one that passes, and
has the same call made again, until a deadline. Nothing is waited for that did not refuse.
https://www.pulumi.com/docs/iac/concepts/options/hooks
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping

import pulumi

# Seconds between two attempts: short ones first, then the last one again and again.
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)


class Patience:
    """An error hook called `name` for refusals that pass.

    `passing` has regular expressions of refusals, each with the seconds after the first refusal
    for which a resource is tried again. The same object serves any number of resources.
    """

    def __init__(self, name: str, passing: Mapping[str, float]) -> None:
        self._passing = {re.compile(text): seconds for text, seconds in passing.items()}
        self._since: dict[str, float] = {}
        self._hook = pulumi.ErrorHook(name, self.retries)

    def options(self, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """`opts` of a resource that is tried again."""
        binding = pulumi.ResourceHookBinding(on_error=[self._hook])
        return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=binding))

    def seconds(self, error: str) -> float:
        """The seconds that a refusal may last; 0 for one that does not pass by itself."""
        return max((s for text, s in self._passing.items() if text.search(error)), default=0.0)

    async def retries(self, args: pulumi.ErrorHookArgs) -> bool:
        """Try again, after a pause, if the error may pass by itself."""
        seconds = self.seconds(args.errors[0])
        # Deletions run without the program, and are not waited for.
        if not seconds or args.failed_operation == "delete":
            return False
        now = time.monotonic()
        since = self._since.setdefault(args.urn, now)
        pause = PAUSES[min(len(args.errors), len(PAUSES)) - 1]
        if now + pause > since + seconds:
            return False
        await asyncio.sleep(pause)
        return True
