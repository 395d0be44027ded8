"""Identity on AWS: roles that GitHub's workflows take with a token of theirs."""

from __future__ import annotations

import pulumi

from components.identity import IdentityArgs, IdentityModel, IdentityShared
from components.settings import Model


def shared(args: IdentityArgs, opts: pulumi.ResourceOptions) -> IdentityShared:
    """The roles by job; none without a repository."""
    return IdentityShared(roles=pulumi.Output.from_input({}))


def model(
    args: IdentityArgs, settings: Model, shared: IdentityShared, opts: pulumi.ResourceOptions
) -> IdentityModel:
    """Nothing."""
    return IdentityModel()
