"""Targets: where a stack can run, a folder for each.

``components/targets/<target>/`` has what a target is apart from its capabilities: the `Target`
object ``TARGET``, and in modules of the same names on each target

- ``checks.py``: ``check(settings, config)``, which refuses what the service would refuse;
- ``machines.py``: regions, instance types, images;
- ``permissions.py``, ``policies.py``: calls of each principal, and the documents made of them;
- ``resources.py``, ``dynamic.py``: resources that several capabilities use;
- ``platform.py``: the platform document in the artifact store.

A target is there if its folder is: nothing else lists them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Question:
    """One answer that `mlops init` asks for: its flag, its text and the key of the config it is.

    `key` is dotted; a key without a colon is one of the platform's settings. An empty answer takes
    the default; without one it leaves the key out, unless it is `required`.
    """

    flag: str
    text: str
    key: str
    default: str = ""
    required: bool = False
    several: bool = False


@dataclass(frozen=True)
class Target:
    """A place to run a stack.

    Attributes:
        name: the value of the setting `target`, and the name of its folders and modules.
        sdk: the distribution of the Pulumi SDK, and `module`, its import name; None without one.
        wheel_requirements: what the code package's extra of this name needs, for the back ends.
        step_requirements: what steps alone need beside it, the extra ``<name>-steps``.
        stacks: the stack files that stand for it in docs/targets.md; the last has everything.
        own_resources: whether some resources are dynamic, the program's own.
        leaves_versions: whether releases make what neither a resource of the stack nor the service
            takes away, so that `mlops destroy` has to (``tools/destroy/<target>.py``).
        exclusive: settings that not every target has, of the stack and of a model, by dotted key.
        limitations: what it lacks that another target has, by capability; a capability that is
            not named lacks nothing.
        lingering: what the service keeps of a deleted resource, by ``service.Type``.
        canary_minutes: how long a new version is watched if no setting says so.
        signal_minutes: how long its service takes to show what a new version answered.
        storage_type: the ``service.Type`` of the artifact store, by which costs tell the target.
        questions: what `mlops init` asks beside what it asks for every target.
    """

    name: str
    sdk: str | None = None
    module: str | None = None
    wheel_requirements: tuple[str, ...] = ()
    step_requirements: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    own_resources: bool = False
    leaves_versions: bool = False
    exclusive: frozenset[str] = frozenset()
    limitations: Mapping[str, str] = field(default_factory=dict)
    lingering: Mapping[str, str] = field(default_factory=dict)
    canary_minutes: float = 5
    signal_minutes: float = 3
    storage_type: str | None = None
    questions: tuple[Question, ...] = ()


LOCAL = "local"


@cache
def names() -> tuple[str, ...]:
    """The names of all targets, `local` first."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/__init__.py"))
    return tuple(sorted(folders, key=lambda name: name != LOCAL))


def load(name: str) -> Target:
    """The target called `name`. Its SDK is not imported."""
    return importlib.import_module(f"components.targets.{name}").TARGET


def every() -> tuple[Target, ...]:
    """All targets, `local` first."""
    return tuple(load(name) for name in names())
