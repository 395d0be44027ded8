"""What users of the clouds were refused is refused here, and what is nearest to it accepted.

A pair differs in nothing but what the refusal was about: with the good values accepted, the bad
ones are refused for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from planted.case import changed
from pulumi_simcloud.failures import CloudError
from refusals import REFUSALS
from refusals.case import Change, Refusal
from samples.world import Filled

CASES = [(package, case) for package, cases in REFUSALS.items() for case in cases]
NAMES = [f"{package}-{case.title}" for package, case in CASES]
BAD = [
    pytest.param(
        package,
        case,
        id=name,
        marks=pytest.mark.xfail(reason=case.accepted, strict=True) if case.accepted else (),
    )
    for name, (package, case) in zip(NAMES, CASES, strict=True)
]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Filled]:
    """A filled cloud of each kind; what is tried in it leaves no trace."""
    return {package: Filled(tmp_path_factory.mktemp(package), package) for package in REFUSALS}


@contextmanager
def without(world: Filled, case: Refusal) -> Iterator[None]:
    """The world before the case's sample was made, with what the case needs; as it was after."""
    content = world.cloud.state.file.read_bytes()
    made, like = dict(world.made), dict(world.like)
    try:
        token = world.urn(case.sample).split("::")[2]
        with world.cloud.state.transaction() as transaction:
            transaction.remove(token, made[case.sample]["id"])
        for name, sample, change in case.before:
            world.create(name, world.filled(changed(world.inputs(sample), change)), sample)
        yield
    finally:
        world.cloud.state.file.write_bytes(content)
        world.made, world.like = made, like


def attempt(world: Filled, case: Refusal, change: Change) -> None:
    """Makes the sample with a change.

    Raises:
        CloudError: it is refused.
    """
    with without(world, case):
        world.create(case.sample, world.filled(changed(world.inputs(case.sample), change)))


@pytest.mark.parametrize(("package", "case"), BAD)
def test_what_a_user_was_refused_is_refused(
    worlds: dict[str, Filled], package: str, case: Refusal
) -> None:
    with pytest.raises(CloudError):
        attempt(worlds[package], case, case.bad)


@pytest.mark.parametrize(("package", "case"), CASES, ids=NAMES)
def test_the_nearest_right_values_are_accepted(
    worlds: dict[str, Filled], package: str, case: Refusal
) -> None:
    attempt(worlds[package], case, case.good)
