"""What all capabilities have in common: the choice of the target, and shared and own parts.

A capability folder has an `__init__.py` with the component, its arguments and its outputs, the
same on all targets, and a module per target with two functions:

- ``shared(args, opts)`` makes what all models of the stack share, once;
- ``model(args, settings, shared, opts)`` makes what one model has of its own.

Both return the outputs that `__init__.py` declares. So adding a model touches nothing of the
others, and who knows one capability knows all.
"""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import fields
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

import pulumi
from typing_extensions import Self

from components.settings import Model, Settings

# Metadata of a field that the target's other capabilities use and that is no output of the stack.
INTERNAL = {"internal": True}

SharedT = TypeVar("SharedT")
ModelT = TypeVar("ModelT")


class Capability(pulumi.ComponentResource, Generic[SharedT, ModelT]):
    """One capability of a stack; a subclass names itself and its outputs."""

    title: ClassVar[str]
    shared: SharedT
    models: dict[str, ModelT]

    @classmethod
    async def declare(cls, args: Any, opts: pulumi.ResourceOptions) -> Self:
        """The capability, once it has loaded."""
        await cls.load(args.settings)
        return cls(args, opts)

    @classmethod
    async def load(cls, settings: Settings) -> None:
        """Load its module, and the part of the cloud's SDK that it needs, in a thread, so that
        what is declared already is registered meanwhile."""
        await asyncio.to_thread(cls._module, settings)

    def __init__(self, args: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        settings: Settings = args.settings
        name = self.title.lower()
        super().__init__(f"mlops:index:{self.title}", name, None, opts)
        target = self._module(settings)
        self.shared = target.shared(args, pulumi.ResourceOptions(parent=self))
        self.models = {}
        for model in settings.models:
            part = ModelPart(self.title, name, model, pulumi.ResourceOptions(parent=self))
            outputs = target.model(args, model, self.shared, pulumi.ResourceOptions(parent=part))
            part.register_outputs(as_outputs(outputs))
            self.models[model.name] = outputs
        self.register_outputs(as_outputs(self.shared))

    @classmethod
    def _module(cls, settings: Settings) -> ModuleType:
        return importlib.import_module(f"components.{cls.title.lower()}.{settings.target}")


class ModelPart(pulumi.ComponentResource):
    """What one model has of a capability."""

    def __init__(self, title: str, name: str, model: Model, opts: pulumi.ResourceOptions) -> None:
        super().__init__(f"mlops:index:{title}Model", f"{name}-{model.name}", None, opts)


def protected(opts: pulumi.ResourceOptions, deletable: bool) -> pulumi.ResourceOptions:
    """`opts` of what holds versions of models: the engine deletes it only if it is `deletable`."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=not deletable))


def retained(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """`opts` of what the engine lets go of and does not delete: it goes with what holds it."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True))


def as_outputs(outputs: Any) -> dict[str, Any]:
    """A dataclass of outputs as a dictionary, one level deep, without what is internal."""
    shown = [field.name for field in fields(outputs) if not field.metadata.get("internal")]
    return {name: getattr(outputs, name) for name in shown}
