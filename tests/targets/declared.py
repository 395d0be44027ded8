"""A stack's resources as the program declares them, in this process: no engine, a second.

The program runs as in `pulumi up`, with its monitor replaced by Pulumi's own for unit tests. That
hands each resource to the simulated cloud, which refuses what the service would, and answers with
what the service computes. What only an engine does is left out: the order of deletions, replaced
resources, and the program's own providers, whose resources have their inputs alone.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import json
import runpy
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pulumi
import yaml
from pulumi.runtime import mocks
from pulumi.runtime import settings as settings_of_sdk
from pulumi.runtime.proto import provider_pb2, resource_pb2
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.permissions import lacking
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.property_values import decode, encode
from pulumi_simcloud.state import Row, State
from pulumi_simcloud.world import World

from components.capability import Capability
from tests.project import REPOSITORY
from tests.targets.clouds import TARGETS

Json = dict[str, Any]
# What the engine itself keeps: it has as its output what it was first given.
STASH = "pulumi:index:Stash"


@dataclass(frozen=True)
class Resource:
    """A declared resource: its type, its name in the program, what it was given, and its options.

    `outputs` are the simulated cloud's; `row` is what that keeps, None of what no cloud makes;
    `ignored` are properties whose changes are let be.
    """

    token: str
    name: str
    inputs: Json
    outputs: Json
    row: Row | None
    protect: bool
    retained: bool
    ignored: tuple[str, ...]


@dataclass
class Declared:
    """The resources of a stack, in the order in which they were made."""

    target: str
    package: str
    settings: dict[str, str]
    resources: list[Resource] = field(default_factory=list)

    def of(self, token: str) -> dict[str, Resource]:
        """The resources of a type, by name, without the program's own components; a type is told
        by its end, as ``MetricAlarm``.
        """
        return {
            resource.name: resource
            for resource in self.resources
            if resource.token.rpartition(":")[2] == token
            and not resource.token.startswith("mlops:")
        }

    def inputs(self, token: str, name: str) -> Json:
        """What one resource was given."""
        return self.of(token)[name].inputs

    def lacking(self) -> list[str]:
        """The permissions that what runs in the stack lacks."""
        rows = [resource.row for resource in self.resources if resource.row]
        world = World(rows, catalog(), variables(self.package, self.settings))
        return list(lacking(world, self.package))


def config(stack: str) -> Json:
    """The settings in a stack's file."""
    return yaml.safe_load((REPOSITORY / "stacks" / f"Pulumi.{stack}.yaml").read_text())["config"]


@cache
def declared(stack: str, changes: str = "{}") -> Declared:
    """A stack by its file; `changes` is JSON, of settings by their key, whole sections.

    Raises the program's own error where its settings are refused, and CloudError where the
    simulated cloud refuses a resource.
    """
    settings = {**config(stack), **json.loads(changes)}
    text = {key: _text(value) for key, value in settings.items() if value is not None}
    target = TARGETS[text["mlops:target"]]
    place = {
        key.partition(":")[2]: str(value)
        for key, value in settings.items()
        if key.startswith(f"{target.package}:")
    }
    result = Declared(target.name, target.package, {**target.settings, **place})

    def run() -> None:
        # A thread of its own has a loop of its own, and Pulumi's settings as they begin.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        monitor = _Monitor(stack, result, State(Path(folder)))
        mocks.set_mocks(_Nothing(), "mlops", stack, preview=False, monitor=monitor)
        pulumi.runtime.set_all_config(text)
        # The engine calls error hooks, when a service refuses; here they need only be known.
        settings_of_sdk.SETTINGS.callbacks = _Callbacks()  # type: ignore[assignment]
        try:
            pulumi.runtime.test(lambda: runpy.run_path(str(REPOSITORY / "__main__.py")))()
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    with TemporaryDirectory() as folder, _as_begun(), ThreadPoolExecutor(1) as thread:
        thread.submit(run).result()
    return result


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _as_begun() -> Iterator[None]:
    """What the program changes in its own process, as it was."""
    collects, before = gc.isenabled(), Capability.declared
    Capability.declared = []
    try:
        with warnings.catch_warnings():
            # Pulumi's own, where it compares outputs.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        Capability.declared = before
        atexit.unregister(gc.freeze)
        if collects:
            gc.enable()


class _Nothing(mocks.Mocks):
    """No answers: the monitor asks the simulated cloud."""

    def new_resource(self, args: Any) -> Any:
        raise NotImplementedError

    def call(self, args: Any) -> Any:
        raise NotImplementedError


class _Callbacks:
    def register_error_hook(self, hook: pulumi.ErrorHook) -> None:
        """The engine would keep it."""


class _Monitor(mocks.MockMonitor):
    def __init__(self, stack: str, result: Declared, state: State) -> None:
        super().__init__(_Nothing())
        self._stack = stack
        self._result = result
        self._cloud = Cloud(state, variables(result.package, result.settings), closed=False)
        self._lock = threading.Lock()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # The SDK calls from threads of its own, which do not know the stack's name.
        if parent:
            type_ = f"{parent.split('::')[2].split('$')[-1]}${type_}"
        return f"urn:pulumi:{self._stack}::mlops::{type_}::{name}"

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        if request.tok.startswith("pulumi:pulumi:"):
            answer: Json = {"outputs": {}}
        else:
            with self._lock:
                answer = self._cloud.invoke(request.tok, decode(request.args))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer))
        return response

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        inputs = decode(request.object)
        outputs, identity, row = inputs, request.name, None
        if request.type == STASH:
            outputs = {**inputs, "output": inputs["input"]}
        if request.type.startswith(f"{self._result.package}:"):
            with self._lock:
                checked, failures = self._cloud.check(urn, {}, inputs, urn.encode())
                if failures:
                    raise CloudError(f"{urn}: {failures}")
                identity, outputs = self._cloud.create(urn, checked)
                row = self._cloud.read(urn, identity)
        self._result.resources.append(
            Resource(
                request.type,
                request.name,
                inputs,
                outputs,
                row,
                request.protect,
                request.retainOnDelete,
                tuple(request.ignoreChanges),
            )
        )
        return resource_pb2.RegisterResourceResponse(urn=urn, id=identity, object=encode(outputs))


def workflow_jobs(stack: str) -> list[tuple[str, set[str]]]:
    """Subjects of GitHub's tokens, and the jobs of a production stack that each may act as."""
    name_prefix = "repo:my-company/churn:"
    # As GitHub writes it for repositories since July 2026: owner's number, then the repository's.
    number_prefix = "repo:my-company@1234567/churn@7654321:"
    allowed = [
        (f"{repository}{subject}", jobs)
        for repository in (name_prefix, number_prefix)
        for subject, jobs in (
            ("pull_request", {"preview"}),
            ("ref:refs/heads/main", {"preview"}),
            (f"environment:{stack}", {"deploy", "promote"}),
        )
    ]
    strangers = [
        f"{name_prefix}environment:{stack.replace('-prod', '-dev')}",
        f"{name_prefix}ref:refs/heads/main2",
        f"{name_prefix}ref:refs/tags/main",
        f"repo:my-company/churn2:environment:{stack}",
        f"repo:my-company@7654321/churn@1234567:environment:{stack}",
        f"repo:another/churn:environment:{stack}",
        "",
    ]
    return [*allowed, *((subject, set[str]()) for subject in strangers)]
