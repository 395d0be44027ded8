"""Values just beyond a stated limit are refused, values just within are accepted."""

from __future__ import annotations

import re

import pytest
from pulumi_simcloud import cloud as cloud_module
from pulumi_simcloud.failures import CloudError
from samples.attempt import attempt
from samples.world import Filled
from stated import STATED
from stated.case import Stated

CASES = [(package, case) for package, cases in STATED.items() for case in cases]
NAMES = [f"{package}-{case.title}" for package, case in CASES]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Filled]:
    """A filled cloud of each kind; what is tried in it leaves no trace."""
    return {package: Filled(tmp_path_factory.mktemp(package), package) for package in STATED}


@pytest.mark.parametrize(("package", "case"), CASES, ids=NAMES)
def test_beyond_a_limit(worlds: dict[str, Filled], package: str, case: Stated) -> None:
    with pytest.raises(CloudError, match=re.escape(case.reason)):
        attempt(worlds[package], case.sample, case.bad, case.before)


@pytest.mark.parametrize(("package", "case"), CASES, ids=NAMES)
def test_within_a_limit(worlds: dict[str, Filled], package: str, case: Stated) -> None:
    attempt(worlds[package], case.sample, case.good, case.before)


def test_rules_and_demands_are_what_refuses(
    worlds: dict[str, Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all checks of values switched off, nothing beyond a limit is refused for it."""
    for name in ("check_rules", "check_limits", "check_relations", "used_by"):
        monkeypatch.setattr(cloud_module, name, lambda *_: [])
    monkeypatch.setattr(cloud_module, "refuse_taken", lambda *_: None)
    for package, case in CASES:
        try:
            attempt(worlds[package], case.sample, case.bad, case.before)
        except (CloudError, AttributeError, KeyError, TypeError, ValueError) as error:
            assert not (isinstance(error, CloudError) and case.reason in str(error)), case.title
