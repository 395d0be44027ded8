"""Scopes: what a stack, and each of its models, names and tags its resources with."""

from __future__ import annotations

from dataclasses import dataclass

from components.settings import Model, Settings


@dataclass(frozen=True)
class StackScope:
    """A stack: its settings, and the names and tags of what all its models share."""

    settings: Settings
    stack: str

    @property
    def prefix(self) -> str:
        """The beginning of every name in the stack."""
        return f"{self.settings.prefix}-{self.stack}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of a resource, on Google Cloud its labels: the settings', project and stack."""
        return {**self.settings.tags, "project": self.settings.prefix, "stack": self.stack}

    @property
    def models(self) -> list[ModelScope]:
        """A scope for each model, in the order of the settings."""
        return [ModelScope(self, model) for model in self.settings.models]

    def name(self, part: str) -> str:
        """The name of a resource that the models share."""
        return f"{self.prefix}-{part}"


@dataclass(frozen=True)
class ModelScope:
    """One model of a stack: its settings, and the names and tags of what it has of its own."""

    stack: StackScope
    model: Model

    @property
    def settings(self) -> Settings:
        """The settings of the whole stack."""
        return self.stack.settings

    @property
    def prefix(self) -> str:
        """The beginning of every name in the stack."""
        return self.stack.prefix

    @property
    def tags(self) -> dict[str, str]:
        """The stack's tags, and the model's name."""
        return {**self.stack.tags, "model": self.model.name}

    def name(self, part: str | None = None) -> str:
        """The name of a resource of the model; without a `part`, of the model itself."""
        return "-".join([self.prefix, self.model.name, *([part] if part else [])])
