"""The places where the program uses more of Pulumi's SDK than its documentation promises.

Each has a test that fails when the SDK changes (tests/unit/test_sdk.py), and a reason here or in
ADR 0010. Nothing in this module replaces a function of the SDK.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import re
from functools import cache
from typing import Any

import pulumi
from pulumi.runtime import invoke_async
from pulumi.runtime.config import CONFIG, is_config_secret
from pulumi.runtime.sync_await import _sync_await

from components import targets
from components.scope import StackScope

# azure-native knows each resource under every version of its API that there was. A resource of
# ours never had a version in its type, so none of these names is one that it once had.
VERSIONED = re.compile(r"azure-native:[^/:]+/v\d+")
# The engine may be writing the state just then, and a file is there before all of it is: seconds
# to wait before asking once more.
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
HALF_WRITTEN = "failed to load checkpoint"


def configuration() -> dict[str, str]:
    """The stack's whole config, every namespace: the provider's keys are checked with ours.

    `pulumi.Config` reads one key that is named; there is no documented way to list them.
    """
    return dict(CONFIG.get())


def is_secret(key: str) -> bool:
    """True if the value of a config key, with its namespace, is encrypted in the stack file."""
    return is_config_secret(key)


def save_time() -> None:
    """Leave out work of the SDKs that no stack here has a use for; ADR 0010 has the figures.

    A cloud's SDK makes a hundred thousand objects that live until the program ends: looking among
    them for garbage, now and again at exit, takes a fifth of a preview and finds nothing.
    """
    gc.disable()
    atexit.register(gc.freeze)
    pulumi.runtime.register_stack_transformation(without_versions)


def without_versions(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult:
    """The resource without the aliases that name an old version of its API."""
    aliases = args.opts.aliases or []
    args.opts.aliases = [alias for alias in aliases if not _is_versioned(alias)]
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def _is_versioned(alias: object) -> bool:
    kind = getattr(alias, "type_", None)
    return isinstance(kind, str) and VERSIONED.match(kind) is not None


def with_providers(
    scope: StackScope, opts: pulumi.ResourceOptions | None
) -> pulumi.ResourceOptions | None:
    """`opts` with the provider of the program's own resources, if the target has any."""
    if not targets.load(scope.settings.target).own_resources:
        return opts
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(providers=[_own_provider()]), opts)


@cache
def _own_provider() -> pulumi.ProviderResource:
    """The provider of dynamic resources, declared before them.

    The engine starts one more Python for it. Left to itself it does so at the first such resource,
    and all others wait; declared first of all, it starts while the cloud's SDK loads.
    """
    return pulumi.ProviderResource("pulumi-python", "own", {})


def stack_outputs() -> dict[str, Any]:
    """The stack's outputs of its last update; none before the first.

    A StackReference asks the same, for one more resource in the state.
    """
    return _sync_await(_ask("readStackOutputs", "name"))["outputs"]


async def stack_resources() -> dict[str, dict[str, Any]]:
    """The outputs of every resource by its URN; of one that is being replaced, the new one's."""
    resources = (await _ask("readStackResourceOutputs", "stackName"))["outputs"]
    return {urn: resource["outputs"] for urn, resource in resources.items()}


async def _ask(function: str, key: str) -> dict[str, Any]:
    """The engine's answer of `function` about this stack, which it takes under `key`."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    pauses = iter(PAUSES)
    while True:
        try:
            return await invoke_async(f"pulumi:pulumi:{function}", {key: stack})
        # The SDK has no narrower one for a call that fails.
        except Exception as error:
            pause = next(pauses, None)
            if pause is None or HALF_WRITTEN not in str(error):
                raise
        await asyncio.sleep(pause)
