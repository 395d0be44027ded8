"""What users of the clouds were refused is refused here, and what is nearest to it accepted.

A pair differs in nothing but what the refusal was about: with the good values accepted, the bad
ones are refused for that.
"""

from __future__ import annotations

import pytest
from pulumi_simcloud.failures import CloudError
from refusals import REFUSALS
from refusals.case import Refusal
from samples.attempt import attempt
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


@pytest.mark.parametrize(("package", "case"), BAD)
def test_what_a_user_was_refused_is_refused(
    worlds: dict[str, Filled], package: str, case: Refusal
) -> None:
    with pytest.raises(CloudError):
        attempt(worlds[package], case.sample, case.bad, case.before)


@pytest.mark.parametrize(("package", "case"), CASES, ids=NAMES)
def test_the_nearest_right_values_are_accepted(
    worlds: dict[str, Filled], package: str, case: Refusal
) -> None:
    attempt(worlds[package], case.sample, case.good, case.before)
