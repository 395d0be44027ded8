"""A change to each setting changes what it must and nothing else; a model is for itself.

Several models are up. In each preview every one of them gets another changed setting: what it
changes has to be that model's own.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from components.sections import Section
from components.settings import Model
from components.targets import ONLY_ON
from tests.targets import clouds
from tests.targets.changes import Changes, Steps
from tests.targets.clouds import POLICIES, Platform

pytestmark = pytest.mark.engine
MODELS = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen")
# A name is the key under `models`.
NAME = {"name"}


@pytest.fixture(scope="module", params=["aws", "azure", "gcp"])
def up(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """The stack with several models, up; each test leaves its settings as they were."""
    with clouds.platform(request.param, tmp_path_factory.mktemp("changes")) as platform:
        platform.configure(model=None, models={name: {} for name in MODELS})
        platform.up()
        yield platform


@pytest.fixture
def platform(up: Platform) -> Iterator[Platform]:
    """The same, to change settings and preview."""
    before = up.config
    yield up
    up.restore(before)


@pytest.fixture
def changes(up: Platform) -> Changes:
    """The target's table."""
    return importlib.import_module(f"tests.targets.changes.{up.target.name}").CHANGES


def test_every_setting_of_a_model_is_in_the_table(up: Platform, changes: Changes) -> None:
    others = {".".join(path) for path, target in ONLY_ON.items() if target != up.target.name}
    assert set(changes.model) == set(_paths(Model)) - NAME - others


def test_a_changed_setting_of_a_model_changes_what_it_must(
    platform: Platform, changes: Changes
) -> None:
    before = platform.config
    rows = list(changes.model.items())
    for start in range(0, len(rows), len(MODELS)):
        platform.restore(before)
        expected: Steps = {}
        for model, (path, (value, steps)) in zip(MODELS, rows[start:], strict=False):
            platform.configure(**{f"models.{model}.{path}": value})
            expected |= {name.format(m=model): step for name, step in steps.items()}
        assert platform.changes() == expected


def test_a_changed_setting_of_the_stack_changes_what_it_must(
    platform: Platform, changes: Changes
) -> None:
    before = platform.config
    for rows in _apart(changes):
        platform.restore(before)
        platform.configure(**{path: changes.stack[path][0] for path in rows})
        names = (
            (name.format(m=model), step)
            for path in rows
            for name, step in changes.stack[path][1].items()
            for model in MODELS
        )
        assert platform.changes() == dict(names), rows


def test_one_more_model_touches_nothing_of_the_others_and_breaks_no_policy(
    platform: Platform, changes: Changes
) -> None:
    platform.configure(**{"models.yak": {}})
    found = platform.changes(*POLICIES)
    shared = {name: step for name, step in found.items() if "yak" not in name}
    assert shared == changes.one_more
    assert {step for name, step in found.items() if name not in shared} == {"create"}


def _apart(changes: Changes) -> list[list[str]]:
    """Settings of the stack by preview: those of one have no step in common."""
    rows, batches = changes.stack, [[path] for path in changes.alone]
    for path in rows.keys() - changes.alone:
        steps = rows[path][1]
        for batch in batches[len(changes.alone) :]:
            if not any(steps.keys() & rows[other][1].keys() for other in batch):
                batch.append(path)
                break
        else:
            batches.append([path])
    return batches


def _paths(section: type[Section], prefix: str = "") -> Iterator[str]:
    for field in section.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _paths(field.annotation, f"{prefix}{field.alias}.")
        else:
            yield f"{prefix}{field.alias}"
