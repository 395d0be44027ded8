"""Identity on this computer: whoever may write to the folder; settings for more are refused."""

from __future__ import annotations

import pulumi

from components.identity import IdentityArgs, IdentityModel, IdentityShared
from components.settings import Model


def shared(args: IdentityArgs, opts: pulumi.ResourceOptions) -> IdentityShared:
    """No roles."""
    return IdentityShared(roles=pulumi.Output.from_input({}))


def model(
    args: IdentityArgs, settings: Model, shared: IdentityShared, opts: pulumi.ResourceOptions
) -> IdentityModel:
    """Nothing."""
    return IdentityModel()
