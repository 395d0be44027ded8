"""Every planted bad input is refused, by the part of the simulated cloud that is meant to."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from planted import EXTRAS, PLANTED
from planted.case import (
    DELETE,
    FROZEN,
    GUARD,
    LIMIT,
    REFERENCE,
    RULE,
    SCHEMA,
    Planted,
    changed,
)
from pulumi_simcloud import cloud as cloud_module
from pulumi_simcloud.failures import CloudError
from samples.world import Filled

Checker = Callable[[Filled, Planted], None]
CASES = [(package, case) for package, cases in PLANTED.items() for case in cases]
NAMES = [f"{package}-{case.title}" for package, case in CASES]

# The functions that make up each part; replaced by ones that accept everything.
PARTS = {
    SCHEMA: {"check_inputs": lambda *_: []},
    LIMIT: {"check_limits": lambda *_: []},
    RULE: {"check_rules": lambda *_: []},
    REFERENCE: {"used_by": lambda *_: []},
    GUARD: {"refuse_taken": lambda *_: None, "refuse_same": lambda *_: None},
    DELETE: {"refuse_used": lambda *_: None},
    FROZEN: {"refuse_frozen": lambda *_: None},
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Filled]:
    """A filled cloud of each kind; what is refused leaves no trace in it."""
    worlds = {}
    for package in PLANTED:
        worlds[package] = Filled(tmp_path_factory.mktemp(package), package)
        for name, (sample, inputs) in EXTRAS[package].items():
            worlds[package].create(name, worlds[package].filled(inputs), sample)
    return worlds


def simulated(world: Filled, case: Planted) -> None:
    """Tries a planted fault on the simulated cloud."""
    if case.stage == DELETE:
        world.delete(case.sample)
        return
    inputs = world.filled(changed(world.inputs(case.sample), case.change))
    if case.stage == FROZEN:
        world.update(case.sample, inputs)
    else:
        world.create("planted", inputs, case.sample)


def permissive(world: Filled, case: Planted) -> None:
    """Accepts everything."""


def assert_refused(checker: Checker, world: Filled, case: Planted) -> None:
    with pytest.raises(CloudError, match=re.escape(case.reason)):
        checker(world, case)


@pytest.mark.parametrize(("package", "case"), CASES, ids=NAMES)
def test_a_planted_fault_is_refused(worlds: dict[str, Filled], package: str, case: Planted) -> None:
    assert_refused(simulated, worlds[package], case)


@pytest.mark.parametrize(("package", "case"), CASES, ids=NAMES)
def test_a_checker_that_accepts_everything_is_caught(
    worlds: dict[str, Filled], package: str, case: Planted
) -> None:
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        assert_refused(permissive, worlds[package], case)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_what_refuses_its_faults(
    part: str, worlds: dict[str, Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one part switched off, every fault planted for it gets past that part's message.

    The providers' own relations say much of it once more, so they are off as well.
    """
    for package, world in worlds.items():
        before = world.cloud.state.file.read_bytes()
        with monkeypatch.context() as patch:
            # What gets past is made, and so stands in these two.
            patch.setattr(world, "outputs", dict(world.outputs))
            patch.setattr(world, "like", dict(world.like))
            patch.setattr(cloud_module, "check_relations", lambda *_: [])
            for name, replacement in PARTS[part].items():
                patch.setattr(cloud_module, name, replacement)
            for case in PLANTED[package]:
                if case.stage == part:
                    refused = _still_refused(world, case)
                    world.cloud.state.file.write_bytes(before)
                    assert not refused, f"{part} is not what refuses {case}"


def _still_refused(world: Filled, case: Planted) -> bool:
    try:
        simulated(world, case)
    except (CloudError, AttributeError, KeyError, TypeError, ValueError) as error:
        return isinstance(error, CloudError) and case.reason in str(error)
    return False
