"""A cloud filled with the samples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.state import State

from samples import SAMPLES, SETTINGS

REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\}")


class Filled:
    """All samples of one cloud, created one after the other."""

    def __init__(self, folder: Path, package: str) -> None:
        self.package = package
        self.cloud = Cloud(State(folder), variables(package, SETTINGS[package]))
        self.outputs: dict[str, dict[str, Any]] = {}
        # Of what is made beside the samples, the sample whose type it has.
        self.like: dict[str, str] = {}
        for name in SAMPLES[package]:
            self.create(name, self.inputs(name))

    def inputs(self, name: str) -> dict[str, Any]:
        """A sample's inputs with its references filled in."""
        return self.filled(SAMPLES[self.package][name][1])

    def urn(self, name: str, sample: str | None = None) -> str:
        """The URN of a resource of a sample's type."""
        token = SAMPLES[self.package][sample or self.like.get(name, name)][0]
        return f"urn:pulumi:test::sim::{token}::{name}"

    def create(
        self, name: str, inputs: dict[str, Any], sample: str | None = None
    ) -> dict[str, Any]:
        """Checks and creates; raises `CloudError` with everything that is wrong."""
        self.like[name] = sample or name
        urn = self.urn(name, sample)
        checked, failures = self.cloud.check(urn, {}, inputs, name.encode())
        if failures:
            raise CloudError("; ".join(f"{item.path}: {item.reason}" for item in failures))
        identity, outputs = self.cloud.create(urn, checked)
        self.outputs[name] = {"id": identity, **outputs}
        return self.outputs[name]

    def update(self, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Changes a sample in place: its outputs."""
        old = self.outputs[name]
        return self.cloud.update(self.urn(name), old["id"], inputs, old)

    def delete(self, name: str) -> None:
        """Deletes a sample."""
        self.cloud.delete(self.urn(name), self.outputs[name]["id"])

    def filled(self, value: Any) -> Any:
        """A value with the references in it filled in."""
        if isinstance(value, dict):
            return {key: self.filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if isinstance(value, str):
            return REFERENCE.sub(lambda match: str(self.outputs[match[1]][match[2]]), value)
        return value
