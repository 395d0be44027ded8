"""Base of all capabilities: the choice of the target, shared resources and a model's own.

A capability is a folder. Its `__init__.py` has the component, its arguments and its outputs, the
same on all targets. A module for each target, `components/<capability>/<target>.py`, has up to two
functions (`Implementation`):

- ``create_shared(scope, args, opts)`` makes what all models of the stack share, once;
- ``create_model(scope, args, shared, opts)`` makes what one model has of its own.

Both return the outputs that `__init__.py` declares. A capability that has no outputs of a kind
declares none, and its modules leave the function out.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import pulumi

from components import sdk
from components.scope import ModelScope, StackScope
from components.settings import Settings

# Metadata of a field that the target's other capabilities use and that is no output of the stack.
INTERNAL = {"internal": True}


@dataclass(frozen=True)
class NoOutputs:
    """Outputs of a capability whose models share nothing, or have nothing of their own."""


class Args(Protocol):
    """Arguments of a capability: the settings, and the capabilities that it builds on."""

    @property
    def settings(self) -> Settings: ...


SharedT = TypeVar("SharedT")
ModelT = TypeVar("ModelT")


class Capability(pulumi.ComponentResource, Generic[SharedT, ModelT]):
    """One capability of a stack, made by the module of the stack's target in its folder."""

    # The capabilities of this program in the order they were made: what `publish` exports.
    declared: ClassVar[list[Capability[Any, Any]]] = []

    shared: SharedT
    models: dict[str, ModelT]

    def __init__(self, name: str, args: Args, opts: pulumi.ResourceOptions | None = None) -> None:
        kind = type(self).__name__
        scope = StackScope(args.settings, pulumi.get_stack())
        super().__init__(f"mlops:index:{kind}", name, None, sdk.with_providers(scope, opts))
        create_shared, create_model = implementation(type(self), args.settings.target)
        child = pulumi.ResourceOptions(parent=self)
        self.shared = create_shared(scope, args, child)
        self.models = {}
        for model in scope.models:
            part = pulumi.ComponentResource(
                f"mlops:index:{kind}Model", f"{name}-{model.model.name}", None, child
            )
            model_opts = pulumi.ResourceOptions(parent=part)
            self.models[model.model.name] = create_model(model, args, self.shared, model_opts)
            part.register_outputs(as_outputs(self.models[model.model.name]))
        self.register_outputs(as_outputs(self.shared))
        Capability.declared.append(self)


CreateShared = Callable[[StackScope, Any, pulumi.ResourceOptions], Any]
CreateModel = Callable[[ModelScope, Any, Any, pulumi.ResourceOptions], Any]


def implementation(capability: type, target: str) -> tuple[CreateShared, CreateModel]:
    """The functions `create_shared` and `create_model` of ``components/<capability>/<target>.py``.

    The module, and with it the part of the cloud's SDK that it needs, is imported here: a stack
    loads no other target's. A function that the module leaves out makes nothing.
    """
    module = importlib.import_module(f"{capability.__module__}.{target}")
    return (
        getattr(module, "create_shared", lambda scope, args, opts: NoOutputs()),
        getattr(module, "create_model", lambda scope, args, shared, opts: NoOutputs()),
    )


def folder_of(kind: str) -> str:
    """The folder of the capability whose class is called `kind`: ``ModelCards``, model_cards."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()


def protected(opts: pulumi.ResourceOptions, deletable: bool) -> pulumi.ResourceOptions:
    """`opts` of what holds versions of models: the engine deletes it only if it is `deletable`."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=not deletable))


def retained(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """`opts` of what the engine lets go of and does not delete: it goes with what holds it."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True))


def as_outputs(outputs: Any) -> dict[str, Any]:
    """A dataclass of outputs as a dictionary, one level deep, without what is internal."""
    public = [field.name for field in fields(outputs) if not field.metadata.get("internal")]
    return {name: getattr(outputs, name) for name in public}
