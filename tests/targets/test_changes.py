"""A change to each setting changes what it must and nothing else; a model is for itself.

Many models are up where each gets another changed setting in one preview: what it changes has to be
that model's own. Two are enough where a setting is the stack's.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from components import targets
from components.setting_types import Section
from components.settings import Model, Settings
from tests.installed import CLOUDS
from tests.targets import clouds
from tests.targets.changes import Changes, Steps
from tests.targets.clouds import POLICIES, Platform

pytestmark = pytest.mark.engine
TWO = ("ant", "bee")
MODELS = (*TWO, "cat", "dog", "elk", "fox", "gnu", "hen")
# What is up, so that each of its keys can change by itself.
INITIAL_SETTINGS = {
    "budget.monthly": 100,
    "ci.github": {"repository": "my-company/churn", "ownerId": 1234567, "repositoryId": 1234567},
}
# A name is the key under `models`.
NAME = {"name"}
# A stack that is up keeps its target and its prefix; models have a test of their own.
APART = {"target", "prefix", "models"}


@pytest.fixture(scope="module", params=CLOUDS)
def up(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """The stack with two models, up; each test leaves its settings as they were."""
    with _up(request.param, tmp_path_factory.mktemp("changes"), TWO) as platform:
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
    return _table(up.target.name)


def test_every_setting_is_in_the_tables(up: Platform, changes: Changes) -> None:
    other_settings = {
        path
        for target in targets.every()
        for path in target.exclusive
        if target.name != up.target.name
    } - targets.load(up.target.name).exclusive
    assert set(changes.model) == set(_paths(Model)) - NAME - other_settings
    assert (
        set(changes.stack) - {"budget", "ci.github"}
        == set(_paths(Settings)) - APART - other_settings
    )


def test_a_changed_setting_of_a_model_changes_what_it_must(target: str, tmp_path: Path) -> None:
    with _up(target, tmp_path, MODELS) as platform:
        before = platform.config
        rows = list(_table(target).model.items())
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
        expected: Steps = {}
        for path in rows:
            expected |= _of_all_models(changes.stack[path][1])
        assert platform.changes() == expected, rows


def test_another_prefix_is_another_stack(platform: Platform) -> None:
    before = platform.cloud.resources()
    platform.configure(prefix="other")
    output = platform.up(fails=True)
    assert (
        f"mlops:prefix: 'other' is not allowed: stack '{platform.stack}' is up with 'mlops'"
        in output
    )
    assert platform.cloud.resources() == before


def test_one_more_model_touches_nothing_of_the_others_and_breaks_no_policy(
    platform: Platform, changes: Changes
) -> None:
    platform.configure(**{"models.yak": {}})
    steps = platform.changes(*POLICIES)
    shared = {name: step for name, step in steps.items() if "yak" not in name}
    assert shared == changes.one_more
    assert {step for name, step in steps.items() if name not in shared} == {"create"}


@contextmanager
def _up(target: str, folder: Path, models: tuple[str, ...]) -> Iterator[Platform]:
    """A target's stack with these models, up."""
    with clouds.platform(target, folder) as platform:
        platform.configure(model=None, models={name: {} for name in models}, **INITIAL_SETTINGS)
        platform.up()
        yield platform


def _table(target: str) -> Changes:
    return importlib.import_module(f"tests.targets.changes.{target}").CHANGES


def _of_all_models(steps: Steps) -> Steps:
    """These steps of the table, for each model."""
    return {name.format(m=model): step for name, step in steps.items() for model in TWO}


def _apart(changes: Changes) -> list[list[str]]:
    """Settings of the stack by preview: those of one have no step and no section in common."""
    batches = [[path] for path in changes.alone]
    for path in sorted(changes.stack.keys() - changes.alone):
        for batch in batches[len(changes.alone) :]:
            if not any(_meet(changes, path, other) for other in batch):
                batch.append(path)
                break
        else:
            batches.append([path])
    return batches


def _meet(changes: Changes, setting: str, other_setting: str) -> bool:
    steps = changes.stack[setting][1].keys() & changes.stack[other_setting][1].keys()
    return (
        bool(steps)
        or f"{setting}.".startswith(f"{other_setting}.")
        or f"{other_setting}.".startswith(f"{setting}.")
    )


def _paths(section: type[Section], prefix: str = "") -> Iterator[str]:
    for field in section.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _paths(field.annotation, f"{prefix}{field.alias}.")
        else:
            yield f"{prefix}{field.alias}"
