"""What keeps a preview quick: work of the SDKs that no stack of ours has any use for is left out.

`docs/preview.md` has the figures, ADR 0010 the reasons.
"""

from __future__ import annotations

import atexit
import gc
import os
import re

import pulumi

# Set it to have the messages of Pulumi's Python SDK in the output of ``pulumi preview --debug``.
DEBUG = "MLOPS_SDK_DEBUG"
# azure-native knows each resource under every version of its API that there was. A resource of
# ours never had a version in its type, so none of these names is one that it once had.
VERSIONED = re.compile(r"azure-native:[^/:]+/v\d+")


def make_quick() -> None:
    """Call it before anything is declared, and before a cloud's SDK is imported."""
    # A cloud's SDK makes a hundred thousand objects that live until the program ends: looking
    # among them for garbage, now and again at exit, takes a fifth of a preview and finds nothing.
    gc.disable()
    atexit.register(gc.freeze)
    # Each debug message is a call to the engine that the program waits for, some five for each
    # resource, whether anyone asked for them or not: github.com/pulumi/pulumi/issues/7292
    if not os.environ.get(DEBUG):
        pulumi.log.debug = _say_nothing
    pulumi.runtime.register_stack_transformation(without_versions)


def _say_nothing(*message: object, **about: object) -> None:
    """Instead of `pulumi.log.debug`."""


def without_versions(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult:
    """The resource without the aliases that name an old version of its API."""
    aliases = args.opts.aliases or []
    args.opts.aliases = [alias for alias in aliases if not _versioned(alias)]
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def _versioned(alias: object) -> bool:
    known = getattr(alias, "type_", None)
    return isinstance(known, str) and VERSIONED.match(known) is not None
