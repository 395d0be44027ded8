"""Identity on this computer: whoever may write to the folder; settings for more are refused."""

from __future__ import annotations

import pulumi

from components.identity import IdentityArgs, IdentityShared
from components.scope import StackScope


def create_shared(
    scope: StackScope, args: IdentityArgs, opts: pulumi.ResourceOptions
) -> IdentityShared:
    """No roles."""
    return IdentityShared(roles=pulumi.Output.from_input({}))
