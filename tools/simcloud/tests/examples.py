"""The examples in the SDKs' own docstrings, tried on the simulated cloud.

``python tools/simcloud/tests/examples.py aws`` prints how many of its resources are accepted, and
what is said of the others. An example runs with Pulumi's mocks, each resource in it is checked and
made as the engine would have it; what it refers to and does not make is taken to exist.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import re
import sys
import tempfile
import textwrap
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks
from pulumi.runtime.mocks import set_mocks
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.property_values import ARCHIVE, OUTPUT, SECRET, SIGNATURE
from pulumi_simcloud.schema.sdk import PACKAGES, all_tokens
from pulumi_simcloud.state import State

SETTINGS = {
    "aws": {"region": "us-west-2"},
    "gcp": {"project": "my-project-name", "region": "us-central1"},
}
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Trial:
    """One resource of an example: what is said against it, nothing if it is accepted."""

    token: str
    name: str
    reasons: tuple[str, ...]

    @property
    def title(self) -> str:
        """`type::name`."""
        return f"{self.token}::{self.name}"


class Mocked(mocks.Mocks):
    """Pulumi's mocks, with the simulated cloud behind them until they are closed.

    Pulumi's `run_pulumi_func` raises at the first call that fails and leaves the threads of the
    others at work; when `close` returns, none of them touches the cloud's state any more.
    """

    def __init__(self, package: str, folder: Path) -> None:
        settings = variables(package, SETTINGS[package])
        self.cloud = Cloud(State(folder), settings, closed=False)
        self.trials: list[Trial] = []
        self._open = True
        self._lock = threading.Lock()

    def close(self) -> None:
        """Waits for the call that is at work, and refuses those to come."""
        with self._lock:
            self._open = False

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        with self._lock:
            self._require_open()
            return self.make(args)

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        with self._lock:
            self._require_open()
            return self.cloud.invoke(args.token, plain(args.args))

    def _require_open(self) -> None:
        if not self._open:
            raise RuntimeError("the example has ended")

    def make(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """The id and outputs of a resource, whose trial is written down."""
        inputs = plain(args.inputs)
        result: tuple[str, dict[str, Any]] = (f"{args.name}-id", inputs)
        if args.typ in catalog():
            urn = f"urn:pulumi:examples::examples::{args.typ}::{args.name}"
            checked, failures = self.cloud.check(urn, {}, inputs, args.name.encode())
            reasons = tuple(f"{item.path}: {item.reason}" for item in failures)
            if not reasons:
                try:
                    result = self.cloud.create(urn, checked)
                except CloudError as error:
                    reasons = (str(error),)
            self.trials.append(Trial(args.typ, args.name, reasons))
        identity, outputs = result
        return identity, {key: item for key, item in outputs.items() if not holds_asset(item)}


def plain(value: Any) -> Any:
    """A mock's inputs as the provider gets them: no secrets, no floats that are whole."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) in (SECRET, OUTPUT):
            return plain(value["value"])
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return {SIGNATURE: ARCHIVE}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def holds_asset(value: Any) -> bool:
    return isinstance(value, dict) and SIGNATURE in value


def examples(package: str) -> list[str]:
    """The distinct examples of the catalog's types, as code."""
    sources: dict[str, None] = {}
    modules = all_tokens(PACKAGES[package])
    for token in catalog():
        if token.startswith(f"{package}:"):
            module, name = modules[token]
            source = inspect.getmodule(getattr(importlib.import_module(module), name))
            assert source is not None
            for block in BLOCK.findall(inspect.getsource(source)):
                sources[textwrap.dedent(block)] = None
    return list(sources)


def run_example(code: str, mocked: Mocked) -> None:
    """Runs an example with `mocked` and closes it."""
    with closing(mocked):
        set_mocks(mocked, preview=False)
        program = partial(exec, compile(code, "example", "exec"), {"__name__": "example"})
        pulumi.runtime.test(program)()


def trials(package: str, step: int = 1) -> Iterator[Trial]:
    """The resources of every `step`-th example, but of those whose code does not run.

    Some docstrings have code that is none (Terraform's functions, names that nobody defines).
    """
    logging.disable(logging.CRITICAL)
    for code in examples(package)[::step]:
        with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mocked = Mocked(package, Path(name))
            try:
                run_example(code, mocked)
            except Exception as error:
                print(f"does not run: {type(error).__name__}", file=sys.stderr)
            yield from mocked.trials
    logging.disable(logging.NOTSET)


def main() -> None:
    """Prints the share of a cloud's examples that is accepted."""
    all_trials = list(trials(sys.argv[1]))
    refused = [trial for trial in all_trials if trial.reasons]
    print(f"{len(all_trials) - len(refused)} of {len(all_trials)} resources accepted")
    for trial in refused:
        print(trial.title, *trial.reasons, sep="\n    ")


if __name__ == "__main__":
    main()
